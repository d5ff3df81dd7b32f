"""OVF, the open format of machines (DMTF DSP0243), read for import."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from quarterdeck.model.appliance import Appliance, ApplianceDisk, ApplianceNic, Note, left_out, whole_number
from quarterdeck.model.guest_names import short_id
from quarterdeck.model.image_kinds import decoded
from quarterdeck.model.xml import Element, parse
from quarterdeck.problems import Problem

OVF = "http://schemas.dmtf.org/ovf/envelope/1"
CPU, MEMORY, IDE, SCSI, NIC, CDROM, DVD, DISK, SATA = "3", "4", "5", "6", "10", "15", "16", "17", "20"
POWERS = {"kilo": 1 << 10, "mega": 1 << 20, "giga": 1 << 30, "tera": 1 << 40}
SHORT = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
FACTORS = re.compile(r"byte\s*\*\s*(2|10)\s*\^\s*(\d{1,2})")
MODELS = {"e1000": "e1000", "e1000e": "e1000e", "vmxnet3": "virtio", "virtio": "virtio", "pcnet32": "pcnet"}
TAKEN = {CPU, MEMORY, IDE, SCSI, NIC, DISK, SATA}
PARTS = {
    CDROM: "cdrom",
    DVD: "cdrom",
    "14": "floppy",
    "21": "serial",
    "22": "parallel",
    "23": "usb",
    "24": "graphics",
    "35": "sound",
}
"""What is not taken over, by its number (CIM_ResourceAllocationSettingData.ResourceType)."""
MANIFEST = re.compile(r"^(SHA1|SHA256|SHA384|SHA512)\s*\(([^)\n]*)\)\s*=\s*([0-9a-fA-F]+)\s*$", re.M)


@dataclass
class Envelope:
    """What the parts of an envelope say that its machines share, and the machine that is read."""

    system: Element
    files: dict[str, Element]
    disks: dict[str, Element]
    items: dict[str, dict[str, str]] = field(default_factory=dict)


def ovf_text(raw: bytes) -> str:
    """The text of an envelope in the character set that its first line names."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    found = re.match(rb'\s*<\?xml[^>]*encoding=["\']([\w-]+)["\']', raw)
    return decoded(raw, found.group(1).decode("ascii") if found else "")


def read_ovf(text: str, machine: str | None = None) -> Appliance:
    """The machine with this id that an OVF envelope describes; else the first of those that it holds."""
    root = parse(re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text))
    systems = list(root.iter(f"{{{OVF}}}VirtualSystem"))
    if not systems:
        raise Problem("invalid-input", "It describes no machine in the format OVF 1 or 2.")
    wanted = [each for each in systems if machine and each.get(f"{{{OVF}}}id") == machine]
    files = {each.get(f"{{{OVF}}}id", ""): each for each in root.iter(f"{{{OVF}}}File")}
    disks = {each.get(f"{{{OVF}}}diskId", ""): each for each in root.iter(f"{{{OVF}}}Disk")}
    envelope = Envelope((wanted or systems)[0], files, disks)
    made = Appliance(name=_name(envelope.system), description=_text(envelope.system, "Annotation", "Annotation"))
    made.guest = _text(envelope.system, "OperatingSystem", "Description")
    made.system = next(filter(None, map(short_id, _systems(envelope.system))), None)
    items = list(_items(root, envelope.system, made))
    envelope.items = {each.get("InstanceID", ""): each for each in items}
    for item in items:
        _take(made, item, envelope)
    controllers = [_title(item) for item in items if item.get("ResourceType") == SCSI]
    if len(controllers) > 1:
        text = f"Its controllers {', '.join(controllers)} fall away: virtio has none. The order of its disks stays."
        made.notes.append(Note(kept=True, text=text))
    _beside_items(made, envelope.system)
    if len(systems) > 1 and not wanted:
        made.notes.append(Note(kept=False, text=f"It holds {len(systems)} machines: choose which one is taken over."))
    made.notes = list({note.text: note for note in made.notes}.values())
    return made


def machines_of(text: str) -> dict[str, str]:
    """The ids of the machines in an envelope, with their names."""
    root = parse(re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text))
    return {each.get(f"{{{OVF}}}id", ""): _name(each) for each in root.iter(f"{{{OVF}}}VirtualSystem")}


def read_manifest(text: str) -> dict[str, tuple[str, str]]:
    """The checksums in a manifest by the names of their files: which kind, and what it must be."""
    return {name.strip(): (kind.lower(), wanted.lower()) for kind, name, wanted in MANIFEST.findall(text)}


def _name(system: Element) -> str:
    return (system.findtext(f"{{{OVF}}}Name") or system.get(f"{{{OVF}}}id") or "machine").strip()


def _text(system: Element, section: str, name: str) -> str:
    return (system.findtext(f"{{{OVF}}}{section}Section/{{{OVF}}}{name}") or "").strip()


def _systems(system: Element) -> Iterator[str]:
    """What it is called there: VMware's attribute, VirtualBox's element, and the words for people."""
    for section in system.iter(f"{{{OVF}}}OperatingSystemSection"):
        yield from (str(value) for name, value in section.attrib.items() if str(name).endswith("}osType"))
        yield from (child.text or "" for child in section if str(child.tag).endswith("}OSType"))
        yield section.findtext(f"{{{OVF}}}Description") or ""


def _items(root: Element, system: Element, made: Appliance) -> Iterator[dict[str, str]]:
    """Its hardware: neither the bounds of what may be chosen, nor what belongs to another configuration."""
    configurations = list(root.iter(f"{{{OVF}}}Configuration"))
    usual = [each for each in configurations if each.get(f"{{{OVF}}}default") in ("true", "1")] or configurations
    chosen = usual[0].get(f"{{{OVF}}}id", "") if usual else ""
    if len(configurations) > 1:
        title = usual[0].findtext(f"{{{OVF}}}Label") or chosen
        text = f"Of its {len(configurations)} configurations “{title}” is taken."
        made.notes.append(Note(kept=True, text=text))
    for each in system.iter(f"{{{OVF}}}Item", f"{{{OVF}}}StorageItem", f"{{{OVF}}}EthernetPortItem"):
        of = (each.get(f"{{{OVF}}}configuration") or "").split()
        if not each.get(f"{{{OVF}}}bound") and (not of or chosen in of):
            yield _item(each)


def _item(element: Element) -> dict[str, str]:
    return {etree.QName(child).localname: (child.text or "").strip() for child in element if isinstance(child.tag, str)}


def _title(item: dict[str, str]) -> str:
    return item.get("ElementName") or item.get("Caption") or item.get("InstanceID", "")


def _take(made: Appliance, item: dict[str, str], envelope: Envelope) -> None:
    kind = item.get("ResourceType", "")
    if kind == CPU:
        made.vcpus = whole_number(item.get("VirtualQuantity")) or 1
        made.cores = whole_number(item.get("CoresPerSocket"))
    elif kind == MEMORY:
        _memory(made, item)
    elif kind == NIC:
        of = item.get("ResourceSubType", "").split(" ")[0].lower()
        model = MODELS.get(of, "virtio")
        made.nics.append(ApplianceNic(network=item.get("Connection", ""), model=model, of=of))
    elif kind == DISK:
        made.disks.append(_disk(item, envelope))
    elif kind not in TAKEN:
        place, _, identity = item.get("HostResource", "").rpartition("/")
        file = envelope.files.get(identity) if place.endswith("file") else None
        detail = (file.get(f"{{{OVF}}}href") or "") if file is not None else item.get("ResourceSubType", "")
        made.notes.append(left_out(PARTS.get(kind, "other"), _title(item), detail))


def _memory(made: Appliance, item: dict[str, str]) -> None:
    told = item.get("AllocationUnits", "byte * 2^20")
    unit, count = unit_bytes(told), whole_number(item.get("VirtualQuantity"))
    if unit is None:
        text = f"The unit of its memory, “{told}”, is not known: it is read as MiB."
        made.notes.append(Note(kept=False, text=text))
    made.memory_mib = (count or 0) * (unit or 1 << 20) >> 20 or None


def unit_bytes(text: str) -> int | None:
    """How many bytes a unit has, as DSP0004 writes it (byte * 2^20) or older tools do; None where it is none."""
    plain = text.strip().lower()
    found = FACTORS.fullmatch(plain)
    if found:
        return int(pow(int(found[1]), int(found[2])))
    if plain in ("byte", "bytes", "b", ""):
        return 1
    return SHORT.get(plain) or POWERS.get(re.sub(r"bytes?$", "", plain))


def _beside_items(made: Appliance, system: Element) -> None:
    """What is told of it besides its items, in elements of the makers."""
    for element in system.iter():
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        values = {etree.QName(key).localname: str(value) for key, value in element.attrib.items()}
        if name == "Config":
            _vmware(made, values.get("key", ""), values.get("value", "").lower())
        else:
            made.notes.extend(_virtualbox(made, element, name, values))


def _vmware(made: Appliance, key: str, value: str) -> None:
    """VMware: <vmw:Config vmw:key="firmware" vmw:value="efi"/>."""
    if key == "firmware":
        made.uefi = value == "efi"
    if key.endswith("efiSecureBootEnabled"):
        made.secure_boot = value == "true"
    if key == "nestedHVEnabled" and value == "true":
        made.notes.append(left_out("nested"))


def _virtualbox(made: Appliance, element: Element, name: str, values: dict[str, str]) -> Iterator[Note]:
    """VirtualBox: its own settings in <vbox:Machine>, such as <Firmware type="EFI"/>."""
    port = {"UART": "serial", "LPT": "parallel"}.get(etree.QName(element.getparent()).localname)
    if name == "Firmware" and values.get("type", "").upper().startswith("EFI"):
        made.uefi = True
    elif name == "TrustedPlatformModule" and values.get("type", "None") != "None":
        made.tpm = True
    elif name == "NestedHWVirt" and values.get("enabled") == "true":
        yield left_out("nested")
    elif name == "Display" and values.get("accelerate3D") == "true":
        yield left_out("3D")
    elif name == "SharedFolder":
        yield left_out("folder", values.get("name", ""), values.get("hostPath", ""))
    elif name == "Port" and port and values.get("enabled") == "true":
        yield left_out(port, values.get("slot", ""), values.get("path", ""))


def _disk(item: dict[str, str], envelope: Envelope) -> ApplianceDisk:
    place, _, identity = item.get("HostResource", "").rpartition("/")
    disk = envelope.disks.get(identity)
    file = envelope.files.get(identity) if place.endswith("file") else None
    if disk is not None:
        file = envelope.files.get(disk.get(f"{{{OVF}}}fileRef", ""))
    parent = envelope.items.get(item.get("Parent", ""), {}) if item.get("Parent") else {}
    of = parent.get("ResourceType", "")
    made = ApplianceDisk(
        file=(file.get(f"{{{OVF}}}href") or "") if file is not None else "",
        bus={IDE: "ide", SATA: "sata"}.get(of, "virtio") if "nvme" not in _kind(parent) else "virtio",
        of={IDE: "IDE", SATA: "SATA", SCSI: "SCSI"}.get(of, "") if "nvme" not in _kind(parent) else "NVMe",
    )
    size = whole_number(disk.get(f"{{{OVF}}}capacity")) if disk is not None else None
    if disk is not None and size is not None:
        made.capacity_bytes = size * (unit_bytes(disk.get(f"{{{OVF}}}capacityAllocationUnits", "byte")) or 1)
    made.problem = _why_not(disk, file, made)
    return made


def _kind(parent: dict[str, str]) -> str:
    return parent.get("ResourceSubType", "").lower()


def _why_not(disk: Element | None, file: Element | None, made: ApplianceDisk) -> str | None:
    if disk is not None and disk.get(f"{{{OVF}}}parentRef"):
        return "It holds only what differs from another disk of the package."
    if file is not None and file.get(f"{{{OVF}}}chunkSize"):
        return "Its file is cut into pieces: join them there first (ovftool does)."
    if "://" in made.file:
        return "It lies on a server: fetch it, and put it beside the description."
    if not made.file and made.capacity_bytes is None:
        return "Neither its file nor its size is told."
    return None
