"""What is packed, unpacked as it comes: xz, gzip and bzip2, however many streams a file has."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Literal

from ...problems import Problem
from .reply import Stream

Packing = Literal["xz", "gzip", "bzip2"]
SUFFIXES: dict[str, Packing] = {".xz": "xz", ".gz": "gzip", ".bz2": "bzip2"}
MAGIC: dict[bytes, Packing] = {b"\xfd7zXZ\0": "xz", b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2"}
STEP = 256 << 10
XZ_BYTES = 136 << 20
"""The most memory that unpacking may take, as the file itself asks for it: a dictionary twice that of `xz -9`."""


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


class _Xz:
    """The content of xz streams, one after the other, in bounded memory; `lzma.open` knows no bound."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._head = b""
        self._decoder = self._fresh()

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end. EOFError where a stream is not whole."""
        while not self._decoder.eof or self._next():
            data = self._head or (self._file.read(STEP) if self._decoder.needs_input else b"")
            if self._decoder.needs_input and not data:
                raise EOFError("it ends too early")
            self._head = b""
            if piece := self._decoder.decompress(data, size):
                return piece
        return b""

    def _next(self) -> bool:
        """Whether another stream follows, behind zeros."""
        head = self._decoder.unused_data
        while not (head := head.lstrip(b"\0")):
            if not (head := self._file.read(STEP)):
                return False
        self._head, self._decoder = head, self._fresh()
        return True

    def _fresh(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_BYTES)


OPENERS: dict[Packing, Callable[[IO[bytes]], Stream]] = {"xz": _Xz, "gzip": gzip.open, "bzip2": bz2.open}


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
            raise _fault(packing, error) from error
        if not piece:
            return
        yield piece


def _fault(packing: Packing, error: Exception) -> Problem:
    if "Memory usage limit" in str(error):  # liblzma has no code of its own for it in Python
        words = f"Unpacking the file takes more than {XZ_BYTES >> 20} MiB of memory."
        return Problem("download-failed", words, cure="Pack it with `xz -9` or less.")
    return Problem("download-failed", f"The file is not whole {packing}: {error}.")
