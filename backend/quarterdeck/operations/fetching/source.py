"""A file of another server, read through cuts of the connection, and how far that is."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ...config import Config
from ...jobs import JobHandle
from ...model.units import GIB, human_size
from ...problems import Problem
from .reply import Files, Reply
from .waiting import unless_cancelled

PIECE = 1 << 20
RATE_SECONDS = 10.0
WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass
class Source:
    """A file of another server. `size` is None for as long as the server has not told it."""

    fetcher: Files
    url: str
    job: JobHandle
    config: Config
    reply: Reply | None = None
    size: int | None = None
    version: str = ""
    end: float = 0.0

    @property
    def limit(self) -> int:
        """How many bytes may come, and may be made of them."""
        return self.config.download_limit_gib * GIB

    def open(self) -> int | None:
        """Ask for it; its size in bytes, None where the server does not tell."""
        self.end = time.monotonic() + self.config.download_hours * 3600
        self.job.progress(None, phase="connect")
        self.reply = unless_cancelled(self.job, lambda: self.fetcher.open(self.url))
        self.size, self.version = self.reply.total, self.reply.version
        if self.size == 0:
            raise Problem("download-failed", "The file is empty.")
        self.check_limit(self.size or 0)
        return self.size

    def check_limit(self, size: int) -> None:
        """Problem `too-large` where so many bytes are more than the settings allow."""
        if size > self.limit:
            detail = f"The file has {human_size(size)}, and at most {human_size(self.limit)} are allowed."
            raise Problem("too-large", detail, cure="Raise the setting download_limit_gib.")

    def pieces(self) -> Iterator[bytes]:
        """All bytes in order; Problem when they do not all come."""
        received, failures = 0, 0
        while self.size is None or received < self.size:
            self.job.check()
            if time.monotonic() > self.end:
                raise Problem("timed-out", f"It took longer than {self.config.download_hours} hours.")
            piece = (
                self.reply.read(PIECE if self.size is None else min(PIECE, self.size - received)) if self.reply else b""
            )
            if piece:
                if not received:
                    _check_kind(piece)
                received, failures = received + len(piece), 0
                self.check_limit(received)
                yield piece
                continue
            self.job.check()
            if self.size is None and self.reply and not self.reply.broken:
                return self._ended(self.reply)
            self._again(received, failures)
            failures += 1
        return None

    def _ended(self, reply: Reply) -> None:
        if not reply.certain:
            self.job.log("The server did not say how long the file is: only a checksum could tell whether it is whole.")

    def _again(self, received: int, failures: int) -> None:
        """Go on after a cut, from where it was; the last failure is told."""
        if failures == len(PAUSES):
            raise Problem("download-failed", f"The connection broke again and again, at byte {received}.")
        self.job.log(f"The connection broke at byte {received}; it goes on in {PAUSES[failures]:g} s.")
        self.close()
        self.job.wait(PAUSES[failures])
        self.job.check()
        try:
            reply = unless_cancelled(self.job, lambda: self.fetcher.open(self.url, received, self.version))
        except Problem as problem:
            if problem.slug != "download-failed" or failures == len(PAUSES) - 1:
                raise
            self.reply = None
            return
        if (self.size is not None and reply.total != self.size) or reply.version != self.version:
            reply.close()
            raise Problem("download-failed", "The file changed on the server while it was fetched.")
        self.reply, self.size = reply, reply.total
        self._skip(received - reply.start)

    def _skip(self, count: int) -> None:
        """Pass over what is here already, where the server cannot begin in the middle."""
        while count and self.reply and (piece := self.reply.read(min(PIECE, count))):
            count -= len(piece)
            self.job.check()
        if count:
            self.reply = None

    def close(self) -> None:
        """End the connection, also from another thread."""
        if self.reply:
            self.reply.close()


def _check_kind(head: bytes) -> None:
    """Problem where a page for people comes: that of a login, or the one from which a file is to be downloaded."""
    if WEB_PAGE.match(head):
        words = "What came is a web page and not the file."
        raise Problem("download-failed", words, cure="Open the address in a browser, and give that of the file itself.")


class Meter:
    """Tells a job how far it is, how fast, and for how long still."""

    def __init__(self, job: JobHandle, total: int | None) -> None:
        self._job = job
        self._total = total
        self._received = 0
        self._seen: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def add(self, count: int) -> None:
        """So many bytes more are in."""
        self._received += count
        now = time.monotonic()
        self._seen.append((now, self._received))
        while now - self._seen[0][0] > RATE_SECONDS and len(self._seen) > 2:
            self._seen.popleft()
        since, before = self._seen[0]
        rate = (self._received - before) / max(now - since, 0.001)
        left = round((self._total - self._received) / rate, 1) if rate and self._total else None
        self._job.progress(
            self._received / self._total if self._total else None,
            phase="download",
            received_bytes=self._received,
            total_bytes=self._total,
            rate_bytes_s=round(rate),
            eta_seconds=left,
        )


def told(pieces: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    """The same pieces; the job is told as they pass."""
    for piece in pieces:
        meter.add(len(piece))
        yield piece
