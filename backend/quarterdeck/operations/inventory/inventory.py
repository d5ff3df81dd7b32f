"""What Quarterdeck knows of all hosts' machines, kept in step with libvirt by its events.

One thread drains the news, joins bursts, reads each object once, and tells the listener the new value.
Lists are answered from what is kept, so a list of a thousand machines costs no libvirt call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ...access import Role
from ...history import UNWATCHED, History
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.watch import News
from ...jobs import Jobs
from ...model.domain import Domain, DomainRow
from ...model.firmware import firmware_of
from ...problems import Problem
from ...store import now
from .bursts import Bursts
from .drift import drift
from .kept import Changed, Kept, List
from .last_seen import LastSeen
from .refusals import Facts
from .views import Reading, read, summary
from .why import Why

CONNECT_SECONDS = 5.0


class Inventory:
    """The kept machines of all hosts, and the one way by which news goes up."""

    def __init__(
        self,
        hosts: Hosts,
        jobs: Jobs,
        history: History,
        last_seen: LastSeen,
        *,
        why: Why,
        os_name: Callable[[str], str | None],
    ) -> None:
        self._hosts = hosts
        self._jobs = jobs
        self._history = history
        self._last_seen = last_seen
        self._why = why
        self._os_name = os_name
        self._bursts = Bursts("inventory", self._handle, after=self._save)
        self._lock = threading.RLock()
        self._kept: dict[str, dict[str, Kept]] = {}
        self._lists: dict[tuple[str, Role], List] = {}
        self._loaded: dict[str, threading.Event] = {}
        self._lost: dict[str, str] = {}
        self._unsaved: set[tuple[str, str]] = set()
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
        self._save({host.id: now() for host in self._hosts.all() if host.state == "connected"})

    # -- reading

    def domains(self, host: str, role: Role) -> List:
        """The summaries of all machines of a host, by name. Problem when the host is not there."""
        self._wait_for(host)
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
        """One machine in full, read anew from libvirt; as it was last known while its host does not answer."""
        if self._hosts.get(host).state != "connected" and (known := self._known(host, uuid, role)):
            return known
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
        self._wait_for(host)
        with self._lock:
            return dict(self._kept.get(host, {}))

    def _wait_for(self, host: str) -> None:
        """Return when the machines of a host are known, or were once; Problem where neither is."""
        found = self._hosts.get(host)
        if found.state == "connecting":
            found.wait_connected(CONNECT_SECONDS)
        if found.state == "connected":
            with self._lock:
                loaded = self._loaded.setdefault(host, threading.Event())
            loaded.wait(30)
        elif not self._remember(found):
            raise found.problem or Problem("host-lost", f"The host {host} is not connected yet.")

    def _known(self, host: str, uuid: str, role: Role) -> Domain | None:
        """The machine as it was last known; None where nothing is, or where its host answers by now."""
        kept, since = self._of(host).get(uuid), self._lost.get(host)
        saved = self.last_known(host, uuid)
        if kept is None or since is None or saved is None:
            return None
        reading = replace(read(saved["xml"], None), digests=(saved["digest"], ""))
        return kept.known(reading, role, self._hosts.get(host).spec.name, since)

    def last_known(self, host: str, uuid: str) -> dict[str, Any] | None:
        """The saved definition (`xml`, `digest`) as it was last known, while the host does not answer; None else."""
        if self._hosts.get(host).state == "connected" or uuid not in self._of(host) or host not in self._lost:
            return None
        return self._history.newest(host, uuid)

    def _remember(self, host: Host) -> bool:
        """Whether the machines of a host that does not answer are known, from before the service began if need be."""
        with self._lock:
            if host.id not in self._kept and host.state != "connected":
                since, known = self._last_seen.of(host.id)
                if since:
                    self._kept[host.id], self._lost[host.id] = known, since
            return host.id in self._kept

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
            self._unsaved.add((host, kept.row.uuid))
        self._tell(Changed("domain", host, kept.row.uuid, kept.bare.revision, kept, reading))
        if (old is not None and old.row.active) != kept.row.active:
            self._tell_twins(host, kept.row.uuid)
        return kept

    def _drop(self, host: str, uuid: str) -> None:
        with self._lock:
            self._addresses.pop((host, uuid), None)
            if self._kept.get(host, {}).pop(uuid, None) is None:
                return
            self._unsaved.add((host, uuid))
            self._revision += 1
            revision = self._revision
        self._tell(Changed("domain", host, uuid, revision))
        self._tell_twins(host, uuid)

    def _save(self, seen: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write down what changed since the last time, and when hosts were seen last."""
        with self._lock:
            changed = {key: self._kept.get(key[0], {}).get(key[1]) for key in self._unsaved}
            self._unsaved.clear()
        self._last_seen.keep(changed, seen)

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
            found = self._hosts.get(host)
        except Problem:
            with self._lock:
                self._kept.pop(host, None)
                self._lost.pop(host, None)
            self._last_seen.forget(host)
        else:
            self._answers_or_not(found)
        for uuid in {*ran, *self.running(host)}:
            self._tell_twins(host, uuid)

    def _answers_or_not(self, host: Host) -> None:
        if host.state == "connected":
            with self._lock:
                self._lost.pop(host.id, None)
            self.refresh_host(host.id, thorough=True)
            return
        known = self._remember(host)
        with self._lock:
            since = self._lost.setdefault(host.id, now())
            self._loaded.setdefault(host.id, threading.Event()).clear()
        if known:
            self._save({host.id: since})
