"""Disks of a running machine that stand still for a time, while it writes elsewhere; and back on their own files."""

from __future__ import annotations

import contextlib
import logging
import shlex
import threading
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.clone import Placement, put_back
from ...model.devices import Channel, Disk, devices
from ...model.xml import Element, parse
from ...problems import Problem
from ..patience import reread
from .disk_copies import Overlay
from .quiescing import agent_asked

log = logging.getLogger(__name__)
AGENT = "org.qemu.guest_agent.0"
LOOK_SECONDS = 0.2
EMPTY_BYTES = 1 << 20
"""An overlay smaller than this holds nothing but its own tables."""


def has_agent(live: Element) -> bool:
    """Whether a guest can be asked to stop its writing."""
    return any(isinstance(d, Channel) and d.name == AGENT and d.state == "connected" for d in devices(live))


def moment(*, quiesce: bool) -> str:
    """What people should know of the content of disks that were stopped while their machine runs."""
    if quiesce:
        return "It runs: its guest agent stops all writing for a moment, so the copy is as after a clean stop."
    return (
        "It runs: the copy is what its disks hold at one moment, as after a power cut. File systems and databases "
        "recover from that; what the guest holds only in memory is not in it."
    )


def freeze_command(name: str, overlays: list[Overlay]) -> str:
    """What lets it write elsewhere."""
    words = ["virsh", "snapshot-create-as", name, "--disk-only", "--atomic", "--no-metadata"]
    return shlex.join([*words, *(w for o in overlays for w in ("--diskspec", f"{o.target},file={o.path}"))])


def thaw_commands(name: str, overlays: list[Overlay]) -> Iterator[str]:
    """What puts it back on its own files."""
    for overlay in overlays:
        yield shlex.join(["virsh", "blockcommit", name, overlay.target, "--active", "--shallow", "--pivot"])


def freeze(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle, *, quiesce: bool) -> None:
    """Let a running machine write into overlays, all disks from the same moment on; undone where the job fails."""
    if not overlays:
        return
    handle.progress(0.0, "Letting the original write elsewhere", phase="prepare")
    handle.undo.callback(thaw, host, uuid, overlays, None)
    paths = {overlay.target: overlay.path for overlay in overlays}
    try:
        with agent_asked(host, uuid, handle, quiesce=quiesce):
            host.overlays.freeze(uuid, paths, quiesce=quiesce)
    except Problem as problem:
        if not quiesce:
            raise
        handle.log(f"The guest agent did not stop its writing ({problem.detail}): the copy is as after a power cut")
        host.overlays.freeze(uuid, paths)
    for pool in {overlay.pool for overlay in overlays}:
        with contextlib.suppress(Problem):  # only its list is old; another job may be at work in the pool
            host.pools.refresh(pool)


def thaw(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle | None) -> None:
    """Merge the overlays that a machine still stands on into the files below, and delete them."""
    row = host.domains.row(uuid)
    if row is None or not overlays:
        return
    used = _used(host, uuid, live=row.active)
    mine = [overlay for overlay in overlays if overlay.path in used]
    if not row.active or not _merged(host, uuid, mine, handle):
        used = _used(host, uuid, live=False)
        _take_back(host, uuid, [overlay for overlay in mine if overlay.path in used], handle)
    left = _used(host, uuid, live=False)
    for overlay in overlays:
        if overlay.path not in left:
            _remove(host, overlay, handle)


def _remove(host: Host, overlay: Overlay, handle: JobHandle | None) -> None:
    try:
        reread(host, overlay.pool)
        if overlay.name in host.volumes.names(overlay.pool):
            host.volumes.delete(overlay.pool, overlay.name)
    except Problem as problem:
        log.warning("overlay %s is left behind: %s", overlay.path, problem.detail)
        if handle is not None:
            handle.log(f"{overlay.path} could not be removed: {problem.detail}")


def _used(host: Host, uuid: str, *, live: bool) -> set[str]:
    definitions = [host.domains.xml(uuid)] + ([host.domains.xml(uuid, live=True)] if live else [])
    disks = [each for xml in definitions for each in devices(parse(xml)) if isinstance(each, Disk)]
    return {disk.path for disk in disks if disk.path}


def _merged(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle | None) -> bool:
    """Merge them into the files below; False where the machine ended before it was through."""
    try:
        for overlay in overlays:
            _merge(host, uuid, overlay, handle)
    except Problem:
        row = host.domains.row(uuid)
        if row is None or row.active:
            raise
        return False
    return True


def _merge(host: Host, uuid: str, overlay: Overlay, handle: JobHandle | None) -> None:
    pause, state = threading.Event(), host.overlays.merge_state(uuid, overlay.target)[0]
    if state == "none":
        host.overlays.merge(uuid, overlay.target)
    before = (handle.job.progress or 0.0) if handle is not None else 0.0
    while (told := host.overlays.merge_state(uuid, overlay.target))[0] == "running":
        if handle is not None:
            share = before + told[1] * (1 - before) / 2
            handle.progress(share, f"Merging {overlay.target} of the original", phase="merge")
        pause.wait(LOOK_SECONDS)
    if told[0] == "ready":
        host.overlays.end_merge(uuid, overlay.target)


def _take_back(host: Host, uuid: str, overlays: list[Overlay], handle: JobHandle | None) -> None:
    """Off: what was written into an overlay cannot be merged now, so such a machine keeps it."""
    empty = {}
    for overlay in overlays:
        reread(host, overlay.pool)
        if host.volumes.row(overlay.pool, overlay.name).allocation <= EMPTY_BYTES:
            empty[overlay.path] = Placement(overlay.below, overlay.format, overlay.block)
        elif handle is not None:
            handle.log(f"{overlay.target} stays on {overlay.path}, which holds what was written meanwhile")
    if empty:
        host.domains.define(put_back(host.domains.xml(uuid, secure=True), empty))
