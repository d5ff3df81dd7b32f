"""Volumes and their content."""

from __future__ import annotations

import flask

from ...access import Permission, User
from ...jobs import Job
from ...model.storage import Volume, VolumeDownload, VolumeRequest
from ...operations.download import Downloads
from ...operations.media import Storage
from ...operations.transfer import Transfers, UploadQuery, piece
from ...plan import Change
from ..route import Raw, route

POOL = "/hosts/<host>/pools/<pool>"
VOLUME = POOL + "/volumes/<volume>"
BYTES = "application/octet-stream"


class StorageRoutes:
    """Volumes of a host."""

    def __init__(self, storage: Storage, transfers: Transfers, downloads: Downloads) -> None:
        self._storage = storage
        self._transfers = transfers
        self._downloads = downloads

    @route("GET", POOL + "/volumes", needs=Permission.STORAGE_VIEW)
    def volumes(self, host: str, pool: str) -> list[Volume]:
        """All volumes of a pool, and which machines use them."""
        return self._storage.volumes(host, pool)

    @route("POST", POOL + "/volumes", needs=Permission.STORAGE_EDIT, status=201)
    def create(self, host: str, pool: str, body: VolumeRequest, user: User) -> Change[Volume | Job]:
        """A new volume: empty, or filled by a job with what lies at an address."""
        if isinstance(body, VolumeDownload):
            return self._downloads.start(host, pool, body, user)
        return self._storage.create(host, pool, body)

    @route("GET", VOLUME, needs=Permission.STORAGE_VIEW)
    def volume(self, host: str, pool: str, volume: str) -> Volume:
        """One volume."""
        return self._storage.volume(host, pool, volume)

    @route("DELETE", VOLUME, needs=Permission.STORAGE_EDIT)
    def delete(self, host: str, pool: str, volume: str) -> Change[None]:
        """Delete a volume that no machine uses."""
        return self._storage.delete(host, pool, volume)

    @route("GET", VOLUME + "/content", needs=Permission.STORAGE_EDIT, answers=Raw, gives=(BYTES,))
    def download(self, host: str, pool: str, volume: str) -> Raw:
        """The raw bytes of a volume."""
        body, headers = self._transfers.download(host, pool, volume)
        return Raw(body, BYTES, headers)

    @route("PUT", VOLUME + "/content", needs=Permission.STORAGE_EDIT, takes=BYTES)
    def upload(
        self, host: str, pool: str, volume: str, *, query: UploadQuery, request: flask.Request, user: User
    ) -> Change[Volume | Job]:
        """Fill a volume with the raw bytes of the body; one that does not exist is made. Content-Range goes on."""
        part = piece(request.content_length, request.headers.get("Content-Range"))
        return self._transfers.upload(host, pool, volume, part=part, body=request.stream, query=query, user=user)
