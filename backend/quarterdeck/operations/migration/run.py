"""Carrying out a move as a job that outlives this process.

libvirt's source daemon does the work, peer to peer. After a restart the job is found again by libvirt's own job on
the source, and where that is over, the outcome is read from both hosts.
"""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import Any

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.migrations import Migrations
from ...jobs import Job, JobHandle, Jobs
from ...model.domain import DomainRow
from ...plan import Change
from ...problems import Problem
from ..inventory import Inventory
from .follow import Follower, whereabouts
from .plan import Prepared, prepare
from .progress import Meter
from .request import MigrationRequest
from .room import Room, clear, give_back, make_ready

KIND = "migration"


class Migration:
    """Moves of machines between the hosts of the service."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def start(self, host: str, uuid: str, request: MigrationRequest, user: User) -> Change[Job]:
        """Move a machine; the job that does it."""
        prepared = prepare(self._hosts, host, uuid, request)

        def apply() -> Job:
            running = self._jobs.of(host, uuid)
            if running or prepared.source.domains.is_busy(uuid):
                raise Problem("busy", f"Another job works on {prepared.row.name}.", job=running.id if running else None)
            return self._jobs.start(
                KIND,
                host=host,
                target=uuid,
                target_name=prepared.row.name,
                user=user.name,
                work=partial(self._work, prepared),
                params=prepared.params(),
            )

        return Change(prepared.plan, apply)

    def _work(self, prepared: Prepared, handle: JobHandle) -> dict[str, Any]:
        uuid, source, destination = prepared.row.uuid, prepared.source, prepared.destination
        handle.progress(0.0, f"Getting ready to move to {destination.spec.name}", phase="begin")
        rooms = Room.of(prepared.params()["made"])
        handle.undo.callback(give_back, destination, rooms)
        handle.undo.callback(clear, destination, uuid, rooms)
        handle.log(f"From {source.spec.name} to {destination.spec.name}: {prepared.plan.commands[0]}")
        make_ready(destination, rooms)
        handle.check()
        if prepared.move.offline:
            return self._offline(prepared, handle)
        self._set_limits(prepared, handle)
        follower = Follower(
            handle, source, uuid, prepared.row.memory_max_kib * 1024, post_copy=prepared.request.post_copy
        )
        problem = _call_and_follow(prepared, follower)
        if problem is not None and problem.slug == "host-lost":
            # It was our connection or that between the hosts; in the first case libvirt moves it on by itself.
            _wait_for(handle, source)
            follower.follow()
        return self._conclude(handle, uuid, source, destination, rooms, problem)

    def _set_limits(self, prepared: Prepared, handle: JobHandle) -> None:
        """Set the longest pause, and put both limits back if the move fails: libvirt would keep them for the next."""
        uuid, migrations = prepared.row.uuid, prepared.source.migrations
        bandwidth, downtime = migrations.bandwidth(uuid), migrations.max_downtime(uuid)
        handle.undo.callback(_put_back, migrations, uuid, bandwidth, downtime)
        if prepared.request.max_downtime_ms:
            migrations.set_max_downtime(uuid, prepared.request.max_downtime_ms)
        ram = prepared.row.memory_max_kib * 1024
        handle.progress(
            0.0,
            phase="prepare",
            bandwidth_mib_s=prepared.move.bandwidth_mib_s or bandwidth,
            max_downtime_ms=prepared.request.max_downtime_ms or downtime,
            downtime_ms=None,
            **Meter(ram).read({}).details(),
        )

    def _offline(self, prepared: Prepared, handle: JobHandle) -> dict[str, Any]:
        handle.can_cancel(False)
        handle.progress(0.5, "Moving the definition", phase="prepare")
        prepared.source.migrations.migrate(prepared.row.uuid, prepared.move)
        if prepared.request.start:
            handle.progress(0.8, "Starting it there", phase="finish")
            prepared.destination.domains.start(prepared.row.uuid)
        self._look_again(prepared.source, prepared.destination, prepared.row.uuid)
        row = prepared.destination.domains.row(prepared.row.uuid)
        handle.progress(1.0, f"Its definition is on {prepared.destination.spec.name}", phase="finish")
        return {"destination": prepared.destination.id, "state": row.state if row else "unknown"}

    def _conclude(
        self, handle: JobHandle, uuid: str, source: Host, destination: Host, rooms: list[Room], problem: Problem | None
    ) -> dict[str, Any]:
        """The result, when it is over there; else the problem, with the proof where the machine runs."""
        moved, where = whereabouts(uuid, source, destination)
        self._look_again(source, destination, uuid)
        handle.log(where)
        if not moved:
            raise _told(problem, handle, where)
        if problem is not None and problem.slug != "interrupted":
            handle.log(f"It moved, but libvirt complained: {problem.detail}")
        with contextlib.suppress(Problem):
            give_back(destination, rooms)
        final, row = self._ending(uuid, source, destination)
        handle.can_cancel(False)
        told = {"downtime_ms": final.get("downtime"), "remaining_bytes": 0, "eta_seconds": None}
        handle.progress(1.0, where, phase="finish", **told)
        return {
            "destination": destination.id,
            "state": row.state if row else "unknown",
            "duration_ms": final.get("time_elapsed"),
            "downtime_ms": final.get("downtime"),
            "sent_bytes": final.get("data_processed"),
        }

    def _ending(self, uuid: str, source: Host, destination: Host) -> tuple[dict[str, Any], DomainRow | None]:
        """Libvirt's last figures, and the machine at the destination; empty where a host cannot be asked."""
        final: dict[str, Any] = {}
        for host in (destination, source):
            with contextlib.suppress(Problem):
                final = final or host.migrations.final_statistics(uuid)
        with contextlib.suppress(Problem):
            return final, destination.domains.row(uuid)
        return final, None

    def _look_again(self, source: Host, destination: Host, uuid: str) -> None:
        for host in (source, destination):
            with contextlib.suppress(Problem):
                self._inventory.refresh(host.id, uuid)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """Follow a move that an earlier process began."""
        source, destination = self._hosts.get(job.host), self._hosts.get(params["destination"])
        _wait_for(handle, source, destination)
        rooms = Room.of(params["made"])
        handle.undo.callback(give_back, destination, rooms)
        handle.undo.callback(clear, destination, job.target, rooms)
        handle.log("Quarterdeck was restarted; the move is followed again")
        follower = Follower(handle, source, job.target, params["ram_bytes"], post_copy=params.get("post_copy", False))
        follower.follow()
        interrupted = Problem(
            "interrupted", "Quarterdeck was restarted while this ran, and it did not come to its end."
        )
        return self._conclude(handle, job.target, source, destination, rooms, interrupted)


def _call_and_follow(prepared: Prepared, follower: Follower) -> Problem | None:
    """Let libvirt move it in a thread of its own while this one watches; what libvirt refused, if it did."""
    ended = threading.Event()
    refused: list[Problem] = []

    def call() -> None:
        try:
            prepared.source.migrations.migrate(prepared.row.uuid, prepared.move)
        except Problem as problem:
            refused.append(problem)
        except Exception as error:  # the job must end whatever happens here
            refused.append(Problem("internal", f"{type(error).__name__}: {error}"))
        finally:
            ended.set()

    threading.Thread(target=call, name=f"migrate-{prepared.row.uuid}", daemon=True).start()
    follower.follow(ended)
    return refused[0] if refused else None


def _put_back(migrations: Migrations, uuid: str, bandwidth: int | None, downtime: int) -> None:
    with contextlib.suppress(Problem):
        migrations.set_bandwidth(uuid, bandwidth or 0)
        migrations.set_max_downtime(uuid, downtime)


def _wait_for(handle: JobHandle, *hosts: Host) -> None:
    for host in hosts:
        while not host.wait_connected(0.5):
            handle.progress(None, f"Waiting for {host.spec.name} to be connected again")


def _told(problem: Problem | None, handle: JobHandle, where: str) -> Problem:
    if handle.cancelled and (problem is None or problem.slug in ("cancelled", "interrupted")):
        return Problem("cancelled", f"The move was cancelled. {where}", raw=problem.raw if problem else None)
    if problem is None:
        return Problem("libvirt-refused", f"The move did not come to its end. {where}", cure="See the hosts' logs.")
    return Problem(problem.slug, f"{problem.detail} {where}", cure=problem.cure, errors=problem.errors, raw=problem.raw)
