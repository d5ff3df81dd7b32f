"""What an ISO 9660 medium holds: its label, from its first 64 KiB, and where a file lies in it.

Files are looked up one folder after another: pycdlib reads all folders of a medium first, which takes long where each
read is a call to a host.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SECTOR = 2048
FIRST_DESCRIPTOR = 16
PROBE_BYTES = 64 * 1024
"""How much of a medium must be read to recognise it; everything asked for stands in sectors 16 to 31."""
FOLDER_BYTES = 4 << 20
"""No folder that is looked into is as large; a broken medium may say anything."""
ROOT_AT = 156
ROCK_RIDGE_NAME = b"NM"
CONTINUES = 1

Read = Callable[[int, int], bytes]
"""So many bytes from a place on."""


@dataclass(frozen=True, slots=True)
class Label:
    """What an ISO 9660 medium says of itself (ECMA-119, 8.4)."""

    volume: str
    system: str
    publisher: str
    application: str
    size_bytes: int
    bootable: bool


def read_label(head: bytes) -> Label | None:
    """The label, or None when these bytes do not start an ISO 9660 medium.

    `head` holds the first bytes of the medium, at best `PROBE_BYTES`.
    """
    primary = _primary(head)
    if primary is None:
        return None
    (blocks,) = struct.unpack_from("<I", primary, 80)
    (block_size,) = struct.unpack_from("<H", primary, 128)
    return Label(
        volume=_text(primary[40:72]),
        system=_text(primary[8:40]),
        publisher=_text(primary[318:446]),
        application=_text(primary[574:702]),
        size_bytes=blocks * block_size,
        bootable=any(s[0] == 0 and s[7:39].startswith(b"EL TORITO SPECIFICATION") for s in _descriptors(head)),
    )


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a file lies in a medium, in bytes."""

    offset: int
    length: int


def find_file(head: bytes, read: Read, path: str) -> Extent | None:
    """Where the file at this path lies; None where the medium has none. `head` holds its first bytes.

    Names are those of Rock Ridge where the medium has them (SUSP, entry NM), else of ECMA-119 without version.
    """
    primary = _primary(head)
    if primary is None:
        return None
    at, folder = _extent(primary, ROOT_AT), True
    for name in path.lower().split("/"):
        found = next((entry for entry in _entries(read, at) if entry[0].lower() == name), None) if folder else None
        if found is None:
            return None
        _name, folder, at = found
    return None if folder else at


def _descriptors(head: bytes) -> Iterator[bytes]:
    for offset in range(FIRST_DESCRIPTOR * SECTOR, len(head) - SECTOR + 1, SECTOR):
        sector = head[offset : offset + SECTOR]
        if sector[1:6] != b"CD001" or sector[0] == 255:
            return
        yield sector


def _primary(head: bytes) -> bytes | None:
    return next((sector for sector in _descriptors(head) if sector[0] == 1), None)


def _entries(read: Read, folder: Extent) -> Iterator[tuple[str, bool, Extent]]:
    """The records of a folder (ECMA-119, 9.1): name, whether it is a folder, and where it lies."""
    data = read(folder.offset, folder.length) if 0 < folder.length <= FOLDER_BYTES else b""
    at = 0
    while at < len(data):
        length = data[at]
        record = data[at : at + length]
        if length < 34 or len(record) < length or 33 + record[32] > length:  # none crosses the end of a sector
            at = (at // SECTOR + 1) * SECTOR
            continue
        at += length
        yield _name(record), bool(record[25] & 2), _extent(record, 0)


def _extent(record: bytes, at: int) -> Extent:
    block, length = struct.unpack_from("<I4xI", record, at + 2)
    return Extent(block * SECTOR, length)


def _name(record: bytes) -> str:
    plain = record[33 : 33 + record[32]]
    at, long = 33 + len(plain) + (len(plain) + 1) % 2, b""
    while at + 5 <= len(record) and (size := record[at + 2]) >= 4:
        if record[at : at + 2] == ROCK_RIDGE_NAME:
            long += record[at + 5 : at + size]
            if not record[at + 4] & CONTINUES:
                return long.decode("utf-8", "replace")
        at += size
    return plain.decode("latin-1").partition(";")[0].rstrip(".")


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").rstrip(" \0")
