"""A browser's WebSocket joined to a console's socket, in one thread and with bounded memory."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
import warnings
from collections.abc import Callable, Mapping

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would like numpy for unmasking, which is done below without
    from websockify.websocket import WebSocket, WebSocketWantReadError, WebSocketWantWriteError

from ..problems import Problem
from .rfb import NotUnderstoodError

CHUNK = 65536
MOST_WAITING = 256 * 1024
"""Bytes queued for one side before the other is no longer read."""
LARGEST_FRAME = 1 << 20
PING_SECONDS = 25.0
CHECK_SECONDS = 30.0
STALL_SECONDS = 60.0
PING, PONG, BINARY = 0x9, 0xA, 0x2
GONE, AWAY, TOO_BIG, UNSUPPORTED, LOGGED_OUT = 1000, 1001, 1009, 1003, 4401


class Framing(WebSocket):  # type: ignore[misc]  # websockify has no types
    """websockify's framing, with bounds and with a queue that control frames may enter at any time."""

    def select_subprotocol(self, protocols: list[str]) -> str:
        """The one that `handshake` lets through."""
        return protocols[0]

    @property
    def waiting(self) -> int:
        """Bytes that the browser has not taken yet."""
        return len(self._send_buffer)

    @property
    def oversized(self) -> bool:
        """Whether the browser sends a message larger than any console needs."""
        return len(self._recv_buffer) > LARGEST_FRAME + CHUNK or len(self._partial_msg) > LARGEST_FRAME

    def queue(self, opcode: int, data: bytes) -> None:
        """Add a frame to what the browser is sent."""
        self._send_buffer += self._encode_hybi(opcode, data)

    def flush(self) -> None:
        """Send what the browser takes now."""
        with contextlib.suppress(WebSocketWantWriteError):
            self._flush()

    def _unmask(self, buf: bytes, mask: bytes) -> bytes:
        """All bytes at once: websockify takes them one by one where there is no numpy."""
        repeated = (mask * (len(buf) // 4 + 1))[: len(buf)]
        return (int.from_bytes(buf, "little") ^ int.from_bytes(repeated, "little")).to_bytes(len(buf), "little")

    def handle_ping(self, data: bytes) -> None:
        """Answer a ping, unless pings are all that comes and nothing is taken."""
        if self.waiting < MOST_WAITING:
            self.queue(PONG, data)


def handshake(headers: Mapping[str, str]) -> dict[str, str]:
    """What websockify needs of a request's headers: it chokes on lists with spaces and on subprotocols it lacks.

    Problem `invalid-input` when it is no WebSocket request.
    """
    if headers.get("Sec-WebSocket-Version") != "13" or not headers.get("Sec-WebSocket-Key"):
        raise Problem("invalid-input", "This address is a WebSocket of version 13.")
    offered = [word.strip() for word in headers.get("Sec-WebSocket-Protocol", "").split(",")]
    return {
        "upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": headers["Sec-WebSocket-Key"],
        "Sec-WebSocket-Protocol": "binary" if "binary" in offered else "",
    }


class Bridge:
    """Pumps until one side closes, the login ends, or the browser takes nothing for a minute."""

    def __init__(
        self,
        browser: socket.socket,
        target: socket.socket,
        *,
        allow: Callable[[bytes], bytes],
        still: Callable[[], bool],
        session: str,
    ) -> None:
        """`allow` picks from what the browser sends what may reach the machine; `still` says if the login is good."""
        self.session = session
        self._browser = browser
        self._target = target
        self._allow = allow
        self._still = still
        self._framing = Framing()
        self._to_target = bytearray()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = threading.Lock()
        self._code: int | None = None

    def end(self, code: int) -> None:
        """Close from another thread."""
        with self._lock:
            if self._wake >= 0:
                self._code = self._code or code
                os.eventfd_write(self._wake, 1)

    def run(self, headers: dict[str, str]) -> None:
        """Shake hands (see `handshake`), then pump to the end. Both sockets are closed afterwards."""
        code = GONE
        try:
            self._browser.setblocking(True)
            self._framing.accept(self._browser, headers)
            self._browser.setblocking(False)
            self._target.setblocking(False)
            code = self._pump()
        except NotUnderstoodError:
            code = UNSUPPORTED
        except (OSError, EOFError):
            pass  # one side is gone: that is how consoles end
        finally:
            self._close(code)

    def _close(self, code: int) -> None:
        self._target.close()
        with self._lock:
            os.close(self._wake)
            self._wake = -1
        with contextlib.suppress(Exception):  # the browser may be gone, or never was there
            self._browser.setblocking(True)
            self._browser.settimeout(2)
            self._framing.close(code)
        with contextlib.suppress(OSError):
            self._browser.close()

    def _pump(self) -> int:
        poll = select.poll()
        for number in (self._browser.fileno(), self._target.fileno()):
            poll.register(number, 0)
        poll.register(self._wake, select.POLLIN)
        clock = _Clock(time.monotonic())
        while True:
            self._ask(poll)
            events = dict(poll.poll(clock.seconds_left(time.monotonic()) * 1000))
            if self._code is not None:
                return self._code
            now = time.monotonic()
            if events.get(self._target.fileno(), 0):
                self._from_target(events[self._target.fileno()])
            if events.get(self._browser.fileno(), 0):
                self._from_browser(events[self._browser.fileno()])
            if self._framing.oversized:
                return TOO_BIG
            clock.progress(now, self._framing.waiting)
            if clock.stalled(now):
                return GONE
            if clock.check_due(now) and not self._still():
                return LOGGED_OUT
            if clock.ping_due(now) and not self._framing.waiting:
                self._framing.queue(PING, b"")
                self._framing.flush()

    def _ask(self, poll: select.poll) -> None:
        """Read from each side only while the other keeps up."""
        room_there, room_here = len(self._to_target) < MOST_WAITING, self._framing.waiting < MOST_WAITING
        poll.modify(
            self._browser.fileno(),
            (select.POLLIN if room_there else 0) | (select.POLLOUT if self._framing.waiting else 0),
        )
        poll.modify(
            self._target.fileno(),
            (select.POLLIN if room_here else 0) | (select.POLLOUT if self._to_target else 0),
        )

    def _from_target(self, events: int) -> None:
        if events & select.POLLOUT:
            self._send_target()
        if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
            with contextlib.suppress(BlockingIOError):
                data = self._target.recv(CHUNK)
                if not data:
                    self._last_words()
                    raise EOFError
                self._framing.queue(BINARY, data)
                self._framing.flush()

    def _last_words(self) -> None:
        """What the machine said last reaches the browser."""
        self._browser.settimeout(2)
        while self._framing.waiting:
            self._framing.flush()

    def _from_browser(self, events: int) -> None:
        if events & select.POLLOUT:
            self._framing.flush()
        if not events & (select.POLLIN | select.POLLHUP | select.POLLERR):
            return
        try:
            while True:
                message = self._framing.recvmsg()
                if message is None:
                    raise EOFError
                self._to_target += self._allow(message)
                if not self._framing.pending():
                    break
        except WebSocketWantReadError:
            pass
        self._framing.flush()
        self._send_target()

    def _send_target(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._to_target:
                del self._to_target[: self._target.send(self._to_target)]


class _Clock:
    """When the next ping and the next look at the login are due, and whether the browser has stalled."""

    def __init__(self, now: float) -> None:
        self._ping = now + PING_SECONDS
        self._check = now + CHECK_SECONDS
        self._waiting = 0
        self._moved = now

    def seconds_left(self, now: float) -> float:
        return max(0.0, min(self._ping, self._check) - now)

    def progress(self, now: float, waiting: int) -> None:
        if not waiting or waiting < self._waiting:
            self._moved = now
        self._waiting = waiting

    def stalled(self, now: float) -> bool:
        return now - self._moved > STALL_SECONDS

    def check_due(self, now: float) -> bool:
        due = now >= self._check
        self._check = now + CHECK_SECONDS if due else self._check
        return due

    def ping_due(self, now: float) -> bool:
        due = now >= self._ping
        self._ping = now + PING_SECONDS if due else self._ping
        return due
