"""Machines that are gone."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...operations.domains.deleted import DefineAgain, Deleted, DeletedDomain
from ...plan import Change
from ..route import route

ALL = "/hosts/<host>/deleted-domains"


class DeletedRoutes:
    """Machines that are gone and still have a history."""

    def __init__(self, deleted: Deleted) -> None:
        self._deleted = deleted

    @route("GET", ALL, needs=Permission.DOMAIN_VIEW)
    def all(self, host: str) -> list[DeletedDomain]:
        """The machines that went in the last thirty days, the latest first. Their history is where it was."""
        return self._deleted.all(host)

    @route("POST", ALL + "/<uuid:uuid>/define", needs=Permission.DOMAIN_CREATE, status=201)
    def define(self, host: str, uuid: UUID, body: DefineAgain, user: User) -> Change[Domain]:
        """Define a machine again as it was, from its last definition or another one of its history."""
        return self._deleted.define(host, str(uuid), body, user)
