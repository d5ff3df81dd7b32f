"""Disk images as their first bytes describe them: what else a machine would read that gets one."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
MAGIC = b"QFI\xfb"
EXTERNAL_DATA = 1 << 2
OFTEN_SPLIT = ("vmdk", "qcow", "qed", "cow", "cloop", "dmg", "parallels")
"""Formats that can name other files, which are not looked into here."""


@dataclass(frozen=True)
class Qcow2:
    """What a qcow2 image stands on. `backing` is empty where its name cannot be read, None where there is none."""

    backing: str | None
    external_data: bool


def read_qcow2(head: bytes) -> Qcow2 | None:
    """The header (QEMU's docs/interop/qcow2.rst) in the first bytes of an image; None where it is no qcow2."""
    if len(head) < 24 or not head.startswith(MAGIC):
        return None
    version, offset, size = struct.unpack_from(">IQI", head, 4)
    features = struct.unpack_from(">Q", head, 72)[0] if version > 2 and len(head) >= 80 else 0
    name = head[offset : offset + size] if size and offset + size <= len(head) else b""
    return Qcow2(name.decode(errors="replace") if offset else None, bool(features & EXTERNAL_DATA))
