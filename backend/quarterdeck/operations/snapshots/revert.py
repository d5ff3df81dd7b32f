"""Going back to snapshots: internal ones by libvirt, external ones by a plan that works on every version.

libvirt before 9.9 cannot go back to external snapshots. So new files are laid above the frozen ones, the definition
of that time is saved with them, the memory is loaded from its file, and libvirt is told where the machine is now.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

from ...access import User
from ...jobs import Job, JobHandle, Jobs
from ...model.snapshot import Kept, Overlay, files_of, formats_of, free_name, plain, point
from ...model.storage import linked_volume_xml
from ...model.xml import Element, diff, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem, field_problem
from ..patience import patiently
from . import beside, take
from .reading import Machine, Machines, one_of
from .remove import refuse_elsewhere
from .request import SnapshotCreate, SnapshotRevert, State

KIND = "revert"


@dataclass(frozen=True)
class Reverting:
    """A way back. `overlays`: new files above the frozen ones; `drop`: files that nothing needs afterwards."""

    name: str
    state: State
    internal: bool
    was: str
    keep: take.Taking | None
    overlays: tuple[Overlay, ...]
    drop: tuple[str, ...]

    def params(self) -> dict[str, Any]:
        """What a restart needs to go on."""
        return {
            "name": self.name,
            "state": self.state,
            "internal": self.internal,
            "was": self.was,
            "keep": asdict(self.keep.traces) if self.keep else None,
            "overlays": [asdict(each) for each in self.overlays],
            "drop": list(self.drop),
        }

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Reverting:
        """What a job was about; what was to be kept is kept already."""
        overlays = tuple(Overlay(**each) for each in params["overlays"])
        state, was = params["state"], params["was"]
        return cls(params["name"], state, params["internal"], was, None, overlays, tuple(params["drop"]))

    @property
    def paths(self) -> dict[str, str]:
        """The new files by target."""
        return {overlay.target: overlay.path for overlay in self.overlays}


class Reverts:
    """Takes machines back to snapshots."""

    def __init__(self, machines: Machines, jobs: Jobs) -> None:
        self._machines = machines
        jobs.adopt(KIND, self._adopt)

    def revert(self, host: str, uuid: str, name: str, body: SnapshotRevert, user: User) -> Change[Job]:
        """Go back to a snapshot; the job that does it."""
        machine = self._machines.ready(host, uuid)
        keep = SnapshotCreate(name=body.keep) if body.keep else None
        try:
            return self.change(machine, machine.snapshot(name), body.state, keep, user)
        except Problem as problem:
            # What is wrong with the snapshot that is taken first is wrong with its name here.
            problem.errors = tuple(replace(e, pointer="/keep") if e.pointer != "/state" else e for e in problem.errors)
            raise

    def change(
        self, machine: Machine, kept: Kept, state: State | None, keep: SnapshotCreate | None, user: User
    ) -> Change[Job]:
        """Going back to one of its snapshots; `keep` is taken of the present state first."""
        reverting = prepare(machine, kept, state, keep)
        work = partial(self.work, machine, reverting)
        told, params = plan(machine, kept, reverting), reverting.params()
        return self._machines.change(KIND, machine, user, told, work, params, can_cancel=False)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        machine = self._machines.adopt_idle(job, handle, "libvirt goes on", "wait")
        if params["keep"]:
            take.settle(machine, take.Traces.of(params["keep"]), handle)
        return self.work(machine, Reverting.of(params), handle)

    def work(self, machine: Machine, reverting: Reverting, handle: JobHandle) -> dict[str, Any]:
        """Go back; what is done already is not done again."""
        if reverting.keep:
            handle.progress(0.1, f"Keeping the present state as {reverting.keep.name}", phase="keep")
            take.carry_out(machine, reverting.keep, handle)
        handle.progress(0.5, f"Going back to {reverting.name}", phase="revert")
        if reverting.internal:
            _internal(machine, reverting, handle)
        else:
            _external(machine, reverting, handle)
        pools = {pool for each in reverting.overlays if (pool := machine.pool_of(each.path))}
        self._machines.look_again(machine, pools=pools)
        row = machine.host.domains.row(machine.uuid)
        return {"snapshot": reverting.name, "state": row.state if row else "unknown"}


def _internal(machine: Machine, reverting: Reverting, handle: JobHandle) -> None:
    kept = one_of(machine.host.snapshots.all(machine.uuid), reverting.name)
    held = kept.xml.memory != "no"
    if kept.copies.paths:
        if reverting.was in ("running", "paused"):
            handle.undo.callback(_on_again, machine, reverting.was)
        _off(machine)
        beside.put_back(machine, kept, handle)
    if reverting.state == "shut_off":
        machine.host.snapshots.revert(machine.uuid, reverting.name, "paused" if held else None)
        _off(machine)
    else:
        machine.host.snapshots.revert(machine.uuid, reverting.name, reverting.state)
    if kept.copies.paths:
        handle.undo.pop_all()  # it is back, whatever becomes of the note
        beside.forget(machine)


def _external(machine: Machine, reverting: Reverting, handle: JobHandle) -> None:
    host, uuid = machine.host, machine.uuid
    kept = next(s for s in host.snapshots.all(uuid) if s.name == reverting.name)
    before = host.domains.xml(uuid, secure=True)
    if reverting.was in ("running", "paused"):
        handle.undo.callback(_on_again, machine, reverting.was)
    _lay(machine, reverting, handle)
    if files_of(parse(before)) | reverting.paths != files_of(parse(before)):
        _off(machine)
        handle.undo.callback(host.domains.define, before)
        host.domains.define(dump(_definition(machine, kept, reverting)))
    if not _is_on(machine):
        beside.put_back(machine, kept, handle)
    handle.undo.callback(_off, machine)
    _wake(machine, kept, reverting)
    host.snapshots.redefine(uuid, kept.text, current=True)
    handle.undo.pop_all()  # it is back, and there is nothing to return to once these files are gone
    for path in reverting.drop:
        machine.discard(path, handle)


def _lay(machine: Machine, reverting: Reverting, handle: JobHandle) -> None:
    """Make the new files above the frozen ones, where they are not yet."""
    volumes = machine.host.volumes
    for overlay in reverting.overlays:
        pool = machine.pool_of(overlay.path) or ""
        patiently(handle, machine.host, partial(machine.host.pools.refresh, pool))
        if overlay.name not in volumes.names(pool):
            capacity = volumes.row(pool, posixpath.basename(overlay.below)).capacity
            volumes.create(pool, linked_volume_xml(overlay.name, capacity, overlay.below, overlay.below_format))
        handle.undo.callback(_take_up, machine, pool, overlay)


def _take_up(machine: Machine, pool: str, overlay: Overlay) -> None:
    """Remove a new file, unless the machine names it already: a restart came after its definition was saved."""
    if overlay.path not in files_of(parse(machine.host.domains.xml(machine.uuid))).values():
        machine.host.volumes.delete(pool, overlay.name)


def _definition(machine: Machine, kept: Kept, reverting: Reverting) -> Element:
    """The definition of that time with the new files. A disk that the snapshot leaves out keeps what it has."""
    root = kept.definition()
    point(root, _left_out(machine, kept))
    point(root, reverting.paths, "qcow2")
    return root


def _left_out(machine: Machine, kept: Kept) -> dict[str, str]:
    now = files_of(machine.saved)
    return {t: now[t] for t, path in kept.paths.items() if t not in kept.frozen and now.get(t, path) != path}


def _wake(machine: Machine, kept: Kept, reverting: Reverting) -> None:
    if reverting.state == "shut_off" or _is_on(machine):
        return
    paused = reverting.state == "paused"
    if kept.memory_file is None:
        machine.host.domains.start(machine.uuid, paused=paused)
        return
    root = parse(machine.host.snapshots.memory_definition(kept.memory_file))
    point(root, _left_out(machine, kept))
    point(root, reverting.paths, "qcow2")
    machine.host.snapshots.restore_memory(kept.memory_file, dump(root), paused=paused)


def _is_on(machine: Machine) -> bool:
    row = machine.host.domains.row(machine.uuid)
    return row is not None and row.active


def _off(machine: Machine) -> None:
    if _is_on(machine):
        machine.host.domains.destroy(machine.uuid)


def _on_again(machine: Machine, was: str) -> None:
    row = machine.host.domains.row(machine.uuid)
    if row is not None and not row.active:
        machine.host.domains.start(machine.uuid, paused=was == "paused")


# -- planning


def prepare(machine: Machine, kept: Kept, wanted: State | None, present: SnapshotCreate | None) -> Reverting:
    """The way back; Problem where there is none."""
    if kept.broken:
        raise Problem("unsupported", "A merge has begun to change its files, so its state is lost.", cure="Delete it.")
    if kept.kind == "mixed":
        raise Problem(
            "unsupported",
            "It keeps some of its states inside the disks and some in files of their own, which libvirt cannot undo.",
        )
    had: State = "running" if kept.xml.state == "running" else "paused" if kept.xml.state == "paused" else "shut_off"
    state: State = wanted or had
    keep = take.prepare(machine, present.model_copy(update={"kind": _kind(kept)})) if present else None
    if kept.kind == "internal":
        refuse_elsewhere(machine, kept)
        if state == "paused" and kept.xml.memory == "no" and kept.xml.state != "paused":
            raise field_problem(
                "/state", "It holds no memory, so the machine boots.", cure="Choose running or shut_off."
            )
        return Reverting(kept.name, state, True, machine.row.state, keep, (), ())
    overlays = tuple(_overlays(machine, kept))
    drop = [each.path for each in keep.overlays or ()] if keep else _dropped(machine, kept)
    return Reverting(kept.name, state, False, machine.row.state, keep, overlays, tuple(drop))


def _kind(kept: Kept) -> Literal["internal", "external"]:
    return "internal" if kept.kind == "internal" else "external"


def _overlays(machine: Machine, kept: Kept) -> list[Overlay]:
    formats = formats_of(kept.root.find("domain"))
    taken = [posixpath.basename(path) for path in machine.places]
    found = []
    for target, path in kept.frozen.items():
        machine.place(path)
        name = free_name(f"{plain(machine.name)}-{target}-{plain(kept.name)}", ".qcow2", taken)
        found.append(Overlay(target, path, formats[target], f"{posixpath.dirname(path)}/{name}"))
    return found


def _dropped(machine: Machine, kept: Kept) -> list[str]:
    """The files that hold only the present state."""
    now = machine.active
    mine = [now[target] for target in kept.frozen if target in now]
    return machine.forest.orphans(mine, [path for target, path in now.items() if target not in kept.frozen])


def plan(machine: Machine, kept: Kept, reverting: Reverting) -> Plan:
    """What going back comes to."""
    after = kept.definition() if reverting.internal else _definition(machine, kept, reverting)
    return Plan(
        xml_diff=diff(machine.saved, after) if after.find("name") is not None else "",
        commands=_commands(machine, kept, reverting),
        effects=[Effect(field="state", when="live")],
        warnings=_warnings(machine, kept, reverting),
        notes=_notes(kept, reverting),
    )


def _commands(machine: Machine, kept: Kept, reverting: Reverting) -> list[str]:
    found = take.commands(machine, reverting.keep) if reverting.keep else []
    name = machine.word
    if reverting.internal:
        words = {"running": ["--running"], "paused": ["--paused"], "shut_off": []}[reverting.state]
        back = beside.back_commands(kept)
        found += [shlex.join(["virsh", "destroy", name])] if back and machine.row.active else []
        found += back
        found.append(shlex.join(["virsh", "snapshot-revert", name, kept.name, "--force", *words]))
        off = reverting.state == "shut_off" and kept.xml.memory != "no"
        return found + ([shlex.join(["virsh", "destroy", name])] if off else [])
    for overlay in reverting.overlays:
        words = ["-b", overlay.below, "-F", overlay.below_format, overlay.path]
        found.append(shlex.join(["qemu-img", "create", "-f", "qcow2", *words]))
    found += [shlex.join(["virsh", "destroy", name])] if machine.row.active else []
    found += ["virsh define /dev/stdin", *beside.back_commands(kept)]
    if reverting.state != "shut_off":
        words = ["--paused"] if reverting.state == "paused" else []
        start = (
            ["virsh", "restore", kept.memory_file, "--xml", "/dev/stdin"] if kept.memory_file else ["virsh", "start"]
        )
        found.append(shlex.join([*start, *([] if kept.memory_file else [name]), *words]))
    found.append(shlex.join(["virsh", "snapshot-create", name, "/dev/stdin", "--redefine", "--current"]))
    return found + [shlex.join(["virsh", "vol-delete", path]) for path in reverting.drop]


def _warnings(machine: Machine, kept: Kept, reverting: Reverting) -> list[str]:
    found = []
    since = machine.row.snapshot or kept.name
    if not reverting.keep:
        found.append(f"What changed since the snapshot {since} is lost: nothing else keeps it.")
    if machine.row.active:
        found.append("The machine is turned off at once for it; whoever is connected to it is cut off.")
    if kept.kind == "external" and kept.memory_file is None and kept.xml.state == "disk-snapshot":
        found.append("It holds no memory: the guest finds its disks as after a power cut.")
    memory = kept.xml.memory != "no" and reverting.state != "shut_off"
    if machine.facts.tpm and not (memory or kept.copies.tpm):
        found.append(
            "The content of its TPM does not go back: a guest that keeps keys there (BitLocker) may ask for its "
            "recovery key."
        )
    if machine.facts.uefi and not (memory or kept.copies.nvram):
        found.append("Its UEFI variables do not go back: boot entries made since stay.")
    missing = sorted(set(machine.active) - set(kept.paths))
    if missing:
        found.append(f"It has no disk {', '.join(missing)} yet: they are taken out, their files stay.")
    return found + (machine.unseen if reverting.drop else [])


def _notes(kept: Kept, reverting: Reverting) -> list[str]:
    after = {"running": "It runs", "paused": "It is paused", "shut_off": "It is off"}[reverting.state]
    memory = kept.xml.memory != "no" and reverting.state != "shut_off"
    found = [f"{after} afterwards{', with the memory that it had' if memory else ''}."]
    if reverting.keep:
        found.append(f"The present state is kept as {reverting.keep.name} first.")
    if kept.copies.paths:
        found.append(f"Also put back: {beside.words(kept.copies)}.")
    if reverting.overlays:
        found.append("The snapshot's files stay as they are; what changes from now on goes into new ones.")
    if reverting.drop:
        found.append(f"Removed: {', '.join(reverting.drop)}.")
    return found
