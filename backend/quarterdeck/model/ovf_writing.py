"""OVF, the open format of machines (DMTF DSP0243), written for export as VMware and VirtualBox read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from quarterdeck.model.ovf import CPU, DISK, IDE, MEMORY, NIC, OVF, SATA, SCSI
from quarterdeck.model.xml import Element

RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
VSSD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
VMW = "http://www.vmware.com/schema/ovf"
VMDK_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
FAMILY = "vmx-10"
"""The oldest hardware of VMware with SATA; without a family it takes no package, VirtualBox takes any."""
CONTROLLERS = {IDE: ("", 2), SATA: ("vmware.sata.ahci", 30), SCSI: ("lsilogic", 15)}
"""What both products call the controllers, and how many disks each carries."""
OWN_PLACE = 7
"""The place of a SCSI controller itself."""
LINUX_64, OTHER_64, WINDOWS_64 = "101", "102", "103"
"""CIM_OperatingSystem.OsType of Linux and of others; of Windows the newest of which all readers know."""


@dataclass(frozen=True)
class OvfDisk:
    """A disk of a package: its file there, the size of that, and how large the guest sees it."""

    file: str
    file_bytes: int
    capacity_bytes: int
    bus: str


@dataclass(frozen=True)
class OvfMachine:
    """A machine to be written as OVF. `system` is the name of its guest system for people."""

    name: str
    description: str
    memory_mib: int
    vcpus: int
    networks: tuple[str, ...]
    disks: tuple[OvfDisk, ...]
    uefi: bool = False
    secure_boot: bool = False
    cores: int | None = None
    system: str = ""


def write_manifest(checksums: Mapping[str, str]) -> str:
    """The manifest of a package: the SHA-256 of each file (DSP0243, 6.2)."""
    return "".join(f"SHA256({name})= {checksum}\n" for name, checksum in checksums.items())


def write_ovf(machine: OvfMachine) -> str:
    """The envelope of a package."""
    spaces = {"ovf": OVF, "rasd": RASD, "vssd": VSSD, "vmw": VMW}
    root = etree.Element(f"{{{OVF}}}Envelope", nsmap=spaces)
    references = _add(root, "References")
    section = _section(root, "DiskSection", "Disks of the machine")
    for number, disk in enumerate(machine.disks, 1):
        _add(references, "File", id=f"file{number}", href=disk.file, size=str(disk.file_bytes))
        _add(
            section,
            "Disk",
            diskId=f"disk{number}",
            fileRef=f"file{number}",
            capacity=str(disk.capacity_bytes),
            capacityAllocationUnits="byte",
            format=VMDK_FORMAT,
        )
    if machine.networks:
        networks = _section(root, "NetworkSection", "Networks of the machine")
        for name in dict.fromkeys(machine.networks):
            _add(_add(networks, "Network", name=name), "Description").text = name
    _system(root, machine)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


def _system(root: Element, machine: OvfMachine) -> None:
    system = _add(root, "VirtualSystem", id=machine.name)
    _add(system, "Info").text = "A virtual machine"
    _add(system, "Name").text = machine.name
    if machine.description:
        _add(_section(system, "AnnotationSection", "What it is"), "Annotation").text = machine.description
    guest = _section(system, "OperatingSystemSection", "Its guest system")
    guest.set(f"{{{OVF}}}id", _cim(machine.system))
    if machine.system:
        _add(guest, "Description").text = machine.system
    hardware = _section(system, "VirtualHardwareSection", "Its hardware")
    family = _add(hardware, "System")
    family_values = {"ElementName": "Virtual Hardware Family", "InstanceID": "0"}
    family_values |= {"VirtualSystemIdentifier": machine.name, "VirtualSystemType": FAMILY}
    for name, value in family_values.items():
        etree.SubElement(family, f"{{{VSSD}}}{name}").text = value
    for values in _items(machine):
        item = _add(hardware, "Item")
        for name in sorted(values):  # the order of the schema is that of the alphabet
            etree.SubElement(item, f"{{{RASD}}}{name}").text = values[name]
        if values["ResourceType"] == CPU and machine.cores:
            cores = etree.SubElement(item, f"{{{VMW}}}CoresPerSocket")
            cores.set(f"{{{OVF}}}required", "false")
            cores.text = str(machine.cores)
    for key, value in _settings(machine):
        config = etree.SubElement(hardware, f"{{{VMW}}}Config")
        config.set(f"{{{OVF}}}required", "false")
        config.set(f"{{{VMW}}}key", key)
        config.set(f"{{{VMW}}}value", value)


def _cim(system: str) -> str:
    if not system:
        return OTHER_64
    return WINDOWS_64 if "windows" in system.lower() else LINUX_64


def _settings(machine: OvfMachine) -> Iterator[tuple[str, str]]:
    if machine.uefi:
        yield "firmware", "efi"
    if machine.secure_boot:
        yield "bootOptions.efiSecureBootEnabled", "true"


def _items(machine: OvfMachine) -> Iterator[dict[str, str]]:
    speed = {"AllocationUnits": "hertz * 10^6", "VirtualQuantity": str(machine.vcpus)}
    yield {"InstanceID": "1", "ResourceType": CPU, "ElementName": "CPUs"} | speed
    memory = {"AllocationUnits": "byte * 2^20", "VirtualQuantity": str(machine.memory_mib)}
    yield {"InstanceID": "2", "ResourceType": MEMORY, "ElementName": "Memory"} | memory
    identity = 3
    parents: dict[str, tuple[int, int]] = {}
    addresses: dict[str, int] = {}
    for number, disk in enumerate(machine.disks, 1):
        kind = {"ide": IDE, "sata": SATA}.get(disk.bus, SCSI)
        model, most = CONTROLLERS[kind]
        parent, place = parents.get(kind, (0, most))
        if place >= most:
            parent, place, address = identity, 0, addresses.get(kind, 0)
            addresses[kind], identity = address + 1, identity + 1
            of = {"ResourceSubType": model} if model else {}
            names = {"ElementName": f"Controller {parent}", "Address": str(address)}
            yield {"InstanceID": str(parent), "ResourceType": kind} | names | of
        at = {"AddressOnParent": str(place), "HostResource": f"ovf:/disk/disk{number}", "Parent": str(parent)}
        yield {"InstanceID": str(identity), "ResourceType": DISK, "ElementName": f"Disk {number}"} | at
        parents[kind] = parent, place + (2 if kind == SCSI and place == OWN_PLACE - 1 else 1)
        identity += 1
    for number, network in enumerate(machine.networks):
        card = {"AutomaticAllocation": "true", "Connection": network, "ResourceSubType": "E1000"}
        name = {"InstanceID": str(identity + number), "ElementName": f"Card {number + 1}"}
        yield {"ResourceType": NIC, "AddressOnParent": str(number)} | name | card


def _add(parent: Element, tag: str, **values: str) -> Element:
    child = etree.SubElement(parent, f"{{{OVF}}}{tag}")
    for name, value in values.items():
        child.set(f"{{{OVF}}}{name}", value)
    return child


def _section(parent: Element, tag: str, info: str) -> Element:
    section = _add(parent, tag)
    _add(section, "Info").text = info
    return section
