"""What an image file is by its own bytes. QEMU is always told the format: it never guesses from what a guest wrote."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

from quarterdeck.model.image import MAGIC as QCOW2

ImageFormat = Literal["raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx"]
SourceKind = Literal["raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "vmx", "ovf", "ova", "iso", "archive"]
LOOK_BYTES = 64 * 1024
TEXT_BYTES = 1 << 20
SECTOR = 512
VMDK_SPARSE, VMDK_TEXT = b"KDMV", b"# Disk DescriptorFile"
VDI_MAGIC, VDI_MAGIC_AT = struct.pack("<I", 0xBEDA107F), 0x40
VHD_COOKIE, VHDX_COOKIE = b"conectix", b"vhdxfile"
FOOTER_BYTES = 512
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
ISO_MAGIC, ISO_MAGIC_AT = b"CD001", 0x8001
ARCHIVES = (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a\x07", b"\x04\x22\x4d\x18")
"""zip, 7z, zstd, rar, lz4."""
NO_PARENT = "ffffffff"
EXTENT = re.compile(r'^[ \t]*(?:RW|RDONLY|NOACCESS)\s+(\d{1,15})\s+(\w+)(?:\s+"([^"]*)")?(?:\s+(\d{1,15}))?', re.M)
ENCODING = re.compile(rb'^\.?encoding[ \t]*=[ \t]*"([\w-]{1,40})"', re.M)
CHARACTER_SETS = re.compile(r"(utf-8|windows-\d+|cp\d+|iso-?8859-\d+|gbk|gb2312|gb18030|big5|shift_jis|euc-\w+)", re.I)


def kind_of(head: bytes, foot: bytes = b"", name: str = "") -> SourceKind:
    """What a file is by its first bytes and its last 512; raw where nothing says what else."""
    text, end = head[:4096].decode("latin-1"), name.lower().rpartition(".")[2]
    signs: dict[SourceKind, bool] = {
        "qcow2": head.startswith(QCOW2),
        "vmdk": head.startswith((VMDK_SPARSE, VMDK_TEXT)),
        "vdi": head[VDI_MAGIC_AT : VDI_MAGIC_AT + 4] == VDI_MAGIC,
        "vhdx": head.startswith(VHDX_COOKIE),
        "vpc": VHD_COOKIE in (head[: len(VHD_COOKIE)], foot[: len(VHD_COOKIE)]),
        "ova": head[TAR_MAGIC_AT : TAR_MAGIC_AT + 5] == TAR_MAGIC,
        "iso": head[ISO_MAGIC_AT : ISO_MAGIC_AT + 5] == ISO_MAGIC,
        "archive": head.startswith(ARCHIVES),
        "vmx": end == "vmx" or bool(re.search(r"^[ \t]*config\.version[ \t]*=", text, re.M)),
        "ovf": end == "ovf" or bool(re.search(r"<(\w+:)?Envelope\b", text) and "ovf" in text.lower()),
    }
    return next((kind for kind, found in signs.items() if found), "raw")


def declared_text(raw: bytes) -> str:
    """A text of VMware in the character set that it says of itself; UTF-8 where it says none that is known."""
    found = ENCODING.search(raw[:TEXT_BYTES])
    return decoded(raw, found.group(1).decode("ascii") if found else "")


def decoded(raw: bytes, declared: str) -> str:
    """A text in the character set of this name; UTF-8 where that is none that is known."""
    try:
        return raw.decode(declared if CHARACTER_SETS.fullmatch(declared) else "utf-8", errors="replace").rstrip("\0")
    except LookupError:
        return raw.decode("utf-8", errors="replace").rstrip("\0")


@dataclass(frozen=True)
class Extent:
    """A file that holds a part of a VMDK, whose data begin at `offset` where it is flat."""

    sectors: int
    kind: str
    name: str
    offset: int = 0

    @property
    def flat_bytes(self) -> int:
        """How many bytes the file must have; 0 where that cannot be told."""
        return (self.sectors + self.offset) * SECTOR if self.kind in ("FLAT", "VMFS") else 0


@dataclass(frozen=True)
class VmdkDescriptor:
    """What the text of a VMDK says: its kind, and the files that hold its data."""

    create_type: str
    parts: tuple[Extent, ...]
    has_parent: bool

    @property
    def extents(self) -> tuple[str, ...]:
        """The names of the files, in their order."""
        return tuple(part.name for part in self.parts)

    @property
    def virtual_bytes(self) -> int:
        """How large a guest sees the disk."""
        return sum(part.sectors for part in self.parts) * SECTOR


def vmdk_descriptor(head: bytes) -> VmdkDescriptor | None:
    """The descriptor of a VMDK that consists of several files; None where all is in this one file."""
    return _described(head) if head.startswith(VMDK_TEXT) else None


def embedded_descriptor(head: bytes) -> VmdkDescriptor | None:
    """The descriptor within a VMDK that is one file; None for what is only a part of one that is split."""
    if not head.startswith(VMDK_SPARSE) or len(head) < 44:
        return None
    offset, sectors = struct.unpack_from("<QQ", head, 28)
    return _described(head[offset * SECTOR : (offset + sectors) * SECTOR]) if offset and sectors else None


def _described(raw: bytes) -> VmdkDescriptor:
    text = declared_text(raw)
    kind = re.search(r'^createType\s*=\s*"([^"]*)"', text, re.M)
    parent = re.search(r"^parentCID\s*=\s*([0-9a-fA-F]+)", text, re.M)
    parts = tuple(
        Extent(int(sectors), kind, name, int(offset or 0)) for sectors, kind, name, offset in EXTENT.findall(text)
    )
    return VmdkDescriptor(kind.group(1) if kind else "", parts, bool(parent and parent.group(1).lower() != NO_PARENT))


def is_plain(name: str) -> bool:
    """Whether a name that a file gives for another is one of its own folder, and nothing else."""
    return bool(name) and not re.search(r"[/\\:\x00-\x1f]", name) and name[0] not in "-."
