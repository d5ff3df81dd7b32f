"""Keeps the parts of the service running where there is no systemd, and ends them with itself.

`serve` prepares them and goes on as this program, which never loaded what reading the settings takes.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import listeners

READY_SECONDS = 30.0
STOP_SECONDS = 12.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """One part: how it is started, and how it fares."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    options: dict[str, Any]
    listener: int
    """The descriptor of its listening socket."""
    through_sudo: bool = False
    process: subprocess.Popen[bytes] | None = None
    lifeline: int | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0

    def start(self) -> None:
        """Start it, with its listening socket handed over.

        Its standard output is a pipe that nobody writes to: when our end closes, even by our death, it ends.
        """
        self.release()
        number = 0 if self.through_sudo else self.listener
        self.lifeline, theirs = os.pipe()
        try:
            self.process = subprocess.Popen(
                self.command,
                env={**self.environ, listeners.GIVEN: str(number)},
                stdin=self.listener if self.through_sudo else subprocess.DEVNULL,
                stdout=theirs,
                pass_fds=() if self.through_sudo else (number,),
                start_new_session=not self.through_sudo,  # Ctrl-C is for us; but sudo needs the terminal
                **self.options,
            )
        finally:
            os.close(theirs)
        self.started = time.monotonic()

    def release(self) -> None:
        """Let go of its lifeline."""
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    def look(self, now: float) -> None:
        """Start it again when it died, after a pause that grows while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            steady = now - self.started > STEADY_SECONDS
            self.pause = 0.5 if steady else min(LONGEST_PAUSE, self.pause * 2)
            print(f"quarterdeck: {self.name} ended ({self.process.returncode}); again in {self.pause:g} s", flush=True)
            self.process, self.due = None, now + self.pause
        if self.process is None and now >= self.due:
            self.start()

    def stop(self) -> None:
        """Ask it to end."""
        self.release()
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(PermissionError):  # a sudo ends with what it runs
                self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end; end it by force after so many seconds."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(PermissionError):
                self.process.kill()
                self.process.wait()


class Supervisor:
    """The parts of one service. `sockets` are the files that go with it, the first that of the web process."""

    def __init__(self, children: list[Child], greeting: str, sockets: list[Path]) -> None:
        self._children = children
        self._greeting = greeting
        self._web_socket, self._sockets = sockets[0], sockets
        self._stopped = False
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._signalled)
        signal.set_wakeup_fd(self._waker)
        try:
            for child in self._children:
                child.start()
            self._greet()
            while not self._stopped:
                self._rest()
                for child in self._children:
                    child.look(time.monotonic())
        finally:
            self._stop()
        return 0

    def _signalled(self, number: int, _frame: Any) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            self._stopped = True
        elif number == signal.SIGHUP:
            for child in self._children:
                if child.name == "tls" and child.process is not None:
                    child.process.send_signal(signal.SIGHUP)

    def _rest(self) -> None:
        """Sleep until a signal comes, or a dead part is due again."""
        due = [child.due for child in self._children if child.process is None]
        seconds = max(0.0, min(due) - time.monotonic()) if due else None
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 512)

    def _greet(self) -> None:
        """Wait until the service answers, or is stopped before, and say so; say once that it takes long."""
        late = time.monotonic() + READY_SECONDS
        pause = 0.05
        while not self._stopped:
            if answers(self._web_socket):
                print(self._greeting, flush=True)
                return
            if time.monotonic() > late:
                print("quarterdeck: it does not answer yet; if something went wrong, it is told above", flush=True)
                late, pause = math.inf, 1.0
            for child in self._children:
                child.look(time.monotonic())
            time.sleep(pause)

    def _stop(self) -> None:
        signal.set_wakeup_fd(-1)
        for child in self._children:
            child.stop()
        end = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait(end - time.monotonic())
            os.close(child.listener)
        for path in self._sockets:
            with contextlib.suppress(OSError):
                path.unlink()


def answers(web_socket: Path) -> bool:
    """Whether the service answers /healthz."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(web_socket))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(12) == b"HTTP/1.1 200"  # http.client would load TLS and mail: 3 MiB for good
        except OSError:
            return False


def main(handed_over: int) -> int:
    """Run what `serve` prepared, told as JSON in this descriptor; the exit status."""
    with os.fdopen(handed_over) as file:
        told = json.load(file)
    children = [Child(**child) for child in told["children"]]
    for child in children:
        os.set_inheritable(child.listener, False)
    return Supervisor(children, told["greeting"], [Path(path) for path in told["sockets"]]).run()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
