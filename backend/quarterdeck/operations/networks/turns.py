"""One act at a time on a network, and none while a job restarts it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from ...hypervisor.networks import NetworkRow
from ...jobs import Jobs
from ...problems import Problem


def target(row: NetworkRow) -> str:
    """What a job that works on a network is said to work on."""
    return f"network/{row.name}"


class Turns:
    """Who may act on a network now."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)

    def check(self, host: str, row: NetworkRow) -> None:
        """Problem `busy` while a job restarts the network."""
        job = self._jobs.of(host, target(row))
        if job:
            raise Problem("busy", f"The network {row.name} is restarted just now.", job=job.id)

    @contextmanager
    def short(self, host: str, row: NetworkRow) -> Iterator[None]:
        """The turn of an act that is over at once; Problem `busy` while a job restarts the network."""
        with self.of_job(host, row):
            self.check(host, row)
            yield

    def of_job(self, host: str, row: NetworkRow) -> threading.Lock:
        """The turn of the job itself, once the act that has begun before it is over."""
        return self._locks[host, row.uuid]
