"""Moving machines: libvirt's migration, peer to peer, so that it goes on when this process ends.

The source's libvirtd drives; our call only waits for it. Flags and parameters are those of
virDomainMigrateToURI3 (libvirt-domain.h).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import libvirt
import libvirt_qemu

from ..model.migration import MigrationRequest, options
from ..problems import Problem
from .parts import Connections

OUTGOING = libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT
MEASURED = libvirt.VIR_DOMAIN_DIRTYRATE_MEASURED
SAMPLED = (libvirt.VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING,)
COUNTED = (libvirt.VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_BITMAP, libvirt.VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_RING, *SAMPLED)
FRESH_SECONDS = 120.0  # without a period set libvirt gives the balloon's figures of the guest's start
IDLE_NS = 20_000_000  # a processor of a machine that never ran has used less: Linux counts in steps of 10 ms
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Move:
    """One migration as libvirt is to do it: what was asked for, and what follows from both hosts.

    URIs are as the source host reaches them.
    """

    request: MigrationRequest
    destination_uri: str
    transfer_uri: str | None = None
    graphics_uri: str | None = None
    copy_disks: tuple[str, ...] = ()
    destination_xml: str | None = None
    persistent_xml: str | None = None

    @property
    def offline(self) -> bool:
        """Whether only the definition moves."""
        return self.request.mode == "offline"


@dataclass(frozen=True)
class MemoryTold:
    """Bytes that QEMU holds, and bytes that the guest has free; None: not told, or long ago."""

    resident: int | None
    free: int | None


def flags_of(move: Move) -> int:
    """Libvirt's flags."""
    request = move.request
    copies = bool(move.copy_disks)
    flags = libvirt.VIR_MIGRATE_PEER2PEER
    for name, _info, option in options():
        # libvirt refuses this one without memory; virsh leaves it out too
        if option.flag and getattr(request, name) and not (move.offline and name == "abort_on_error"):
            flags |= getattr(libvirt, f"VIR_MIGRATE_{option.flag}")
    chosen = {
        libvirt.VIR_MIGRATE_LIVE: request.mode == "live",
        libvirt.VIR_MIGRATE_OFFLINE: move.offline,
        libvirt.VIR_MIGRATE_CHANGE_PROTECTION: not move.offline,
        libvirt.VIR_MIGRATE_NON_SHARED_DISK: copies and request.storage == "copy",
        libvirt.VIR_MIGRATE_NON_SHARED_INC: copies and request.storage == "incremental",
    }
    return int(flags | sum(flag for flag, wanted in chosen.items() if wanted))


def parameters_of(move: Move) -> dict[str, Any]:
    """Libvirt's parameters; only what is set."""
    given = {
        libvirt.VIR_MIGRATE_PARAM_URI: None if move.request.tunnelled else move.transfer_uri,
        libvirt.VIR_MIGRATE_PARAM_GRAPHICS_URI: move.graphics_uri,
        libvirt.VIR_MIGRATE_PARAM_DEST_XML: move.destination_xml,
        libvirt.VIR_MIGRATE_PARAM_PERSIST_XML: move.persistent_xml if move.request.persistent else None,
        libvirt.VIR_MIGRATE_PARAM_MIGRATE_DISKS: list(move.copy_disks) or None,
    }
    for name, _info, option in options():
        value = getattr(move.request, name)
        if option.parameter and value is not None:
            given[option.parameter] = option.sent(value)
    return {name: value for name, value in given.items() if value is not None}


class Migrations:
    """Migrations away from one host."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def migrate(self, uuid: str, move: Move) -> None:
        """Move it; returns when it runs over there. Problem when it still runs here."""
        with self._host.fresh() as conn:
            domain = conn.lookupByUUIDString(uuid)
            domain.migrateToURI3(move.destination_uri, parameters_of(move), flags_of(move))

    def statistics(self, uuid: str) -> dict[str, Any] | None:
        """Libvirt's figures of the migration that runs; None when none runs. May block while the network is cut.

        Of one that broke in post-copy libvirt goes on to tell as if it ran.
        """
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            found: dict[str, Any] = domain.jobStats()
            state: list[int] = domain.state()
        running = found.get("type") in (libvirt.VIR_DOMAIN_JOB_BOUNDED, libvirt.VIR_DOMAIN_JOB_UNBOUNDED)
        broke = state == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_POSTCOPY_FAILED]
        return found if running and not broke and found.get("operation", OUTGOING) == OUTGOING else None

    def final_statistics(self, uuid: str) -> dict[str, Any]:
        """The figures of the last migration that came to its end, on either side; empty where there are none."""
        with self._host.connection() as conn:
            try:
                flags = libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED | libvirt.VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED
                told = dict(conn.lookupByUUIDString(uuid).jobStats(flags))
            except libvirt.libvirtError:
                return {}
        return told if told["type"] == libvirt.VIR_DOMAIN_JOB_COMPLETED else {}

    def abort(self, uuid: str) -> None:
        """End it; the machine goes on here."""
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).abortJob()

    def stands_still(self, uuid: str) -> bool:
        """Whether its CPUs stand still for the move: for the switch to the other side, or all the way where asked."""
        with self._host.connection() as conn:
            found: list[int] = conn.lookupByUUIDString(uuid).state()
        return found == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_MIGRATION]

    def free_cancelled(self, uuid: str) -> None:
        """Let QEMU come to the end of a cancel in which it hangs; Problem where it is in none, and nothing is done.

        A cancel that reaches QEMU after it has stopped the guest, and before it waits for libvirt's word to switch,
        leaves it waiting for that word for ever (migration_maybe_pause, seen with QEMU 7.2). libvirt has no call that
        gives it; the word is heard only in the state that it names.
        """
        word = json.dumps({"execute": "migrate-continue", "arguments": {"state": "cancelling"}})
        with self._host.connection() as conn:
            answer = json.loads(libvirt_qemu.qemuMonitorCommand(conn.lookupByUUIDString(uuid), word, 0))
        if "error" in answer:
            raise Problem("wrong-state", "QEMU is not in the middle of a cancel.", raw=str(answer["error"]))

    def set_bandwidth(self, uuid: str, mib_s: int, *, post_copy: bool = False) -> None:
        """The most that it may send, in MiB/s; 0 for no limit."""
        flags = libvirt.VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY if post_copy else 0
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).migrateSetMaxSpeed(mib_s, flags)

    def bandwidth(self, uuid: str, *, post_copy: bool = False) -> int | None:
        """The most that it may send, in MiB/s; None for no limit."""
        flags = libvirt.VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY if post_copy else 0
        with self._host.connection() as conn:
            limit = int(conn.lookupByUUIDString(uuid).migrateGetMaxSpeed(flags))
        return limit if 0 < limit < NO_LIMIT_MIB_S else None

    def set_max_downtime(self, uuid: str, milliseconds: int) -> None:
        """The longest pause at the end."""
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).migrateSetMaxDowntime(milliseconds, 0)

    def max_downtime(self, uuid: str) -> int:
        """The longest pause at the end, in milliseconds."""
        with self._host.connection() as conn:
            found: int | None = conn.lookupByUUIDString(uuid).migrateGetMaxDowntime(0)
        if found is None:  # the binding's way to say that it does not run
            raise Problem("wrong-state", "The machine does not run here.")
        return found

    def pause(self, uuid: str) -> None:
        """Stop its CPUs while it moves, so that it comes to an end; it goes on at the destination (libvirt 11.3)."""
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).suspend()

    def switch_to_post_copy(self, uuid: str) -> None:
        """Let it run over there at once and fetch its memory as it needs it; there is no way back."""
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).migrateStartPostCopy(0)

    def has_run(self, uuid: str) -> bool:
        """Whether its processors have worked since its QEMU began on this host."""
        with self._host.connection() as conn:
            told, _places = conn.lookupByUUIDString(uuid).vcpus()
        return any(nanoseconds > IDLE_NS for _number, _state, nanoseconds, _cpu in told)

    def memory_told(self, uuid: str) -> MemoryTold:
        """How much memory the machine's QEMU really holds, and how much the guest has free."""
        with self._host.connection() as conn:
            flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
            found = conn.domainListGetStats([conn.lookupByUUIDString(uuid)], libvirt.VIR_DOMAIN_STATS_BALLOON, flags)
        facts = found[0][1] if found else {}
        free = facts.get("balloon.unused")
        old = abs(time.time() - facts.get("balloon.last-update", 0)) > FRESH_SECONDS
        return MemoryTold(
            resident=facts.get("balloon.rss", 0) << 10 or None, free=None if free is None or old else free << 10
        )

    def changed_bytes(self, uuid: str, *, kvm: bool, seconds: int) -> int | None:
        """Bytes of memory that differ after so many seconds of the running guest; None where they cannot be counted.

        With KVM counted by the dirty bitmap, or the ring where the machine has one, since a sample of pages misses
        those that are rewritten with what they held (QEMU issue 1200). Without KVM by the sample: there the bitmap
        ended QEMU 7.2, and the machine with it.
        """
        for mode in COUNTED if kvm else SAMPLED:
            try:
                with self._host.connection() as conn:
                    conn.lookupByUUIDString(uuid).startDirtyRateCalc(seconds, mode)
            except Problem as problem:
                if problem.slug in ("host-lost", "not-found"):
                    raise
            else:
                return self._counted(uuid, seconds)
        return None

    def _counted(self, uuid: str, seconds: int) -> int | None:
        until = time.monotonic() + seconds + 5
        pause = float(seconds)
        while time.monotonic() < until:
            time.sleep(pause)
            pause = LOOK_SECONDS
            with self._host.connection() as conn:
                domain = conn.lookupByUUIDString(uuid)
                flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
                facts = conn.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_DIRTYRATE, flags)[0][1]
            if facts.get("dirtyrate.calc_status") == MEASURED:
                return (int(facts.get("dirtyrate.megabytes_per_second", 0)) << 20) * seconds
        return None

    def compare_cpu(
        self, emulator: str | None, arch: str, machine: str, virt_type: str, cpu_xml: str
    ) -> Problem | None:
        """Why this host cannot run a machine with that CPU; None when it can. Call it on the destination."""
        flags = libvirt.VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE
        try:
            with self._host.connection() as conn:
                conn.compareHypervisorCPU(emulator, arch, machine, virt_type, cpu_xml, flags)
        except Problem as problem:
            return problem if problem.slug == "cpu-incompatible" else None
        return None

    def baseline_cpu(self, emulator: str | None, arch: str, machine: str, virt_type: str, cpus: list[str]) -> str:
        """The best CPU that all of the given ones have, as XML."""
        with self._host.connection() as conn:
            return str(conn.baselineHypervisorCPU(emulator, arch, machine, virt_type, cpus, 0))

    def reach(self, uuid: str, destination_uri: str) -> Problem | None:
        """Why this host's libvirtd cannot reach the other one's; None when it can, or when it cannot be tried.

        libvirt has no such question. It is asked to move a disk that does not exist: it connects to the destination
        first and only then looks for the disk, so that the machine is never touched (qemuMigrationSrcBeginPhase).
        Over SSH its refusal is often replaced by that of ssh's end when it closes the connection (seen with 9.0); an
        ssh that failed would have said why.
        """
        flags = libvirt.VIR_MIGRATE_PEER2PEER | libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_UNSAFE
        flags |= libvirt.VIR_MIGRATE_NON_SHARED_DISK
        given = {libvirt.VIR_MIGRATE_PARAM_MIGRATE_DISKS: [NO_DISK]}
        try:
            with self._host.questions.about(uuid), self._host.fresh() as conn:
                conn.lookupByUUIDString(uuid).migrateToURI3(destination_uri, given, flags)
        except Problem as problem:
            closed = SILENT_END in (problem.raw or "")
            return problem if problem.slug in ("host-lost", "host-refused") and not closed else None
        return None


NO_DISK = "quarterdeck-asks"
SILENT_END = "End of file while reading data: : "
NO_LIMIT_MIB_S = 1 << 40
