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

KIND = "network-restart"


class NetworkRestart:
    """Restarts networks as jobs."""

    def __init__(self, hosts: Hosts, jobs: Jobs) -> None:
        self._hosts = hosts
        self._jobs = jobs
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
            target=f"network/{row.name}",
            target_name=row.name,
            user=user.name,
            can_cancel=False,
            work=lambda handle: self._work(host, row, handle),
            params={"uuid": row.uuid},
        )

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, list[str]]:
        """After a restart of the service all is done once more: what waits comes back, what is off is started."""
        found = self._hosts.get(job.host)
        connected(handle, found)
        return self._work(job.host, found.networks.row(params["uuid"]), handle)

    def _work(self, host: str, row: NetworkRow, handle: JobHandle) -> dict[str, list[str]]:
        networks, cards = self._hosts.get(host).networks, self._cables.cards(host, row)
        if cards:
            handle.progress(0.1, "Machines wait on another network", phase="hold")
            self._cables.wait(host, row, cards)
        handle.progress(0.4, "Restarting the network", phase="restart")
        if row.active:
            networks.stop(row.uuid)
        try:
            networks.start(row.uuid)
        except Problem as problem:
            raise _not_up(problem, row, cards) from problem
        handle.progress(0.7, "Machines come back", phase="return")
        if cards:
            self._cables.back(host, row, cards)
        return {"machines": sorted({card.machine for card in cards})}

    def _waiting(self, host: str, row: NetworkRow) -> bool:
        """Whether machines wait since an earlier restart did not come to its end."""
        return hold_name(row) in {each.name for each in self._hosts.get(host).networks.rows()}


def _not_up(problem: Problem, row: NetworkRow, cards: Sequence[Card]) -> Problem:
    names = ", ".join(sorted({card.machine for card in cards}))
    wait = f" {names} wait on the network {hold_name(row)}." if cards else ""
    return Problem(
        problem.slug,
        f"The network does not start again: {problem.detail}{wait}",
        cure="Correct the network, then start it: what waits is put back then.",
        raw=problem.raw,
    )
