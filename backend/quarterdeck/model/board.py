"""Another machine type or firmware for a machine that exists. Pure: each act tells what the guest will see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .capabilities import Guest
from .definition import Definition
from .devices import Disk
from .firmware import Firmware
from .xml import Element

OLD_BUSES = ("pci-root", "pci-bridge")
ROOT_PORTS = 8
MOST_LETTERS = 26


def family(machine: str) -> str:
    """What a machine type is a version of: `q35` for `pc-q35-7.2`, `pc` for `pc-i440fx-9.0`."""
    if "q35" in machine:
        return "q35"
    return "pc" if machine in ("pc", "") or machine.startswith("pc-") else machine.rsplit("-", 1)[0]


def newest(guest: Guest | None, machine: str) -> str | None:
    """The newest version of the same family, if this is not it; None where the host does not tell."""
    alias = next((each for each in (guest.machines if guest else []) if each.name == family(machine)), None)
    return alias.canonical if alias and alias.canonical and machine not in (alias.name, alias.canonical) else None


def known(guest: Guest | None, machine: str) -> bool:
    """Whether the host has this machine type; true where it does not tell."""
    names = {name for each in (guest.machines if guest else []) for name in (each.name, each.canonical)}
    return not names or machine in names


def change_machine(root: Element, machine: str) -> list[str]:
    """Give the machine another type; from i440FX to Q35 what sits on PCI and IDE moves. What the guest will see."""
    kind = root.find("os/type")
    if kind is None:
        return []
    before = family(kind.get("machine", ""))
    kind.set("machine", machine)
    if before == family(machine):
        return ["The guest sees newer virtual hardware; Windows may ask to be activated again."]
    _forget_pci(root)
    moved = _to_sata(root)
    _add_ports(root)
    told = [
        "All devices get new PCI addresses: a guest that names its network interfaces after them (Linux: enp1s0) "
        "must be told the new names, and Windows finds new hardware."
    ]
    if moved:
        told.append(
            f"Disks move from IDE to SATA ({', '.join(moved)}); the guest needs a driver for AHCI, and names such as "
            "/dev/hda in its settings change."
        )
    return told


def _forget_pci(root: Element) -> None:
    """Addresses of the old board; libvirt gives new ones."""
    devices = root.find("devices")
    for device in list(devices) if devices is not None else []:
        old = device.get("type") == "pci" and device.get("model") in OLD_BUSES
        companion = device.get("type") == "usb" and (device.get("model") or "").startswith(("piix3", "ich9", "piix4"))
        if device.tag == "controller" and (old or device.get("type") == "ide" or companion):
            device.getparent().remove(device)  # type: ignore[union-attr]  # it was found below its parent
            continue
        for address in device.findall("address[@type='pci']"):
            device.remove(address)


def _to_sata(root: Element) -> list[str]:
    """Move IDE disks; their names before and after."""
    taken = {target.get("dev") for target in root.iterfind("devices/disk/target")}
    moved = []
    for disk in root.iterfind("devices/disk"):
        old = Disk.read(disk)
        if old.bus != "ide":
            continue
        name = next(f"sd{chr(97 + number)}" for number in range(MOST_LETTERS) if f"sd{chr(97 + number)}" not in taken)
        taken.add(name)
        Disk.patch(disk, {"bus": "sata", "target": name})
        for address in disk.findall("address"):
            disk.remove(address)
        moved.append(f"{old.target} becomes {name}")
    return moved


def _add_ports(root: Element) -> None:
    """Root ports, without which Q35 has one free place for what is plugged in later."""
    devices = root.find("devices")
    if devices is None:
        return
    wanted = [("pcie-root", 0), *(("pcie-root-port", number) for number in range(1, ROOT_PORTS + 1))]
    for model, index in [*wanted, ("qemu-xhci", 0)]:
        kind = "usb" if model == "qemu-xhci" else "pci"
        devices.append(devices.makeelement("controller", {"type": kind, "index": str(index), "model": model}))


def change_firmware(root: Element, firmware: Literal["bios", "uefi"], secure_boot: bool | None) -> list[str]:
    """Give the machine another firmware and let libvirt choose its files. What the guest will see."""
    before = Definition.read(root).firmware
    uefi = firmware == "uefi"
    Definition.patch(root, {"firmware": dict.fromkeys(Firmware.places)})
    for element in root.findall("os/loader") + root.findall("os/nvram") + root.findall("os/firmware"):
        element.getparent().remove(element)  # type: ignore[union-attr]  # it was found below its parent
    if uefi:
        Definition.patch(root, {"firmware": {"auto": "efi"}, "features": {"acpi": True}})
    if uefi and secure_boot is not None:
        Definition.patch(root, {"firmware": {"secure_feature": secure_boot, "keys_feature": secure_boot}})
    if secure_boot:
        Definition.patch(root, {"features": {"smm": True}})
    return list(_told(before, firmware, secure_boot))


def _told(before: Firmware, firmware: str, secure_boot: bool | None) -> Sequence[str]:
    if before.kind != firmware:
        names = {"bios": "BIOS", "uefi": "UEFI"}
        return [
            f"A system that was installed with {names[before.kind]} does not start with {names[firmware]} unless its "
            "disk was made for both."
        ]
    told = ["UEFI keeps the keys that it has stored until the machine is started with fresh UEFI settings."]
    if secure_boot and not before.secure_boot:
        told.append("Only systems that are signed with Microsoft's keys will start.")
    return told
