"""The disks of a clone: where the data lies, and what becomes of each."""

from __future__ import annotations

import posixpath
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from ...hypervisor.host import Host
from ...hypervisor.volumes import VolumeRow
from ...model.clone import CloneDisk, DiskAct, DomainClone, copy_name, top_name
from ...model.devices import Disk, devices
from ...model.moving import lent_pool
from ...model.pool_acts import refusals_of
from ...model.storage import BLOCK_POOLS, FILE_POOLS, formats_of, read_pool, read_volume
from ...model.xml import Element
from ...problems import FieldError, Problem
from ..faults import Faults
from .storage import no_space

Way = Literal["stream", "libvirt"]


@dataclass(frozen=True)
class Origin:
    """Where the data of a disk lies. `lent`: it lies in no pool, so one is lent to its folder for the time."""

    pool: str
    volume: str
    path: str
    format: str
    block: bool
    capacity: int
    allocation: int
    backing: str | None
    lent: str | None = None
    encrypted: bool = False


@dataclass(frozen=True)
class DiskCopy:
    """A disk that the clone gets as its own: a copy or an overlay of `origin`, as a new volume.

    `way`: by our own reading and writing, which can be cancelled at once; or by libvirt, which converts. `inside`: of
    what a snapshot inside the image holds, which an errand takes out of it.
    """

    target: str
    act: Literal["copy", "link"]
    origin: Origin
    pool: str
    name: str
    path: str
    format: str
    block: bool
    way: Way
    inside: str | None = None


@dataclass(frozen=True)
class Overlay:
    """A file in which a disk of the original goes on, so that the file below stands still."""

    target: str
    pool: str
    name: str
    path: str
    below: str
    format: str
    block: bool
    lent: str | None

    def params(self) -> dict[str, Any]:
        """As parameters of a job."""
        return asdict(self)


@dataclass
class Chosen:
    """What becomes of all disks."""

    copies: list[DiskCopy]
    skipped: set[str]
    warnings: list[str]


@dataclass
class Promised:
    """What the pools no longer have for a clone, as others that are planned with it take it: names, and bytes."""

    names: dict[str, set[str]] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)


class DiskChooser:
    """Decides about the disks of one machine; touches nothing. What they take is added to `promised`."""

    def __init__(
        self, host: Host, uuid: str, request: DomainClone, name: str, faults: Faults, promised: Promised
    ) -> None:
        self._host = host
        self._uuid = uuid
        self._request = request
        self._name = name
        self._faults = faults
        self._promised = promised

    def choose(self, saved: Element, live: Element | None, original: str) -> Chosen:
        """What becomes of each disk of the saved definition."""
        disks = [each for each in devices(saved) if isinstance(each, Disk)]
        running = {each.target: each for each in devices(live) if isinstance(each, Disk)} if live is not None else {}
        chosen = Chosen([], set(), [])
        self._check_names(disks)
        for disk in disks:
            wish, pointer = self._wish(disk)
            act = wish.act or self._usual(disk)
            try:
                self._one(running.get(disk.target, disk), wish, act, original, chosen, running=bool(running))
            except Problem as problem:
                self._faults.take(pointer, problem)
        return chosen

    def _check_names(self, disks: list[Disk]) -> None:
        known = [disk.target for disk in disks]
        asked = [disk.target for disk in self._request.disks]
        for number, target in enumerate(asked):
            if target not in known:
                self._faults.add(f"/disks/{number}/target", f"The machine has no disk {target}.")
            elif target in asked[:number]:
                self._faults.add(f"/disks/{number}/target", f"{target} is named twice.")

    def _wish(self, disk: Disk) -> tuple[CloneDisk, str]:
        for number, wish in enumerate(self._request.disks):
            if wish.target == disk.target:
                return wish, f"/disks/{number}"
        return CloneDisk(target=disk.target), "/disks"

    def _usual(self, disk: Disk) -> DiskAct:
        """virt-clone's rule: what is read-only, shared or not there stays as it is."""
        if disk.readonly or disk.shareable or disk.device not in ("disk", "floppy") or not disk.content:
            return "share"
        return "copy" if self._request.mode == "full" or disk.device == "floppy" else "link"

    def _one(self, disk: Disk, wish: CloneDisk, act: DiskAct, original: str, chosen: Chosen, *, running: bool) -> None:
        if act == "skip":
            chosen.skipped.add(disk.target)
        elif act == "share":
            if disk.content and disk.device in ("disk", "floppy", "lun") and not (disk.readonly or disk.shareable):
                chosen.warnings.append(
                    f"Both machines write {disk.content} ({disk.target}): run only one of them, or its data is lost."
                )
        else:
            copy = self._copy(disk, wish, act, original)
            if copy.origin.encrypted:
                _check_encrypted(copy, running=running)
                chosen.warnings.append(
                    f"{disk.target} stays encrypted: the clone opens it by the same passphrase and secret of libvirt."
                )
            chosen.copies.append(copy)

    def _copy(self, disk: Disk, wish: CloneDisk, act: Literal["copy", "link"], original: str) -> DiskCopy:
        origin = self.origin(disk)
        pool = wish.pool or (origin.pool if origin.lent is None else "default")
        facts = read_pool(self._host.pools.xml(pool))
        if reason := refusals_of(facts.type).get("create"):
            raise Problem("unsupported", reason)
        offered = formats_of(facts.type)
        form = "qcow2" if act == "link" else origin.format if origin.format in (*offered, "raw") else offered[0]
        if form not in offered:
            raise Problem("unsupported", f"An overlay is a qcow2 file; a pool of type {facts.type} holds none.")
        block = facts.type in BLOCK_POOLS
        suffix = "" if block else ".qcow2" if form == "qcow2" and not origin.volume.endswith(".qcow2") else None
        taken = self._promised.names.setdefault(pool, set(self._host.volumes.names(pool)))
        if wish.volume and wish.volume in taken:
            raise Problem("name-taken", f"The pool {pool} has a volume {wish.volume} already.")
        name = wish.volume or copy_name(origin.volume, original, self._name, taken, suffix)
        taken.add(name)
        if act == "copy":
            self._check_space(pool, origin, thin=not block)
        way = way_of(self._host, origin, form, facts.type) if act == "copy" else "stream"
        path = posixpath.join(facts.path or "", name)
        return DiskCopy(disk.target, act, origin, pool, name, path, form, block, way)

    def _check_space(self, pool: str, origin: Origin, *, thin: bool) -> None:
        row = self._host.pools.row(pool)
        needed = self._promised.bytes.get(pool, 0) + (origin.allocation if thin else origin.capacity)
        self._promised.bytes[pool] = needed
        if needed > row.available:
            problem = no_space("", row, needed)
            raise Problem("no-space", problem.detail, errors=[FieldError("/disks", problem.detail)])

    def origin(self, disk: Disk) -> Origin:
        """Where the data of a disk lies; Problem where it cannot be read."""
        source, form = disk.source, disk.format or "raw"
        if source.type == "volume" and source.pool and source.volume:
            pool, row = source.pool, self._host.volumes.row(source.pool, source.volume)
        elif not disk.path:
            raise Problem(
                "unsupported",
                f"{disk.title} lies on another server, where libvirt does not copy it.",
                cure="Share it, or leave it out.",
            )
        else:
            found = self._at(disk.path)
            if found is None:
                return self._outside(disk, form)
            pool, row = found
        origin = origin_of(self._host, pool, row, form)
        return replace(origin, encrypted=origin.encrypted or disk.encryption is not None)

    def _at(self, path: str) -> tuple[str, VolumeRow] | None:
        """The volume at a path; a pool that does not know its newest files reads them again."""
        found = self._host.volumes.at(path)
        if found is not None or self._host.is_test:
            return found
        for row in self._host.pools.rows():
            if row.state == "running" and read_pool(self._host.pools.xml(row.uuid)).path == posixpath.dirname(path):
                self._host.pools.refresh(row.uuid)
        return self._host.volumes.at(path)

    def _outside(self, disk: Disk, form: str) -> Origin:
        path = disk.path or ""
        if path.startswith("/dev/") or self._host.is_test:
            raise Problem(
                "unsupported", f"{path} lies in no pool.", cure="Make a pool of it, share it, or leave it out."
            )
        folder, name = posixpath.split(path)
        size = self._host.domains.block_size(self._uuid, disk.target)
        encrypted = disk.encryption is not None
        return Origin(lent_pool(folder)[0], name, path, form, False, size, 0, None, folder, encrypted)


def _check_encrypted(copy: DiskCopy, *, running: bool) -> None:
    """A Problem where something of it would lie in clear, or in another form."""
    if copy.act == "link":
        detail = f"{copy.target} is encrypted, and what stands on it would lie in clear."
        raise Problem("unsupported", detail, cure="Clone it in full.")
    if running:
        detail = f"{copy.target} is encrypted, and what the guest writes during the copy would lie in clear."
        raise Problem("unsupported", detail, cure="Turn the machine off first, or leave this disk out.")
    if copy.way != "stream":
        detail = f"{copy.target} is encrypted, so it is copied as it is, into a pool of files only."
        raise Problem("unsupported", detail, cure="Choose such a pool, or leave this disk out.")


def way_of(host: Host, origin: Origin, form: str, pool_type: str) -> Way:
    """How the content of a volume gets into one of this format, in a pool of this type."""
    if host.is_test:
        return "libvirt"
    plain = form == origin.format and origin.backing is None
    if plain and not origin.block and pool_type in FILE_POOLS:
        return "stream"
    known = read_volume(host.volumes.xml(origin.pool, origin.volume)).format if origin.lent is None else ""
    if known != origin.format:  # its guest could have written that header, to be shown other files of the host
        raise Problem(
            "unsupported",
            f"The machine uses {origin.volume} as {origin.format}, but it looks like {known or 'another'}.",
            cure="Copy it into a pool of files, as it is.",
        )
    return "libvirt"


def origin_of(host: Host, pool: str, row: VolumeRow, form: str) -> Origin:
    """A volume as the origin of a copy."""
    facts = read_volume(host.volumes.xml(pool, row.name))
    return Origin(
        pool=pool,
        volume=row.name,
        path=row.path,
        format=form,
        block=row.type == "block",
        capacity=row.capacity,
        allocation=row.allocation,
        backing=facts.backing if form != "raw" else None,
        encrypted=facts.encrypted,
    )


def overlay_of(target: str, origin: Origin, room: tuple[str, str] | None, token: str, *, lasting: bool) -> Overlay:
    """Where the original goes on while, or after, a copy is made of its disk.

    `room`: pool and folder for the writes of a disk that is no file; None where the copy goes into no pool of files.
    """
    name = top_name(origin.volume, "top" if lasting else "writes", token)
    if origin.block:
        if room is None:
            raise Problem(
                "unsupported",
                f"While {origin.volume} is copied, its machine must write elsewhere: that needs a pool of files.",
                cure="Copy it into such a pool, or turn the machine off first.",
            )
        (pool, folder), lent = room, None
    else:
        folder, pool, lent = posixpath.dirname(origin.path), origin.pool, origin.lent
    path = posixpath.join(folder, name)
    return Overlay(target, pool, name, path, origin.path, origin.format, origin.block, lent)
