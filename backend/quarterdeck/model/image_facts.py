"""What the first and last bytes of an image tell before it is read: its size, what it needs, why it cannot be taken."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quarterdeck.model.image import read_qcow2
from quarterdeck.model.image_kinds import (
    SECTOR,
    VHD_COOKIE,
    VMDK_SPARSE,
    Extent,
    SourceKind,
    embedded_descriptor,
    is_plain,
    vmdk_descriptor,
)

WHOLE_VMDK = ("monolithicSparse", "streamOptimized")
SPLIT_VMDK = ("monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "vmfs", "vmfsSparse", "seSparse")
"""The kinds that QEMU reads (block/vmdk.c); those of devices and of thin disks of other makers it does not."""
DIFFERS = "It holds only what differs from another disk: delete or consolidate its snapshots there first."
ENDS = (".qcow2", ".vmdk", ".vdi", ".vhd", ".vhdx", ".ova")
LUKS = b"LUKS\xba\xbe"
VHD_DIFFERENCING, VHD_FIXED = 4, 2
VDI_DIFFERENCING = 4


@dataclass(frozen=True)
class ImageFile:
    """An image as it is looked at. `there` are the sizes of the files beside it, `forced` says that a person knows."""

    name: str
    head: bytes
    foot: bytes
    size: int
    there: Mapping[str, int]
    forced: bool = False


@dataclass(frozen=True)
class ImageFacts:
    """`virtual_bytes`: how large a guest sees it, 0 where that cannot be told; `parts`: its other files."""

    virtual_bytes: int = 0
    parts: tuple[str, ...] = ()
    problem: str | None = None
    notes: tuple[str, ...] = ()


def image_facts(kind: SourceKind, image: ImageFile) -> ImageFacts:
    """What is known of an image in this format."""
    if image.size == 0:
        return ImageFacts(problem="It is empty.")
    return READERS[kind](image)


def _qcow2(image: ImageFile) -> ImageFacts:
    header = read_qcow2(image.head)
    if header is None:
        return ImageFacts(problem="It is no qcow2 image.")
    problem = None
    if header.version not in (2, 3):
        problem = f"It is of version {header.version} of its format; versions 2 and 3 are read."
    elif header.encrypted:
        problem = "It is encrypted: take the encryption away where its passphrase is known."
    elif header.external_data:
        problem = "It keeps its data in another file: convert it where that lies."
    elif header.backing is not None:
        problem = "It stands on another file of the host, which is not taken along: convert it where that lies."
    notes = []
    if header.snapshots:
        notes.append(f"The {header.snapshots} snapshots inside {image.name} stay there; its present state is taken.")
    if header.bitmaps:
        notes.append(f"The lists of changed blocks (bitmaps) inside {image.name} are not taken over.")
    return ImageFacts(header.virtual_bytes, problem=problem, notes=tuple(notes))


def _vmdk(image: ImageFile) -> ImageFacts:
    described = vmdk_descriptor(image.head)
    if described is None:
        within = embedded_descriptor(image.head)
        size = struct.unpack_from("<Q", image.head, 12)[0] * SECTOR if len(image.head) >= 44 else 0
        if not image.head.startswith(VMDK_SPARSE):
            return ImageFacts(problem="It is no VMware disk.")
        if within is None:
            return ImageFacts(size, problem="It is a part of a split disk: choose the small file that names its parts.")
        if size == 0:  # QEMU would look for other files in the description inside it (vmdk_open_vmdk4)
            return ImageFacts(problem="It says that it has no size: it is damaged, or made to do harm.")
        return ImageFacts(size, problem=DIFFERS if within.has_parent else _of_kind(within.create_type, WHOLE_VMDK))
    parts = described.extents
    missing = [name for name in parts if name not in image.there]
    problem = _of_kind(described.create_type, SPLIT_VMDK)
    if described.has_parent:
        problem = DIFFERS
    elif problem is None and (not parts or not all(is_plain(name) for name in parts)):
        problem = "It names files outside of its folder."
    elif problem is None and missing:
        problem = f"{', '.join(missing)} is missing beside it: upload it there too."
    elif problem is None:
        problem = next(filter(None, (_short(part, image.there[part.name]) for part in described.parts)), None)
    return ImageFacts(described.virtual_bytes, parts, problem)


def _of_kind(kind: str, known: tuple[str, ...]) -> str | None:
    if kind in known:
        return None
    if "rdm" in kind.lower() or "device" in kind.lower():
        return (
            f"It stands for a device of its host ({kind}) and holds no data: copy it into a file (vmkfstools -i) there."
        )
    return f"It is of the kind “{kind}”, which QEMU does not read."


def _short(part: Extent, size: int) -> str | None:
    """Why a flat file is not all that its descriptor says: QEMU would read zeros beyond its end."""
    lacks = part.flat_bytes - size
    return f"{part.name} ends too early: {lacks:,} bytes of it are missing." if lacks > 0 else None


def _vdi(image: ImageFile) -> ImageFacts:
    """VirtualBox's header: its kind at 0x4c, where its data begin at 0x158, its size at 0x170, its blocks behind."""
    if len(image.head) < 0x188:
        return ImageFacts(problem="It ends within its header.")
    kind, start = struct.unpack_from("<I", image.head, 0x4C)[0], struct.unpack_from("<I", image.head, 0x158)[0]
    size, block, extra, _blocks, used = struct.unpack_from("<QIIII", image.head, 0x170)
    if kind == VDI_DIFFERENCING:
        return ImageFacts(size, problem=DIFFERS)
    return ImageFacts(size, problem=_ends_early(start + used * (block + extra) - image.size))


def _vpc(image: ImageFile) -> ImageFacts:
    """Microsoft's footer: its size at 48, its kind at 60; of a dynamic disk a copy stands first."""
    footer = image.foot if image.foot.startswith(VHD_COOKIE) else b""
    known = footer or image.head
    if len(known) < SECTOR or not known.startswith(VHD_COOKIE):
        return ImageFacts(problem="It ends too early: its last 512 bytes do not say what it is.")
    size, kind = struct.unpack_from(">Q", known, 48)[0], struct.unpack_from(">I", known, 60)[0]
    if kind == VHD_DIFFERENCING:
        return ImageFacts(size, problem=DIFFERS)
    if not footer:
        return ImageFacts(size, problem="It ends too early: its last 512 bytes do not say what it is.")
    return ImageFacts(size, problem=_ends_early(size + SECTOR - image.size) if kind == VHD_FIXED else None)


def _ends_early(lacks: int) -> str | None:
    return f"It ends too early: {lacks:,} bytes of it are missing." if lacks > 0 else None


def _vhdx(image: ImageFile) -> ImageFacts:
    """Its size stands behind a table of regions, which is left to QEMU; that it is whole too."""
    return ImageFacts()


def _raw(image: ImageFile) -> ImageFacts:
    named = image.name.lower().endswith(ENDS)
    notes: tuple[str, ...] = ()
    if image.head.startswith(LUKS):
        notes = (f"{image.name} is encrypted (LUKS) and stays so: the guest itself must open it.",)
    if not named or image.forced:
        return ImageFacts(image.size, notes=notes)
    if image.name.lower().endswith("-flat.vmdk"):
        described = image.name[: -len("-flat.vmdk")] + ".vmdk"
        return ImageFacts(image.size, problem=f"It holds the data of a VMware disk: choose {described} instead.")
    end = image.name.rpartition(".")[2]
    return ImageFacts(
        image.size,
        problem=f"Its name ends in .{end}, but its content is nothing like it: it may be damaged or not complete. "
        "If it is a raw disk all the same, have it read as raw.",
    )


READERS: dict[str, Callable[[ImageFile], ImageFacts]] = {
    "qcow2": _qcow2,
    "vmdk": _vmdk,
    "vdi": _vdi,
    "vpc": _vpc,
    "vhdx": _vhdx,
    "raw": _raw,
}
