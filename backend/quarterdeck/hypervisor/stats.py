"""Counters of all running machines in one call."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import libvirt

from ..model.stats import HostSample, Sample
from .made_up import EPOCH, made_up_sample
from .parts import Connections

# Each group costs 1-3 ms per running machine; IOThread and dirty-rate figures are not shown anywhere.
GROUPS = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
WHICH = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


class Stats:
    """The counters of a host's machines."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def samples(self) -> dict[str, Sample]:
        """The counters of every running machine, by UUID. One that is busy with a job shows what it can."""
        with self._host.connection() as conn:
            if self._host.is_test:
                return _made_up(conn)
            found = conn.getAllDomainStats(GROUPS, WHICH)
            now = time.monotonic()
            return {domain.UUIDString(): sample(facts, now) for domain, facts in found}

    def host_sample(self) -> HostSample | None:
        """The counters of the host itself; None where its libvirt does not tell."""
        with self._host.connection() as conn:
            if self._host.is_test:
                return _made_up_host(conn)
            try:
                times = conn.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS)
                memory = conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
            except libvirt.libvirtError:
                return None
            total = sum(times.get(part, 0) for part in ("kernel", "user", "idle", "iowait", "intr"))
            free = sum(memory.get(part, 0) for part in ("free", "buffers", "cached"))
            all_kib = memory.get("total", 0)
            busy = total - times.get("idle", 0) - times.get("iowait", 0)
            return HostSample(busy, total, all_kib // 1024, (all_kib - free) // 1024)


def sample(facts: dict[str, Any], now: float) -> Sample:
    """The counters in libvirt's flat answer. Memory is what the guest uses; where it does not tell, what QEMU holds."""
    current = facts.get("balloon.current", 0)
    free = facts.get("balloon.usable", facts.get("balloon.unused"))
    available = facts.get("balloon.available", current)
    # QEMU itself needs some too, so it can be more than the guest has.
    resident = min(facts.get("balloon.rss", current), current)
    return Sample(
        time=now,
        cpu_ns=facts.get("cpu.time") or _vcpu_ns(facts),
        vcpus=facts.get("vcpu.current", 1),
        memory_used_kib=max(available - free, 0) if free is not None else resident,
        disk_read_bytes=_sum(facts, "block", "rd.bytes"),
        disk_write_bytes=_sum(facts, "block", "wr.bytes"),
        net_rx_bytes=_sum(facts, "net", "rx.bytes"),
        net_tx_bytes=_sum(facts, "net", "tx.bytes"),
    )


def _vcpu_ns(facts: dict[str, Any]) -> int:
    """The time of all vCPUs: with control groups but none of cpuacct, libvirt tells no total (seen with 9.0)."""
    return sum(facts.get(f"vcpu.{number}.time", 0) for number in range(facts.get("vcpu.maximum", 0)))


def _sum(facts: dict[str, Any], group: str, name: str) -> int:
    return sum(facts.get(f"{group}.{number}.{name}", 0) for number in range(facts.get(f"{group}.count", 0)))


def _made_up(conn: libvirt.virConnect) -> dict[str, Sample]:
    """The test driver has no figures in bulk, and its clocks tell the same of every machine."""
    now = time.time()
    samples = {}
    for domain in conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING):
        with contextlib.suppress(libvirt.libvirtError):
            _state, _most, memory_kib, vcpus, _time = domain.info()
            samples[domain.UUIDString()] = made_up_sample(domain.UUIDString(), now, vcpus, memory_kib)
    return samples


def _made_up_host(conn: libvirt.virConnect) -> HostSample:
    """What the made-up machines take of the made-up host."""
    _model, memory_mib, cpus, *_rest = conn.getInfo()
    machines = _made_up(conn).values()
    total = int(time.time() - EPOCH) * 1_000_000_000 * cpus
    used = sum(each.memory_used_kib for each in machines) // 1024
    return HostSample(sum(each.cpu_ns for each in machines), total, memory_mib, min(used, memory_mib))
