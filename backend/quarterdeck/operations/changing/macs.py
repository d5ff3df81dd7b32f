"""MAC addresses for new cards: what a plan proposed is what the machine gets."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Container

MOST = 1000
"""How many proposals are remembered; the oldest go first."""


class Macs:
    """Remembers what was proposed for a machine until it is made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._proposed: dict[tuple[str, str, int], str] = {}

    def propose(self, host: str, name: str, card: int, taken: Container[str]) -> str:
        """An address that nobody has, the same as the last time for this card of a machine of this name."""
        with self._lock:
            mac = self._proposed.pop((host, name, card), None)
            while mac is None or mac in taken:
                mac = "52:54:00:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))
            self._proposed[host, name, card] = mac
            while len(self._proposed) > MOST:
                self._proposed.pop(next(iter(self._proposed)))
            return mac

    def forget(self, host: str, name: str) -> None:
        """The machine is made: another one of this name gets other addresses, wherever this one may go."""
        with self._lock:
            for key in [key for key in self._proposed if key[:2] == (host, name)]:
                del self._proposed[key]
