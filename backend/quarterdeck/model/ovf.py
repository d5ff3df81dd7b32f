"""OVF, the open format of machines (DMTF DSP0243): read for import, written for export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from quarterdeck.model.appliance import Appliance, ApplianceDisk, ApplianceNic, Note, whole_number
from quarterdeck.model.xml import Element, parse

OVF = "http://schemas.dmtf.org/ovf/envelope/1"
RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
VMDK_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
CPU, MEMORY, IDE, SCSI, NIC, CDROM, DISK, SATA = "3", "4", "5", "6", "10", "15", "17", "20"
UNITS = {"byte * 2^10": 1 << 10, "byte * 2^20": 1 << 20, "byte * 2^30": 1 << 30, "byte * 2^40": 1 << 40, "byte": 1}
MODELS = {"e1000": "e1000", "e1000e": "e1000e", "vmxnet3": "virtio", "virtio": "virtio", "pcnet32": "pcnet"}
TAKEN = {CPU, MEMORY, IDE, SCSI, NIC, DISK, SATA}
NAMES = {"1": "another device", CDROM: "a CD-ROM drive", "14": "a floppy drive", "21": "a serial port"}
NAMES |= {"23": "a USB controller", "24": "a graphics adapter", "35": "a sound card"}


def read_ovf(text: str) -> Appliance:
    """The machine that an OVF envelope describes; of several machines the first."""
    root = parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    systems = list(root.iter(f"{{{OVF}}}VirtualSystem"))
    system = systems[0] if systems else root
    files = {each.get(f"{{{OVF}}}id", ""): each.get(f"{{{OVF}}}href", "") for each in root.iter(f"{{{OVF}}}File")}
    disks = {each.get(f"{{{OVF}}}diskId", ""): each for each in root.iter(f"{{{OVF}}}Disk")}
    items = [
        _item(each) for each in system.iter(f"{{{OVF}}}Item", f"{{{OVF}}}StorageItem", f"{{{OVF}}}EthernetPortItem")
    ]
    made = Appliance(name=_name(system), description=_text(system, "AnnotationSection", "Annotation"))
    made.guest = _text(system, "OperatingSystemSection", "Description")
    for item in items:
        _take(made, item, items, disks, files)
    made.uefi = any(_says_efi(element) for element in root.iter() if isinstance(element.tag, str))
    if len(systems) > 1:
        made.notes.append(Note(kept=False, text=f"It holds {len(systems)} machines; this is the first."))
    return made


def _says_efi(element: Element) -> bool:
    """VMware's extension: <vmw:Config vmw:key="firmware" vmw:value="efi"/>."""
    values = [str(value) for value in element.attrib.values()]
    return str(element.tag).endswith("}Config") and "firmware" in values and "efi" in values


def _name(system: Element) -> str:
    return (system.findtext(f"{{{OVF}}}Name") or system.get(f"{{{OVF}}}id") or "machine").strip()


def _text(system: Element, section: str, name: str) -> str:
    return (system.findtext(f"{{{OVF}}}{section}/{{{OVF}}}{name}") or "").strip()


def _item(element: Element) -> dict[str, str]:
    return {etree.QName(child).localname: (child.text or "").strip() for child in element if isinstance(child.tag, str)}


def _take(
    made: Appliance, item: dict[str, str], items: list[dict[str, str]], disks: dict[str, Element], files: dict[str, str]
) -> None:
    kind = item.get("ResourceType", "")
    if kind == CPU:
        made.vcpus = whole_number(item.get("VirtualQuantity")) or 1
        made.cores = whole_number(item.get("CoresPerSocket"))
    elif kind == MEMORY:
        unit = UNITS.get(item.get("AllocationUnits", "byte * 2^20").strip().lower(), 1 << 20)
        made.memory_mib = (whole_number(item.get("VirtualQuantity")) or 0) * unit >> 20 or None
    elif kind == NIC:
        model = MODELS.get(item.get("ResourceSubType", "").lower(), "virtio")
        made.nics.append(ApplianceNic(network=item.get("Connection", ""), model=model))
    elif kind == DISK:
        made.disks.append(_disk(item, items, disks, files))
    elif kind not in TAKEN:
        made.notes.append(Note(kept=False, text=f"It has {NAMES.get(kind, 'a device')}, which is not taken over."))


def _disk(
    item: dict[str, str], items: list[dict[str, str]], disks: dict[str, Element], files: dict[str, str]
) -> ApplianceDisk:
    identity = item.get("HostResource", "").rpartition("/")[2]
    disk = disks.get(identity)
    file = files.get(disk.get(f"{{{OVF}}}fileRef", ""), "") if disk is not None else ""
    parent = next((each for each in items if each.get("InstanceID") == item.get("Parent")), {})
    bus = {IDE: "ide", SATA: "sata"}.get(parent.get("ResourceType", ""), "virtio")
    capacity = None
    size = whole_number(disk.get(f"{{{OVF}}}capacity")) if disk is not None else None
    if disk is not None and size is not None:
        capacity = size * UNITS.get(disk.get(f"{{{OVF}}}capacityAllocationUnits", "byte").strip().lower(), 1)
    return ApplianceDisk(file=file, bus=bus, of=item.get("ElementName", ""), capacity_bytes=capacity)


@dataclass(frozen=True)
class OvfDisk:
    """A disk of a package: its file there, the size of that, and how large the guest sees it."""

    file: str
    file_bytes: int
    capacity_bytes: int
    bus: str


@dataclass(frozen=True)
class OvfMachine:
    """A machine to be written as OVF."""

    name: str
    description: str
    memory_mib: int
    vcpus: int
    networks: tuple[str, ...]
    disks: tuple[OvfDisk, ...]
    uefi: bool = False


def write_ovf(machine: OvfMachine) -> str:
    """The envelope of a package, as VMware and VirtualBox read it."""
    root = etree.Element(f"{{{OVF}}}Envelope", nsmap={"ovf": OVF, "rasd": RASD})
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
    networks = _section(root, "NetworkSection", "Networks of the machine")
    for name in dict.fromkeys(machine.networks):
        _add(_add(networks, "Network", name=name), "Description").text = name
    system = _add(root, "VirtualSystem", id=machine.name)
    _add(system, "Info").text = "A virtual machine"
    _add(system, "Name").text = machine.name
    if machine.description:
        _add(_section(system, "AnnotationSection", "What it is"), "Annotation").text = machine.description
    hardware = _section(system, "VirtualHardwareSection", "Its hardware")
    for values in _items(machine):
        item = _add(hardware, "Item")
        for name in sorted(values):  # the order of the schema is that of the alphabet
            etree.SubElement(item, f"{{{RASD}}}{name}").text = values[name]
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


def _items(machine: OvfMachine) -> Iterator[dict[str, str]]:
    yield {"InstanceID": "1", "ResourceType": CPU, "ElementName": "CPUs", "VirtualQuantity": str(machine.vcpus)}
    memory = {"AllocationUnits": "byte * 2^20", "VirtualQuantity": str(machine.memory_mib)}
    yield {"InstanceID": "2", "ResourceType": MEMORY, "ElementName": "Memory"} | memory
    controllers = {"ide": IDE, "sata": SATA}
    used = list(dict.fromkeys(controllers.get(disk.bus, SCSI) for disk in machine.disks))
    for number, kind in enumerate(used):
        more = {"ResourceSubType": "lsilogic"} if kind == SCSI else {}
        names = {"InstanceID": str(3 + number), "ElementName": f"Controller {number}", "Address": "0"}
        yield {"ResourceType": kind} | names | more
    for number, disk in enumerate(machine.disks):
        parent = str(3 + used.index(controllers.get(disk.bus, SCSI)))
        place = {"AddressOnParent": str(number), "HostResource": f"ovf:/disk/disk{number + 1}", "Parent": parent}
        yield {"InstanceID": str(10 + number), "ResourceType": DISK, "ElementName": f"Disk {number + 1}"} | place
    for number, network in enumerate(machine.networks):
        card = {"AutomaticAllocation": "true", "Connection": network, "ResourceSubType": "E1000"}
        yield {"InstanceID": str(30 + number), "ResourceType": NIC, "ElementName": f"Card {number + 1}"} | card


def _add(parent: Element, tag: str, **values: str) -> Element:
    child = etree.SubElement(parent, f"{{{OVF}}}{tag}")
    for name, value in values.items():
        child.set(f"{{{OVF}}}{name}", value)
    return child


def _section(parent: Element, tag: str, info: str) -> Element:
    section = _add(parent, tag)
    _add(section, "Info").text = info
    return section
