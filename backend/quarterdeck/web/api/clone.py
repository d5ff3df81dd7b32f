"""Copies of machines."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.clone import DomainClone
from ...operations.cloning.run import Clones
from ...plan import Change
from ..route import route


class CloneRoutes:
    """Copies of machines."""

    def __init__(self, clones: Clones) -> None:
        self._clones = clones

    @route(
        "POST",
        "/hosts/<host>/domains/<uuid:uuid>/clone",
        needs=Permission.DOMAIN_CREATE,
        status=202,
        act="domain clone",
    )
    def start(self, host: str, uuid: UUID, body: DomainClone, user: User) -> Change[Job]:
        """A copy of a machine, with all that must be unique made unique; the job's result names it."""
        return self._clones.clone(host, str(uuid), body, user)
