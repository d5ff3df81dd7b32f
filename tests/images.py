"""Images that somebody made to do harm."""

from __future__ import annotations

import struct

SECTOR = 512


def hiding_vmdk(path: str) -> bytes:
    """A VMDK that seems whole, of whose size 0 QEMU takes the description inside it for that of a split disk."""
    text = (
        '# Disk DescriptorFile\n# createType="monolithicFlat"\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n'
        f'createType="monolithicSparse"\nRW 48 FLAT "{path}" 0\n'
    )
    header = struct.pack("<4sIIQQQQIQQQ", b"KDMV", 1, 3, 0, 128, 1, 20, SECTOR, 0, 0, 0)
    return header.ljust(SECTOR, b"\0") + text.encode().ljust(20 * SECTOR, b"\0") + bytes(128 * SECTOR)
