"""Where no systemd does it: accept on a socket, and start a program of its own for each connection."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

from . import listeners

END_SECONDS = 8.0


class Spawner:
    """Starts a command with each connection as its standard input, never more than `most` at once."""

    def __init__(self, listener: socket.socket, command: list[str], most: int, lifeline: int | None = None) -> None:
        self._listener = listener
        self._command = command
        self._most = most
        self._lifeline = lifeline
        self._running: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Accept until SIGTERM, or until the lifeline is cut; what runs then is told to end, and waited for.

        Both may come, one after the other: the second does not end the waiting.
        """
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        poll = select.poll()
        for descriptor in (self._listener, wake):
            poll.register(descriptor, select.POLLIN)
        if self._lifeline is not None:
            poll.register(self._lifeline, 0)
        try:
            while not any(number in (wake, self._lifeline) for number, _ in poll.poll()):
                connection, _ = self._listener.accept()
                with connection:
                    self._start(connection)
        finally:
            self._end()

    def _start(self, connection: socket.socket) -> None:
        self._running = [process for process in self._running if process.poll() is None]
        if len(self._running) < self._most:
            self._running.append(subprocess.Popen(self._command, stdin=connection.fileno(), stdout=subprocess.DEVNULL))

    def _end(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def run(path: Path, module: str, most: int, lifeline: int | None = None) -> None:
    """Listen on the socket handed over, or on this path, as long as somebody reads from the pipe `lifeline`."""
    given = listeners.inherited()
    command = [sys.executable, "-P", "-m", f"quarterdeck.server.{module}"]
    Spawner(given[0] if given else listeners.bind_unix(path), command, most, lifeline).run()


if __name__ == "__main__":
    run(
        Path(sys.argv[1]),
        sys.argv[2],
        int(sys.argv[3]),
        sys.stdout.fileno() if listeners.SUPERVISED in os.environ else None,
    )
