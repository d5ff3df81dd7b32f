"""The volumes of one host's pools. Each method is one act of libvirt; a volume is named by pool and name."""

from __future__ import annotations

import contextlib
import io
import os
import posixpath
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import libvirt

from ..model.moving import is_lent
from ..problems import Problem
from . import links
from .errors import RPC
from .parts import Connections
from .pools import lookup_pool
from .silent import ALL, StorageCalls, bounded

T = TypeVar("T")
VolumeType = Literal["file", "block", "dir", "network", "netdir", "ploop", "unknown"]
TYPES: tuple[VolumeType, ...] = ("file", "block", "dir", "network", "netdir", "ploop")
HOLE = -3  # what recvFlags gives where a hole begins
WINDOW = 8 << 20  # so much of a download may wait in memory for whoever takes it
CHUNK = 262_120  # the largest piece that one message of libvirt's protocol carries


@dataclass(frozen=True)
class VolumeRow:
    """A volume without its XML. Sizes are bytes."""

    name: str
    key: str
    path: str
    type: VolumeType
    capacity: int
    allocation: int


class Writer:
    """Takes the bytes of an upload, in order; in a sparse one what is zero takes no space."""

    def __init__(self, stream: libvirt.virStream, *, sparse: bool = False) -> None:
        self._stream = stream
        self._sparse = sparse
        self._hole = 0

    def write(self, data: bytes) -> None:
        """Send all of it; blocks while the host is slower."""
        if self._sparse and data == bytes(len(data)):
            self._hole += len(data)
            return
        self.end_hole()
        view = memoryview(data)
        while view:
            sent = self._stream.send(bytes(view[:CHUNK]))
            view = view[sent:]

    def end_hole(self) -> None:
        """Tell of the zeros that came so far."""
        if self._hole:
            self._stream.sendHole(self._hole)
            self._hole = 0


class Volumes:
    """All volumes of a host."""

    def __init__(self, host: Connections, calls: StorageCalls) -> None:
        self._host = host
        self.calls = calls

    @contextlib.contextmanager
    def _volume(self, pool: str, name: str, *, long: bool = False) -> Iterator[libvirt.virStorageVol]:
        with self._host.fresh() if long else self._host.storage() as conn:
            yield lookup_pool(conn, pool).storageVolLookupByName(name)

    @bounded()
    def rows(self, pool: str) -> list[VolumeRow]:
        """All volumes of a running pool, as of its last refresh."""
        with self._host.storage() as conn:
            found = lookup_pool(conn, pool).listAllVolumes()
            return list(_rows(found))

    @bounded()
    def names(self, pool: str) -> list[str]:
        """The names of all volumes of a running pool: one call, however many there are."""
        with self._host.storage() as conn:
            return [str(volume.name()) for volume in lookup_pool(conn, pool).listAllVolumes()]

    @bounded()
    def described(self, pool: str) -> list[tuple[VolumeRow, str]]:
        """All volumes of a running pool with their XML."""
        with self._host.storage() as conn:
            found: list[tuple[VolumeRow, str]] = []
            for volume in lookup_pool(conn, pool).listAllVolumes():
                with _unless_gone():
                    found.append((_row(volume), str(volume.XMLDesc(0))))
            return found

    @bounded()
    def row(self, pool: str, name: str) -> VolumeRow:
        """One volume."""
        with self._volume(pool, name) as volume:
            return _row(volume)

    def at(self, path: str) -> tuple[str, VolumeRow] | None:
        """The name of the pool and the volume at a path of the host; None where no running pool has it."""
        if self.calls.overdue():
            return self._at_one_by_one(path)
        return self.calls.about(ALL, lambda: self._at(path))

    def _at_one_by_one(self, path: str) -> tuple[str, VolumeRow] | None:
        silent = self.calls.overdue()
        for uuid, name in self.calls.names.items():
            with contextlib.suppress(Problem):  # stopped, or silent
                found = next((row for row in self.rows(uuid) if row.path == path), None)
                if found:
                    return name, found
        raise self.calls.silent(next(iter(silent), ALL))

    def _at(self, path: str) -> tuple[str, VolumeRow] | None:
        with self._host.storage() as conn:
            try:
                volume = conn.storageVolLookupByPath(path)
                return str(volume.storagePoolLookupByVolume().name()), _row(volume)
            except libvirt.libvirtError as error:
                if error.get_error_code() in (libvirt.VIR_ERR_NO_STORAGE_VOL, libvirt.VIR_ERR_NO_STORAGE_POOL):
                    return None  # the second where the pool ended between both questions
                raise

    def kept_at(self, path: str) -> tuple[str, VolumeRow] | None:
        """The same, but for pools that only lend a folder for a time: somebody else may end them at any moment."""
        found = self.at(path)
        return None if found and is_lent(found[0], posixpath.dirname(path)) else found

    @bounded()
    def xml(self, pool: str, name: str) -> str:
        """The description of a volume: format, backing file, permissions."""
        with self._volume(pool, name) as volume:
            return str(volume.XMLDesc(0))

    def create(self, pool: str, xml: str, *, preallocate: bool = False) -> VolumeRow:
        """A new volume. A qcow2 takes the space that its XML allocates only where `preallocate` says so too."""
        flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if preallocate else 0
        with self._host.fresh() as conn:
            return _row(lookup_pool(conn, pool).createXML(xml, flags))

    def create_from(self, pool: str, xml: str, source_pool: str, source: str, *, reflink: bool = False) -> VolumeRow:
        """A new volume with the content of another; the format may differ. Takes long and cannot be cancelled."""
        flags = libvirt.VIR_STORAGE_VOL_CREATE_REFLINK if reflink else 0
        with self._host.fresh() as conn:
            origin, target = lookup_pool(conn, source_pool).storageVolLookupByName(source), lookup_pool(conn, pool)
            copy = self._known(origin, lambda: target.createXMLFrom(xml, origin, flags), lambda made: made.delete(0))
            return _row(copy)

    def copy(
        self,
        origin: tuple[str, str],
        to: tuple[str, str],
        length: int,
        told: Callable[[int], None],
        there: Volumes | None = None,
    ) -> None:
        """Copy the raw bytes of a file or device into another, holes of files as holes; each is a pool and a name.

        `there` is where `to` lies, if that is another host. `told` hears how many bytes went over, without holes;
        what it raises ends the copy at once.
        """
        beyond = there or self
        with self._host.fresh() as near, beyond._host.fresh() as far:
            source = lookup_pool(near, origin[0]).storageVolLookupByName(origin[1])
            target = lookup_pool(far, to[0]).storageVolLookupByName(to[1])
            sparse = source.info()[0] == target.info()[0] == libvirt.VIR_STORAGE_VOL_FILE
            with (
                _closed(beyond._upload(far, target, 0, length, sparse=sparse)) as stream,
                contextlib.closing(self._pieces(near, source, sparse=sparse)) as pieces,
            ):
                writer, done = Writer(stream), 0
                for piece in pieces:
                    if isinstance(piece, int):
                        stream.sendHole(piece)
                    else:
                        writer.write(piece)
                        done += len(piece)
                    told(done)
                stream.finish()
            del source, target, writer, stream

    @bounded()
    def physical(self, pool: str, name: str) -> int:
        """How many bytes its file has, or its block device; not what a guest sees of it."""
        with self._volume(pool, name) as volume:
            return int(volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2])

    def piece(self, pool: str, name: str, offset: int, length: int) -> bytes:
        """So many raw bytes from a place on."""
        return b"".join(self.download(pool, name, offset, length)) if length else b""

    def fetch(self, pool: str, name: str, path: Path, told: Callable[[int], None], *, offset: int, length: int) -> None:
        """Write the raw bytes of a volume, or a part of it, into a file here; holes stay holes."""
        with self._host.fresh() as conn, path.open("wb", buffering=0) as file:
            volume = lookup_pool(conn, pool).storageVolLookupByName(name)
            whole = not (offset or length) and volume.info()[0] == libvirt.VIR_STORAGE_VOL_FILE
            with contextlib.closing(self._pieces(conn, volume, offset, length, sparse=whole)) as pieces:
                for piece in pieces:
                    if isinstance(piece, int):
                        file.seek(piece, os.SEEK_CUR)
                    else:
                        file.write(piece)
                    told(file.tell())
            file.truncate(file.tell())
            del volume

    def put(self, pool: str, name: str, path: Path, told: Callable[[int], None]) -> None:
        """Fill a volume with the raw bytes of a file here; holes stay holes where the volume is a file."""
        with self._host.fresh() as conn, path.open("rb", buffering=0) as file:
            size = path.stat().st_size
            volume = lookup_pool(conn, pool).storageVolLookupByName(name)
            sparse = volume.info()[0] == libvirt.VIR_STORAGE_VOL_FILE
            stream = self._upload(conn, volume, 0, size, sparse=sparse)
            try:
                _send(file, size, stream, told, sparse=sparse)
                stream.finish()
            except BaseException:
                _abort(stream)
                raise
            finally:
                del stream, volume

    @bounded()
    def delete(self, pool: str, name: str) -> None:
        """Delete it with its data."""
        with self._volume(pool, name) as volume:
            volume.delete(0)

    def wipe(self, pool: str, name: str, algorithm: str = "zero") -> None:
        """Overwrite its data, in libvirt's word for how; takes long."""
        with self._volume(pool, name, long=True) as volume:
            pattern = getattr(libvirt, f"VIR_STORAGE_VOL_WIPE_ALG_{algorithm.upper()}")
            self._known(volume, lambda: volume.wipePattern(pattern, 0))

    def resize(self, pool: str, name: str, capacity: int, *, shrink: bool = False) -> None:
        """Give it another capacity in bytes; only for disks that no running machine uses."""
        flags = libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK if shrink else 0
        with self._volume(pool, name, long=True) as volume:
            self._known(volume, lambda: volume.resize(capacity, flags))

    @contextlib.contextmanager
    def upload(self, pool: str, name: str, length: int, offset: int = 0, *, sparse: bool = False) -> Iterator[Writer]:
        """Write so many raw bytes into a volume; leaving the block by an error ends the upload at once.

        `length` 0 means as many as come: a file grows with them. `sparse` is for one that holds nothing there yet.
        """
        with self._host.fresh() as conn:
            volume = lookup_pool(conn, pool).storageVolLookupByName(name)
            sparse = sparse and volume.info()[0] == libvirt.VIR_STORAGE_VOL_FILE
            stream = self._upload(conn, volume, offset, length, sparse=sparse)
            writer = Writer(stream, sparse=sparse)
            try:
                yield writer
                writer.end_hole()
                stream.finish()
            except BaseException:
                _abort(stream)
                raise
            finally:
                del stream, volume

    def download(self, pool: str, name: str, offset: int = 0, length: int = 0) -> Iterator[bytes]:
        """The raw bytes of a volume, piece by piece; `length` 0 means to its end."""
        with self._host.fresh() as conn:
            volume = lookup_pool(conn, pool).storageVolLookupByName(name)
            with contextlib.closing(self._pieces(conn, volume, offset, length)) as pieces:
                for piece in pieces:
                    yield piece if isinstance(piece, bytes) else bytes(piece)
            del volume

    def _known(
        self, volume: libvirt.virStorageVol, act: Callable[[], T], end: Callable[[T], object] | None = None
    ) -> T:
        """What an act of libvirt gives that opens the volume by its name and cannot be stopped."""
        return links.known(volume.path(), act, end) if self._host.spec.transport == "local" else act()

    def _stream(self, conn: libvirt.virConnect, path: str, begin: Callable[[libvirt.virStream], object]) -> Any:
        """A stream that `begin` joins to the volume at a path, by which libvirt opens it."""

        def begun() -> libvirt.virStream:
            stream = conn.newStream(0)
            begin(stream)
            return stream

        return links.steadily(path, begun, _abort) if self._host.spec.transport == "local" else begun()

    def _upload(
        self, conn: libvirt.virConnect, volume: libvirt.virStorageVol, offset: int, length: int, *, sparse: bool
    ) -> libvirt.virStream:
        flags = libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM if sparse else 0
        return self._stream(conn, volume.path(), lambda stream: volume.upload(stream, offset, length, flags))

    def _pieces(
        self,
        conn: libvirt.virConnect,
        volume: libvirt.virStorageVol,
        offset: int = 0,
        length: int = 0,
        *,
        sparse: bool = False,
    ) -> Generator[bytes | int, None, None]:
        """The raw bytes of a volume as they are asked for, in a sparse stream with the length of each hole.

        Asked for window by window: what a stream brings piles up in memory where it is taken more slowly, since the
        event loop reads each connection (virnetclientstream.c knows no limit).
        """
        flags = libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM if sparse else 0
        end, path = offset + length if length else None, volume.path()
        while end is None or offset < end:
            window = WINDOW if end is None else min(WINDOW, end - offset)
            got, begin = 0, partial(volume.download, offset=offset, length=window, flags=flags)
            with _closed(self._stream(conn, path, begin)) as stream:
                while (data := stream.recvFlags(CHUNK, libvirt.VIR_STREAM_RECV_STOP_AT_HOLE if sparse else 0)) != b"":
                    piece = stream.recvHole() if data == HOLE else data
                    got += piece if isinstance(piece, int) else len(piece)
                    yield piece
                stream.finish()
            offset += got
            if got < window:
                return


@contextlib.contextmanager
def _closed(stream: libvirt.virStream) -> Iterator[libvirt.virStream]:
    """The stream, which ends at once where the block is left by an error."""
    try:
        yield stream
    except BaseException:
        _abort(stream)
        raise


def _send(file: io.FileIO, size: int, stream: libvirt.virStream, told: Callable[[int], None], *, sparse: bool) -> None:
    """All of a file; raw, since a buffered file gives wrong bytes after SEEK_HOLE."""
    writer, at = Writer(stream), 0
    while at < size:
        try:
            data = os.lseek(file.fileno(), at, os.SEEK_DATA) if sparse else at
        except OSError:  # ENXIO: nothing but a hole is left
            data = size
        if data > at:
            stream.sendHole(data - at)
        end = os.lseek(file.fileno(), data, os.SEEK_HOLE) if sparse and data < size else size
        file.seek(data)
        while (at := file.tell()) < end:
            writer.write(file.read(min(CHUNK, end - at)))
            told(file.tell())
        at = max(data, end)
        told(at)


def _abort(stream: libvirt.virStream) -> None:
    with contextlib.suppress(libvirt.libvirtError):
        stream.abort()


@contextlib.contextmanager
def _unless_gone() -> Iterator[None]:
    """Leave a volume out that was deleted in the meantime; not all of them because the host is lost."""
    try:
        yield
    except libvirt.libvirtError as error:
        if error.get_error_domain() == RPC:
            raise


def _rows(volumes: list[libvirt.virStorageVol]) -> Iterator[VolumeRow]:
    for volume in volumes:
        with _unless_gone():
            yield _row(volume)


def _row(volume: libvirt.virStorageVol) -> VolumeRow:
    kind, capacity, allocation = volume.info()
    return VolumeRow(
        name=volume.name(),
        key=volume.key(),
        path=volume.path(),
        type=TYPES[kind] if 0 <= kind < len(TYPES) else "unknown",
        capacity=capacity,
        allocation=allocation,
    )
