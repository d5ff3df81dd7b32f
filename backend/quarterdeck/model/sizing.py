"""Memory and vCPUs of a machine that is yet to be made of a definition, with all that counts them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..problems import FieldError
from .cpu import CpuTopology, NumaCell
from .definition import Definition, describe
from .needs import plugged_mib
from .order import remove
from .xml import Element


def size_faults(root: Element, memory_mib: int | None, vcpus: int | None) -> Iterator[FieldError]:
    """Why a definition cannot get this size."""
    cells, plugged = len(root.findall("cpu/numa/cell")), plugged_mib(root)
    for pointer, wanted in (("/memory_mib", memory_mib), ("/vcpus", vcpus)):
        if wanted and cells > 1:
            yield FieldError(pointer, f"It is shared out among {cells} NUMA cells: keep it, and change them later.")
    if memory_mib and plugged and memory_mib <= plugged:
        yield FieldError("/memory_mib", f"Its memory modules alone have {plugged} MiB.")


def resize(root: Element, memory_mib: int | None, vcpus: int | None) -> None:
    """Give a definition this memory and these vCPUs, as its maximum too."""
    if memory_mib:
        _memory(root, memory_mib)
    if vcpus:
        _vcpus(root, vcpus)


def _memory(root: Element, size: int) -> None:
    changes = {"memory_max_mib": size, "memory_mib": size}
    room = describe(root).memory_hotplug_max_mib
    if room and room < size:
        changes["memory_hotplug_max_mib"] = size
    Definition.patch(root, changes)
    for cell in root.findall("cpu/numa/cell"):
        NumaCell.patch(cell, {"memory_mib": size - plugged_mib(root)})


def _vcpus(root: Element, count: int) -> None:
    single = root.find("vcpus")
    if single is not None:
        remove(single)  # libvirt makes the list of single vCPUs anew
    Definition.patch(root, {"vcpus_max": count, "vcpus": None})
    for cell in root.findall("cpu/numa/cell"):
        NumaCell.patch(cell, {"cpus": f"0-{count - 1}" if count > 1 else "0"})
    topology = root.find("cpu/topology")
    if topology is not None and CpuTopology.read(topology).product != count:
        threads = CpuTopology.read(topology).threads
        fitting = threads if count % threads == 0 else 1
        # Cores, as virt-install does it: some systems use two sockets at most.
        shape = {"sockets": 1, "dies": 1, "clusters": None, "cores": count // fitting, "threads": fitting}
        CpuTopology.patch(topology, shape)
