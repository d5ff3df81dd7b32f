"""A file of another server as a volume: fetched by an errand, through libvirt's upload, so that every pool takes it."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.image import read_qcow2
from ...model.storage import VolumeDownload, formats_of, is_thin, read_pool
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from ..errands import Bench, Errands
from ..fetching.fence import checked_url
from ..fetching.fetch import Fetcher
from ..fetching.source import PIECE, Meter, Source, told
from ..fetching.unpacking import SUFFIXES, packing_of, unpacked
from ..patience import reread_if_free
from . import partial
from .storage import Storage, no_space
from .transfer import Name

DOWNLOAD = "download"
ISO_MAGIC = b"CD001"
ISO_MAGIC_AT = 0x8001
RESERVE = 1 << 30
"""What this server keeps free for itself, in bytes."""
ZSTD = b"\x28\xb5\x2f\xfd"


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
        for act in ("create", "upload"):
            self._storage.check_act(host, pool, act)
        self._storage.check_free(host, pool, name)
        kind = read_pool(self._hosts.get(host).pools.xml(pool)).type
        if request.format == "qcow2" and "qcow2" not in formats_of(kind):
            raise field_problem("/format", f"A pool of type {kind} holds raw volumes only.")
        plain = parts.scheme != "https" and not request.checksum
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
        whole = PurePosixPath(unquote(PurePosixPath(path).name))
        return Name(name=whole.stem if whole.suffix in SUFFIXES else whole.name).name
    except ValidationError:
        raise field_problem("/name", "The address does not end in a usable file name: give a name.") from None


def _commands(request: VolumeDownload, pool: str, name: str) -> list[str]:
    file, packing = shlex.quote(name), SUFFIXES.get(PurePosixPath(checked_url(request.url).path).suffix)
    came = shlex.quote(f"{name}.{packing}") if packing else file
    commands = [f"curl -fL -o {came} {shlex.quote(request.url)}"]
    if request.checksum:
        kind, _, digits = request.checksum.partition(":")
        commands.append(f"echo {digits} {came} | {kind}sum -c")
    commands += [f"{packing} -dc {came} > {file}"] if packing else []
    commands.append(f"virsh vol-create-as {shlex.quote(pool)} {file} $(stat -c %s {file}) --format raw")
    return [*commands, f"virsh vol-upload --pool {shlex.quote(pool)} {file} {file}"]


def finish_download(host: Host, params: dict[str, Any]) -> None:
    """Take the sign away that the volume is not whole."""
    partial.drop_marker(host, params["pool"], params["name"])


def undo_download(host: Host, params: dict[str, Any]) -> None:
    """Remove what a download that died left."""
    partial.remove_unfinished(host, params["pool"], params["name"])


def work_download(bench: Bench) -> dict[str, Any]:
    """Fetch the file into its volume, unpacked where it is packed; what came, with its checksum."""
    params, job = bench.params, bench.job
    source = Source(Fetcher(bench.config), params["url"], job, bench.config)
    job.on_cancel(source.close)
    source.open()
    kind = str(params["checksum"] or "sha256:").partition(":")[0]
    digest = hashlib.new(kind)
    came = _summed(told(source.pieces(), Meter(job, source.size)), digest)
    first = next(came, b"")
    packing = packing_of(first)
    content = _chained(first, came)
    content = unpacked(packing, content) if packing else content
    head = next(content, b"")
    form = check_head(head, params["format"])
    size, content = None if packing else source.size, _chained(head, content)
    if size is None and not _grows(bench):  # each volume of the pool has a fixed size
        aside = bench.folder / "content"
        size = set_aside(aside, content, source.check_limit)
        content = read_back(bench, aside, size)
    size = store(bench, params["name"], source, size, content)
    for _trailing in came:  # behind what was packed; the checksum counts it
        pass
    job.progress(1.0, phase="check")
    checksum = f"{kind}:{digest.hexdigest()}"
    _check_sum(params["checksum"], checksum)
    job.check()
    reread_if_free(bench.host, params["pool"])
    return {"pool": params["pool"], "volume": params["name"], "size_bytes": size, "format": form, "checksum": checksum}


def store(bench: Bench, name: str, source: Source, size: int | None, content: Iterator[bytes]) -> int:
    """Write what comes into a new volume, which goes when the job is undone; how many bytes it was.

    What is zero takes no space in a file, which grows with what comes where nobody knows how many that is.
    """
    host, pool = bench.host, bench.params["pool"]
    row = host.pools.row(pool)
    if (size or 0) > row.available:
        raise no_space("/url", row, size or 0)
    written = 0
    partial.make(host, pool, name, size or 0, bench.job.undo)
    with host.volumes.upload(pool, name, size or 0, sparse=True) as writer:
        for piece in content:
            written += len(piece)
            source.check_limit(written)
            if written > row.available:
                raise no_space("/url", row, written)
            writer.write(piece)
    return written


def _grows(bench: Bench) -> bool:
    return is_thin(read_pool(bench.host.pools.xml(bench.params["pool"])).type)


def set_aside(path: Path, content: Iterator[bytes], check: Callable[[int], None]) -> int:
    """Write all of something into a file of this server, where what is zero takes no space; how long it is.

    `check` hears each length on the way. Problem `no-space` before this server itself has too little.
    """
    free = shutil.disk_usage(path.parent).free - RESERVE
    with path.open("wb") as file:
        for piece in content:
            check(file.tell() + len(piece))
            if piece == bytes(len(piece)):
                file.seek(len(piece), os.SEEK_CUR)
                continue
            free -= file.write(piece)
            if free < 0:
                detail = "How large it becomes shows only at its end, and until then this server has no room for it."
                raise Problem("no-space", detail, cure="Download it into a pool of files, and copy the volume.")
        return file.truncate()


def read_back(bench: Bench, path: Path, size: int) -> Iterator[bytes]:
    """The pieces of a file that lies on this server; the job is told as they pass, and ends when somebody cancels."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            bench.job.check()
            bench.job.progress(file.tell() / size, phase="copy")
            yield piece


def _summed(pieces: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def check_head(head: bytes, wanted: str | None) -> str:
    """What a file is by its first bytes; Problem where that is not what was wanted, or names other files."""
    if head.startswith(ZSTD):
        words = "The file is packed by zstd, which is not unpacked here."
        raise Problem("unsupported", words, cure="Look whether there is one packed by xz or gzip, or not at all.")
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
        raise Problem("invalid-input", detail, errors=[FieldError("/checksum", f"What arrived has {have}.")])
