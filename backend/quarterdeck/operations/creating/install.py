"""Makes new machines: volumes, definition and first start, all or nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from pydantic import Field

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.build import build
from ...model.create import Built, CreateFacts, DomainCreate
from ...model.domain import Domain
from ...model.edits import DomainRequest
from ...model.installing import KEY, NAMESPACE, pending
from ...model.strict import Value
from ...model.virt_install import attach_commands, start_command, virt_install
from ...model.xml import diff
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..domains.first_boot import FirstBoots
from ..errands import Errands
from ..inventory.inventory import Inventory
from ..patience import connected
from ..storage.copying import remove_unused
from ..storage.encrypted import forget_secret
from ..storage.lending import Lending, stop_lending
from ..storage.storage import Storage, added
from .facts import Gathered, Gatherer
from .further import FurtherSettings
from .medium_boot import make_boot
from .new_volumes import commands_of, make
from .seeds import make_seed
from .several import Prepared, check_room, check_several
from .tree import TREE, undo_tree
from .tree_plan import orders

KIND = "create"
FETCHED = "start"
"""The phase of a job whose kernel is there."""


class ChoiceView(Value):
    """A default that was chosen for a new machine, and why."""

    field: str
    value: str
    reason: str


class CreatePlan(Plan):
    """What a new machine would be."""

    choices: list[ChoiceView] = Field(default=[], description="What was chosen because nothing was asked for")
    names: list[str] = Field(default=[], description="Of all, where there are several")


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
        lending: Lending,
    ) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._storage = storage
        self._gatherer = gatherer
        self._errands = errands
        self._first_boots = first_boots
        self._lending = lending
        self._further = FurtherSettings(hosts)
        jobs.adopt(KIND, self._adopt)

    def create(self, host: str, request: DomainRequest, user: User) -> Change[Domain | Job]:
        """New machines, started unless asked otherwise; a job where there are several, or what they need is copied."""
        check_several(request)
        made = []
        for each in request.numbered():
            gathered = self._gatherer.gather(host, each)
            plain = build(gathered.request, gathered.facts)
            built, commands = self._further.plan(host, plain, request.settings)
            made.append(Prepared(gathered, built, request.settings, commands))
        plan = self._plan(host, made)
        if len(made) > 1 or made[0].is_slow:
            return Change(plan, lambda: self._start(host, made, user))
        return Change(plan, lambda: self._apply(host, made[0], user))

    def _plan(self, host: str, made: list[Prepared]) -> CreatePlan:
        """The plan of all, with the definition of the first."""
        built, found = made[0].built, self._hosts.get(host)
        text = added(built.final_xml)
        if built.install_xml:
            text += diff(built.final_xml, built.install_xml, ("saved", "first boot"))
        commands = []
        for each in made:
            commands += [command for volume in each.gathered.volumes for command in commands_of(found, volume)]
            commands += _by_hand(each, found.uri)
        room = check_room(self._hosts, host, made) if len(made) > 1 else []
        return CreatePlan(
            xml_diff=text,
            commands=commands,
            effects=[Effect(field="domain", when="live")],
            warnings=[*dict.fromkeys([*made[0].gathered.warnings, *built.warnings, *room])],
            choices=[ChoiceView(field=c.field, value=c.value, reason=c.reason) for c in built.choices],
            names=[each.gathered.request.name for each in made],
            answers=made[0].gathered.answers,
        )

    def _start(self, host: str, made: list[Prepared], user: User) -> Job:
        first = made[0].gathered
        plans = [each.gathered.tree for each in made if each.gathered.tree]
        tree = orders(plans) if plans else None

        def work(handle: JobHandle) -> dict[str, Any]:
            results = []
            if tree:
                handle.undo.callback(undo_tree, self._hosts.get(host), tree[0])
            for number, each in enumerate(made, 1):
                handle.check()
                if len(made) > 1:
                    handle.progress((number - 1) / len(made), f"{number} of {len(made)}: {each.gathered.request.name}")
                self._make(host, each, user, handle.undo, handle)
                results.append({"host": host, **_named(each.params())})
            if tree:
                self._install_from(host, made, handle, self._errands.within(TREE, handle, *tree))
            return results[0] | {"all": results}

        return self._jobs.start(
            KIND,
            host=host,
            target=first.facts.uuid,
            target_name=first.request.name,
            user=user.name,
            work=work,
            params={
                "machines": [each.params() for each in made],
                "tree": tree and tree[0],
                "start": first.request.start,
            },
        )

    def _apply(self, host: str, made: Prepared, user: User) -> Domain:
        with ExitStack() as undo:
            self._make(host, made, user, undo, None)
            undo.pop_all()
        return self._inventory.domain(host, made.gathered.facts.uuid, user.role)

    def _make(self, host: str, made: Prepared, user: User, undo: ExitStack, handle: JobHandle | None) -> None:
        gathered, built = made.gathered, made.built
        uuid, request = gathered.facts.uuid, gathered.request
        facts = self._make_volumes(host, gathered, undo, handle)
        if facts != gathered.facts:
            built, _commands = self._further.plan(host, build(request, facts), made.settings)
        self._define(host, uuid, request, built, undo)
        if request.start and not gathered.tree:
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
            row = make_seed(found, seed, undo)
            facts = replace(facts, seed=replace(facts.seed, path=row.path)) if facts.seed else facts
        if gathered.boot:
            with self._lending.lent(host, gathered.boot.lent):
                make_boot(found, gathered.boot, undo, handle)
        return replace(facts, disks=tuple(disks))

    def _install_from(self, host: str, made: list[Prepared], handle: JobHandle, told: dict[str, Any]) -> None:
        uuids = [each.gathered.facts.uuid for each in made]
        self._fetched(host, uuids, handle, told)
        self._boot(host, uuids if made[0].gathered.request.start else [])

    def _boot(self, host: str, uuids: list[str]) -> None:
        for uuid in uuids:
            row = self._hosts.get(host).domains.row(uuid)
            if row is not None and not row.active:
                self._first_boots.start(host, uuid)
            self._inventory.refresh(host, uuid)

    def _fetched(self, host: str, uuids: list[str], handle: JobHandle, told: dict[str, Any]) -> None:
        """Note the argument by which the installers find their tree, before those that were asked for."""
        domains = self._hosts.get(host).domains
        for uuid in uuids:
            if domains.row(uuid) is None:
                raise Problem("not-found", "The machine was removed while its installer was fetched.")
            install = pending(domains.xml(uuid))
            if install is not None:
                args = " ".join(filter(None, (told["argument"], install.args)))
                domains.set_metadata(uuid, NAMESPACE, KEY, replace(install, args=args or None).bare())
        handle.progress(None, phase=FETCHED)
        handle.can_cancel(False)  # which also writes the phase down, for whoever adopts the job

    def _define(self, host: str, uuid: str, request: DomainCreate, built: Built, undo: ExitStack) -> None:
        domains = self._hosts.get(host).domains
        domains.define(built.final_xml)
        self._gatherer.macs.forget(host, request.name)
        undo.callback(self._forget, host, uuid)
        if request.autostart:
            domains.set_autostart(uuid, True)

    def _forget(self, host: str, uuid: str) -> None:
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        try:
            if row is not None and row.active:
                domains.destroy(uuid)
        except Problem as problem:
            if problem.slug not in ("not-found", "wrong-state"):
                raise
        if row is not None:
            domains.undefine(uuid)
        self._inventory.forget(host, uuid)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """After a restart: a tree is fetched to its end; machines that are defined are whole; the rest is removed."""
        found, tree = self._hosts.get(job.host), params.get("tree")
        connected(handle, found)
        machines = params["machines"]
        stop_lending(found, [each["lent"] for each in machines if each.get("lent")])
        there = [each for each in machines if found.domains.row(each["uuid"])]
        for pool, name in (made for each in machines if tree or each not in there for made in each["made"]):
            handle.undo.callback(remove_unused, self._storage.usage, found, pool, name, handle)
        for secret in (each for machine in machines if machine not in there for each in machine.get("secrets", ())):
            handle.undo.callback(forget_secret, found, secret)
        if tree and there:
            self._go_on(job, handle, params, [each["uuid"] for each in there])
        handle.can_cancel(False)
        results = [{"host": job.host, **_named(each)} for each in there]
        if len(there) < len(machines):
            told = f" {len(there)} of {len(machines)} are there." if there else " What was made is removed."
            raise Problem("interrupted", f"Quarterdeck was restarted while the machine was made.{told}")
        for each in there if params["start"] else ():
            row = found.domains.row(each["uuid"])
            if row is not None and not row.active:
                handle.log(f"{each['name']} is made, but was not started: Quarterdeck was restarted before.")
        return results[0] | {"all": results}

    def _go_on(self, job: Job, handle: JobHandle, params: dict[str, Any], there: list[str]) -> None:
        """Follow the fetching of a tree to its end, and start the machines from it; what fails is undone."""
        handle.undo.callback(undo_tree, self._hosts.get(job.host), params["tree"])
        for uuid in there:
            handle.undo.callback(self._forget, job.host, uuid)
        if job.phase != FETCHED:
            self._fetched(job.host, there, handle, self._errands.again(TREE, handle, params["tree"]))
        self._boot(job.host, there if params["start"] else [])


def _by_hand(made: Prepared, uri: str) -> list[str]:
    """The calls that make the same machine; one with further settings starts only when it has them."""
    request, facts = made.gathered.request, made.gathered.facts
    if not made.commands:
        return [virt_install(request, facts, uri), *attach_commands(request)]
    defined = virt_install(request.model_copy(update={"start": False}), facts, uri)
    start = [start_command(request, facts, uri)] if request.start else []
    return [defined, *attach_commands(request), *made.commands, *start]


def _named(params: dict[str, Any]) -> dict[str, Any]:
    return {"uuid": params["uuid"], "name": params["name"]}
