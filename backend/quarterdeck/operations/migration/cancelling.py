"""Passing a cancel on to libvirt, but not in the moment in which it would do harm.

At the end of a live move QEMU stops the guest and waits for libvirt's word to switch. A cancel that comes in between
gains nothing, and can leave QEMU waiting for ever (`Migrations.free_cancelled`), or libvirt for a guest to stop that
has just been let go on (qemuMigrationSrcRun; both seen with QEMU 7.2 and libvirt 9.0). So the move goes on to its end;
and where a cancel came in between all the same, what waits is freed.
"""

from __future__ import annotations

import contextlib
import time

from ...hypervisor.migrations import Migrations
from ...problems import Problem

LATE_SECONDS = 5.0
STUCK_SECONDS = 2.0
TOO_LATE = "It was nearly over when it was cancelled: it goes on to its end"


class Cancelling:
    """The cancel of one move. `live`: the guest runs until the switch; `memory_flowed`: QEMU was seen to send it."""

    def __init__(self, migrations: Migrations, uuid: str, *, live: bool) -> None:
        self.live = live
        self.memory_flowed = False
        self._migrations = migrations
        self._uuid = uuid
        self._stood_still: float | None = None
        self._passed_on: float | None = None

    @property
    def too_late(self) -> bool:
        """Whether the switch was under way already, so that the cancel is not passed on."""
        return self.live and self._stood_still is not None and self._passed_on is None

    def ask(self) -> None:
        """Ask libvirt to end the move. To be called until it has ended: it may come before libvirt has begun."""
        with contextlib.suppress(Problem):  # nothing to end yet, or no more
            now, still = time.monotonic(), self._migrations.stands_still(self._uuid)
            self._stood_still = (self._stood_still or now) if still else None
            if not self.too_late or now - (self._stood_still or now) > LATE_SECONDS:
                self._migrations.abort(self._uuid)
                self._passed_on = self._passed_on or now
            if now - (self._stood_still or self._passed_on or now) > STUCK_SECONDS:
                self._free(still)

    def _free(self, still: bool) -> None:
        if still:
            self._migrations.free_cancelled(self._uuid)
        elif self.memory_flowed and not self._memory_flows():
            self._migrations.pause(self._uuid)  # libvirt sees it stop, finds the cancel, and lets it go on

    def _memory_flows(self) -> bool:
        """Whether QEMU tells of memory that it sends; after a cancel it does no more."""
        return bool((self._migrations.statistics(self._uuid) or {}).get("memory_total"))
