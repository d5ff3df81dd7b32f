"""What was done, entry by entry of the audit log, each with the way back or why there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import TypeAdapter

from ...access import Permission, User, require
from ...audit import Audit
from ...hypervisor.hosts import Hosts
from ...jobs import Job, Jobs
from ...model.definition import describe
from ...model.devices import find
from ...model.domain import Domain, Inverse
from ...model.edits import ApplyQuery, DomainPatch
from ...model.inverse import JobInverse, ObjectInverse, VolumeInverse
from ...model.network import Network
from ...model.storage import Pool, Volume
from ...model.strict import Value
from ...model.xml import parse
from ...plan import Change
from ...problems import Problem
from ..changing.changing import before_of
from ..devices.devices import Devices, DeviceXml
from ..devices.removals import KIND as REMOVAL
from ..settings.edit import Editing
from ..snapshots.take import KIND as TAKING
from .made_undo import MadeUndo
from .object_undo import ObjectUndo
from .timeline import Timeline

Way = Inverse | ObjectInverse | VolumeInverse | JobInverse
Undone = Domain | Pool | Network | Volume | Job
WAYS: TypeAdapter[Way] = TypeAdapter(Way)
JOBS = (TAKING, REMOVAL)
"""Kinds of jobs that tell the way back."""
NO_WAY = "What it did is kept by no definition, so there is no way back from here."
STOPPED = "It was made in the running machine only, which has stopped since."
NOT_DONE = "It was not done, so there is nothing to undo."
STILL = "Its job is not over yet. Cancel it instead."
FORGOTTEN = "The job that did it is not kept any more."
GONE = "The machine is not on its host any more."


class AuditEntry(Value):
    """Who did what, from where, and how it ended (`ok`, or the slug of the problem).

    `name` is what the target was called last, where that is a machine whose history is kept.
    `definition` is the number in the machine's history of what a change of it made, `inverse` the request that takes
    back what no definition tells. `undo` says why it cannot be undone, null where it can.
    """

    id: int
    time: str
    user: str
    address: str
    act: str
    host: str | None
    target: str | None
    name: str | None = None
    result: str
    detail: str | None
    definition: int | None = None
    inverse: Way | None = None
    undo: str | None = None


class Undoing:
    """Reads the audit log and goes back in it."""

    def __init__(
        self,
        hosts: Hosts,
        audit: Audit,
        timeline: Timeline,
        editing: Editing,
        devices: Devices,
        *,
        objects: ObjectUndo,
        made: MadeUndo,
        jobs: Jobs,
    ) -> None:
        self._hosts = hosts
        self._audit = audit
        self._timeline = timeline
        self._editing = editing
        self._devices = devices
        self._objects = objects
        self._made = made
        self._jobs = jobs

    def entries(
        self, *, before: int | None, limit: int, host: str | None, target: str | None, search: str, failed: bool
    ) -> list[AuditEntry]:
        """Entries, newest first, older than the id `before`; those only that say all the words, or that failed."""
        rows = self._audit.entries(before=before, limit=limit, host=host, target=target, search=search, failed=failed)
        oldest: defaultdict[tuple[str, str], int] = defaultdict(lambda: 1 << 62)
        for row in rows:
            if row["definition"]:
                key = row["host"], row["target"]
                oldest[key] = min(oldest[key], row["definition"])
        known = {key: self._timeline.refusals(*key, since=number) for key, number in oldest.items()}
        gone = {(name, uuid) for name in {row["host"] for row in rows} for uuid in self._timeline.gone(name)}
        return [self._entry(row, known.get((row["host"], row["target"]), {}), gone) for row in rows]

    def _entry(
        self, row: dict[str, Any], refusals: Mapping[int, str | None], gone: Collection[tuple[str, str]]
    ) -> AuditEntry:
        inverse = WAYS.validate_json(row["inverse"]) if row["inverse"] else None
        if row["result"] != "ok":
            why: str | None = NOT_DONE
        elif (row["host"], row["target"]) in gone:
            why = GONE if inverse or row["definition"] else NO_WAY
        elif row["definition"]:
            why = refusals.get(row["definition"], "The definition that it changed is not kept any more.")
        elif isinstance(inverse, JobInverse):
            why = self._refusal(inverse.job)
        else:
            why = None if inverse else NO_WAY
        return AuditEntry.model_validate({**row, "inverse": inverse, "undo": why})

    def _refusal(self, number: str) -> str | None:
        """Why nothing leads back from what a job did."""
        job = next((each for each in self._jobs.list() if each.id == number), None)
        if job is None or job.over:
            return FORGOTTEN if job is None else None if job.state == "done" else NOT_DONE
        return STILL

    def undo(self, number: int, user: User) -> Change[Undone]:
        """Take back what an entry tells of; Problem where that is not possible any more."""
        row = self._audit.entry(number)
        if row is None:
            raise Problem("not-found", f"The audit log has no entry {number}.")
        if row["result"] != "ok" or not (row["definition"] or row["inverse"]):
            raise Problem("not-undoable", NO_WAY if row["result"] == "ok" else NOT_DONE)
        host, uuid = str(row["host"]), str(row["target"])
        if row["definition"]:
            return self._timeline.undo(host, uuid, row["definition"], "*", user)
        inverse = WAYS.validate_json(row["inverse"])
        if isinstance(inverse, JobInverse):
            return self.undo_job(inverse.job, user)
        if isinstance(inverse, Inverse):
            return self._turn_back(host, uuid, inverse, user)
        require(user, Permission.NETWORK_EDIT if inverse.noun == "network" else Permission.STORAGE_EDIT)
        if isinstance(inverse, VolumeInverse):
            return self._made.undo_volume(host, inverse)
        return self._objects.undo(host, uuid, inverse)

    def undo_job(self, number: str, user: User) -> Change[Undone]:
        """Take back what a job did; Problem where that is not possible."""
        job = self._jobs.get(number)
        if why := self._refusal(number):
            raise Problem("not-undoable", why)
        if job.kind == TAKING:
            return self._made.undo_snapshot(job, user)
        if job.kind == REMOVAL and (definition := job.details.get("definition")):
            return self._timeline.undo(job.host, job.target, definition, "*", user)
        if job.kind == REMOVAL and (inverse := job.details.get("inverse")):
            return self._turn_back(job.host, job.target, Inverse.model_validate(inverse), user)
        raise Problem("not-undoable", NO_WAY)

    def _turn_back(self, host: str, uuid: str, inverse: Inverse, user: User) -> Change[Domain | Job]:
        self._still(host, uuid, inverse)
        query = ApplyQuery(apply=inverse.apply)
        if inverse.act == "add":
            return self._devices.add_xml(host, uuid, DeviceXml(xml=inverse.xml or ""), query, "*", user)
        if inverse.act == "remove":
            return self._devices.remove(host, uuid, inverse.device or "", query, "*", user)
        if inverse.device:
            return self._devices.edit(host, uuid, inverse.device, inverse.body, query, "*", user)
        return self._editing.patch(host, uuid, DomainPatch.model_validate(inverse.body), query, "*", user)

    def _still(self, host: str, uuid: str, inverse: Inverse) -> None:
        """Whether everything is as the change left it."""
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        if row is None:
            raise Problem("not-found", "The machine is gone.")
        now: dict[str, Any] = {"autostart": row.autostart} if "autostart" in inverse.made else {}
        rest = {name: value for name, value in inverse.made.items() if name != "autostart"}
        if rest and not row.active:
            raise Problem("not-undoable", STOPPED)
        root = parse(domains.xml(uuid, live=True)) if rest else None
        if root is not None and inverse.act != "change":
            if root.get("id") != inverse.made["run"]:
                raise Problem("not-undoable", STOPPED)
            now |= rest
        elif root is not None:
            found = find(root, inverse.device) if inverse.device else None
            if inverse.device and found is None:
                raise Problem("not-undoable", f"The running machine has no device {inverse.device} any more.")
            now |= before_of(found.device if found else describe(root), rest)
        if now != inverse.made:
            raise Problem("not-undoable", f"It was changed again since: {', '.join(_differing(now, inverse.made))}.")


def _differing(now: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    return [name.replace("_", " ") for name, value in made.items() if now.get(name) != value]
