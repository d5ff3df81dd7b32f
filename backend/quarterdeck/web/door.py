"""The door of every route: who comes in, and what is written down when a change is over."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import flask

from ..access import User
from ..audit import Audit
from ..jobs import Job
from ..model.domain import Domain
from ..model.inverse import JobInverse
from ..model.network import Network
from ..model.storage import Pool, Volume
from ..operations.domains.undoing import JOBS, Way
from ..operations.inventory.inventory import Inventory
from ..operations.inventory.last_changes import LastChanges
from ..operations.migration.checks import MigrationCheck
from ..problems import Problem
from .route import Route
from .session import Sessions

log = logging.getLogger(__name__)
TARGETS = ("uuid", "id", "name", "volume", "pool", "network", "nwfilter")
KEEPING = (Domain, Pool, Network, Volume)
"""What tells how a change of it is taken back."""
PARTS = ("pool", "device", "section", "name", "number", "version")


class Door:
    """Joins login, audit and the re-reading of what was changed."""

    def __init__(self, sessions: Sessions, audit: Audit, inventory: Inventory, changes: LastChanges) -> None:
        self._changes = changes
        self._sessions = sessions
        self._audit = audit
        self._inventory = inventory

    def user(self, request: flask.Request, route: Route) -> User | None:
        """The user behind a request; Problem when the route needs one and there is none."""
        return self._sessions.user(request, route)

    def done(self, user: User | None, route: Route, path: dict[str, Any], outcome: Any) -> int | None:
        """Write the change into the audit log, and read the machine it was about anew.

        The number of the entry, where what it tells of can be undone.
        """
        if user is None or not route.logged:
            return None  # login and logout write their own entries
        if isinstance(outcome, Domain):  # the way there may name something else, such as an entry of the log
            path = {"host": outcome.host, "uuid": outcome.uuid, **path}
        elif isinstance(outcome, Pool | Network):
            path = {"host": outcome.host, "pool" if isinstance(outcome, Pool) else "network": outcome.name, **path}
        elif isinstance(outcome, Volume):
            path = {"host": outcome.host, "pool": outcome.pool, "volume": outcome.name, **path}
        host, target = _place(route, path, outcome)
        definition, way = outcome.undo if isinstance(outcome, Domain) else None, _way(outcome)
        entry = self._audit.add(
            user.name,
            act_of(route),
            outcome.slug if isinstance(outcome, Problem) else "ok",
            address=user.address,
            host=host,
            target=target,
            detail=_detail(path, target, outcome),
            definition=definition,
            inverse=way.model_dump_json() if way else None,
        )
        if isinstance(outcome, Pool | Network):
            self._changes.ours(outcome, act_of(route))
        if host and path.get("uuid"):
            self._reread(host, str(path["uuid"]), user, route)
        return entry if definition or way else None

    def _reread(self, host: str, uuid: str, user: User, route: Route) -> None:
        try:
            self._inventory.refresh(host, uuid, user=user.name, act=act_of(route))
        except Problem as problem:
            log.debug("could not read %s on %s again: %s", uuid, host, problem)


def _way(outcome: Any) -> Way | None:
    """What leads back, where no definition tells it."""
    if isinstance(outcome, Job) and outcome.kind in JOBS:
        return JobInverse(job=outcome.id)
    return outcome.inverse if isinstance(outcome, KEEPING) else None


def _place(route: Route, path: dict[str, Any], outcome: Any) -> tuple[str | None, str | None]:
    """Host and target of a change; of something that was made its name, or what its job is about."""
    named = next((str(path[name]) for name in TARGETS if path.get(name)), None)
    if named is None and isinstance(outcome, Job):
        return path.get("host") or outcome.host, outcome.target
    makes = route.status == HTTPStatus.CREATED and "uuid" not in path
    return path.get("host"), (getattr(outcome, "name", None) if makes or named is None else None) or named


def _detail(path: dict[str, Any], target: str | None, outcome: Any) -> str | None:
    """What the target does not say: which part of it, the job that does it, or what went wrong."""
    parts = [f"{word} {value}" for word, value in path.items() if word in PARTS and str(value) != target]
    if isinstance(outcome, Problem):
        parts.append(outcome.detail)
    elif isinstance(outcome, Job):
        parts.append(f"job {outcome.id}")
    elif isinstance(outcome, MigrationCheck) and outcome.repaired:
        parts.append(outcome.repaired)
    return ", ".join(parts) or None


def act_of(route: Route) -> str:
    """What a change is called in the audit log: `domain start`, `host add`."""
    if route.act:
        return route.act
    steps = [step for step in route.rule.split("/") if step and not step.startswith("<")]
    nouns = [step.removesuffix("s") for step in steps if step.endswith("s")]
    return f"{nouns[-1] if nouns else steps[0]} {route.name.replace('_', ' ')}"
