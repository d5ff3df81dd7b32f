"""A bootable ISO of a few kilobytes that installs a system of one sector, tells so on the serial line, and reboots."""

from __future__ import annotations

import struct
from pathlib import Path

SECTOR = 2048

# Real mode code, loaded at 7C00h. Says INSTALLING, writes its second half to the first sector of the first disk
# (INT 13h, AH=3), says INSTALLED (or NO DISK, and halts), resets through the keyboard controller.
INSTALLER = bytes.fromhex(
    "fa31c08ed88ec08ed0bc007cfbbe447ce82500b80103bb007eb90100ba8000cd13720dbe517ce80f00b0fee664f4ebfdbe5d7ce80200ebf5"
    "baf803ac84c07403eeebf8c3494e5354414c4c494e470d0a00494e5354414c4c45440d0a004e4f204449534b0d0a00"
)
# The same, but first it waits for a key on the serial line (polls 3FDh, bit 0), in what is free of its sector.
ASKING = bytes.fromhex("e9fd00") + INSTALLER[3:].ljust(0x100 - 3, b"\0") + bytes.fromhex("bafd03eca80174fbfa31c0e9f5fe")
ENDLESS = bytes.fromhex("ebfe")
"""An installer that is never done."""
# What it installs: says BOOTED FROM DISK on the serial line once a second (18 ticks of the timer), for who comes late.
INSTALLED = bytes.fromhex("31c08ed8baf803be1b7cac84c07403eeebf8b91200fbf4e2fdebec") + b"BOOTED FROM DISK\r\n\0"


def tiny_iso(path: Path, label: str = "TINY 1.0", size: int = 20 * SECTOR, installer: bytes = INSTALLER) -> Path:
    """Write the ISO; `size` bytes at least, the rest a pattern that shows when pieces are swapped."""
    image = installer.ljust(512, b"\0") + INSTALLED.ljust(510, b"\0") + b"\x55\xaa"
    sectors = {
        16: _primary(label, max(size // SECTOR, 20)),
        17: b"\x00CD001\x01" + b"EL TORITO SPECIFICATION".ljust(64, b"\0") + struct.pack("<I", 18),
        18: _catalogue(),
        19: image,
    }
    whole = b"".join(sectors.get(number, b"").ljust(SECTOR, b"\0") for number in range(20))
    rest = max(size - len(whole), 0)
    pattern = b"".join(struct.pack("<Q", number) for number in range(SECTOR))
    path.write_bytes(whole + (pattern * (rest // len(pattern) + 1))[:rest])
    return path


def _primary(label: str, blocks: int) -> bytes:
    sector = bytearray(SECTOR)
    sector[0:7] = b"\x01CD001\x01"
    sector[8:40] = b"LINUX".ljust(32)
    sector[40:72] = label.encode().ljust(32)
    struct.pack_into("<I", sector, 80, blocks)
    struct.pack_into("<H", sector, 128, SECTOR)
    return bytes(sector)


def _catalogue() -> bytes:
    """The El Torito catalogue: one entry, no emulation, four sectors of 512 bytes from block 19."""
    check = bytearray(b"\x01".ljust(30, b"\0") + b"\x55\xaa")
    words = struct.unpack("<16H", check)
    struct.pack_into("<H", check, 28, -sum(words) & 0xFFFF)
    return bytes(check) + struct.pack("<BBHBBHI", 0x88, 0, 0, 0, 0, 4, 19).ljust(32, b"\0")
