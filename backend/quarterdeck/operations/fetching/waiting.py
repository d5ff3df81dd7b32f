"""Waiting for another server no longer than somebody wants to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ...jobs import JobHandle

T = TypeVar("T")


def unless_cancelled(job: JobHandle, ask: Callable[[], T]) -> T:
    """What a server answers; Problem `cancelled` as soon as somebody cancels, however long the server is silent.

    Neither the resolver nor a handshake can be ended from another thread: the one that asks is left behind.
    """
    told, over = Future[T](), threading.Event()

    def run() -> None:
        try:
            told.set_result(ask())
        except BaseException as error:
            told.set_exception(error)
        over.set()

    job.on_cancel(over.set)
    threading.Thread(target=run, name=f"ask-{job.id}", daemon=True).start()
    over.wait()
    job.check()
    return told.result()
