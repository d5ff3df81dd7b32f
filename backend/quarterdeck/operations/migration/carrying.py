"""Snapshots on their way with a machine: libvirt refuses to move one that has any, though they lie in shared files.

What libvirt knows of them is put at the destination first and only then forgotten here, so that at each moment one
host knows all of them; where the move fails they are put back. A live move keeps those of a definition that is off at
its destination (tried with 9.0).
"""

from __future__ import annotations

import posixpath
import shlex
from contextlib import ExitStack

from ...hypervisor.host import Host
from ...model.domain import DomainRow
from ...model.snapshot import Kept
from ...plan import take_back
from .copies import is_shared
from .situation import Situation


def why_not(at: Situation, kept: list[Kept]) -> str | None:
    """Why the snapshots cannot go along; None where they can."""
    if not at.row.persistent:
        return "a temporary machine cannot take them along"
    if any(row.uuid == at.row.uuid and row.snapshots for row in at.there):
        return f"{at.destination.spec.name} has other snapshots of it"
    disks = [disk for disk in at.machine.disks if disk.is_data]
    if at.request.storage != "shared" or not all(is_shared(disk, at.pools_here, at.pools_there) for disk in disks):
        return "a copied disk holds its present state only"
    shared = {disk.folder for disk in disks}
    files = {path for each in kept for path in each.files}
    apart = sorted(path for path in files if posixpath.dirname(path) not in shared)
    return f"{apart[0]} does not lie beside its disks, on storage that both hosts share" if apart else None


class Carrying:
    """The snapshots of one machine on their way. `defined`: the destination had its definition before."""

    def __init__(self, source: Host, destination: Host, uuid: str, *, defined: bool) -> None:
        self._source = source
        self._destination = destination
        self._uuid = uuid
        self.defined = defined
        self._kept: list[Kept] = []

    def carry(self) -> None:
        """Let the destination know them, and the source no more; taken back in whole where a part fails."""
        here, there, uuid = self._source, self._destination, self._uuid
        kept = here.snapshots.all(uuid)
        with ExitStack() as undo:
            if not self.defined:
                there.domains.define(here.domains.xml(uuid, secure=True, migratable=True))
                undo.callback(take_back, there.domains.undefine, uuid, nvram=False, tpm=False)
            for each in kept:
                there.snapshots.redefine(uuid, each.text, current=each.current)
                undo.callback(take_back, there.snapshots.forget, uuid, each.name)
            self._kept = kept
            for each in reversed(kept):
                here.snapshots.forget(uuid, each.name)
                undo.callback(take_back, here.snapshots.redefine, uuid, each.text, current=each.current)
            undo.pop_all()

    def put_back(self) -> None:
        """Let the source know them again, and the destination no more; what is done already is left."""
        there = self._destination
        if there.domains.row(self._uuid) is None:
            return
        found = there.snapshots.all(self._uuid)
        self._put_here(found)
        for each in reversed(found):
            there.snapshots.forget(self._uuid, each.name)
        if not self.defined:
            there.domains.undefine(self._uuid, nvram=False, tpm=False)

    def put_here(self) -> None:
        """Let the source know those again that went; the destination need not answer for it."""
        self._put_here(self._kept)

    def _put_here(self, kept: list[Kept]) -> None:
        known = {each.name for each in self._source.snapshots.all(self._uuid)} if kept else set()
        for each in kept:
            if each.name not in known:
                self._source.snapshots.redefine(self._uuid, each.text, current=each.current)


def commands(source: Host, destination: Host, row: DomainRow, *, defined: bool) -> list[str]:
    """What a person would type to do the same."""
    name, said = shlex.quote(row.name), []
    here, there = (f"virsh -c {shlex.quote(host.uri)}" for host in (source, destination))
    kept = source.snapshots.all(row.uuid)
    if not defined:
        dump = f"{here} dumpxml {name} --inactive --security-info --migratable"
        said.append(f"{dump} | {there} define /dev/stdin")
    for each in kept:
        dump = f"{here} snapshot-dumpxml {name} {shlex.quote(each.name)} --security-info"
        current = " --current" if each.current else ""
        said.append(f"{dump} | {there} snapshot-create {name} /dev/stdin --redefine{current}")
    said += [f"{here} snapshot-delete {name} {shlex.quote(each.name)} --metadata" for each in reversed(kept)]
    return said
