"""XML of single devices, pools and networks."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...model.network import Network
from ...model.storage import Pool
from ...operations.definitions import DefinitionPut, DefinitionText
from ...operations.object_xml import DeviceXml, ObjectXml
from ...plan import Change
from ..route import route

DEVICE = "/hosts/<host>/domains/<uuid:uuid>/devices/<device>/xml"
XML = "application/xml"


class ObjectXmlRoutes:
    """What is smaller than a machine, or beside it, as XML."""

    def __init__(self, devices: DeviceXml, objects: ObjectXml) -> None:
        self._devices = devices
        self._objects = objects

    @route("GET", DEVICE, needs=Permission.DOMAIN_VIEW)
    def device(self, host: str, uuid: UUID, device: str) -> DefinitionText:
        """One device as saved, passwords masked; the ETag is that of the machine."""
        return self._devices.text(host, str(uuid), device)

    @route("PUT", DEVICE, needs=Permission.DOMAIN_EDIT, if_match=True, takes=XML)
    def put_device(
        self, host: str, uuid: UUID, device: str, *, body: DefinitionPut, if_match: str, user: User
    ) -> Change[Domain]:
        """Save one device so; a running machine gets it at its next start. A masked password stays what it was."""
        return self._devices.put(host, str(uuid), device, body=body, if_match=if_match, user=user)

    @route("PUT", "/hosts/<host>/pools/<pool>/xml", needs=Permission.STORAGE_EDIT, if_match=True, takes=XML)
    def put_pool(self, host: str, pool: str, body: DefinitionPut, if_match: str) -> Change[Pool]:
        """Save another definition of a pool; name, UUID and type must stay."""
        return self._objects.put_pool(host, pool, body, if_match)

    @route("PUT", "/hosts/<host>/networks/<network>/xml", needs=Permission.NETWORK_EDIT, if_match=True, takes=XML)
    def put_network(self, host: str, network: str, body: DefinitionPut, if_match: str) -> Change[Network]:
        """Save another definition of a network; name and UUID must stay."""
        return self._objects.put_network(host, network, body, if_match)
