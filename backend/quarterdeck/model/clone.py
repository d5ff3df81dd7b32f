"""The definition of a clone: what must be unique is made unique, and each such change is told. Pure."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree
from pydantic import Field

from quarterdeck.model.cloud_init import CloudInit
from quarterdeck.model.create import MOST_AT_ONCE, DomainName, MacAddress, VolumeName, numbered_names
from quarterdeck.model.devices import Interface, placed
from quarterdeck.model.devices.interface import NO_SOURCE
from quarterdeck.model.installing import forget, pending
from quarterdeck.model.states import NVRAM_FOLDER, StateFiles, state_files
from quarterdeck.model.strict import Strict
from quarterdeck.model.template import Origin, note_origin, unmark, version_of
from quarterdeck.model.xml import Element, XmlText, dump, parse

from .strict import Value

DiskAct = Literal["copy", "link", "share", "skip"]
PASSWORD_LENGTH = 8
"""The most that VNC knows (RFC 6143, 7.2.2)."""
LONGEST_SUFFIX = 7


class CloneDisk(Strict):
    """What becomes of one disk, named by its target: a copy, an overlay on it (`link`), the disk itself, or nothing."""

    target: XmlText
    act: DiskAct | None = None
    pool: XmlText | None = Field(None, description="Where the copy is made; beside the original if left out")
    volume: VolumeName | None = Field(None, description="Name of the copy; made if left out")


class DomainClone(Strict):
    """A copy of a machine. Disks that are not named are copied, but those that are read-only or shared stay shared."""

    name: DomainName | None = Field(None, description="Made from the name of the original if left out")
    mode: Literal["full", "linked"] = Field("full", description="linked: the disks hold only what differs")
    disks: list[CloneDisk] = Field([], description="Disks that differ from the rule")
    macs: list[MacAddress | None] = Field([], description="Addresses of the cards, in their order; null: a new one")
    networks: list[XmlText | None] = Field([], description="Networks of the cards, in their order; null: as they are")
    memory_mib: int | None = Field(None, ge=16, le=1 << 30, description="As the original if left out")
    vcpus: int | None = Field(None, ge=1, le=4096, description="As the original if left out")
    host_devices: Literal["drop", "keep"] = "drop"
    tpm_state: Literal["new", "copy"] = "new"
    start: bool = False
    template: bool = Field(False, description="Kept as a template: not started, others are made of it")
    cloud_init: CloudInit | None = Field(None, description="First settings of the guest, which must have cloud-init")
    count: int = Field(1, ge=1, le=MOST_AT_ONCE, description="How many; the name then holds {n}, or gets -1, -2 ...")

    def numbered(self) -> list[DomainClone]:
        """A request for each of them, where there are several."""
        names = numbered_names(self.name, self.count) if self.name else [None]
        return [self.model_copy(update={"name": name, "count": 1}) for name in names]


class CloneChange(Value):
    """What differs from the original, and why."""

    field: str
    detail: str


@dataclass(frozen=True)
class Placement:
    """Where a disk of the clone lies."""

    path: str
    format: str
    block: bool = False


@dataclass(frozen=True)
class Identity:
    """What makes the clone another machine.

    `disks` are those with a place of their own, by target; `skipped` the targets that it does not get. `networks` are
    those of its cards as far as others are asked for. `seed` is random text, from which serial numbers and passwords
    are made.
    """

    name: str
    uuid: str
    genid: str
    macs: tuple[str, ...]
    disks: dict[str, Placement]
    seed: str
    skipped: frozenset[str] = frozenset()
    host_devices: Literal["drop", "keep"] = "drop"
    networks: tuple[str | None, ...] = ()


@dataclass
class Cloned:
    """The definition with what was changed. `nvram` and `tpm` are the paths of what is copied, and of the copies."""

    xml: str = ""
    changes: list[CloneChange] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    nvram: tuple[str, str] | None = None
    tpm: tuple[str, str] | None = None

    def copy_from(self, kept: StateFiles) -> None:
        """Copy what a snapshot keeps, where it does, and not what the original has now."""
        self.nvram = (kept.nvram, self.nvram[1]) if kept.nvram and self.nvram else self.nvram
        self.tpm = (kept.tpm, self.tpm[1]) if kept.tpm and self.tpm else self.tpm

    def tell(self, name: str, detail: str) -> None:
        """Note a change."""
        self.changes.append(CloneChange(field=name, detail=detail))


TOP = re.compile(r"(-top-[0-9a-f]{6})+$")
"""What a machine's disk is called that goes on on top of another, see `top_name`."""


def top_name(volume: str, word: str, token: str) -> str:
    """The name of the file in which a disk goes on."""
    return f"{TOP.sub('', posixpath.splitext(volume)[0])}-{word}-{token[:6]}.qcow2"


def clone_name(original: str, taken: set[str]) -> str:
    """The name of a clone, as virt-clone makes it: `web-clone`, `web-clone1` ..., and `web-clone8` of `web-clone7`."""
    own = re.search(r"-clone(\d*)$", original)
    base = original.removesuffix(own[0] if own else "") + "-clone"
    first = int(own[1] or 0) + 1 if own else 0
    names = (base + (str(number) if number else "") for number in range(first, first + len(taken) + 1))
    return next(name for name in names if name not in taken)


def copy_name(volume: str, original: str, clone: str, taken: set[str], suffix: str | None = None) -> str:
    """The name of a disk's copy, as virt-clone makes it; `suffix` replaces that of the original."""
    stem, dot, end = volume.rpartition(".")
    if not stem or len(dot + end) > LONGEST_SUFFIX:
        stem, dot, end = volume, "", ""
    end = dot + end if suffix is None else suffix
    stem = TOP.sub("", stem)
    stem = _file_name(clone) if stem == original else f"{stem}-clone"
    return next(name for n in range(len(taken) + 2) if (name := stem + (f"-{n}" if n else "") + end) not in taken)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.+-]", "_", name).lstrip("-.") or "clone"


def cloned(xml: str, identity: Identity) -> Cloned:
    """The definition of the clone of a saved definition, which holds its secrets."""
    root, found = parse(xml), Cloned()
    old, tpm = root.findtext("name") or "", state_files(root).tpm
    _heading(root, identity, found)
    _disks(root, identity, found)
    _cards(root, identity, found)
    _screens(root, identity, found)
    _lines(root, old, identity.name, found)
    _host_devices(root, identity, found)
    _firmware(root, old, identity.name, found)
    _singles(root, found)
    own = state_files(root).tpm
    found.tpm = (tpm, own) if tpm and own else None
    found.xml = dump(root)
    return found


def _heading(root: Element, identity: Identity, found: Cloned) -> None:
    old_name, old_uuid = root.findtext("name") or "", root.findtext("uuid") or ""
    for tag, text in (("name", identity.name), ("uuid", identity.uuid), ("genid", identity.genid)):
        element = root.find(tag)
        if element is not None:
            element.text = text
    found.tell("name", identity.name)
    found.tell("uuid", f"{identity.uuid}, so that libvirt and the guest tell the two apart")
    if root.find("genid") is not None:
        found.tell("genid", "A new generation id: Windows notices that it is a copy.")
    root.attrib.pop("id", "")
    for entry in root.iterfind("sysinfo/system/entry[@name='uuid']"):
        entry.text = identity.uuid
    title = root.find("title")
    if title is not None:
        root.remove(title)
        found.tell("title", "The title stays with the original.")
    version = version_of(root)
    if version is not None:
        note_origin(root, Origin(uuid=old_uuid, name=old_name, version=version))
        found.tell("origin", f"It notes that it was made of version {version} of the template {old_name}.")
    unmark(root)
    install = pending(root)
    if install is not None and install.passing:
        forget(root)
        found.tell("installation", "What the original still reads at its first start stays with it.")


def _target(disk: Element) -> str:
    target = disk.find("target")
    return target.get("dev", "") if target is not None else ""


def _disks(root: Element, identity: Identity, found: Cloned) -> None:
    for disk in root.findall("devices/disk"):
        target = _target(disk)
        place = identity.disks.get(target)
        if target in identity.skipped:
            disk.getparent().remove(disk)  # type: ignore[union-attr]  # it was found below its parent
            found.tell(f"disk {target}", "The clone does not get it.")
        elif place is not None:
            _put(disk, place)
            found.tell(f"disk {target}", f"Lies at {place.path}.")
            _numbers(disk, target, identity.seed, found)


def _put(disk: Element, place: Placement) -> None:
    disk.set("type", "block" if place.block else "file")
    source = disk.find("source")
    if source is not None:
        for child in [child for child in source if child.tag != "encryption"]:
            source.remove(child)
        for attribute in [name for name in source.attrib if name != "startupPolicy"]:
            del source.attrib[attribute]
        source.set("dev" if place.block else "file", place.path)
    driver = disk.find("driver")
    if driver is not None:
        driver.set("type", place.format)
    for tag in ("backingStore", "mirror"):
        for each in disk.findall(tag):
            disk.remove(each)


def put_back(xml: str, places: Mapping[str, Placement]) -> str:
    """The definition in which the disks that lie at these paths lie where they did before."""
    root = parse(xml)
    for disk in root.iterfind("devices/disk"):
        source = disk.find("source")
        place = places.get(source.get("file", "") if source is not None else "")
        if place is not None:
            _put(disk, place)
    return dump(root)


def _numbers(disk: Element, target: str, seed: str, found: Cloned) -> None:
    """Serial number and world wide name are those of one disk in the world."""
    serial, name = disk.find("serial"), disk.find("wwn")
    if serial is not None and serial.text:
        serial.text = _digits(seed, f"serial {target}")[: max(len(serial.text), 8)][:36]
        found.tell(f"serial {target}", f"{serial.text}; a guest that mounts it by the old number must be told.")
    if name is not None:
        name.text = "5" + _digits(seed, f"wwn {target}")[:15]
        found.tell(f"wwn {target}", f"{name.text}; a guest that mounts it by the old name must be told.")


def _digits(seed: str, use: str) -> str:
    return hashlib.sha256(f"{seed} {use}".encode()).hexdigest()


def _cards(root: Element, identity: Identity, found: Cloned) -> None:
    for number, (card, address) in enumerate(zip(root.iterfind("devices/interface"), identity.macs, strict=True), 1):
        mac = card.find("mac")
        if mac is None:
            mac = etree.Element("mac")
            card.insert(0, mac)
        mac.set("address", address)
        found.tell(f"mac {number}", address)
        target = card.find("target")
        if target is not None and target.get("dev"):
            del target.attrib["dev"]
            if not target.attrib:
                card.remove(target)
    for number, (card, network) in enumerate(zip(root.iterfind("devices/interface"), identity.networks, strict=False)):
        if network:
            Interface.patch(card, {"source": NO_SOURCE | {"type": "network", "network": network}})
            found.tell(f"network {number + 1}", network)


def _screens(root: Element, identity: Identity, found: Cloned) -> None:
    for screen in root.iterfind("devices/graphics"):
        kind = screen.get("type", "").upper()
        if any(screen.get(name, "-1") != "-1" for name in ("port", "tlsPort", "websocket")):
            found.tell("graphics", f"{kind} chooses its port at each start: the original has the fixed one.")
            screen.set("port", "-1")
            screen.set("autoport", "yes")
            screen.attrib.pop("tlsPort", "")
            if "websocket" in screen.attrib:
                screen.set("websocket", "-1")
        if screen.get("passwd") is not None:
            screen.set("passwd", _digits(identity.seed, "password")[:PASSWORD_LENGTH])
            screen.attrib.pop("passwdValidTo", "")
            found.tell("graphics", f"{kind} gets a random password of its own; set one that you know if you need it.")
        for listen in screen.iterfind("listen[@socket]"):
            del listen.attrib["socket"]
        screen.attrib.pop("socket", "")


def _lines(root: Element, old: str, new: str, found: Cloned) -> None:
    for tag in ("serial", "console", "parallel", "channel"):
        for line in root.iterfind(f"devices/{tag}"):
            source, log = line.find("source"), line.find("log")
            if source is not None:
                _line(line, source, old, new, found)
            if log is not None and log.get("file"):
                log.set("file", renamed(log.get("file", ""), old, new))
                found.tell(tag, f"Its log goes to {log.get('file')}.")


def _line(line: Element, source: Element, old: str, new: str, found: Cloned) -> None:
    kind, path = line.get("type"), source.get("path", "")
    if kind == "unix" and path and source.get("mode") != "connect":
        if line.tag == "channel":
            line.remove(source)
            found.tell("channel", "libvirt makes a socket of its own for it.")
            return
        source.set("path", renamed(path, old, new))
        found.tell(str(line.tag), f"Its socket is {source.get('path')}.")
    elif kind in ("file", "pipe") and path:
        source.set("path", renamed(path, old, new))
        found.tell(str(line.tag), f"It writes to {source.get('path')}.")
    elif kind in ("tcp", "udp") and source.get("mode") == "bind":
        port = source.get("service")
        found.warnings.append(f"Its {line.tag} line listens on port {port}, as the original's: only one can run.")


def renamed(path: str, old: str, new: str) -> str:
    """A path beside another with the clone's name in it."""
    folder, base = posixpath.split(path)
    if old and old in base:
        return posixpath.join(folder, base.replace(old, new, 1))
    stem, end = posixpath.splitext(base)
    return posixpath.join(folder, f"{stem}-{new}{end}")


def _host_devices(root: Element, identity: Identity, found: Cloned) -> None:
    titles = {each.element: each.device.title for each in placed(root)}
    for device in _passed_through(root):
        title = titles[device]
        if identity.host_devices == "drop":
            device.getparent().remove(device)  # type: ignore[union-attr]  # it was found below its parent
            found.tell("hostdev", f"{title} stays with the original: only one machine can have it.")
        else:
            found.warnings.append(f"{title} is given to both machines: only one of them can run.")


def _passed_through(root: Element) -> Iterator[Element]:
    yield from root.findall("devices/hostdev")
    yield from root.findall("devices/interface[@type='hostdev']")
    yield from root.findall("devices/tpm/backend[@type='passthrough']/..")


def _firmware(root: Element, old: str, new: str, found: Cloned) -> None:
    variables, os = root.find("os/nvram"), root.find("os")
    if variables is None:
        if os is not None and os.get("firmware") == "efi":  # libvirt before 9.2 saves no path; it is always this one
            found.nvram = (f"{NVRAM_FOLDER}/{old}_VARS.fd", f"{NVRAM_FOLDER}/{new}_VARS.fd")
            found.tell("nvram", f"The UEFI variables are copied to {found.nvram[1]}.")
        return
    source = variables.find("source")
    path = source.get("file") if source is not None else (variables.text or "").strip()
    if not path:
        if variables.get("type") not in (None, "file"):
            found.warnings.append("Its UEFI variables lie on a network disk, which both machines then write.")
        return
    folder, base = posixpath.split(path)
    end = posixpath.splitext(base)[1]
    own = posixpath.join(folder, f"{new}_VARS{end}" if end else renamed(path, old, new))
    if source is not None:
        source.set("file", own)
    else:
        variables.text = own
    found.nvram = (path, own)
    found.tell("nvram", f"The UEFI variables are copied to {own}.")


def _singles(root: Element, found: Cloned) -> None:
    """Devices of which the host can have only one with a number."""
    for cid in root.iterfind("devices/vsock/cid"):
        if cid.get("auto") != "yes":
            cid.attrib.pop("address", "")
            cid.set("auto", "yes")
            found.tell("vsock", "Its number is chosen at each start.")
    for memory in root.iterfind("devices/memory/source/path"):
        found.warnings.append(f"Both machines write their persistent memory to {memory.text}.")
