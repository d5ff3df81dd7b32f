"""What libvirt sends no event for is looked at now and then while somebody watches: addresses, autostart."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from ...hypervisor.hosts import Hosts
from ...problems import Problem
from .agents import Agents
from .inventory import Inventory

log = logging.getLogger(__name__)
ADDRESS_SECONDS = 15.0
STATE_SECONDS = 60.0
SETTLE_SECONDS = 600.0
"""A service that has just started has other things to do than what is done once a day."""
IDLE_SECONDS = 3600.0
"""So often it is seen, while nobody watches, whether a new day has begun."""
CLOSE_SECONDS = 5.0


class Sweep:
    """One thread that goes round the watched hosts; while there are none it sleeps, and looks once a day at all."""

    def __init__(self, hosts: Hosts, inventory: Inventory, watched: Callable[[], set[str]]) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._watched = watched
        self._agents = Agents(hosts, inventory)
        self._also: list[Callable[[str], None]] = []
        self._daily: list[Callable[[str], None]] = []
        self._days: dict[str, date] = {}
        self._began = time.monotonic()
        self._wake = threading.Event()
        self._closing = False
        self._swept: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def add(self, look: Callable[[str], None], daily: Callable[[str], None] | None = None) -> None:
        """Call this for each watched host too, every round; `daily` once a day for each that is connected."""
        self._also.append(look)
        self._daily += [daily] if daily else []

    def start(self) -> None:
        """Begin to wait for watchers."""
        self._thread.start()

    def wake(self) -> None:
        """Somebody watches, or something started: look soon."""
        self._wake.set()

    def close(self) -> None:
        """End the thread; what it keeps in the store must be in before that closes."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closing:
            hosts = self._watched()
            for host in hosts:
                if not self._closing:
                    self._sweep(host)
            settled = time.monotonic() - self._began > SETTLE_SECONDS
            for found in self._hosts.all() if settled else []:
                if not self._closing and found.state == "connected":
                    self._look_daily(found.id)
            self._wake.wait(ADDRESS_SECONDS if hosts else IDLE_SECONDS)
            self._wake.clear()

    def _look_daily(self, host: str) -> None:
        today = datetime.now(UTC).date()
        if self._days.get(host) == today:
            return
        self._days[host] = today
        with _alone("the look of the day", host):
            for look in self._daily:
                look(host)

    def _sweep(self, host: str) -> None:
        with _alone("the sweep", host):
            found = self._hosts.get(host)
            if found.state != "connected":
                return
            if time.monotonic() - self._swept.get(host, time.monotonic()) > STATE_SECONDS:
                self._inventory.refresh_host(host)
                self._swept[host] = time.monotonic()
            self._swept.setdefault(host, time.monotonic())
            for uuid in self._inventory.running(host):
                with contextlib.suppress(Problem):  # it went off just now
                    addresses = found.domains.addresses(uuid)
                    if addresses or found.is_test:
                        self._inventory.put_addresses(host, uuid, addresses)
                    else:
                        self._agents.ask(host, uuid)
            for look in self._also:
                look(host)


@contextlib.contextmanager
def _alone(what: str, host: str) -> Iterator[None]:
    """Inside, one host's trouble does not end the look at all others."""
    try:
        yield
    except Problem as problem:
        log.debug("%s of %s: %s", what, host, problem)
    except Exception:
        log.exception("%s of %s", what, host)
