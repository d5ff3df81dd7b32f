"""Moving disks of a machine to another pool, running or off, as a job that outlives this process.

QEMU copies it (block copy) and switches over at once when both are equal; where the machine is off, a QEMU is opened
for it that does not let the guest run. Each step looks first whether it is done, so a restart goes on where it was.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

from pydantic import Field

from ...access import User
from ...jobs import Job, JobHandle, Jobs
from ...model.create import Strict, VolumeName
from ...model.devices import Disk, Placed, find
from ...model.installing import pending
from ...model.snapshot import disk_copy, files_of, free_name, point
from ...model.storage import formats_of, is_thin, read_pool, volume_xml
from ...model.xml import XmlText, diff, digest, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import FieldError, Problem
from ..changing.changing import changed_meanwhile
from ..faults import Faults
from ..patience import patiently
from ..snapshots.reading import Machine, Machines
from ..storage.blockwork import BlockWork
from ..storage.storage import Storage, no_space

KIND = "move-disk"
LIES_THERE = "It lies there already, in this format."
BLOCK_POOLS = ("logical", "disk", "zfs")
ENDS = {"qcow2": ".qcow2", "raw": ".img"}


class DiskMove(Strict):
    """Where a disk goes. `format` None keeps its format where the pool can; the source is deleted only if asked."""

    pool: XmlText
    volume: VolumeName | None = None
    format: Literal["qcow2", "raw"] | None = None
    keep_source: bool = True
    bandwidth_mib_s: int | None = Field(None, ge=1, le=1_000_000)


class DisksMove(Strict):
    """Where disks of a machine go, one after the other; `disks` are their targets, such as `vda`.

    `format` None keeps the format of each where the pool can; the sources are deleted only if asked.
    """

    pool: XmlText
    disks: list[XmlText] = Field(min_length=1, max_length=64)
    format: Literal["qcow2", "raw"] | None = None
    keep_source: bool = True
    bandwidth_mib_s: int | None = Field(None, ge=1, le=1_000_000)

    def one(self) -> DiskMove:
        """What is asked for each of them."""
        return DiskMove(**self.model_dump(exclude={"disks"}))


@dataclass(frozen=True)
class Moving:
    """A disk on its way. `drop`: pool and name of the source, where it is deleted at the end."""

    target: str
    source: str
    pool: str
    name: str
    path: str
    format: str
    capacity: int
    allocated: int
    block: bool
    off: bool
    limit: int
    drop: tuple[str, str] | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Moving:
        """One disk of what a job was about."""
        drop = params["drop"]
        return cls(**{**params, "drop": tuple(drop) if drop else None})

    @property
    def room(self) -> int:
        """Bytes that the pool needs for it at least."""
        return self.capacity if self.block or self.format == "raw" else self.allocated

    @property
    def xml(self) -> str:
        """The copy as QEMU is to write it."""
        return disk_copy(self.path, self.format, block=self.block)


class _Source(NamedTuple):
    """A disk that is to move: its file or device, and its sizes in bytes."""

    disk: Disk
    path: str
    capacity: int
    allocated: int


class DiskMoves:
    """Moves disks between the pools of a host."""

    def __init__(self, machines: Machines, storage: Storage, jobs: Jobs) -> None:
        self._machines = machines
        self._storage = storage
        jobs.adopt(KIND, self._adopt)

    def move(self, host: str, uuid: str, device: str, body: DiskMove, if_match: str | None, user: User) -> Change[Job]:
        """Move a disk; the job that does it and takes another bandwidth while it runs."""
        machine = self._machines.ready(host, uuid)
        if if_match not in (None, "*", digest(machine.saved)):
            raise changed_meanwhile(machine.name)
        placed = find(machine.now, device)
        if placed is None:
            raise Problem("not-found", f"The machine has no device {device}.", cure="Look at its devices again.")
        return self._change(machine, [self._prepare(machine, placed, body, [])], user)

    def move_several(self, host: str, uuid: str, body: DisksMove, if_match: str | None, user: User) -> Change[Job]:
        """Move disks one after the other; the job that does it. What has moved stays where another then fails."""
        machine = self._machines.ready(host, uuid)
        if if_match not in (None, "*", digest(machine.saved)):
            raise changed_meanwhile(machine.name)
        faults, moves = Faults(), list[Moving]()
        for number, target in enumerate(body.disks):
            placed = find(machine.now, f"disk-{target}")
            if placed is None or target in body.disks[:number]:
                faults.add(f"/disks/{number}", f"The machine has no {'other ' if placed else ''}disk {target}.")
                continue
            try:
                moves.append(self._prepare(machine, placed, body.one(), moves))
            except Problem as problem:
                _note(faults, number, problem)
        faults.check()
        return self._change(machine, moves, user)

    def _change(self, machine: Machine, moves: list[Moving], user: User) -> Change[Job]:
        work = partial(self._work, machine, moves)
        return self._machines.change(
            KIND, machine, user, _plan(machine, moves), work, {"disks": list(map(asdict, moves))}
        )

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        return self._work(self._machines.adopt(job, handle), list(map(Moving.of, params["disks"])), handle)

    def _work(self, machine: Machine, moves: list[Moving], handle: JobHandle) -> dict[str, Any]:
        host, first = machine.host, moves[0]
        patiently(handle, host, lambda: host.pools.refresh(first.pool))
        work, moved = BlockWork(host, machine.uuid, handle, limit_mib_s=first.limit), list[str]()
        try:
            with work.awake(off=first.off):
                for number, moving in enumerate(moves):
                    _make(machine, moving, handle, moved)
                    work.share = (number / len(moves), 1 / len(moves))
                    words = "Copying the disk" if len(moves) == 1 else f"Copying disk {number + 1} of {len(moves)}"
                    work.copy(moving.target, moving.path, moving.xml, words)
                    moved.append(moving.target)
                    self._arrived(machine, moving, handle)
        except Problem as problem:
            if not moved:
                raise
            words = f"{problem.detail} Before that {', '.join(moved)} had moved."
            raise Problem(problem.slug, words, cure=problem.cure, raw=problem.raw) from problem
        return {"disks": [_told(moving) for moving in moves]}

    def _arrived(self, machine: Machine, moving: Moving, handle: JobHandle) -> None:
        """The machine uses the copy: write it down, and delete the source where that was asked for."""
        _settle(machine, moving)
        handle.log(f"{moving.target} is {moving.path} now")
        self._machines.look_again(machine, pools=[moving.pool])
        if moving.drop:
            self._drop(machine, moving, moving.drop, handle)

    def _drop(self, machine: Machine, moving: Moving, drop: tuple[str, str], handle: JobHandle) -> None:
        users = self._storage.guard.others(machine.host.id, drop[0], moving.source)
        if users:
            handle.log(f"{moving.source} stays: {', '.join(users)} uses it.")
            return
        try:
            machine.host.volumes.delete(*drop)
        except Problem as problem:
            if problem.slug != "not-found":  # as after a restart
                handle.log(f"{moving.source} could not be deleted: {problem.detail}")
        self._machines.look_again(machine, pools=[drop[0]])

    # -- planning

    def _prepare(self, machine: Machine, placed: Placed, body: DiskMove, before: list[Moving]) -> Moving:
        """How a disk moves, after those before it."""
        disk = placed.device
        if not isinstance(disk, Disk):
            raise Problem("unsupported", f"{disk.title} is no disk.")
        source = _movable(machine, disk)
        faults = Faults()
        at = machine.host.volumes.at(source)
        capacity = at[1].capacity if at else 0
        if machine.row.active:
            capacity = machine.host.domains.block_size(machine.uuid, disk.target)
        if not capacity:
            raise Problem("unsupported", f"{source} is in no running pool, so its size is not known.")
        if at and not body.keep_source:
            self._refuse_needed(machine, at[0], source, faults)
        if not at and not body.keep_source:
            faults.add("/keep_source", f"{source} is in no running pool, so it cannot be deleted here.")
        found = _Source(disk, source, capacity, min(at[1].allocation, capacity) if at else capacity)
        moving = self._goal(machine, found, body, faults, before)
        faults.check()
        assert moving is not None  # noqa: S101 - without one there was a fault
        drop = (at[0], at[1].name) if at and not body.keep_source else None
        return Moving(**{**asdict(moving), "drop": drop})

    def _goal(
        self, machine: Machine, found: _Source, body: DiskMove, faults: Faults, before: list[Moving]
    ) -> Moving | None:
        disk, source, capacity, allocated = found
        host = machine.host.id
        try:
            row = self._storage.running(host, body.pool)
        except Problem as problem:
            slug = "invalid-input" if problem.slug == "not-found" else problem.slug
            faults.add("/pool", " ".join(filter(None, (problem.detail, problem.cure))), slug)
            return None
        facts = read_pool(machine.host.pools.xml(row.uuid))
        block = facts.type in BLOCK_POOLS
        if not block and not is_thin(facts.type):
            faults.add("/pool", f"A pool of type {facts.type} cannot take the disk of a running QEMU.", "unsupported")
        form = _form(disk, body, facts.type, faults)
        folder = (facts.path or "").rstrip("/")
        if posixpath.dirname(source) == folder and form == disk.format:
            faults.add("/pool", LIES_THERE)
        taken = {*machine.host.volumes.names(row.name), *(moving.name for moving in before)}
        name = body.volume or free_name(*_stem(source, form, block=block), taken)
        if name in taken:
            faults.add("/volume", f"The pool has a volume “{name}” already.", "name-taken")
        moving = Moving(
            target=disk.target,
            source=source,
            pool=row.name,
            name=name,
            path=f"{folder}/{name}",
            format=form,
            capacity=capacity,
            allocated=allocated,
            block=block,
            off=not machine.row.active,
            limit=body.bandwidth_mib_s or 0,
            drop=None,
        )
        needed = sum(each.room for each in (*before, moving))
        if needed > row.available:
            faults.take("/pool", no_space("/pool", row, needed))
        return moving

    def _refuse_needed(self, machine: Machine, pool: str, source: str, faults: Faults) -> None:
        frozen = [each.name for each in machine.snapshots if source in each.frozen.values()]
        needed = self._storage.guard.others(machine.host.id, pool, source, but=machine.name) or frozen
        if needed:
            faults.add("/keep_source", f"{source} must stay: {', '.join(needed)} needs it.", "in-use")


def _form(disk: Disk, body: DiskMove, pool_type: str, faults: Faults) -> str:
    """The format of the copy: as asked, else its own where the pool can."""
    forms = formats_of(pool_type)
    form = body.format or (disk.format if disk.format in forms else forms[0]) or "raw"
    if form not in forms:
        faults.add("/format", f"A pool of type {pool_type} holds {', '.join(forms)} only.")
    return form


def _movable(machine: Machine, disk: Disk) -> str:
    """The file or device of a disk that can be moved; Problem with the reason where it cannot."""
    path = machine.active.get(disk.target)
    why, cure = None, None
    if disk.device != "disk" or disk.readonly:
        why = "It is no disk that the guest writes to."
    elif path is None:
        why, cure = "It is no file or block device of this host.", "Disks that are named by their pool have no path."
    elif disk.shareable:
        why = "Other machines may write to it meanwhile."
    elif any(each.kind != "external" for each in machine.snapshots):
        why, cure = "It holds internal snapshots, which a copy would not have.", "Delete the snapshots first."
    elif not machine.row.active and pending(machine.saved):
        why, cure = "Its installation is still to come.", "Start it first."
    if why or path is None:
        raise Problem("unsupported", f"{disk.title} cannot be moved. {why}", cure=cure)
    return path


def _stem(source: str, form: str, *, block: bool) -> tuple[str, str]:
    """The parts of the name that the copy would like: its own, with the ending of its format."""
    stem, end = posixpath.splitext(posixpath.basename(source))
    known = end in (".qcow2", ".img", ".raw")
    return (stem if known else stem + end), "" if block else ENDS[form]


def _note(faults: Faults, number: int, problem: Problem) -> None:
    """Why one of several disks cannot move: at that disk, or where it holds for all at its field, once."""
    if not problem.errors:
        faults.take(f"/disks/{number}", problem)
    for error in problem.errors:
        told = FieldError(f"/disks/{number}", error.detail) if error.detail == LIES_THERE else error
        if told not in faults.errors:
            faults.add(told.pointer, told.detail, problem.slug)


def _told(moving: Moving) -> dict[str, Any]:
    """What became of a disk."""
    said = {"target": moving.target, "path": moving.path, "source": moving.source}
    return said | {"source_deleted": moving.drop is not None}


def _settle(machine: Machine, moving: Moving) -> None:
    """Let the saved definition use the copy too, where the switch did not see to it."""
    saved = machine.host.domains.xml(machine.uuid, secure=True)
    root = parse(saved)
    if files_of(root).get(moving.target) == moving.source:
        point(root, {moving.target: moving.path}, moving.format, block=moving.block)
        machine.host.domains.define(dump(root))


def _make(machine: Machine, moving: Moving, handle: JobHandle, moved: list[str]) -> None:
    """Make the volume that is copied into, which goes again where the machine comes not to use it.

    Somebody else may have made one of this name since the plan, while other disks moved: that one is not touched.
    """
    volumes, begun = machine.host.volumes, handle.job.details.get("begun", [])
    if moving.target not in begun:
        handle.progress(handle.job.progress, begun=[*begun, moving.target])
        handle.log(f"{moving.target} goes to {moving.path}")  # is written down at once, with the above
    if moving.target not in begun or moving.name not in volumes.names(moving.pool):
        form = None if moving.block else moving.format
        volumes.create(moving.pool, volume_xml(moving.name, moving.capacity, form))
    handle.undo.callback(_take_back, machine, moving, handle, moved)


def _take_back(machine: Machine, moving: Moving, handle: JobHandle, moved: list[str]) -> None:
    """Remove what was copied, unless the machine uses it already; what has moved stays whatever becomes of it."""
    if moving.target in moved:
        return
    domains = machine.host.domains
    definitions = [domains.xml(machine.uuid, live=live) for live in (False, True)] if domains.row(machine.uuid) else []
    if any(moving.path in files_of(parse(xml)).values() for xml in definitions):
        return
    try:
        machine.host.volumes.delete(moving.pool, moving.name)
    except Problem as problem:
        handle.log(f"The copy {moving.path} could not be removed: {problem.detail}")


def _plan(machine: Machine, moves: list[Moving]) -> Plan:
    after, first = parse(dump(machine.saved)), moves[0]
    for moving in moves:
        point(after, {moving.target: moving.path}, moving.format, block=moving.block)
    warnings = [f"{moving.source} is deleted once the machine uses the copy." for moving in moves if moving.drop]
    if machine.snapshots:
        warnings.append("The files of its snapshots stay where they are; the copy is whole without them.")
    notes = ["It can be cancelled until both are equal; the machine then goes on as before."]
    if len(moves) > 1:
        notes = ["They move one after the other. It can be cancelled meanwhile; those that have moved stay there."]
    if first.off:
        notes.append("The machine is off: QEMU opens its disks for the copy, without letting the guest run.")
    return Plan(
        xml_diff=diff(machine.saved, after),
        commands=_commands(machine, moves),
        effects=[Effect(field="source", when="live")],
        warnings=warnings,
        notes=notes,
    )


def _commands(machine: Machine, moves: list[Moving]) -> list[str]:
    word = machine.word
    found = [shlex.join(["virsh", "start", word, "--paused"])] if moves[0].off else []
    found += [command for moving in moves for command in _copy_commands(word, moving)]
    found += [shlex.join(["virsh", "destroy", word])] if moves[0].off else []
    return found + [shlex.join(["virsh", "vol-delete", "--pool", *moving.drop]) for moving in moves if moving.drop]


def _copy_commands(word: str, moving: Moving) -> list[str]:
    form = [] if moving.block else ["--format", moving.format]
    words = ["--dest", moving.path, "--format", moving.format, "--reuse-external", "--transient-job"]
    words += ["--blockdev"] if moving.block else []
    words += ["--bandwidth", str(moving.limit)] if moving.limit else []
    return [
        shlex.join(["virsh", "vol-create-as", moving.pool, moving.name, f"{moving.capacity}B", *form]),
        shlex.join(["virsh", "blockcopy", word, moving.target, *words, "--wait", "--pivot"]),
    ]
