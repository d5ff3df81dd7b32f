"""Snapshots of a machine."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.clone import DomainClone
from ...model.snapshot import Snapshot
from ...model.snapshot_choice import SnapshotOptions
from ...operations.cloning.run import Clones
from ...operations.snapshots.describe import describe
from ...operations.snapshots.preview import Previews
from ...operations.snapshots.reading import Machines
from ...operations.snapshots.remove import Deletes
from ...operations.snapshots.request import (
    SnapshotCreate,
    SnapshotDelete,
    SnapshotPatch,
    SnapshotPreview,
    SnapshotRevert,
)
from ...operations.snapshots.revert import Reverts
from ...operations.snapshots.take import Takes
from ...plan import Change
from ..route import route

DOMAIN = "/hosts/<host>/domains/<uuid:uuid>"
ALL = DOMAIN + "/snapshots"
ONE = ALL + "/<name>"
PREVIEW = DOMAIN + "/snapshot-preview"
VIEW, EDIT = Permission.DOMAIN_VIEW, Permission.DOMAIN_EDIT


class SnapshotRoutes:
    """States of a machine that can be gone back to."""

    def __init__(
        self,
        machines: Machines,
        takes: Takes,
        reverts: Reverts,
        deletes: Deletes,
        *,
        previews: Previews,
        clones: Clones,
    ) -> None:
        self._machines = machines
        self._takes = takes
        self._reverts = reverts
        self._deletes = deletes
        self._previews = previews
        self._clones = clones

    @route("GET", ALL, needs=VIEW)
    def all(self, host: str, uuid: UUID) -> list[Snapshot]:
        """All snapshots, oldest first; `parent` makes a tree of them."""
        return self._machines.all(host, str(uuid))

    @route("GET", DOMAIN + "/snapshot-options", needs=VIEW)
    def options(self, host: str, uuid: UUID) -> SnapshotOptions:
        """What a new snapshot can be, and why not more."""
        return self._machines.options(host, str(uuid))

    @route("POST", ALL, needs=EDIT, status=202)
    def take(self, host: str, uuid: UUID, body: SnapshotCreate, user: User) -> Change[Job]:
        """Take a snapshot; the plan says which kind is chosen and why."""
        return self._takes.take(host, str(uuid), body, user)

    @route("GET", ONE, needs=VIEW)
    def one(self, host: str, uuid: UUID, name: str) -> Snapshot:
        """One snapshot."""
        return self._machines.one(host, str(uuid), name)

    @route("PATCH", ONE, needs=EDIT)
    def edit(self, host: str, uuid: UUID, name: str, body: SnapshotPatch) -> Change[Snapshot]:
        """Give it another description."""
        return describe(self._machines, host, str(uuid), name, body)

    @route("DELETE", ONE, needs=EDIT, status=202)
    def delete(self, host: str, uuid: UUID, name: str, query: SnapshotDelete, user: User) -> Change[Job]:
        """Delete it; what stands above an external one is merged into its files while the machine runs on."""
        return self._deletes.delete(host, str(uuid), name, query, user)

    @route("POST", ONE + "/revert", needs=EDIT, status=202)
    def revert(self, host: str, uuid: UUID, name: str, body: SnapshotRevert, user: User) -> Change[Job]:
        """Go back to it; the present state is lost unless it is kept as a snapshot first."""
        return self._reverts.revert(host, str(uuid), name, body, user)

    @route("POST", PREVIEW, needs=EDIT, status=202, act="snapshot preview")
    def preview(self, host: str, uuid: UUID, body: SnapshotPreview, user: User) -> Change[Job]:
        """Try a snapshot: the present state is kept, until the preview is kept or dropped."""
        return self._previews.begin(host, str(uuid), body, user)

    @route("POST", PREVIEW + "/keep", needs=EDIT, status=202, act="snapshot keep preview")
    def keep_preview(self, host: str, uuid: UUID, user: User) -> Change[Job]:
        """Stay with the snapshot that is tried; the state before it is given up."""
        return self._previews.keep(host, str(uuid), user)

    @route("POST", PREVIEW + "/drop", needs=EDIT, status=202, act="snapshot drop preview")
    def drop_preview(self, host: str, uuid: UUID, user: User) -> Change[Job]:
        """Go back to where the machine was before the preview."""
        return self._previews.drop(host, str(uuid), user)

    @route("POST", ONE + "/clone", needs=Permission.DOMAIN_CREATE, status=202)
    def clone(self, host: str, uuid: UUID, name: str, body: DomainClone, user: User) -> Change[Job]:
        """A new machine that is what this one was then: from the files of an external snapshot."""
        return self._clones.clone(host, str(uuid), body, user, snapshot=name)
