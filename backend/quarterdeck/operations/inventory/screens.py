"""Pictures of machines' screens, shared by everybody who looks within a few seconds."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from ...hypervisor.hosts import Hosts

FRESH_SECONDS = 2.0
MOST = 200


@dataclass(frozen=True)
class Picture:
    """A picture as QEMU made it: PNG since QEMU 7.1, PPM before."""

    mimetype: str
    body: bytes
    taken: float


class Screens:
    """Takes at most one picture of a machine in two seconds."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._lock = threading.Lock()
        self._taken: dict[tuple[str, str], Picture] = {}

    def picture(self, host: str, uuid: str) -> Picture:
        """The screen of a machine that is on."""
        with self._lock:
            known = self._taken.get((host, uuid))
        if known and time.monotonic() - known.taken < FRESH_SECONDS:
            return known
        mimetype, body = self._hosts.get(host).domains.screenshot(uuid)
        picture = Picture(mimetype, body, time.monotonic())
        with self._lock:
            self._taken[host, uuid] = picture
            while len(self._taken) > MOST:
                self._taken.pop(next(iter(self._taken)))
        return picture
