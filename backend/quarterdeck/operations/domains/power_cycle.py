"""Shut a machine down and start it again as one job, which applies what waits for the next start."""

from __future__ import annotations

import shlex
import time
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from ...access import User
from ...hypervisor.domains import Domains
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.create import Strict
from ...model.xml import parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..patience import connected, patiently, unless_over
from .first_boot import FirstBoots

KIND = "power-cycle"
LOOK_SECONDS = 1.0


class PowerCycle(Strict):
    """How long the guest gets to shut down; with `force` it is then turned off, else left running."""

    timeout_seconds: int = Field(300, ge=5, le=86_400)
    force: bool = False


@dataclass(frozen=True)
class Cycle:
    """What is needed to go on after a restart: which run of the machine is to end, until when (Unix time), and how."""

    run: str
    until: float
    timeout_seconds: int
    force: bool


class PowerCycles:
    """Does it."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, first_boots: FirstBoots) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._first_boots = first_boots
        jobs.adopt(KIND, self._adopted)

    def start(self, host: str, uuid: str, body: PowerCycle, user: User) -> Change[Job]:
        """Ask the guest to shut down, wait for it, and start the machine again."""
        domains = self._hosts.get(host).domains
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        why = reason(BY_ID[KIND], facts, user.role)
        if why:
            raise Problem("wrong-state", why, action=KIND)

        def apply() -> Job:
            cycle = Cycle(_run(domains, uuid), time.time() + body.timeout_seconds, body.timeout_seconds, body.force)
            return self._jobs.start(
                KIND,
                host=host,
                target=uuid,
                target_name=facts.row.name,
                user=user.name,
                params=asdict(cycle),
                work=lambda handle: self._work(host, uuid, cycle, handle),
            )

        return Change(_plan(facts.row.name, body), apply)

    def _work(self, host: str, uuid: str, cycle: Cycle, handle: JobHandle) -> None:
        found = self._hosts.get(host)
        domains = found.domains

        def runs() -> bool:
            return patiently(handle, found, lambda: _runs(domains, uuid, cycle.run))

        handle.progress(None, "Asking the guest to shut down", phase="shutdown")
        if runs():
            unless_over(lambda: domains.shutdown(uuid), lambda: not runs())
        while runs():
            left = cycle.until - time.time()
            if left <= 0:
                _time_is_up(cycle, handle)
                unless_over(lambda: domains.destroy(uuid), lambda: not runs())
                break
            done = 1 - left / cycle.timeout_seconds
            handle.progress(done, "Waiting for the guest to shut down", phase="shutdown", eta_seconds=None)
            if handle.wait(min(LOOK_SECONDS, left)):
                raise Problem("cancelled", "It was asked to shut down, and is not started again.")
        handle.can_cancel(False)
        handle.progress(None, "Starting", phase="start", eta_seconds=None)
        row = patiently(handle, found, lambda: domains.row(uuid))
        if row is None:
            raise Problem("not-found", "The machine is gone: somebody removed it when it was off.")
        if not row.active:
            self._first_boots.start(host, uuid)

    def _adopted(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """Go on after a restart of this service; asking the guest once more does no harm."""
        connected(handle, self._hosts.get(job.host))
        self._work(job.host, job.target, Cycle(**params), handle)


def _time_is_up(cycle: Cycle, handle: JobHandle) -> None:
    """Problem, unless it is to be turned off then."""
    if not cycle.force:
        raise Problem(
            "timed-out",
            f"The guest did not shut down within {cycle.timeout_seconds} seconds, so it runs on as it was.",
            cure="Shut it down from inside, or do it again with “force off” after the time.",
        )
    handle.log(f"It did not shut down within {cycle.timeout_seconds} seconds: it is turned off.")


def _run(domains: Domains, uuid: str) -> str:
    """What names one run of a machine; empty where it is off."""
    row = domains.row(uuid)
    if row is None or not row.active:
        return ""
    try:
        return parse(domains.xml(uuid, live=True)).get("id", "")
    except Problem as problem:
        if problem.slug != "not-found":
            raise
        return ""


def _runs(domains: Domains, uuid: str, run: str) -> bool:
    return bool(run) and _run(domains, uuid) == run


def _plan(name: str, body: PowerCycle) -> Plan:
    quoted = shlex.quote(name)
    watch = """until [ "$(virsh domstate "$0")" = "shut off" ]; do sleep 1; done"""
    wait = shlex.join(["timeout", str(body.timeout_seconds), "sh", "-c", watch, name])
    force = f" || virsh destroy {quoted}" if body.force else ""
    warnings = [f"After {body.timeout_seconds} s it is turned off; what the guest has not written is lost."]
    return Plan(
        commands=[f"virsh shutdown {quoted}", wait + force, f"virsh start {quoted}"],
        effects=[Effect(field="state", when="live")],
        warnings=warnings if body.force else [],
    )
