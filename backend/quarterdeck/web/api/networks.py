"""Networks, filters and devices of a host."""

from __future__ import annotations

from pydantic import Field

from ...access import Permission, User
from ...jobs import Job
from ...model.network import Network
from ...model.network_settings import NetworkSettings
from ...model.network_view import HostInterface, NetworkClient
from ...model.nodedev import NodeDevice
from ...model.strict import Value
from ...operations.changing.definitions import DefinitionText
from ...operations.domains.object_undo import ObjectUndo
from ...operations.inventory.last_changes import LastChanges
from ...operations.networks.networks import HostNetworks, NetworkPatch
from ...operations.networks.nwfilters import NwFilter, NwFilterPut, NwFilters, NwFilterText
from ...operations.networks.restart import NetworkRestart
from ...plan import Change
from ..route import route

NETWORKS = "/hosts/<host>/networks"
NETWORK = NETWORKS + "/<network>"
FILTERS = "/hosts/<host>/nwfilters"


class NodeDeviceQuery(Value):
    """Only devices of this capability: `pci`, `usb_device`, `net`, `storage`, `mdev` ..."""

    capability: str | None = Field(None, description="Such as `pci`, `usb_device`, `net`, `storage`, `mdev`")


class NetworkRoutes:
    """What machines can be joined to."""

    def __init__(self, networks: HostNetworks, restart: NetworkRestart, changes: LastChanges, undo: ObjectUndo) -> None:
        self._changes = changes
        self._undo = undo
        self._networks = networks
        self._restart = restart

    @route("GET", NETWORKS, needs=Permission.NETWORK_VIEW)
    def all(self, host: str) -> list[Network]:
        """All virtual networks."""
        return [self._changes.of_network(network) for network in self._networks.all(host)]

    @route("POST", NETWORKS, needs=Permission.NETWORK_EDIT, status=201)
    def create(self, host: str, body: NetworkSettings) -> Change[Network]:
        """Make a network."""
        return self._networks.create(host, body)

    @route("GET", NETWORK, needs=Permission.NETWORK_VIEW)
    def one(self, host: str, network: str) -> Network:
        """One virtual network."""
        return self._changes.of_network(self._networks.one(host, network))

    @route("PUT", NETWORK, needs=Permission.NETWORK_EDIT, if_match=True)
    def edit(self, host: str, network: str, body: NetworkSettings, if_match: str | None) -> Change[Network]:
        """Change a network; what can reaches it while it runs, the rest when it is restarted."""
        return self._undo.of_network(host, network, self._networks.edit(host, network, body, if_match))

    @route("PATCH", NETWORK, needs=Permission.NETWORK_EDIT, act="network set autostart")
    def patch(self, host: str, network: str, body: NetworkPatch) -> Change[Network]:
        """Whether a network starts with the host."""
        return self._undo.of_network(host, network, self._networks.patch(host, network, body))

    @route("DELETE", NETWORK, needs=Permission.NETWORK_EDIT)
    def delete(self, host: str, network: str) -> Change[None]:
        """Stop and forget a network on which no machine is."""
        return self._networks.delete(host, network)

    @route("GET", NETWORK + "/xml", needs=Permission.NETWORK_VIEW)
    def xml(self, host: str, network: str) -> DefinitionText:
        """The saved definition of a network."""
        return self._networks.text(host, network)

    @route("GET", NETWORK + "/clients", needs=Permission.NETWORK_VIEW)
    def clients(self, host: str, network: str) -> list[NetworkClient]:
        """Who is on a network: machines' cards, leases, reservations."""
        return self._networks.clients.on(host, network)

    @route("POST", NETWORK + "/start", needs=Permission.NETWORK_EDIT)
    def start(self, host: str, network: str) -> Change[Network]:
        """Start a network."""
        return self._undo.of_network(host, network, self._networks.start(host, network))

    @route("POST", NETWORK + "/stop", needs=Permission.NETWORK_EDIT)
    def stop(self, host: str, network: str) -> Change[Network]:
        """Stop a network; running machines on it lose their cable."""
        return self._undo.of_network(host, network, self._networks.stop(host, network))

    @route("POST", NETWORK + "/restart", needs=Permission.NETWORK_EDIT, status=202)
    def restart(self, host: str, network: str, user: User) -> Change[Job]:
        """Stop and start a network, and keep its machines plugged in."""
        return self._restart.plan(host, network, user)

    @route("GET", "/hosts/<host>/interfaces", needs=Permission.NETWORK_VIEW)
    def interfaces(self, host: str) -> list[HostInterface]:
        """The interfaces and bridges of a host."""
        return self._networks.clients.interfaces(host)

    @route("GET", "/hosts/<host>/nodedevs", needs=Permission.HOST_VIEW)
    def devices(self, host: str, query: NodeDeviceQuery) -> list[NodeDevice]:
        """The devices of a host that machines could be given."""
        return self._networks.devices(host, query.capability)


class NwFilterRoutes:
    """Filters for the cards of machines."""

    def __init__(self, filters: NwFilters) -> None:
        self._filters = filters

    @route("GET", FILTERS, needs=Permission.NETWORK_VIEW)
    def all(self, host: str) -> list[NwFilter]:
        """All filters, and who uses them."""
        return self._filters.all(host)

    @route("POST", FILTERS, needs=Permission.NETWORK_EDIT, status=201)
    def create(self, host: str, body: NwFilterPut) -> Change[NwFilterText]:
        """Make a filter."""
        return self._filters.create(host, body)

    @route("GET", FILTERS + "/<nwfilter>", needs=Permission.NETWORK_VIEW)
    def one(self, host: str, nwfilter: str) -> NwFilterText:
        """One filter with its definition."""
        return self._filters.one(host, nwfilter)

    @route("PUT", FILTERS + "/<nwfilter>", needs=Permission.NETWORK_EDIT, if_match=True)
    def edit(self, host: str, nwfilter: str, body: NwFilterPut, if_match: str | None) -> Change[NwFilterText]:
        """Change a filter; running machines get it at once."""
        return self._filters.edit(host, nwfilter, body, if_match)

    @route("DELETE", FILTERS + "/<nwfilter>", needs=Permission.NETWORK_EDIT)
    def delete(self, host: str, nwfilter: str) -> Change[None]:
        """Remove a filter that nothing uses."""
        return self._filters.delete(host, nwfilter)
