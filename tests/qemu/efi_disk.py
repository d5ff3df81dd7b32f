"""A small disk that only UEFI starts: FAT16 without partitions, with a program that says so again and again."""

from __future__ import annotations

import struct

SECTOR, SECTORS, FAT_SECTORS, ROOT_ENTRIES = 512, 16384, 64, 512
DATA = 1 + 2 * FAT_SECTORS + ROOT_ENTRIES * 32 // SECTOR
CODE = bytes.fromhex(
    "4889d3 4883ec28"  # mov rbx,rdx (the system table); sub rsp,40
    "488b4b40 488d1514000000 ff5108"  # mov rcx,[ConOut]; lea rdx,text; call OutputString
    "b940420f00 488b4360 ff90f8000000 ebe1"  # mov ecx,1000000; mov rax,[BootServices]; call Stall; again
)
TEXT = "it boots\r\n\0"


def efi_disk() -> bytes:
    """The disk's bytes, 8 MiB."""
    program = efi_program()
    count = -(-len(program) // SECTOR)
    chain = [0xFFF8, 0xFFFF, 0xFFFF, 0xFFFF, *range(5, 4 + count), 0xFFFF]
    fat = struct.pack(f"<{len(chain)}H", *chain).ljust(FAT_SECTORS * SECTOR, b"\0")
    bios = struct.pack("<HBHBHHBHHHII", SECTOR, 1, 1, 2, ROOT_ENTRIES, SECTORS, 0xF8, FAT_SECTORS, 32, 2, 0, 0)
    boot = b"\xeb\x3c\x90MSWIN4.1" + bios + struct.pack("<BBBI", 0x80, 0, 0x29, 1) + b"NO NAME    FAT16   "
    root = _entry("EFI", 2).ljust(ROOT_ENTRIES * 32, b"\0")
    folders = [_entry(".", 2) + _entry("..", 0) + _entry("BOOT", 3), _entry(".", 3) + _entry("..", 2)]
    folders[1] += _entry("BOOTX64", 4, "EFI", len(program))
    data = b"".join(each.ljust(SECTOR, b"\0") for each in folders) + program
    return (boot.ljust(510, b"\0") + b"\x55\xaa" + fat + fat + root + data).ljust(SECTORS * SECTOR, b"\0")


def efi_program() -> bytes:
    """A PE32+ image for x86-64 with one section."""
    section = (CODE + TEXT.encode("utf-16-le")).ljust(SECTOR, b"\0")
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 0xF0, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 0, 0, SECTOR, 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<QIIHHHHHHIIII", 0, 0x1000, SECTOR, 0, 0, 0, 0, 0, 0, 0, 0x2000, SECTOR, 0)
    optional += struct.pack("<HHQQQQII", 10, 0, 0, 0, 0, 0, 0, 16) + bytes(16 * 8)
    table = struct.pack("<8sIIIIIIHHI", b".text", SECTOR, 0x1000, SECTOR, SECTOR, 0, 0, 0, 0, 0x60000020)
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    return (dos + b"PE\0\0" + coff + optional + table).ljust(SECTOR, b"\0") + section


def _entry(name: str, cluster: int, end: str = "", size: int = 0) -> bytes:
    kind = 0x20 if end else 0x10
    return f"{name:<8}{end:<3}".encode() + struct.pack("<B14xHI", kind, cluster, size)
