"""What an image file is by its own bytes. QEMU is always told the format: it never guesses from what a guest wrote."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

from quarterdeck.model.image import MAGIC as QCOW2

ImageFormat = Literal["raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx"]
SourceKind = Literal["raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "vmx", "ovf", "ova", "iso"]
LOOK_BYTES = 64 * 1024
TEXT_BYTES = 1 << 20
VMDK_SPARSE, VMDK_TEXT = b"KDMV", b"# Disk DescriptorFile"
VDI_MAGIC, VDI_MAGIC_AT = struct.pack("<I", 0xBEDA107F), 0x40
VHD_COOKIE, VHDX_COOKIE = b"conectix", b"vhdxfile"
FOOTER_BYTES = 512
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
ISO_MAGIC, ISO_MAGIC_AT = b"CD001", 0x8001
NO_PARENT = "ffffffff"
EXTENT = re.compile(r'^(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)(?:\s+"([^"]*)")?', re.M)


def kind_of(head: bytes, foot: bytes = b"", name: str = "") -> SourceKind:
    """What a file is by its first bytes and its last 512; raw where nothing says what else."""
    text = head[:4096].decode("latin-1")
    signs: dict[SourceKind, bool] = {
        "qcow2": head.startswith(QCOW2),
        "vmdk": head.startswith((VMDK_SPARSE, VMDK_TEXT)),
        "vdi": head[VDI_MAGIC_AT : VDI_MAGIC_AT + 4] == VDI_MAGIC,
        "vhdx": head.startswith(VHDX_COOKIE),
        "vpc": VHD_COOKIE in (head[: len(VHD_COOKIE)], foot[: len(VHD_COOKIE)]),
        "ova": head[TAR_MAGIC_AT : TAR_MAGIC_AT + 5] == TAR_MAGIC,
        "iso": head[ISO_MAGIC_AT : ISO_MAGIC_AT + 5] == ISO_MAGIC,
        "vmx": name.lower().endswith(".vmx") or bool(re.search(r"^[ \t]*config\.version[ \t]*=", text, re.M)),
        "ovf": "<Envelope" in text and "ovf" in text.lower(),
    }
    return next((kind for kind, found in signs.items() if found), "raw")


@dataclass(frozen=True)
class VmdkDescriptor:
    """What the text of a VMDK says: its kind, and the files that hold its data."""

    create_type: str
    extents: tuple[str, ...]
    has_parent: bool


def vmdk_descriptor(head: bytes) -> VmdkDescriptor | None:
    """The descriptor of a VMDK that consists of several files; None where all is in this one file."""
    if not head.startswith(VMDK_TEXT):
        return None
    text = head.decode("utf-8", errors="replace")
    kind = re.search(r'^createType\s*=\s*"([^"]*)"', text, re.M)
    parent = re.search(r"^parentCID\s*=\s*([0-9a-fA-F]+)", text, re.M)
    extents = tuple(name or "" for _kind, name in EXTENT.findall(text))
    return VmdkDescriptor(kind.group(1) if kind else "", extents, bool(parent and parent.group(1).lower() != NO_PARENT))


def is_plain(name: str) -> bool:
    """Whether a name that a file gives for another is one of its own folder, and nothing else."""
    return bool(name) and not re.search(r"[/\\:\x00-\x1f]", name) and name[0] not in "-."
