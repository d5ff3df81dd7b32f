"""The label of an ISO 9660 medium, from its first 64 KiB."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SECTOR = 2048
FIRST_DESCRIPTOR = 16
PROBE_BYTES = 64 * 1024
"""How much of a medium must be read to recognise it; everything asked for stands in sectors 16 to 31."""


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
    primary: bytes | None = None
    bootable = False
    for offset in range(FIRST_DESCRIPTOR * SECTOR, len(head) - SECTOR + 1, SECTOR):
        sector = head[offset : offset + SECTOR]
        if sector[1:6] != b"CD001" or sector[0] == 255:
            break
        if sector[0] == 1 and primary is None:
            primary = sector
        bootable = bootable or (sector[0] == 0 and sector[7:39].startswith(b"EL TORITO SPECIFICATION"))
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
        bootable=bootable,
    )


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").rstrip(" \0")
