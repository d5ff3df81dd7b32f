"""New machines, and what they can be made of."""

from __future__ import annotations

from ...access import Permission, User, require
from ...config import InstanceType
from ...jobs import Job
from ...model.cloud_init import CloudInit
from ...model.domain import Domain
from ...model.edits import DomainRequest
from ...operations.creating.cloud_images import CloudInitCheck, check_cloud_init
from ...operations.creating.install import Installer
from ...operations.creating.systems import (
    Detection,
    DetectQuery,
    Systems,
    SystemsQuery,
    SystemView,
    VolumeSystem,
)
from ...operations.settings.offers import Offers, OffersQuery, OffersView
from ...plan import Change
from ..route import route


class CreateRoutes:
    """New machines."""

    def __init__(
        self, installer: Installer, systems: Systems, offers: Offers, instance_types: tuple[InstanceType, ...]
    ) -> None:
        self._instance_types = instance_types
        self._installer = installer
        self._systems = systems
        self._offers = offers

    @route("POST", "/hosts/<host>/domains", needs=Permission.DOMAIN_CREATE, status=201)
    def create(self, host: str, body: DomainRequest, user: User) -> Change[Domain | Job]:
        """A new machine, with its disks, started unless asked otherwise. Nothing stays behind where it fails.

        `settings` are those that PATCH of a machine takes. A job (202) where an image is copied or a tree fetched for
        it, and where there are several (`count`).
        """
        return self._installer.create(host, body, user)

    @route("POST", "/cloud-init/check", needs=Permission.DOMAIN_CREATE, logged=False)
    def check_cloud_init(self, body: CloudInit) -> CloudInitCheck:
        """The files that cloud-init would read, secrets masked; or what is wrong with the settings."""
        return check_cloud_init(body)

    @route("GET", "/instance-types", needs=Permission.DOMAIN_VIEW)
    def instance_types(self) -> list[InstanceType]:
        """Sizes to pick from for a new machine."""
        return list(self._instance_types)

    @route("GET", "/hosts/<host>/capabilities", needs=Permission.HOST_VIEW)
    def capabilities(self, host: str, query: OffersQuery) -> OffersView:
        """What the host can offer its machines."""
        return self._offers.of(host, query)

    @route("GET", "/hosts/<host>/osinfo", needs=Permission.DOMAIN_VIEW)
    def systems(self, host: str, query: SystemsQuery) -> list[SystemView]:
        """Guest systems to pick from, the newest first."""
        return self._systems.search(query)

    @route("GET", "/hosts/<host>/pools/<pool>/systems", needs=Permission.STORAGE_VIEW)
    def systems_of_pool(self, host: str, pool: str) -> list[VolumeSystem]:
        """Which systems the media and images of a running pool hold, where that is known."""
        return self._systems.of_pool(host, pool)

    @route("GET", "/hosts/<host>/osinfo/detect", needs=Permission.STORAGE_VIEW)
    def detect(self, host: str, query: DetectQuery, user: User) -> Detection:
        """Which system a medium installs. Only who may change storage may name a path."""
        if query.path:
            require(user, Permission.STORAGE_EDIT)
        return self._systems.detect(host, query)
