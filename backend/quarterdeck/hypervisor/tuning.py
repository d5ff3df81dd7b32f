"""Shares, limits, pins and I/O threads of a running machine. Each method is one act of libvirt, by UUID."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import libvirt

from .domains import LIVE, refuse_if_busy
from .parts import Connections

UNLIMITED_KIB = 9_007_199_254_740_991  # VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, which the binding leaves out


class Tuning:
    """What can be tuned while a machine runs. Every method may raise a Problem."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def _act(self, uuid: str, act: Callable[[libvirt.virDomain], Any]) -> None:
        self._host.questions.settle(uuid)
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            refuse_if_busy(domain, self._host.questions)
            act(domain)

    def has_control_groups(self, uuid: str) -> bool:
        """Whether the running machine is in a control group: libvirt then answers what one of them holds."""
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            for ask in (domain.schedulerType, domain.memoryParameters, domain.blkioParameters):
                with contextlib.suppress(libvirt.libvirtError):
                    ask()
                    return True
        return False

    def scheduled(self, uuid: str) -> dict[str, int]:
        """Shares and quotas of the running machine by libvirt's names; none where it is in no control group."""
        return self._held(uuid, lambda domain: domain.schedulerParametersFlags(LIVE))

    def weighed(self, uuid: str) -> dict[str, int]:
        """The `weight` of the running machine beside others; none where it is in no control group."""
        return self._held(uuid, lambda domain: domain.blkioParameters(LIVE))

    def _held(self, uuid: str, ask: Callable[[libvirt.virDomain], Any]) -> dict[str, Any]:
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            with contextlib.suppress(libvirt.libvirtError):
                return dict(ask(domain))
        return {}

    def schedule(self, uuid: str, values: Mapping[str, int]) -> None:
        """Set shares and quotas by libvirt's names (`cpu_shares`, `vcpu_quota` …)."""
        self._act(uuid, lambda domain: domain.setSchedulerParametersFlags(dict(values), LIVE))

    def limit_memory(self, uuid: str, values_kib: Mapping[str, int | None]) -> None:
        """Set `hard_limit`, `soft_limit`, `swap_hard_limit` in KiB; None is without limit."""
        values = {name: UNLIMITED_KIB if value is None else value for name, value in values_kib.items()}
        self._act(uuid, lambda domain: domain.setMemoryParameters(values, LIVE))

    def weigh_disks(self, uuid: str, values: Mapping[str, int | str]) -> None:
        """Set `weight` of the machine, and `device_weight` … as `/dev/sda,500,/dev/sdb,300`."""
        self._act(uuid, lambda domain: domain.setBlkioParameters(dict(values), LIVE))

    def pin_vcpu(self, uuid: str, vcpu: int, cpus: set[int]) -> None:
        """Let a vCPU run on these CPUs of the host only; on all if none is named."""
        self._pin(uuid, cpus, lambda domain, mask: domain.pinVcpuFlags(vcpu, mask, LIVE))

    def pin_emulator(self, uuid: str, cpus: set[int]) -> None:
        """Let QEMU's own threads run on these CPUs of the host only; on all if none is named."""
        self._pin(uuid, cpus, lambda domain, mask: domain.pinEmulator(mask, LIVE))

    def pin_thread(self, uuid: str, thread: int, cpus: set[int]) -> None:
        """Let an I/O thread run on these CPUs of the host only; on all if none is named."""
        self._pin(uuid, cpus, lambda domain, mask: domain.pinIOThread(thread, mask, LIVE))

    def _pin(self, uuid: str, cpus: set[int], pin: Callable[[libvirt.virDomain, tuple[bool, ...]], Any]) -> None:
        with self._host.connection() as conn:
            mask = tuple(not cpus or number in cpus for number in range(conn.getCPUMap()[0]))
        self._act(uuid, lambda domain: pin(domain, mask))

    def size_thread(self, uuid: str, thread: int, workers: Mapping[str, int]) -> None:
        """Set `thread_pool_min` and `thread_pool_max` of an I/O thread (libvirt 8.5)."""
        self._act(uuid, lambda domain: domain.setIOThreadParams(thread, dict(workers), LIVE))

    def count(self, uuid: str, counters: Mapping[str, bool]) -> None:
        """Switch counters of the host's kernel on and off."""
        self._act(uuid, lambda domain: domain.setPerfEvents(dict(counters), LIVE))

    def add_thread(self, uuid: str, thread: int) -> None:
        """Add an I/O thread by its number."""
        self._act(uuid, lambda domain: domain.addIOThread(thread, LIVE))

    def remove_thread(self, uuid: str, thread: int) -> None:
        """Remove an I/O thread that no disk uses."""
        self._act(uuid, lambda domain: domain.delIOThread(thread, LIVE))
