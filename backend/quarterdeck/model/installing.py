"""The first boot of a machine that is being installed: how it differs from the definition that stays.

The saved definition boots from the disk from the start and remembers the pending installation in its metadata,
so it is whole at every moment: libvirt keeps it while the machine runs with the first-boot definition, and
comes back to it at the first power-off. Whoever looks next can tell from the metadata what is to be done.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from quarterdeck.model.order import insert, remove
from quarterdeck.model.slots import free_target, put_device
from quarterdeck.model.units import to_unit
from quarterdeck.model.xml import Element, dump, parse

NAMESPACE = "https://quarterdeck.invalid/xmlns/install/1"
KEY = "quarterdeck-install"
SEED = "cloud_image"
"""The method of an installation whose medium is a disc with first settings, which goes when it was read."""
TREE = "tree"
"""The method of an installation whose kernel is started directly."""
TAG = f"{{{NAMESPACE}}}install"


NAMES = ("drive", "medium", "kernel", "initrd", "args", "answers", "answers_drive", "memory_mib")


@dataclass(frozen=True)
class Install:
    """A pending installation: `method` iso, pxe, tree or cloud_image, the drive (`sda`) with its medium, what follows.

    `kernel`, `initrd` and `args` are what is started directly. `answers` is a disc that the installer reads.
    `memory_mib` is what the installer needs, which may be more than the system does.
    `then` is `start` (boot from the disk after the first power-off) or `stay` (remain off).
    """

    method: str
    drive: str | None
    medium: str | None
    block: bool
    then: str
    booted: bool = False
    """True only in the definition of the machine that boots the medium just now."""
    kernel: str | None = None
    initrd: str | None = None
    args: str | None = None
    answers: str | None = None
    answers_drive: str | None = None
    memory_mib: int | None = None

    @property
    def passing(self) -> tuple[str, ...]:
        """The files that were made for the installation, and go when it is over."""
        files = (self.medium,) if self.method == SEED else (self.kernel, self.initrd, self.answers)
        return tuple(path for path in files if path)

    def element(self) -> Element:
        """The installation as metadata."""
        values = {"method": self.method, "then": self.then, "block": "yes" if self.block else "no"}
        values |= {name: str(text) for name in NAMES if (text := getattr(self, name))}
        values |= {"booted": "yes"} if self.booted else {}
        element = etree.Element(TAG, nsmap={KEY: NAMESPACE})
        for name, text in values.items():
            element.set(name, text)
        return element

    def bare(self) -> str:
        """The same without a namespace, as libvirt takes it when it sets the metadata of one."""
        return dump(etree.Element("install", {str(name): str(text) for name, text in self.element().items()}))


def remember(definition: Element, install: Install) -> None:
    """Note a pending installation in a definition."""
    metadata = definition.find("metadata")
    if metadata is None:
        metadata = etree.Element("metadata")
        insert(definition, metadata)
    metadata.append(install.element())


def forget(definition: Element) -> None:
    """Take the note of a pending installation out of a definition."""
    for noted in definition.findall(f"metadata/{TAG}"):
        remove(noted)


def with_seed(xml: str, path: str) -> str:
    """The definition that finds a disc with first settings at its next start, in an empty drive that it has or gets."""
    root = parse(xml)
    forget(root)
    drives = [disk for disk in root.iterfind("devices/disk[@device='cdrom']") if disk.find("source") is None]
    drive = drives[0] if drives else _new_drive(root)
    target = drive.find("target")
    remember(root, Install(SEED, target.get("dev") if target is not None else None, path, False, "stay"))
    return dump(root)


def _new_drive(root: Element) -> Element:
    machine, bus = root.find("os/type"), "ide"
    if machine is not None and "q35" in machine.get("machine", ""):
        bus = "sata"
        if root.find("devices/disk/target[@bus='virtio']") is not None and _has_virtio_scsi(root):
            bus = "scsi"  # kernels made for clouds have no driver for SATA
    drive = etree.Element("disk", type="file", device="cdrom")
    etree.SubElement(drive, "driver", name="qemu", type="raw")
    etree.SubElement(drive, "target", dev=free_target(bus, root), bus=bus)
    etree.SubElement(drive, "readonly")
    put_device(root, drive)
    return drive


def _has_virtio_scsi(root: Element) -> bool:
    """Whether it has a virtio-scsi controller; one is added where it has no SCSI at all."""
    scsi = root.findall("devices/controller[@type='scsi']")
    if not scsi:
        put_device(root, etree.Element("controller", type="scsi", index="0", model="virtio-scsi"))
    return all(controller.get("model") == "virtio-scsi" for controller in scsi)


def pending(definition: Element | str) -> Install | None:
    """The installation that a definition still waits for."""
    root = parse(definition) if isinstance(definition, str) else definition
    found = root.find(f"metadata/{TAG}")
    if found is None:
        return None
    return Install(
        found.get("method", "iso"),
        found.get("drive"),
        found.get("medium"),
        found.get("block") == "yes",
        found.get("then", "start"),
        found.get("booted") == "yes",
        found.get("kernel"),
        found.get("initrd"),
        found.get("args"),
        found.get("answers"),
        found.get("answers_drive"),
        int(found.get("memory_mib", "0")) or None,
    )


def stage(saved: Element, running: Element | None) -> Literal["pending", "running"] | None:
    """How far the installation of a machine is; None where there is none, or none any more."""
    if pending(saved) is None:
        return None
    live = pending(running) if running is not None else None
    return "running" if live is not None and live.booted else "pending"


def first_boot(definition: Element, install: Install) -> Element:
    """The definition that boots the medium or the network once, and ends at the first reboot.

    With a seed it boots its disk as always, and finds the disc with its first settings until it is turned off.
    """
    root = deepcopy(definition)
    noted = root.find(f"metadata/{TAG}")
    if noted is not None:
        noted.set("booted", "yes")
    if install.method == SEED:
        _drive(root, install.drive, install.medium)
        return root
    if install.answers:
        _drive(root, install.answers_drive, install.answers)
    _child(root, "on_reboot").text = "destroy"
    if install.memory_mib:
        _raise_memory(root, install.memory_mib)
    if install.kernel:
        os = _child(root, "os")
        for tag, text in (("kernel", install.kernel), ("initrd", install.initrd), ("cmdline", install.args)):
            if text:
                _child(os, tag).text = text
        if install.drive:
            _drive(root, install.drive, install.medium, block=install.block)
        return root
    boots = {int(boot.get("order", "0")): boot for boot in root.iterfind("devices/*/boot")}
    for order, boot in boots.items():
        boot.set("order", str(order + 1))
    first = (
        _drive(root, install.drive, install.medium, block=install.block)
        if install.method == "iso"
        else root.find("devices/interface")
    )
    if first is not None:
        _child(first, "boot").set("order", "1")
    return root


def _raise_memory(root: Element, mib: int) -> None:
    """Give it at least so much; not where nodes or slots for modules divide its memory."""
    if root.find("cpu/numa") is not None or root.find("maxMemory") is not None:
        return
    for tag in ("memory", "currentMemory"):
        element = _child(root, tag)
        if to_unit(int(element.text or "0"), element.get("unit", "KiB"), "KiB") < mib * 1024:
            element.text, element.attrib["unit"] = str(mib * 1024), "KiB"


def _child(parent: Element, tag: str) -> Element:
    found = parent.find(tag)
    if found is None:
        found = etree.Element(tag)
        insert(parent, found)
    return found


def _drive(root: Element, drive: str | None, medium: str | None, *, block: bool = False) -> Element | None:
    """The drive with the medium in it; None when somebody has removed the drive."""
    for disk in root.iterfind("devices/disk"):
        target = disk.find("target")
        if target is None or target.get("dev") != drive:
            continue
        source = _child(disk, "source")
        source.attrib.clear()
        source.set("dev" if block else "file", medium or "")
        disk.set("type", "block" if block else "file")
        return disk
    return None
