"""One machine as it was last read, what a list of them is, and the news of a change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from ...access import Role
from ...model.domain import Domain, DomainRow, DomainSummary, Drift
from .actions import reasons
from .findings import NOTHING_MORE, findings
from .refusals import Facts
from .views import Reading, detail
from .why import Circumstances


@dataclass
class Kept:
    """One machine as last read. `bare` is its summary without actions, which differ by role."""

    row: DomainRow
    bare: DomainSummary
    facts: Facts
    digests: tuple[str, str]
    drift: Drift | None = None
    why: Circumstances = NOTHING_MORE
    _json: dict[Role, bytes] = field(default_factory=dict)

    def same_as(self, other: Kept) -> bool:
        """Whether somebody who watches would see no difference."""
        mine, theirs = ((each.row, each.facts, each.digests, each.drift, each.why) for each in (self, other))
        return mine == theirs and self.bare.addresses == other.bare.addresses

    @property
    def versions(self) -> tuple[str, str]:
        """What changes with the saved definition or the snapshots, and with the running one."""
        return f"{self.digests[0]} {self.row.snapshots} {self.row.snapshot}", self.digests[1]

    def summary(self, role: Role) -> DomainSummary:
        """The summary with the acts that this role may do now."""
        return self.bare.model_copy(update={"actions": reasons(self.facts, role)})

    def detail(self, reading: Reading, role: Role) -> Domain:
        """The machine in full, as it was read."""
        found = detail(self.summary(role), reading).model_copy(update={"drift": self.drift})
        return found.model_copy(update={"findings": findings(found, self.why)})

    def away(self, role: Role, host: str, since: str) -> DomainSummary:
        """The summary as it was last known, with no act possible, while its host does not answer since then."""
        known = self.summary(role)
        reason = f"{host} is not connected. The machine comes back with it; see the hosts for why it is away."
        return known.model_copy(update={"last_seen": since, "actions": dict.fromkeys(known.actions, reason)})

    def known(self, reading: Reading, role: Role, host: str, since: str) -> Domain:
        """The machine in full as it was last known, while its host does not answer since then."""
        return detail(self.away(role, host, since), reading)

    def json(self, role: Role) -> bytes:
        """The summary as JSON, made once."""
        if role not in self._json:
            self._json[role] = self.summary(role).model_dump_json().encode()
        return self._json[role]


@dataclass(frozen=True)
class List:
    """The machines of a host as one role sees them, as JSON made once.

    `state` is the revision of the inventory, and since when the host does not answer.
    """

    state: tuple[int, str | None]
    json: bytes

    @cached_property
    def etag(self) -> str:
        """The same for the same machines."""
        return hashlib.blake2b(self.json, digest_size=16).hexdigest()


@dataclass(frozen=True)
class Changed:
    """A new value for those who watch; `kept` None means that the object is gone."""

    kind: str
    host: str
    id: str
    revision: int
    kept: Kept | None = None
    reading: Reading | None = None

    def domain(self, role: Role) -> Domain | None:
        """The machine in full; None when it is gone."""
        return self.kept.detail(self.reading, role) if self.kept and self.reading else None
