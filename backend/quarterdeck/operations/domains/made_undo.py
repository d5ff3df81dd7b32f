"""The way back from what was made: a volume or a snapshot goes again, as long as it is what was made then."""

from __future__ import annotations

from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.inverse import VolumeInverse
from ...model.storage import Volume, read_volume
from ...plan import Change, Plan
from ...problems import Problem
from ..snapshots.reading import one_of
from ..snapshots.remove import Deletes
from ..snapshots.request import SnapshotDelete
from ..storage.storage import Storage


class MadeUndo:
    """Keeps such ways back, and goes them."""

    def __init__(self, hosts: Hosts, storage: Storage, deletes: Deletes) -> None:
        self._hosts = hosts
        self._storage = storage
        self._deletes = deletes

    def of_volume(self, host: str, pool: str, change: Change[Volume]) -> Change[Volume]:
        """The same making of a volume, whose answer tells the way back."""

        def apply() -> Volume:
            made = change.apply()
            return made.model_copy(update={"inverse": self._inverse(host, pool, made)})

        return Change(change.plan, apply)

    def _inverse(self, host: str, pool: str, made: Volume) -> VolumeInverse | None:
        """None where the host does not tell of writing: only a file has a time of its last change."""
        if made.type != "file":
            return None
        return VolumeInverse(pool=made.pool, name=made.name, etag=made.etag, written=self._written(host, pool, made))

    def _written(self, host: str, pool: str, volume: Volume) -> str | None:
        return read_volume(self._hosts.get(host).volumes.xml(pool, volume.name)).written

    def undo_volume(self, host: str, inverse: VolumeInverse) -> Change[Volume]:
        """Delete a volume that is as it was made; the answer is the volume that is gone."""
        volume = self._storage.volume(host, inverse.pool, inverse.name)
        if volume.etag != inverse.etag:
            raise Problem("not-undoable", f"{volume.name} is another one now, or has another size.")
        if self._written(host, inverse.pool, volume) != inverse.written:
            detail = f"{volume.name} was written to since, so it is not empty any more."
            raise Problem("not-undoable", detail, cure="Delete it by its own button, if nobody needs what it holds.")
        deletion = self._storage.delete(host, inverse.pool, inverse.name)

        def apply() -> Volume:
            deletion.apply()
            return volume

        plan = Plan(commands=deletion.plan.commands, warnings=[f"{volume.path} is deleted. Nothing was written to it."])
        return Change(plan, apply)

    def undo_snapshot(self, job: Job, user: User) -> Change[Job]:
        """Delete the snapshot that a job took; Problem where it is gone, or another one has its name."""
        made: dict[str, Any] = job.result
        kept = one_of(self._hosts.get(job.host).snapshots.all(job.target), made["name"])
        if kept.xml.created != made["created"]:
            raise Problem("not-undoable", f"Another snapshot has the name {kept.name} now.")
        return self._deletes.delete(job.host, job.target, kept.name, SnapshotDelete(), user)
