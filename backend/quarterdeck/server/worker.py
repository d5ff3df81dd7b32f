"""gunicorn's threads with deadlines, so that no slow or silent client keeps one of them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from ..problems import Problem
from .answers import failure

HEADER_SECONDS = 10.0
"""Within this a request's header must be complete, on a kept connection too."""
STRANGER_SECONDS = 10.0
"""Within this a request must be over that nobody has vouched for yet."""
GOODBYE_SECONDS = 1.0
"""So long a stopping service waits for its streams to end in good order."""
ENVIRON_KEY = "quarterdeck.deadline"


class Deadline:
    """When a connection is cut. Calling it with seconds sets it anew, with None lifts it.

    It stands in the environment of each request as `quarterdeck.deadline`; whoever knows the caller
    (the gate) sets it anew whenever something moves, and streams (consoles, Socket.IO) lift it.
    """

    def __init__(self, connection: socket.socket, wake: Callable[[], None]) -> None:
        self.connection = connection
        self.at: float | None = time.monotonic() + HEADER_SECONDS
        self._wake = wake

    def __call__(self, seconds: float | None) -> None:
        """Cut the connection in so many seconds, or never."""
        self.at = None if seconds is None else time.monotonic() + seconds
        if seconds is not None:
            self._wake()

    def cut(self) -> None:
        """Wake the thread that waits on this connection: its reads and writes fail from now on."""
        self.at = None
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """Cuts the connections whose deadline has passed. Sleeps while there are none."""

    def __init__(self) -> None:
        self._watched: set[Deadline] = set()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to watch, in a thread that ends with the process."""
        threading.Thread(target=self._run, daemon=True, name="deadlines").start()

    def wake(self) -> None:
        """Look again: a deadline was set."""
        with self._changed:
            self._changed.notify()

    def watch(self, connection: socket.socket) -> Deadline:
        """A deadline for the header of a request on this connection, watched until it is removed."""
        deadline = Deadline(connection, self.wake)
        with self._changed:
            self._watched.add(deadline)
            self._changed.notify()
        return deadline

    def remove(self, deadline: Deadline) -> None:
        """Watch it no longer."""
        with self._changed:
            self._watched.discard(deadline)

    def cut_streams(self) -> None:
        """Cut every connection whose deadline was lifted."""
        with self._changed:
            streams = [d for d in self._watched if d.at is None]
        for deadline in streams:
            deadline.cut()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: any(d.at is not None for d in self._watched))
                now = time.monotonic()
                late = [d for d in self._watched if d.at is not None and d.at < now]
            for deadline in late:
                deadline.cut()
            time.sleep(1)


class Worker(ThreadWorker):
    """The thread worker, with deadlines and with a memory of who is behind the TLS front."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watchdog = Watchdog()
        self._current = threading.local()
        self.on_stop: list[Callable[[], None]] = []
        """Called, in a thread, when the service is told to stop: end what would last."""
        self.on_exit: list[Callable[[], None]] = []
        """Called when the last request is over."""

    def init_process(self) -> None:
        """Run until told to stop."""
        self.watchdog.start()  # after the fork: threads do not survive one
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """On SIGTERM, end the lasting connections first: their threads would be waited for."""
        if self.alive:
            threading.Thread(target=self._end_streams, daemon=True, name="stop").start()
        super().handle_exit(sig, frame)

    def _end_streams(self) -> None:
        for act in self.on_stop:
            act()
        time.sleep(GOODBYE_SECONDS)
        self.watchdog.cut_streams()

    def handle(self, conn: Any) -> Any:
        """One request of a connection, watched from the first byte of its header."""
        conn.deadline = self.watchdog.watch(conn.sock)
        try:
            return super().handle(conn)
        finally:
            self.watchdog.remove(conn.deadline)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """One request whose header is complete."""
        conn.deadline(STRANGER_SECONDS)
        # gunicorn keeps the PROXY line for the first request of a connection only
        info = getattr(req, "proxy_protocol_info", None) or getattr(conn, "proxy_protocol_info", None)
        conn.proxy_protocol_info = req.proxy_protocol_info = info
        self._current.deadline = conn.deadline
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that never reached the application with a problem, as everything else does."""
        if isinstance(exc, LimitRequestLine | LimitRequestHeaders):
            problem = Problem("header-too-large", f"{exc}.")
        elif isinstance(exc, ParseException):
            problem = Problem("bad-request", f"{exc}.")
        else:
            self.log.error("before the application", exc_info=exc)
            problem = Problem("internal", "The request did not reach the application.")
        with contextlib.suppress(OSError):
            write_nonblock(client, failure(problem))

    def load_wsgi(self) -> None:
        """Load the application, and give each request its deadline."""
        super().load_wsgi()
        inner = self.wsgi

        def with_deadline(environ: Any, start_response: Any) -> Any:
            environ[ENVIRON_KEY] = self._current.deadline
            return inner(environ, start_response)

        self.wsgi = with_deadline
