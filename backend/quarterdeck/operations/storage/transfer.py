"""Uploads into volumes and downloads from them, as raw bytes.

libvirt cannot rename a volume, and counts nothing: an upload of which half was sent ends without an error. So an
empty volume named after PARTIAL, with the full size as its capacity, stands beside the one that is being filled
until the last byte is in; whoever looks can tell that it is not whole, whatever happened to this process. What is
uploaded over a volume comes into one named after NEXT, and takes its place when it is whole (`replacing.py`).
"""

from __future__ import annotations

import functools
import hashlib
import logging
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from pydantic import Field, ValidationError
from werkzeug.datastructures import Headers
from werkzeug.http import quote_etag

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...jobs import Job, JobHandle, Jobs
from ...model.create import VolumeName
from ...model.faults import in_words
from ...model.patterns import SHA256
from ...model.pool_acts import refusals_of
from ...model.storage import NEXT, Volume, read_pool, read_volume
from ...model.strict import Value
from ...model.units import human_size
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from ..patience import connected, reread_if_free
from . import partial
from .ranges import Piece, asked_range
from .replacing import check_replaced, in_place_warning, is_placed, replace, replaced_warning
from .storage import Storage, no_space
from .uploads import KIND

log = logging.getLogger(__name__)
PIECE = 1 << 20
RESUME_MARGIN = 16 << 20
"""So much of what was sent before a crash may not have reached the disk."""
PLACING = "place"
"""The phase in which what came whole takes the place of what stood before."""


class UploadQuery(Value):
    """`keep_partial` keeps what came of a cut upload, to go on later; `sha256` is checked at the end."""

    keep_partial: bool = Field(False, description="Keep what came of a cut upload, to go on with Content-Range")
    sha256: Annotated[str, Field(pattern=SHA256)] | None = Field(
        None, description="Checksum that the whole file must have, in hexadecimal digits"
    )
    size: Annotated[int, Field(ge=0)] | None = Field(
        None, description="How many bytes the file has, to see the plan without sending it"
    )


class Name(Value):
    """Checks the name of a volume."""

    name: VolumeName


class Body(Protocol):
    """Where the bytes of a request come from."""

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True)
class _Upload:
    """One request's part of an upload into the volume `into`; `fresh` when it makes that.

    `into` is `name`, or what is to take its place.
    """

    host: str
    pool: str
    name: str
    part: Piece
    body: Body
    query: UploadQuery
    fresh: bool
    into: str

    @property
    def at_once(self) -> bool:
        """Whether it overwrites what stood before at once."""
        return not self.fresh and not self.part.start

    @property
    def place(self) -> tuple[str, str, str]:
        return self.host, self.pool, self.name

    @property
    def kept(self) -> bool:
        """Whether what came stays when the upload is cut."""
        return (self.query.keep_partial or not self.fresh) and not self.at_once


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
        row = self._storage.running(host, pool, "upload")
        if not part.total:
            raise field_problem("/size", "The file is empty.", cure="Choose another file, or make a new volume.")
        known, warnings = self._known(host, row.name, _checked(name)), list[str]()
        if part.start:
            coming = (known.partial or known.replacement) if known else None
            _refuse_gap(part, coming.received_bytes if coming else None)
            fresh, beside = False, known is not None and known.partial is None
        else:
            fresh, beside, warnings = self._begun(host, row, known, part.total)
        plan = Plan(commands=[shlex.join(["virsh", "vol-upload", "--pool", row.name, name, "FILE"])], warnings=warnings)
        upload = _Upload(host, row.name, name, part, body, query, fresh, NEXT + name if beside else name)
        return Change(plan, lambda: self._apply(upload, user))

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

    def _known(self, host: str, pool: str, name: str) -> Volume | None:
        return next((volume for volume in self._storage.volumes(host, pool) if volume.name == name), None)

    def _begun(self, host: str, row: PoolRow, known: Volume | None, size: int) -> tuple[bool, bool, list[str]]:
        """Whether an upload makes a volume, whether that is to replace another, and what to warn of.

        Problem where it cannot be. What was cut is begun anew.
        """
        if known is None or known.partial:
            self._storage.check_act(host, row.name, "create")
            if size - (known.allocation_bytes if known else 0) > row.available:
                raise no_space("/size", row, size)
            return True, False, []
        unknown = self._refuse(host, row.name, known.name)
        if "create" not in refusals_of(read_pool(self._hosts.get(host).pools.xml(row.name)).type):
            left = self._known(host, row.name, NEXT + known.name)
            check_replaced(row, known, size, left)
            if left:
                self._storage.delete(host, row.name, left.name)  # the problem where it cannot be
            return True, True, [replaced_warning(known, left), *unknown]
        if size > known.capacity_bytes:
            raise field_problem("/size", f"{known.name} has only {human_size(known.capacity_bytes)}.")
        return False, False, [in_place_warning(known), *unknown]

    def _refuse(self, host: str, pool: str, name: str) -> list[str]:
        """Problem where a volume cannot be overwritten; else warnings of who may lose by it."""
        known = self._known(host, pool, name)
        if known is None:
            return []
        if any(r.active and r.name in known.used_by for r in self._hosts.get(host).domains.rows()):
            raise Problem("in-use", f"{name} is used by {', '.join(known.used_by)}, which is on.")
        self._storage.refuse_link(host, known.path)
        owners = [f"{', '.join(known.used_by)} loses what it has there."] if known.used_by else []
        return owners + self._storage.guard.check_bases(known)

    def _run(self, upload: _Upload, user: User) -> Job:
        params = {"pool": upload.pool, "volume": upload.name, "into": upload.into, "kept": upload.kept}
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
        with volumes.upload(upload.pool, upload.into, part.length, part.start, sparse=empty) as writer:
            while received < end and (data := _read(handle, upload, min(PIECE, end - received))):
                writer.write(data)
                digest.update(data)
                received += len(data)
                self._uploads.note(upload.place, received, part.total)
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
        found = self._hosts.get(host)
        self._uploads.note(upload.place, upload.part.start, upload.part.total)
        handle.undo.callback(self._uploads.forget, upload.place)
        if upload.fresh:
            for left in (name, NEXT + name):
                partial.remove_unfinished(found, pool, left)  # one that somebody made meanwhile stays
            if upload.into != name and upload.into in found.volumes.names(pool):
                partial.remove(found, pool, upload.into)  # it was whole, and could not take its place
            partial.make(found, pool, upload.into, upload.part.total, handle.undo)
            self._storage.changed(host, found.pools.row(pool))

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
        """Check the sum, let it take its place, and let libvirt find out what the volume is."""
        host, pool, name = upload.place
        found = self._hosts.get(host)
        wanted = upload.query.sha256
        if wanted:
            if have is None:
                digest = hashlib.sha256()
                for data in found.volumes.download(pool, upload.into, 0, upload.part.total):
                    digest.update(data)
                have = digest.hexdigest()
            if have != wanted.lower():
                handle.undo.pop_all()  # all of it goes at once, also what came with earlier requests
                self._uploads.forget(upload.place)
                if not upload.at_once:
                    partial.remove(found, pool, upload.into)
                wrong = f"The checksum does not fit: what arrived is not what was meant. {_after_wrong(upload)}"
                raise Problem("invalid-input", wrong, errors=[FieldError("/sha256", f"What arrived has {have}.")])
        if upload.into != name:
            handle.progress(None, phase=PLACING)
            self._place(host, pool, name, upload.part.total, handle)
        partial.drop_marker(found, pool, name)
        self._uploads.forget(upload.place)
        reread_if_free(found, pool)

    def _place(self, host: str, pool: str, name: str, size: int, handle: JobHandle) -> None:
        replace(self._hosts.get(host), pool, name, size, handle, lambda: self._refuse(host, pool, name))

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """After a restart: keep what can be gone on with, let take its place what is whole, remove the rest."""
        host, pool, name = job.host, params["pool"], params["volume"]
        connected(handle, self._hosts.get(host))
        total = int(job.details.get("total_bytes", 0))
        if job.phase == PLACING:
            if is_placed(self._hosts.get(host), pool, name):
                partial.remove_unfinished(self._hosts.get(host), pool, NEXT + name)
            else:
                self._place(host, pool, name, total, handle)
            reread_if_free(self._hosts.get(host), pool)
            self._storage.touched(host, params)
            return {"pool": pool, "volume": name, "received_bytes": total}
        received = max(int(job.details.get("received_bytes", 0)) - RESUME_MARGIN, 0)
        if not params["kept"]:
            partial.remove_unfinished(self._hosts.get(host), pool, params["into"])
        elif total:
            self._uploads.note((host, pool, name), received, total)
        raise Problem("interrupted", "Quarterdeck was restarted during the upload.", received_bytes=received)

    def give_up(self, host: str, pool: str, name: str) -> Change[None]:
        """End an upload and remove what came of it; a volume that was there before stays."""
        row = self._storage.running(host, pool)
        place = host, row.name, name
        known = self._known(host, row.name, name)
        if not (self._uploads.runs(place) or (known and (known.partial or known.replacement))):
            raise Problem("not-found", f"No upload of {name} runs or was cut.")

        def apply() -> None:
            self._uploads.stop(place)
            for left in (name, NEXT + name):
                partial.remove_unfinished(self._hosts.get(host), row.name, left)
            self._uploads.forget(place)
            self._storage.changed(host, row)

        plan = Plan(warnings=[f"What came of the upload of {name} is removed."])
        return Change(plan, apply)

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
        start, end = asked_range(wanted, headers["ETag"], size) or (0, size)
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


def _as_problem(job: Job) -> Problem:
    told = Problem.from_dict(job.problem or {})
    told.extra["job"] = job.id
    return told


def _after_wrong(upload: _Upload) -> str:
    if upload.at_once:
        return f"What {upload.name} held before is overwritten with it."
    return "It was deleted." if upload.into == upload.name else f"It was deleted, and {upload.name} is as it was."


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
