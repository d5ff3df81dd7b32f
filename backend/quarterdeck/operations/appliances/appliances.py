"""Images and machines of other products: what they are, converted to volumes, and the machine that they become."""

from __future__ import annotations

import contextlib
import io
import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.appliance import Appliance, ApplianceDisk, Note, create_body
from ...model.create import AbsolutePath, VolumeName
from ...model.image import read_qcow2
from ...model.image_kinds import (
    FOOTER_BYTES,
    LOOK_BYTES,
    TEXT_BYTES,
    ImageFormat,
    SourceKind,
    is_plain,
    kind_of,
    vmdk_descriptor,
)
from ...model.ovf import read_ovf
from ...model.strict import Strict, Value
from ...model.vmx import read_vmx
from ...model.xml import XmlText
from ...plan import Change, Plan
from ...problems import Problem, at_field, field_problem
from ..errands import Errands
from ..storage.lending import Lending, split_path
from ..storage.storage import Storage
from .conversion import CONVERT

MOST_MEMBERS = 100
DISK_KINDS: tuple[SourceKind, ...] = ("raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx")
WORDS = {
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
}


class ImportSource(Strict):
    """A file of another product: a volume of a pool, or a path of the host. `format` forces what a disk is read as."""

    pool: XmlText | None = None
    volume: XmlText | None = None
    path: AbsolutePath | None = None
    format: ImageFormat | None = None


class ImportRequest(ImportSource):
    """How it is taken over: where its disks go, and on which network its cards are."""

    to_pool: XmlText
    to_format: Literal["qcow2", "raw"] = "qcow2"
    name: VolumeName | None = None
    network: XmlText | None = "default"


class ImportDisk(Value):
    """A disk of it; `problem` says why it cannot be taken."""

    file: str
    format: str
    size_bytes: int
    problem: str | None = None


class ImportReport(Value):
    """What a file is, what was understood of it, and what could not be."""

    kind: str
    what: str
    machine: Appliance
    disks: list[ImportDisk]
    possible: bool


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
    extents: list[str]
    problem: str | None = None

    @property
    def order(self) -> dict[str, Any]:
        """As the runner wants it."""
        return {"layers": [self.layer], "extents": self.extents}

    def view(self) -> ImportDisk:
        """As people see it."""
        return ImportDisk(file=self.file, format=self.layer["format"], size_bytes=self.size, problem=self.problem)


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

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes; ReadError for more than any header or description has."""
        if size is None or not 0 <= size <= TEXT_BYTES:
            raise tarfile.ReadError("one of its headers is larger than any needs to be")
        return super().read(size)


class Appliances:
    """Looks into files of other products, and sends errands out that convert them."""

    def __init__(self, hosts: Hosts, storage: Storage, errands: Errands, lending: Lending) -> None:
        self._hosts = hosts
        self._storage = storage
        self._errands = errands
        self._lending = lending

    def check(self, host: str, source: ImportSource) -> ImportReport:
        """What a file is and what it would become; touches nothing."""
        with self._spot(host, source) as spot:
            kind, machine, disks = self._look(host, spot)
        return ImportReport(
            kind=kind,
            what=WORDS[kind],
            machine=machine,
            disks=[disk.view() for disk in disks],
            possible=bool(disks) and not any(disk.problem for disk in disks),
        )

    def start(self, host: str, request: ImportRequest, user: User) -> Change[Job]:
        """Convert its disks into volumes; the job's result holds the body that makes the machine."""
        with self._spot(host, request) as spot:
            kind, machine, disks = self._look(host, spot)
        wrong = next((disk for disk in disks if disk.problem), None)
        if wrong or not disks:
            detail = f"{wrong.file}: {wrong.problem}" if wrong else f"{spot.volume} holds no disk."
            raise field_problem(spot.pointer, detail)
        with at_field("/to_pool"):
            row = self._storage.running(host, request.to_pool)
        if request.name:
            machine.name = request.name
        names = list(self._names(host, request, machine, len(disks)))
        orders = [
            disk.order | {"to_pool": request.to_pool, "to_name": name, "to_format": request.to_format}
            for disk, name in zip(disks, names, strict=True)
        ]
        create = create_body(machine, request.to_pool, names, request.network)
        lines = [
            f"qemu-img convert -p -f {disk.layer['format']} -O {request.to_format} {disk.file} {name}"
            for disk, name in zip(disks, names, strict=True)
        ]
        plan = Plan(commands=lines, warnings=[note.text for note in machine.notes if not note.kept])

        params = {"pool": request.to_pool, "disks": orders, "create": create, "kind": kind}

        def begin() -> Job:
            target, name = f"{row.name}/{names[0]}", machine.name
            return self._errands.start(
                CONVERT, host=host, target=target, target_name=name, user=user.name, params=params
            )

        def apply() -> Job:
            if spot.lent is None:
                return begin()
            params["lent"] = [spot.lent]
            return self._lending.start(host, spot.lent, begin)

        return Change(plan, apply)

    def _names(self, host: str, request: ImportRequest, machine: Appliance, count: int) -> Iterator[str]:
        taken = set(self._hosts.get(host).volumes.names(request.to_pool))
        end = ".qcow2" if request.to_format == "qcow2" else ".img"
        stem = machine.name.replace("/", "-").replace(" ", "-").lstrip("-.") or "disk"
        for number in range(count):
            base = stem if count == 1 else f"{stem}-{number + 1}"
            name = next(n for k in range(len(taken) + 1) if (n := base + (f"-{k}" if k else "") + end) not in taken)
            taken.add(name)
            yield name

    # -- looking

    @contextlib.contextmanager
    def _spot(self, host: str, source: ImportSource) -> Iterator[Spot]:
        """Where the file lies; while this block lasts it can be read."""
        if source.path is None:
            if source.pool is None or source.volume is None:
                raise field_problem("/volume", "Name a pool and a volume of it, or a path of the host.")
            yield Spot(source.pool, source.volume, format=source.format)
            return
        if source.pool or source.volume:
            raise field_problem("/path", "Give either a path or a pool and volume.")
        folder, name = split_path(source.path)
        found = self._hosts.get(host)
        at = None if found.is_test else found.volumes.kept_at(source.path)
        if at is not None or found.is_test:
            yield Spot(at[0] if at else "", name, "/path", source.format)
            return
        with self._lending.look(host, folder) as pool:
            if name not in found.volumes.names(pool):
                raise field_problem("/path", f"{folder} has no file {name}.")
            yield Spot(pool, name, "/path", source.format, folder)

    def _look(self, host: str, source: Spot) -> tuple[SourceKind, Appliance, list[Found]]:
        found = self._hosts.get(host)
        if found.is_test:
            raise Problem("unsupported", "A made-up host holds no data to look into.")
        with at_field("/pool" if source.pointer == "/volume" else source.pointer):
            self._storage.running(host, source.pool)
        with at_field(source.pointer):
            volume = self._storage.volume(host, source.pool, source.volume)
            if volume.partial:
                raise Problem("wrong-state", f"The upload of {volume.name} is not complete.")
            self._storage.refuse_link(host, volume.path)
        kind = source.format or self._kind(found, source.pool, source.volume)
        if kind == "iso":
            raise field_problem(source.pointer, f"{source.volume} is an installation medium, not a disk.")
        if kind in DISK_KINDS:
            stem = posixpath.splitext(source.volume)[0]
            machine = Appliance(name=stem, disks=[ApplianceDisk(file=source.volume)])
            return kind, machine, [self._disk(found, source.pool, source.volume, source.format)]
        if kind == "ova":
            return kind, *self._package(found, source)
        text = self._text(found, source.pool, source.volume)
        machine = read_vmx(text) if kind == "vmx" else read_ovf(text)
        fit_for_windows(machine)
        return kind, machine, [self._disk(found, source.pool, each.file, None) for each in machine.disks]

    def _kind(self, host: Host, pool: str, name: str) -> SourceKind:
        size = host.volumes.physical(pool, name)
        head = host.volumes.piece(pool, name, 0, min(LOOK_BYTES, size))
        foot = host.volumes.piece(pool, name, size - FOOTER_BYTES, FOOTER_BYTES) if size >= FOOTER_BYTES else b""
        return kind_of(head, foot, name)

    def _text(self, host: Host, pool: str, name: str) -> str:
        size = host.volumes.physical(pool, name)
        if size > TEXT_BYTES:
            raise field_problem("/volume", f"{name} is too large for a description of a machine.")
        return host.volumes.piece(pool, name, 0, size).decode("utf-8", errors="replace").rstrip("\0")

    def _disk(self, host: Host, pool: str, name: str, forced: ImageFormat | None) -> Found:
        """A disk that is a volume of a pool, with the files that it is split into."""
        layer: dict[str, Any] = {"pool": pool, "volume": name, "format": forced or "raw"}
        names = host.volumes.names(pool)
        if not is_plain(name) or name not in names:
            return Found(name, 0, layer, [], f"The pool {pool} has no volume of this name: upload it there too.")
        kind = forced or self._kind(host, pool, name)
        size = host.volumes.physical(pool, name)
        if kind not in DISK_KINDS:
            return Found(name, size, layer, [], f"It is {WORDS[kind]}, not a disk.")
        layer["format"] = kind
        head = host.volumes.piece(pool, name, 0, min(LOOK_BYTES, size))
        extents, problem = _needs(kind, head, names)
        if extents:
            layer["keep_name"] = name
            size += sum(host.volumes.physical(pool, extent) for extent in extents if extent in names)
        return Found(name, size, layer, extents, problem)

    def _package(self, host: Host, source: Spot) -> tuple[Appliance, list[Found]]:
        reader = PackageFile(VolumeFile(host, source.pool, source.volume), 4096)
        try:
            with tarfile.open(fileobj=reader, mode="r:") as archive:
                members = {m.name: m for m, _ in zip(archive, range(MOST_MEMBERS), strict=False) if m.isreg()}
                described = next((m for name, m in members.items() if name.lower().endswith(".ovf")), None)
                if described is None or described.size > TEXT_BYTES:
                    raise field_problem(source.pointer, f"{source.volume} holds no description of a machine (.ovf).")
                file = archive.extractfile(described)
                text = file.read().decode("utf-8", errors="replace") if file else ""
        except (tarfile.TarError, RecursionError, ValueError) as error:
            raise field_problem(source.pointer, f"{source.volume} is damaged: {error}") from error
        machine = read_ovf(text)
        fit_for_windows(machine)
        return machine, [self._member(host, source, members.get(each.file), each.file) for each in machine.disks]

    def _member(self, host: Host, source: Spot, member: tarfile.TarInfo | None, name: str) -> Found:
        layer: dict[str, Any] = {"pool": source.pool, "volume": source.volume, "format": "vmdk"}
        if member is None:
            return Found(name, 0, layer, [], "The package does not hold it.")
        head = host.volumes.piece(source.pool, source.volume, member.offset_data, min(LOOK_BYTES, member.size))
        kind = kind_of(head, b"", name)
        layer |= {"format": kind, "offset": member.offset_data, "length": member.size}
        if kind not in DISK_KINDS:
            return Found(name, member.size, layer, [], f"It is {WORDS[kind]}, not a disk.")
        extents, problem = _needs(kind, head, [])
        return Found(name, member.size, layer, [], problem or ("It consists of several files." if extents else None))


def _needs(kind: SourceKind, head: bytes, there: list[str]) -> tuple[list[str], str | None]:
    """The further files of an image, and why it cannot be read."""
    if kind == "qcow2":
        header = read_qcow2(head)
        if header and (header.backing is not None or header.external_data):
            return [], "It stands on another file of the host, which is not taken along."
    described = vmdk_descriptor(head) if kind == "vmdk" else None
    if described is None:
        return [], None
    if described.has_parent:
        return [], "It holds only what differs from another disk: consolidate its snapshots first."
    if not described.extents or any(not is_plain(name) for name in described.extents):
        return [], "It names files outside of its folder."
    missing = [name for name in described.extents if name not in there]
    return list(described.extents), f"The pool lacks {', '.join(missing)}: upload it there too." if missing else None


def fit_for_windows(machine: Appliance) -> None:
    """Windows starts only from disks whose driver it has: not from virtio, unless it was made ready for it."""
    if not (machine.system or "").startswith("win") and "windows" not in machine.guest.lower():
        return
    for disk in machine.disks:
        disk.bus = "sata"
    for nic in machine.nics:
        nic.model = "e1000e"
    machine.notes.append(Note(kept=True, text="Its disks are attached by SATA: Windows has no driver for virtio."))
