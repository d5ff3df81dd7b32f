"""Every domain of a host in one pass, without XML and without waiting for one that is busy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import libvirt

from ..model.domain import DomainRow
from .capabilities import PROBE_PREFIX
from .words import state_and_reason

_STATE = libvirt.VIR_DOMAIN_STATS_STATE
_SIZES = libvirt.VIR_DOMAIN_STATS_VCPU | libvirt.VIR_DOMAIN_STATS_BALLOON
_NOWAIT = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


def all_rows(conn: libvirt.virConnect) -> list[DomainRow]:
    """The rows of all domains. Sizes of running ones are asked one by one: in bulk each would ask its QEMU."""
    inactive = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE
    states = conn.getAllDomainStats(_STATE, _NOWAIT)
    sizes = {d.UUIDString(): facts for d, facts in conn.getAllDomainStats(_STATE | _SIZES, _NOWAIT | inactive)}
    autostart = _uuids(conn, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    transient = _uuids(conn, libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT)
    saved = _uuids(conn, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)
    with_snapshots = _uuids(conn, libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT)

    def rows() -> Iterator[DomainRow]:
        for domain, facts in states:
            uuid = domain.UUIDString()
            if domain.name().startswith(PROBE_PREFIX):
                continue
            with contextlib.suppress(libvirt.libvirtError):  # it went away in the meantime
                vcpus, most_vcpus, memory, most_memory = _sizes(domain, sizes.get(uuid, {}))
                state, reason = state_and_reason(facts.get("state.state", 0), facts.get("state.reason", 0))
                snapshots, snapshot = _snapshots(domain) if uuid in with_snapshots else (0, None)
                yield DomainRow(
                    uuid=uuid,
                    name=domain.name(),
                    state=state,
                    reason=reason,
                    persistent=uuid not in transient,
                    autostart=uuid in autostart,
                    has_saved_image=uuid in saved,
                    vcpus=vcpus,
                    vcpus_max=most_vcpus,
                    memory_kib=memory,
                    memory_max_kib=most_memory,
                    snapshots=snapshots,
                    snapshot=snapshot,
                )

    return list(rows())


def one_row(domain: libvirt.virDomain) -> DomainRow:
    """The row of one domain."""
    state, reason = state_and_reason(*domain.state())
    vcpus, most_vcpus, memory, most_memory = _sizes(domain, {})
    persistent = bool(domain.isPersistent())
    snapshots, snapshot = _snapshots(domain)
    return DomainRow(
        uuid=domain.UUIDString(),
        name=domain.name(),
        state=state,
        reason=reason,
        persistent=persistent,
        autostart=persistent and bool(domain.autostart()),
        has_saved_image=persistent and bool(domain.hasManagedSaveImage()),
        vcpus=vcpus,
        vcpus_max=most_vcpus,
        memory_kib=memory,
        memory_max_kib=most_memory,
        snapshots=snapshots,
        snapshot=snapshot,
    )


def _snapshots(domain: libvirt.virDomain) -> tuple[int, str | None]:
    """How many snapshots it has, and the one that its present state grew from."""
    with contextlib.suppress(libvirt.libvirtError):  # a driver without snapshots
        count = int(domain.snapshotNum())
        return count, str(domain.snapshotCurrent().getName()) if count and domain.hasCurrentSnapshot() else None
    return 0, None


def _uuids(conn: libvirt.virConnect, which: int) -> set[str]:
    return {domain.UUIDString() for domain in conn.listAllDomains(which)}


def _sizes(domain: libvirt.virDomain, facts: dict[str, Any]) -> tuple[int, int, int, int]:
    """VCPUs now and at most, memory now and at most (KiB)."""
    if "vcpu.maximum" in facts and "balloon.maximum" in facts:
        most = facts["balloon.maximum"]
        return facts["vcpu.current"], facts["vcpu.maximum"], facts.get("balloon.current") or most, most
    _state, most_memory, memory, vcpus, _time = domain.info()
    try:
        most_vcpus = domain.maxVcpus() if domain.isActive() else domain.vcpusFlags(_MAXIMUM)
    except libvirt.libvirtError:
        most_vcpus = vcpus
    return vcpus, max(most_vcpus, vcpus), memory, most_memory


_MAXIMUM = libvirt.VIR_DOMAIN_VCPU_MAXIMUM | libvirt.VIR_DOMAIN_AFFECT_CONFIG
