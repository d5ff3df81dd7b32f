"""What guests' agents tell of themselves, asked beside everything else: an agent may hang."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

from ...hypervisor.hosts import Hosts
from ...problems import Problem
from .inventory import Inventory

log = logging.getLogger(__name__)
AT_ONCE = 8
AGAIN_SECONDS = 30.0
SILENT_SECONDS = 300.0
"""An agent that did not answer is left alone for so long: while it is asked nobody else can ask it."""


class Agents:
    """Asks agents for addresses, each in a thread of its own, so that one that hangs holds nobody up."""

    def __init__(self, hosts: Hosts, inventory: Inventory) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._lock = threading.Lock()
        self._asked: set[tuple[str, str]] = set()
        self._due: dict[tuple[str, str], float] = {}

    def ask(self, host: str, uuid: str) -> None:
        """Have the addresses of a machine asked for, unless that was so a moment ago; returns at once."""
        key = (host, uuid)
        with self._lock:
            if key in self._asked or len(self._asked) >= AT_ONCE or self._due.get(key, 0) > time.monotonic():
                return
            self._asked.add(key)
        threading.Thread(target=self._ask, args=key, name=f"agent-{uuid[:8]}", daemon=True).start()

    def _ask(self, host: str, uuid: str) -> None:
        pause = SILENT_SECONDS
        try:
            addresses = self._hosts.get(host).domains.agent_addresses(uuid)
            pause = AGAIN_SECONDS
            with contextlib.suppress(Problem):  # it went off just now
                self._inventory.put_addresses(host, uuid, addresses)
        except Problem as problem:
            log.debug("agent of %s on %s: %s", uuid, host, problem)
        finally:
            with self._lock:
                self._asked.discard((host, uuid))
                self._due = {key: due for key, due in self._due.items() if due > time.monotonic()}
                self._due[host, uuid] = time.monotonic() + pause
