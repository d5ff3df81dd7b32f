"""Moving machines to other hosts."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.migration import MigrationRequest
from ...model.migration_rules import MigrationOptions
from ...operations.migration.checks import MigrationCheck, MigrationChecks, MovingDefinition, RepairRequest
from ...operations.migration.evacuation import Evacuation, EvacuationRequest
from ...operations.migration.run import Migration
from ...plan import Change
from ..route import route

ONE = "/hosts/<host>/domains/<uuid:uuid>/migration"


class MigrationRoutes:
    """Moves to another host."""

    def __init__(self, migration: Migration, checks: MigrationChecks, evacuation: Evacuation) -> None:
        self._migration = migration
        self._evacuation = evacuation
        self._checks = checks

    @route("POST", ONE, needs=Permission.DOMAIN_MIGRATE, status=202, act="domain migrate")
    def start(self, host: str, uuid: UUID, body: MigrationRequest, user: User) -> Change[Job]:
        """Move a machine to another host; the job tells how it goes and takes new limits while it runs."""
        return self._migration.start(host, str(uuid), body, user)

    @route("POST", ONE + "/options", needs=Permission.DOMAIN_MIGRATE, logged=False)
    def options(self, host: str, body: MigrationRequest, uuid: UUID) -> MigrationOptions:
        """Every option of a move, with the reason why it does not go together with what is wished. Touches nothing."""
        return self._checks.options(host, str(uuid), body)

    @route("GET", ONE + "/xml", needs=Permission.DOMAIN_MIGRATE)
    def xml(self, host: str, uuid: UUID) -> MovingDefinition:
        """The definition that would go over, secrets masked: to be changed and sent back with the move."""
        return self._checks.definition(host, str(uuid))

    @route("POST", ONE + "/check", needs=Permission.DOMAIN_MIGRATE, logged=False)
    def check(self, host: str, uuid: UUID, body: MigrationRequest) -> MigrationCheck:
        """What stands in the way of a move, with the cure of each, and how long it would take. Touches nothing."""
        return self._checks.check(host, str(uuid), body)

    @route("POST", ONE + "/repair", needs=Permission.DOMAIN_MIGRATE, act="migration repair")
    def repair(self, host: str, uuid: UUID, body: RepairRequest, user: User) -> Change[MigrationCheck]:
        """Remove an obstacle in a way that the check offers; the answer is the check as it then is."""
        return self._checks.repair(host, str(uuid), body, user)

    @route("POST", "/hosts/<host>/evacuation", needs=Permission.DOMAIN_MIGRATE, status=202)
    def evacuate(self, host: str, body: EvacuationRequest, user: User) -> Change[Job]:
        """Move several machines of a host, or all that run; one job with a result for each machine."""
        return self._evacuation.start(host, body, user)

    @route("POST", "/hosts/<host>/evacuation/options", needs=Permission.DOMAIN_MIGRATE, logged=False)
    def evacuation_options(self, host: str, body: MigrationRequest) -> MigrationOptions:
        """Every option that several machines can move with, and why one cannot be set now. Touches nothing."""
        return self._evacuation.options(host, body)
