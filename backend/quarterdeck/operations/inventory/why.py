"""Why a machine is as it is: what its definition and state do not tell, gathered for its findings."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.watch import News
from ...model.devices import Disk, placed
from ...model.domain import DomainRow
from ...problems import Problem
from ..patience import reread_if_free
from .views import Reading

log = logging.getLogger(__name__)
NO_SPACE = 2
"""VIR_DOMAIN_DISK_ERROR_NO_SPACE."""
KEPT = timedelta(days=1)
ENDS = ("started", "stopped", "crashed", "undefined")
NOTED = ("watchdog", "io_error_reason", "block_threshold")
ACTIONS = {
    "watchdog": ("none", "pause", "reset", "poweroff", "shutdown", "debug", "inject-nmi"),
    "io_error_reason": ("none", "pause", "report"),
}
"""libvirt's numbers for what was done about it."""


@dataclass(frozen=True)
class DiskTrouble:
    """A disk that QEMU could not go on with, and the pool that it lies in. Sizes are bytes."""

    target: str
    full: bool
    path: str | None = None
    pool: str | None = None
    free: int = 0
    capacity: int = 0


@dataclass(frozen=True)
class Incident:
    """Something that libvirt told once: `event` is its name, `action` what was done about it."""

    event: str
    time: str
    device: str = ""
    action: str = ""


@dataclass(frozen=True)
class KeptBack:
    """How many snapshots a machine has, how old the oldest is, and what the files hold that stand still for them."""

    count: int
    days: int
    size: int


@dataclass(frozen=True)
class Circumstances:
    """All that is known beside definition and state. `running_days` counts from when it was first seen running."""

    disks: tuple[DiskTrouble, ...] = ()
    messages: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    running_days: int = 0
    snapshots: KeptBack | None = None


class Incidents:
    """What libvirt's events told of each machine, until its next start or for a day, and since when it runs."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: dict[tuple[str, str], datetime] = {}
        self._known: defaultdict[tuple[str, str], dict[tuple[str, str], Incident]] = defaultdict(dict)

    def news(self, news: News) -> None:
        """Take note of what happened; returns at once. Called from libvirt's event thread."""
        if news.kind != "domain":
            return
        with self._lock:
            if news.event in ENDS:
                self._runs.pop((news.host, news.id), None)
            if news.event in NOTED:
                device = str(news.detail.get("device", ""))
                words, number = ACTIONS.get(news.event, ()), news.detail.get("action", -1)
                action = words[number] if 0 <= number < len(words) else ""
                time = self._clock().isoformat(timespec="seconds")
                self._known[news.host, news.id][news.event, device] = Incident(news.event, time, device, action)
            elif news.event in ("started", "undefined"):
                self._known.pop((news.host, news.id), None)

    def running_days(self, host: str, uuid: str) -> int:
        """For how many days a machine that runs has been seen running without a stop."""
        with self._lock:
            return (self._clock() - self._runs.setdefault((host, uuid), self._clock())).days

    def of(self, host: str, uuid: str) -> tuple[Incident, ...]:
        """The incidents of one machine, the latest first."""
        oldest = (self._clock() - KEPT).isoformat(timespec="seconds")
        with self._lock:
            found = [each for each in self._known.get((host, uuid), {}).values() if each.time > oldest]
        return tuple(sorted(found, key=lambda each: each.time, reverse=True))


class Why:
    """Gathers the circumstances of machines."""

    def __init__(self, hosts: Hosts, incidents: Incidents) -> None:
        self._hosts = hosts
        self._incidents = incidents
        self._aged: dict[tuple[str, str], tuple[tuple[int, str | None], int, int]] = {}

    def of(self, host: str, row: DomainRow, reading: Reading) -> Circumstances:
        """The circumstances of one machine; asks libvirt only where it runs."""
        targets = _targets(reading)
        noted = self._incidents.of(host, row.uuid)
        incidents = tuple(replace(each, device=targets.get(each.device, each.device)) for each in noted)
        found = self._hosts.get(host)
        try:
            known = Circumstances(incidents=incidents, snapshots=self._snapshots(found, host, row))
            if not row.active:
                return known
            stopped = (row.state, row.reason) == ("paused", "ioerror")
            disks, messages = _disks(found, row, reading) if stopped else (), tuple(found.domains.messages(row.uuid))
            days = self._incidents.running_days(host, row.uuid)
            return replace(known, disks=disks, messages=messages, running_days=days)
        except Problem as problem:  # it went off in this moment
            log.debug("circumstances of %s: %s", row.name, problem)
            return Circumstances(incidents=incidents)

    def _snapshots(self, found: Host, host: str, row: DomainRow) -> KeptBack | None:
        """Read from libvirt only where their number or the newest of them is another than before."""
        if not row.snapshots:
            self._aged.pop((host, row.uuid), None)
            return None
        key, aged = (row.snapshots, row.snapshot), self._aged.get((host, row.uuid))
        if aged is None or aged[0] != key:
            kept = found.snapshots.all(row.uuid)
            if not kept:  # deleted since the row was read, which is read again
                return None
            places = [found.volumes.at(path) for path in {path for each in kept for path in each.frozen.values()}]
            size = sum(place[1].allocation for place in places if place)
            aged = self._aged[host, row.uuid] = key, min(each.xml.created for each in kept), size
        days = (datetime.now(UTC) - datetime.fromtimestamp(aged[1], UTC)).days
        return KeptBack(row.snapshots, days, aged[2])


def _targets(reading: Reading) -> dict[str, str]:
    """The target of each running disk by the alias that events name it by."""
    found = {}
    for disk in reading.running.iterfind("devices/disk") if reading.running is not None else ():
        alias, target = disk.find("alias"), disk.find("target")
        if alias is not None and target is not None:
            found[alias.get("name", "")] = target.get("dev", "")
    return found


def _disks(host: Host, row: DomainRow, reading: Reading) -> tuple[DiskTrouble, ...]:
    errors = host.domains.disk_errors(row.uuid)
    found = [each.device for each in placed(reading.running)] if reading.running is not None else []
    paths = {disk.target: disk.path for disk in found if isinstance(disk, Disk)}
    return tuple(_disk(host, target, kind, paths.get(target)) for target, kind in errors.items())


def _disk(host: Host, target: str, kind: int, path: str | None) -> DiskTrouble:
    known = host.volumes.at(path) if path else None
    if known is None:
        return DiskTrouble(target, kind == NO_SPACE, path)
    pool = known[0]
    reread_if_free(host, pool)
    row = host.pools.row(pool)
    return DiskTrouble(target, kind == NO_SPACE, path, pool, row.available, row.capacity)
