"""Machines as templates."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.clone import DomainClone
from ...model.domain import Domain
from ...operations.templates.templates import Templates
from ...operations.templates.versions import TemplateVersion, TemplateVersions
from ...plan import Change
from ..route import route

ONE = "/hosts/<host>/domains/<uuid:uuid>/template"
VERSION = ONE + "/versions/<int:version>"


class TemplateRoutes:
    """Machines that are kept to deploy others from them, by `.../clone`."""

    def __init__(self, templates: Templates, versions: TemplateVersions) -> None:
        self._templates = templates
        self._versions = versions

    @route("POST", ONE, needs=Permission.DOMAIN_EDIT, act="template make")
    def make(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Keep a machine as a template: it is not started any more, and its disks stay as they are."""
        return self._templates.make(host, str(uuid), user)

    @route("DELETE", ONE, needs=Permission.DOMAIN_EDIT, act="template release")
    def release(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Make a machine of a template again, where nothing stands on its disks."""
        return self._templates.release(host, str(uuid), user)

    @route("GET", ONE + "/versions", needs=Permission.DOMAIN_VIEW)
    def versions(self, host: str, uuid: UUID) -> list[TemplateVersion]:
        """The versions of a template, newest first: what each changed, and which machines were made of it."""
        return self._versions.all(host, str(uuid))

    @route("POST", VERSION + "/clone", needs=Permission.DOMAIN_CREATE, status=202, act="template deploy")
    def deploy(self, host: str, uuid: UUID, version: int, body: DomainClone, user: User) -> Change[Job]:
        """A machine of one version of a template, be it an old one; the job's result names it."""
        return self._versions.deploy(host, str(uuid), version, body, user)

    @route("DELETE", VERSION, needs=Permission.DOMAIN_DELETE, status=204, act="template remove version")
    def remove(self, host: str, uuid: UUID, version: int, user: User) -> Change[None]:
        """Forget a version of a template, and delete the files that only it needs.

        Without its newest it goes back to the one before.
        """
        return self._versions.remove(host, str(uuid), version, user)
