"""Checks of what a machine lies on: disks, media."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...model.moving import MovedDisk
from ...problems import Problem
from .copies import copies_of, is_shared, place_of
from .situation import MigrationFinding, Repair, Situation, found

SAFE_CACHES = (None, "default", "none", "directsync")
COPIED = "Choose “Copy the disks” for the move."
COPY = Repair(kind="copy", title="Copy its disks with it", wish={"storage": "copy"})


def disks(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the disks are on both hosts, or can be copied."""
    if at.request.storage != "shared":
        yield from _copied(at)
        return
    for disk in at.machine.disks:
        if disk.is_data and not at.request.unsafe and not is_shared(disk, at.pools_here, at.pools_there):
            yield _not_shared(at, disk)


def _copied(at: Situation) -> Iterator[MigrationFinding]:
    try:
        fits = at.row.active == at.moves_memory  # else another check says so
        copies = copies_of(at.source, at.destination, at.machine, at.request) if fits else []
    except Problem as problem:
        yield found("copy", "danger", "The disks cannot be copied", problem.detail, problem.kind.help, problem.cure)
        return
    for copy in copies:
        if copy.existed:
            yield found(
                f"disk-{copy.target}", "warning", "An older copy is overwritten",
                f"{at.destination.spec.name} has {copy.new_path} of this machine's earlier stay.",
                "The move writes over it.", "Keep it elsewhere, if its content is still needed.",
            )  # fmt: skip


def _not_shared(at: Situation, disk: MovedDisk) -> MigrationFinding:
    there = at.destination.spec.name
    if not at.moves_memory:
        return found(
            f"disk-{disk.target}", "warning", "A disk does not move along",
            f"{disk.path} is in no pool that both hosts share.",
            "An offline move without a copy of the disks sends only the definition.",
            "Copy the file to the same path there before you start it." if at.row.active else COPIED,
            *_shared_pool(at, disk), *([] if at.row.active else [COPY]),
        )  # fmt: skip
    return found(
        f"disk-{disk.target}", "danger", "A disk is not on shared storage",
        f"{disk.path} is in no pool that both hosts share.",
        f"{there} would see other data, so libvirt refuses the move as unsafe.",
        f"{COPIED.rstrip('.')}, or put the disk into a pool that both hosts share.",
        *_shared_pool(at, disk), COPY,
    )  # fmt: skip


def _shared_pool(at: Situation, disk: MovedDisk) -> list[Repair]:
    """Its own pool, where that lies on a server that the destination can mount as well."""
    place = place_of(disk, at.pools_here)
    if place is None or place.identity is None:
        return []
    there = at.destination.spec.name
    states = {row.name: row.state for row in at.destination.pools.rows()}
    if place.name not in states:
        return [Repair(kind="make-pool", about=place.name, title=f"Set up the pool {place.name} on {there} too")]
    if states[place.name] == "inactive":
        return [Repair(kind="start-pool", about=place.name, title=f"Start the pool {place.name} on {there}")]
    return []


def disk_files(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination sees the file of each shared disk: a mount can be stale, or lie on another folder."""
    for disk in at.machine.disks:
        wish, place = at.request.disk(disk.target), place_of(disk, at.pools_there)
        stays = disk.is_data and place and not (wish and wish.pool) and is_shared(disk, at.pools_here, at.pools_there)
        if not (stays and place and disk.path):
            continue
        unseen = _unseen(at.destination, place.name, disk.path)
        if unseen:
            mounted = place.identity is not None and place.identity[0] == "netfs"
            again = Repair(kind="remount-pool", about=place.name, title=f"Mount the pool {place.name} anew there")
            yield found(
                f"disk-file-{disk.target}", "danger" if at.moves_memory else "warning", "A disk is not seen there",
                unseen, "Both hosts have the pool, but there it is stale, or shows another folder.",
                "Mount it anew there, and see that its server exports the same folder to both hosts.",
                *([again] if mounted else []),
            )  # fmt: skip


def _unseen(host: Host, pool: str, path: str) -> str | None:
    """Why a file of a pool is not seen; the pool is read anew where libvirt does not know the file."""
    with contextlib.suppress(Problem):  # libvirt knows it, but it is gone
        if host.volumes.at(path):
            return None
    try:
        host.pools.refresh(pool)
        return None if host.volumes.at(path) else f"{host.spec.name} has no {path} in the pool {pool}."
    except Problem as problem:
        if problem.slug in ("timed-out", "busy", "host-lost"):
            raise
        return f"{host.spec.name} cannot read the pool {pool}: {problem.detail}"


def cache(at: Situation) -> Iterator[MigrationFinding]:
    """Whether shared disks are written past the hosts' page caches."""
    for disk in at.machine.disks:
        if at.moves_memory and disk.is_data and not disk.network and disk.cache not in SAFE_CACHES:
            yield found(
                f"cache-{disk.target}", "warning", "A disk is written through the host's cache",
                f"{disk.target} has the cache mode {disk.cache}.",
                "QEMU drops that cache when it moves, which not every file system takes; libvirt may refuse the move.",
                "Set the cache mode none; it counts from the next start on.",
                Repair(kind="cache-none", about=disk.target, title="Set it to none for the next start"),
            )  # fmt: skip


def media(at: Situation) -> Iterator[MigrationFinding]:
    """Whether CDs and boot files are there too; they are never copied."""
    for disk in at.machine.disks:
        if disk.is_data or disk.path is None or is_shared(disk, at.pools_here, at.pools_there):
            continue
        if at.destination.volumes.at(disk.path) is None:
            sure = place_of(disk, at.pools_there) is not None
            yield found(
                f"media-{disk.target}", "danger" if sure else "warning", "A medium may be missing",
                f"{at.destination.spec.name} shows no {disk.path}.",
                "CDs are not copied, and libvirt needs the file there.",
                "Eject it, or put the file at the same path there.",
                Repair(kind="eject", about=disk.target, title="Eject it"),
            )  # fmt: skip
    if at.machine.files:
        yield found(
            "boot-files", "info", "It boots from files of the host", ", ".join(at.machine.files),
            "They are not copied; without them it cannot start there.", "Have them at the same paths there.",
        )  # fmt: skip
