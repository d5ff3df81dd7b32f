"""Disks of a machine on their way to another pool."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...operations.migration.disk_move import DiskMove, DiskMoves, DisksMove
from ...plan import Change
from ..route import route


class DiskRoutes:
    """Moves of disks."""

    def __init__(self, moves: DiskMoves) -> None:
        self._moves = moves

    @route(
        "POST",
        "/hosts/<host>/domains/<uuid:uuid>/devices/<device>/move",
        needs=Permission.DOMAIN_EDIT,
        status=202,
        if_match=True,
    )
    def move(self, host: str, uuid: UUID, device: str, body: DiskMove, if_match: str, user: User) -> Change[Job]:
        """Move a disk of a running or stopped machine to another pool; the job takes another bandwidth meanwhile."""
        return self._moves.move(host, str(uuid), device, body, if_match, user)

    @route(
        "POST",
        "/hosts/<host>/domains/<uuid:uuid>/disks/move",
        needs=Permission.DOMAIN_EDIT,
        status=202,
        if_match=True,
        act="domain move disks",
    )
    def move_several(self, host: str, uuid: UUID, body: DisksMove, if_match: str, user: User) -> Change[Job]:
        """Move several disks of a running or stopped machine to another pool, one after the other."""
        return self._moves.move_several(host, str(uuid), body, if_match, user)
