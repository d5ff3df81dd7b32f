"""A network is stopped and started again without its machines losing their cable.

libvirt takes the cards of running machines out of a network that stops, and never puts them back (seen on 9.0 and
11.3). So they are put on a network that exists only meanwhile, and then back: the guest sees no change of its link.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import NetworkRow
from ...jobs import Job, JobHandle, Jobs
from ...model.network_settings import OWN_BRIDGE, NetworkSettings, read_settings
from ...model.xml import Element, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..patience import connected

KIND = "network-restart"


@dataclass(frozen=True)
class Card:
    """A card of a running machine that must be kept plugged in."""

    uuid: str
    machine: str
    element: Element

    @property
    def group(self) -> str | None:
        """The port group that it asks for."""
        source = self.element.find("source")
        return source.get("portgroup") if source is not None else None

    def on(self, network: str) -> str:
        """Its XML on a network; the port group stays named, so that it is known also after a restart of the service."""
        moved, group = deepcopy(self.element), self.group
        source = moved.find("source")
        if source is not None:
            source.attrib.clear()
            source.set("network", network)
            if group:
                source.set("portgroup", group)
        return dump(moved)


class NetworkRestart:
    """Restarts networks as jobs."""

    def __init__(self, hosts: Hosts, jobs: Jobs) -> None:
        self._hosts = hosts
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def plan(self, host: str, network: str, user: User) -> Change[Job]:
        """Stop and start a network; its machines keep their cable."""
        found = self._hosts.get(host)
        row = found.networks.row(network)
        if not row.active and not self._waiting(host, row):
            raise Problem("wrong-state", f"The network {row.name} does not run.", cure="Start it.")
        if not row.persistent:
            raise Problem("wrong-state", "Nothing of this network is saved: once stopped it is forgotten.")
        names = sorted({card.machine for card in self._cards(host, row)})
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
        networks, cards = self._hosts.get(host).networks, list(self._cards(host, row))
        hold = _hold_name(row)
        if cards:
            handle.progress(0.1, "Machines wait on another network", phase="hold")
            if hold not in {each.name for each in networks.rows()}:
                groups = tuple({"name": name} for name in sorted({card.group for card in cards if card.group}))
                networks.hold(dump(NetworkSettings.build({"name": hold, "portgroups": groups})))
            for card in cards:
                self._plug(host, card, hold)
        handle.progress(0.4, "Restarting the network", phase="restart")
        if row.active:
            networks.stop(row.uuid)
        try:
            networks.start(row.uuid)
        except Problem as problem:
            raise _not_up(problem, row, cards) from problem
        handle.progress(0.7, "Machines come back", phase="return")
        for card in cards:
            self._plug(host, card, row.name)
        if cards:
            networks.stop(hold)
        return {"machines": sorted({card.machine for card in cards})}

    def _plug(self, host: str, card: Card, network: str) -> None:
        self._hosts.get(host).domains.update_device(card.uuid, card.on(network), live=True, saved=False)

    def _waiting(self, host: str, row: NetworkRow) -> bool:
        """Whether machines wait since an earlier restart did not come to its end."""
        return _hold_name(row) in {each.name for each in self._hosts.get(host).networks.rows()}

    def _cards(self, host: str, row: NetworkRow) -> Iterator[Card]:
        found = self._hosts.get(host)
        settings = read_settings(parse(found.networks.xml(row.uuid)))
        if settings and settings.mode not in OWN_BRIDGE:
            return  # these cards are on an interface of the host, which stays
        for domain in found.domains.rows():
            if not domain.active:
                continue
            for card in parse(found.domains.xml(domain.uuid, live=True, secure=True)).iterfind("devices/interface"):
                source = card.find("source")
                if source is not None and source.get("network") in (row.name, _hold_name(row)):
                    yield Card(domain.uuid, domain.name, card)


def _hold_name(row: NetworkRow) -> str:
    return f"quarterdeck-hold-{row.uuid[:8]}"


def _not_up(problem: Problem, row: NetworkRow, cards: list[Card]) -> Problem:
    names = ", ".join(sorted({card.machine for card in cards}))
    wait = f" {names} wait on the network {_hold_name(row)}." if cards else ""
    return Problem(
        problem.slug,
        f"The network does not start again: {problem.detail}{wait}",
        cure="Correct the network, then restart it once more: what waits is put back then.",
        raw=problem.raw,
    )
