"""How a machine is changed: its saved definition and the running machine, together or not at all."""

from __future__ import annotations

import shlex
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from ...access import User
from ...history import History
from ...hypervisor.domains import Domains
from ...hypervisor.hosts import Hosts
from ...model.domain import Domain, DomainRow, Inverse
from ...model.secrecy import mask_secrets
from ...model.template import count_version
from ...model.xml import Element, diff, digest, dump, parse
from ...plan import Change, Effect, Plan, take_back
from ...problems import FieldError, Problem
from ..inventory.inventory import Inventory

Act = Callable[[], None]
Scope = Literal["both", "live", "next_start"]
UNDO_SECONDS = 600.0
"""For so long is kept how a change of a running machine is taken back there too."""


@dataclass
class Draft:
    """A machine while a change of it is planned. `saved` and `running` are edited; `before` is the text as saved."""

    host: str
    uuid: str
    row: DomainRow
    domains: Domains
    before: str
    saved: Element
    running: Element | None
    live: bool
    save: bool
    made_up: bool = False
    host_cpus: int = 0
    commands: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)
    cures: list[str] = field(default_factory=list)
    first: list[tuple[Act, Act]] = field(default_factory=list)
    acts: list[tuple[Act, Act | None]] = field(default_factory=list)
    inverse: Inverse | None = None
    plugged: Element | None = None
    """The device that is added."""

    @property
    def run(self) -> str | None:
        """What names this run of the machine; None where it is off."""
        return self.running.get("id") if self.running is not None else None

    @property
    def flags(self) -> list[str]:
        """Virsh's words for where the change goes."""
        return [word for word, wanted in (("--live", self.live), ("--config", self.save)) if wanted]

    def fault(self, pointer: str, detail: str, *, slug: str = "invalid-input", cure: str | None = None) -> None:
        """Note what is wrong with a field; all faults are told together."""
        self.errors.append(FieldError(pointer, detail))
        self.slugs.add(slug)
        if cure:
            self.cures.append(cure)

    def virsh(self, act: str, *words: object) -> None:
        """Note the equal command."""
        name = self.row.name if not self.row.name.startswith("-") else self.uuid
        self.commands.append(shlex.join(["virsh", act, name, *map(str, words)]))

    def with_file(self, act: str, element: Element, *words: str) -> None:
        """Note the equal command for one that reads a device from a file."""
        name = self.row.name if not self.row.name.startswith("-") else self.uuid
        command = shlex.join(["virsh", act, name, "/dev/stdin", *words])
        self.commands.append(here_document(command, dump(mask_secrets(element)).strip()))

    def effect(self, name: str, *, live: bool) -> None:
        """Note when a field takes effect."""
        now = live or not self.row.active
        self.effects.append(Effect(field=name, when="live" if now else "next_start"))

    def late(self, name: str, pointer: str) -> None:
        """A field that cannot change while the machine runs: an error where only that was asked."""
        if not self.save:
            self.fault(
                pointer,
                "This cannot change while the machine runs.",
                slug="unsupported",
                cure="Save it for the next start instead (apply=next_start).",
            )
        self.effect(name, live=False)

    def aside(self) -> Draft:
        """A draft of the saved definition alone, in which something can be tried."""
        return Draft(
            self.host,
            self.uuid,
            self.row,
            self.domains,
            self.before,
            deepcopy(self.saved),
            None,
            live=False,
            save=True,
            made_up=self.made_up,
            host_cpus=self.host_cpus,
        )

    def check(self) -> None:
        """Raise the noted faults as one problem."""
        if self.errors:
            slug = next(iter(self.slugs)) if len(self.slugs) == 1 else "invalid-input"
            detail = self.errors[0].detail if len(self.errors) == 1 else "Some fields are not usable."
            raise Problem(slug, detail, cure=self.cures[0] if self.cures else None, errors=self.errors)


def before_of(value: BaseModel | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What stands where a change gives something, in the form of that change."""
    found: dict[str, Any] = {}
    for name, wish in asked.items():
        had = getattr(value, name, None)
        if isinstance(wish, Mapping):
            found[name] = before_of(had, wish) if isinstance(had, BaseModel) or had is None else had
        elif isinstance(had, tuple):
            found[name] = [each.model_dump(mode="json") if isinstance(each, BaseModel) else each for each in had]
        else:
            found[name] = had.model_dump(mode="json") if isinstance(had, BaseModel) else had
    return found


def here_document(command: str, text: str) -> str:
    """A command for a shell with its input; no line of the text can end it before its end."""
    lines, mark = text.splitlines(), "EOF"
    while mark in lines:
        mark += "_"
    return f"{command} <<'{mark}'\n{text.rstrip()}\n{mark}"


class Changing:
    """Begins and finishes changes of machines."""

    def __init__(self, hosts: Hosts, inventory: Inventory, history: History) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._history = history
        self._made: dict[int, tuple[float, Draft]] = {}
        self._locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)

    def begin(self, host: str, uuid: str, if_match: str | None, scope: Scope) -> Draft:
        """The machine as it stands. Problem `changed-meanwhile` where `if_match` names another definition."""
        found = self._hosts.get(host)
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        if facts.job:
            raise Problem("busy", f"A job ({facts.job}) works on {facts.row.name} just now.", cure="Wait for its end.")
        row = facts.row
        before = found.domains.xml(uuid, secure=True)
        if if_match not in (None, "*", digest(before)):
            raise changed_meanwhile(row.name)
        live, save = row.active and scope != "next_start", row.persistent and scope != "live"
        if not (live or save):
            why = "It is off, so nothing runs that could change." if not row.active else "It is temporary."
            raise Problem("wrong-state", why, cure="Leave apply out, or use apply=next_start." if save else None)
        running = parse(found.domains.xml(uuid, live=True, secure=True)) if row.active else None
        cpus = found.capabilities.cpus
        return Draft(host, uuid, row, found.domains, before, parse(before), running, live, save, found.is_test, cpus)

    def finish(self, draft: Draft, user: User) -> Change[Domain]:
        """The plan of a draft, and what carries it out."""
        draft.check()

        def apply() -> Domain:
            self.carry_out(draft)
            return self.answer(draft, user)

        return Change(self.plan(draft), apply)

    def answer(self, draft: Draft, user: User) -> Domain:
        """The machine as it is after a change, with the number by which the change can be undone."""
        self._inventory.refresh(draft.host, draft.uuid, user=user.name)
        found = self._inventory.domain(draft.host, draft.uuid, user.role)
        found = found.model_copy(update={"inverse": draft.inverse})
        newest = self._history.newest(draft.host, draft.uuid)
        if not newest or newest["user"] != user.name or newest["digest"] == digest(draft.before):
            return found
        late = time.monotonic() - UNDO_SECONDS
        self._made = {number: made for number, made in self._made.items() if made[0] > late}
        self._made[newest["id"]] = time.monotonic(), draft
        return found.model_copy(update={"undo": newest["id"]})

    def made(self, number: int) -> Draft | None:
        """The draft behind a definition of the history, if it was made lately."""
        found = self._made.get(number)
        return found[1] if found and found[0] > time.monotonic() - UNDO_SECONDS else None

    def plan(self, draft: Draft) -> Plan:
        """What a draft comes to."""
        count_version(draft.saved, parse(draft.before))
        after = draft.saved if draft.save else parse(draft.before)
        return Plan(
            xml_diff=diff(draft.before, after),
            commands=draft.commands,
            effects=draft.effects,
            warnings=draft.warnings,
        )

    def carry_out(self, draft: Draft) -> None:
        """Save, then change the running machine; when that fails everything is put back and the Problem says so."""
        text = dump(draft.saved)
        with ExitStack() as undo:
            for do, back in draft.first:
                do()
                undo.callback(take_back, back)
            if draft.save and text != dump(parse(draft.before)):
                self._define(draft, text)
                undo.callback(take_back, lambda: draft.domains.define(draft.before))
            for act, reverse in draft.acts:
                try:
                    act()
                except Problem as problem:
                    raise _put_back(problem, draft) from problem
                if reverse:
                    undo.callback(take_back, reverse)
            undo.pop_all()

    def _define(self, draft: Draft, text: str) -> None:
        with self._locks[draft.host, draft.uuid]:
            if digest(draft.domains.xml(draft.uuid)) != digest(draft.before):
                raise changed_meanwhile(draft.row.name)
            draft.domains.define(text)


def below_change(draft: Draft, act: Callable[[], object]) -> None:
    """What a form asks for on top of a text; its faults are told below `change`, where it stands in the body."""
    below("change", draft, act)


def below(name: str, draft: Draft, act: Callable[[], object]) -> None:
    """What a member of a body asks for; its faults are told below that."""
    try:
        act()
        draft.check()
    except Problem as problem:
        errors = [FieldError(f"/{name}{each.pointer}", each.detail) for each in problem.errors]
        raise Problem(problem.slug, problem.detail, cure=problem.cure, errors=errors, raw=problem.raw) from problem


def changed_meanwhile(name: str) -> Problem:
    """The problem of an ETag that is not that of the saved definition any more."""
    return Problem(
        "changed-meanwhile",
        f"The saved definition of {name} is not the one that you looked at: somebody changed it meanwhile.",
        cure="Look at it again, then repeat your change.",
    )


def _put_back(problem: Problem, draft: Draft) -> Problem:
    told = f"{problem.detail} The saved definition was put back, so nothing changed." if draft.save else problem.detail
    cure = problem.cure or ("Save it for the next start only (apply=next_start)." if draft.row.persistent else None)
    return Problem(problem.slug, told, cure=cure, errors=problem.errors, raw=problem.raw)
