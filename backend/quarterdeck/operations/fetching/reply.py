"""What another server answered: a file that comes, in whatever protocol."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Stream(Protocol):
    """Where the bytes of a file come from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class Files(Protocol):
    """Where files are fetched from by their addresses."""

    def open(self, url: str, start: int = 0, version: str = "") -> Reply:
        """The file at an address from the byte `start` on, if it is still of this version."""

    def try_open(self, url: str) -> Reply | None:
        """The file at an address; None where there is none."""


@dataclass
class Reply:
    """A file on its way. `start` is the first byte that comes; `version` tells whether it is still the same file.

    `total` is None where the server does not say how long the file is; `certain`: its end can be told from a cut.
    """

    start: int
    total: int | None
    version: str
    certain: bool
    stream: Stream
    opened: socket.socket | None = None
    end: Callable[[], None] = lambda: None
    broken: bool = False

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end, also when the connection was cut."""
        try:
            return self.stream.read(size)
        except (OSError, http.client.HTTPException, EOFError):
            self.broken = True
            return b""

    def close(self) -> None:
        """End it at once, also while another thread reads."""
        with contextlib.suppress(OSError):
            if self.opened:
                socket.socket.shutdown(self.opened, socket.SHUT_RDWR)  # nothing of TLS: a reader may be in it
        self.end()
