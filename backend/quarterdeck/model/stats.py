"""Figures of running machines: samples, and the rates between two of them."""

from __future__ import annotations

from dataclasses import dataclass

from .strict import Value


@dataclass(frozen=True)
class Sample:
    """Counters of one machine at one moment. Time in seconds, CPU in nanoseconds, the rest in bytes or KiB."""

    time: float
    cpu_ns: int
    vcpus: int
    memory_used_kib: int
    disk_read_bytes: int = 0
    disk_write_bytes: int = 0
    net_rx_bytes: int = 0
    net_tx_bytes: int = 0


class DomainStats(Value):
    """Live figures. CPU is the share of all its vCPUs, 0 to 100; rates are bytes per second."""

    cpu_percent: float
    memory_used_mib: float
    disk_read_bytes_s: float = 0
    disk_write_bytes_s: float = 0
    net_rx_bytes_s: float = 0
    net_tx_bytes_s: float = 0


@dataclass(frozen=True)
class HostSample:
    """Counters of a host at one moment: nanoseconds of all its CPUs together."""

    busy_ns: int
    total_ns: int
    memory_mib: int
    memory_used_mib: int


class HostLoad(Value):
    """How busy a host is. CPU is the share of all its CPUs, 0 to 100.

    `load_per_cpu` is the number of processes that ran or waited, for each CPU, on average of the last minute;
    `clock_seconds` how far its clock is ahead of this server's. Both are null where it does not tell.
    """

    cpu_percent: float
    memory_mib: int
    memory_used_mib: int
    load_per_cpu: float | None = None
    clock_seconds: float | None = None


class HostStats(Value):
    """The figures of a host and of all its running machines at one moment (UTC, ISO 8601)."""

    host: str
    time: str
    load: HostLoad | None = None
    domains: dict[str, DomainStats]


def host_load(before: HostSample, after: HostSample) -> HostLoad:
    """How busy a host was between two samples."""
    share = 100 * (after.busy_ns - before.busy_ns) / max(after.total_ns - before.total_ns, 1)
    return HostLoad(
        cpu_percent=round(min(max(share, 0.0), 100.0), 1),
        memory_mib=after.memory_mib,
        memory_used_mib=after.memory_used_mib,
    )


def rates(before: Sample, after: Sample) -> DomainStats:
    """What happened per second between two samples; a counter that went back counts as none."""
    seconds = max(after.time - before.time, 0.001)

    def rate(old: int, new: int) -> float:
        return round(max(new - old, 0) / seconds, 1)

    share = 100 * rate(before.cpu_ns, after.cpu_ns) / 1e9 / max(after.vcpus, 1)
    return DomainStats(
        cpu_percent=round(min(share, 100.0), 1),
        memory_used_mib=round(after.memory_used_kib / 1024, 1),
        disk_read_bytes_s=rate(before.disk_read_bytes, after.disk_read_bytes),
        disk_write_bytes_s=rate(before.disk_write_bytes, after.disk_write_bytes),
        net_rx_bytes_s=rate(before.net_rx_bytes, after.net_rx_bytes),
        net_tx_bytes_s=rate(before.net_tx_bytes, after.net_tx_bytes),
    )
