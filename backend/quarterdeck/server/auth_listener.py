"""Where no systemd does it: accept on the login socket, and start one helper per attempt."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

from . import listeners

MOST_AT_ONCE = 10
HELPER_SECONDS = 60.0


class Listener:
    """Starts helpers, never more than ten at once."""

    def __init__(self, listener: socket.socket, lifeline: int | None) -> None:
        self._listener = listener
        self._lifeline = lifeline
        self._helpers: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Accept until SIGTERM, or until the lifeline is cut."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        if self._lifeline is not None:
            poll.register(self._lifeline, 0)
        while True:
            if any(number == self._lifeline for number, _ in poll.poll()):
                return  # whoever started us is gone
            connection, _ = self._listener.accept()
            with connection:
                self._reap()
                if len(self._helpers) < MOST_AT_ONCE:
                    command = [sys.executable, "-P", "-m", "quarterdeck.server.auth_helper"]
                    self._helpers.append(
                        subprocess.Popen(command, stdin=connection.fileno(), stdout=subprocess.DEVNULL)
                    )

    def _reap(self) -> None:
        self._helpers = [helper for helper in self._helpers if helper.poll() is None]


def run(path: Path, lifeline: int | None = None) -> None:
    """Listen on the socket handed over, or on this path, as long as somebody reads from the pipe `lifeline`."""
    given = listeners.inherited()
    Listener(given[0] if given else listeners.bind_unix(path), lifeline).run()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.stdout.fileno() if os.environ.get(listeners.SUPERVISED) else None)
