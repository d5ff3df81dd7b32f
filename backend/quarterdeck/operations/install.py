"""Makes new machines: volumes, definition and first start, all or nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from ..access import User
from ..hypervisor.hosts import Hosts
from ..jobs import Job, JobHandle, Jobs
from ..model.build import build
from ..model.create import Built, CreateFacts, DomainCreate
from ..model.domain import Domain
from ..model.installing import KEY, NAMESPACE, pending
from ..model.storage import volume_xml
from ..model.virt_install import attach_commands, virt_install
from ..model.xml import diff
from ..plan import Change, Effect, Plan
from ..problems import Problem
from .cloning.copying import remove_unused
from .create_facts import Gathered, Gatherer
from .errands import Errands
from .first_boot import FirstBoots
from .inventory import Inventory
from .media import Storage, added
from .new_volumes import commands_of, make
from .tree import TREE, undo_tree

KIND = "create"
FETCHED = "start"
"""The phase of a job whose kernel is there."""


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

    def __init__(
        self,
        hosts: Hosts,
        inventory: Inventory,
        jobs: Jobs,
        storage: Storage,
        gatherer: Gatherer,
        errands: Errands,
        first_boots: FirstBoots,
    ) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._storage = storage
        self._gatherer = gatherer
        self._errands = errands
        self._first_boots = first_boots
        jobs.adopt(KIND, self._adopt)

    def create(self, host: str, request: DomainCreate, user: User) -> Change[Domain | Job]:
        """A new machine, started unless asked otherwise; a job where an image must be copied for it."""
        gathered = self._gatherer.gather(host, request)
        request, facts = gathered.request, gathered.facts
        built = build(request, facts)
        text = added(built.final_xml)
        if built.install_xml:
            text += diff(built.final_xml, built.install_xml, ("saved", "first boot"))
        before = [command for volume in gathered.volumes for command in commands_of(volume)]
        plan = CreatePlan(
            xml_diff=text,
            commands=[*before, virt_install(request, facts, self._hosts.get(host).uri), *attach_commands(request)],
            effects=[Effect(field="domain", when="live")],
            warnings=[*gathered.warnings, *built.warnings],
            choices=[ChoiceView(field=c.field, value=c.value, reason=c.reason) for c in built.choices],
        )
        if gathered.tree or any(volume.image and volume.image.way for volume in gathered.volumes):
            return Change(plan, lambda: self._start(host, gathered, built, user))
        return Change(plan, lambda: self._apply(host, gathered, built, user))

    def _start(self, host: str, gathered: Gathered, built: Built, user: User) -> Job:
        made = [[volume.pool, volume.name] for volume in gathered.volumes]
        made += [[gathered.seed.pool, gathered.seed.name]] if gathered.seed else []

        def work(handle: JobHandle) -> dict[str, Any]:
            self._make(host, gathered, built, user, handle.undo, handle)
            return {"host": host, "uuid": gathered.facts.uuid, "name": gathered.request.name}

        return self._jobs.start(
            KIND,
            host=host,
            target=gathered.facts.uuid,
            target_name=gathered.request.name,
            user=user.name,
            work=work,
            params={"made": made, "tree": gathered.tree and gathered.tree.params, "start": gathered.request.start},
        )

    def _apply(self, host: str, gathered: Gathered, built: Built, user: User) -> Domain:
        with ExitStack() as undo:
            self._make(host, gathered, built, user, undo, None)
            undo.pop_all()
        return self._inventory.domain(host, gathered.facts.uuid, user.role)

    def _make(
        self, host: str, gathered: Gathered, built: Built, user: User, undo: ExitStack, handle: JobHandle | None
    ) -> None:
        uuid, request = gathered.facts.uuid, gathered.request
        facts = self._make_volumes(host, gathered, undo, handle)
        if facts != gathered.facts:
            built = build(request, facts)
        tree = gathered.tree
        if tree:
            undo.callback(undo_tree, self._hosts.get(host), tree.params)
        self._define(host, uuid, request, built, undo)
        if tree and handle:
            self._inventory.refresh(host, uuid, user=user.name, act="create")
            self._fetched(host, uuid, handle, self._errands.within(TREE, handle, tree.params, {"url": tree.url}))
        if request.start:
            self._first_boots.start(host, uuid)
        for pool in {volume.pool for volume in gathered.volumes}:
            self._storage.changed(host, self._hosts.get(host).pools.row(pool))
        self._inventory.refresh(host, uuid, user=user.name, act="create")

    def _make_volumes(self, host: str, gathered: Gathered, undo: ExitStack, handle: JobHandle | None) -> CreateFacts:
        found, disks, facts = self._hosts.get(host), list(gathered.facts.disks), gathered.facts
        for new in gathered.volumes:
            row = make(found, new, undo, handle)
            planned = disks[new.disk]
            if planned is not None:
                disks[new.disk] = replace(planned, path=row.path, block=row.type == "block")
        seed = gathered.seed
        if seed is not None:
            row = found.volumes.create(seed.pool, volume_xml(seed.name, len(seed.content), "raw", private=True))
            undo.callback(found.volumes.delete, seed.pool, seed.name)
            with found.volumes.upload(seed.pool, seed.name, len(seed.content)) as writer:
                writer.write(seed.content)
            facts = replace(facts, seed=replace(facts.seed, path=row.path)) if facts.seed else facts
        return replace(facts, disks=tuple(disks))

    def _fetched(self, host: str, uuid: str, handle: JobHandle, made: dict[str, Any]) -> None:
        """Note the argument by which the installer finds its tree, before those that were asked for."""
        domains = self._hosts.get(host).domains
        install = pending(domains.xml(uuid))
        if install is not None:
            args = " ".join(filter(None, (made["argument"], install.args)))
            domains.set_metadata(uuid, NAMESPACE, KEY, replace(install, args=args or None).bare())
        handle.progress(None, phase=FETCHED)
        handle.can_cancel(False)  # which also writes the phase down, for whoever adopts the job

    def _define(self, host: str, uuid: str, request: DomainCreate, built: Built, undo: ExitStack) -> None:
        domains = self._hosts.get(host).domains
        domains.define(built.final_xml)
        undo.callback(self._forget, host, uuid)
        if request.autostart:
            domains.set_autostart(uuid, True)

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

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """After a restart: a tree is fetched to its end; a machine that is defined is whole; the rest is removed."""
        found, tree = self._hosts.get(job.host), params.get("tree")
        while not found.wait_connected(0.5):
            handle.progress(None, f"Waiting for {found.spec.name} to be connected again")
        made = {"host": job.host, "uuid": job.target, "name": job.target_name}
        for pool, name in params["made"]:
            handle.undo.callback(remove_unused, self._storage.usage, found, pool, name, handle)
        row = found.domains.row(job.target)
        if tree and row is not None:
            handle.undo.callback(undo_tree, found, tree)
            handle.undo.callback(self._forget, job.host, job.target)
            if job.phase != FETCHED:
                self._fetched(job.host, job.target, handle, self._errands.again(TREE, handle, tree))
            if params["start"] and not row.active:
                self._first_boots.start(job.host, job.target)
            return made
        handle.can_cancel(False)
        if row is not None:
            return made
        raise Problem("interrupted", "Quarterdeck was restarted while the machine was made. What was made is removed.")
