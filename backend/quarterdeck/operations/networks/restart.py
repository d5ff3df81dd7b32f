"""A network is stopped and started again without its machines losing their cable."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import NetworkRow
from ...jobs import Job, JobHandle, Jobs
from ...plan import Change, Effect, Plan, take_back
from ...problems import Problem
from ..patience import connected
from .cables import Cables, Card, hold_name
from .turns import Turns, target

KIND = "network-restart"


class NetworkRestart:
    """Restarts networks as jobs."""

    def __init__(self, hosts: Hosts, jobs: Jobs, turns: Turns) -> None:
        self._hosts = hosts
        self._jobs = jobs
        self._turns = turns
        self._cables = Cables(hosts)
        jobs.adopt(KIND, self._adopt)

    def plan(self, host: str, network: str, user: User) -> Change[Job]:
        """Stop and start a network; its machines keep their cable."""
        found = self._hosts.get(host)
        row = found.networks.row(network)
        if not row.active and not self._cables.held(host, row):
            raise Problem("wrong-state", f"The network {row.name} does not run.", cure="Start it.")
        if not row.persistent:
            raise Problem("wrong-state", "Nothing of this network is saved: once stopped it is forgotten.")
        names = sorted({card.machine for card in self._cables.cards(host, row)})
        plan = Plan(
            commands=[shlex.join(["virsh", act, row.name]) for act in ("net-destroy", "net-start")],
            effects=[Effect(field="network", when="live")],
        )
        if names:
            plan.warnings.append(
                f"{', '.join(names)} wait on another network for a moment; open connections stall for a second or two."
            )
        return Change(plan, lambda: self._start(host, row, user))

    def _start(self, host: str, row: NetworkRow, user: User) -> Job:
        networks = self._hosts.get(host).networks
        with self._turns.of_job(host, row):  # so that nothing edits it before the job has begun
            running = networks.xml(row.uuid) if networks.row(row.uuid).active else None
            return self._jobs.start(
                KIND,
                host=host,
                target=target(row),
                target_name=row.name,
                user=user.name,
                can_cancel=False,
                work=lambda handle: self._work(host, row.uuid, running, handle),
                params={"uuid": row.uuid, "running": running},
            )

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, list[str]]:
        """After a restart of the service all is done once more: what waits comes back, what is off is started."""
        connected(handle, self._hosts.get(job.host))
        return self._work(job.host, params["uuid"], params.get("running"), handle)

    def _work(self, host: str, network: str, running: str | None, handle: JobHandle) -> dict[str, list[str]]:
        """`running` is the definition with which the network ran before, which may be saved nowhere."""
        networks = self._hosts.get(host).networks
        with self._turns.of_job(host, networks.row(network)):
            row = networks.row(network)  # as the act before left it
            cards = self._cables.cards(host, row)
            if cards:
                handle.progress(0.1, "Machines wait on another network", phase="hold")
                self._hold(host, row, cards)
            handle.progress(0.4, "Restarting the network", phase="restart")
            if row.active:
                networks.stop(row.uuid)
            try:
                networks.start(row.uuid)
                handle.progress(0.7, "Machines come back", phase="return")
                self._cables.back(host, row, cards)
            except Problem as problem:
                told = _not_taken if networks.row(row.uuid).active else _unchanged
                if running is None or not self._as_before(host, row, cards, running):
                    raise _not_up(problem, row, cards) from problem
                raise told(problem, cards) from problem
        return {"machines": sorted({card.machine for card in cards})}

    def _hold(self, host: str, row: NetworkRow, cards: Sequence[Card]) -> None:
        """Let machines wait; where one cannot, none does, and the network was not touched."""
        try:
            self._cables.wait(host, row, cards)
        except Problem:
            if row.active:
                take_back(self._cables.back, host, row, cards)
            raise

    def _as_before(self, host: str, row: NetworkRow, cards: Sequence[Card], xml: str) -> bool:
        """Whether it runs again as it ran, and its machines are back; what is saved stays saved."""
        networks = self._hosts.get(host).networks
        try:
            if networks.row(row.uuid).active:
                self._cables.wait(host, row, cards)
                networks.stop(row.uuid)
            networks.run(xml)
            self._cables.back(host, row, cards)
        except Problem:
            return False
        return True


def _unchanged(problem: Problem, _cards: Sequence[Card]) -> Problem:
    return Problem(
        problem.slug,
        f"The network does not start with what was edited, and runs as before: {problem.detail}",
        cure="Correct what was edited, then restart it.",
        raw=problem.raw,
    )


def _not_taken(problem: Problem, cards: Sequence[Card]) -> Problem:
    return Problem(
        problem.slug,
        f"Running machines cannot go on the network as it was edited, and it runs as before: {problem.detail}",
        cure=f"Shut down {_names(cards)}, then restart the network.",
        raw=problem.raw,
    )


def _names(cards: Sequence[Card]) -> str:
    return ", ".join(sorted({card.machine for card in cards}))


def _not_up(problem: Problem, row: NetworkRow, cards: Sequence[Card]) -> Problem:
    wait = f" {_names(cards)} wait on the network {hold_name(row)}." if cards else ""
    return Problem(
        problem.slug,
        f"The network does not start again: {problem.detail}{wait}",
        cure="Correct the network, then start it: what waits is put back then.",
        raw=problem.raw,
    )
