"""Looks into files of other products: what each is, the machine in it, its disks, and why one cannot be taken."""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import posixpath
import shlex
import tarfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from ...hypervisor.host import Host
from ...model.appliance import Appliance, ApplianceDisk, Note, machine_of
from ...model.image_facts import ImageFacts, ImageFile, image_facts
from ...model.image_kinds import (
    FOOTER_BYTES,
    LOOK_BYTES,
    TEXT_BYTES,
    ImageFormat,
    SourceKind,
    declared_text,
    is_plain,
    kind_of,
    vmdk_descriptor,
)
from ...model.ovf import machines_of, ovf_text, read_manifest, read_ovf
from ...model.vmx import is_encrypted, read_vmx
from ...problems import Problem, field_problem
from ..fetching.unpacking import XZ_BYTES, Packing, packing_of

MOST_MEMBERS = 100
MOST_DISKS = 64
MOST_BYTES = 8 * TEXT_BYTES
"""Of all headers and descriptions of a package."""
MANIFEST = ".mf"
IN_FOLDER = "A pool has no folders: put it beside its description, and name it in that without the folder."
TOOLS: dict[Packing, str] = {"gzip": "gunzip", "xz": "unxz", "bzip2": "bunzip2"}
DISK_KINDS: tuple[SourceKind, ...] = ("raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx")
WORDS: dict[SourceKind, str] = {
    "ova": "an OVA package",
    "ovf": "an OVF description",
    "vmx": "a VMware machine",
    "vmdk": "a VMware disk",
    "vdi": "a VirtualBox disk",
    "vpc": "a Virtual PC disk (VHD)",
    "vhdx": "a Hyper-V disk (VHDX)",
    "qcow2": "a qcow2 disk",
    "raw": "a raw disk",
    "iso": "an installation medium",
    "archive": "an archive (zip, 7z, zstd or like)",
}


@dataclass(frozen=True)
class Spot:
    """Where a file of another product lies. `lent`: its folder, where that is in no pool and is lent one."""

    pool: str
    volume: str
    pointer: str = "/volume"
    format: ImageFormat | None = None
    lent: str | None = None


@dataclass(frozen=True)
class Found:
    """A disk with all that is needed to read it."""

    file: str
    size: int
    layer: dict[str, Any]
    facts: ImageFacts

    @property
    def order(self) -> dict[str, Any]:
        """As the runner wants it."""
        return {"layers": [self.layer], "extents": list(self.facts.parts)}


@dataclass(frozen=True)
class Seen:
    """What a file is; `machines` are the ids and names of all that it describes."""

    kind: SourceKind
    machine: Appliance
    disks: list[Found]
    machines: dict[str, str] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether it is a disk without a description of its machine."""
        return self.kind in DISK_KINDS


class VolumeFile(io.RawIOBase):
    """A volume that can be read at any place, a piece at a time."""

    def __init__(self, host: Host, pool: str, name: str) -> None:
        self._host, self._pool, self._name = host, pool, name
        self._size = host.volumes.physical(pool, name)
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read from here."""
        length = max(min(len(buffer), self._size - self._at), 0)
        data = self._host.volumes.piece(self._pool, self._name, self._at, length) if length else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class PackageFile(io.BufferedReader):
    """A package whose headers are read in small pieces: one that says it is huge would fill the memory."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw, 4096)
        self._left = MOST_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes; ReadError for more than any header or description has, and for more than all of them have."""
        if size is None or not 0 <= size <= TEXT_BYTES:
            raise tarfile.ReadError("one of its headers is larger than any needs to be")
        self._left -= size
        if self._left < 0:
            raise tarfile.ReadError("its headers are larger than any need to be")
        return super().read(size)


@dataclass(frozen=True)
class Head:
    """The begin and the end of an image, of a packed one as it is unpacked, whose end and size are not known."""

    head: bytes
    foot: bytes
    size: int
    packed: Packing | None = None


class Looker:
    """Looks into the files of one pool, beginning with one of them."""

    def __init__(self, host: Host, spot: Spot, machine: str | None) -> None:
        self._host = host
        self._spot = spot
        self._wanted = machine
        self._names = set(host.volumes.names(spot.pool))

    def look(self) -> Seen:
        """What the file is; Problem where it is nothing that can be taken over."""
        name, forced = self._spot.volume, self._spot.format
        found = self._head(name)
        kind = forced or kind_of(found.head, found.foot, _unpacked_name(name) if found.packed else name)
        if found.packed and kind not in DISK_KINDS:
            cure = f"Unpack it there ({TOOLS[found.packed]} {shlex.quote(name)}), and choose what comes out."
            raise field_problem(self._spot.pointer, f"{name} is {WORDS[kind]}, packed with {found.packed}. {cure}")
        if kind in ("iso", "archive"):
            cure = "Unpack it, and take what is in it." if kind == "archive" else "It is not a disk: install from it."
            raise field_problem(self._spot.pointer, f"{name} is {WORDS[kind]}. {cure}")
        if kind in DISK_KINDS:
            disk = self._disk(name, forced)
            stem = posixpath.splitext(_unpacked_name(name) if "packed" in disk.layer else name)[0]
            return Seen(kind, machine_of(stem, name), [disk])
        if kind == "ova":
            return self._package()
        raw = self._text(name)
        if kind == "vmx":
            return self._vmware(raw)
        text, sums = ovf_text(raw), {}
        manifest = posixpath.splitext(name)[0] + MANIFEST
        if manifest in self._names:
            sums = read_manifest(self._text(manifest).decode(errors="replace"))
        machine = self._described(text, raw, name, sums)
        disks = [self._disk(each.file, None, sums.get(each.file), each.problem) for each in machine.disks if each.file]
        return Seen(kind, machine, disks, machines_of(text))

    def _vmware(self, raw: bytes) -> Seen:
        text = declared_text(raw)
        if is_encrypted(text):
            raise field_problem(self._spot.pointer, "VMware encrypted this machine: decrypt it there first.")
        machine = self._bounded(read_vmx(text))
        for disk in machine.disks:
            if disk.named and disk.file in self._names:
                note = (
                    f"Its disk lies at {disk.named} there; {disk.file} of the pool {self._spot.pool} is taken for it."
                )
                machine.notes.append(Note(kept=True, text=note))
        return Seen("vmx", machine, [self._disk(each.file, None, None, each.problem) for each in machine.disks])

    def _described(self, text: str, raw: bytes, name: str, sums: dict[str, tuple[str, str]]) -> Appliance:
        try:
            machine = self._bounded(read_ovf(text, self._wanted))
        except Problem as problem:
            detail = f"The description in {name} cannot be read. {problem.detail}"
            raise field_problem(self._spot.pointer, detail) from problem
        if name in sums and hashlib.new(sums[name][0], raw).hexdigest() != sums[name][1]:
            note = f"{name} is not as its manifest says: somebody changed it after it was exported."
            machine.notes.append(Note(kept=False, text=note))
        for disk in machine.disks:
            if not disk.file and disk.problem is None:
                machine.notes.append(Note(kept=True, text="A disk of it is empty: a new one of its size is made."))
        return machine

    def _bounded(self, machine: Appliance) -> Appliance:
        if len(machine.disks) > MOST_DISKS:
            detail = f"It names {len(machine.disks)} disks. Machines of up to {MOST_DISKS} are taken over."
            raise field_problem(self._spot.pointer, detail)
        return machine

    def _head(self, name: str) -> Head:
        size = self._host.volumes.physical(self._spot.pool, name)
        head = self._piece(name, 0, min(LOOK_BYTES, size))
        packing = packing_of(head)
        if packing and self._spot.format is None:
            return _unpacked(packing, head)
        return Head(head, self._piece(name, size - FOOTER_BYTES, FOOTER_BYTES) if size >= FOOTER_BYTES else b"", size)

    def _piece(self, name: str, offset: int, length: int) -> bytes:
        return self._host.volumes.piece(self._spot.pool, name, offset, length)

    def _text(self, name: str) -> bytes:
        size = self._host.volumes.physical(self._spot.pool, name)
        if size > TEXT_BYTES:
            raise field_problem(self._spot.pointer, f"{name} is too large for a description of a machine.")
        return self._piece(name, 0, size)

    def _disk(
        self, name: str, forced: ImageFormat | None, checksum: tuple[str, str] | None = None, why: str | None = None
    ) -> Found:
        """A disk that is a volume of a pool, with the files that it is split into."""
        pool, volumes = self._spot.pool, self._host.volumes
        layer: dict[str, Any] = {"pool": pool, "volume": name, "format": forced or "raw"}
        if why or not is_plain(name) or name not in self._names:
            lacks = f"It is missing in the pool {pool}: upload it there too." if is_plain(name) else IN_FOLDER
            return Found(name, 0, layer, ImageFacts(problem=why or lacks))
        found, size = self._head(name), volumes.physical(pool, name)
        kind = forced or kind_of(found.head, found.foot, name)
        described = vmdk_descriptor(found.head) if kind == "vmdk" else None
        beside = {
            part: volumes.physical(pool, part)
            for part in (described.extents if described else ())
            if part in self._names
        }
        facts = _facts(kind, name, found, beside, forced=forced is not None)
        if facts.parts:
            layer["keep_name"] = name
            size += sum(beside.values())
        return Found(name, size, _layer(layer, kind, found, checksum), facts)

    # -- packages

    def _package(self) -> Seen:
        spot = self._spot
        reader = PackageFile(VolumeFile(self._host, spot.pool, spot.volume))
        try:
            with tarfile.open(fileobj=reader, mode="r:") as archive:
                listed = (m for m, _ in zip(archive, range(MOST_MEMBERS), strict=False) if m.isreg())
                members = {m.name: m for m in listed if m.size >= 0 and not m.issparse()}
                name = next((name for name in members if name.lower().endswith(".ovf")), None)
                if name is None:
                    raise field_problem(spot.pointer, f"{spot.volume} holds no description of a machine (.ovf).")
                raw = self._member_text(archive, members[name])
                manifest = members.get(posixpath.splitext(name)[0] + MANIFEST)
                sums = read_manifest(self._member_text(archive, manifest).decode(errors="replace") if manifest else "")
        except (tarfile.TarError, RecursionError, ValueError, EOFError, OSError) as error:
            raise field_problem(spot.pointer, f"{spot.volume} is damaged or not complete: {error}") from error
        text = ovf_text(raw)
        machine = self._described(text, raw, name, sums)
        disks = [self._member(members.get(each.file), each, sums) for each in machine.disks if each.file]
        return Seen("ova", machine, disks, machines_of(text))

    def _member_text(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
        file = archive.extractfile(member) if member.size <= TEXT_BYTES else None
        if file is None:
            raise tarfile.ReadError(f"{member.name} is too large")
        return file.read()

    def _member(self, member: tarfile.TarInfo | None, disk: ApplianceDisk, sums: dict[str, tuple[str, str]]) -> Found:
        pool, package, name = self._spot.pool, self._spot.volume, disk.file
        layer: dict[str, Any] = {"pool": pool, "volume": package, "format": "vmdk"}
        if disk.problem or member is None:
            return Found(name, 0, layer, ImageFacts(problem=disk.problem or "The package does not hold it."))
        end = member.offset_data + member.size
        if end > self._host.volumes.physical(pool, package):
            return Found(
                name, member.size, layer, ImageFacts(problem="The package ends within it: it is not complete.")
            )
        head = self._piece(package, member.offset_data, min(LOOK_BYTES, member.size))
        foot = self._piece(package, end - FOOTER_BYTES, FOOTER_BYTES) if member.size >= FOOTER_BYTES else b""
        packing = packing_of(head)
        found = _unpacked(packing, head) if packing else Head(head, foot, member.size)
        kind = kind_of(found.head, found.foot, name)
        facts = _facts(kind, name, found, {}, forced=False)
        if facts.parts:
            facts = ImageFacts(facts.virtual_bytes, problem="It consists of several files.")
        layer |= {"file": name, "offset": member.offset_data, "length": member.size}
        return Found(name, member.size, _layer(layer, kind, found, sums.get(name)), facts)


def _layer(layer: dict[str, Any], kind: SourceKind, found: Head, checksum: tuple[str, str] | None) -> dict[str, Any]:
    packed = {"packed": found.packed} if found.packed else {}
    return layer | {"format": kind} | packed | ({"checksum": list(checksum)} if checksum else {})


def _facts(kind: SourceKind, name: str, found: Head, beside: dict[str, int], *, forced: bool) -> ImageFacts:
    if kind not in DISK_KINDS:
        return ImageFacts(problem=f"It is {WORDS[kind]}, not a disk.")
    image = ImageFile(name, found.head, found.foot, found.size, beside, forced or found.packed is not None)
    return image_facts(kind, image)


def _unpacked(packing: Packing, head: bytes) -> Head:
    """The first bytes of a packed image; what only its end would tell is left to the conversion."""
    try:
        if packing == "gzip":
            plain = zlib.decompressobj(wbits=31).decompress(head, LOOK_BYTES)
        elif packing == "xz":
            plain = lzma.LZMADecompressor(memlimit=XZ_BYTES).decompress(head, LOOK_BYTES)
        else:
            plain = bz2.BZ2Decompressor().decompress(head, LOOK_BYTES)
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        raise Problem("invalid-input", f"What is packed with {packing} is damaged.", raw=str(error)) from error
    return Head(plain, plain[:FOOTER_BYTES], 1 << 62, packing)


def _unpacked_name(name: str) -> str:
    return posixpath.splitext(name)[0]
