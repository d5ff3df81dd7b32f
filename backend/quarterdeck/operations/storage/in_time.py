"""Looks at files of the host, of which one may lie on a server that does not answer: then the look never comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from ...problems import FieldError, Problem

T = TypeVar("T")
PATIENCE_SECONDS = 5.0


def in_time(path: str, look: Callable[[], T]) -> T:
    """What a look at a file gives; Problem `timed-out` at `/path` where its file system does not answer.

    Nothing ends a thread that waits for a dead NFS server (nfs(5), hard). It is left behind until the server is back,
    and while it waits no second one is sent after it.
    """
    for earlier in [each for each in threading.enumerate() if isinstance(each, _Look) and each.name == path]:
        wait([earlier.told], earlier.patience)
        if not earlier.told.done():
            raise _silent(path)
    sent = _Look(path, look)
    sent.start()
    wait([sent.told], PATIENCE_SECONDS)
    if not sent.told.done():
        raise _silent(path)
    return sent.told.result()


class _Look(threading.Thread, Generic[T]):
    """A look on its way."""

    def __init__(self, path: str, look: Callable[[], T]) -> None:
        super().__init__(name=path, daemon=True)
        self._look = look
        self._end = time.monotonic() + PATIENCE_SECONDS
        self.told = Future[T]()

    @property
    def patience(self) -> float:
        """For how long one may still wait for it."""
        return max(self._end - time.monotonic(), 0.0)

    def run(self) -> None:
        """Look; what it raises is raised where it was asked for."""
        try:
            self.told.set_result(self._look())
        except BaseException as error:
            self.told.set_exception(error)


def _silent(path: str) -> Problem:
    words = f"The file system on which {path} lies does not answer."
    cure = "It may be that of a server which is off or cut: bring it back, or take a file that lies elsewhere."
    return Problem("timed-out", words, cure=cure, errors=[FieldError("/path", words)])
