"""XML of single devices, sections of settings, pools and networks."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...model.network import Network
from ...model.storage import Pool
from ...operations.changing.definitions import DefinitionPut, DefinitionText
from ...operations.domains.object_undo import ObjectUndo
from ...operations.networks.object_xml import ObjectXml
from ...operations.settings.part_xml import PartPut, PartQuery, PartXml
from ...plan import Change
from ..route import route

DEVICE = "/hosts/<host>/domains/<uuid:uuid>/devices/<device>/xml"
SECTION = "/hosts/<host>/domains/<uuid:uuid>/settings/<section>/xml"
POOL = "/hosts/<host>/pools/<pool>/xml"
NETWORK = "/hosts/<host>/networks/<network>/xml"
XML = "application/xml"


class ObjectXmlRoutes:
    """What is smaller than a machine, or beside it, as XML."""

    def __init__(self, parts: PartXml, objects: ObjectXml, undo: ObjectUndo) -> None:
        self._parts = parts
        self._objects = objects
        self._undo = undo

    @route("GET", DEVICE, needs=Permission.DOMAIN_VIEW)
    def device(self, host: str, uuid: UUID, device: str) -> DefinitionText:
        """One device as saved, passwords masked; the ETag is that of the machine."""
        return self._parts.device(host, str(uuid), device)

    @route("PUT", DEVICE, needs=Permission.DOMAIN_EDIT, if_match=True, takes=XML, act="device edit XML")
    def put_device(
        self, host: str, uuid: UUID, device: str, *, body: PartPut, query: PartQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Save one device so; a running machine gets at once what it can. A masked password stays what it was."""
        return self._parts.put_device(host, str(uuid), device, body=body, query=query, if_match=if_match, user=user)

    @route("GET", SECTION, needs=Permission.DOMAIN_VIEW)
    def section(self, host: str, uuid: UUID, section: str) -> DefinitionText:
        """The elements of one section of the settings; the ETag is that of the machine."""
        return self._parts.section(host, str(uuid), section)

    @route("PUT", SECTION, needs=Permission.DOMAIN_EDIT, if_match=True, takes=XML, act="setting edit XML")
    def put_section(
        self, host: str, uuid: UUID, section: str, *, body: PartPut, query: PartQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Save one section so; a running machine gets at once what it can."""
        return self._parts.put_section(host, str(uuid), section, body=body, query=query, if_match=if_match, user=user)

    @route(
        "PUT",
        "/hosts/<host>/pools/<pool>/xml",
        needs=Permission.STORAGE_EDIT,
        if_match=True,
        takes=XML,
        act="pool edit XML",
    )
    def put_pool(self, host: str, pool: str, body: DefinitionPut, if_match: str) -> Change[Pool]:
        """Save another definition of a pool; name, UUID and type must stay."""
        return self._undo.of_pool(host, pool, self._objects.put_pool(host, pool, body, if_match))

    @route(
        "PUT",
        "/hosts/<host>/networks/<network>/xml",
        needs=Permission.NETWORK_EDIT,
        if_match=True,
        takes=XML,
        act="network edit XML",
    )
    def put_network(self, host: str, network: str, body: DefinitionPut, if_match: str) -> Change[Network]:
        """Save another definition of a network; name and UUID must stay."""
        return self._undo.of_network(host, network, self._objects.put_network(host, network, body, if_match))
