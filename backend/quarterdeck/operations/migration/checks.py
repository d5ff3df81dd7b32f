"""What stands in the way of a move: every check with its reason and its cure. Touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import BaseModel

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.capabilities import HostCapabilities, read_capabilities
from ...model.domain import DomainRow
from ...model.migration import MigrationRequest
from ...model.migration_rules import MigrationOptions, offered
from ...model.moving import MovedMachine, moved_machine
from ...model.xml import canonical
from ...problems import Problem
from .copies import PoolPlace, pool_places
from .forecast import Forecast, forecast
from .plan import find_hosts, versions

DEFAULT_DOWNTIME_MS = 300


class MigrationFinding(BaseModel):
    """One obstacle or doubt: what is so, why it matters, what removes it. `danger` would make the move fail."""

    id: str
    severity: Literal["danger", "warning", "info"]
    title: str
    fact: str
    reason: str
    cure: str | None = None


class MigrationCheck(BaseModel):
    """The findings of all checks, worst first; `checked` names the checks that were made."""

    possible: bool
    findings: list[MigrationFinding]
    checked: list[str]
    forecast: Forecast | None = None


class MovingDefinition(BaseModel):
    """A definition as it goes to another host; secrets are masked."""

    xml: str


@dataclass(frozen=True)
class Situation:
    """The facts that the checks look at; what costs calls is read once, when a check needs it."""

    source: Host
    destination: Host
    row: DomainRow
    machine: MovedMachine
    request: MigrationRequest

    @property
    def moves_memory(self) -> bool:
        """Whether a running machine's memory moves."""
        return self.request.mode != "offline"

    def plugs(self, kind: Literal["network", "bridge"]) -> list[str]:
        """The networks or bridges that its interfaces need at the destination, as they are mapped."""
        wishes = {wish.source: wish for wish in self.request.networks}
        mine = self.machine.networks if kind == "network" else self.machine.bridges
        kept = [name for name in mine if name not in wishes]
        wished = [wish.network if kind == "network" else wish.bridge for wish in self.request.networks]
        return list(dict.fromkeys([*kept, *(name for name in wished if name)]))

    @cached_property
    def there(self) -> list[DomainRow]:
        """The destination's machines."""
        return self.destination.domains.rows()

    @cached_property
    def pools_here(self) -> list[PoolPlace]:
        """The source's running pools."""
        return pool_places(self.source)

    @cached_property
    def pools_there(self) -> list[PoolPlace]:
        """The destination's running pools."""
        return pool_places(self.destination)

    @cached_property
    def offers(self) -> HostCapabilities:
        """What the destination can run."""
        return read_capabilities(self.destination.capabilities.xml())


Rule = Callable[[Situation], Iterator[MigrationFinding]]
ORDER = {"danger": 0, "warning": 1, "info": 2}


class MigrationChecks:
    """The checks before a move. `rules` are tried in order, each by its name."""

    def __init__(self, hosts: Hosts, rules: dict[str, Rule]) -> None:
        self._hosts = hosts
        self._rules = rules

    def options(self, host: str, uuid: str, request: MigrationRequest) -> MigrationOptions:
        """The form of a move. Hosts that are away, and wishes that clash, only leave rules out."""
        if self._hosts.get(host).domains.row(uuid) is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        ends = [each for each in self._hosts.all() if each.id in (host, request.destination)]
        return offered(request, versions(ends[0], ends[-1]))

    def definition(self, host: str, uuid: str) -> MovingDefinition:
        """What would go over, without what belongs to this host alone."""
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        return MovingDefinition(xml=canonical(domains.xml(uuid, live=row.active, secure=True, migratable=True)))

    def check(self, host: str, uuid: str, request: MigrationRequest) -> MigrationCheck:
        """All findings about a move, and the forecast where the machine runs."""
        source, destination = find_hosts(self._hosts, host, request)
        row = source.domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"There is no machine {uuid} on {source.spec.name}.")
        machine = moved_machine(source.domains.xml(uuid, live=row.active))
        situation = Situation(source, destination, row, machine, request)
        findings = [finding for name, rule in self._rules.items() for finding in _tried(name, rule, situation)]
        findings.sort(key=lambda finding: ORDER[finding.severity])
        return MigrationCheck(
            possible=all(finding.severity != "danger" for finding in findings),
            findings=findings,
            checked=list(self._rules),
            forecast=_forecast(situation),
        )


def _tried(name: str, rule: Rule, situation: Situation) -> list[MigrationFinding]:
    try:
        return list(rule(situation))
    except Problem as problem:
        if problem.slug == "host-lost":
            raise
        unknown = MigrationFinding(
            id=name,
            severity="info",
            title="Could not be checked",
            fact=problem.detail,
            reason="One of the hosts does not tell.",
            cure=problem.cure,
        )
        return [unknown]


def _forecast(situation: Situation) -> Forecast | None:
    row, request = situation.row, situation.request
    if not row.active or request.mode == "offline":
        return None
    running = row.state == "running" and request.mode == "live"
    dirty = situation.source.migrations.dirty_rate(row.uuid) if running else 0
    disks = 0
    if request.storage != "shared":
        disks = sum(
            situation.source.domains.block_size(row.uuid, disk.target)
            for disk in situation.machine.disks
            if disk.is_data and not disk.network
        )
    downtime = request.max_downtime_ms or DEFAULT_DOWNTIME_MS
    return forecast(row.memory_kib << 10, disks, dirty, request.bandwidth_mib_s, downtime)
