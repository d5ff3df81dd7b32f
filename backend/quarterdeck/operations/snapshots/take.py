"""Taking snapshots: which kind, what it costs, and the job that does it."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from ...access import User
from ...jobs import Job, JobHandle, Jobs
from ...model.snapshot import Kept, Overlay, files_of, formats_of, free_name, new_snapshot, plain, point, targets_of
from ...model.snapshot_choice import (
    Kind,
    better,
    external_refusal,
    internal_refusal,
    memory_refusal,
    options,
    quiesce_refusal,
)
from ...model.states import StateFiles, state_files
from ...model.units import human_size
from ...model.xml import Element, diff, dump, parse
from ...plan import Change, Effect, Plan, take_back
from ...problems import FieldError, Problem
from ..patience import cancellable, reread
from ..storage.quiescing import agent_asked, let_write
from . import beside
from .reading import Machine, Machines, idle, one_of
from .request import SnapshotCreate

KIND = "take-snapshot"
MIB = 1 << 20
UNSEEN = ("host-lost", "host-refused", "timed-out")
"""After these nobody knows yet whether it was taken."""


@dataclass(frozen=True)
class Traces:
    """What is made for a snapshot, which goes again where it is not taken."""

    name: str
    copies: StateFiles
    overlays: tuple[str, ...]
    memory_file: str | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Traces:
        """What a job made."""
        copies, overlays = StateFiles(**params["copies"]), tuple(params["overlays"])
        return cls(params["name"], copies, overlays, params["memory_file"])

    @property
    def files(self) -> list[str]:
        """Those that libvirt makes."""
        return [*self.overlays, *([self.memory_file] if self.memory_file else [])]


@dataclass(frozen=True)
class Taking:
    """A snapshot that is about to be taken. `overlays` None: internal."""

    name: str
    description: str | None
    kind: Kind
    why: str
    memory: bool
    quiesce: bool
    targets: tuple[str, ...]
    overlays: tuple[Overlay, ...] | None
    memory_file: str | None
    copies: StateFiles

    @property
    def xml(self) -> str:
        """What libvirt is asked for."""
        return new_snapshot(
            self.name, self.description, self.targets, overlays=self.overlays, memory_file=self.memory_file
        )

    @property
    def traces(self) -> Traces:
        """What it makes besides itself."""
        overlays = tuple(overlay.path for overlay in self.overlays or ())
        return Traces(self.name, self.copies, overlays, self.memory_file)

    @property
    def disk_only(self) -> bool:
        """Whether no memory is in it although it is external."""
        return self.overlays is not None and self.memory_file is None


class Takes:
    """Takes snapshots."""

    def __init__(self, machines: Machines, jobs: Jobs) -> None:
        self._machines = machines
        jobs.adopt(KIND, self._adopt)

    def take(self, host: str, uuid: str, body: SnapshotCreate, user: User) -> Change[Job]:
        """Take a snapshot; the job that does it."""
        machine = self._machines.ready(host, uuid)
        taking = prepare(machine, body)
        work, can_cancel = partial(self._work, machine, taking), machine.row.active and taking.memory_file is not None
        params = asdict(taking.traces) | {"quiesce": taking.quiesce}
        return self._machines.change(KIND, machine, user, plan(machine, taking), work, params, can_cancel=can_cancel)

    def _work(self, machine: Machine, taking: Taking, handle: JobHandle) -> dict[str, Any]:
        handle.progress(None, f"Taking the {taking.kind} snapshot {taking.name}", phase="snapshot")
        handle.check()
        with cancellable(handle, machine.host, machine.uuid):
            made = carry_out(machine, taking, handle)
        if made != taking.copies:
            handle.log("What it keeps of UEFI variables and a TPM is not there yet: both come with its first start.")
        self._machines.look_again(machine, pools=_pools(machine, taking))
        return _result(one_of(machine.host.snapshots.all(machine.uuid), taking.name))

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """See a snapshot to its end that libvirt went on with."""
        with cancellable(handle, self._machines.adopt(job, handle).host, job.target):
            machine = self._machines.adopt_idle(job, handle, "libvirt goes on taking the snapshot", "snapshot")
        try:
            found = settle(machine, Traces.of(params), handle)
        except Problem:
            if params.get("quiesce"):
                let_write(machine.host, machine.uuid, handle)
            raise
        self._machines.look_again(machine, pools=machine.pools.values())
        return _result(found)


def _result(kept: Kept) -> dict[str, Any]:
    return {"name": kept.name, "kind": kept.kind, "created": kept.xml.created}


def carry_out(machine: Machine, taking: Taking, handle: JobHandle) -> StateFiles:
    """Take it; the copies beside it. Files of one that failed are removed."""
    try:
        with agent_asked(machine.host, machine.uuid, handle, quiesce=taking.quiesce):
            made = _make(machine, taking)
        beside.note(machine, taking.name, made)
    except Problem as problem:
        if problem.slug not in UNSEEN:
            raise
        idle(machine, handle, "libvirt goes on taking the snapshot", "snapshot")
        return settle(machine, taking.traces, handle).copies
    return made


def _make(machine: Machine, taking: Taking) -> StateFiles:
    try:
        made = beside.keep(machine, taking.copies)
        machine.host.snapshots.create(
            machine.uuid,
            taking.xml,
            disk_only=taking.disk_only and not machine.host.is_test,
            live=taking.memory_file is not None and machine.row.state == "running",
            quiesce=taking.quiesce,
        )
    except Problem as problem:
        if problem.slug not in UNSEEN:
            take_back(_clear, machine, taking.traces)
        raise
    return made


def settle(machine: Machine, traces: Traces, handle: JobHandle) -> Kept:
    """The snapshot, with its copies noted, of which nobody saw whether it was taken; Problem where it was not.

    What was made for it is then removed, but files that QEMU may write to.
    """
    host = machine.host
    kept = next((each for each in host.snapshots.all(machine.uuid) if each.name == traces.name), None)
    if kept is None:
        row = host.domains.row(machine.uuid)
        take_back(_clear, machine, traces, handle if row and row.active else None)
        raise Problem("interrupted", f"The snapshot {traces.name} was not taken. The machine is as it was.")
    if traces.copies.paths and not kept.copies.paths:
        there = [path for path in traces.copies.paths if machine.states.read(host, path)]
        beside.note(machine, traces.name, traces.copies.among(there))
    return one_of(host.snapshots.all(machine.uuid), traces.name)


def _clear(machine: Machine, traces: Traces, unsure: JobHandle | None = None) -> None:
    """Remove what was made; `unsure` is told of what stays as QEMU may write to it without libvirt's knowing."""
    beside.clear(machine, traces.copies)
    used = set(files_of(parse(machine.host.domains.xml(machine.uuid, live=machine.row.active))).values())
    for pool in {pool for path in traces.files if (pool := machine.pool_of(path))}:
        reread(machine.host, pool)
        there = machine.host.volumes.names(pool)
        for path in traces.files:
            folder, name = posixpath.split(path)
            if machine.pools.get(folder) != pool or path in used or name not in there:
                continue
            if unsure and path in traces.overlays:
                unsure.log(f"{path} stays, as QEMU may use it: remove it once the machine was off.")
            else:
                take_back(machine.host.volumes.delete, pool, name)


def _pools(machine: Machine, taking: Taking) -> set[str]:
    paths = [*(overlay.path for overlay in taking.overlays or ()), *taking.copies.paths]
    return {pool for path in paths if (pool := machine.pool_of(path))}


# -- planning


def prepare(machine: Machine, body: SnapshotCreate) -> Taking:
    """What is to be taken; Problem with all fields at fault."""
    facts = machine.facts
    memory = body.memory if body.memory is not None else memory_refusal(facts) is None
    chosen, why = better(facts, memory=memory, targets=body.disks)
    kind: Kind = body.kind if body.kind != "auto" else chosen or "internal"
    name = body.name or options(facts, [each.name for each in machine.snapshots]).name
    _check(machine, body, name, kind, memory, why if chosen is None else None)
    targets = body.disks or facts.targets
    overlays = tuple(_overlays(machine, name, targets)) if kind == "external" else None
    inside = memory and kind == "internal"
    return Taking(
        name=name,
        description=body.description,
        kind=kind,
        why=why if kind == chosen else "",
        memory=memory,
        quiesce=body.quiesce,
        targets=tuple(targets_of(machine.now)),
        overlays=overlays,
        memory_file=_memory_file(machine, name, overlays) if memory and overlays else None,
        copies=StateFiles() if inside else beside.copies(machine, name, targets[0]),
    )


def _check(machine: Machine, body: SnapshotCreate, name: str, kind: Kind, memory: bool, impossible: str | None) -> None:
    facts, errors = machine.facts, []
    if name in {each.name for each in machine.snapshots}:
        errors.append(FieldError("/name", f"The machine has a snapshot “{name}” already."))
    unknown = [target for target in body.disks or () if target not in facts.targets]
    if unknown:
        errors.append(FieldError("/disks", f"The machine has no disk {unknown[0]} that a snapshot could hold."))
    if body.memory and (refusal := memory_refusal(facts)):
        errors.append(FieldError("/memory", refusal))
    if kind == "internal":
        refusal = impossible or internal_refusal(facts, memory=memory, targets=body.disks)
    else:
        refusal = external_refusal(facts, targets=body.disks)
    if refusal and not unknown:
        errors.append(FieldError("/kind", refusal))
    if body.quiesce and (refusal := _quiesce_refusal(machine, kind, memory)):
        errors.append(FieldError("/quiesce", refusal))
    if errors:
        slug = "name-taken" if [e.pointer for e in errors] == ["/name"] else "unsupported"
        raise Problem(slug, errors[0].detail, errors=errors)


def _quiesce_refusal(machine: Machine, kind: Kind, memory: bool) -> str | None:
    if kind == "internal" or memory:
        return "With its memory kept nothing needs to be written to the disks first."
    return quiesce_refusal(machine.facts)


def _overlays(machine: Machine, name: str, targets: list[str]) -> list[Overlay]:
    paths, formats = machine.active, formats_of(machine.now)
    found = []
    for target in targets:
        folder = posixpath.dirname(paths[target])
        taken = [posixpath.basename(path) for path in machine.places]
        file = free_name(f"{plain(machine.name)}-{target}-{plain(name)}", ".qcow2", taken)
        found.append(Overlay(target, paths[target], formats[target], f"{folder}/{file}"))
    return found


def _memory_file(machine: Machine, name: str, overlays: tuple[Overlay, ...]) -> str:
    folder = overlays[0].folder
    needed = machine.facts.memory_mib * MIB
    row = machine.host.pools.row(machine.pools[folder])
    if needed > row.available:
        detail = (
            f"Its memory may take {human_size(needed)}, but the pool {row.name} has only "
            f"{human_size(row.available)} left."
        )
        raise Problem("no-space", detail, cure="Leave the memory out.", errors=[FieldError("/memory", detail)])
    taken = [posixpath.basename(path) for path in machine.places]
    return f"{folder}/{free_name(f'{plain(machine.name)}-{plain(name)}', '.mem', taken)}"


def plan(machine: Machine, taking: Taking) -> Plan:
    """What taking it comes to."""
    return Plan(
        xml_diff=_diff(machine.saved, taking.overlays or ()),
        commands=commands(machine, taking),
        effects=[Effect(field="snapshots", when="live")],
        warnings=list(_warnings(machine, taking)),
        notes=list(_notes(machine, taking)),
    )


def _diff(saved: Element, overlays: tuple[Overlay, ...]) -> str:
    after = parse(dump(saved))
    point(after, {overlay.target: overlay.path for overlay in overlays}, "qcow2")
    return diff(saved, after)


def commands(machine: Machine, taking: Taking) -> list[str]:
    """The equal commands."""
    return [*beside.copy_commands(state_files(machine.now), taking.copies), _command(machine, taking)]


def _command(machine: Machine, taking: Taking) -> str:
    words = ["virsh", "snapshot-create-as", machine.word, "--name", taking.name, "--atomic"]
    words += ["--description", taking.description] if taking.description else []
    words += ["--disk-only"] if taking.disk_only else []
    words += ["--quiesce"] if taking.quiesce else []
    words += ["--live", "--memspec", f"file={taking.memory_file},snapshot=external"] if taking.memory_file else []
    files = {overlay.target: overlay.path for overlay in taking.overlays or ()}
    for target in taking.targets if taking.overlays is not None else ():
        spec = f"{target},snapshot=external,file={files[target]}" if target in files else f"{target},snapshot=no"
        words += ["--diskspec", spec]
    return shlex.join(words)


def _notes(machine: Machine, taking: Taking) -> list[str]:
    found = [taking.why] if taking.why else []
    files = [overlay.path for overlay in taking.overlays or ()]
    if files:
        found.append(f"The disks are frozen as they are, and go on in new files that grow: {', '.join(files)}.")
    if taking.memory_file:
        size = human_size(machine.facts.memory_mib * MIB)
        found.append(f"Up to {size} of memory go into {taking.memory_file}; the guest stops only at the end of it.")
    if taking.copies.paths:
        found.append(f"Also kept, in {' and '.join(taking.copies.paths)}: {beside.words(taking.copies)}.")
    if not machine.row.active:
        found.append("It is off, so nothing pauses.")
    found.append("A later move to another host has to take its snapshots along, which it offers.")
    return found


def _warnings(machine: Machine, taking: Taking) -> list[str]:
    found = []
    size = human_size(machine.facts.memory_mib * MIB)
    if machine.row.active and taking.kind == "internal":
        found.append(f"The guest stands still while up to {size} of memory are written into its first disk.")
    if machine.row.active and taking.disk_only and not taking.quiesce:
        found.append("Going back will be as after a power cut: what the guest has in memory is not in it.")
    if machine.facts.uefi and not (taking.memory or taking.copies.nvram):
        found.append("The UEFI variables are not part of it: going back leaves them as they then are.")
    if machine.facts.tpm and not (taking.memory or taking.copies.tpm):
        found.append("The content of the TPM is not part of it: keys stored there later stay.")
    return found
