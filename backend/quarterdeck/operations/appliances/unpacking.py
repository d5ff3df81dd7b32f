"""Files of other products on their way to qemu-img: unpacked, held against their checksum, their texts read by QEMU."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...model.image_kinds import TEXT_BYTES, VMDK_TEXT, declared_text
from ...model.units import human_size
from ...problems import Problem
from ..fetching.unpacking import Packing, unpacked

BLOCK = 1 << 20
RESERVE_BYTES = 256 << 20
"""What stays free of the file system of the state folder while something of unknown size is unpacked."""


class Watched(io.FileIO):
    """A file that tells at each piece which share of it was read."""

    def __init__(self, path: Path, told: Callable[[float], None]) -> None:
        super().__init__(path)
        self._told = told
        self._size = max(path.stat().st_size, 1)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        data = super().read(size)
        self._told(self.tell() / self._size)
        return data


def checksum_of(path: Path, kind: str, told: Callable[[float], None]) -> str:
    """The checksum of a file, as manifests write it."""
    digest = hashlib.new(kind)
    with Watched(path, told) as file:
        while piece := file.read(BLOCK):
            digest.update(piece)
    return digest.hexdigest()


def hold_against(path: Path, name: str, checksum: list[str], told: Callable[[float], None]) -> None:
    """Problem where a file is not what the manifest of its package says."""
    kind, wanted = checksum
    found = checksum_of(path, kind, told)
    if found != wanted:
        raise Problem(
            "invalid-input",
            f"{name} is damaged or was changed: its checksum ({kind.upper()}) is not the one in the manifest.",
            cause="A file that was cut or altered on its way does not have the checksum that its maker wrote down.",
            cure="Fetch the package again. If it was changed on purpose, write its checksum anew into the manifest.",
            raw=f"wanted {wanted}, found {found}",
        )


def unpack(path: Path, name: str, packing: Packing, told: Callable[[float], None]) -> None:
    """Put what a file holds in its place; zeros become holes."""
    packed = path.rename(path.with_name(path.name + ".packed"))
    with Watched(packed, told) as source, path.open("wb", buffering=0) as target:
        try:
            for piece in unpacked(packing, iter(lambda: source.read(BLOCK), b"")):
                _write(target, piece)
        except Problem as problem:
            if problem.slug != "download-failed":
                raise
            raise Problem("invalid-input", f"{name} cannot be unpacked.", raw=problem.detail) from problem
        target.truncate(target.tell())
    packed.unlink()


def _write(target: Any, piece: bytes) -> None:
    if not piece.strip(b"\0"):
        target.seek(len(piece), os.SEEK_CUR)
        return
    if shutil.disk_usage(target.name).free < RESERVE_BYTES:
        raise Problem(
            "no-space",
            f"Unpacking filled the space beside this service's state at {human_size(target.tell())}.",
            cure="Free space there, or set state_dir to a larger file system.",
        )
    target.write(piece)


def for_qemu(path: Path) -> None:
    """Have the names in the text of a VMDK in UTF-8, as the files beside it are called here."""
    with path.open("rb") as file:
        raw = file.read(TEXT_BYTES)
    if raw.startswith(VMDK_TEXT):
        path.write_bytes(re.sub(rb"(?m)^encoding[^\r\n]*", b'encoding="UTF-8"', declared_text(raw).encode()))
