"""A line between browser and service that can stand still and be cut."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import replace

from .conftest import Site

PIECE = 1 << 16


class Wire:
    """Passes bytes on to a port of this machine; each connection loses what comes after `hold_after` bytes.

    `held` is set when that has begun; `sent` counts what went to the service.
    """

    def __init__(self, target: int, hold_after: int) -> None:
        self.held = threading.Event()
        self.sent = 0
        self._target, self._hold_after = target, hold_after
        self._free = False
        self._dead = False
        self._near: list[socket.socket] = []
        self._far: list[socket.socket] = []
        self._listener = socket.create_server(("localhost", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def through(self, site: Site) -> Site:
        """The same service, at the near end of this line."""
        return replace(site, deck=replace(site.deck, port=self._listener.getsockname()[1]))

    def cut(self) -> None:
        """Cut everything that is open, and let nothing new through. The service does not notice yet."""
        self._dead = True
        _reset(self._near)

    def notice(self) -> None:
        """Let the service notice what was cut."""
        _reset(self._far)

    def mend(self) -> None:
        """Let everything through, as much as it may be."""
        self._dead, self._free = False, True

    def close(self) -> None:
        """Take it away."""
        self._listener.close()
        self.cut()
        self.notice()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                if self._dead:
                    near.close()
                    continue
                far = socket.create_connection(("localhost", self._target))
                self._near.append(near)
                self._far.append(far)
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, upward: bool) -> None:
        count = 0
        with suppress(OSError):
            while data := source.recv(PIECE):
                sink.sendall(data)
                if upward:
                    self.sent += len(data)
                    count += len(data)
                if upward and count > self._hold_after and not self._free:
                    self.held.set()
                    # Swallowed: a browser that cannot get rid of its bytes could not tell us that it gave up.
                    while source.recv(PIECE):
                        pass
                    break
        if self._dead:
            return
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _reset(ends: list[socket.socket]) -> None:
    while ends:
        end = ends.pop()
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        end.close()
