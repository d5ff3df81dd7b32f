"""Places for devices: names of disks, ports of PCI Express, controllers."""

from __future__ import annotations

from .devices import Controller, Disk, devices, placed
from .devices.disk import PREFIXES
from .order import insert
from .xml import Element


def disk_name(prefix: str, number: int) -> str:
    """The name of the disk with this number, from 0: vda, vdb ... vdz, vdaa."""
    letters, number = "", number + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return prefix + letters


def free_target(bus: str, *roots: Element | None) -> str:
    """The first name on this bus that none of these definitions uses."""
    found = [device for root in roots if root is not None for device in devices(root)]
    taken = {device.target for device in found if isinstance(device, Disk)}
    prefix = PREFIXES.get(bus, "sd")
    return next(name for number in range(len(taken) + 1) if (name := disk_name(prefix, number)) not in taken)


def free_ports(root: Element) -> int | None:
    """How many more PCI Express devices can be plugged in while it runs; None where ports do not limit it."""
    found = [device for device in devices(root) if isinstance(device, Controller) and device.kind == "pci"]
    if not any(device.model == "pcie-root" for device in found):
        return None
    ports = {device.index for device in found if device.model == "pcie-root-port"}
    used = {int(each.get("bus", "0"), 16) for each in root.iterfind("devices/*/address[@type='pci']")}
    return len(ports - used)


def has_controller(root: Element, kind: str) -> bool:
    """Whether it has a controller of this kind."""
    return any(isinstance(device, Controller) and device.kind == kind for device in devices(root))


def put_device(root: Element, element: Element) -> None:
    """Add a device where libvirt would write it."""
    parent = root.find("devices")
    if parent is not None:
        insert(parent, element)


def users_of(root: Element, controller: Controller) -> list[str]:
    """Ids of the devices that sit on a controller."""
    found = []
    for each in placed(root):
        address = each.element.find("address")
        if address is None:
            continue
        on_pci = controller.kind == "pci" and address.get("type") == "pci"
        if on_pci and int(address.get("bus", "0"), 16) == controller.index:
            found.append(each.id)
        kind = {"drive": each.device.bus if isinstance(each.device, Disk) else "scsi"}.get(
            address.get("type", ""), address.get("type")
        )
        if kind == controller.kind and address.get("controller", address.get("bus")) == str(controller.index):
            found.append(each.id)
    return found
