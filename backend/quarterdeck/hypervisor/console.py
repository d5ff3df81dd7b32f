"""A character device of a machine as a socket: libvirt's stream is pumped by the event loop, without a thread."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

import libvirt

log = logging.getLogger(__name__)
CHUNK = 65536
MOST_PENDING = 262_144  # beyond this the machine's output waits until the reader has caught up
_READABLE, _WRITABLE = libvirt.VIR_EVENT_HANDLE_READABLE, libvirt.VIR_EVENT_HANDLE_WRITABLE
_BROKEN = libvirt.VIR_EVENT_HANDLE_ERROR | libvirt.VIR_EVENT_HANDLE_HANGUP
_S_READABLE, _S_WRITABLE = libvirt.VIR_STREAM_EVENT_READABLE, libvirt.VIR_STREAM_EVENT_WRITABLE
_S_BROKEN = libvirt.VIR_STREAM_EVENT_ERROR | libvirt.VIR_STREAM_EVENT_HANGUP
WOULD_BLOCK = -2


def pump(stream: libvirt.virStream, done: Callable[[], None]) -> socket.socket:
    """A socket that carries the bytes of a non-blocking stream; `done` is called once after either side closed."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    _Pump(stream, theirs, done).start()
    return ours


class _Pump:
    """Both directions of one console. Everything but the end runs in the loop thread, which must not wait."""

    def __init__(self, stream: libvirt.virStream, sock: socket.socket, done: Callable[[], None]) -> None:
        self._stream: libvirt.virStream | None = stream
        self._sock = sock
        self._done = done
        self._to_person = bytearray()
        self._to_machine = bytearray()
        self._handle = -1

    def start(self) -> None:
        stream = self._stream
        assert stream is not None  # noqa: S101 - only ended pumps have none
        self._handle = libvirt.virEventAddHandle(self._sock.fileno(), _READABLE | _BROKEN, self._on_socket, None)
        stream.eventAddCallback(_S_READABLE | _S_BROKEN, self._on_stream, None)

    def _on_stream(self, _stream: libvirt.virStream, events: int, _opaque: object) -> None:
        if self._stream is None:
            return
        try:
            if events & _S_READABLE:
                data = self._stream.recv(CHUNK)
                if data == b"":
                    self._end()
                    return
                if data != WOULD_BLOCK:
                    self._to_person += data
            if events & _S_WRITABLE:
                self._send_machine()
            if events & _S_BROKEN and not events & _S_READABLE:
                self._end()
                return
            self._send_person()
            self._ask()
        except (libvirt.libvirtError, OSError):
            self._end()

    def _on_socket(self, _watch: int, _fd: int, events: int, _opaque: object) -> None:
        if self._stream is None:
            return
        try:
            if events & _READABLE:
                data = self._sock.recv(CHUNK)
                if not data:
                    self._end()
                    return
                self._to_machine += data
                self._send_machine()
            elif events & _BROKEN:
                self._end()
                return
            if events & _WRITABLE:
                self._send_person()
            self._ask()
        except BlockingIOError:
            pass
        except (libvirt.libvirtError, OSError):
            self._end()

    def _send_person(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._to_person:
                del self._to_person[: self._sock.send(self._to_person)]

    def _send_machine(self) -> None:
        while self._to_machine and self._stream is not None:
            sent = self._stream.send(bytes(self._to_machine))
            if sent == WOULD_BLOCK:
                return
            del self._to_machine[:sent]

    def _ask(self) -> None:
        """Ask both sides only for what there is room for."""
        if self._stream is None:
            return
        self._stream.eventUpdateCallback(
            (_S_READABLE if len(self._to_person) < MOST_PENDING else 0)
            | (_S_WRITABLE if self._to_machine else 0)
            | _S_BROKEN
        )
        libvirt.virEventUpdateHandle(
            self._handle,
            (_READABLE if len(self._to_machine) < MOST_PENDING else 0)
            | (_WRITABLE if self._to_person else 0)
            | _BROKEN,
        )

    def _end(self) -> None:
        """Take the callbacks back first: libvirt would call a broken stream's callback for ever."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        with contextlib.suppress(libvirt.libvirtError):
            stream.eventRemoveCallback()
        libvirt.virEventRemoveHandle(self._handle)
        with contextlib.suppress(OSError):
            self._send_person()
        self._sock.close()
        # Ending a stream asks the host, which the loop thread must not wait for.
        done, self._done = self._done, _nothing
        threading.Thread(target=_finish, args=(stream, done), name="console-end", daemon=True).start()


def _nothing() -> None:
    """What a pump that ended keeps hold of."""


def _finish(stream: libvirt.virStream, done: Callable[[], None]) -> None:
    with contextlib.suppress(libvirt.libvirtError):
        stream.abort()
    # libvirt never frees what was given to it with a stream's callback (remoteStreamCallbackFree), and with it
    # the Python object, the stream and its whole connection would live on: so the stream is freed by hand.
    vars(stream).pop("cb", None)
    stream.__del__()
    stream._conn = None
    done()
