"""Why a machine is as it is: what its definition and state do not tell, gathered for its findings."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..hypervisor.host import Host
from ..hypervisor.hosts import Hosts
from ..hypervisor.watch import News
from ..model.devices import Disk, placed
from ..model.domain import DomainRow
from ..problems import Problem
from .views import Reading

log = logging.getLogger(__name__)
NO_SPACE = 2
"""VIR_DOMAIN_DISK_ERROR_NO_SPACE."""
KEPT = timedelta(days=1)
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
class Circumstances:
    """All that is known beside definition and state."""

    disks: tuple[DiskTrouble, ...] = ()
    messages: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()


class Incidents:
    """What libvirt's events told of each machine, until its next start or for a day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: defaultdict[tuple[str, str], dict[tuple[str, str], Incident]] = defaultdict(dict)

    def news(self, news: News) -> None:
        """Take note of what happened; returns at once. Called from libvirt's event thread."""
        if news.kind != "domain":
            return
        with self._lock:
            if news.event in NOTED:
                device = str(news.detail.get("device", ""))
                words, number = ACTIONS.get(news.event, ()), news.detail.get("action", -1)
                action = words[number] if 0 <= number < len(words) else ""
                time = datetime.now(UTC).isoformat(timespec="seconds")
                self._known[news.host, news.id][news.event, device] = Incident(news.event, time, device, action)
            elif news.event in ("started", "undefined"):
                self._known.pop((news.host, news.id), None)

    def of(self, host: str, uuid: str) -> tuple[Incident, ...]:
        """The incidents of one machine, the latest first."""
        oldest = (datetime.now(UTC) - KEPT).isoformat(timespec="seconds")
        with self._lock:
            found = [each for each in self._known.get((host, uuid), {}).values() if each.time > oldest]
        return tuple(sorted(found, key=lambda each: each.time, reverse=True))


class Why:
    """Gathers the circumstances of machines."""

    def __init__(self, hosts: Hosts, incidents: Incidents) -> None:
        self._hosts = hosts
        self._incidents = incidents

    def of(self, host: str, row: DomainRow, reading: Reading) -> Circumstances:
        """The circumstances of one machine; asks libvirt only where it runs."""
        targets = _targets(reading)
        noted = self._incidents.of(host, row.uuid)
        incidents = tuple(replace(each, device=targets.get(each.device, each.device)) for each in noted)
        if not row.active:
            return Circumstances(incidents=incidents)
        found = self._hosts.get(host)
        try:
            stopped = (row.state, row.reason) == ("paused", "ioerror")
            disks = _disks(found, row, reading) if stopped else ()
            return Circumstances(disks, tuple(found.domains.messages(row.uuid)), incidents)
        except Problem as problem:  # it went off in this moment
            log.debug("circumstances of %s: %s", row.name, problem)
            return Circumstances(incidents=incidents)


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
    host.pools.refresh(pool)
    row = host.pools.row(pool)
    return DiskTrouble(target, kind == NO_SPACE, path, pool, row.available, row.capacity)
