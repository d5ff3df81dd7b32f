"""Carrying out the move of a machine that is off with its disks, as a job; undone in whole where a part fails.

The definition comes last, so a machine that is defined at the destination is whole there. Nobody can lock a machine
that is off against whoever starts it past this service, so it is looked whether somebody does, and at the end whether
its files were written to meanwhile.
"""

from __future__ import annotations

import contextlib
import time
from functools import partial

from ...hypervisor.host import Host
from ...hypervisor.volumes import VolumeRow
from ...jobs import JobHandle
from ...model.moving import with_secrets
from ...model.storage import VolumeFacts, read_volume, volume_xml
from ...plan import take_back
from ...problems import Problem
from ..inventory.inventory import Inventory
from ..patience import PASSING, connected, patiently, reread
from ..storage.lending import lend, stop_lending
from ..storage.states import States
from .copies import Copy, pool_places, stands_on_another
from .ending import MigrationResult, ending, whereabouts
from .flow import SHARE, Flow
from .plan import Prepared
from .room import Room, give_back
from .stopped import Stopped
from .telling import not_moved, why_failed
from .tidying import Made

COPIED = "finish"
"""The phase in which all of its disks are whole at the destination."""
OLDER = ".older"
"""What the name of a file ends with that the destination had beside an older definition, until the move is over."""
Origin = tuple[str, VolumeRow, VolumeFacts]


class StoppedMoves:
    """Moves machines that are off with their disks."""

    def __init__(self, inventory: Inventory, states: States) -> None:
        self._inventory = inventory
        self._states = states

    def move(self, prepared: Prepared, kept: Stopped, made: Made, handle: JobHandle) -> MigrationResult:
        """The machine at the destination; Problem when it is still here, as before."""
        source, began = prepared.source, time.monotonic()
        try:
            handle.undo.callback(stop_lending, source, kept.lent, handle.id)
            lend(source, kept.lent, handle.id)
            flow = _copy(prepared, made.rooms, handle)
            handle.progress(SHARE, f"Saving its definition on {made.destination.spec.name}", phase=COPIED)
            handle.can_cancel(False)  # which also writes the phase down, for whoever adopts the job
            handle.check()
            self._define(prepared, kept, handle)
            result = self._hand_over(source, made, kept, handle)
        except Problem as problem:
            raise _told(problem, source, made, handle) from problem
        ready, took = flow.began - began, time.monotonic() - began
        figures = {"start_ms": int(1000 * ready), "duration_ms": int(1000 * took), "sent_bytes": flow.done}
        return result.model_copy(update=figures)

    def adopt(self, source: Host, made: Made, kept: Stopped, handle: JobHandle) -> MigrationResult:
        """After a restart: what is whole and defined at the destination is handed over, all else is undone."""
        uuid, there = handle.job.target, made.destination
        handle.undo.callback(stop_lending, source, kept.lent, handle.id)
        row = there.domains.row(uuid) if handle.job.phase == COPIED else None
        gone = source.domains.row(uuid) is None
        if row is None or not (gone or row.active or kept.is_there(there.domains.xml(uuid, secure=True))):
            self._drop_older(there, kept)
            words = f"Quarterdeck was restarted while its disks were copied. {_where(source, uuid)}"
            raise Problem("interrupted", words, cure="Move it again.")
        handle.can_cancel(False)
        if gone:  # the source forgets it last: all that is left of it is there, and may have run since
            handle.undo.pop_all()
            return self._end(source, made, kept, handle)
        if kept.older:
            handle.undo.callback(take_back, self._drop_older, there, kept)
            self._undo_by(handle, there, kept, with_secrets(kept.older, there.domains.xml(uuid, secure=True)))
        try:
            return self._hand_over(source, made, kept, handle)
        except Problem as problem:
            raise _told(problem, source, made, handle) from problem

    def _define(self, prepared: Prepared, kept: Stopped, handle: JobHandle) -> None:
        """Save its definition at the destination; one that was there before comes back where the rest fails."""
        destination, uuid = prepared.destination, prepared.row.uuid
        if kept.older:
            handle.undo.callback(take_back, self._drop_older, destination, kept)
            self._drop_older(destination, kept)
            for _origin, copy in kept.states:
                self._states.copy(destination, copy, copy + OLDER)
            self._undo_by(handle, destination, kept, destination.domains.xml(uuid, secure=True))
        destination.domains.define(prepared.move.persistent_xml or "")

    def _undo_by(self, handle: JobHandle, destination: Host, kept: Stopped, older: str) -> None:
        """Let the undo of a job put back what the destination had: what was kept beside it, then its definition.

        In this order, and with what was kept left: where the undo is cut off, the next process would hand over again.
        """
        handle.undo.callback(take_back, destination.domains.define, older)
        for _origin, copy in kept.states:
            handle.undo.callback(take_back, self._put_back, destination, copy)

    def _put_back(self, destination: Host, copy: str) -> None:
        if not self._states.copy(destination, copy + OLDER, copy):
            self._states.remove(destination, copy)

    def _drop_older(self, destination: Host, kept: Stopped) -> None:
        for _origin, copy in kept.states if kept.older else ():
            self._states.remove(destination, copy + OLDER)

    def _hand_over(self, source: Host, made: Made, kept: Stopped, handle: JobHandle) -> MigrationResult:
        """Give it what it keeps outside of its disks, and start it if asked; then the source may forget it."""
        uuid, there = handle.job.target, made.destination
        row = there.domains.row(uuid)
        if row is None or not row.active:
            for origin, copy in kept.states:
                if content := self._states.read(source, origin):
                    self._states.write(there, copy, content)
            _check_off(source, uuid)
            if kept.start:
                handle.progress(0.98, f"Starting it on {there.spec.name}", phase=COPIED)
                there.domains.start(uuid)
        handle.undo.pop_all()
        if kept.undefine:
            self._forget(source, handle)
        return self._end(source, made, kept, handle)

    def _end(self, source: Host, made: Made, kept: Stopped, handle: JobHandle) -> MigrationResult:
        take_back(self._drop_older, made.destination, kept)
        give_back(made.destination, made.rooms, handle.id)
        stop_lending(source, kept.lent, handle.id)
        return ended_off(self._inventory, source, made.destination, handle)

    def _forget(self, source: Host, handle: JobHandle) -> None:
        """Let the source forget the machine, whose disks stay; where it does not, the result tells that it knows it."""
        uuid = handle.job.target

        def forget() -> None:
            if source.domains.row(uuid) is not None:
                _check_off(source, uuid)
                source.domains.undefine(uuid, nvram=False, tpm=False)

        try:
            patiently(handle, source, forget)
        except Problem as problem:
            handle.log(f"{source.spec.name} keeps its definition: {problem.detail}")


def ended_off(inventory: Inventory, source: Host, destination: Host, handle: JobHandle) -> MigrationResult:
    """How the move of a machine that was off ended."""
    uuid = handle.job.target
    connected(handle, source, destination)
    for host in (source, destination):
        with contextlib.suppress(Problem):
            inventory.refresh(host.id, uuid)
    result = ending(uuid, source, destination, None, whereabouts(uuid, source, destination))
    handle.log(result.proof)
    handle.progress(1.0, f"It is on {destination.spec.name}", phase="finish", remaining_bytes=0, eta_seconds=None)
    return result


def _copy(prepared: Prepared, rooms: list[Room], handle: JobHandle) -> Flow:
    """All of its disks, each into a new volume; Problem where one of them was written to meanwhile."""
    source, there, uuid = prepared.source, prepared.destination, prepared.row.uuid
    folders = {copy.folder_here for copy in prepared.copies}
    for pool in {place.name for place in pool_places(source) if place.path in folders}:
        reread(source, pool, handle)
    look = partial(_check_off, source, uuid, there)
    look()
    origins = {copy.target: _origin(source, copy, prepared) for copy in prepared.copies}
    targets = {copy.target: Room(copy.pool, copy.folder, copy.name) for copy in prepared.copies}
    for copy in prepared.copies:
        _make(there, copy, targets[copy.target], rooms, origins[copy.target])
    total = sum(copy.taken for copy in prepared.copies)
    flow = Flow(handle, total, prepared.request.bandwidth_mib_s, look)
    for copy in prepared.copies:
        pool, row, facts = origins[copy.target]
        room = targets[copy.target]
        flow.begin(f"Copying {copy.target} to {room.pool_name} on {there.spec.name}")
        to = (room.pool_name, room.name)
        source.volumes.copy((pool, row.name), to, _length(row, facts), flow.went, there.volumes)
    look()
    for copy in prepared.copies:
        pool, row, facts = origins[copy.target]
        now = read_volume(source.volumes.xml(pool, row.name))
        if (now.written, now.physical) != (facts.written, facts.physical):
            detail = f"{copy.target} was written to while it was copied."
            raise Problem("wrong-state", detail, cure="Find out what writes it, then move the machine again.")
    return flow


def _origin(source: Host, copy: Copy, prepared: Prepared) -> Origin:
    found = source.volumes.at(copy.path)
    if found is None:
        cure = "Make a pool of where it lies, or refresh that pool."
        raise Problem("not-found", f"No pool of {source.spec.name} has {copy.path}.", cure=cure)
    pool, row = found
    facts = read_volume(source.volumes.xml(pool, row.name))
    form = next(disk.format for disk in prepared.machine.disks if disk.target == copy.target)
    if facts.backing and form != "raw":
        raise stands_on_another(copy.target)
    return pool, row, facts


def _make(there: Host, copy: Copy, room: Room, rooms: list[Room], origin: Origin) -> None:
    """The volume for a copy. One that somebody else has made by now is no room of this move, and stays."""
    _pool, row, facts = origin
    if copy.existed:
        there.volumes.delete(room.pool_name, room.name)
    form = None if row.type == "block" else "raw"  # a copied header, of qcow2 say, tells its format by itself
    try:
        there.volumes.create(room.pool_name, volume_xml(room.name, _length(row, facts), form, allocate=not copy.thin))
    except Problem as problem:
        if problem.slug == "name-taken":
            rooms.remove(room)
        raise


def _length(row: VolumeRow, facts: VolumeFacts) -> int:
    """Bytes of its file or device."""
    return row.capacity if row.type == "block" else facts.physical or row.capacity


def _check_off(source: Host, uuid: str, there: Host | None = None) -> None:
    """Problem where somebody has started it, or removed it here; a host that does not answer just now says nothing.

    `there` is asked too until the machine is whole there: what is left of an earlier stay could be started.
    """
    for host in (source, there) if there else (source,):
        try:
            row = host.domains.row(uuid)
        except Problem as problem:
            if problem.slug not in PASSING:
                raise
            continue
        if row.active if row else host is source:
            done = f"{'started' if row else 'removed'}{'' if host is source else f' on {host.spec.name}'}"
            cure = "Move it live, or when it is off again."
            raise Problem("wrong-state", f"It was {done} while it moved.", cure=cure)


def _where(source: Host, uuid: str) -> str:
    with contextlib.suppress(Problem):
        row = source.domains.row(uuid)
        if row is None:
            return f"{source.spec.name} no longer knows it."
        return (
            f"It is {'running on' if row.active else 'off on'} {source.spec.name}{'' if row.active else ', as before'}."
        )
    return f"{source.spec.name} cannot be asked; its disks there are as before."


def _told(problem: Problem, source: Host, made: Made, handle: JobHandle) -> Problem:
    """Why it failed, and where the machine is."""
    there = made.destination
    if problem.slug == "host-lost":
        lost = source if source.state != "connected" else there
        words = f"The connection to {lost.spec.name} broke."
        problem = Problem("host-lost", words, cure="Begin again when it answers.", raw=problem.raw)
    why = why_failed(problem, source, there, made.rooms) if problem.slug != "host-lost" else problem
    return not_moved(why, handle, _where(source, handle.job.target))
