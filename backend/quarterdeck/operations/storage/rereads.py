"""Pools are read anew while somebody looks at them: libvirt tells nothing of files that come and go."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...problems import Problem

Place = tuple[str, str]
"""Host and UUID of the pool."""
OPEN_SECONDS = 10.0
LIST_SECONDS = 60.0
"""So often a pool is read anew whose volumes are on a screen, or which stands in a list there."""
SHARE = 20
"""One that takes long to read is busy with it for no more than one part in so many of the time."""
PAUSES = 3
LEAST_SECONDS = 60.0
"""Nobody looks any more so many pauses, and this long, after somebody did."""


@dataclass(frozen=True)
class _Reading:
    ended: float = -math.inf
    took: float = 0.0


class Rereads:
    """Who was looked at lately, and when each was read last."""

    def __init__(self, refresh: Callable[[str, str], None]) -> None:
        self._refresh = refresh
        self._opened: dict[Place, float] = {}
        self._listed: dict[Place, float] = {}
        self._read: dict[Place, _Reading] = {}

    def opened(self, host: str, pool: str) -> None:
        """Somebody looks at the volumes of a pool."""
        self._opened[host, pool] = time.monotonic()

    def listed(self, host: str, pools: Iterable[str]) -> None:
        """Somebody looks at a list of pools."""
        self._listed |= {(host, pool): time.monotonic() for pool in pools}

    def refresh(self, host: str) -> None:
        """Read those anew whose time has come.

        The news of it make open pages look again, so it goes on for as long as there are any.
        """
        for looked, pause in ((self._opened, OPEN_SECONDS), (self._listed, LIST_SECONDS)):
            for place, seen in list(looked.items()):
                last, now = self._read.get(place, _Reading()), time.monotonic()
                every = max(pause, SHARE * last.took)
                if now - seen > PAUSES * every + LEAST_SECONDS:
                    looked.pop(place, None)
                elif place[0] == host and now - last.ended > every:
                    self.read_anew(place)

    def read_anew(self, place: Place) -> None:
        """Read a pool anew, where it can be read."""
        began = time.monotonic()
        try:
            self._refresh(*place)
        except Problem as problem:  # stopped, or busy with a long act
            if problem.slug == "timed-out":  # nothing more is sent there before it answers, so asking costs nothing
                began = time.monotonic()
        self._read[place] = _Reading(time.monotonic(), time.monotonic() - began)
