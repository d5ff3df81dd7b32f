"""Copies and merges of disks in a running QEMU. Each method is one act of libvirt, by UUID and target of the disk.

They belong to QEMU, so they go on when this process ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import libvirt

from .parts import Connections

MIB = 1 << 20


@dataclass(frozen=True)
class BlockJob:
    """How far a copy or merge is, in bytes of the disk; limit in bytes per second, 0 for none."""

    done: int
    total: int
    limit: int


class BlockJobs:
    """All copies and merges of a host's disks."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    @contextlib.contextmanager
    def _domain(self, uuid: str) -> Iterator[libvirt.virDomain]:
        with self._host.connection() as conn:
            yield conn.lookupByUUIDString(uuid)

    def copy(self, uuid: str, target: str, xml: str, limit_mib_s: int) -> None:
        """Begin to copy a disk into an existing file; at its end both are kept equal until `pivot`."""
        # A job on a persistent domain is refused without TRANSIENT_JOB (libvirt 9.0, 11.3): it would not survive
        # the end of QEMU.
        flags = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
        with self._domain(uuid) as domain:
            domain.blockCopy(target, xml, {"bandwidth": limit_mib_s * MIB} if limit_mib_s else {}, flags)

    def commit(self, uuid: str, target: str, base: str, top: str, limit_mib_s: int, *, active: bool) -> None:
        """Begin to merge `top` into `base`; where the machine writes to `top`, it ends with `pivot`."""
        flags = libvirt.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE if active else 0
        with self._domain(uuid) as domain:
            domain.blockCommit(target, base, top, limit_mib_s, flags)

    def progress(self, uuid: str, target: str) -> BlockJob | None:
        """How far the job on a disk is; None where there is none."""
        with self._domain(uuid) as domain:
            found = domain.blockJobInfo(target, libvirt.VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES)
        return BlockJob(found["cur"], found["end"], found["bandwidth"]) if found else None

    def pivot(self, uuid: str, target: str) -> None:
        """Let the machine use the copy, or what it was merged into, from now on: running and saved definition."""
        with self._domain(uuid) as domain:
            domain.blockJobAbort(target, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)

    def abort(self, uuid: str, target: str) -> None:
        """End it; the machine goes on with the file that it had."""
        with self._domain(uuid) as domain:
            domain.blockJobAbort(target, 0)

    def set_limit(self, uuid: str, target: str, mib_s: int) -> None:
        """The most that it may copy, in MiB/s; 0 for no limit."""
        with self._domain(uuid) as domain:
            domain.blockJobSetSpeed(target, mib_s * MIB, libvirt.VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES)
