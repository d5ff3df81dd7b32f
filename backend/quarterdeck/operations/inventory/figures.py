"""Live figures: one bulk call per host every two seconds, only while somebody watches."""

from __future__ import annotations

import logging
import threading
from array import array
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from ...hypervisor.hosts import Host, Hosts
from ...model.stats import DomainStats, HostLoad, HostSample, HostStats, Sample, host_load, rates
from ...problems import Problem
from ...store import now

log = logging.getLogger(__name__)
PERIOD_SECONDS = 2.0
KEPT = 300
NAMES = tuple(DomainStats.model_fields)


@dataclass(frozen=True)
class Moment:
    """What is kept of the figures of one moment: a twentieth of the memory that they take as values."""

    time: str
    load: HostLoad | None
    places: dict[str, int]
    """Where the numbers of each machine begin."""
    numbers: array[float]

    def of(self, host: str, uuid: str) -> HostStats:
        """The figures of one machine at that moment."""
        begin = self.places[uuid]
        own = DomainStats(**dict(zip(NAMES, self.numbers[begin : begin + len(NAMES)], strict=True)))
        return HostStats(host=host, time=self.time, load=self.load, domains={uuid: own})


def moment(stats: HostStats, before: Moment | None) -> Moment:
    """The figures as they are kept, behind those of the moment before."""
    uuids = sorted(stats.domains)
    same = before is not None and list(before.places) == uuids
    places = before.places if before and same else {uuid: at * len(NAMES) for at, uuid in enumerate(uuids)}
    numbers = array("d", (getattr(stats.domains[uuid], name) for uuid in uuids for name in NAMES))
    return Moment(stats.time, stats.load, places, numbers)


class Figures:
    """The figures of all hosts that somebody watches; the last ten minutes of them are kept."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._watchers: Counter[str] = Counter()
        self._history: dict[str, deque[Moment]] = {}
        self._last: dict[str, HostStats] = {}
        self._before: dict[str, HostSample] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._tell: Callable[[HostStats], None] = lambda stats: None
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)

    def start(self) -> None:
        """Begin to wait for watchers."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._wake.set()

    def listen(self, tell: Callable[[HostStats], None]) -> None:
        """Call this with the figures of each watched host, every two seconds."""
        self._tell = tell

    def watch(self, host: str) -> HostStats | None:
        """Begin to watch a host; its last figures, if there are any."""
        with self._lock:
            self._watchers[host] += 1
            last = self._last.get(host)
        self._wake.set()
        return last

    def unwatch(self, host: str) -> None:
        """Watch a host no longer."""
        with self._lock:
            self._watchers[host] -= 1

    def recent(self, host: str, uuid: str) -> list[HostStats]:
        """The kept figures of one machine, oldest first."""
        with self._lock:
            kept = list(self._history.get(host, ()))
        return [each.of(host, uuid) for each in kept if uuid in each.places]

    def _run(self) -> None:
        before: dict[str, dict[str, Sample]] = {}
        while not self._closing:
            with self._lock:
                watched = [host for host, number in self._watchers.items() if number > 0]
            if not watched:
                before.clear()
                self._before.clear()
                self._wake.clear()
                self._wake.wait()
                continue
            for host in watched:
                try:
                    before[host] = self._sample(host, before.get(host, {}))
                except Exception:  # one host's trouble must not end the figures of all others
                    log.exception("figures of %s", host)
            self._wake.clear()
            self._wake.wait(PERIOD_SECONDS)

    def _sample(self, host: str, before: dict[str, Sample]) -> dict[str, Sample]:
        try:
            found = self._hosts.get(host)
            samples, load = found.stats.samples(), self._load(found)
        except Problem as problem:
            log.debug("no figures of %s: %s", host, problem)
            return {}
        pairs = [(uuid, before[uuid], after) for uuid, after in samples.items() if uuid in before]
        domains = {uuid: rates(old, new) for uuid, old, new in pairs}
        stats = HostStats(host=host, time=now(), load=load, domains=domains)
        if before or load:
            with self._lock:
                history = self._history.setdefault(host, deque(maxlen=KEPT))
                history.append(moment(stats, history[-1] if history else None))
                self._last[host] = stats
            self._tell(stats)
        return samples

    def _load(self, host: Host) -> HostLoad | None:
        sample = host.stats.host_sample()
        before = self._before.get(host.id)
        if sample is None:
            return None
        self._before[host.id] = sample
        if before is None or before.total_ns == sample.total_ns:
            return None
        load, cpus = host.pulse.load, max(host.facts.cpus, 1)
        mine = {
            "clock_seconds": host.pulse.clock_seconds,
            "load_per_cpu": None if load is None else round(load / cpus, 2),
        }
        return host_load(before, sample).model_copy(update=mine)
