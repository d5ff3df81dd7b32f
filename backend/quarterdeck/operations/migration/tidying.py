"""Taking back at the destination what a failed move made there, at once or as soon as that host answers again."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...problems import Problem
from ..patience import PASSING
from .carrying import Carrying
from .room import Room, clear, give_back

KIND = "migration-tidy"
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Made:
    """What a move makes at the destination: rooms for disks, what it lets it know of snapshots.

    `defines`: also a definition, of a machine that is off, where the destination had none. `holder` is the job to
    which pools are lent for it.
    """

    destination: Host
    holder: str
    uuid: str
    rooms: list[Room]
    carrying: Carrying | None
    defines: bool = False

    @property
    def words(self) -> str:
        """What it is."""
        files = [f"{room.folder}/{room.name}" for room in self.rooms]
        return ", ".join([*files, *(["its snapshots"] if self.carrying else [])]) or "its definition"

    def taken_back(self) -> bool:
        """Whether it is done; False while a host is away, or holds the machine still for the move that failed."""
        destination = self.destination
        try:
            row = destination.domains.row(self.uuid)
            if row is not None and row.active:
                if row.state == "running":
                    words = f"It runs on {destination.spec.name}: what it has there stays."
                    raise Problem("wrong-state", words, cure="Look whether it runs on both hosts.")
                return False
            if self.carrying:
                self.carrying.put_back()
            if self.defines and row is not None:
                destination.domains.undefine(self.uuid)
            clear(destination, self.rooms, self.holder)
            give_back(destination, self.rooms, self.holder)
        except Problem as problem:
            if problem.slug in PASSING:
                return False
            raise
        return True


class Tidying:
    """Takes back what failed moves made; a job of its own waits for a host that is away."""

    def __init__(self, hosts: Hosts, jobs: Jobs) -> None:
        self._hosts = hosts
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def made(self, job: Job, source: Host, params: dict[str, Any]) -> Made:
        """What the move makes that a job with these parameters carries out, or takes back."""
        destination, defined = self._hosts.get(params["destination"]), params.get("carried_to_defined")
        carrying = None if defined is None else Carrying(source, destination, job.target, defined=defined)
        stopped = params.get("stopped")
        defines = stopped is not None and stopped["older"] is None
        return Made(destination, job.id, job.target, Room.of(params["made"]), carrying, defines)

    def take_back(self, job: Job, made: Made) -> None:
        """Take back what the move of a job made; where that cannot be now, begin the job that will."""
        if not (made.rooms or made.carrying or made.defines):
            return
        if made.carrying:
            with contextlib.suppress(Problem):
                made.carrying.put_here()
        if made.taken_back():
            return
        self._jobs.start(
            KIND,
            host=made.destination.id,
            target=job.target,
            target_name=job.target_name,
            user=job.user,
            work=partial(self._work, made),
            holds=False,
            params={
                "source": job.host,
                "destination": made.destination.id,
                "made": [asdict(room) for room in made.rooms],
                "carried_to_defined": made.carrying.defined if made.carrying else None,
                "stopped": {"older": None} if made.defines else None,
            },
        )

    def _work(self, made: Made, handle: JobHandle) -> None:
        there = made.destination.spec.name
        handle.progress(None, f"{made.words} is removed when {there} answers and its move has ended there")
        while not made.taken_back():
            if handle.wait(LOOK_SECONDS):
                raise Problem("cancelled", f"{made.words} may be left on {there}.", cure="Remove it there by hand.")
        handle.log(f"{made.words}: nothing is left on {there}")

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """Go on waiting."""
        self._work(self.made(job, self._hosts.get(params["source"]), params), handle)
