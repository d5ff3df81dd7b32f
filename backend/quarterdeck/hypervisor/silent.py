"""Calls about storage, which a dead file server can hang for ever: waited for only so long, and never heaped up.

libvirt keeps a pool locked while it reads it (storage_driver.c, 9.0 and 11.3), so what else is asked about that pool,
and about all pools at once, waits too; the other pools answer if they are asked one by one. So one call at a time
goes to each pool, and while one is overdue nothing more is sent there.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, cast

from ..problems import Problem

Wait = Literal["short", "long", "for_ever"]
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
ALL = ""
"""What stands for all pools of a host where others have their UUID."""
SECONDS = 25.0  # a host that is frozen is told as lost before
LONG_SECONDS = 60.0
CURE = (
    "Bring back the file server or device that it lies on. If that does not come back, run “umount -f -l FOLDER” on "
    "the host with the pool's folder, then stop the pool."
)


@dataclass
class _Call:
    over: threading.Event = field(default_factory=threading.Event)
    overdue: bool = False
    result: Any = None
    error: BaseException | None = None


class StorageCalls:
    """The calls that run now on one host, by the pool that they are about.

    `renew` gives the short ones another connection: beside a call that hangs, libvirt's client answers others only
    when its keep-alive wakes it, each after seconds (seen with 9.0).
    """

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._turn = threading.Condition()
        self._running: dict[str, _Call] = {}
        self.names: dict[str, str] = {}
        """The names of the pools that were seen, by UUID."""

    def overdue(self) -> set[str]:
        """The pools, or ALL, about which a call has not come back in time."""
        with self._turn:
            return {pool for pool, call in self._running.items() if call.overdue}

    def about(self, pool: str, work: Callable[[], T], wait: Wait = "short") -> T:
        """What the call gives; Problem `timed-out` where that takes longer, or where an earlier call is overdue."""
        seconds = {"short": SECONDS, "long": LONG_SECONDS}.get(wait)
        end = None if seconds is None else time.monotonic() + seconds
        key = next((uuid for uuid, name in self.names.items() if name == pool), pool)
        call = self._begin(key, end)
        threading.Thread(target=self._do, args=(key, call, work), name="storage-call", daemon=True).start()
        if not call.over.wait(_left(end)):
            call.overdue = True
            if wait == "short":
                self._renew()
            raise self.silent(key)
        if call.error:
            raise call.error
        return call.result  # type: ignore[no-any-return]  # what `work` gave

    def _begin(self, key: str, end: float | None) -> _Call:
        with self._turn:
            silent = next((pool for pool, call in self._running.items() if call.overdue), None)
            if key == ALL and silent is not None:
                raise self.silent(silent)
            while key in self._running:
                if self._running[key].overdue or not self._turn.wait(_left(end)):
                    raise self.silent(key)
            call = self._running[key] = _Call()
            return call

    def _do(self, key: str, call: _Call, work: Callable[[], Any]) -> None:
        try:
            call.result = work()
        except BaseException as error:  # raised again where it is waited for
            call.error = error
        with self._turn:
            self._running.pop(key, None)
            self._turn.notify_all()
        call.over.set()

    def silent(self, key: str) -> Problem:
        """What is told of a pool, or of ALL, that does not answer."""
        about = f"the pool {self.names.get(key, key)}" if key else "its pools"
        return Problem("timed-out", f"The host does not answer about {about}: what it lies on is silent.", cure=CURE)


class HasCalls(Protocol):
    """What asks about the pools of a host."""

    @property
    def calls(self) -> StorageCalls:
        """The calls of its host."""


def bounded(wait: Wait = "short") -> Callable[[F], F]:
    """Makes a method, whose first argument is a pool, wait for the host only so long."""

    def wrap(method: F) -> F:
        @functools.wraps(method)
        def call(self: HasCalls, pool: str, *args: Any, **kwargs: Any) -> Any:
            return self.calls.about(pool, lambda: method(self, pool, *args, **kwargs), wait)

        return cast(F, call)

    return wrap


def _left(end: float | None) -> float | None:
    return None if end is None else max(end - time.monotonic(), 0.0)
