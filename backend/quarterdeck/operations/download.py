"""A file of another server as a volume: fetched by an errand, through libvirt's upload, so that every pool takes it."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from ..access import User
from ..config import Config
from ..hypervisor.host import Host
from ..hypervisor.hosts import Hosts
from ..jobs import Job, JobHandle
from ..model.image import read_qcow2
from ..model.storage import VolumeDownload, formats_of, read_pool
from ..model.units import human_size
from ..plan import Change, Plan
from ..problems import FieldError, Problem, field_problem
from . import partial
from .errands import Bench, Errands
from .fetch import Fetcher, Reply, checked_url
from .media import GIB, Storage, no_space
from .transfer import Name

DOWNLOAD = "download"
PIECE = 1 << 20
RATE_SECONDS = 10.0
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
ISO_MAGIC = b"CD001"
ISO_MAGIC_AT = 0x8001


class Downloads:
    """Sends errands out that fetch files into pools."""

    def __init__(self, hosts: Hosts, storage: Storage, errands: Errands) -> None:
        self._hosts = hosts
        self._storage = storage
        self._errands = errands

    def start(self, host: str, pool: str, request: VolumeDownload, user: User) -> Change[Job]:
        """Fetch a file into a new volume. The plan asks no other server, so it does not know how large the file is."""
        parts = checked_url(request.url)
        name = request.name or _proposed(parts.path)
        row = self._storage.running(host, pool)
        self._storage.check_free(host, pool, name)
        kind = read_pool(self._hosts.get(host).pools.xml(pool)).type
        if request.format == "qcow2" and "qcow2" not in formats_of(kind):
            raise field_problem("/format", f"A pool of type {kind} holds raw volumes only.")
        plain = parts.scheme == "http" and not request.checksum
        warnings = ["Without encryption and checksum nobody can tell whether the file is what it should be."]
        params = {"pool": pool, "name": name, "format": request.format, "checksum": request.checksum}

        def apply() -> Job:
            return self._errands.start(
                DOWNLOAD,
                host=host,
                target=f"{pool}/{name}",
                target_name=name,
                user=user.name,
                params=params,
                unkept={"url": request.url},
            )

        return Change(Plan(commands=_commands(request, row.name, name), warnings=warnings if plain else []), apply)


def _proposed(path: str) -> str:
    """The name that an address gives to its file; Problem at `/name` where it gives none that is usable."""
    try:
        return Name(name=unquote(PurePosixPath(path).name)).name
    except ValidationError:
        raise field_problem("/name", "The address does not end in a usable file name: give a name.") from None


def _commands(request: VolumeDownload, pool: str, name: str) -> list[str]:
    file = shlex.quote(name)
    commands = [f"curl -fL -o {file} {shlex.quote(request.url)}"]
    if request.checksum:
        kind, _, digits = request.checksum.partition(":")
        commands.append(f"echo {shlex.quote(f'{digits}  {name}')} | {kind}sum -c")
    commands.append(f"virsh vol-create-as {shlex.quote(pool)} {file} $(stat -c %s {file}) --format raw")
    return [*commands, f"virsh vol-upload --pool {shlex.quote(pool)} {file} {file}"]


def undo_download(host: Host, params: dict[str, Any]) -> None:
    """Remove what a download that died left."""
    partial.remove_unfinished(host, params["pool"], params["name"])


def work_download(bench: Bench) -> dict[str, Any]:
    """Fetch the file into its volume; what came, with its checksum."""
    params, host, job = bench.params, bench.host, bench.job
    pool, name = params["pool"], params["name"]
    source = Source(Fetcher(bench.config), params["url"], job, bench.config)
    job.on_cancel(source.close)
    size = source.open()
    check_room(host, pool, size)
    pieces = source.pieces()
    first = next(pieces, b"")
    form = check_head(first, params["format"])
    kind = str(params["checksum"] or "sha256:").partition(":")[0]
    digest, meter = hashlib.new(kind), Meter(job, size)
    partial.make(host, pool, name, size, job.undo)
    with host.volumes.upload(pool, name, size) as writer:
        for piece in _chained(first, pieces):
            writer.write(piece)
            digest.update(piece)
            meter.add(len(piece))
    job.progress(1.0, phase="check")
    _check_sum(params["checksum"], f"{kind}:{digest.hexdigest()}")
    job.check()
    partial.drop_marker(host, pool, name)
    host.pools.refresh(pool)
    return {
        "pool": pool,
        "volume": name,
        "size_bytes": size,
        "format": form,
        "checksum": f"{kind}:{digest.hexdigest()}",
    }


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def check_room(host: Host, pool: str, size: int) -> None:
    """Problem `no-space` where so many bytes do not fit."""
    row = host.pools.row(pool)
    if size > row.available:
        raise no_space("/url", row, size)


def check_head(head: bytes, wanted: str | None) -> str:
    """What a file is by its first bytes; Problem where that is not what was wanted, or names other files."""
    header = read_qcow2(head)
    is_iso = head[ISO_MAGIC_AT : ISO_MAGIC_AT + len(ISO_MAGIC)] == ISO_MAGIC
    form = "qcow2" if header else "iso" if is_iso else "raw"
    if wanted and wanted != form and not (wanted == "raw" and form == "iso"):
        raise field_problem("/format", f"What lies there is no {wanted} image.", cure="Look at the address.")
    if header and (header.external_data or header.backing is not None):
        words = "The image stands on another file, which does not come along."
        raise field_problem("/url", words, cure="Choose an image that is whole.")
    return form


def _check_sum(wanted: str | None, have: str) -> None:
    if wanted and wanted.lower() != have:
        detail = "The checksum does not fit: what arrived is not what was meant. It was deleted."
        raise Problem("invalid-input", detail, errors=[FieldError("/checksum", f"It is {have}.")])


@dataclass
class Source:
    """A file of another server, read through cuts of the connection."""

    fetcher: Fetcher
    url: str
    job: JobHandle
    config: Config
    reply: Reply | None = None
    size: int = 0
    version: str = ""
    end: float = 0.0

    def open(self) -> int:
        """Ask for it; its size in bytes."""
        self.end = time.monotonic() + self.config.download_hours * 3600
        self.job.progress(None, phase="connect")
        self.reply = self.fetcher.open(self.url)
        self.job.check()
        size, limit = self.reply.total, self.config.download_limit_gib * GIB
        if size is None:
            raise Problem("download-failed", "The server does not say how long the file is, so it cannot be checked.")
        if size > limit:
            detail = f"The file has {human_size(size)}, and at most {human_size(limit)} are allowed."
            raise Problem("too-large", detail, cure="Raise the setting download_limit_gib.")
        if not size:
            raise Problem("download-failed", "The file is empty.")
        self.size, self.version = size, self.reply.version
        return size

    def pieces(self) -> Iterator[bytes]:
        """All bytes in order; Problem when they do not all come."""
        received, failures = 0, 0
        while received < self.size:
            self.job.check()
            if time.monotonic() > self.end:
                raise Problem("timed-out", f"It took longer than {self.config.download_hours} hours.")
            piece = self.reply.read(min(PIECE, self.size - received)) if self.reply else b""
            if piece:
                received, failures = received + len(piece), 0
                yield piece
                continue
            self.job.check()
            self._again(received, failures)
            failures += 1

    def _again(self, received: int, failures: int) -> None:
        """Go on after a cut, from where it was; the last failure is told."""
        if failures == len(PAUSES):
            raise Problem("download-failed", f"The connection broke again and again, at byte {received}.")
        self.job.log(f"The connection broke at byte {received}; it goes on in {PAUSES[failures]:g} s.")
        self.close()
        self.job.wait(PAUSES[failures])
        self.job.check()
        try:
            reply = self.fetcher.open(self.url, received, self.version)
        except Problem as problem:
            if problem.slug != "download-failed" or failures == len(PAUSES) - 1:
                raise
            self.reply = None
            return
        if reply.total != self.size or reply.version != self.version:
            reply.close()
            raise Problem("download-failed", "The file changed on the server while it was fetched.")
        self.reply = reply
        self._skip(received - reply.start)

    def _skip(self, count: int) -> None:
        """Pass over what is here already, where the server cannot begin in the middle."""
        while count and self.reply and (piece := self.reply.read(min(PIECE, count))):
            count -= len(piece)
            self.job.check()
        if count:
            self.reply = None

    def close(self) -> None:
        """End the connection, also from another thread."""
        if self.reply:
            self.reply.close()


class Meter:
    """Tells a job how far it is, how fast, and for how long still."""

    def __init__(self, job: JobHandle, total: int) -> None:
        self._job = job
        self._total = total
        self._received = 0
        self._seen: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def add(self, count: int) -> None:
        """So many bytes more are in."""
        self._received += count
        now = time.monotonic()
        self._seen.append((now, self._received))
        while now - self._seen[0][0] > RATE_SECONDS and len(self._seen) > 2:
            self._seen.popleft()
        since, before = self._seen[0]
        rate = (self._received - before) / max(now - since, 0.001)
        left = round((self._total - self._received) / rate, 1) if rate else None
        self._job.progress(
            self._received / self._total,
            phase="download",
            received_bytes=self._received,
            total_bytes=self._total,
            rate_bytes_s=round(rate),
            eta_seconds=left,
        )
