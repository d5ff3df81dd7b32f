"""What devices need of the machine around them: shared memory, slots, a NUMA cell, another IOAPIC."""

from __future__ import annotations

from lxml import etree

from .definition import Definition, describe
from .devices import Memory
from .order import insert
from .xml import Element

SLOTS = 16
GROWTH_MIB = 16 * 1024


def shares_memory(root: Element) -> bool:
    """Whether the memory of a machine can be seen by a process beside it."""
    backing, cells = describe(root).memory_backing, root.findall("cpu/numa/cell")
    apart = bool(cells) and all(cell.get("memAccess") == "shared" for cell in cells)
    return apart or (backing is not None and backing.access == "shared")


def share_memory(root: Element) -> bool:
    """Make the memory shared; whether it was not so before."""
    if shares_memory(root):
        return False
    Definition.patch(root, {"memory_backing": {"source": "memfd", "access": "shared"}})
    return True


def make_room(root: Element, size_mib: int) -> list[str]:
    """Slots, a maximum and a NUMA cell for a memory module of this size; what was added, in words.

    libvirt refuses modules without them (qemuDomainDefValidateMemoryHotplug).
    """
    told, now = [], describe(root)
    need = now.memory_max_mib + size_mib
    if (now.memory_hotplug_max_mib or 0) < need or not now.memory_slots:
        most, slots = need + GROWTH_MIB, now.memory_slots or SLOTS
        Definition.patch(root, {"memory_hotplug_max_mib": most, "memory_slots": slots})
        told.append(f"The machine gets {slots} slots for memory, up to {most} MiB.")
    if root.find("cpu/numa") is None:
        _cell(root, now.memory_max_mib - plugged_mib(root), now.vcpus_max)
        told.append("Its memory becomes a NUMA cell, which memory modules need.")
    return told


def _cell(root: Element, memory_mib: int, vcpus: int) -> None:
    cpu = root.find("cpu")
    if cpu is None:
        cpu = etree.Element("cpu")
        insert(root, cpu)
    numa = etree.Element("numa")
    cpus = f"0-{vcpus - 1}" if vcpus > 1 else "0"
    etree.SubElement(numa, "cell", id="0", cpus=cpus, memory=str(memory_mib * 1024), unit="KiB")
    insert(cpu, numa)


def use_qemu_ioapic(root: Element) -> bool:
    """Make the IOAPIC that of QEMU; whether it was not so before. Interrupt remapping needs it."""
    features = root.find("features")
    if features is None:
        features = etree.Element("features")
        insert(root, features)
    ioapic = features.find("ioapic")
    if ioapic is None:
        ioapic = etree.Element("ioapic")
        insert(features, ioapic)
    if ioapic.get("driver") == "qemu":
        return False
    ioapic.set("driver", "qemu")
    return True


def plugged_mib(root: Element) -> int:
    """How much memory its modules add to that of its cells."""
    return sum(Memory.read(each).size_mib or 0 for each in root.iterfind("devices/memory"))
