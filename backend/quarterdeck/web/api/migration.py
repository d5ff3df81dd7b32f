"""Moving machines to other hosts."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...operations.migration.checks import MigrationCheck, MigrationChecks
from ...operations.migration.request import MigrationRequest
from ...operations.migration.run import Migration
from ...plan import Change
from ..route import route

ONE = "/hosts/<host>/domains/<uuid:uuid>/migration"


class MigrationRoutes:
    """Moves to another host."""

    def __init__(self, migration: Migration, checks: MigrationChecks) -> None:
        self._migration = migration
        self._checks = checks

    @route("POST", ONE, needs=Permission.DOMAIN_MIGRATE, status=202)
    def start(self, host: str, uuid: UUID, body: MigrationRequest, user: User) -> Change[Job]:
        """Move a machine to another host; the job tells how it goes and takes new limits while it runs."""
        return self._migration.start(host, str(uuid), body, user)

    @route("POST", ONE + "/check", needs=Permission.DOMAIN_MIGRATE)
    def check(self, host: str, uuid: UUID, body: MigrationRequest) -> MigrationCheck:
        """What stands in the way of a move, with the cure of each, and how long it would take. Touches nothing."""
        return self._checks.check(host, str(uuid), body)
