"""Consoles: the address of one, and the WebSocket behind it, which takes gunicorn's connection over."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import flask
from pydantic import ConfigDict

from ..access import Permission, User, require
from ..audit import Audit
from ..hypervisor.hosts import Hosts
from ..model.strict import Value
from ..problems import Problem
from .bridge import AWAY, LOGGED_OUT, Bridge, handshake
from .origin import same_origin
from .rfb import ViewOnly
from .route import BASE, Raw, route
from .session import DEADLINE, Login, Sessions

log = logging.getLogger(__name__)
TICKET_SECONDS = 15.0
MOST_TICKETS = 16
"""Consoles of one login that wait for their browser at once: each holds a connection to the machine."""
VIEWER_FILE = "application/x-virt-viewer"
RULE = "/hosts/<host>/domains/<uuid:uuid>/consoles/socket"


class ConsoleRequest(Value):
    """Which console. `device` picks one of several (an alias such as `serial0`); `force` takes it from who has it."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["vnc", "serial"] = "vnc"
    device: str | None = None
    force: bool = False


class ConsoleAddress(Value):
    """Where the console is: a WebSocket on this origin, subprotocol `binary`, with plain RFB or terminal bytes."""

    url: str


@dataclass(frozen=True)
class _Waiting:
    """A console that is open already and waits for its browser."""

    target: socket.socket
    login: str
    until: float


class Hijacked(flask.Response):
    """Tells gunicorn that its connection is not its own any more: nothing may be written into it."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """End the request without an answer."""
        raise StopIteration


class Consoles:
    """All open consoles."""

    def __init__(self, hosts: Hosts, sessions: Sessions, audit: Audit) -> None:
        self._hosts = hosts
        self._sessions = sessions
        self._audit = audit
        self._waiting: dict[str, _Waiting] = {}
        self._open: set[Bridge] = set()
        self._lock = threading.Lock()
        sessions.on_end(self.end_session)

    def install(self, app: flask.Flask) -> None:
        """Add the WebSocket's address to the app."""
        app.add_url_rule(BASE + RULE, "console", self.serve, websocket=True)

    def prepare(self, login: Login, host: str, uuid: UUID, asked: ConsoleRequest) -> ConsoleAddress:
        """Open the console, and say where its browser finds it. Problems are told here, where they can be read."""
        _may(login.user, asked.type)
        with self._lock:
            if sum(waiting.login == login.id for waiting in self._waiting.values()) >= MOST_TICKETS:
                raise Problem("overloaded", "Too many consoles wait for their browser.", cure="Wait some seconds.")
        target = self._connect(host, uuid, asked)
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._waiting[ticket] = _Waiting(target, login.id, time.monotonic() + TICKET_SECONDS)
        timer = threading.Timer(TICKET_SECONDS, self._expire, [ticket])
        timer.daemon = True
        timer.start()
        query = {"type": asked.type, "ticket": ticket} | ({"device": asked.device} if asked.device else {})
        return ConsoleAddress(url=f"{BASE}/hosts/{host}/domains/{uuid}/consoles/socket?{urlencode(query)}")

    def serve(self, host: str, uuid: UUID) -> flask.Response:
        """The console itself; the request's thread stays in here until it ends."""
        request = flask.request
        login = self._sessions.login(request.environ)
        if login is None:
            raise Problem("not-logged-in", "This needs a login.")
        if login.csrf is not None and not same_origin(request.environ):
            raise Problem("wrong-origin", "The console is for Quarterdeck's own pages.")
        asked = ConsoleRequest(
            type="serial" if request.args.get("type") == "serial" else "vnc", device=request.args.get("device")
        )
        _may(login.user, asked.type)
        shake = handshake(typing.cast(Mapping[str, str], request.headers))
        target = self._claim(request.args.get("ticket", ""), login) or self._connect(host, uuid, asked)
        request.environ.get(DEADLINE, lambda seconds: None)(None)
        allow = self._allowed(login, asked.type)
        bridge = Bridge(
            request.environ["gunicorn.socket"].dup(),
            target,
            allow=allow,
            still=lambda: self._sessions.still(login),
            session=login.user.session,
        )
        self._run(bridge, shake, login.user, host, uuid, asked.type)
        return Hijacked()

    def _allowed(self, login: Login, kind: str) -> Callable[[bytes], bytes]:
        """What of the browser's bytes may reach the machine. A VNC client sends without a person too."""
        if not login.user.may(Permission.CONSOLE_USE):
            return ViewOnly().feed
        return partial(self._typed, login) if kind == "serial" else _everything

    def _typed(self, login: Login, data: bytes) -> bytes:
        self._sessions.active(login)
        return data

    def _run(self, bridge: Bridge, shake: dict[str, str], user: User, host: str, uuid: UUID, kind: str) -> None:
        self._audit.add(user.name, f"console {kind}", "ok", address=user.address, host=host, target=str(uuid))
        with self._lock:
            self._open.add(bridge)
        try:
            bridge.run(shake)
        finally:
            with self._lock:
                self._open.discard(bridge)

    def end_session(self, session: str) -> None:
        """Close what a session or token has open."""
        self._end(LOGGED_OUT, lambda bridge: bridge.session == session)

    def close(self) -> None:
        """Close all: the service stops."""
        self._end(AWAY, lambda bridge: True)

    def _end(self, code: int, which: Callable[[Bridge], bool]) -> None:
        with self._lock:
            ending = [bridge for bridge in self._open if which(bridge)]
        for bridge in ending:
            bridge.end(code)

    def _connect(self, host: str, uuid: UUID, asked: ConsoleRequest) -> socket.socket:
        streams = self._hosts.get(host).streams
        if asked.type == "serial":
            return streams.open_console(str(uuid), asked.device, force=asked.force)
        return streams.open_graphics(str(uuid))

    def _claim(self, ticket: str, login: Login) -> socket.socket | None:
        with self._lock:
            waiting = self._waiting.get(ticket)
            if waiting is None or waiting.login != login.id:
                return None
            del self._waiting[ticket]
        return waiting.target

    def _expire(self, ticket: str) -> None:
        with self._lock:
            waiting = self._waiting.pop(ticket, None)
        if waiting is not None:
            waiting.target.close()


def _everything(data: bytes) -> bytes:
    return data


def _may(user: User, kind: str) -> None:
    """A serial console has room for one only, so that looking at it is using it."""
    require(user, Permission.CONSOLE_USE if kind == "serial" else Permission.CONSOLE_VIEW)


class ConsoleRoutes:
    """Consoles of machines."""

    def __init__(self, consoles: Consoles, sessions: Sessions, hosts: Hosts) -> None:
        self._consoles = consoles
        self._sessions = sessions
        self._hosts = hosts

    @route("POST", "/hosts/<host>/domains/<uuid:uuid>/consoles", needs=Permission.CONSOLE_VIEW)
    def open(self, host: str, uuid: UUID, body: ConsoleRequest, request: flask.Request) -> ConsoleAddress:
        """The address of a console, which is good for a few seconds. Viewers see the screen, but no input passes."""
        login = self._sessions.login(request.environ)
        if login is None:
            raise Problem("not-logged-in", "This needs a login.")
        return self._consoles.prepare(login, host, uuid, body)

    @route("GET", "/hosts/<host>/domains/<uuid:uuid>/consoles/vv", needs=Permission.CONSOLE_USE, gives=(VIEWER_FILE,))
    def viewer_file(self, host: str, uuid: UUID, request: flask.Request) -> Raw:
        """A file that opens the screen in virt-viewer; for screens that listen on the network."""
        screen = self._hosts.get(host).streams.graphics(str(uuid))
        address = screen.address or request.host.rpartition(":")[0] or request.host
        lines = ["[virt-viewer]", f"type={screen.type}", f"host={address}", f"port={screen.port}"]
        lines += [f"title={screen.title}", "delete-this-file=1"]
        lines += [f"password={screen.password}"] if screen.password else []
        return Raw("".join(f"{' '.join(line.splitlines())}\n" for line in lines).encode(), VIEWER_FILE)
