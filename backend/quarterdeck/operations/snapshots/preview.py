"""Trying a snapshot: the present state is kept as a snapshot of its own, and then one of the two is given up.

So a preview is nothing but what libvirt knows anyway, and stands a restart of everything. Only the description of the
kept one tells what it is for.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ...access import User
from ...jobs import Job, JobHandle, Jobs
from ...model.chain import Forest
from ...model.snapshot import BEFORE_PREVIEW, Kept, free_name
from ...plan import Change, Plan
from ...problems import Problem, at_field
from . import remove, revert
from .reading import Machine, Machines
from .remove import Deletes, Removing
from .request import SnapshotCreate, SnapshotDelete, SnapshotPreview, State
from .revert import Reverting, Reverts

KIND = "drop-preview"


class Previews:
    """Begins previews of snapshots, and ends them either way."""

    def __init__(self, machines: Machines, jobs: Jobs, reverts: Reverts, deletes: Deletes) -> None:
        self._machines = machines
        self._reverts = reverts
        self._deletes = deletes
        jobs.adopt(KIND, self._adopt)

    def begin(self, host: str, uuid: str, body: SnapshotPreview, user: User) -> Change[Job]:
        """Go to a snapshot for a look; the present state, with its memory where that is possible, can be had back."""
        machine = self._machines.ready(host, uuid)
        before = _before(machine)
        if before:
            raise Problem(
                "wrong-state",
                f"A preview of {before.preview_of} stands already.",
                cure="Keep it or drop it first.",
            )
        with at_field("/snapshot"):
            kept = machine.snapshot(body.snapshot)
        name = free_name("before-preview", "", [each.name for each in machine.snapshots])
        present = SnapshotCreate(name=name, description=BEFORE_PREVIEW + kept.name)
        return self._reverts.change(machine, kept, body.state, present, user)

    def keep(self, host: str, uuid: str, user: User) -> Change[Job]:
        """Stay with what is looked at: the state before goes."""
        before = _needed(self._machines.ready(host, uuid))
        return self._deletes.delete(host, uuid, before.name, SnapshotDelete(), user)

    def drop(self, host: str, uuid: str, user: User) -> Change[Job]:
        """Back to where the machine was before; what was done in the preview is lost."""
        machine = self._machines.ready(host, uuid)
        before = _needed(machine)
        reverting, removing = prepare(machine, before)
        work = partial(self._work, machine, reverting, removing)
        params = {"back": reverting.params(), "removal": removing.params()}
        told = plan(machine, before, reverting, removing)
        return self._machines.change(KIND, machine, user, told, work, params, can_cancel=False)

    def _work(self, machine: Machine, reverting: Reverting, removing: Removing, handle: JobHandle) -> dict[str, Any]:
        before = next((each for each in machine.host.snapshots.all(machine.uuid) if each.name == reverting.name), None)
        if before and not (before.current or before.broken):
            self._reverts.work(machine, reverting, handle)
        result = self._deletes.work(self._machines.read(machine.host.id, machine.uuid), removing, handle)
        return result | {"snapshot": reverting.name}

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        machine = self._machines.adopt_idle(job, handle, "libvirt goes on", "wait")
        return self._work(machine, Reverting.of(params["back"]), Removing.of(params["removal"]), handle)


def _before(machine: Machine) -> Kept | None:
    return next((each for each in machine.snapshots if each.preview_of), None)


def _needed(machine: Machine) -> Kept:
    before = _before(machine)
    if before is None:
        raise Problem("wrong-state", f"{machine.name} is in no preview.", cure="Begin one at one of its snapshots.")
    return before


def prepare(machine: Machine, before: Kept) -> tuple[Reverting, Removing]:
    """The way back to it, and how it then goes: what would be written above it sinks into its own files at once."""
    wanted: State | None = "running" if before.xml.state == "disk-snapshot" else None
    reverting = revert.prepare(machine, before, wanted, None)
    if reverting.internal or before.current:
        return reverting, remove.prepare(machine, before.name, SnapshotDelete())
    forest = machine.forest
    below = {path: base for path, base in forest.below.items() if path not in reverting.drop}
    below |= {overlay.path: overlay.below for overlay in reverting.overlays}
    after = Forest(below, forest.snapshots, {**forest.active, **reverting.paths})
    off = reverting.state == "shut_off"
    return reverting, Removing((before.name,), False, off, after.remove([before.name]))


def plan(machine: Machine, before: Kept, reverting: Reverting, removing: Removing) -> Plan:
    """What dropping a preview comes to."""
    back = revert.plan(machine, before, reverting)
    gone = remove.commands(machine, removing, SnapshotDelete())
    words = f"Back to the state before; what changed since the preview of {before.preview_of} began is lost."
    warnings = [words, *(text for text in back.warnings if "is lost" not in text)]
    return back.model_copy(update={"commands": [*back.commands, *gone], "warnings": warnings})
