"""Watching a migration that libvirt carries out: progress, cancel, and settings changed on the way."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.domain import DomainRow
from ...problems import Problem
from .progress import Meter

LOOK_SECONDS = 0.5


class Follower:
    """One running migration as its job sees it."""

    def __init__(self, handle: JobHandle, source: Host, uuid: str, ram_bytes: int, *, post_copy: bool) -> None:
        self._handle = handle
        self._source = source
        self._uuid = uuid
        self._meter = Meter(ram_bytes)
        self._may_switch = post_copy
        self._switched = False
        handle.on_tune(self.tune)
        handle.on_cancel(self._abort)

    def follow(self, ended: threading.Event | None = None) -> None:
        """Tell the progress until `ended`; without it, until libvirt has no such job any more."""
        over = ended or threading.Event()
        while not over.wait(LOOK_SECONDS):
            if self._handle.cancelled:
                self._abort()  # again: it may have come before libvirt had begun
            try:
                stats = self._source.migrations.statistics(self._uuid)
            except Problem as problem:
                if problem.slug == "host-lost" and ended is None:
                    self._handle.progress(None, "Waiting for the connection to the source")
                    self._source.wait_connected(5)
                    continue
                stats = None
                if problem.slug not in ("not-found", "wrong-state", "host-lost", "busy", "timed-out"):
                    raise
            if stats is not None:
                self._tell(stats)
            elif ended is None:
                return

    def _tell(self, stats: dict[str, Any]) -> None:
        seen = self._meter.read(stats, post_copy=self._switched)
        self._handle.progress(seen.fraction, seen.message, phase=seen.phase, **seen.details())

    def _abort(self) -> None:
        with contextlib.suppress(Problem):  # nothing to end yet, or no more
            self._source.migrations.abort(self._uuid)

    def tune(self, settings: dict[str, Any]) -> None:
        """Change bandwidth (MiB/s, 0 for no limit) or longest pause, or switch to post-copy."""
        migrations = self._source.migrations
        if "bandwidth_mib_s" in settings:
            migrations.set_bandwidth(self._uuid, settings["bandwidth_mib_s"])
            self._handle.log(f"Bandwidth limit: {settings['bandwidth_mib_s'] or 'none'} MiB/s")
        if "max_downtime_ms" in settings:
            migrations.set_max_downtime(self._uuid, settings["max_downtime_ms"])
            self._handle.log(f"Longest pause: {settings['max_downtime_ms']} ms")
        if settings.get("post_copy"):
            self._switch()
        told = {name: value for name, value in settings.items() if name != "post_copy"}
        job = self._handle.job
        self._handle.progress(job.progress, **(job.details | told))

    def _switch(self) -> None:
        if not self._may_switch:
            raise Problem(
                "unsupported", "This move was not begun with post-copy allowed.", cure="Begin it again with post_copy."
            )
        self._source.migrations.switch_to_post_copy(self._uuid)
        self._switched = True
        self._handle.can_cancel(False)
        self._handle.log("Switched to post-copy: there is no way back")


def whereabouts(uuid: str, source: Host, destination: Host) -> tuple[bool, str]:
    """Whether the machine is at the destination, and a sentence that says where it is.

    The source alone is enough where it is sure, so that a lost destination does not hide the truth.
    """
    here = source.domains.row(uuid)
    try:
        there = destination.domains.row(uuid)
    except Problem as problem:
        if problem.slug not in ("host-lost", "host-refused") or here is None:
            raise
        if here.active:
            return False, f"It is {_word(here)} on {source.spec.name}; {destination.spec.name} cannot be asked."
        return here.reason == "migrated", f"{source.spec.name} has sent it to {destination.spec.name}."
    if there is not None and there.active and (here is None or not here.active):
        return True, f"It is {_word(there)} on {destination.spec.name}."
    if here is not None and here.active:
        return False, f"It is {_word(here)} on {source.spec.name}, as before."
    if here is None and there is None:
        return False, "Neither host knows it."
    return False, f"It is off on {source.spec.name}."


def _word(row: DomainRow) -> str:
    return {"shutting_down": "shutting down", "suspended": "asleep"}.get(row.state, row.state)
