"""Disks that go over by this server: how far they are, and the limit that holds them back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ...jobs import JobHandle
from ...problems import Problem

TELL_SECONDS = 0.25
RATE_SECONDS = 3.0
SHARE = 0.95
"""How much of the job's progress is the copying."""


class Flow:
    """Tells how far all disks are. `total` is in bytes, the limit in MiB per second; `look` is asked at each telling.

    What `look` raises ends the copy. `began` is by the monotonic clock.
    """

    def __init__(self, handle: JobHandle, total: int, mib_s: int | None, look: Callable[[], None]) -> None:
        self._handle = handle
        self._total = max(total, 1)
        self._limit = mib_s
        self._look = look
        self._words = ""
        self._earlier = self._done = 0
        self.began = self._told = time.monotonic()
        self._seen = deque([(self.began, 0)])
        self._from = (self.began, 0)
        handle.on_tune(self.tune)
        handle.progress(0.0, phase="disks", bandwidth_mib_s=mib_s)

    @property
    def done(self) -> int:
        """Bytes that are there."""
        return self._done

    def begin(self, words: str) -> None:
        """Go on with the next disk."""
        self._words, self._earlier = words, self._done
        self._tell()

    def went(self, done: int) -> None:
        """Hear how many bytes of the present disk are there; waits where that was sooner than the limit allows."""
        self._handle.check()
        self._done = self._earlier + done
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._tell()
        while (ahead := self._ahead()) > 0:
            self._handle.wait(min(ahead, TELL_SECONDS))
            self._handle.check()
            self._tell()

    def _ahead(self) -> float:
        """Seconds by which it is too early for what has gone over; what a limit was not used for is not made up for."""
        began, before = self._from
        now = time.monotonic()
        ahead = (self._done - before) / (self._limit << 20) - (now - began) if self._limit else 0.0
        if ahead < -1:
            self._from = (now, self._done)
        return ahead

    def _tell(self) -> None:
        self._look()
        now = self._told = time.monotonic()
        self._seen.append((now, self._done))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()
        (began, before), left = self._seen[0], max(self._total - self._done, 0)
        rate = int((self._done - before) / max(now - began, TELL_SECONDS))
        self._handle.progress(
            SHARE * min(self._done / self._total, 1.0),
            self._words,
            phase="disks",
            remaining_bytes=left,
            total_bytes=self._total,
            rate_bytes_s=rate,
            eta_seconds=round(left / rate, 1) if rate else None,
            elapsed_ms=int(1000 * (now - self.began)),
        )

    def tune(self, settings: dict[str, Any]) -> None:
        """Take another limit (MiB/s, 0 for none)."""
        if settings.keys() - {"bandwidth_mib_s"}:
            raise Problem("unsupported", "The machine is off: only the bandwidth of its disks can change.")
        self._limit = settings["bandwidth_mib_s"] or None
        self._from = (time.monotonic(), self._done)
        self._handle.log(f"Bandwidth limit: {self._limit or 'no'} MiB/s")
        self._handle.progress(self._handle.job.progress, bandwidth_mib_s=self._limit)
