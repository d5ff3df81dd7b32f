"""Putting the disks of an original back on their own files."""

from __future__ import annotations

import contextlib
import threading

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.clone import Placement, put_back
from ...model.devices import Disk, devices
from ...model.xml import parse
from ...problems import Problem
from .disks import Overlay

LOOK_SECONDS = 0.2
EMPTY_BYTES = 1 << 20
"""An overlay smaller than this holds nothing but its own tables."""


def thaw(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle | None) -> None:
    """Merge the overlays that a machine still stands on into the files below, and delete them."""
    row = host.domains.row(uuid)
    if row is None or not overlays:
        return
    used = _used(host, uuid, live=row.active)
    mine = [overlay for overlay in overlays if overlay.path in used]
    if row.active:
        for overlay in mine:
            _merge(host, uuid, overlay, handle)
    elif mine:
        _take_back(host, uuid, mine, handle)
    left = _used(host, uuid, live=False)
    for overlay in overlays:
        if overlay.path not in left:
            with contextlib.suppress(Problem):
                host.pools.refresh(overlay.pool)
                host.volumes.delete(overlay.pool, overlay.name)


def _used(host: Host, uuid: str, *, live: bool) -> set[str]:
    definitions = [host.domains.xml(uuid)] + ([host.domains.xml(uuid, live=True)] if live else [])
    disks = [each for xml in definitions for each in devices(parse(xml)) if isinstance(each, Disk)]
    return {disk.path for disk in disks if disk.path}


def _merge(host: Host, uuid: str, overlay: Overlay, handle: JobHandle | None) -> None:
    pause, state = threading.Event(), host.overlays.merge_state(uuid, overlay.target)[0]
    if state == "none":
        host.overlays.merge(uuid, overlay.target)
    while (told := host.overlays.merge_state(uuid, overlay.target))[0] == "running":
        if handle is not None:
            handle.progress(0.9 + told[1] * 0.05, f"Merging {overlay.target} of the original", phase="merge")
        pause.wait(LOOK_SECONDS)
    if told[0] == "ready":
        host.overlays.end_merge(uuid, overlay.target)


def _take_back(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle | None) -> None:
    """Off: what was written into an overlay cannot be merged now, so such a machine keeps it."""
    empty = {}
    for overlay in overlays:
        with contextlib.suppress(Problem):
            host.pools.refresh(overlay.pool)
        if host.volumes.row(overlay.pool, overlay.name).allocation <= EMPTY_BYTES:
            empty[overlay.path] = Placement(overlay.below, overlay.format, overlay.block)
        elif handle is not None:
            handle.log(f"{overlay.target} stays on {overlay.path}, which holds what was written meanwhile")
    if empty:
        host.domains.define(put_back(host.domains.xml(uuid, secure=True), empty))
