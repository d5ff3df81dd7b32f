"""What was done, entry by entry of the audit log, each with the way back or why there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from ...access import Permission, User, require
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.definition import describe
from ...model.devices import find
from ...model.domain import Domain, Inverse
from ...model.edits import ApplyQuery, DomainPatch
from ...model.inverse import ObjectInverse
from ...model.network import Network
from ...model.storage import Pool
from ...model.strict import Value
from ...model.xml import parse
from ...plan import Change
from ...problems import Problem
from ...store import Audit
from ..changing.changing import before_of
from ..devices.devices import Devices, DeviceXml
from ..settings.edit import Editing
from .object_undo import ObjectUndo
from .timeline import Timeline

WAYS: TypeAdapter[Inverse | ObjectInverse] = TypeAdapter(Inverse | ObjectInverse)
NO_WAY = "What it did is kept by no definition, so there is no way back from here."
STOPPED = "It was made in the running machine only, which has stopped since."
NOT_DONE = "It was not done, so there is nothing to undo."


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
    inverse: Inverse | ObjectInverse | None = None
    undo: str | None = None


class Undoing:
    """Reads the audit log and goes back in it."""

    def __init__(
        self, hosts: Hosts, audit: Audit, timeline: Timeline, editing: Editing, devices: Devices, objects: ObjectUndo
    ) -> None:
        self._hosts = hosts
        self._audit = audit
        self._timeline = timeline
        self._editing = editing
        self._devices = devices
        self._objects = objects

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
        return [_entry(row, known.get((row["host"], row["target"]), {})) for row in rows]

    def undo(self, number: int, user: User) -> Change[Domain | Pool | Network | Job]:
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
        if isinstance(inverse, ObjectInverse):
            require(user, Permission.STORAGE_EDIT if inverse.noun == "pool" else Permission.NETWORK_EDIT)
            return self._objects.undo(host, uuid, inverse)
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


def _entry(row: dict[str, Any], refusals: Mapping[int, str | None]) -> AuditEntry:
    inverse = WAYS.validate_json(row["inverse"]) if row["inverse"] else None
    if row["result"] != "ok":
        why: str | None = NOT_DONE
    elif row["definition"]:
        why = refusals.get(row["definition"], "The definition that it changed is not kept any more.")
    else:
        why = None if inverse else NO_WAY
    return AuditEntry.model_validate({**row, "inverse": inverse, "undo": why})
