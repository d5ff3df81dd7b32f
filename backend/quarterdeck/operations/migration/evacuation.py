"""Several machines, or all of a host, move away: one job, in an order, some at once, with a result for each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal

from pydantic import Field

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.create import Strict
from ...model.domain import DomainRow
from ...model.migration import MigrationRequest, is_set
from ...model.migration_rules import MigrationOptions, offered
from ...model.strict import Value
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from .plan import find_hosts, versions
from .run import KIND as MIGRATION
from .run import Migration

KIND = "evacuation"
LOOK_SECONDS = 0.5
SINGULAR = {"rename": "Several machines cannot have one name.", "xml": "A definition belongs to one machine only."}
NONE_MOVES = "Open the move of one of them: its check says what stands in the way, and removes it."
Order = Literal["smallest_first", "largest_first", "as_given"]


class EvacuationRequest(Strict):
    """Which machines move, and how. `machines` null means all that run, and with `with_off` those that are off too.

    `move` is the wish for each; one that is off moves offline, whatever is said there.
    """

    machines: list[str] | None = Field(None, max_length=1000)
    with_off: bool = False
    move: MigrationRequest
    order: Order = "smallest_first"
    at_once: int = Field(2, ge=1, le=8)


class Evacuee(Value):
    """One machine on its way: what became of it, with its own job where one was begun."""

    uuid: str
    name: str
    state: Literal["waiting", "moving", "moved", "failed", "left"] = "waiting"
    job: str | None = None
    problem: dict[str, Any] | None = None


class Evacuation:
    """Moves of many machines as one job; after a restart it goes on with those that have not moved yet."""

    def __init__(self, hosts: Hosts, migration: Migration, jobs: Jobs) -> None:
        self._hosts = hosts
        self._migration = migration
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def start(self, host: str, request: EvacuationRequest, user: User) -> Change[Job]:
        """Move them; the job that does it. The plan has each machine's command, or why it cannot go."""
        rows = self._chosen(host, request)
        self._refuse_wish(host, request.move)
        commands, warnings, stay = [], [], []
        for row in rows:
            try:
                plan = self._migration.start(host, row.uuid, _wish(request, row), user).plan
            except Problem as problem:
                stay.append(f"{row.name} will stay: {problem.detail}")
            else:
                commands += plan.commands
                warnings += [words for words in plan.warnings if words not in warnings]
        if len(stay) == len(rows):
            raise Problem("migration-blocked", f"None of them can move so. {stay[0]}", cure=NONE_MOVES)
        evacuees = [Evacuee(uuid=row.uuid, name=row.name) for row in rows]

        def apply() -> Job:
            name = self._hosts.get(host).spec.name
            chosen = [one.model_dump() for one in evacuees]
            params = request.model_dump() | {"user": user.name, "role": user.role, "chosen": chosen}
            work = partial(self._work, request, evacuees, user)
            return self._jobs.start(
                KIND, host=host, target="", target_name=name, user=user.name, work=work, params=params
            )

        notes = [f"{len(rows) - len(stay)} of {len(rows)} machines can move."]
        return Change(Plan(commands=commands, warnings=[*stay, *warnings], notes=notes), apply)

    def _refuse_wish(self, host: str, move: MigrationRequest) -> None:
        """Problem where the wish itself is at fault, for every machine."""
        for name, words in SINGULAR.items():
            if is_set(move, name):
                raise field_problem(f"/move/{name}", words)
        try:
            find_hosts(self._hosts, host, move)
        except Problem as problem:
            errors = [FieldError(f"/move{error.pointer}", error.detail) for error in problem.errors]
            raise Problem(problem.slug, problem.detail, cure=problem.cure, errors=errors) from problem

    def options(self, host: str, move: MigrationRequest) -> MigrationOptions:
        """Every option that several machines can have. Hosts that are away, and wishes that clash, leave rules out."""
        ends = [self._hosts.get(host), *(each for each in self._hosts.all() if each.id == move.destination)]
        found = offered(move, versions(ends[0], ends[-1]))
        return found.model_copy(update={"options": [one for one in found.options if one.name not in SINGULAR]})

    def _chosen(self, host: str, request: EvacuationRequest) -> list[DomainRow]:
        rows = {row.uuid: row for row in self._hosts.get(host).domains.rows()}
        if request.machines is None:
            found = [row for row in rows.values() if row.active or (request.with_off and row.persistent)]
        else:
            unknown = [uuid for uuid in request.machines if uuid not in rows]
            if unknown:
                pointer = f"/machines/{request.machines.index(unknown[0])}"
                raise field_problem(pointer, f"There is no machine {unknown[0]} on {host}.")
            found = [rows[uuid] for uuid in dict.fromkeys(request.machines)]
        if not found:
            words = "There is nothing to move."
            cure = "Choose machines, or include those off."
            raise Problem("wrong-state", words, cure=cure, errors=[FieldError("/machines", words)])
        if request.order != "as_given":
            found.sort(key=lambda row: row.memory_kib, reverse=request.order == "largest_first")
        return found

    def _work(
        self, request: EvacuationRequest, evacuees: list[Evacuee], user: User, handle: JobHandle
    ) -> dict[str, Any]:
        lock = threading.Lock()

        def tell(one: Evacuee, **changes: Any) -> None:
            with lock:
                for name, value in changes.items():
                    setattr(one, name, value)
                over = sum(each.state not in ("waiting", "moving") for each in evacuees)
                told = [each.model_dump() for each in evacuees]
            handle.progress(over / len(evacuees), f"{over} of {len(evacuees)} machines", phase="move", machines=told)

        host = handle.job.host
        handle.progress(0.0, asked=request.model_dump(mode="json", exclude_unset=True))
        with ThreadPoolExecutor(request.at_once, thread_name_prefix="evacuation") as threads:
            waiting = [one for one in evacuees if one.state in ("waiting", "moving")]
            list(threads.map(lambda one: self._one(host, one, request, user, handle, tell), waiting))
        return _outcome(evacuees, handle)

    def _one(
        self,
        host: str,
        one: Evacuee,
        request: EvacuationRequest,
        user: User,
        handle: JobHandle,
        tell: Callable[..., None],
    ) -> None:
        """Move one machine, or follow the move of it that goes on already."""
        if handle.cancelled:
            tell(one, state="left")
            return
        try:
            job = self._begun(handle.job, one.uuid) or self._begin(host, one.uuid, request, user)
            tell(one, state="moving", job=job.id)
            self._follow(job.id, handle)
            over = self._jobs.get(job.id)
            if _interrupted(over) and not handle.cancelled:
                self._one(host, one, request, user, handle, tell)
                return
        except Problem as problem:
            tell(one, state="failed", problem=problem.as_dict())
        else:
            tell(one, state="moved" if over.state == "done" else "failed", problem=over.problem)

    def _begin(self, host: str, uuid: str, request: EvacuationRequest, user: User) -> Job:
        row = self._hosts.get(host).domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"{self._hosts.get(host).spec.name} no longer knows it.")
        return self._migration.start(host, uuid, _wish(request, row), user).apply()

    def _begun(self, whole: Job, uuid: str) -> Job | None:
        """The move of a machine that this job began already, before a restart or now."""
        mine = (
            job
            for job in self._jobs.list()
            if (job.kind, job.host, job.target) == (MIGRATION, whole.host, uuid) and job.started >= whole.started
        )
        newest = next(mine, None)
        return None if newest is None or _interrupted(newest) else newest

    def _follow(self, job: str, handle: JobHandle) -> None:
        asked = False
        while not (seen := self._jobs.wait(job, LOOK_SECONDS)).over:
            if handle.cancelled and not asked and seen.can_cancel:
                asked = True
                self._jobs.cancel(job)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """Go on with the machines whose end was not seen."""
        user = User(params.pop("user"), params.pop("role"))
        told = {each["uuid"]: each for each in job.details.get("machines", [])}  # as it was when last written down
        evacuees = [Evacuee.model_validate(told.get(each["uuid"], each)) for each in params.pop("chosen")]
        for host in (job.host, params["move"]["destination"]):
            while not self._hosts.get(host).wait_connected(LOOK_SECONDS):
                handle.check()
        handle.log("Quarterdeck was restarted; the machines that had not moved yet go on")
        return self._work(EvacuationRequest.model_validate(params), evacuees, user, handle)


def _wish(request: EvacuationRequest, row: DomainRow) -> MigrationRequest:
    """What is wished for one machine: one that is off moves offline, without what concerns memory."""
    if row.active:
        return request.move
    move = request.move
    if move.storage == "copy":
        more: dict[str, Any] = {"storage": "copy", "pool": move.pool, "bandwidth_mib_s": move.bandwidth_mib_s}
    else:
        more = {"transfer_address": move.transfer_address}
    return MigrationRequest(destination=move.destination, mode="offline", undefine_source=move.undefine_source, **more)


def _interrupted(job: Job) -> bool:
    """Whether a restart ended it before libvirt had begun: it is begun again."""
    return bool(job.problem) and str((job.problem or {}).get("type")).endswith("/interrupted")


def _outcome(evacuees: list[Evacuee], handle: JobHandle) -> dict[str, Any]:
    stayed = [one for one in evacuees if one.state != "moved"]
    if handle.cancelled:
        raise Problem("cancelled", f"{len(evacuees) - len(stayed)} of {len(evacuees)} had moved; the others stayed.")
    if stayed:
        why = (stayed[0].problem or {}).get("detail", "")
        raise Problem(
            "incomplete",
            f"{len(evacuees) - len(stayed)} of {len(evacuees)} have moved. {stayed[0].name} stayed: {why}",
            cure="Open the move of each that stayed: its check says what stands in the way, and removes it.",
        )
    return {"moved": len(evacuees), "machines": [one.model_dump() for one in evacuees]}
