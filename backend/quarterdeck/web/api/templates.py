"""Machines as templates."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...operations.templates import Templates
from ...plan import Change
from ..route import route

ONE = "/hosts/<host>/domains/<uuid:uuid>/template"


class TemplateRoutes:
    """Machines that are kept to deploy others from them, by `.../clone`."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    @route("POST", ONE, needs=Permission.DOMAIN_EDIT, act="template make")
    def make(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Keep a machine as a template: it is not started any more, and its disks stay as they are."""
        return self._templates.make(host, str(uuid), user)

    @route("DELETE", ONE, needs=Permission.DOMAIN_EDIT, act="template release")
    def release(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Make a machine of a template again, where nothing stands on its disks."""
        return self._templates.release(host, str(uuid), user)
