"""Networks and devices of a host."""

from __future__ import annotations

from pydantic import BaseModel

from ...access import Permission
from ...model.network import Network
from ...model.nodedev import NodeDevice
from ...operations.networks import HostNetworks
from ...plan import Change
from ..route import route


class NodeDeviceQuery(BaseModel):
    """Only devices of this capability: `pci`, `usb_device`, `net`, `storage`, `mdev` ..."""

    capability: str | None = None


class NetworkRoutes:
    """What machines can be joined to."""

    def __init__(self, networks: HostNetworks) -> None:
        self._networks = networks

    @route("GET", "/hosts/<host>/networks", needs=Permission.NETWORK_VIEW)
    def all(self, host: str) -> list[Network]:
        """All virtual networks."""
        return self._networks.all(host)

    @route("GET", "/hosts/<host>/networks/<network>", needs=Permission.NETWORK_VIEW)
    def one(self, host: str, network: str) -> Network:
        """One virtual network."""
        return self._networks.one(host, network)

    @route("POST", "/hosts/<host>/networks/<network>/start", needs=Permission.NETWORK_EDIT)
    def start(self, host: str, network: str) -> Change[Network]:
        """Start a network."""
        return self._networks.start(host, network)

    @route("GET", "/hosts/<host>/nodedevs", needs=Permission.HOST_VIEW)
    def devices(self, host: str, query: NodeDeviceQuery) -> list[NodeDevice]:
        """The devices of a host that machines could be given."""
        return self._networks.devices(host, query.capability)
