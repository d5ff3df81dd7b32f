"""Room for copied disks at the destination: made before, and taken back when the move fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.moving import lent_pool
from ...model.storage import volume_xml
from ...problems import Problem
from ..patience import reread
from .copies import Copy, taken

log = logging.getLogger(__name__)
FULL_BYTES = 1 << 20


@dataclass(frozen=True)
class Room:
    """A file that the move makes at the destination. `pool` None: a pool is lent to its folder for the time."""

    pool: str | None
    folder: str
    name: str

    @classmethod
    def of(cls, params: list[dict[str, Any]]) -> list[Room]:
        """The rooms in a job's parameters."""
        return [cls(each["pool"], each["folder"], each["name"]) for each in params]

    @property
    def pool_name(self) -> str:
        """The pool, its own or the lent one."""
        return self.pool or lent_pool(self.folder)[0]


def make_ready(handle: JobHandle, destination: Host, rooms: list[Room]) -> None:
    """Let libvirt find the pools of the folders, freshly read: with an old view it would not make the files.

    One that libvirt fills just now is waited for, since it is not read anew before.
    """
    for folder in _lent(rooms):
        destination.pools.lend(folder, handle.id, build=True)
    for pool in {room.pool_name for room in rooms}:
        reread(destination, pool, handle)


def refuse_taken(destination: Host, copies: list[Copy], rooms: list[Room]) -> None:
    """Problem where files have the names of new copies, which the pools did not know before they were read anew.

    They are somebody else's: no rooms of this move, and not deleted with its failure.
    """
    found = []
    for copy in (each for each in copies if not each.existed):
        room = Room(copy.pool, copy.folder, copy.name)
        if room.name in destination.volumes.names(room.pool_name):
            rooms.remove(room)
            found.append(copy)
    if found:
        raise taken(destination, found[0].new_path)


def make_thin(destination: Host, copies: list[Copy], rooms: list[Room]) -> None:
    """Make the files of thin disks, so that libvirt does not make them with all of their room reserved.

    One that somebody else has made by now is no room of this move any more, and is not deleted with its failure.
    """
    for copy in (each for each in copies if each.thin and not each.existed):
        room = Room(copy.pool, copy.folder, copy.name)
        try:
            destination.volumes.create(room.pool_name, volume_xml(copy.name, copy.size, copy.thin))
        except Problem as problem:
            if problem.slug == "name-taken":
                rooms.remove(room)
            raise


def _lent(rooms: list[Room]) -> set[str]:
    return {room.folder for room in rooms if room.pool is None}


def give_back(destination: Host, rooms: list[Room], holder: str) -> None:
    """End the pools that were lent to the job `holder`, and that no other needs; their files stay."""
    for folder in _lent(rooms):
        try:
            destination.pools.end_lending(folder, holder)
        except Problem as problem:
            log.warning("the pool of %s stays on %s: %s", folder, destination.id, problem.raw)


def full(destination: Host, rooms: list[Room]) -> Room | None:
    """A room whose pool has nothing left now; None where all have, or where it cannot be told."""
    try:
        for pool in {room.pool_name for room in rooms}:
            destination.pools.refresh(pool)
        left = {row.name: row.available for row in destination.pools.rows()}
    except Problem:
        return None
    return next((room for room in rooms if left.get(room.pool_name, FULL_BYTES) < FULL_BYTES), None)


def clear(destination: Host, rooms: list[Room], holder: str) -> None:
    """Delete what a failed move left; the host may have started anew since, without the pools that were lent."""
    for room in rooms:
        try:
            if room.pool is None:
                destination.pools.lend(room.folder, holder, build=True)
            reread(destination, room.pool_name)
            destination.volumes.delete(room.pool_name, room.name)
        except Problem as problem:
            if problem.slug != "not-found":
                raise
