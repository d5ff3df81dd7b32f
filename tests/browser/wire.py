"""A line between browser and service that can stand still and be cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import replace

from .conftest import Site

PIECE = 1 << 16


class Wire:
    """Passes bytes on to a port of this machine; each connection stands still after `hold_after` bytes until a cut.

    `held` is set while one stands still; `sent` counts what went to the service.
    """

    def __init__(self, target: int, hold_after: int) -> None:
        self.held = threading.Event()
        self.sent = 0
        self._target, self._hold_after = target, hold_after
        self._go = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("localhost", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def through(self, site: Site) -> Site:
        """The same service, at the near end of this line."""
        return replace(site, deck=replace(site.deck, port=self._listener.getsockname()[1]))

    def cut(self) -> None:
        """Cut everything that is open; what comes afterwards flows freely."""
        self._go.set()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take it away."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                far = socket.create_connection(("localhost", self._target))
                self._open += [near, far]
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
                if upward and count > self._hold_after and not self._go.is_set():
                    self.held.set()
                    self._go.wait()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
