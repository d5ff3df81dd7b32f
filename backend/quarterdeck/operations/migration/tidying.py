"""Taking back at the destination what a failed move made there, at once or as soon as that host answers again."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...problems import Problem
from ..patience import PASSING
from .room import Room, clear, give_back

KIND = "migration-tidy"
LOOK_SECONDS = 0.5


class Tidying:
    """Removes half-made copies of disks; a job of its own waits for a destination that is away."""

    def __init__(self, hosts: Hosts, jobs: Jobs) -> None:
        self._hosts = hosts
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def take_back(self, job: Job, destination: Host, rooms: list[Room]) -> None:
        """Remove what the move of a job made; where that cannot be now, begin the job that will."""
        if not rooms or _tried(destination, job.target, rooms):
            return
        self._jobs.start(
            KIND,
            host=destination.id,
            target=job.target,
            target_name=job.target_name,
            user=job.user,
            work=partial(self._work, destination, rooms),
            holds=False,
            params={"made": [asdict(room) for room in rooms]},
        )

    def _work(self, destination: Host, rooms: list[Room], handle: JobHandle) -> None:
        words = ", ".join(f"{room.folder}/{room.name}" for room in rooms)
        handle.progress(None, f"{words} is removed when {destination.spec.name} answers and its move has ended there")
        while not _tried(destination, handle.job.target, rooms):
            handle.wait(LOOK_SECONDS)
            handle.check()
        handle.log(f"{words}: nothing is left on {destination.spec.name}")

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """Go on waiting."""
        self._work(self._hosts.get(job.host), Room.of(params["made"]), handle)


def _tried(destination: Host, uuid: str, rooms: list[Room]) -> bool:
    """Whether it is done; False while the host is away, or holds the machine still for the move that failed."""
    try:
        row = destination.domains.row(uuid)
        if row is not None and row.active:
            if row.state == "running":
                words = f"It runs on {destination.spec.name}: its disks there stay."
                raise Problem("wrong-state", words, cure="Look whether it runs on both hosts.")
            return False
        clear(destination, rooms)
        give_back(destination, rooms)
    except Problem as problem:
        if problem.slug in PASSING:
            return False
        raise
    return True
