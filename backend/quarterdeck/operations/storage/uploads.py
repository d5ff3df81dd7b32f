"""Uploads that run, and those that were cut and can go on."""

from __future__ import annotations

import contextlib

from ...jobs import Jobs
from ...problems import Problem

Place = tuple[str, str, str]
"""Host, pool, volume."""
STOP_SECONDS = 15


class Uploads:
    """How far each upload came; kept in memory, and found again in the rows of the jobs after a restart."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._received: dict[Place, int] = {}

    def received_bytes(self, place: Place) -> int:
        """How many bytes of a volume came in."""
        return self._received.get(place, 0)

    def note(self, place: Place, received_bytes: int) -> None:
        """Remember how far it came."""
        self._received[place] = received_bytes

    def forget(self, place: Place) -> None:
        """The volume is whole, or gone."""
        self._received.pop(place, None)

    def stop(self, place: Place) -> None:
        """End the upload of a volume that is to be deleted, and wait until libvirt has let go of it."""
        host, pool, name = place
        running = self._jobs.of(host, f"{pool}/{name}")
        if running is None:
            return
        with contextlib.suppress(Problem):  # it may just have ended by itself
            self._jobs.cancel(running.id)
        if not self._jobs.wait(running.id, STOP_SECONDS).over:
            raise Problem("busy", f"The upload of {name} does not end.", cure="Try again soon.")
