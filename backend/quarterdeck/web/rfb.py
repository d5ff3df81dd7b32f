"""The client's side of the VNC protocol (RFC 6143), as far as a console must know it to be for looking only."""

from __future__ import annotations

import struct

VERSIONS = (b"RFB 003.007\n", b"RFB 003.008\n")
"""Word for word: a server that reads `003.3  ` as 3.3 expects other bytes next than we would look at."""
VERSION_BYTES = 12
NO_SECURITY, VNC_SECURITY = 1, 2
CHALLENGE_BYTES = 16
PASSES = {0: 20, 3: 10, 150: 10}
"""SetPixelFormat, FramebufferUpdateRequest, EnableContinuousUpdates: type and length."""
DROPPED = {4: 8, 5: 6, 250: 4}
"""KeyEvent, PointerEvent, power acts (xvp)."""
SET_ENCODINGS, CUT_TEXT, FENCE, DESKTOP_SIZE, QEMU = 2, 6, 248, 251, 255
QEMU_KEY_BYTES = 12


class NotUnderstoodError(Exception):
    """The client sends something that cannot be told harmless."""


class ViewOnly:
    """Lets through what a client sends to see the screen, and nothing that reaches the machine.

    What is not known cannot be judged and ends the console: better no picture than a keystroke.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skip = 0
        self._expect = self._version

    def feed(self, data: bytes) -> bytes:
        """What may go to the machine of all that was fed so far. Raises NotUnderstoodError."""
        self._buffer += data
        passed = bytearray()
        while self._buffer:
            if self._skip:
                gone = min(self._skip, len(self._buffer))
                del self._buffer[:gone]
                self._skip -= gone
                continue
            part = self._expect()
            if part is None:
                break
            passed += part
        return bytes(passed)

    def _take(self, count: int) -> bytes | None:
        """The next bytes, or None while they are not all there."""
        if len(self._buffer) < count:
            return None
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _version(self) -> bytes | None:
        line = self._take(VERSION_BYTES)
        if line is not None:
            if line not in VERSIONS:
                raise NotUnderstoodError("version")
            self._expect = self._security
        return line

    def _security(self) -> bytes | None:
        chosen = self._take(1)
        if chosen is not None:
            if chosen[0] not in (NO_SECURITY, VNC_SECURITY):
                raise NotUnderstoodError("security")
            self._expect = self._challenge if chosen[0] == VNC_SECURITY else self._init
        return chosen

    def _challenge(self) -> bytes | None:
        answer = self._take(CHALLENGE_BYTES)
        if answer is not None:
            self._expect = self._init
        return answer

    def _init(self) -> bytes | None:
        if self._take(1) is None:
            return None
        self._expect = self._message
        return b"\x01"  # shared: somebody who looks must not throw out somebody who works

    def _message(self) -> bytes | None:
        kind = self._buffer[0]
        if kind in PASSES:
            return self._take(PASSES[kind])
        if kind in DROPPED:
            return self._drop(DROPPED[kind])
        return self._long(kind)

    def _drop(self, count: int) -> bytes:
        self._skip = count
        return b""

    def _long(self, kind: int) -> bytes | None:
        """Messages whose header tells their length."""
        have = len(self._buffer)
        if kind == SET_ENCODINGS:
            return self._take(4 + 4 * struct.unpack_from(">H", self._buffer, 2)[0]) if have >= 4 else None
        if kind == CUT_TEXT:  # a negative length is the extended clipboard's
            return self._drop(8 + abs(struct.unpack_from(">i", self._buffer, 4)[0])) if have >= 8 else None
        if kind == FENCE:
            return self._take(9 + self._buffer[8]) if have >= 9 else None
        if kind == DESKTOP_SIZE:
            return self._drop(8 + 16 * self._buffer[6]) if have >= 8 else None
        if kind == QEMU:
            return self._qemu() if have >= 4 else None
        raise NotUnderstoodError(f"message {kind}")

    def _qemu(self) -> bytes:
        if self._buffer[1] == 0:
            return self._drop(QEMU_KEY_BYTES)
        if self._buffer[1] == 1:
            return self._drop(10 if struct.unpack_from(">H", self._buffer, 2)[0] == 2 else 4)
        raise NotUnderstoodError("message of QEMU")
