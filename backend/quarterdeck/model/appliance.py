"""A machine of another product, as far as it can become one of ours."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from .strict import Value

GIB = 1 << 30
MOST_MIB, MOST_VCPUS, MOST_BYTES = 64 << 20, 4096, 1 << 50
"""What a new machine can have (`DomainCreate`)."""
FILE_BYTES, MEMBER_BYTES = 200, 80
"""How long the begin of a name may be: file systems hold 255 bytes, USTAR 100, and more comes behind it."""
CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LEFT_OUT = {
    "cdrom": "CD-ROM drive {name}: left out. Add one in its hardware, with the medium in a pool.",
    "floppy": "Floppy drive {name}: left out. Add one in its hardware where it is needed.",
    "sound": "Sound card {name}: left out. Add one in its hardware where it is needed.",
    "usb": "USB controller {name}: replaced by one of the new machine. Devices of the host must be given to it anew.",
    "graphics": "Graphics adapter {name}: replaced by one of the new machine.",
    "serial": "Serial port {name}: left out. The new machine has one of its own, which is its text console.",
    "parallel": "Parallel port {name}: left out. What is plugged into it (a printer, a dongle) is not reached.",
    "host device": "Device of its host {name}: left out. Give the new machine a device of this host.",
    "folder": "Folder {name}, shared with its host: left out. Share a folder of this host with it (virtiofs).",
    "3D": "3D graphics: left out. Programs that need them may not start.",
    "nested": "Virtualization within it: works only where this host lets machines do so (nested KVM).",
    "other": "Device {name}: not known here, and left out.",
}
"""What is not taken over of a machine, by the kind of its part, and what that means for it."""
ALONE = (
    "A disk alone does not tell what machine it was in: choose its system and firmware. The new machine gets what fits "
    "the system, and one network card."
)
CUT_OFF = {"type": "interface", "source": {"type": "ethernet"}, "link": "down"}
"""A card on a tap of the host that is in no bridge."""


class Note(Value):
    """Something that was taken over in another way (`kept`), or could not be."""

    kept: bool
    text: str


class ApplianceDisk(Value):
    """A disk: its file, none where it is empty, and where it was attached; no bus stands for what fits its system.

    `named` is what its machine calls the file, where that lies elsewhere there. `problem` says why it cannot be taken.
    """

    file: str
    bus: str = "virtio"
    of: str = ""
    named: str = ""
    capacity_bytes: int | None = None
    problem: str | None = None


class ApplianceNic(Value):
    """A network card; `network` and `of` are its network and its model there. No model is what fits its system."""

    network: str = ""
    model: str = "virtio"
    of: str = ""
    mac: str | None = None


class Appliance(Value):
    """What another product's file says of a machine."""

    name: str
    memory_mib: int | None = None
    vcpus: int = 1
    cores: int | None = None
    uefi: bool = False
    secure_boot: bool = False
    description: str = ""
    system: str | None = None
    guest: str = ""
    tpm: bool = False
    disks: list[ApplianceDisk] = []
    nics: list[ApplianceNic] = []
    notes: list[Note] = []


def whole_number(text: str | None) -> int | None:
    """A number as these files hold them; None where it is none, or larger than any that makes sense."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def some(count: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{count} {noun}{'s' * (count != 1)}"


def one_line(text: str) -> str:
    """A text without what a definition cannot hold."""
    return CONTROL.sub(" ", text).strip()


def file_stem(name: str, usual: str, most_bytes: int = FILE_BYTES) -> str:
    """A name as the begin of that of a file."""
    plain = re.sub(r"[^\w.+-]", "-", name).lstrip("-.")
    return plain.encode()[:most_bytes].decode(errors="ignore") or usual


def left_out(kind: str, name: str = "", detail: str = "") -> Note:
    """That a part is not taken over: what it is called there, and what it was joined to."""
    called = f"{name} ({detail})" if name and detail else name or detail
    return Note(kept=False, text=re.sub(r" +([:,])", r"\1", LEFT_OUT[kind].format(name=called)))


def machine_of(name: str, file: str) -> Appliance:
    """A machine for a disk that comes alone."""
    nics, notes = [ApplianceNic(model="")], [Note(kept=True, text=ALONE)]
    return Appliance(name=name, disks=[ApplianceDisk(file=file, bus="")], nics=nics, notes=notes)


def fit_limits(made: Appliance) -> None:
    """Leave out what no new machine can have, which would show only when its disks are converted."""
    if (made.memory_mib or 0) > MOST_MIB:
        text = f"Its memory, {made.memory_mib:,} MiB, is more than a machine can have: it gets what fits its system."
        made.memory_mib, made.notes = None, [*made.notes, Note(kept=False, text=text)]
    if made.vcpus > MOST_VCPUS:
        text = f"Its {made.vcpus:,} vCPUs are more than a machine can have: it gets one."
        made.vcpus, made.cores, made.notes = 1, None, [*made.notes, Note(kept=False, text=text)]
    for disk in made.disks:
        if not disk.file and (disk.capacity_bytes or 0) > MOST_BYTES:
            disk.problem = f"An empty disk of it has {disk.capacity_bytes:,} bytes, which is more than a disk can have."


def told(made: Appliance) -> list[Note]:
    """What became of it, in words."""
    notes = []
    odd = Counter(disk.of for disk in made.disks if disk.of and disk.bus == "virtio")
    for of, count in odd.items():
        notes.append(f"{some(count, 'disk')} of {of}: attached by virtio.")
    for of, model in dict.fromkeys((nic.of, nic.model) for nic in made.nics if nic.of and nic.of != nic.model):
        notes.append(f"Network card {of}: becomes {model}.")
    networks = ", ".join(f"“{name}”" for name in dict.fromkeys(nic.network for nic in made.nics) if name)
    if networks:
        notes.append(f"Its cards were on {networks} there: here all are where you choose.")
    if made.uefi:
        notes.append("It boots by UEFI, with fresh variables: its entries in the boot menu are not taken over.")
    if made.secure_boot:
        notes.append("Secure Boot stays on, with the keys of this host's firmware: enroll keys of its own anew.")
    lost = []
    if made.cores and made.vcpus % made.cores:
        lost.append(f"CPU topology: {made.vcpus} vCPUs do not fill sockets of {made.cores} cores, so each is a socket.")
    elif made.cores and made.cores > 1:
        notes.append(f"Its CPUs: {some(made.vcpus // made.cores, 'socket')} of {made.cores} cores, as there.")
    if made.tpm:
        lost.append("Its TPM is a new, empty one: what its keys protect (BitLocker) needs the recovery key.")
    return [*(Note(kept=True, text=text) for text in notes), *(Note(kept=False, text=text) for text in lost)]


def create_body(made: Appliance, pool: str, volumes: list[str], place: dict[str, str] | None) -> dict[str, Any]:
    """The body that makes such a machine from its converted disks; its empty ones are made anew.

    Its cards are on the network or bridge of `place`; without one they are kept, and lead nowhere.
    """
    name = one_line(made.name).replace("/", "-").strip("-. ")[:128] or "machine"
    body: dict[str, Any] = {"name": name, "install": {"method": "import"}}
    converted = iter(volumes)
    body["disks"] = [
        ({"volume": next(converted)} if disk.file else {"size_gib": (disk.capacity_bytes or GIB) / GIB})
        | {"pool": pool}
        | ({"bus": disk.bus} if disk.bus else {})
        for disk in sorted(made.disks, key=lambda disk: not disk.file)
    ]
    cards = [{name: value for name in ("model", "mac") if (value := getattr(nic, name))} for nic in made.nics]
    body["nics"] = [place | card for card in cards] if place else []
    if cards and not place:
        body["devices"] = [CUT_OFF | card for card in cards]
    if made.memory_mib:
        body["memory_mib"] = made.memory_mib
    body["vcpus"] = made.vcpus
    if made.cores and made.vcpus % made.cores == 0:
        body["cpu"] = {"topology": {"sockets": made.vcpus // made.cores, "cores": made.cores}}
    if made.uefi:
        body |= {"firmware": "uefi", "secure_boot": made.secure_boot}
    if made.tpm:
        body["tpm"] = True
    if made.system:
        body["os"] = made.system
    if made.description:
        body["description"] = CONTROL_BUT_LINES.sub("", made.description)
    body["start"] = False
    return body
