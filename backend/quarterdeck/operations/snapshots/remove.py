"""Deleting snapshots: internal ones by libvirt, external ones by a plan of merges that works on every version.

libvirt 9.0 cannot delete external snapshots of a machine that is off, and no version those of a branch; so the
files are merged by block jobs (in a QEMU that is opened for it where the machine is off), and libvirt is told what
it then has to know. Each step looks first whether it is done, so a restart goes on where it was.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from ...access import User
from ...jobs import Job, JobHandle, Jobs
from ...model.chain import Merge, Removal
from ...model.snapshot import Kept, described, files_of, moved_files, point, unchain
from ...model.units import human_size
from ...model.xml import dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..storage.blockwork import BlockWork
from .reading import Machine, Machines
from .request import SnapshotDelete

KIND = "delete-snapshot"
NOTHING = Removal((), (), {})


@dataclass(frozen=True)
class Removing:
    """Snapshots that are about to go, parents first. `off`: QEMU is opened for the merges and ended after them."""

    names: tuple[str, ...]
    internal: bool
    off: bool
    removal: Removal
    limit: int = 0

    def params(self) -> dict[str, Any]:
        """What a restart needs to go on."""
        return {
            "names": list(self.names),
            "internal": self.internal,
            "off": self.off,
            "limit": self.limit,
            "merges": [asdict(merge) for merge in self.removal.merges],
            "files": list(self.removal.files),
            "moved": dict(self.removal.moved),
        }

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Removing:
        """What a job was about."""
        merges = tuple(Merge(**each) for each in params["merges"])
        removal = Removal(merges, tuple(params["files"]), params["moved"])
        return cls(tuple(params["names"]), params["internal"], params["off"], removal, params["limit"])


class Deletes:
    """Deletes snapshots."""

    def __init__(self, machines: Machines, jobs: Jobs) -> None:
        self._machines = machines
        jobs.adopt(KIND, self._adopt)

    def delete(self, host: str, uuid: str, name: str, query: SnapshotDelete, user: User) -> Change[Job]:
        """Delete a snapshot, with those that grew from it or without; the job that does it."""
        machine = self._machines.ready(host, uuid)
        removing = prepare(machine, name, query)
        work, can_cancel = partial(self.work, machine, removing), bool(removing.removal.merges)
        told, params = plan(machine, removing, query), removing.params()
        return self._machines.change(KIND, machine, user, told, work, params, can_cancel=can_cancel)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        machine = self._machines.adopt_idle(job, handle, "libvirt goes on deleting", "delete")
        return self.work(machine, Removing.of(params), handle)

    def work(self, machine: Machine, removing: Removing, handle: JobHandle) -> dict[str, Any]:
        """Let them go; what is done already is not done again."""
        if removing.internal:
            self._internal(machine, removing, handle)
        else:
            self._merge(machine, removing, handle)
            handle.can_cancel(False)
            handle.progress(0.99, "Telling libvirt, removing files", phase="finish")
            self._conclude(machine, removing, handle)
        pools = {pool for path in removing.removal.files if (pool := machine.pool_of(path))}
        self._machines.look_again(machine, pools=pools)
        return {"deleted": list(removing.names)}

    def _internal(self, machine: Machine, removing: Removing, handle: JobHandle) -> None:
        handle.progress(None, f"Deleting {', '.join(removing.names)}", phase="delete")
        there = {each.name for each in machine.host.snapshots.all(machine.uuid)}
        for name in removing.names[::-1]:
            if name in there:
                machine.host.snapshots.delete(machine.uuid, name, children=False)
        for path in removing.removal.files:
            machine.discard(path, handle)

    def _merge(self, machine: Machine, removing: Removing, handle: JobHandle) -> None:
        merges = removing.removal.merges
        if not merges:
            return
        for kept in machine.host.snapshots.all(machine.uuid):
            if kept.name in removing.names and not kept.broken:
                text = described(kept.text, kept.xml.description, broken=True)
                machine.host.snapshots.redefine(machine.uuid, text, current=kept.current)
        work = BlockWork(machine.host, machine.uuid, handle, limit_mib_s=removing.limit)
        with work.awake(off=removing.off):
            for number, merge in enumerate(merges):
                work.share = (number / len(merges), 1 / len(merges))
                work.merge(merge)

    def _conclude(self, machine: Machine, removing: Removing, handle: JobHandle) -> None:
        snapshots, removal = machine.host.snapshots, removing.removal
        _settle_definition(machine, removal)
        for kept in snapshots.all(machine.uuid):
            if kept.name in removing.names:
                continue
            text = moved_files(kept.text, removal.moved)
            if text != dump(kept.root):
                snapshots.redefine(machine.uuid, text, current=kept.current)
        there = {each.name for each in snapshots.all(machine.uuid)}
        for name in removing.names[::-1]:
            if name in there:
                snapshots.forget(machine.uuid, name)
        for path in removal.files:
            machine.discard(path, handle)


def _settle_definition(machine: Machine, removal: Removal) -> None:
    """Let the saved definition name the files that hold the content now, and look for those below by itself."""
    before = machine.host.domains.xml(machine.uuid, secure=True)
    root = parse(before)
    point(root, {t: removal.moved[path] for t, path in files_of(root).items() if path in removal.moved})
    touched = {merge.target for merge in removal.merges}
    for disk in root.iterfind("devices/disk"):
        target = disk.find("target")
        if target is not None and target.get("dev") in touched:
            unchain(disk)
    if dump(root) != dump(parse(before)):
        machine.host.domains.define(dump(root))


# -- planning


def prepare(machine: Machine, name: str, query: SnapshotDelete) -> Removing:
    """What deleting it comes to; Problem where it cannot go."""
    chosen = machine.below(name) if query.children else [machine.snapshot(name)]
    names = tuple(each.name for each in chosen)
    if query.metadata_only:
        return Removing(names, False, False, NOTHING)
    kinds = {each.kind for each in chosen}
    if kinds == {"internal"}:
        for each in chosen:
            refuse_elsewhere(machine, each)
        return Removing(names, True, False, Removal((), tuple(path for each in chosen for path in each.besides), {}))
    if kinds != {"external"}:
        raise Problem(
            "unsupported",
            "It keeps some of its states inside the disks and some in files of their own.",
            cure="Delete its internal and external snapshots one by one, or let libvirt only forget it.",
        )
    for path in {path for each in chosen for path in each.frozen.values()}:
        machine.place(path)
    removal = machine.forest.remove(names)
    off = bool(removal.merges) and not machine.row.active
    if off and machine.saved.find("metadata/{https://quarterdeck.invalid/xmlns/install/1}install") is not None:
        raise Problem("wrong-state", "Its installation is still to come.", cure="Start it first.")
    return Removing(names, False, off, removal, query.bandwidth_mib_s or 0)


def refuse_elsewhere(machine: Machine, kept: Kept) -> None:
    """Problem where an internal snapshot lies in a file that the machine does not use now."""
    now = machine.active
    for entry in kept.entries:
        path = kept.paths.get(entry.target)
        if entry.kind == "internal" and path is not None and now.get(entry.target) != path:
            raise Problem(
                "unsupported",
                f"Its state of disk {entry.target} lies in {path}, which the machine does not use by itself now.",
                cure="Delete the external snapshots that were taken after it first.",
            )


def plan(machine: Machine, removing: Removing, query: SnapshotDelete) -> Plan:
    """What deleting comes to."""
    return Plan(
        commands=commands(machine, removing, query),
        effects=[Effect(field="snapshots", when="live")],
        warnings=_warnings(machine, removing, query),
        notes=_notes(machine, removing),
    )


def commands(machine: Machine, removing: Removing, query: SnapshotDelete) -> list[str]:
    """The equal virsh commands."""
    name = machine.word
    if query.metadata_only or removing.internal:
        words = ["--metadata"] if query.metadata_only else []
        found = [shlex.join(["virsh", "snapshot-delete", name, each, *words]) for each in removing.names[::-1]]
        return found + [shlex.join(["virsh", "vol-delete", path]) for path in removing.removal.files]
    found = [shlex.join(["virsh", "start", name, "--paused"])] if removing.off else []
    for merge in removing.removal.merges:
        words = ["--active", "--pivot"] if merge.active else ["--wait"]
        words += ["--bandwidth", str(removing.limit)] if removing.limit else []
        ends = ["--base", merge.base, "--top", merge.top]
        found.append(shlex.join(["virsh", "blockcommit", name, merge.target, *ends, *words]))
    found += [shlex.join(["virsh", "destroy", name])] if removing.off else []
    found += [shlex.join(["virsh", "snapshot-delete", name, each, "--metadata"]) for each in removing.names[::-1]]
    return found + [shlex.join(["virsh", "vol-delete", path]) for path in removing.removal.files]


def _warnings(machine: Machine, removing: Removing, query: SnapshotDelete) -> list[str]:
    names = ", ".join(removing.names)
    if query.metadata_only:
        return [f"libvirt forgets {names}. Its files stay, and nobody merges or removes them any more."]
    found = [f"The machine can no longer go back to {names}. Its present state stays."]
    if removing.removal.merges:
        found.append(
            "Once the merge has begun they are lost even if it is cancelled; the machine itself is not touched."
        )
    if machine.row.active and removing.internal:
        found.append("The guest may stand still for a moment.")
    return found + (machine.unseen if removing.removal.merges else [])


def _notes(machine: Machine, removing: Removing) -> list[str]:
    found = []
    for merge in removing.removal.merges:
        size = human_size(machine.place(merge.top).row.allocation)
        found.append(f"Up to {size} of {merge.top} are written into {merge.base}.")
    if removing.removal.files:
        found.append(f"Removed: {', '.join(removing.removal.files)}.")
    if removing.off:
        found.append("The machine is off: QEMU opens its disks for the merge, without letting the guest run.")
    elif removing.removal.merges:
        found.append("The machine runs on meanwhile.")
    return found
