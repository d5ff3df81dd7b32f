"""Copies and merges of a machine's disks as parts of a job: begun where they are not yet, followed, and ended.

QEMU does the work, so it goes on when this process ends; whoever takes it up again calls the same functions.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...hypervisor.blockjobs import BlockJob
from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.chain import Merge
from ...model.xml import Element, parse
from ...problems import Problem
from ..patience import patiently, unless_over

T = TypeVar("T")
LOOK_SECONDS = 0.5
SETTLE_LOOKS = 20
RATE_LOOKS = 40


@dataclass
class BlockWork:
    """The block jobs of one machine in one job of the service. `share` is the part of the progress that runs now."""

    host: Host
    uuid: str
    handle: JobHandle
    target: str = ""
    share: tuple[float, float] = (0.0, 1.0)
    limit_mib_s: int = 0
    _seen: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=RATE_LOOKS), init=False)

    def __post_init__(self) -> None:
        """Listen to who cancels or changes the speed."""
        self.handle.on_cancel(self._abort)
        self.handle.on_tune(self._tune)

    # -- the machine while its disks are worked on

    @contextlib.contextmanager
    def awake(self, *, off: bool) -> Iterator[None]:
        """QEMU has the disks open: a machine that is `off` is started without letting the guest run, and ended."""
        row = self.host.domains.row(self.uuid)
        if off and row is not None and not row.active:
            self.handle.progress(None, "Opening its disks; the guest does not run", phase="open")
            self.host.domains.start(self.uuid, paused=True)
        if off:
            self.handle.undo.callback(self._end)
        yield
        if off:
            self._end()

    def _end(self) -> None:
        if self._is_paused():
            unless_over(lambda: self.host.domains.destroy(self.uuid), lambda: not self._is_paused())

    def _is_paused(self) -> bool:
        row = self.host.domains.row(self.uuid)
        return row is not None and row.state == "paused"

    def disk(self) -> Element:
        """The running disk; Problem when the machine ended."""
        row = self.host.domains.row(self.uuid)
        if row is None or not row.active:
            raise Problem("interrupted", "The machine ended while its disk was worked on. The disk is as it was.")
        for disk in parse(self.host.domains.xml(self.uuid, live=True)).iterfind("devices/disk"):
            target = disk.find("target")
            if target is not None and target.get("dev") == self.target:
                return disk
        raise Problem("not-found", f"The running machine has no disk {self.target} any more.")

    # -- merge and copy

    def merge(self, merge: Merge) -> None:
        """Let the content above `base` sink into it; nothing is done where it has."""
        self.target = merge.target
        if merge.top not in chain(self.disk()):
            return
        jobs = self.host.block_jobs
        if self.disk().find("mirror") is None and self._progress() is None:
            self.handle.check()
            jobs.commit(self.uuid, merge.target, merge.base, merge.top, self.limit_mib_s, active=merge.active)
        self._finish(f"Merging {merge.top.rsplit('/', 1)[-1]}", "merge")
        if merge.top in chain(self.disk()):
            raise Problem("libvirt-refused", f"QEMU did not merge {merge.top}.", cure="See the machine's log.")

    def copy(self, target: str, path: str, xml: str, words: str = "Copying the disk") -> None:
        """Copy a disk into an existing file and let the machine use it; nothing is done where it does."""
        self.target = target
        if chain(self.disk())[:1] == [path]:
            return
        if self.disk().find("mirror") is None:
            self.handle.check()
            self.host.block_jobs.copy(self.uuid, target, xml, self.limit_mib_s)
        self._finish(words, "copy")
        if chain(self.disk())[:1] != [path]:
            raise Problem("libvirt-refused", "QEMU ended the copy before it was whole.", cure="See the machine's log.")

    def _finish(self, words: str, phase: str) -> None:
        """Follow the job on the disk to its end; where it stays in step with the guest, let the machine use it."""
        while True:
            self.handle.check()
            mirror = self._patiently(self.disk).find("mirror")
            if mirror is not None and mirror.get("ready") == "yes":
                self._pivot()
                return
            seen = self._patiently(self._progress)
            if seen is None:
                self._settle()
                return
            self._tell(seen, words, phase)
            self.handle.wait(LOOK_SECONDS)

    def _pivot(self) -> None:
        self.handle.can_cancel(False)
        unless_over(
            lambda: self.host.block_jobs.pivot(self.uuid, self.target), lambda: self.disk().find("mirror") is None
        )
        self._settle()
        self.handle.can_cancel(True)

    def _settle(self) -> None:
        """Wait until libvirt has written the end of the job into the definition."""
        for _ in range(SETTLE_LOOKS):
            if self._patiently(self.disk).find("mirror") is None and not self._patiently(self._progress):
                break
            self.handle.wait(LOOK_SECONDS)
        self.handle.check()

    def _patiently(self, look: Callable[[], T]) -> T:
        return patiently(self.handle, self.host, look)

    def _progress(self) -> BlockJob | None:
        """How far QEMU is; Problem when the machine ended."""
        try:
            return self.host.block_jobs.progress(self.uuid, self.target)
        except Problem as problem:
            if problem.slug == "wrong-state":
                self.disk()  # says so in its own words
            raise

    def _tell(self, seen: BlockJob, words: str, phase: str) -> None:
        rate = self._rate(seen.done)
        begin, width = self.share
        left = max(seen.total - seen.done, 0)
        # Before QEMU has looked at the disk its total is 0 or 1.
        done = seen.done / seen.total if seen.total > 1 else 0.0
        details: dict[str, Any] = {
            "disk": self.target,
            "remaining_bytes": left,
            "total_bytes": seen.total,
            "rate_bytes_s": int(rate),
            "bandwidth_mib_s": seen.limit >> 20,
        }
        eta = {"eta_seconds": round(left / rate, 1)} if rate else {}
        self.handle.progress(begin + width * min(done, 0.99), words, phase=phase, **details, **eta)

    def _rate(self, done: int) -> float:
        """Bytes per second over the last looks: under a limit QEMU copies in leaps."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # another disk
        self._seen.append((time.monotonic(), done))
        (begin, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    # -- from outside

    def _abort(self) -> None:
        with contextlib.suppress(Problem):  # nothing to end yet, or no more
            if self.target:
                self.host.block_jobs.abort(self.uuid, self.target)

    def _tune(self, settings: dict[str, Any]) -> None:
        if set(settings) != {"bandwidth_mib_s"}:
            raise Problem("unsupported", "Of a copy or merge only the bandwidth can change.")
        self.limit_mib_s = settings["bandwidth_mib_s"]
        if self.target:
            self.host.block_jobs.set_limit(self.uuid, self.target, self.limit_mib_s)
        self.handle.log(f"Bandwidth limit: {self.limit_mib_s or 'none'} MiB/s")
        self.handle.progress(self.handle.job.progress, bandwidth_mib_s=self.limit_mib_s)


def chain(disk: Element) -> list[str]:
    """The files of a running disk, the one that the machine writes to first."""
    found, at = [], disk
    while at is not None:
        source = at.find("source")
        path = (source.get("file") or source.get("dev")) if source is not None else None
        if path is None:
            break
        found.append(path)
        at = at.find("backingStore")  # type: ignore[assignment]  # None ends it
    return found
