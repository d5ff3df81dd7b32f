"""A network is stopped and started again without its machines losing their cable."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import NetworkRow
from ...jobs import Job, JobHandle, Jobs
from ...plan import Change, Effect, Plan
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
        if not row.active and not self._waiting(host, row):
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
        return self._jobs.start(
            KIND,
            host=host,
            target=target(row),
            target_name=row.name,
            user=user.name,
            can_cancel=False,
            work=lambda handle: self._work(host, row.uuid, handle),
            params={"uuid": row.uuid},
        )

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, list[str]]:
        """After a restart of the service all is done once more: what waits comes back, what is off is started."""
        connected(handle, self._hosts.get(job.host))
        return self._work(job.host, params["uuid"], handle)

    def _work(self, host: str, network: str, handle: JobHandle) -> dict[str, list[str]]:
        networks = self._hosts.get(host).networks
        with self._turns.of_job(host, networks.row(network)):
            row = networks.row(network)  # as the act before left it
            cards = self._cables.cards(host, row)
            if cards:
                handle.progress(0.1, "Machines wait on another network", phase="hold")
                self._cables.wait(host, row, cards)
            handle.progress(0.4, "Restarting the network", phase="restart")
            self._anew(host, row, cards)
            handle.progress(0.7, "Machines come back", phase="return")
            if cards:
                self._cables.back(host, row, cards)
        return {"machines": sorted({card.machine for card in cards})}

    def _anew(self, host: str, row: NetworkRow, cards: Sequence[Card]) -> None:
        """Stop and start it; where what is saved does not start, it runs again as it was, and its machines are back."""
        networks = self._hosts.get(host).networks
        before = networks.xml(row.uuid) if row.active else None
        if row.active:
            networks.stop(row.uuid)
        try:
            networks.start(row.uuid)
        except Problem as problem:
            if before is None or not self._as_before(host, row, cards, before):
                raise _not_up(problem, row, cards) from problem
            raise _unchanged(problem) from problem

    def _as_before(self, host: str, row: NetworkRow, cards: Sequence[Card], xml: str) -> bool:
        """Whether the network runs again with the definition that it ran with; what is saved stays saved."""
        try:
            self._hosts.get(host).networks.run(xml)
        except Problem:
            return False
        if cards:
            self._cables.back(host, row, cards)
        return True

    def _waiting(self, host: str, row: NetworkRow) -> bool:
        """Whether machines wait since an earlier restart did not come to its end."""
        return hold_name(row) in {each.name for each in self._hosts.get(host).networks.rows()}


def _unchanged(problem: Problem) -> Problem:
    return Problem(
        problem.slug,
        f"The network does not start with what was edited, and runs as before: {problem.detail}",
        cure="Correct what was edited, then restart it.",
        raw=problem.raw,
    )


def _not_up(problem: Problem, row: NetworkRow, cards: Sequence[Card]) -> Problem:
    names = ", ".join(sorted({card.machine for card in cards}))
    wait = f" {names} wait on the network {hold_name(row)}." if cards else ""
    return Problem(
        problem.slug,
        f"The network does not start again: {problem.detail}{wait}",
        cure="Correct the network, then start it: what waits is put back then.",
        raw=problem.raw,
    )
