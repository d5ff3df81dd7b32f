"""Looks at a host from a job: one that is away, or too busy to answer, is asked again, for the work itself goes on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..hypervisor.host import Host
from ..jobs import JobHandle
from ..problems import Problem

T = TypeVar("T")
LOOK_SECONDS = 0.5
ABORT_SECONDS = 0.2
PASSING = ("host-lost", "host-refused", "timed-out", "busy")
"""What says nothing of the work that is looked at: libvirt was restarted, or another call held the machine for 30 s."""


def connected(handle: JobHandle, *hosts: Host) -> None:
    """Return once all are connected: only then anybody can tell what became of the work, cancelled or not."""
    for host in hosts:
        while not host.wait_connected(LOOK_SECONDS):
            _tell(handle, host)


def _tell(handle: JobHandle, host: Host) -> None:
    words = f"Waiting for {host.spec.name} to be connected again"
    handle.progress(handle.job.progress, words, eta_seconds=None)


def patiently(handle: JobHandle, host: Host, look: Callable[[], T]) -> T:
    """What a look says, asked again while the host does not answer; somebody who cancels gets the refusal instead."""
    while True:
        try:
            return look()
        except Problem as problem:
            if problem.slug not in PASSING or handle.wait(LOOK_SECONDS):
                raise
        if not host.wait_connected(LOOK_SECONDS):
            _tell(handle, host)


@contextlib.contextmanager
def cancellable(handle: JobHandle, host: Host, uuid: str) -> Iterator[None]:
    """Inside, somebody who cancels ends libvirt's job on a machine: again and again, as it may have yet to begin."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(ABORT_SECONDS):
            if handle.cancelled:
                with contextlib.suppress(Problem):  # nothing to end yet, or no more
                    host.domains.abort_job(uuid)

    threading.Thread(target=watch, name=f"cancel-{uuid}", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def reread(host: Host, pool: str, handle: JobHandle | None = None) -> None:
    """Let libvirt read a pool anew, which it refuses while it fills a volume there itself: that is waited for.

    Somebody who cancels the job ends the waiting.
    """
    pause = threading.Event()
    while not reread_if_free(host, pool):
        if handle:
            handle.check()
        pause.wait(LOOK_SECONDS)


def reread_if_free(host: Host, pool: str) -> bool:
    """The same without waiting; whether it was read."""
    try:
        host.pools.refresh(pool)
    except Problem as problem:
        if problem.slug != "busy":
            raise
        return False
    return True


def unless_over(act: Callable[[], None], over: Callable[[], bool]) -> None:
    """Do it; a refusal counts for nothing where what it was for came about by itself in that moment."""
    try:
        act()
    except Problem:
        done = False
        with contextlib.suppress(Problem):
            done = over()
        if not done:
            raise
