"""The time machine: what a machine was, who changed what, and the ways back, whole, in part, or by undoing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from pydantic import Field

from ...access import User
from ...history import History
from ...model.compare import DEVICE, Difference, differences, take_over
from ...model.create import Strict
from ...model.devices import find
from ...model.domain import Domain
from ...model.metadata import OF, element_of
from ...model.secrecy import carry_secrets
from ...model.strict import Value
from ...model.template import version_of
from ...model.xml import Element, diff, parse
from ...plan import Change, Plan
from ...problems import FieldError, Problem
from ..changing.changing import Changing, Draft
from ..changing.definitions import replace
from ..changing.metadata import tell_metadata

Key = tuple[str | None, str]
Step = tuple[dict[str, Any], dict[str, Any] | None, list[Difference], str | None]


class HistoryEntry(Value):
    """A definition that the machine had: since when, and by which act of whom (null: not with Quarterdeck).

    `changes` is what it changed of the one before; `undo` says why that cannot be undone, null where it can.
    """

    id: int
    time: str
    name: str
    user: str | None = None
    act: str | None = None
    accepted: str | None = None
    changes: list[Difference] = []
    diff: str = ""
    undo: str | None = None
    current: bool = False
    template_version: int | None = None


class HistoryText(HistoryEntry):
    """An entry of the history with its XML, secrets masked; `changes` and `diff` are against the one asked for."""

    xml: str


class HistoryQuery(Strict):
    """Against which other entry it is compared; the one before it if left out."""

    against: int | None = Field(None, ge=1, lt=1 << 53, description="Entry to compare with; the one before if left out")


class Part(Strict):
    """One difference to take back: a field of the machine or of a device, or a whole device where `field` is null."""

    device: str | None = None
    field: str | None = None


class Restore(Strict):
    """What to take from the old definition; all of it if nothing is named."""

    only: list[Part] = Field([])


class Timeline:
    """Reads the history of machines and goes back in it."""

    def __init__(self, changing: Changing, history: History) -> None:
        self._changing = changing
        self._history = history
        self._known: dict[tuple[int, int], list[Difference]] = {}

    def entries(self, host: str, uuid: str) -> list[HistoryEntry]:
        """All definitions that were kept, newest first, each with what it changed and whether it can be undone."""
        found: list[HistoryEntry] = []
        for row, older, changes, refused in self._walk(host, uuid):
            text = diff(older["xml"], row["xml"], ("before", "after")) if older else ""
            found.append(HistoryEntry(**_facts(row), changes=changes, diff=text, undo=refused, current=not found))
        return found

    def refusals(self, host: str, uuid: str, *, since: int) -> dict[int, str | None]:
        """Why each definition from this number on cannot be undone; None where it can."""
        found = {}
        for row, _older, _changes, refused in self._walk(host, uuid):
            found[row["id"]] = refused
            if row["id"] <= since:
                break
        return found

    def gone(self, host: str) -> list[str]:
        """The machines that the host had, and whose history is still kept."""
        return [row["uuid"] for row in self._history.gone(host)]

    def _walk(self, host: str, uuid: str) -> Iterator[Step]:
        """Each definition, newest first: itself, the one before, what it changed, why that cannot be undone."""
        rows = self._history.entries(host, uuid)
        later = dict[Key, dict[str, Any]]()
        for row, older in zip(rows, [*rows[1:], None], strict=True):
            changes = self._changes(older, row) if older else []
            yield row, older, changes, _refused(changes, later) if older else "Nothing older is known."
            later |= {each.key: row for each in changes}

    def _changes(self, older: dict[str, Any], newer: dict[str, Any]) -> list[Difference]:
        key = older["id"], newer["id"]
        if key not in self._known:
            self._known[key] = differences(parse(older["xml"]), parse(newer["xml"]))
            while len(self._known) > KNOWN:
                self._known.pop(next(iter(self._known)))
        return self._known[key]

    def entry(self, host: str, uuid: str, number: int, query: HistoryQuery) -> HistoryText:
        """One definition of the history, compared with the one before it or another."""
        row = self._entry(host, uuid, number)
        other = self._entry(host, uuid, query.against) if query.against else self._history.before(host, uuid, number)
        newest = self._history.newest(host, uuid)
        return HistoryText(
            **_facts(row),
            xml=row["xml"],
            changes=self._changes(other, row) if other else [],
            diff=diff(other["xml"], row["xml"], ("before", "after")) if other else "",
            current=newest is not None and newest["id"] == number,
        )

    def restore(
        self, host: str, uuid: str, number: int, *, body: Restore, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save a definition of the history again, or only parts of it. The name stays; secrets are those of today."""
        old = parse(self._entry(host, uuid, number)["xml"])
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        if body.only:
            take_over(draft.saved, old, _chosen(differences(draft.saved, old), body.only))
            replace(draft, draft.saved)
        else:
            _rename(old, draft.row.name)
            carry_secrets(old, parse(draft.before))
            replace(draft, old)
        return self._changing.finish(draft, user)

    def undo(self, host: str, uuid: str, number: int, if_match: str | None, user: User) -> Change[Domain]:
        """Take back what one definition changed, in the running machine too where that is still known."""
        row, older = self._entry(host, uuid, number), self._history.before(host, uuid, number)
        if older is None:
            raise Problem("not-undoable", "It is the oldest definition that is known: there is nothing to go back to.")
        draft = self._changing.begin(host, uuid, if_match, "both")
        changes = self._changes(older, row)
        touched = {each.key for each in differences(parse(row["xml"]), draft.saved)}
        refused = _refused(changes, {key: self._toucher(host, uuid, number, key) for key in touched})
        if refused:
            raise Problem("not-undoable", refused, cure="Go back to single values of it in the history instead.")
        _undone(draft, parse(older["xml"]), changes, self._changing.made(number))
        return self._changing.finish(draft, user)

    def _toucher(self, host: str, uuid: str, number: int, key: Key) -> dict[str, Any]:
        """The first later definition that changed something again."""
        rows = [row for row in reversed(self._history.entries(host, uuid)) if row["id"] >= number]
        again = (row for older, row in pairwise(rows) if key in {each.key for each in self._changes(older, row)})
        return next(again, {"user": None})

    def accept(self, host: str, uuid: str, number: int, user: User) -> Change[HistoryText]:
        """Take what was changed outside for good: it is no drift any more."""
        self._entry(host, uuid, number)

        def apply() -> HistoryText:
            self._history.accept(number, user.name)
            return self.entry(host, uuid, number, HistoryQuery())

        return Change(Plan(), apply)

    def _entry(self, host: str, uuid: str, number: int) -> dict[str, Any]:
        found = self._history.entry(host, uuid, number) if number < 1 << 63 else None
        if found is None:
            raise Problem("not-found", f"The history has no entry {number}.", cure="Older entries were dropped.")
        return found


KNOWN = 2000
"""So many comparisons are kept; each was made from two definitions that never change."""


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    facts = {name: row[name] for name in ("id", "time", "name", "user", "act", "accepted")}
    return facts | {"template_version": version_of(parse(row["xml"]))}


def _rename(root: Element, wanted: str) -> None:
    name = root.find("name")
    if name is not None:
        name.text = wanted


def _refused(changes: list[Difference], later: dict[Key, dict[str, Any]]) -> str | None:
    """Why a change cannot be undone: it changed nothing that can be named, or something was changed again since."""
    if not changes:
        return "It changed nothing but the order or the form of the XML."
    for each in changes:
        keys = [each.key, (each.device, DEVICE)] if each.device else [each.key]
        again = [row for key, row in later.items() if key in keys or (each.field == DEVICE and key[0] == each.device)]
        if again:
            what = f"{each.title or each.device}: {each.field}" if each.device else each.field
            who = f"by {again[0]['user']}" if again[0]["user"] else "outside Quarterdeck"
            return f"It was changed again since, {who}: {what}."
    return None


def _chosen(found: list[Difference], wanted: Iterable[Part]) -> list[Difference]:
    chosen, errors = [], []
    for number, part in enumerate(wanted):
        some = [each for each in found if each.device == part.device and part.field in (None, each.field)]
        if not some or (part.device is None and part.field is None):
            errors.append(FieldError(f"/only/{number}", "The definition of today does not differ in this."))
        chosen += some
    if errors:
        raise Problem("invalid-input", errors[0].detail, errors=errors)
    return chosen


def _undone(draft: Draft, older: Element, changes: list[Difference], made: Draft | None) -> None:
    """Plan the way back in the saved definition, and in the running machine if it still is the one that was changed."""
    renamed = next((each for each in changes if each.key == (None, "name")), None)
    take_over(draft.saved, older, [each for each in changes if each is not renamed])
    effects, draft.effects = draft.effects, []
    replace(draft, draft.saved)
    draft.effects = effects
    if renamed:
        old, new, rename = str(renamed.before), str(renamed.after), draft.domains.rename
        draft.acts.append((lambda: rename(draft.uuid, old), lambda: rename(draft.uuid, new)))
        draft.virsh("domrename", old)
    back = made.acts if made and draft.running is not None and made.run == draft.run else []
    for act, reverse in reversed(back):
        if reverse:
            draft.acts.append((reverse, act))
    live = {each.field for each in made.effects if each.when == "live"} if back and made else set()
    for each in changes:
        name = f"{each.device}.{each.field}" if each.device else each.field
        now = bool({name, each.device, each.field} & live)
        draft.effect(name if each.field != DEVICE else str(each.device), live=now)
        if now:
            _live_command(draft, older, each)


def _live_command(draft: Draft, older: Element, each: Difference) -> None:
    """The equal of what is done to the running machine."""
    was, now = (
        find(older, each.device or ""),
        find(draft.running, each.device or "") if draft.running is not None else None,
    )
    if each.field != DEVICE and was:
        draft.with_file("update-device", was.element, "--live")
    elif was:
        draft.with_file("attach-device", was.element, "--live")
    elif now:
        draft.with_file("detach-device", now.element, "--live")
    elif each.field == "vcpus":
        draft.virsh("setvcpus", each.before or "", "--live")
    elif each.field == "memory_mib":
        draft.virsh("setmem", f"{each.before}M", "--live")
    elif each.field.startswith(OF):
        namespace = each.field.removeprefix(OF)
        tell_metadata(draft, namespace, element_of(older, namespace), "--live")
