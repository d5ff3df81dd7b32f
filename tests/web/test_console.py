"""Consoles: what passes in which direction, and what ends one."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from websockify.websocket import WebSocket

from quarterdeck.problems import Problem
from quarterdeck.web import bridge
from quarterdeck.web.bridge import Bridge
from quarterdeck.web.rfb import NotUnderstoodError, ViewOnly
from tests.waiting import PATIENCE_SECONDS

HELLO = b"RFB 003.008\n\x01\x00"
KEY = struct.pack(">BBHI", 4, 1, 0, 0x61)
POINTER = struct.pack(">BBHH", 5, 1, 10, 10)
UPDATE = struct.pack(">BBHHHH", 3, 1, 0, 0, 640, 480)
ENCODINGS = struct.pack(">BBHii", 2, 0, 2, 0, -239)
FORMAT = bytes(20)
FENCE = struct.pack(">B3xIB", 248, 0, 3) + b"abc"
CUT = struct.pack(">B3xi", 6, 5) + b"hello"
EXTENDED_CUT = struct.pack(">B3xi", 6, -8) + b"\0\0\0\1abcd"
QEMU_KEY = struct.pack(">BBHII", 255, 0, 1, 0x61, 30)
RESIZE = struct.pack(">BxHHBx", 251, 800, 600, 1) + bytes(16)


def test_viewer_sees_and_does_not_touch() -> None:
    sent = HELLO + FORMAT + ENCODINGS + KEY + UPDATE + POINTER + CUT + FENCE + QEMU_KEY + EXTENDED_CUT + RESIZE + UPDATE
    passed = ViewOnly().feed(sent)
    assert passed == b"RFB 003.008\n\x01\x01" + FORMAT + ENCODINGS + UPDATE + FENCE + UPDATE


def test_viewer_does_not_touch_however_the_bytes_are_cut() -> None:
    only = ViewOnly()
    sent = HELLO + KEY + UPDATE + EXTENDED_CUT + POINTER + ENCODINGS + RESIZE + QEMU_KEY
    passed = b"".join(only.feed(sent[n : n + 1]) for n in range(len(sent)))
    assert passed == b"RFB 003.008\n\x01\x01" + UPDATE + ENCODINGS


def test_huge_clipboard_of_a_viewer_is_not_kept_in_memory() -> None:
    only = ViewOnly()
    only.feed(HELLO + struct.pack(">B3xi", 6, 2**31 - 1))
    for _ in range(64):
        assert only.feed(bytes(65536)) == b""
    assert len(only._buffer) == 0


@pytest.mark.parametrize(
    "sent", [b"RFB 003.003\n", b"HELLO WORLD\n", b"RFB 003.008\n\x13", HELLO + b"\x99", HELLO + b"\xff\x07\0\0"]
)
def test_what_is_not_understood_ends_a_viewers_console(sent: bytes) -> None:
    with pytest.raises(NotUnderstoodError):
        ViewOnly().feed(sent)


def test_subprotocol_that_is_not_ours_is_not_chosen() -> None:
    headers = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Protocol": "chat"}
    assert bridge.handshake(headers)["Sec-WebSocket-Protocol"] == ""
    with pytest.raises(Problem):
        bridge.handshake({})


class Line:
    """A browser and a machine with a bridge between them."""

    def __init__(self, allow=lambda data: data, still=lambda: True) -> None:
        self.browser, ours = socket.socketpair()
        theirs, self.machine = socket.socketpair()
        self.browser.settimeout(PATIENCE_SECONDS)
        self.machine.settimeout(PATIENCE_SECONDS)
        self.bridge = Bridge(ours, theirs, allow=allow, still=still, session="s")
        headers = {
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": "chat, binary",
        }
        self.thread = threading.Thread(target=self.bridge.run, args=[bridge.handshake(headers)])
        self.thread.start()
        self.answer = b""
        while b"\r\n\r\n" not in self.answer:
            part = self.browser.recv(1)
            assert part, self.answer
            self.answer += part
        self.framing = WebSocket()
        self.framing.client = True
        self.framing.socket = self.browser

    def send(self, data: bytes, opcode: int = 2) -> None:
        self.browser.sendall(struct.pack(">BBQ", 0x80 | opcode, 0xFF, len(data)) + bytes(4) + data)

    def close_code(self) -> int:
        with contextlib.suppress(OSError):  # the other side does not wait for our goodbye
            while self.framing.recvmsg() is not None:
                pass
        return self.framing.close_code


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.browser.close()
    made.thread.join(PATIENCE_SECONDS)
    assert not made.thread.is_alive()


def test_bytes_pass_both_ways_under_the_binary_subprotocol(line: Line) -> None:
    assert b"Sec-WebSocket-Protocol: binary" in line.answer
    line.machine.sendall(b"RFB 003.008\n")
    assert line.framing.recvmsg() == b"RFB 003.008\n"
    line.send(b"answer")
    assert line.machine.recv(100) == b"answer"


def test_machine_is_not_read_while_the_browser_takes_nothing(line: Line) -> None:
    line.machine.settimeout(1)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 64 * 2**20:
            sent += line.machine.send(bytes(65536))
    assert sent < 4 * 2**20


def test_browser_is_not_read_while_the_machine_takes_nothing(line: Line) -> None:
    line.browser.settimeout(1)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 64 * 2**20:
            line.send(bytes(65536))
            sent += 65536
    assert sent < 4 * 2**20


def test_frame_that_is_too_large_ends_the_console(line: Line) -> None:
    line.browser.sendall(struct.pack(">BBQ", 0x82, 0xFF, 2**30) + bytes(4))
    with pytest.raises(OSError):
        while True:
            line.browser.sendall(bytes(65536))


def test_end_of_the_machine_closes_after_its_last_words(line: Line) -> None:
    line.machine.sendall(b"bye")
    line.machine.close()
    assert line.framing.recvmsg() == b"bye"
    assert line.close_code() == 1000


def test_end_of_the_browser_closes_the_machine_side(line: Line) -> None:
    line.browser.close()
    assert line.machine.recv(1) == b""


def test_console_can_be_ended_from_outside(line: Line) -> None:
    line.bridge.end(4401)
    assert line.close_code() == 4401
    line.bridge.end(4401)


def test_ping_of_the_browser_is_answered(line: Line) -> None:
    line.send(b"", opcode=9)
    assert line.browser.recv(2)[0] == 0x8A


def test_console_whose_login_ended_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "CHECK_SECONDS", 0.1)
    line = Line(still=lambda: False)
    assert line.close_code() == 4401
    line.thread.join(PATIENCE_SECONDS)


def test_keystroke_of_a_viewer_never_reaches_the_machine() -> None:
    line = Line(allow=ViewOnly().feed)
    line.send(HELLO + KEY + POINTER + UPDATE)
    received = b""
    while len(received) < 14 + len(UPDATE):
        received += line.machine.recv(100)
    assert received == b"RFB 003.008\n\x01\x01" + UPDATE
    line.browser.close()
    line.thread.join(PATIENCE_SECONDS)


@pytest.mark.parametrize("version", [b"RFB 003.3  \n", b"RFB 003.03\n\n", b"RFB 003.9  \n", b"RFB 003.8  \n"])
def test_version_that_qemu_reads_in_another_way_ends_a_viewers_console(version: bytes) -> None:
    """QEMU takes `3  ` for 3.3, where no security type is chosen: 16 bytes of `challenge` would be key presses."""
    with pytest.raises(NotUnderstoodError):
        ViewOnly().feed(version + b"\x02" + KEY + KEY)
