"""One connection to libvirt: opened with keep-alive, limited in calls at once, closed without a trace."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import libvirt

from ..problems import Problem
from .errors import RPC, explain, explained
from .spec import PORTS, HostSpec

KEEP_ALIVE = (5, 3)  # seconds, count: a silent host is given up after 5 * (3 + 1) s
CALLS_AT_ONCE = 4  # libvirtd serves five per connection, and with five taken no keep-alive is answered
QUEUE_SECONDS = 20.0
OPEN_SECONDS = 30.0
DIAL_SECONDS = 10.0


def is_test_driver(uri: str) -> bool:
    """Whether the address is of libvirt's test driver, where each opening of a file is a world of its own."""
    return uri.startswith("test:")


def dial(spec: HostSpec) -> None:
    """Return where a host of TLS or TCP listens; Problem `host-lost` after 10 s: libvirt would try for minutes."""
    if spec.transport not in ("tls", "tcp"):
        return
    port = spec.port or PORTS[spec.transport]
    try:
        socket.create_connection((spec.address.strip("[]"), port), DIAL_SECONDS).close()
    except OSError as error:
        raw = f"unable to connect to server at '{spec.address}:{port}': {error.strerror or error}"
        raise explain(libvirt.VIR_ERR_SYSTEM_ERROR, RPC, raw) from error


def open_connection(uri: str) -> libvirt.virConnect:
    """A new connection, with keep-alive where the driver has it. Blocks without limit.

    Problem `host-lost` or `host-refused`.
    """
    with explained():
        conn = libvirt.open(uri)
    with contextlib.suppress(libvirt.libvirtError):  # the test driver has no keep-alive
        conn.setKeepAlive(*KEEP_ALIVE)
    return conn


def open_within(uri: str) -> libvirt.virConnect:
    """A new connection, or Problem `timed-out`; libvirt itself would wait for ever on a frozen daemon."""
    done = threading.Event()
    outcome: list[libvirt.virConnect | Problem] = []
    abandoned = threading.Event()

    def work() -> None:
        try:
            conn = open_connection(uri)
        except Problem as problem:
            outcome.append(problem)
        else:
            outcome.append(conn)
            if abandoned.is_set():
                close_connection(conn)
        done.set()

    threading.Thread(target=work, name="libvirt-open", daemon=True).start()
    if not done.wait(OPEN_SECONDS):
        abandoned.set()
        raise Problem("timed-out", f"The host did not take another connection within {OPEN_SECONDS:.0f} s.")
    if isinstance(outcome[0], Problem):
        raise outcome[0]
    return outcome[0]


def close_connection(conn: libvirt.virConnect) -> None:
    """Close; a connection that broke before is fine too."""
    with contextlib.suppress(libvirt.libvirtError):
        conn.close()


class Link:
    """A connection that many threads share, a few calls at a time.

    `on_loss` is called once, from any thread, when the connection breaks; it must not call libvirt.
    """

    def __init__(self, conn: libvirt.virConnect, on_loss: Callable[[], None], slots: int = CALLS_AT_ONCE) -> None:
        self.conn = conn
        self._slots = threading.BoundedSemaphore(slots)
        self._lock = threading.Lock()
        self._calls = 0
        self._closing = False
        self._watched = False
        with contextlib.suppress(libvirt.libvirtError):  # drivers inside the process cannot be lost
            conn.registerCloseCallback(_closed, on_loss)
            self._watched = True

    @contextlib.contextmanager
    def call(self) -> Iterator[libvirt.virConnect]:
        """The connection for a short call or two; errors of libvirt inside become Problems."""
        if not self._slots.acquire(timeout=QUEUE_SECONDS):
            raise Problem("timed-out", f"The host is still busy with earlier questions after {QUEUE_SECONDS:.0f} s.")
        try:
            self._enter()
            try:
                with explained():
                    yield self.conn
            finally:
                self._leave()
        finally:
            self._slots.release()

    def _enter(self) -> None:
        with self._lock:
            if self._closing:
                raise Problem("host-lost", "The connection to the host was just closed.")
            self._calls += 1

    def _leave(self) -> None:
        with self._lock:
            self._calls -= 1
            last = self._closing and self._calls == 0
        if last:
            self._end()

    def close(self) -> None:
        """Take no more calls, and close when the last one is over: libvirt frees what a call still uses."""
        with self._lock:
            idle = not self._closing and self._calls == 0
            self._closing = True
        if idle:
            self._end()

    def _end(self) -> None:
        """Take back the close callback, then close; with a callback left the socket would stay open."""
        if self._watched:
            with contextlib.suppress(libvirt.libvirtError):
                self.conn.unregisterCloseCallback()
        close_connection(self.conn)


def _closed(_conn: libvirt.virConnect, _reason: int, on_loss: Callable[[], None]) -> None:
    on_loss()
