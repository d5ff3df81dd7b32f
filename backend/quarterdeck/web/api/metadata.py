"""What other programs keep in the metadata of a machine."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...model.metadata import MetadataList, MetadataName, MetadataPut
from ...operations.changing.metadata import MetadataChanges
from ...plan import Change
from ..route import route

METADATA = "/hosts/<host>/domains/<uuid:uuid>/metadata"
EDIT = Permission.DOMAIN_EDIT


class MetadataRoutes:
    """Elements of other programs' namespaces, saved and running."""

    def __init__(self, metadata: MetadataChanges) -> None:
        self._metadata = metadata

    @route("GET", METADATA, needs=Permission.DOMAIN_VIEW)
    def list_metadata(self, host: str, uuid: UUID) -> MetadataList:
        """What each program keeps, by namespace; secrets are masked. Why something is not changed here, it says."""
        return self._metadata.all(host, str(uuid))

    @route("PUT", METADATA, needs=EDIT, if_match=True)
    def put_metadata(self, host: str, uuid: UUID, body: MetadataPut, if_match: str, user: User) -> Change[Domain]:
        """Keep an element of a namespace in the place of what it had, at once in the running machine too."""
        return self._metadata.put(host, str(uuid), body, if_match, user)

    @route("DELETE", METADATA, needs=EDIT, if_match=True)
    def remove_metadata(self, host: str, uuid: UUID, query: MetadataName, if_match: str, user: User) -> Change[Domain]:
        """Take away what a namespace has, at once in the running machine too."""
        return self._metadata.remove(host, str(uuid), query, if_match, user)
