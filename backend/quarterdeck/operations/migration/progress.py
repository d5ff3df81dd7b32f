"""From libvirt's figures of a migration to what people see: share done, rate, time left, expected pause. Pure.

Rules: in the disk phase libvirt's total holds the disks only and grows by the memory later, so the total here is
both from the start; `memory_dirty_rate` is pages per second and 0 until the second pass; `downtime` while it
runs is QEMU's forecast, which in the first pass only echoes the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONG_STILL_MS = 10_000


@dataclass(frozen=True)
class Progress:
    """One look at a running migration. Sizes are bytes, rates bytes per second."""

    phase: str
    fraction: float
    remaining_bytes: int
    total_bytes: int
    rate_bytes_s: int
    dirty_rate_bytes_s: int
    iteration: int
    expected_downtime_ms: int | None
    eta_seconds: float | None
    elapsed_ms: int
    throttle_percent: int = 0
    still_ms: int = 0

    def details(self) -> dict[str, Any]:
        """What goes into the job's details."""
        names = (
            "remaining_bytes", "total_bytes", "rate_bytes_s", "dirty_rate_bytes_s", "iteration",
            "expected_downtime_ms", "eta_seconds", "elapsed_ms", "throttle_percent",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    @property
    def message(self) -> str:
        """What happens just now, in words."""
        if self.phase == "prepare":
            return "The destination gets ready"
        if self.still_ms > LONG_STILL_MS:
            return f"Nothing has gone over for {self.still_ms // 1000} s: the network to the destination may be down"
        if self.phase == "disks":
            return "Copying the disks"
        if self.phase == "post_copy":
            return "It runs at the destination and fetches the rest of its memory"
        if self.iteration > 1 and self.eta_seconds is None:
            return f"Sending memory, pass {self.iteration}: the guest changes it faster than it can be sent"
        return f"Sending memory, pass {max(self.iteration, 1)}"


class Meter:
    """Turns libvirt's figures into progress that never goes back. `ram_bytes` is the guest's memory."""

    def __init__(self, ram_bytes: int) -> None:
        self._ram = ram_bytes
        self._best = 0.0
        self._last: tuple[int, int] | None = None
        self._moved = (-1, 0)

    def read(self, stats: Mapping[str, Any], *, post_copy: bool = False) -> Progress:
        """The progress that these figures (virDomainGetJobStats) tell."""
        ram = max(stats.get("memory_total", 0), 0) or self._ram
        disks = stats.get("disk_total", 0)
        memory_begun = stats.get("memory_total", 0) > 0
        memory_left = stats.get("memory_remaining", 0) if memory_begun else ram
        total, left = disks + ram, stats.get("disk_remaining", 0) + memory_left
        started = memory_begun or disks > 0
        rate = self._rate(stats, memory_begun)
        dirty = stats.get("memory_dirty_rate", 0) * stats.get("memory_page_size", 4096)
        if started and total:
            self._best = max(self._best, min(1 - left / total, 0.99))
        gain = rate - dirty
        return Progress(
            phase=_phase(started, memory_begun, post_copy),
            fraction=self._best,
            remaining_bytes=left,
            total_bytes=total,
            rate_bytes_s=rate,
            dirty_rate_bytes_s=dirty,
            iteration=stats.get("memory_iteration", 0),
            expected_downtime_ms=stats.get("downtime") if stats.get("memory_iteration", 0) > 1 else None,
            eta_seconds=round(left / gain, 1) if gain > 0 and started else None,
            elapsed_ms=stats.get("time_elapsed", 0),
            throttle_percent=stats.get("auto_converge_throttle", 0),
            still_ms=self._still(stats),
        )

    def _still(self, stats: Mapping[str, Any]) -> int:
        """For how long nothing went over, by libvirt's clock."""
        sent, now = stats.get("disk_processed", 0) + stats.get("memory_processed", 0), stats.get("time_elapsed", 0)
        if sent != self._moved[0]:
            self._moved = (sent, now)
        return int(now - self._moved[1])

    def _rate(self, stats: Mapping[str, Any], memory_begun: bool) -> int:
        """Libvirt's own rate for memory; for disks what went over since the last look."""
        sent = stats.get("disk_processed", 0) + stats.get("memory_processed", 0)
        now = stats.get("time_elapsed", 0)
        last, self._last = self._last, (now, sent)
        if memory_begun and stats.get("memory_bps"):
            return int(stats["memory_bps"])
        if last is None or now <= last[0]:
            return int(stats.get("disk_bps", 0))
        return int(max((sent - last[1]) * 1000 // (now - last[0]), 0))


def _phase(started: bool, memory_begun: bool, post_copy: bool) -> str:
    if post_copy:
        return "post_copy"
    if not started:
        return "prepare"
    return "memory" if memory_begun else "disks"
