"""What Quarterdeck knows of all hosts' machines, kept in step with libvirt by its events.

One thread drains the news, joins bursts, reads each object once, and tells the listener the new value.
Lists are answered from what is kept, so a list of a thousand machines costs no libvirt call.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from ...access import Role
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.watch import News
from ...jobs import Jobs
from ...model.domain import Domain, DomainRow, DomainSummary, Drift
from ...model.firmware import firmware_of
from ...problems import Problem
from ...store import UNWATCHED, History, now
from .actions import reasons
from .bursts import Bursts
from .drift import drift
from .findings import NOTHING_MORE, findings
from .refusals import Facts
from .views import Reading, detail, read, summary
from .why import Circumstances, Why

CONNECT_SECONDS = 5.0


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


class Inventory:
    """The kept machines of all hosts, and the one way by which news goes up."""

    def __init__(
        self, hosts: Hosts, jobs: Jobs, history: History, *, why: Why, os_name: Callable[[str], str | None]
    ) -> None:
        self._hosts = hosts
        self._jobs = jobs
        self._history = history
        self._why = why
        self._os_name = os_name
        self._bursts = Bursts("inventory", self._handle)
        self._lock = threading.RLock()
        self._kept: dict[str, dict[str, Kept]] = {}
        self._lists: dict[tuple[str, Role], List] = {}
        self._loaded: dict[str, threading.Event] = {}
        self._lost: dict[str, str] = {}
        self._addresses: dict[tuple[str, str], list[str]] = {}
        self._readers: dict[tuple[str, str], threading.RLock] = {}
        self._revision = 0
        self._tell: Callable[[Changed], None] = lambda changed: None

    def start(self) -> None:
        """Begin to drain news."""
        self._bursts.start()

    def listen(self, tell: Callable[[Changed], None]) -> None:
        """Call this with each new value, from the inventory's thread or the one that made a change."""
        self._tell = tell

    def news(self, news: News) -> None:
        """Take note that something happened; returns at once. Called from libvirt's event thread."""
        self._bursts.put(news)

    def close(self) -> None:
        """End the thread; what it keeps in the history must be in before the store closes."""
        self._bursts.close()

    # -- reading

    def domains(self, host: str, role: Role) -> List:
        """The summaries of all machines of a host, by name. Problem when the host is not there."""
        state = self._revision, self._lost.get(host)
        rows = sorted(self._of(host).values(), key=lambda k: k.row.name)
        made = self._lists.get((host, role))
        if made is None or made.state != state:
            name, since = self._hosts.get(host).spec.name, state[1]
            each = [k.away(role, name, since).model_dump_json().encode() if since else k.json(role) for k in rows]
            made = self._lists[host, role] = List(state, b"[" + b",".join(each) + b"]")
        return made

    def counts(self, host: str) -> tuple[int, int]:
        """How many machines a host has, and how many of them are on."""
        kept = list(self._kept.get(host, {}).values())
        return len(kept), sum(k.row.active for k in kept)

    def domain(self, host: str, uuid: str, role: Role) -> Domain:
        """One machine in full, read anew from libvirt."""
        found = self.refresh(host, uuid)
        if found is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        kept, reading = found
        return kept.detail(reading, role)

    def facts(self, host: str, uuid: str) -> Facts:
        """What decides which acts are possible, as last read; read now where the event of its making is on its way."""
        kept = self._of(host).get(uuid)
        if kept:
            return kept.facts
        found = self.refresh(host, uuid)
        if found is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        return found[0].facts

    def versions(self, host: str) -> dict[str, tuple[str, tuple[str, str]]]:
        """Name, and what changes with the saved definition or the snapshots and with the running one, as last read."""
        return {uuid: (kept.row.name, kept.versions) for uuid, kept in self._of(host).items()}

    def rows(self, host: str) -> list[DomainRow]:
        """The machines of a host, as last read."""
        return [kept.row for kept in self._of(host).values()]

    def where(self, uuid: str) -> list[str]:
        """The hosts that have a machine, as last read."""
        with self._lock:
            return [host for host, kept in self._kept.items() if uuid in kept]

    def name(self, host: str, uuid: str) -> str:
        """The name of a machine, or its UUID where it is not known."""
        kept = self._kept.get(host, {}).get(uuid)
        return kept.row.name if kept else uuid

    def _of(self, host: str) -> dict[str, Kept]:
        found = self._hosts.get(host)
        if found.state == "connecting":
            found.wait_connected(CONNECT_SECONDS)
        if found.state == "connected":
            with self._lock:
                loaded = self._loaded.setdefault(host, threading.Event())
            loaded.wait(30)
        elif host not in self._kept:
            raise found.problem or Problem("host-lost", f"The host {host} is not connected yet.")
        with self._lock:
            return dict(self._kept.get(host, {}))

    # -- keeping in step

    def refresh(
        self, host: str, uuid: str, *, user: str | None = None, act: str | None = None
    ) -> tuple[Kept, Reading] | None:
        """Read one machine now, keep it, tell it; None when it is gone. `user` did `act` to it, if known."""
        with self._one_reader(host, uuid):
            row = self._hosts.get(host).domains.row(uuid)
            if row is None:
                self._drop(host, uuid)
                self._history.went(host, uuid, user=user)
                return None
            kept, reading = self._read(host, row)
            kept.why = self._why.of(host, row, reading)
            if row.persistent:
                self._history.add_many(host, [(uuid, row.name, reading.text, reading.etag)], user=user, act=act)
                kept.drift = drift(self._history, host, uuid)
            kept = self._keep(host, kept, reading)
        return kept, reading

    def forget(self, host: str, uuid: str) -> None:
        """Drop a machine that is gone and never was whole: it leaves no history either."""
        with self._one_reader(host, uuid):
            self._drop(host, uuid)
            self._history.erase(host, uuid)

    def _one_reader(self, host: str, uuid: str) -> threading.RLock:
        """Held from reading to keeping, so that an older reading never replaces a newer one."""
        with self._lock:
            return self._readers.setdefault((host, uuid), threading.RLock())

    def refresh_host(self, host: str, *, thorough: bool = False) -> None:
        """Look at all machines of a host in one pass; tells only what changed.

        Thorough: read also the definitions of those whose state looks the same, for events that were missed.
        """
        rows = {row.uuid: row for row in self._hosts.get(host).domains.rows()}
        with self._lock:
            old = dict(self._kept.setdefault(host, {}))
        definitions = []
        for uuid, row in rows.items():
            if uuid not in old:
                kept, reading = self._read(host, row)
                self._keep(host, kept, reading)
                definitions.append((uuid, row.name, reading.text, reading.etag))
            elif thorough or old[uuid].row != row:
                self.refresh(host, uuid, act=UNWATCHED if thorough else None)
        for uuid in old.keys() - rows.keys():
            self._drop(host, uuid)
            self._history.went(host, uuid)
        self._history.add_many(host, definitions, act=UNWATCHED)
        if thorough:
            self._history.missing(host, rows)
        with self._lock:
            self._loaded.setdefault(host, threading.Event()).set()

    def running(self, host: str) -> list[str]:
        """UUIDs of the machines of a host that are on."""
        with self._lock:
            return [uuid for uuid, kept in self._kept.get(host, {}).items() if kept.row.active]

    def put_addresses(self, host: str, uuid: str, addresses: list[str]) -> None:
        """Take note of the addresses of a machine, found by the sweep."""
        if self._addresses.get((host, uuid), []) != addresses:
            self._addresses[host, uuid] = addresses
            self.refresh(host, uuid)

    def _read(self, host: str, row: DomainRow) -> tuple[Kept, Reading]:
        domains = self._hosts.get(host).domains
        job = self._jobs.of(host, row.uuid)
        running = domains.xml(row.uuid, live=True) if row.active else None
        reading = read(domains.xml(row.uuid, secure=True), running, self._hosts.get(host).capabilities.cpus)
        bare = summary(host, row, reading, self._os_name, job.id if job else None)
        if row.active:
            bare = bare.model_copy(update={"addresses": self._addresses.get((host, row.uuid), [])})
        uefi = firmware_of(reading.saved).kind == "uefi"
        moving = row.reason == "migration"
        other = self._runs_on(host, row.uuid) if moving or not row.active else None
        bare = bare.model_copy(update={"runs_on": other.id if other and not row.active else None})
        there = other.spec.name if other else None
        facts = Facts(row, job.kind if job else None, "vnc" in bare.consoles, uefi, bare.template, there)
        return Kept(row, bare, facts, reading.digests), reading

    def _runs_on(self, host: str, uuid: str) -> Host | None:
        """Another host, one that answers, on which the machine runs."""
        for other in self._hosts.all():
            kept = self._kept.get(other.id, {}).get(uuid)
            if kept and kept.row.active and other.id not in (host, *self._lost):
                return other
        return None

    def _tell_twins(self, host: str, uuid: str) -> None:
        """Have it read again on the other hosts that have it too: what may be done there hangs on this one."""
        for other in self.where(uuid):
            if other != host:
                self.news(News("domain", other, uuid, "twin"))

    def _keep(self, host: str, kept: Kept, reading: Reading) -> Kept:
        """Keep a reading and tell it, unless it is what is kept already; what is kept now."""
        with self._lock:
            old = self._kept.setdefault(host, {}).get(kept.row.uuid)
            if old is not None and old.same_as(kept):
                return old
            self._revision += 1
            kept.bare = kept.bare.model_copy(update={"revision": self._revision})
            self._kept[host][kept.row.uuid] = kept
        self._tell(Changed("domain", host, kept.row.uuid, kept.bare.revision, kept, reading))
        if (old is not None and old.row.active) != kept.row.active:
            self._tell_twins(host, kept.row.uuid)
        return kept

    def _drop(self, host: str, uuid: str) -> None:
        with self._lock:
            self._addresses.pop((host, uuid), None)
            if self._kept.get(host, {}).pop(uuid, None) is None:
                return
            self._revision += 1
            revision = self._revision
        self._tell(Changed("domain", host, uuid, revision))
        self._tell_twins(host, uuid)

    def _handle(self, news: News) -> None:
        if news.kind == "domain":
            self.refresh(news.host, news.id)
            return
        if news.kind == "host":
            self._host_changed(news.host)
        with self._lock:
            self._revision += 1
            revision = self._revision
        self._tell(Changed(news.kind, news.host, news.id, revision))

    def _host_changed(self, host: str) -> None:
        ran = self.running(host)
        try:
            state = self._hosts.get(host).state
        except Problem:
            with self._lock:
                self._kept.pop(host, None)
                self._lost.pop(host, None)
        else:
            if state == "connected":
                self._lost.pop(host, None)
                self.refresh_host(host, thorough=True)
            else:
                self._lost.setdefault(host, now())
                with self._lock:
                    self._loaded.setdefault(host, threading.Event()).clear()
        for uuid in {*ran, *self.running(host)}:
            self._tell_twins(host, uuid)
