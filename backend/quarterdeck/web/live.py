"""News for the page over Socket.IO: rooms, and the new value of what changed in them.

A room exists once per role, because what a person may do is part of the value.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flask
import flask_socketio
from pydantic import BaseModel

from ..access import Permission, Role, User, require
from ..jobs import Job, Jobs
from ..model.domain import Domain, DomainSummary
from ..model.host import Host
from ..model.stats import HostStats
from ..model.strict import Value
from ..operations.hosts.hosts import HostDirectory
from ..operations.inventory.figures import Figures
from ..operations.inventory.inventory import Inventory
from ..operations.inventory.kept import Changed
from ..problems import Problem

log = logging.getLogger(__name__)
ROOM = re.compile(r"hosts|jobs|host:[\w.-]+|stats:[\w.-]+|domain:[\w.-]+:[0-9a-f-]{36}")


class ChangedMessage(Value):
    """Event `changed`: the new value of something in a room.

    Null when it is gone; of kinds `pool` and `network` always, since reading those can take long: read them again.
    """

    kind: str
    host: str
    id: str
    revision: int
    value: Domain | DomainSummary | Host | None


@dataclass
class Visitor:
    """One connected page."""

    user: User
    rooms: set[str] = field(default_factory=set)


class Live:
    """The Socket.IO side of the service."""

    def __init__(
        self,
        socketio: flask_socketio.SocketIO,
        login: Callable[[flask.Request, Any], User | None],
        *,
        inventory: Inventory,
        directory: HostDirectory,
        figures: Figures,
        jobs: Jobs,
    ) -> None:
        self._socketio = socketio
        self._login = login
        self._inventory = inventory
        self._directory = directory
        self._figures = figures
        self._jobs = jobs
        self._visitors: dict[str, Visitor] = {}
        self._on_watch: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        socketio.on_event("connect", self._connect)
        socketio.on_event("disconnect", self._disconnect)
        socketio.on_event("subscribe", self._subscribe)
        socketio.on_event("unsubscribe", self._unsubscribe)
        inventory.listen(self.changed)
        figures.listen(self.figures)

    def end_session(self, session: str) -> None:
        """Cut the pages of a session that ended."""
        with self._lock:
            gone = [sid for sid, visitor in self._visitors.items() if visitor.user.session == session]
        for sid in gone:
            self._socketio.server.disconnect(sid)

    def on_watch(self, act: Callable[[], None]) -> None:
        """Call this when somebody begins to look at a host."""
        self._on_watch = act

    def watched_hosts(self) -> set[str]:
        """Hosts whose list or figures somebody looks at."""
        with self._lock:
            rooms = {room for visitor in self._visitors.values() for room in visitor.rooms}
        return {room.partition(":")[2] for room in rooms if room.startswith(("host:", "stats:"))}

    # -- what the page sends

    def _connect(self, auth: Any = None) -> bool:
        user = self._login(flask.request, auth)
        if user is None:
            return False
        with self._lock:
            self._visitors[_sid()] = Visitor(user)
        if self._login(flask.request, auth) is None:  # it ended after the first look and before it could be told
            with self._lock:
                self._visitors.pop(_sid(), None)
            return False
        flask_socketio.join_room(_role_room(user.role, "session"))
        return True

    def _disconnect(self, *_reason: Any) -> None:
        with self._lock:
            visitor = self._visitors.pop(_sid(), None)
        for room in visitor.rooms if visitor else ():
            self._left(room)

    def _subscribe(self, message: Any) -> Any:
        """Acknowledge with the value of `room` as it is now, or with a problem (its `type` starts with /problems/).

        `known` is the ETag of the list that the page has of a host's machines; nothing is told where it is still right.
        """
        visitor = self._visitors.get(_sid())
        room = message.get("room") if isinstance(message, dict) else None
        if visitor is None or not isinstance(room, str) or not ROOM.fullmatch(room):
            return Problem("invalid-input", "There is no such room.").as_dict()
        try:
            require(visitor.user, Permission.JOB_VIEW if room == "jobs" else Permission.DOMAIN_VIEW)
            flask_socketio.join_room(_role_room(visitor.user.role, room))
            with self._lock:
                fresh = room not in visitor.rooms
                visitor.rooms.add(room)
            return self._entered(room, visitor.user.role, fresh, message.get("known"))
        except Problem as problem:
            return problem.as_dict()

    def _unsubscribe(self, message: Any) -> bool:
        visitor = self._visitors.get(_sid())
        room = message.get("room") if isinstance(message, dict) else None
        if visitor is None or room not in visitor.rooms:
            return False
        flask_socketio.leave_room(_role_room(visitor.user.role, room))
        with self._lock:
            visitor.rooms.discard(room)
        self._left(room)
        return True

    def _entered(self, room: str, role: Role, fresh: bool, known: Any) -> Any:
        """The value of a room as it is now."""
        name, _, rest = room.partition(":")
        if name == "hosts":
            return [host.model_dump(mode="json") for host in self._directory.all(role)]
        if name == "jobs":
            return [job.model_dump(mode="json") for job in self._jobs.list()]
        if name == "stats":
            last = self._figures.watch(rest) if fresh else None
            self._on_watch()
            return [last.model_dump(mode="json")] if last else []
        if name == "host":
            self._on_watch()
            machines = self._inventory.domains(rest, role)
            return None if known == machines.etag else json.loads(machines.json)
        host, _, uuid = rest.rpartition(":")
        return self._inventory.domain(host, uuid, role).model_dump(mode="json")

    def _left(self, room: str) -> None:
        if room.startswith("stats:"):
            self._figures.unwatch(room.removeprefix("stats:"))

    # -- what the page gets

    def changed(self, changed: Changed) -> None:
        """Tell a new value to those who watch it."""
        if changed.kind == "host":
            for role in Role:
                self._emit(role, "hosts", changed, self._directory.find(changed.host, role))
                self._emit(role, f"host:{changed.host}", changed, self._directory.find(changed.host, role))
        elif changed.kind == "domain":
            for role in Role:
                summary = changed.kept.summary(role) if changed.kept else None
                self._emit(role, f"host:{changed.host}", changed, summary)
                room = f"domain:{changed.host}:{changed.id}"
                if self._has_members(role, room):
                    self._emit(role, room, changed, changed.domain(role))
        else:
            for role in Role:
                self._emit(role, f"host:{changed.host}", changed, None)

    def _emit(self, role: Role, room: str, changed: Changed, value: BaseModel | None) -> None:
        room = _role_room(role, room)
        message = {
            "kind": changed.kind,
            "host": changed.host,
            "id": changed.id,
            "revision": changed.revision,
            "value": value.model_dump(mode="json") if value is not None else None,
        }
        self._socketio.emit("changed", message, to=room)

    def _has_members(self, role: Role, room: str) -> bool:
        with self._lock:
            return any(room in v.rooms and v.user.role == role for v in self._visitors.values())

    def job(self, job: Job) -> None:
        """Tell how a job goes."""
        for role in Role:
            self._socketio.emit("job", job.model_dump(mode="json"), to=_role_room(role, "jobs"))

    def figures(self, stats: HostStats) -> None:
        """Tell live figures."""
        room, told = f"stats:{stats.host}", stats.model_dump(mode="json")
        for role in Role:
            self._socketio.emit("stats", told, to=_role_room(role, room))


def _sid() -> str:
    return str(flask.request.sid)  # type: ignore[attr-defined]  # set by Flask-SocketIO


def _role_room(role: Role, room: str) -> str:
    return f"{role}|{room}"
