"""Questions of our own that libvirt takes for a long job of the machine which they are about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

SETTLE_SECONDS = 20.0


class Questions:
    """Which machines are asked about now, so that nobody is refused because of it, but waits for the answer."""

    def __init__(self) -> None:
        self._uuids: list[str] = []
        self._changed = threading.Condition()

    @contextmanager
    def about(self, uuid: str) -> Iterator[None]:
        """Inside, the machine is asked about."""
        with self._changed:
            self._uuids.append(uuid)
        try:
            yield
        finally:
            with self._changed:
                self._uuids.remove(uuid)
                self._changed.notify_all()

    def open(self, uuid: str) -> bool:
        """Whether the machine is asked about just now."""
        with self._changed:
            return uuid in self._uuids

    def settle(self, uuid: str) -> None:
        """Return when nobody asks about the machine, or after 20 s: libvirt itself then lets a call wait for 30 s."""
        with self._changed:
            self._changed.wait_for(lambda: uuid not in self._uuids, SETTLE_SECONDS)
