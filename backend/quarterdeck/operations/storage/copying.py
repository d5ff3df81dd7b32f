"""Copying the content of volumes, with progress and an end when somebody cancels."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.storage import read_volume, volume_xml
from ...problems import Problem
from ..inventory.usage import Usage
from .disk_copies import DiskCopy

SHARED = "The copy shares its blocks with the original: it takes space only for what is written to either from now on."
COPIED = "The copy has blocks of its own: its file system, its format or its pool cannot share them."
LOOK_SECONDS = 0.5
STILL_MADE = ("in-use", "busy", "libvirt-refused", "wrong-state")


class Copier:
    """Copies disks one after the other, and tells how far all of them are."""

    def __init__(self, host: Host, handle: JobHandle, copies: list[DiskCopy]) -> None:
        self._host = host
        self._handle = handle
        self._total = sum(max(copy.origin.allocation, 1) for copy in copies if copy.act == "copy") or 1
        self._done = 0
        self._began = time.monotonic()

    def copy(self, copy: DiskCopy, share: float) -> bool:
        """Make the volume with the content of the original; whether it shares the blocks of that.

        `share` of the job's progress is all copying.
        """
        before = self._done

        def told(done: int) -> None:
            self._handle.check()
            self._done = before + min(done, max(copy.origin.allocation, 1))
            spent = time.monotonic() - self._began
            self._handle.progress(
                share * self._done / self._total,
                f"Copying {copy.target} to {copy.name}",
                phase="copy",
                done_bytes=self._done,
                total_bytes=self._total,
                rate_bytes_s=round(self._done / spent) if spent > 1 else None,
            )

        told(0)
        shares = False
        if copy.way == "libvirt" or (copy.origin.lent and self._stands_on_another(copy)):
            self._by_libvirt(copy, told)
        elif not (shares := self._by_reflink(copy)):
            self._by_stream(copy, told)
        self._done = before + max(copy.origin.allocation, 1)
        return shares

    def _made(self, copy: DiskCopy) -> None:
        """From now on it is ours: before, somebody else could have made a volume of that name."""
        self._handle.undo.callback(remove, self._host, copy.pool, copy.name)

    def _stands_on_another(self, copy: DiskCopy) -> bool:
        return read_volume(self._host.volumes.xml(copy.origin.pool, copy.origin.volume)).backing is not None

    def _by_reflink(self, copy: DiskCopy) -> bool:
        """Whether the file system made the copy at once (XFS, Btrfs), sharing what stays equal."""
        if copy.format != "raw" or copy.pool != copy.origin.pool or copy.origin.encrypted:
            return False  # libvirt would open what is encrypted, and write it down in clear
        xml = volume_xml(copy.name, copy.origin.capacity, "raw")
        with contextlib.suppress(Problem):
            self._host.volumes.create_from(copy.pool, xml, copy.origin.pool, copy.origin.volume, reflink=True)
            self._made(copy)
            return True
        return False

    def _by_stream(self, copy: DiskCopy, told: Callable[[int], None]) -> None:
        origin, volumes = (copy.origin.pool, copy.origin.volume), self._host.volumes
        row = volumes.row(*origin)
        size = read_volume(volumes.xml(*origin)).physical or row.capacity
        volumes.create(copy.pool, volume_xml(copy.name, size, "raw"))
        self._made(copy)
        volumes.copy(origin, (copy.pool, copy.name), size, told)
        with contextlib.suppress(Problem):  # only its format is not known yet; another job may be at work in the pool
            self._host.pools.refresh(copy.pool)

    def _by_libvirt(self, copy: DiskCopy, told: Callable[[int], None]) -> None:
        """A copy that libvirt makes cannot be cancelled: it is waited for, then removed."""
        ended = threading.Event()
        refused: list[Problem] = []
        xml = volume_xml(copy.name, copy.origin.capacity, None if copy.block else copy.format)

        def call() -> None:
            try:
                self._host.volumes.create_from(copy.pool, xml, copy.origin.pool, copy.origin.volume)
            except Problem as problem:
                refused.append(problem)
            finally:
                ended.set()

        threading.Thread(target=call, name=f"copy-{copy.name}", daemon=True).start()
        while not ended.wait(LOOK_SECONDS):
            if self._handle.cancelled:
                self._handle.progress(None, "Cancelled: libvirt ends its copy, then it is removed")
                continue
            with contextlib.suppress(Problem):
                told(self._host.volumes.row(copy.pool, copy.name).allocation)
        if refused:
            raise refused[0]
        self._made(copy)
        self._handle.check()


def remove(host: Host, pool: str, name: str, handle: JobHandle | None = None) -> None:
    """Delete a volume that a job made, where it is there. One that libvirt still fills is waited for."""
    pause = threading.Event()
    while True:
        try:
            host.volumes.delete(pool, name)
        except Problem as problem:
            if problem.slug == "not-found":
                return
            if handle is None or problem.slug not in STILL_MADE:
                raise
            pause.wait(LOOK_SECONDS)
        else:
            return


def remove_unused(usage: Usage, host: Host, pool: str, name: str, handle: JobHandle) -> None:
    """The same after a restart, when nobody can tell who made it: what a machine uses stays."""
    with contextlib.suppress(Problem):  # no such volume, or one that is still made
        if host.volumes.row(pool, name).path in usage.paths(host.id):
            handle.log(f"{name} stays: a machine uses it")
            return
    remove(host, pool, name, handle)
