"""Snapshots in the way of a move: libvirt refuses machines that have any, though their content lies in shared files.

What libvirt knows of them is put at the destination first and only then forgotten here, so that at each moment one
host knows all of them. A live move keeps those of a definition that is off at its destination (tried with 9.0).
"""

from __future__ import annotations

import posixpath
import shlex
from contextlib import ExitStack

from ...model.snapshot import Kept
from ...plan import Change, Effect, Plan, take_back
from .copies import is_shared
from .situation import Situation


def why_not(at: Situation, kept: list[Kept]) -> str | None:
    """Why the snapshots cannot go along; None where they can."""
    if not at.row.persistent:
        return "a temporary machine cannot take them along"
    disks = [disk for disk in at.machine.disks if disk.is_data]
    if at.request.storage != "shared" or not all(is_shared(disk, at.pools_here, at.pools_there) for disk in disks):
        return "a copied disk holds its present state only"
    shared = {disk.folder for disk in disks}
    files = {path for each in kept for path in (*each.frozen.values(), each.memory_file) if path}
    apart = sorted(path for path in files if posixpath.dirname(path) not in shared)
    return f"{apart[0]} does not lie beside its disks, on storage that both hosts share" if apart else None


def carry(at: Situation) -> Change[str]:
    """Let the destination know the snapshots, and the source no more; taken back in whole where a part fails."""
    kept = at.source.snapshots.all(at.row.uuid)
    here, there = at.source.spec.name, at.destination.spec.name
    defined = any(row.uuid == at.row.uuid for row in at.there)

    def apply() -> str:
        with ExitStack() as undo:
            if not defined:
                at.destination.domains.define(at.source.domains.xml(at.row.uuid, secure=True, migratable=True))
                undo.callback(take_back, at.destination.domains.undefine, at.row.uuid, nvram=False, tpm=False)
            for each in kept:
                at.destination.snapshots.redefine(at.row.uuid, each.text, current=each.current)
                undo.callback(take_back, at.destination.snapshots.forget, at.row.uuid, each.name)
            for each in reversed(kept):
                at.source.snapshots.forget(at.row.uuid, each.name)
                again = at.source.snapshots.redefine
                undo.callback(take_back, again, at.row.uuid, each.text, current=each.current)
            undo.pop_all()
        return f"{len(kept)} snapshot(s)"

    plan = Plan(
        commands=_commands(at, kept, defined),
        effects=[Effect(field="snapshots", when="live")],
        warnings=[f"Until it has moved, {here} shows no snapshots of it: {there} keeps them, with its definition."],
        notes=["No disk is touched; what the snapshots hold stays in its files."],
    )
    return Change(plan, apply)


def _commands(at: Situation, kept: list[Kept], defined: bool) -> list[str]:
    name, said = shlex.quote(at.row.name), []
    here, there = (f"virsh -c {shlex.quote(host.uri)}" for host in (at.source, at.destination))
    if not defined:
        dump = f"{here} dumpxml {name} --inactive --security-info --migratable"
        said.append(f"{dump} | {there} define /dev/stdin")
    for each in kept:
        dump = f"{here} snapshot-dumpxml {name} {shlex.quote(each.name)} --security-info"
        current = " --current" if each.current else ""
        said.append(f"{dump} | {there} snapshot-create {name} /dev/stdin --redefine{current}")
    said += [f"{here} snapshot-delete {name} {shlex.quote(each.name)} --metadata" for each in reversed(kept)]
    return said
