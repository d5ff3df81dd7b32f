"""How often somebody may try to log in. In memory: a restart forgives."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..problems import Problem
from .origin import network_of

AT_ONCE = 10
PER_SECOND = 5 / 60
BURST = 10.0
FREE_FAILURES = 2
LONGEST_PAUSE = 30.0
FORGET_SECONDS = 900.0
MOST_KEPT = 10_000


@dataclass
class _Bucket:
    left: float
    at: float


@dataclass
class _Failures:
    count: int
    until: float


class Throttle:
    """Ten attempts at once, five a minute from one address after a burst of ten, growing pauses for one account.

    The pauses count per account and address: else a stranger could keep the owner out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._buckets: dict[str, _Bucket] = {}
        self._failures: dict[tuple[str, str], _Failures] = {}
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, name: str, address: str) -> Iterator[None]:
        """Room for one attempt; Problem `too-many-attempts` with the seconds to wait."""
        address = network_of(address)
        with self._lock:
            self._take(name, address)
        if not self._room.acquire(blocking=False):
            raise _too_many(2)
        try:
            yield
        finally:
            self._room.release()

    def failed(self, name: str, address: str) -> None:
        """The password was wrong: after two of these the next attempt must wait 1, 2, 4 … 30 s."""
        address = network_of(address)
        with self._lock:
            known = self._failures.setdefault((name, address), _Failures(0, 0))
            known.count += 1
            if known.count > FREE_FAILURES:
                pause = min(LONGEST_PAUSE, 2.0 ** min(known.count - FREE_FAILURES - 1, 10))
                known.until = self._clock() + pause

    def succeeded(self, name: str, address: str) -> None:
        """The password was right: nothing is held against this account and address."""
        address = network_of(address)
        with self._lock:
            self._failures.pop((name, address), None)
            bucket = self._buckets.get(address)
            if bucket:
                bucket.left = min(BURST, bucket.left + 1)

    def _take(self, name: str, address: str) -> None:
        now = self._clock()
        self._forget(now)
        known = self._failures.get((name, address))
        if known and known.until > now:
            raise _too_many(known.until - now)
        bucket = self._buckets.setdefault(address, _Bucket(BURST, now))
        bucket.left = min(BURST, bucket.left + (now - bucket.at) * PER_SECOND)
        bucket.at = now
        if bucket.left < 1:
            raise _too_many((1 - bucket.left) / PER_SECOND)
        bucket.left -= 1

    def _forget(self, now: float) -> None:
        """Drop what is old once there is much, so that nobody floods the memory with names."""
        if len(self._failures) > MOST_KEPT:
            self._failures = {k: f for k, f in self._failures.items() if f.until > now}
        if len(self._buckets) > MOST_KEPT:
            self._buckets = {k: b for k, b in self._buckets.items() if now - b.at < FORGET_SECONDS}


def _too_many(seconds: float) -> Problem:
    wait = max(1, math.ceil(seconds))
    return Problem("too-many-attempts", f"Try again in {wait} s.", retry_after=wait)
