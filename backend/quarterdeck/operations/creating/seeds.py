"""Discs with the first settings of a guest, which cloud-init reads at its first start and which go afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.volumes import VolumeRow
from ...model.cloud_init import CloudInit, faults, files, warnings
from ...model.disc import disc
from ...model.pool_acts import refusals_of
from ...model.storage import FILE_POOLS, read_pool, volume_xml
from ...problems import FieldError
from ..faults import Faults

LABEL = "cidata"
"""By which cloud-init finds the disc (NoCloud)."""


@dataclass(frozen=True)
class Seed:
    """A disc with first settings; its content holds hashed passwords."""

    pool: str
    name: str
    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Owner:
    """The machine that a disc is for."""

    name: str
    uuid: str
    macs: tuple[str, ...]


class Seeds:
    """Plans discs; touches nothing."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def plan(
        self, host: str, wish: CloudInit, owner: Owner, *, beside: str, pointer: str, found: Faults
    ) -> Seed | None:
        """The disc, in the pool `beside` where that holds files; None where the settings are at fault."""
        wrong = list(faults(wish))
        found.errors += [FieldError(pointer + each.pointer, each.detail) for each in wrong]
        found.slugs |= {"invalid-input"} if wrong else set()
        found.warnings += [] if wrong else list(warnings(wish))
        pool = self.pool(host, beside)
        if pool is None:
            found.add(pointer, "The host has no pool of files for the disc with the first settings.")
        if wrong or pool is None:
            return None
        return self.place(host, pool, owner.name, disc(LABEL, files(wish, owner.name, owner.uuid, owner.macs)))

    def place(self, host: str, pool: str, machine: str, content: bytes) -> Seed:
        """The disc under a name that is free."""
        taken = set(self._hosts.get(host).volumes.names(pool))
        stem = f"{machine}-seed"
        name = next(n for k in range(len(taken) + 1) if (n := stem + (f"-{k}" if k else "") + ".iso") not in taken)
        path = f"{(read_pool(self._hosts.get(host).pools.xml(pool)).path or '').rstrip('/')}/{name}"
        return Seed(pool, name, path, content)

    def pool(self, host: str, wanted: str) -> str | None:
        """The wanted pool where it runs and holds files, else another such; None where there is none."""
        pools = self._hosts.get(host).pools
        active = [row.name for row in pools.rows() if row.state in ("running", "degraded")]
        types = {name: read_pool(pools.xml(name)).type for name in active}
        fitting = [name for name, kind in types.items() if kind in FILE_POOLS and "create" not in refusals_of(kind)]
        return next((name for name in (wanted, "default", *fitting) if name in fitting), None)


def make_seed(host: Host, seed: Seed, undo: ExitStack) -> VolumeRow:
    """Make the disc, which only its owner can read; it goes when `undo` runs."""
    row = host.volumes.create(seed.pool, volume_xml(seed.name, len(seed.content), "raw", private=True))
    undo.callback(host.volumes.delete, seed.pool, seed.name)
    with host.volumes.upload(seed.pool, seed.name, len(seed.content)) as writer:
        writer.write(seed.content)
    return row


def single_settings(wish: CloudInit | None, pointer: str) -> Iterator[FieldError]:
    """Faults of first settings that several machines would get."""
    if wish and wish.hostname:
        yield FieldError(f"{pointer}/hostname", "Each machine gets its own name: leave it empty.")
    if wish and wish.network:
        yield FieldError(f"{pointer}/network/address", "Several machines cannot have one address.")
