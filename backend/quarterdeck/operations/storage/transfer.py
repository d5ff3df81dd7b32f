"""Uploads into volumes and downloads from them, as raw bytes.

libvirt cannot rename a volume, and counts nothing: an upload of which half was sent ends without an error. So an
empty volume named after PARTIAL, with the full size as its capacity, stands beside the one that is being filled
until the last byte is in; whoever looks can tell that it is not whole, whatever happened to this process.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from pydantic import Field, ValidationError
from werkzeug.datastructures import Headers
from werkzeug.http import parse_if_range_header, parse_range_header, quote_etag

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.create import VolumeName
from ...model.faults import in_words
from ...model.patterns import SHA256
from ...model.storage import Volume, read_volume
from ...model.strict import Value
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from ..patience import connected, reread_if_free
from . import partial
from .storage import Storage, no_space

log = logging.getLogger(__name__)
PIECE = 1 << 20
RESUME_MARGIN = 16 << 20
"""So much of what was sent before a crash may not have reached the disk."""
KIND = "upload"


class UploadQuery(Value):
    """`keep_partial` keeps what came of a cut upload, to go on later; `sha256` is checked at the end."""

    keep_partial: bool = Field(False, description="Keep what came of a cut upload, to go on with Content-Range")
    sha256: Annotated[str, Field(pattern=SHA256)] | None = Field(
        None, description="Checksum that the whole file must have, in hexadecimal digits"
    )


class Name(Value):
    """Checks the name of a volume."""

    name: VolumeName


class Body(Protocol):
    """Where the bytes of a request come from."""

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True)
class Piece:
    """The part of a volume that a request brings: `length` bytes from `start` of `total`."""

    start: int
    length: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether the volume is whole afterwards."""
        return self.start + self.length == self.total


def piece(length: int | None, content_range: str | None) -> Piece:
    """What a request brings, from its Content-Length and Content-Range (RFC 9110, 14.4)."""
    if length is None:
        raise Problem("length-required", "The upload does not say how long it is.")
    if content_range is None:
        return Piece(0, length, length)
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range)
    start, end, total = (int(number) for number in found.groups()) if found else (0, -2, 0)
    if end - start + 1 != length or end >= total:
        raise Problem("invalid-input", "Content-Range and Content-Length do not fit each other.")
    return Piece(start, length, total)


@dataclass(frozen=True)
class _Upload:
    """One request's part of an upload; `fresh` when it makes the volume."""

    host: str
    pool: str
    name: str
    part: Piece
    body: Body
    query: UploadQuery
    fresh: bool

    @property
    def place(self) -> tuple[str, str, str]:
        return self.host, self.pool, self.name

    @property
    def kept(self) -> bool:
        """Whether what came stays when the upload is cut."""
        return self.query.keep_partial or not self.fresh


@dataclass(frozen=True)
class Download:
    """Bytes of a volume as they come, the headers that go with them, and whether they are all of them (200)."""

    content: Iterator[bytes]
    headers: dict[str, str]
    status: int = 200


class Transfers:
    """All uploads and downloads. At most `limit` uploads run at once."""

    def __init__(self, hosts: Hosts, storage: Storage, jobs: Jobs, limit: int) -> None:
        self._hosts = hosts
        self._storage = storage
        self._uploads = storage.uploads
        self._jobs = jobs
        self._places = threading.BoundedSemaphore(limit)
        jobs.adopt(KIND, self._adopt)

    def upload(
        self, host: str, pool: str, name: str, *, part: Piece, body: Body, query: UploadQuery, user: User
    ) -> Change[Volume | Job]:
        """Fill a volume, new or existing. The volume when it is whole, else the job, which tells how far it is."""
        fresh = self._check(host, pool, _checked(name), part)
        plan = Plan(commands=[shlex.join(["virsh", "vol-upload", "--pool", pool, name, "FILE"])])
        return Change(plan, lambda: self._apply(_Upload(host, pool, name, part, body, query, fresh), user))

    def _apply(self, upload: _Upload, user: User) -> Volume | Job:
        if not self._places.acquire(blocking=False):
            raise Problem("overloaded", "Too many uploads run just now.", cure="Wait until one of them has ended.")
        try:
            job = self._run(upload, user)
        finally:
            self._places.release()
        if job.problem:
            raise _as_problem(job)
        return self._storage.volume(*upload.place) if upload.part.is_last else job

    def _check(self, host: str, pool: str, name: str, part: Piece) -> bool:
        """Whether the volume is new; Problem where the upload cannot be. Reads nothing of the body."""
        row = self._storage.running(host, pool, "upload")
        known = next((volume for volume in self._storage.volumes(host, pool) if volume.name == name), None)
        if part.start:
            _refuse_gap(part, known.partial.received_bytes if known and known.partial else None)
            return False
        needed = part.total - (known.allocation_bytes if known else 0)
        if needed > row.available:
            raise no_space("/size", row, part.total)
        if known is None:
            self._storage.check_act(host, pool, "create")
            return True
        if any(r.active and r.name in known.used_by for r in self._hosts.get(host).domains.rows()):
            raise Problem("in-use", f"{name} is used by {', '.join(known.used_by)}, which is on.")
        self._storage.refuse_link(host, known.path)
        return known.partial is not None  # what was cut is begun anew

    def _run(self, upload: _Upload, user: User) -> Job:
        params = {"pool": upload.pool, "volume": upload.name, "kept": upload.kept}
        target = f"{upload.pool}/{upload.name}"
        work = functools.partial(self._work, upload)
        job = self._jobs.start(
            KIND, host=upload.host, target=target, target_name=upload.name, user=user.name, work=work, params=params
        )
        return self._jobs.wait(job.id)

    def _work(self, upload: _Upload, handle: JobHandle) -> dict[str, Any]:
        part, volumes = upload.part, self._hosts.get(upload.host).volumes
        self._make(handle, upload)
        digest, received, end = hashlib.sha256(), part.start, part.start + part.length
        empty = upload.fresh or part.start > 0  # where it is to be, nothing else was before
        with volumes.upload(upload.pool, upload.name, part.length, part.start, sparse=empty) as writer:
            while received < end and (data := _read(handle, upload, min(PIECE, end - received))):
                writer.write(data)
                digest.update(data)
                received += len(data)
                self._uploads.note(upload.place, received)
                handle.progress(received / part.total, phase="upload", received_bytes=received, total_bytes=part.total)
        # leaving the block without an error makes the host write down all that it has, also of a cut upload
        if received < end:
            self._cut(handle, upload, received)
        if part.is_last:
            self._finish(handle, upload, digest.hexdigest() if not part.start else None)
        handle.undo.pop_all()
        self._storage.changed(upload.host, self._hosts.get(upload.host).pools.row(upload.pool))
        return {"pool": upload.pool, "volume": upload.name, "received_bytes": received}

    def _make(self, handle: JobHandle, upload: _Upload) -> None:
        host, pool, name = upload.place
        volumes, size = self._hosts.get(host).volumes, upload.part.total
        known = next((row for row in volumes.rows(pool) if row.name == name), None)
        if upload.fresh:
            partial.remove_unfinished(self._hosts.get(host), pool, name)  # one that somebody made meanwhile stays
            self._uploads.forget(upload.place)
            handle.undo.callback(self._uploads.forget, upload.place)
            partial.make(self._hosts.get(host), pool, name, size, handle.undo)
            self._storage.changed(host, self._hosts.get(host).pools.row(pool))
        elif known and known.capacity < size:
            volumes.resize(pool, name, size)

    @staticmethod
    def _cut(handle: JobHandle, upload: _Upload, received: int) -> None:
        if upload.kept:
            handle.undo.pop_all()
        raise Problem(
            "cancelled" if handle.cancelled else "upload-cut",
            f"The upload ended after {received} of {upload.part.total} bytes.",
            cure="Send the rest with Content-Range." if upload.kept else "Send it again.",
            received_bytes=received if upload.kept else 0,
        )

    def _finish(self, handle: JobHandle, upload: _Upload, have: str | None) -> None:
        """Check the sum, take the marker away, and let libvirt find out what the volume is."""
        host, pool, name = upload.place
        wanted = upload.query.sha256
        if wanted:
            if have is None:
                digest = hashlib.sha256()
                for data in self._hosts.get(host).volumes.download(pool, name, 0, upload.part.total):
                    digest.update(data)
                have = digest.hexdigest()
            if have != wanted.lower():
                handle.undo.pop_all()  # all of it goes at once, also what came with earlier requests
                self._storage.remove(host, pool, name)
                wrong = "The checksum does not fit: what arrived is not what was meant. It was deleted."
                raise Problem("invalid-input", wrong, errors=[FieldError("/sha256", f"It is {have}.")])
        partial.drop_marker(self._hosts.get(host), pool, name)
        self._uploads.forget(upload.place)
        reread_if_free(self._hosts.get(host), pool)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """After a restart: keep what can be gone on with, remove the rest."""
        host, pool, name = job.host, params["pool"], params["volume"]
        connected(handle, self._hosts.get(host))
        received = max(int(job.details.get("received_bytes", 0)) - RESUME_MARGIN, 0)
        if params["kept"]:
            self._uploads.note((host, pool, name), received)
        else:
            partial.remove_unfinished(self._hosts.get(host), pool, name)
        raise Problem("interrupted", "Quarterdeck was restarted during the upload.", received_bytes=received)

    def download(self, host: str, pool: str, name: str, wanted: Headers) -> Download:
        """The raw bytes of a volume, or the part of them that the headers ask for (RFC 9110, 14.2)."""
        self._storage.running(host, pool, "download")
        volumes = self._hosts.get(host).volumes
        row, facts = volumes.row(pool, name), read_volume(volumes.xml(pool, name))
        self._storage.refuse_link(host, row.path)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        size = facts.physical if facts.physical is not None else row.capacity if row.type == "block" else None
        if size is None:
            return Download(volumes.download(pool, name), headers)
        headers |= {"Accept-Ranges": "bytes", "ETag": quote_etag(f"{size:x}-{facts.written}")}
        start, end = _range(wanted, headers["ETag"], size) or (0, size)
        headers["Content-Length"] = str(end - start)
        if (start, end) == (0, size):
            return Download(volumes.download(pool, name), headers)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return Download(volumes.download(pool, name, start, end - start), headers, 206)

    def head(self, host: str, pool: str, name: str, size: int) -> bytes:
        """The first bytes of a volume."""
        volumes = self._hosts.get(host).volumes
        row = volumes.row(pool, name)
        self._storage.refuse_link(host, row.path)
        if not row.capacity:  # a length of 0 would mean all of it
            return b""
        return b"".join(volumes.download(pool, name, 0, min(size, row.capacity)))[:size]


def _range(wanted: Headers, etag: str, size: int) -> tuple[int, int] | None:
    """Where the part that is asked for begins and ends; None for all of it."""
    asked, held = parse_range_header(wanted.get("Range")), parse_if_range_header(wanted.get("If-Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1 or held.date:
        return None
    if held.etag is not None and quote_etag(held.etag) != etag:
        return None
    found = asked.range_for_length(size)
    if found is None:
        raise Problem("no-such-range", f"The volume has {size} bytes, so there is nothing where you ask for more.")
    return found


def _as_problem(job: Job) -> Problem:
    told = Problem.from_dict(job.problem or {})
    told.extra["job"] = job.id
    return told


def _checked(name: str) -> str:
    try:
        return Name(name=name).name
    except ValidationError as error:
        raise field_problem("/name", in_words(error.errors()[0], Name)) from error


def _refuse_gap(part: Piece, received: int | None) -> None:
    if received != part.start:
        here = f"{received} bytes are here." if received is not None else "there is none to go on with."
        detail = f"The upload cannot go on at byte {part.start}: {here}"
        raise Problem("wrong-state", detail, received_bytes=received)


def _read(handle: JobHandle, upload: _Upload, size: int) -> bytes:
    """The next bytes; none when the sender is gone, or when the job was cancelled and what came is kept."""
    if handle.cancelled and upload.kept:
        return b""
    handle.check()
    try:
        return upload.body.read(size)
    except Exception:  # each server's stream raises errors of its own
        log.info("upload of %s was cut", upload.name, exc_info=True)
        return b""
