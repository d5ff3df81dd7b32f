"""Other words for a snapshot."""

from __future__ import annotations

import shlex

from ...model.snapshot import Snapshot, described
from ...plan import Change, Effect, Plan
from .reading import Machines
from .request import SnapshotPatch


def describe(machines: Machines, host: str, uuid: str, name: str, body: SnapshotPatch) -> Change[Snapshot]:
    """Give a snapshot another description; the snapshot as it then is."""
    machine = machines.read(host, uuid)
    kept = machine.snapshot(name)
    text = described(kept.text, body.description, broken=kept.broken)

    def apply() -> Snapshot:
        machine.host.snapshots.redefine(uuid, text, current=kept.current)
        return machines.one(host, uuid, name)

    command = shlex.join(["virsh", "snapshot-create", machine.word, "/dev/stdin", "--redefine"])
    return Change(Plan(commands=[command], effects=[Effect(field="description", when="live")]), apply)
