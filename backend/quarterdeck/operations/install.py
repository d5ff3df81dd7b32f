"""Makes new machines: volumes, definition and first start, all or nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from pydantic import BaseModel, Field

from ..access import User
from ..hypervisor.hosts import Hosts
from ..model.build import build
from ..model.create import Built, CreateFacts, DomainCreate
from ..model.domain import Domain
from ..model.storage import volume_xml
from ..model.virt_install import attach_commands, virt_install
from ..model.xml import diff
from ..plan import Change, Effect, Plan
from ..problems import Problem
from .create_facts import Gathered, Gatherer
from .inventory import Inventory
from .media import Storage, added


class ChoiceView(BaseModel):
    """A default that was chosen for a new machine, and why."""

    field: str
    value: str
    reason: str


class CreatePlan(Plan):
    """What a new machine would be."""

    choices: list[ChoiceView] = Field(default=[], description="What was chosen because nothing was asked for")


class Installer:
    """Plans and makes new machines."""

    def __init__(self, hosts: Hosts, inventory: Inventory, storage: Storage, gatherer: Gatherer) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._storage = storage
        self._gatherer = gatherer

    def create(self, host: str, request: DomainCreate, user: User) -> Change[Domain]:
        """A new machine, started unless asked otherwise."""
        gathered = self._gatherer.gather(host, request)
        request, facts = gathered.request, gathered.facts
        built = build(request, facts)
        text = added(built.final_xml)
        if built.install_xml:
            text += diff(built.final_xml, built.install_xml, ("saved", "first boot"))
        plan = CreatePlan(
            xml_diff=text,
            commands=[virt_install(request, facts, self._hosts.get(host).uri), *attach_commands(request)],
            effects=[Effect(field="domain", when="live")],
            warnings=[*gathered.warnings, *built.warnings],
            choices=[ChoiceView(field=c.field, value=c.value, reason=c.reason) for c in built.choices],
        )
        return Change(plan, lambda: self._apply(host, gathered, built, user))

    def _apply(self, host: str, gathered: Gathered, built: Built, user: User) -> Domain:
        uuid = gathered.facts.uuid
        with ExitStack() as undo:
            facts = self._make_volumes(host, gathered, undo)
            if facts != gathered.facts:
                built = build(gathered.request, facts)
            self._define(host, uuid, gathered.request, built, undo)
            undo.pop_all()
        for pool in {volume.pool for volume in gathered.volumes}:
            self._storage.changed(host, self._hosts.get(host).pools.row(pool))
        self._inventory.refresh(host, uuid, user=user.name, act="create")
        return self._inventory.domain(host, uuid, user.role)

    def _make_volumes(self, host: str, gathered: Gathered, undo: ExitStack) -> CreateFacts:
        volumes, disks = self._hosts.get(host).volumes, list(gathered.facts.disks)
        for new in gathered.volumes:
            row = volumes.create(new.pool, volume_xml(new.name, new.capacity, new.format))
            undo.callback(volumes.delete, new.pool, new.name)
            planned = disks[new.disk]
            if planned is not None:
                disks[new.disk] = replace(planned, path=row.path, block=row.type == "block")
        return replace(gathered.facts, disks=tuple(disks))

    def _define(self, host: str, uuid: str, request: DomainCreate, built: Built, undo: ExitStack) -> None:
        domains = self._hosts.get(host).domains
        domains.define(built.final_xml)
        undo.callback(self._forget, host, uuid)
        if request.autostart:
            domains.set_autostart(uuid, True)
        if request.start and built.install_xml:
            domains.create_transient(built.install_xml)
        elif request.start:
            domains.start(uuid)

    def _forget(self, host: str, uuid: str) -> None:
        domains = self._hosts.get(host).domains
        try:
            row = domains.row(uuid)
            if row is not None and row.active:
                domains.destroy(uuid)
        except Problem as problem:
            if problem.slug not in ("not-found", "wrong-state"):
                raise
        domains.undefine(uuid)
        self._inventory.refresh(host, uuid)
