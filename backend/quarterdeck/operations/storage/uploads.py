"""Uploads that run, and those that were cut and can go on."""

from __future__ import annotations

import contextlib

from ...jobs import Job, Jobs
from ...model.storage import Partial
from ...problems import Problem

Place = tuple[str, str, str]
"""Host, pool, volume."""
KIND = "upload"
STOP_SECONDS = 15


class Uploads:
    """How far each upload came; kept in memory, and found again in the rows of the jobs after a restart."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._came: dict[Place, Partial] = {}

    def came(self, place: Place, marked_bytes: int) -> Partial:
        """How far an upload came whose marker has this size, which is that of the file only in thin pools."""
        known = self._came.get(place) or self._of_last_job(place)
        return known or Partial(received_bytes=0, size_bytes=marked_bytes)

    def _of_last_job(self, place: Place) -> Partial | None:
        job = next((job for job in self._jobs.list() if _place(job) == place), None)
        if job is None or job.kind != KIND or "total_bytes" not in job.details:
            return None
        told = (job.problem or {}).get("received_bytes", job.details["received_bytes"])
        return Partial(received_bytes=told, size_bytes=job.details["total_bytes"])

    def note(self, place: Place, received_bytes: int, total_bytes: int) -> None:
        """Remember how far it came."""
        self._came[place] = Partial(received_bytes=received_bytes, size_bytes=total_bytes)

    def forget(self, place: Place) -> None:
        """The volume is whole, or gone."""
        self._came.pop(place, None)

    def runs(self, place: Place) -> bool:
        """Whether one is on its way just now."""
        running = self._running(place)
        return running is not None and running.kind == KIND

    def _running(self, place: Place) -> Job | None:
        host, pool, name = place
        return self._jobs.of(host, f"{pool}/{name}")

    def stop(self, place: Place) -> None:
        """End the upload of a volume that is to be deleted, and wait until libvirt has let go of it."""
        running = self._running(place)
        if running is None:
            return
        with contextlib.suppress(Problem):  # it may just have ended by itself
            self._jobs.cancel(running.id)
        if not self._jobs.wait(running.id, STOP_SECONDS).over:
            raise Problem("busy", f"The upload of {place[2]} does not end.", cure="Try again soon.")


def _place(job: Job) -> Place:
    pool, _slash, name = job.target.partition("/")
    return job.host, pool, name
