"""Watching a migration that libvirt carries out: progress, cancel, and settings changed on the way."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...problems import Problem
from .advice import advice
from .asking import Asking
from .cancelling import TOO_LATE, Cancelling
from .progress import Meter

LOOK_SECONDS = 0.25
LEAST_SECONDS = 0.05  # between two looks, however long libvirt took to answer
SILENT_SECONDS = 5.0
DEFAULT_DOWNTIME_MS = 300
MEND = (
    "Mend the network between both hosts: libvirt then ends the move, or goes on with it. It cannot be ended before, "
    "other than by the system, which gives the connection up after some minutes."
)


@dataclass(frozen=True)
class Wishes:
    """What of a move's request matters while it runs."""

    post_copy: bool = False
    auto_converge: bool = False
    live: bool = False


class Follower:
    """One running migration as its job sees it."""

    def __init__(self, handle: JobHandle, source: Host, uuid: str, ram_bytes: int, wishes: Wishes) -> None:
        self._handle = handle
        self._source = source
        self._uuid = uuid
        self._meter = Meter(ram_bytes)
        self._wishes = wishes
        self._cancelling = Cancelling(source.migrations, uuid, live=wishes.live)
        self._switched = False
        handle.on_tune(self.tune)

    def follow(self, ended: Future[Any] | None = None) -> None:
        """Tell the progress until `ended`; without it, until libvirt has no such job any more."""
        over: Future[Any] = ended or Future()
        looking, ending = Asking(self._look), Asking(self._cancelling.ask)
        heard = looked = time.monotonic()
        while not wait({over}, max(looked + LOOK_SECONDS - time.monotonic(), LEAST_SECONDS)).done:
            looked = time.monotonic()
            if self._handle.cancelled:
                self._pass_on(ending)
            try:
                stats = looking.ask(LOOK_SECONDS, over)
            except TimeoutError:
                self._tell_silence(time.monotonic() - heard)
                continue
            except Problem as problem:
                if problem.slug == "host-lost" and ended is None:
                    self._handle.progress(None, "Waiting for the connection to the source")
                    self._source.wait_connected(5)
                    continue
                stats = None
                if ended is None and problem.slug not in ("not-found", "wrong-state", "busy", "timed-out"):
                    raise
            else:
                heard = time.monotonic()
            if stats is not None:
                self._tell(stats)
            elif ended is None:
                return

    def _pass_on(self, ending: Asking[None]) -> None:
        """Pass the cancel on, at each look; tell where it came too late."""
        with contextlib.suppress(TimeoutError):
            ending.ask(0)
        if self._cancelling.too_late and self._handle.job.can_cancel:
            self._handle.can_cancel(False)
            self._handle.log(TOO_LATE)

    def _look(self) -> dict[str, Any] | None:
        return self._source.migrations.statistics(self._uuid)

    def _tell_silence(self, seconds: float) -> None:
        if seconds > SILENT_SECONDS:
            begun = "It is cancelled, but libvirt" if self._handle.cancelled else "libvirt"
            words = f"{begun} has not answered for {seconds:.0f} s: the network to the destination may be down"
            self._handle.progress(self._handle.job.progress, words, advice=MEND, eta_seconds=None, rate_bytes_s=0)

    def _tell(self, stats: dict[str, Any]) -> None:
        seen = self._meter.read(stats, post_copy=self._switched)
        self._cancelling.memory_flowed |= seen.phase == "memory"
        limits = self._handle.job.details
        helps = advice(
            seen,
            bandwidth_mib_s=limits.get("bandwidth_mib_s"),
            max_downtime_ms=limits.get("max_downtime_ms") or DEFAULT_DOWNTIME_MS,
            post_copy=self._wishes.post_copy,
            auto_converge=self._wishes.auto_converge,
        )
        words = TOO_LATE if self._cancelling.too_late else seen.message
        self._handle.progress(seen.fraction, words, phase=seen.phase, advice=helps, **seen.details())

    def tune(self, settings: dict[str, Any]) -> None:
        """Change bandwidths (MiB/s, 0 for no limit) or the longest pause, pause it, or switch to post-copy."""
        migrations, uuid = self._source.migrations, self._uuid
        told: dict[str, Any] = {}
        for name, post_copy, words in (
            ("bandwidth_mib_s", False, "Bandwidth limit"),
            ("post_copy_bandwidth_mib_s", True, "Bandwidth limit after the switch"),
        ):
            if name in settings:
                migrations.set_bandwidth(uuid, settings[name], post_copy=post_copy)
                told[name] = migrations.bandwidth(uuid, post_copy=post_copy)
                self._handle.log(f"{words}: {told[name] or 'no'} MiB/s")
        if "max_downtime_ms" in settings:
            migrations.set_max_downtime(uuid, settings["max_downtime_ms"])
            told["max_downtime_ms"] = migrations.max_downtime(uuid)
            self._handle.log(f"Longest pause: {told['max_downtime_ms']} ms")
        if settings.get("pause"):
            migrations.pause(uuid)
            self._cancelling.live = False
            told["paused"] = True
            self._handle.log("Paused until it has arrived; it goes on there")
        if settings.get("post_copy"):
            self._switch()
        self._handle.progress(self._handle.job.progress, **told)

    def _switch(self) -> None:
        if not self._wishes.post_copy:
            raise Problem(
                "unsupported", "This move was not begun with post-copy allowed.", cure="Begin it again with post_copy."
            )
        self._source.migrations.switch_to_post_copy(self._uuid)
        self.switched()
        self._handle.log("Switched to post-copy: there is no way back")

    def switched(self) -> None:
        """Tell from now on that it runs at the destination and only fetches the rest of its memory."""
        self._switched = True
        self._handle.can_cancel(False)
