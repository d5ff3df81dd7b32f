"""The storage pools of one host. Each method is one act of libvirt; a pool is named by its name or its UUID."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import libvirt

from ..model.moving import lent_pool
from ..problems import Problem
from .parts import Connections, is_uuid
from .silent import ALL, StorageCalls, Wait, bounded

PoolState = Literal["inactive", "building", "running", "degraded", "inaccessible"]
Build = Literal["plain", "if_empty", "overwrite"]
BUILDS: dict[Build, int] = {
    "plain": libvirt.VIR_STORAGE_POOL_BUILD_NEW,
    "if_empty": libvirt.VIR_STORAGE_POOL_BUILD_NO_OVERWRITE,
    "overwrite": libvirt.VIR_STORAGE_POOL_BUILD_OVERWRITE,
}
STATES: tuple[PoolState, ...] = ("inactive", "building", "running", "degraded", "inaccessible")


@dataclass(frozen=True)
class PoolRow:
    """A pool without its XML. Sizes are bytes; they are 0 while it is not running."""

    uuid: str
    name: str
    state: PoolState
    persistent: bool
    autostart: bool
    capacity: int
    allocation: int
    available: int


def lookup_pool(conn: libvirt.virConnect, pool: str) -> libvirt.virStoragePool:
    """The pool of this name or UUID."""
    return conn.storagePoolLookupByUUIDString(pool) if is_uuid(pool) else conn.storagePoolLookupByName(pool)


class Pools:
    """All pools of a host."""

    def __init__(self, host: Connections, calls: StorageCalls) -> None:
        self._host = host
        self.calls = calls
        self._seen: dict[str, PoolRow] = {}
        self._lending = threading.RLock()
        self._holders: defaultdict[str, set[str]] = defaultdict(set)

    @contextlib.contextmanager
    def _pool(self, pool: str, *, long: bool = False) -> Iterator[libvirt.virStoragePool]:
        with self._host.fresh() if long else self._host.storage() as conn:
            yield lookup_pool(conn, pool)

    def rows(self) -> list[PoolRow]:
        """All pools; one that is silent as it was seen last, `inaccessible`."""
        if not (self._seen and self.calls.overdue()):
            try:
                return self._note(self.calls.about(ALL, self._all))
            except Problem as problem:
                if problem.slug != "timed-out" or not self._seen:
                    raise
        return self._note([row for uuid in list(self._seen) if (row := self._one(uuid))])

    def _all(self) -> list[PoolRow]:
        with self._host.storage() as conn:
            return [_row(pool) for pool in conn.listAllStoragePools()]

    def running(self) -> list[str]:
        """The definitions of those that run, as they are now: also how much room each has."""
        if self.calls.overdue():
            return [self.xml(row.uuid) for row in self.rows() if row.state == "running"]
        return self.calls.about(ALL, self._running)

    def _running(self) -> list[str]:
        with self._host.storage() as conn:
            found = conn.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
            return [str(pool.XMLDesc(0)) for pool in found]

    def _one(self, uuid: str) -> PoolRow | None:
        try:
            return self.row(uuid)
        except Problem as problem:
            return None if problem.slug == "not-found" else replace(self._seen[uuid], state="inaccessible")

    def _note(self, rows: list[PoolRow]) -> list[PoolRow]:
        self._seen = {row.uuid: row for row in rows}
        self.calls.names = {row.uuid: row.name for row in rows}
        return rows

    @bounded()
    def row(self, pool: str) -> PoolRow:
        """One pool."""
        with self._pool(pool) as found:
            return _row(found)

    @bounded()
    def xml(self, pool: str, saved: bool = False) -> str:
        """The definition, running or as saved."""
        with self._pool(pool) as found:
            saved &= bool(found.isPersistent()) and not self._host.is_test  # which tells the running one only
            flags = libvirt.VIR_STORAGE_XML_INACTIVE if saved else 0
            return str(found.XMLDesc(flags))

    def define(self, xml: str) -> str:
        """Save a definition; the pool's UUID. libvirt compares it with all pools."""
        return self.calls.about(ALL, lambda: self._define(xml))

    def _define(self, xml: str) -> str:
        with self._host.storage() as conn:
            return str(conn.storagePoolDefineXML(xml, libvirt.VIR_STORAGE_POOL_DEFINE_VALIDATE).UUIDString())

    def build(self, pool: str, how: Build = "plain") -> None:
        """Make the folder or what else the pool stands on. Only `overwrite` destroys what is there.

        `if_empty` makes a file system too, which libvirt leaves out by itself.
        """
        with self._pool(pool, long=True) as found:
            found.build(0 if self._host.is_test else BUILDS[how])  # the test driver knows no flags here

    def sources(self, kind: str, xml: str) -> str:
        """What pools of this type could be made of on a server or the host, as libvirt's XML."""
        with self._host.fresh() as conn:
            return str(conn.findStoragePoolSources(kind, xml, 0))

    def start(self, pool: str, wait: Wait = "long") -> None:
        """Start (mount, log in); may take long."""
        self.calls.about(pool, lambda: self._start(pool), wait)

    def _start(self, pool: str) -> None:
        with self._pool(pool, long=True) as found:
            found.create(0)

    def lend(self, folder: str, holder: str, *, build: bool = False) -> bool:
        """Give a folder a pool of which nothing is saved, where it has none yet; whether it is new.

        libvirt has no second pool for a folder, so it stays until its last holder has ended it. `build` makes the
        folder.
        """
        name, xml = lent_pool(folder)
        with self._lending:
            fresh = name not in {row.name for row in self.rows()}
            if fresh:
                self.calls.about(ALL, lambda: self._lend(xml, build=build), "long")
            self._holders[name].add(holder)
            return fresh

    def _lend(self, xml: str, *, build: bool) -> None:
        flags = libvirt.VIR_STORAGE_POOL_CREATE_WITH_BUILD if build else 0
        with self._host.fresh() as conn:
            conn.storagePoolCreateXML(xml, flags)

    def is_held(self, folder: str, *, besides: str) -> bool:
        """Whether somebody else than this holder needs the pool that is lent to a folder."""
        with self._lending:
            return bool(self._holders[lent_pool(folder)[0]] - {besides})

    def end_lending(self, folder: str, holder: str, *, stop: bool = True) -> None:
        """What this holder does not need any more, and nobody else, is stopped, which forgets it; its files stay."""
        name = lent_pool(folder)[0]
        with self._lending:
            self._holders[name].discard(holder)
            if stop and not self._holders[name]:
                try:
                    self.stop(name)
                except Problem as problem:
                    if problem.slug != "not-found":
                        raise

    @bounded("long")
    def stop(self, pool: str) -> None:
        """Stop; volumes stay."""
        with self._pool(pool, long=True) as found:
            found.destroy()

    @bounded("long")
    def refresh(self, pool: str) -> None:
        """Read anew which volumes there are.

        A pool that cannot be read is off for libvirt (`storagePoolRefresh`, 9.0), also where that was a passing error:
        it is started again.
        """
        with self._pool(pool, long=True) as found:
            try:
                found.refresh(0)
            except libvirt.libvirtError as error:
                if error.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID or found.isActive():
                    raise
                found.create(0)

    @bounded()
    def set_autostart(self, pool: str, on: bool) -> None:
        """Whether it starts with the host."""
        with self._pool(pool) as found:
            found.setAutostart(int(on))

    @bounded()
    def undefine(self, pool: str) -> None:
        """Forget the pool; volumes stay."""
        with self._pool(pool) as found:
            found.undefine()

    def delete(self, pool: str) -> None:
        """Remove what the pool stands on; libvirt refuses while volumes are in it."""
        with self._pool(pool, long=True) as found:
            found.delete(0)


def _row(pool: libvirt.virStoragePool) -> PoolRow:
    state, capacity, allocation, available = pool.info()
    persistent = bool(pool.isPersistent())
    return PoolRow(
        uuid=pool.UUIDString(),
        name=pool.name(),
        state=STATES[state] if 0 <= state < len(STATES) else "inaccessible",
        persistent=persistent,
        autostart=persistent and bool(pool.autostart()),
        capacity=capacity,
        allocation=allocation,
        available=available if available <= capacity else 0,  # the test driver lets it run below nothing
    )
