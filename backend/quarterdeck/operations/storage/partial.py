"""Volumes that are being filled: an empty volume named after PARTIAL stands beside each until its last byte is in."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from ...hypervisor.host import Host
from ...model.storage import NEXT, PARTIAL, is_thin, owned_volume_xml, read_pool, volume_xml
from ...problems import Problem

MARKER_BYTES = 1 << 20
LATE_SECONDS = 30
LOOK_SECONDS = 0.2


def make(host: Host, pool: str, name: str, size: int, undo: ExitStack, *, like: str | None = None) -> None:
    """A new volume of so many bytes with its marker; both go when `undo` runs. `like` is XML that tells its owner."""
    thin = is_thin(read_pool(host.pools.xml(pool)).type)
    marker = size if thin else MARKER_BYTES  # where each volume takes its space at once, the marker must be small
    host.volumes.create(pool, volume_xml(PARTIAL + name, marker, "raw", allocate=not thin))
    undo.callback(drop_marker, host, pool, name)
    xml = owned_volume_xml(name, size, like) if like else volume_xml(name, size, "raw", allocate=not thin)
    host.volumes.create(pool, xml)
    undo.callback(remove, host, pool, name)


def drop_marker(host: Host, pool: str, name: str) -> None:
    """Take away the sign that a volume is not whole."""
    if PARTIAL + name in host.volumes.names(pool):
        host.volumes.delete(pool, PARTIAL + name)


def remove(host: Host, pool: str, name: str) -> None:
    """Delete a volume, with its marker where it has one, and what was to take its place."""
    host.volumes.delete(pool, name)
    drop_marker(host, pool, name)
    remove_unfinished(host, pool, NEXT + name)


def remove_unfinished(host: Host, pool: str, name: str) -> None:
    """Delete a volume that has a marker; one without is whole, or somebody else's."""
    names = host.volumes.names(pool)
    if PARTIAL + name in names:
        _delete(host, pool, name)
        _delete(host, pool, PARTIAL + name)


def _delete(host: Host, pool: str, name: str) -> None:
    """Delete a volume where it is there. libvirt sees only after a moment that who wrote to it died."""
    pause, end = threading.Event(), time.monotonic() + LATE_SECONDS
    while True:
        try:
            host.volumes.delete(pool, name)
        except Problem as problem:
            if problem.slug == "not-found":
                return
            if problem.slug not in ("in-use", "busy") or time.monotonic() > end:
                raise
            pause.wait(LOOK_SECONDS)
        else:
            return
