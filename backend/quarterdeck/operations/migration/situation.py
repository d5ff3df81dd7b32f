"""What the checks before a move look at, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ...access import Permission
from ...hypervisor.host import Host
from ...model.capabilities import HostCapabilities, read_capabilities
from ...model.domain import DomainRow
from ...model.migration import MigrationRequest
from ...model.moving import MovedMachine, PoolPlace
from ...model.strict import Value
from .copies import pool_places

LINK_KNOWN_DAYS = 30
"""For so long it is taken as known how fast it goes between two hosts."""
Severity = Literal["danger", "warning", "info"]


class Repair(Value):
    """What removes an obstacle: an act on a host (`kind`, `about`), or with `wish` only another wish for the move.

    `needs` is a permission beyond that of moving. `asks_secret`: it may need a value that libvirt gives to nobody.
    """

    kind: str
    about: str = ""
    title: str
    wish: dict[str, Any] | None = None
    needs: Permission | None = None
    asks_secret: bool = False


class MigrationFinding(Value):
    """One obstacle or doubt: what is so, why it matters, what removes it. `danger` would make the move fail.

    `commands` are for a person, where this server may not do it. `protection_of` is a host on whose page of protection
    it is removed.
    """

    id: str
    severity: Severity
    title: str
    fact: str
    reason: str
    cure: str | None = None
    repairs: list[Repair] = []
    commands: list[str] = []
    protection_of: str | None = None


@dataclass(frozen=True)
class Situation:
    """The facts that the checks look at; what costs calls is read once, when a check needs it.

    `link_known`: how fast it goes between both hosts was seen lately. `kept`: the destination's machines as they were
    read last; None where they are to be read now. `repaired`: something was just done, so nothing that was remembered
    of both hosts counts.
    """

    source: Host
    destination: Host
    row: DomainRow
    machine: MovedMachine
    request: MigrationRequest
    link_known: bool
    kept: list[DomainRow] | None = None
    repaired: bool = False

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
        return self.destination.domains.rows() if self.kept is None else self.kept

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


def found(
    id: str, severity: Severity, title: str, fact: str, reason: str, cure: str | None = None, *repairs: Repair
) -> MigrationFinding:
    """A finding in one line."""
    return MigrationFinding(
        id=id, severity=severity, title=title, fact=fact, reason=reason, cure=cure, repairs=list(repairs)
    )
