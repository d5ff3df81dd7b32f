"""A machine's definition as XML: read, replaced, and taken back from its history."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ..access import User
from ..hypervisor.hosts import Hosts
from ..hypervisor.schema import Schema
from ..model.create import Strict
from ..model.domain import Domain
from ..model.pending import pending
from ..model.xml import Element, canonical, diff, digest, dump, keep_secrets, mask_secrets, parse
from ..plan import Change, Effect
from ..problems import FieldError, Problem
from ..store import History
from .changing import Changing, Draft, here_document


class XmlQuery(Strict):
    """Which definition: the saved one, or with `live` the one that runs."""

    live: bool = False


class DefinitionText(BaseModel):
    """A definition; secrets are masked. `etag` names the saved one."""

    xml: str
    etag: str


class DefinitionPut(Strict):
    """A definition that takes the place of the saved one; a masked secret stays what it was."""

    xml: str


class HistoryEntry(BaseModel):
    """A definition that the machine had: since when, made by whom (null: not with Quarterdeck) and by which act."""

    id: int
    time: str
    name: str
    user: str | None = None
    act: str | None = None
    diff: str = ""
    current: bool = False


class HistoryText(HistoryEntry):
    """An entry of the history with its XML, secrets masked."""

    xml: str


class Definitions:
    """Reads and replaces definitions."""

    def __init__(self, hosts: Hosts, changing: Changing, history: History, schema: Schema) -> None:
        self._hosts = hosts
        self._schema = schema
        self._changing = changing
        self._history = history

    def text(self, host: str, uuid: str, query: XmlQuery) -> DefinitionText:
        """The saved or running definition."""
        domains = self._hosts.get(host).domains
        saved = domains.xml(uuid, secure=True)
        if query.live:
            row = domains.row(uuid)
            if row is None or not row.active:
                raise Problem("wrong-state", "It is off, so it has only its saved definition.")
        shown = parse(domains.xml(uuid, live=True, secure=True) if query.live else saved)
        return DefinitionText(xml=dump(mask_secrets(shown)) + "\n", etag=digest(saved))

    def put(self, host: str, uuid: str, body: DefinitionPut, if_match: str | None, user: User) -> Change[Domain]:
        """Save another definition, checked against libvirt's schema; a running machine gets it at its next start."""
        return self._replace(host, uuid, body.xml, if_match, user)

    def _replace(self, host: str, uuid: str, text: str, if_match: str | None, user: User) -> Change[Domain]:
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        new = parse(text)
        _same_machine(draft, new)
        keep_secrets(new, parse(draft.before))
        draft.saved = new
        draft.commands.append(here_document("virsh define --validate /dev/stdin", canonical(new)))
        if draft.running is not None:
            waits = pending(new, draft.running)
            draft.effects += [Effect(field=_path(each.device, each.field), when="next_start") for each in waits]
        change = self._changing.finish(draft, user)
        fault = self._schema.fault(text)
        if fault:
            change.plan.warnings.append(f"libvirt will most likely refuse it. {fault}")

        def apply() -> Domain:
            try:
                return change.apply()
            except Problem as problem:
                if problem.slug != "invalid-xml" or not fault:
                    raise
                raise Problem("invalid-xml", fault, errors=[FieldError("/xml", fault)], raw=problem.raw) from problem

        return Change(change.plan, apply)

    def history(self, host: str, uuid: str) -> list[HistoryEntry]:
        """All definitions that were kept, newest first, each with what it changed."""
        entries = self._history.entries(host, uuid)
        texts = [str((self._history.entry(host, uuid, each["id"]) or {}).get("xml", "")) for each in entries]
        olders = [*texts[1:], ""]
        return [
            HistoryEntry(**_facts(each), diff=_diff(older, text), current=number == 0)
            for number, (each, text, older) in enumerate(zip(entries, texts, olders, strict=True))
        ]

    def entry(self, host: str, uuid: str, number: int) -> HistoryText:
        """One definition of the history."""
        found = self._entry(host, uuid, number)
        older = self._history.before(host, uuid, number)
        newest = self._history.entries(host, uuid)[0]["id"]
        text = _diff(older["xml"] if older else "", found["xml"])
        return HistoryText(**_facts(found), xml=found["xml"], diff=text, current=number == newest)

    def restore(self, host: str, uuid: str, number: int, if_match: str | None, user: User) -> Change[Domain]:
        """Save a definition of the history again. The name stays; secrets are those of today."""
        new = parse(self._entry(host, uuid, number)["xml"])
        now = parse(self._hosts.get(host).domains.xml(uuid))
        name = new.find("name")
        if name is not None:
            name.text = now.findtext("name")
        return self._replace(host, uuid, dump(new), if_match, user)

    def _entry(self, host: str, uuid: str, number: int) -> dict[str, Any]:
        found = self._history.entry(host, uuid, number) if number < 1 << 63 else None
        if found is None:
            raise Problem("not-found", f"The history has no entry {number}.", cure="Older entries were dropped.")
        return found


def _same_machine(draft: Draft, new: Element) -> None:
    """The schema of the document is libvirt's matter; whose definition it is, is ours."""
    if new.tag != "domain":
        raise _fault(new, f"The document must be a domain, not {new.tag}.")
    for tag, wanted in (("uuid", draft.uuid), ("name", draft.row.name)):
        element = new.find(tag)
        if element is None or (element.text or "").strip().lower() != wanted.lower():
            hint = "Rename the machine instead." if tag == "name" else "It must stay."
            raise _fault(new if element is None else element, f"The {tag} of this machine is {wanted}. {hint}")


def _fault(element: Element, detail: str) -> Problem:
    text = f"Line {element.sourceline}: {detail}"
    return Problem("invalid-xml", text, errors=[FieldError("/xml", text)])


def _facts(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("id", "time", "name", "user", "act")}


def _diff(old: str, new: str) -> str:
    return diff(old, new, ("before", "after")) if old else ""


def _path(device: str | None, name: str) -> str:
    return f"{device}.{name}" if device else name
