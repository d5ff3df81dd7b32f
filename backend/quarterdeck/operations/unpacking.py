"""What is packed, unpacked as it comes: xz, gzip and bzip2, however many streams a file has."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Literal

from ..problems import Problem
from .reply import Stream

Packing = Literal["xz", "gzip", "bzip2"]
SUFFIXES: dict[str, Packing] = {".xz": "xz", ".gz": "gzip", ".bz2": "bzip2"}
MAGIC: dict[bytes, Packing] = {b"\xfd7zXZ\0": "xz", b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2"}
OPENERS: dict[Packing, Callable[[IO[bytes]], Stream]] = {"xz": lzma.open, "gzip": gzip.open, "bzip2": bz2.open}
STEP = 256 << 10


class _Coming(io.RawIOBase):
    """Pieces as a file that can be read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def packing_of(head: bytes) -> Packing | None:
    """How a file is packed, by its first bytes."""
    return next((packing for magic, packing in MAGIC.items() if head.startswith(magic)), None)


def unpacked(packing: Packing, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What was packed, in pieces of STEP bytes; Problem `download-failed` where it is damaged or not whole."""
    file = OPENERS[packing](io.BufferedReader(_Coming(pieces)))
    while True:
        try:
            piece = file.read(STEP)
        except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
            raise Problem("download-failed", f"The file is not whole {packing}: {error}.") from error
        if not piece:
            return
        yield piece
