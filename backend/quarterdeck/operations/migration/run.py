"""Carrying out a move as a job that outlives this process.

libvirt's source daemon does the work, peer to peer. After a restart the job is found again by libvirt's own job on
the source, and where that is over, the outcome is read from both hosts.

A source daemon that is lost says nothing of the move: it is waited for. libvirt 9.0 crashes by itself at times where a
guest turns itself off, or its QEMU ends, while disks go along (SIGSEGV in qemuBlockJobUpdate below
qemuMigrationSrcPerform: the job's disk went with the definition that qemuProcessStop had freed), whoever asked for the
move; systemd starts it anew, and it then finds the machine off.
"""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.migrations import Migrations
from ...jobs import Job, JobHandle, Jobs, Work
from ...model.migration import MigrationRequest
from ...plan import Change
from ...problems import Problem
from ..inventory.inventory import Inventory
from ..patience import connected
from ..storage.states import States
from .checks import MigrationChecks
from .ending import LOOK_SECONDS, MigrationResult, Whereabouts, bring_back, ending, predicted, told_apart, whereabouts
from .follow import Follower, Wishes
from .forecasts import Forecasts
from .plan import Prepared, prepare
from .progress import Meter
from .room import Room, give_back, make_ready, make_thin, refuse_taken
from .stopped import Stopped
from .stopped_run import StoppedMoves, ended_off
from .telling import broke_in_post_copy, not_moved, why_failed
from .tidying import Tidying

KIND = "migration"
ASKED_SECONDS = 10.0
Limits = tuple[int | None, int]  # bandwidth in MiB/s, None for none; longest pause in milliseconds


class Migration:
    """Moves of machines between the hosts of the service."""

    def __init__(
        self,
        hosts: Hosts,
        inventory: Inventory,
        jobs: Jobs,
        checks: MigrationChecks,
        forecasts: Forecasts,
        *,
        states: States,
    ) -> None:
        self._hosts = hosts
        self._checks = checks
        self._tidying = Tidying(hosts, jobs)
        self._stopped = StoppedMoves(inventory, states)
        self._forecasts = forecasts
        self._inventory = inventory
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def start(self, host: str, uuid: str, request: MigrationRequest, user: User) -> Change[Job]:
        """Move a machine; the job that does it. Where it cannot begin its plan is refused like itself."""
        resumes = request.resume_post_copy
        self._refuse_busy(host, uuid)
        prepared = prepare(self._hosts, host, uuid, request)
        if not resumes:
            self._checks.refuse(prepared, self._inventory.rows(request.destination))

        def begin() -> Job:
            told = self._forecasts.told(host, uuid, request)
            known_there = request.destination in self._inventory.where(uuid)
            limits = None if prepared.move.offline else _limits(prepared.source, uuid)
            work = partial(self._work, prepared, told, limits, known_there)
            return self._job(prepared, user, work, {"told": told, "limits": limits, "known_there": known_there})

        def go_on() -> Job:
            return self._job(prepared, user, partial(self._resume, prepared), {})

        return Change(prepared.plan, go_on if resumes else begin)

    def _job(self, prepared: Prepared, user: User, work: Work, more: dict[str, Any]) -> Job:
        return self._jobs.start(
            KIND,
            host=prepared.source.id,
            target=prepared.row.uuid,
            target_name=prepared.row.name,
            user=user.name,
            work=work,
            params=prepared.params() | more,
        )

    def _refuse_busy(self, host: str, uuid: str) -> None:
        """Before anything else is looked at: what another move makes there would be taken for somebody else's."""
        domains, running = self._hosts.get(host).domains, self._jobs.of(host, uuid)
        row = domains.row(uuid)
        broke = row is not None and row.reason == "postcopy_failed"  # libvirt's job of that move is still there
        if row and (running or (not broke and domains.is_busy(uuid))):
            raise Problem("busy", f"Another job works on {row.name}.", job=running.id if running else None)

    def _work(
        self, prepared: Prepared, told: dict[str, Any], limits: Limits | None, known_there: bool, handle: JobHandle
    ) -> MigrationResult:
        uuid, source, destination = prepared.row.uuid, prepared.source, prepared.destination
        words = f"Getting ready to move to {destination.spec.name}"
        handle.progress(0.0, words, phase="begin", asked=prepared.asked())
        handle.undo.callback(_tell_changed, handle, prepared.params())
        made = self._tidying.made(handle.job, source, prepared.params())
        handle.undo.callback(self._tidying.take_back, handle.job, made)
        handle.log(f"From {source.spec.name} to {destination.spec.name}: {' && '.join(prepared.plan.commands)}")
        make_ready(handle, destination, made.rooms)
        refuse_taken(destination, prepared.copies, made.rooms)
        if prepared.stopped:
            result = self._stopped.move(prepared, prepared.stopped, made, handle).model_copy(update=predicted(told))
            self._learn(handle, source, result, prepared.params() | {"told": told})
            return result
        make_thin(destination, prepared.copies, made.rooms)
        if made.carrying:
            made.carrying.carry()
        if handle.cancelled:
            raise not_moved(None, handle, whereabouts(uuid, source, destination).words)
        if limits is None:
            return self._offline(prepared, handle)
        self._set_limits(prepared, limits, handle)
        follower = Follower(handle, source, uuid, prepared.row.memory_max_kib * 1024, prepared.wishes)
        problem = _call_and_follow(prepared, follower, handle)
        params = prepared.params() | {"told": told, "known_there": known_there}
        return self._conclude(handle, source, destination, params, problem)

    def _resume(self, prepared: Prepared, handle: JobHandle) -> MigrationResult:
        """Go on with a move that broke in post-copy: the rest of its memory is sent."""
        source, destination = prepared.source, prepared.destination
        handle.progress(0.0, "Going on with the move", phase="post_copy", asked=prepared.asked())
        handle.log(f"From {source.spec.name} to {destination.spec.name}: {' && '.join(prepared.plan.commands)}")
        ram = prepared.row.memory_max_kib * 1024
        follower = Follower(handle, source, prepared.row.uuid, ram, prepared.wishes)
        follower.switched()
        problem = _call_and_follow(prepared, follower, handle)
        return self._conclude(handle, source, destination, prepared.params(), problem)

    def _set_limits(self, prepared: Prepared, limits: Limits, handle: JobHandle) -> None:
        """Set the longest pause, and put both limits back if the move fails: libvirt would keep them for the next."""
        uuid, migrations = prepared.row.uuid, prepared.source.migrations
        bandwidth, downtime = limits
        handle.undo.callback(_put_back, migrations, uuid, limits)
        if prepared.request.max_downtime_ms:
            migrations.set_max_downtime(uuid, prepared.request.max_downtime_ms)
        ram = prepared.row.memory_max_kib * 1024
        handle.progress(
            0.0,
            phase="prepare",
            bandwidth_mib_s=prepared.request.bandwidth_mib_s or bandwidth,
            post_copy_bandwidth_mib_s=prepared.request.post_copy_bandwidth_mib_s,
            max_downtime_ms=prepared.request.max_downtime_ms or downtime,
            post_copy_allowed=prepared.request.post_copy,
            downtime_ms=None,
            **Meter(ram).read({}).details(),
        )

    def _offline(self, prepared: Prepared, handle: JobHandle) -> MigrationResult:
        handle.can_cancel(False)
        handle.progress(0.5, "Moving the definition", phase="prepare")
        prepared.source.migrations.migrate(prepared.row.uuid, prepared.move)
        if prepared.request.start:
            handle.progress(0.8, "Starting it there", phase="finish")
            prepared.destination.domains.start(prepared.row.uuid)
        return ended_off(self._inventory, prepared.source, prepared.destination, handle)

    def _conclude(
        self, handle: JobHandle, source: Host, destination: Host, params: dict[str, Any], problem: Problem | None
    ) -> MigrationResult:
        """The result, when it is over there; else the problem, with the proof where the machine runs."""
        uuid = handle.job.target
        if problem is None and (seen := self._both_read(uuid, source, destination)) and seen.moved:
            return self._end(handle, source, destination, params, None, seen)
        found = whereabouts(uuid, source, destination)
        if not found.moved:
            found = self._brought_back(handle, source, destination, found)
        with ThreadPoolExecutor(2, thread_name_prefix="look-again") as looking:
            looking.map(partial(self._look_again, uuid), (source, destination))
            return self._end(handle, source, destination, params, problem, found)

    def _both_read(self, uuid: str, source: Host, destination: Host) -> Whereabouts | None:
        """Where it is, by reading it on both hosts at once, as pages are told it; None where one does not answer."""
        with ThreadPoolExecutor(2, thread_name_prefix="look-again") as looking, contextlib.suppress(Problem):
            both = looking.map(lambda host: self._inventory.refresh(host.id, uuid), (source, destination))
            here, there = (kept and kept[0].row for kept in both)
            return told_apart(here, there, source, destination)
        return None

    def _end(
        self,
        handle: JobHandle,
        source: Host,
        destination: Host,
        params: dict[str, Any],
        problem: Problem | None,
        found: Whereabouts,
    ) -> MigrationResult:
        uuid = handle.job.target
        rooms = Room.of(params["made"])
        handle.log(found.words, final=found.moved)
        if found.here and found.here.reason == "postcopy_failed":
            handle.undo.pop_all()  # what the destination has is in use
            give_back(destination, rooms, handle.id)
            raise broke_in_post_copy(problem, found)
        if not found.moved:
            if not params.get("known_there", True):
                self._forget_there(handle, destination, found)
            why = why_failed(problem, source, destination, rooms)
            raise not_moved(why, handle, found.words, start_on=source.id if found.off_everywhere else None)
        if problem is not None and problem.slug != "interrupted":
            handle.log(f"It moved, but libvirt complained: {problem.detail}")
        give_back(destination, rooms, handle.id)
        result = ending(uuid, source, destination, params.get("told", {}), found)
        if "told" in params:
            self._learn(handle, source, result, params)
        if result.duration_ms is None:  # by post-copy, and the source has forgotten it: as it was seen last
            result = result.model_copy(update={"duration_ms": handle.job.details.get("elapsed_ms")})
        told = {"downtime_ms": result.downtime_ms, "remaining_bytes": 0, "eta_seconds": None, "advice": None}
        handle.progress(1.0, result.proof, phase="finish", **told)
        return result

    def _learn(self, handle: JobHandle, source: Host, result: MigrationResult, params: dict[str, Any]) -> None:
        job = handle.job
        limited = params["limited"] or bool(job.details.get("bandwidth_mib_s"))
        self._forecasts.learn(source.id, job.target, job.target_name, result, params | {"limited": limited})

    def _forget_there(self, handle: JobHandle, destination: Host, found: Whereabouts) -> None:
        """Remove the definition that libvirt leaves at the destination where the machine could not go on there."""
        left = found.there
        if left is None or left.active or left.snapshots or found.here is None or not found.here.persistent:
            return
        with contextlib.suppress(Problem):
            destination.domains.undefine(left.uuid, nvram=False, tpm=False)
            handle.log(f"Its definition was removed from {destination.spec.name} again")

    def _brought_back(self, handle: JobHandle, source: Host, destination: Host, found: Whereabouts) -> Whereabouts:
        """Where it is, let run on at the source where the move has stopped it, or why it cannot be."""
        uuid = handle.job.target
        try:
            done = bring_back(uuid, source, destination, cancelled=handle.cancelled)
        except Problem as problem:
            return found._replace(words=f"{found.words} It cannot be let go on: {problem.detail}")
        if done is None:
            return found
        handle.log(done)
        return whereabouts(uuid, source, destination)

    def _look_again(self, uuid: str, host: Host) -> None:
        with contextlib.suppress(Problem):
            self._inventory.refresh(host.id, uuid)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> MigrationResult:
        """Follow a move that an earlier process began."""
        source, destination = self._hosts.get(job.host), self._hosts.get(params["destination"])
        connected(handle, source, destination)
        made = self._tidying.made(job, source, params)
        handle.undo.callback(self._tidying.take_back, job, made)
        handle.undo.callback(_tell_changed, handle, params)
        if params.get("stopped"):
            return self._stopped.adopt(source, made, Stopped.of(params["stopped"]), handle)
        handle.log("Quarterdeck was restarted; the move is followed again")
        if params.get("limits"):
            handle.undo.callback(_put_back, source.migrations, job.target, tuple(params["limits"]))
        with contextlib.suppress(Problem):  # it may be over, and no longer known here
            bandwidth, downtime = _limits(source, job.target)
            handle.progress(job.progress, bandwidth_mib_s=bandwidth, max_downtime_ms=downtime)
        follower = Follower(handle, source, job.target, params["ram_bytes"], Wishes(**params["wishes"]))
        here = source.domains.row(job.target)
        if here and here.reason == "postcopy":
            follower.switched()
        follower.follow()
        interrupted = Problem(
            "interrupted", "Quarterdeck was restarted while this ran, and it did not come to its end."
        )
        return self._conclude(handle, source, destination, params, interrupted)


def _tell_changed(handle: JobHandle, params: dict[str, Any]) -> None:
    """Tell the changed definition of a move that failed, to ask the same again; it is too long to be told before."""
    if params.get("changed_xml"):
        job = handle.job
        asked = job.details.get("asked", {}) | {"xml": params["changed_xml"]}
        handle.progress(job.progress, asked=asked, retype_secrets=params["retype"])


def _migrate(prepared: Prepared, handle: JobHandle) -> None:
    """Move it, once our own question is answered, which to libvirt is another migration.

    A move that broke can go on as soon as the destination has seen that it broke.
    """
    passing = ("busy", "wrong-state") if prepared.request.resume_post_copy else ("busy",)
    until = time.monotonic() + ASKED_SECONDS
    while True:
        try:
            return prepared.source.migrations.migrate(prepared.row.uuid, prepared.move)
        except Problem as problem:
            if problem.slug not in passing or time.monotonic() > until or handle.wait(LOOK_SECONDS):
                raise


def _call_and_follow(prepared: Prepared, follower: Follower, handle: JobHandle) -> Problem | None:
    """Let libvirt move it in a thread of its own while this one watches; what libvirt refused, if it did."""
    ended: Future[Problem | None] = Future()

    def call() -> None:
        try:
            _migrate(prepared, handle)
        except Problem as problem:
            ended.set_result(problem)
        except Exception as error:  # the job must end whatever happens here
            ended.set_result(Problem("internal", f"{type(error).__name__}: {error}"))
        else:
            ended.set_result(None)

    threading.Thread(target=call, name=f"migrate-{prepared.row.uuid}", daemon=True).start()
    follower.follow(ended)
    problem = ended.result()
    if problem is not None and problem.slug == "host-lost":
        # It was our connection or that between the hosts; in the first case libvirt moves it on by itself.
        connected(handle, prepared.source)
        follower.follow()
    return problem


def _limits(source: Host, uuid: str) -> Limits:
    return source.migrations.bandwidth(uuid), source.migrations.max_downtime(uuid)


def _put_back(migrations: Migrations, uuid: str, limits: Limits) -> None:
    bandwidth, downtime = limits
    with contextlib.suppress(Problem):
        migrations.set_bandwidth(uuid, bandwidth or 0)
        migrations.set_max_downtime(uuid, downtime)
