"""Volumes and their content."""

from __future__ import annotations

import flask

from ...access import Permission, User
from ...jobs import Job
from ...model.storage import (
    Backing,
    Volume,
    VolumeClone,
    VolumeDelete,
    VolumeDownload,
    VolumePatch,
    VolumeRequest,
    VolumeWipe,
)
from ...operations.changing.definitions import DefinitionText
from ...operations.domains.made_undo import MadeUndo
from ...operations.storage.download import Downloads
from ...operations.storage.ranges import piece
from ...operations.storage.storage import Storage
from ...operations.storage.transfer import Transfers, UploadQuery
from ...operations.storage.volumes import VolumeActs
from ...plan import Change
from ..route import Raw, route

POOL = "/hosts/<host>/pools/<pool>"
VOLUME = POOL + "/volumes/<volume>"
BYTES = "application/octet-stream"


class StorageRoutes:
    """Volumes of a host."""

    def __init__(
        self, storage: Storage, acts: VolumeActs, transfers: Transfers, downloads: Downloads, undo: MadeUndo
    ) -> None:
        self._storage = storage
        self._acts = acts
        self._transfers = transfers
        self._downloads = downloads
        self._undo = undo

    @route("GET", POOL + "/volumes", needs=Permission.STORAGE_VIEW)
    def volumes(self, host: str, pool: str) -> list[Volume]:
        """All volumes of a pool, and which machines use them."""
        return self._storage.volumes(host, pool)

    @route("POST", POOL + "/volumes", needs=Permission.STORAGE_EDIT, status=201)
    def create(self, host: str, pool: str, body: VolumeRequest, user: User) -> Change[Volume | Job]:
        """A new volume: empty, encrypted by a job, or filled by a job with what lies at an address."""
        if isinstance(body, VolumeDownload):
            return self._downloads.start(host, pool, body, user)
        if body.passphrase is not None:
            return self._acts.encrypted.create(host, pool, body, user)
        return self._undo.of_volume(host, pool, self._acts.create(host, pool, body))

    @route("GET", VOLUME, needs=Permission.STORAGE_VIEW)
    def volume(self, host: str, pool: str, volume: str) -> Volume:
        """One volume."""
        return self._storage.volume(host, pool, volume)

    @route("GET", VOLUME + "/xml", needs=Permission.STORAGE_VIEW)
    def xml(self, host: str, pool: str, volume: str) -> DefinitionText:
        """What libvirt knows of a volume; its XML cannot be edited."""
        return self._acts.text(host, pool, volume)

    @route("GET", VOLUME + "/chain", needs=Permission.STORAGE_VIEW)
    def chain(self, host: str, pool: str, volume: str) -> list[Backing]:
        """The volume and the images that it stands on, topmost first."""
        return self._acts.chain(host, pool, volume)

    @route("GET", "/hosts/<host>/unused-volumes", needs=Permission.STORAGE_VIEW)
    def unused(self, host: str) -> list[Volume]:
        """Disk images of all running pools that no machine uses."""
        return self._acts.unused(host)

    @route("PATCH", VOLUME, needs=Permission.STORAGE_EDIT)
    def resize(self, host: str, pool: str, volume: str, body: VolumePatch, if_match: str | None) -> Change[Volume]:
        """Another size for a volume that no running machine uses."""
        return self._acts.resize(host, pool, volume, body, if_match)

    @route("POST", VOLUME + "/clone", needs=Permission.STORAGE_EDIT, status=202)
    def clone(self, host: str, pool: str, volume: str, body: VolumeClone, user: User) -> Change[Job]:
        """A full copy of a volume, in this pool or another."""
        return self._acts.clone(host, pool, volume, body, user)

    @route("POST", VOLUME + "/wipe", needs=Permission.STORAGE_EDIT, status=202)
    def wipe(self, host: str, pool: str, volume: str, body: VolumeWipe, user: User) -> Change[Job]:
        """Overwrite all data of a volume that no machine uses."""
        return self._acts.wipe(host, pool, volume, body, user)

    @route("DELETE", VOLUME, needs=Permission.STORAGE_EDIT)
    def delete(self, host: str, pool: str, volume: str, query: VolumeDelete) -> Change[None]:
        """Delete a volume that no machine uses; an encrypted one with its secret where that is asked."""
        found, deletion = self._storage.volume(host, pool, volume), self._storage.delete(host, pool, volume)
        return self._acts.encrypted.delete(host, found, deletion, secret=query.secret)

    @route("GET", VOLUME + "/content", needs=Permission.STORAGE_EDIT, answers=Raw, gives=(BYTES,))
    def download(self, host: str, pool: str, volume: str, request: flask.Request) -> Raw:
        """The raw bytes of a volume; Range asks for a part of them, as to go on with a download that was cut."""
        found = self._transfers.download(host, pool, volume, request.headers)
        return Raw(found.content, BYTES, found.headers, found.status)

    @route("PUT", VOLUME + "/content", needs=Permission.STORAGE_EDIT, takes=BYTES)
    def upload(
        self, host: str, pool: str, volume: str, *, query: UploadQuery, request: flask.Request, user: User
    ) -> Change[Volume | Job]:
        """Fill a volume with the raw bytes of the body; one that does not exist is made. Content-Range goes on."""
        part = piece(request.content_length, request.headers.get("Content-Range"), query.size)
        return self._transfers.upload(host, pool, volume, part=part, body=request.stream, query=query, user=user)

    @route("DELETE", VOLUME + "/content", needs=Permission.STORAGE_EDIT, act="volume give up upload")
    def give_up(self, host: str, pool: str, volume: str) -> Change[None]:
        """End an upload, also one that was cut, and remove what came of it; what was there before stays."""
        return self._transfers.give_up(host, pool, volume)
