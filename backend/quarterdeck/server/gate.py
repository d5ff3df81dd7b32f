"""What every request passes before the application sees it: true scheme and address, Host, numbers, sockets.

Engine.IO knows no login, keeps a connection that never says what it wants, and looks at sizes when a
message is already in memory. So the gate looks first.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

from ..problems import Problem
from ..web.origin import network_of, same_origin
from .worker import ENVIRON_KEY

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

SOCKET_PATH = "/socket.io/"
ORDINARY_SECONDS = 60.0
"""A request of somebody known is cut when nothing of it moves for so long; a large upload moves for hours."""
ANSWER_SECONDS = 120.0
"""So long each piece of an answer may take on its way to a slow reader."""
MESSAGE_BYTES = 64 * 1024
SWALLOWED_BYTES = 256 << 30
"""So much of a body that nobody wanted is taken, for its sender to come to reading why: an image of a disk.

Only of somebody known, who may send as much anyway; it is not kept. Who asks first (Expect) is told at once.
"""
STRANGERS_PER_ADDRESS = 24
STRANGERS = 128
"""Requests of strangers at once, from however many addresses: the other threads are for who is logged in."""
STRANGER_SOCKETS = 16
"""Engine.IO sessions at once that have not logged in yet (scripts log in with their first packet)."""
CONNECT_SECONDS = 10.0


class Names:
    """The host names under which this service answers; IP addresses always do."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        own = {socket.gethostname(), socket.getfqdn(), "localhost", *names}
        self._names = {name.lower().rstrip(".") for name in own if name}
        self._prefix = socket.gethostname().partition(".")[0].lower() + "."

    def allows(self, host: str) -> bool:
        """Whether a Host header (with or without a port) names this service.

        The host's own name passes in any domain, since a host often does not know the domain that people use.
        """
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        name = name.lower().rstrip(".")
        if name in self._names or name.startswith(self._prefix):
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


class Gate:
    """A WSGI application round the application.

    `known` tells whether somebody is logged in behind an environment. `sockets` is how many WebSockets there
    may be at once. `engine` is the Engine.IO server, if the application has one.
    """

    def __init__(
        self,
        app: WSGI,
        known: Callable[[Environ], bool],
        names: Names,
        sockets: int,
        engine: Engine | None = None,
        *,
        own_proxy: bool = False,
    ) -> None:
        self._app = app
        self._known = known
        self._names = names
        self._slots = threading.BoundedSemaphore(sockets)
        self._engine = engine
        self._own_proxy = own_proxy
        self._strangers = Places(STRANGERS_PER_ADDRESS, STRANGERS)
        self._stranger_sockets = Places(STRANGERS_PER_ADDRESS, sockets)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let the application answer."""
        tell_truth(environ, own_proxy=self._own_proxy)
        if not self._names.allows(environ.get("HTTP_HOST", "")):
            return refuse(start_response, "421 Misdirected Request", MISDIRECTED)
        known = self._known(environ)
        websocket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if known:
            environ[ENVIRON_KEY](ORDINARY_SECONDS)
            environ["wsgi.input"] = MovingInput(environ["wsgi.input"], environ[ENVIRON_KEY])
        if not environ["PATH_INFO"].startswith(SOCKET_PATH):
            answer = self._limited(environ, start_response, known, websocket)
            if known and not websocket and "HTTP_EXPECT" not in environ:
                environ["wsgi.input"].swallow()
            return answer if websocket else MovingAnswer(answer, environ[ENVIRON_KEY])
        refusal = self._socket_refusal(environ, known, websocket)
        if refusal:
            return refuse(start_response, *refusal)
        environ[ENVIRON_KEY](self._patience(environ, known, websocket))
        return self._limited(environ, start_response, known, websocket)

    def _limited(
        self, environ: Environ, start_response: StartResponse, known: bool, websocket: bool
    ) -> Iterable[bytes]:
        go_on = self._counted if websocket else self._app
        if known:
            return go_on(environ, start_response)
        places = self._stranger_sockets if websocket else self._strangers
        with places.one(environ.get("REMOTE_ADDR", "")) as room:
            if not room:
                return refuse(start_response, "503 Service Unavailable", b"Too many requests at once.\n")
            return go_on(environ, start_response)

    def _socket_refusal(self, environ: Environ, known: bool, websocket: bool) -> tuple[str, bytes] | None:
        """Why a request to Engine.IO is not let through; None when it is."""
        bearer = "HTTP_AUTHORIZATION" in environ
        cookie = "HTTP_COOKIE" in environ
        names_origin = "HTTP_ORIGIN" in environ
        # A browser names its origin on WebSockets and changes, but not when it reads from its own site
        must_name = cookie and not bearer and (websocket or environ["REQUEST_METHOD"] != "GET")
        if (names_origin or must_name) and not same_origin(environ):
            return "403 Forbidden", b"This socket is for Quarterdeck's own pages.\n"
        if int(environ.get("CONTENT_LENGTH") or 0) > MESSAGE_BYTES:
            return "413 Content Too Large", b"Messages are at most 64 KiB.\n"
        if not known and (cookie or bearer):
            return "401 Unauthorized", b"Log in first.\n"
        if self._engine is not None and not engine_session(environ):
            self._engine.expect()
            if not known and len(self._engine.unconnected()) >= STRANGER_SOCKETS:
                return "503 Service Unavailable", b"Too many sockets that did not log in.\n"
        return None

    def _patience(self, environ: Environ, known: bool, websocket: bool) -> float | None:
        """Seconds for a request to Engine.IO; a socket of nobody known lasts only when its login lifts this."""
        if not known and (self._engine is None or not self._engine.connected(engine_session(environ))):
            return CONNECT_SECONDS
        return None if websocket else ORDINARY_SECONDS * 2

    def _counted(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """A WebSocket holds a thread: keep some threads for everything else."""
        if not self._slots.acquire(blocking=False):
            return refuse(start_response, "503 Service Unavailable", b"Too many open sockets.\n")
        try:
            # Without compression a small frame cannot become a large message
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            return self._app(environ, start_response)
        finally:
            self._slots.release()


class Places:
    """Room for what strangers ask at once: so much for each address, so much for all."""

    def __init__(self, per_address: int, total: int) -> None:
        self._per_address = per_address
        self._total = total
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def one(self, address: str) -> Iterator[bool]:
        """Whether there is room for one more."""
        network = network_of(address)
        with self._lock:
            room = self._taken[network] < self._per_address and self._taken.total() < self._total
            self._taken[network] += 1
        try:
            yield room
        finally:
            with self._lock:
                self._taken[network] -= 1
                if not self._taken[network]:
                    del self._taken[network]


def engine_session(environ: Environ) -> str:
    """The Engine.IO session that a request names, read as Engine.IO does; empty when it begins one."""
    query: str = environ.get("QUERY_STRING", "")
    return parse_qs(query).get("sid", [""])[0]


class MovingInput:
    """A request's body: whatever arrives of it gives the rest more time."""

    def __init__(self, body: Any, deadline: Callable[[float | None], None]) -> None:
        self._body = body
        self._deadline = deadline

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data: bytes = self._body.read() if size is None or size < 0 else self._body.read(size)
        self._deadline(ORDINARY_SECONDS)
        return data

    def swallow(self) -> None:
        """Take what nobody has read: a connection that is closed before would take the answer along."""
        left = SWALLOWED_BYTES
        with contextlib.suppress(OSError):  # its sender is gone
            while left > 0 and (data := self.read(min(left, MESSAGE_BYTES))):
                left -= len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)


class MovingAnswer:
    """An answer: each piece gets the time that a slow reader needs."""

    def __init__(self, pieces: Iterable[bytes], deadline: Callable[[float | None], None]) -> None:
        self._pieces = pieces
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""
        for piece in self._pieces:
            self._deadline(ANSWER_SECONDS)
            yield piece

    def close(self) -> None:
        """Tell the application that its answer is over."""
        getattr(self._pieces, "close", lambda: None)()


SLUGS = {
    "401": "not-logged-in",
    "403": "wrong-origin",
    "413": "too-large",
    "421": "misdirected",
    "503": "overloaded",
}
MISDIRECTED = (
    b"This service does not answer to that name. If it should, add the name to server_names "
    b"in /etc/quarterdeck/quarterdeck.toml.\n"
)


def tell_truth(environ: Environ, *, own_proxy: bool) -> None:
    """Put right what the byte pipe hides: the scheme; and drop what only a proxy may say.

    With the administrator's own proxy in front, the last address it forwarded for is who is connected.
    """
    environ["wsgi.url_scheme"] = "https"
    if own_proxy:
        environ["REMOTE_ADDR"] = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    for key in [k for k in environ if k.startswith(("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL"))]:
        del environ[key]
    environ.setdefault(ENVIRON_KEY, lambda seconds: None)


def refuse(start_response: StartResponse, status: str, text: bytes) -> Iterable[bytes]:
    """A problem as the application would tell it, which ends the connection."""
    body = json.dumps(Problem(SLUGS[status[:3]], text.decode().strip()).as_dict()).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    if status.startswith("503"):
        headers.append(("Retry-After", "5"))
    start_response(status, headers)
    return [body]


class Engine:
    """Bounds for one Socket.IO server: message sizes, sessions that never log in, and a quick end."""

    def __init__(self, socketio_server: Any) -> None:
        self._server = socketio_server
        self._engineio = socketio_server.eio
        self._seen: dict[str, float] = {}
        websocket = functools.partial(SimpleWebSocketWSGI, max_message_size=MESSAGE_BYTES, receive_bytes=MESSAGE_BYTES)
        self._engineio._async = dict(self._engineio._async, websocket=websocket)
        self._engineio.max_http_buffer_size = MESSAGE_BYTES
        self._wake = threading.Event()

    def start(self) -> None:
        """Begin to end sessions that do not log in; call after the fork."""
        threading.Thread(target=self._watch, daemon=True, name="engine").start()

    def unconnected(self) -> list[str]:
        """Engine.IO sessions without a Socket.IO connection."""
        return [sid for sid in list(self._engineio.sockets) if not self.connected(sid)]

    def connected(self, sid: str) -> bool:
        """Whether an Engine.IO session has a Socket.IO connection, that is: a login."""
        return self._server.manager.sid_from_eio_sid(sid, "/") is not None

    def expect(self) -> None:
        """A session is about to begin: see that it logs in."""
        self._wake.set()

    def sweep(self, now: float) -> bool:
        """End the sessions that have been without a login for too long; whether there are any others."""
        self._seen = {sid: self._seen.get(sid, now) for sid in self.unconnected()}
        for sid in [s for s, since in self._seen.items() if now - since > CONNECT_SECONDS]:
            self.end(sid)
        return bool(self._seen)

    def end(self, sid: str) -> None:
        """End one session without waiting for its client."""
        connection = self._engineio.sockets.get(sid)
        if connection is not None:
            with contextlib.suppress(Exception):  # it may end by itself at the same moment
                connection.close(wait=False)

    def end_all(self) -> None:
        """End every session, so that the service stops at once."""
        for sid in list(self._engineio.sockets):
            self.end(sid)

    def _watch(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            time.sleep(CONNECT_SECONDS / 4)
            while self.sweep(time.monotonic()):
                time.sleep(CONNECT_SECONDS / 4)
