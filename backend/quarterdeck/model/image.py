"""Disk images as their first bytes describe them: what else a machine would read that gets one."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
MAGIC = b"QFI\xfb"
EXTERNAL_DATA = 1 << 2
BITMAPS = 1
OFTEN_SPLIT = ("vmdk", "qcow", "qed", "cow", "cloop", "dmg", "parallels")
"""Formats that can name other files, which are not looked into here."""


@dataclass(frozen=True)
class Qcow2:
    """What a qcow2 image stands on. `backing` is empty where its name cannot be read, None where there is none."""

    backing: str | None
    external_data: bool
    version: int
    virtual_bytes: int
    encrypted: bool
    snapshots: int
    bitmaps: bool


def read_qcow2(head: bytes) -> Qcow2 | None:
    """The header (QEMU's docs/interop/qcow2.rst) in the first bytes of an image; None where it is no qcow2."""
    if len(head) < 72 or not head.startswith(MAGIC):
        return None
    version, offset, size, _bits, virtual, crypt = struct.unpack_from(">IQIIQI", head, 4)
    late = version > 2 and len(head) >= 96
    features = struct.unpack_from(">Q", head, 72)[0] if late else 0
    cleared = struct.unpack_from(">Q", head, 88)[0] if late else 0
    name = head[offset : offset + size] if size and offset + size <= len(head) else b""
    return Qcow2(
        backing=name.decode(errors="replace") if offset else None,
        external_data=bool(features & EXTERNAL_DATA),
        version=version,
        virtual_bytes=virtual,
        encrypted=crypt != 0,
        snapshots=struct.unpack_from(">I", head, 60)[0],
        bitmaps=bool(cleared & BITMAPS),
    )
