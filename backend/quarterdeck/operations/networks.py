"""Virtual networks and devices of a host: what there is, and starting a network."""

from __future__ import annotations

import shlex

from ..hypervisor.hosts import Hosts
from ..hypervisor.networks import NetworkRow
from ..model.devices import HostDev
from ..model.network import Network, read_network
from ..model.nodedev import NodeDevice, host_device, read_node_device
from ..plan import Change, Effect, Plan
from .usage import Usage


class HostNetworks:
    """The networks and node devices of all hosts."""

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self._usage = usage

    def all(self, host: str) -> list[Network]:
        """All virtual networks of a host, by name."""
        rows = self._hosts.get(host).networks.rows()
        return sorted((self._network(host, row) for row in rows), key=lambda network: network.name)

    def one(self, host: str, network: str) -> Network:
        """One virtual network."""
        return self._network(host, self._hosts.get(host).networks.row(network))

    def _network(self, host: str, row: NetworkRow) -> Network:
        facts = read_network(self._hosts.get(host).networks.xml(row.uuid))
        return Network(
            host=host,
            uuid=row.uuid,
            name=row.name,
            active=row.active,
            persistent=row.persistent,
            autostart=row.autostart,
            mode=facts.mode,
            bridge=facts.bridge or row.bridge,
            device=facts.device,
            domain=facts.domain,
            ranges=facts.ranges,
        )

    def start(self, host: str, network: str) -> Change[Network]:
        """Start a network, or do nothing where it runs."""
        row = self._hosts.get(host).networks.row(network)

        def apply() -> Network:
            if not row.active:
                self._hosts.get(host).networks.start(network)
            return self.one(host, network)

        plan = Plan(commands=[f"virsh net-start {shlex.quote(row.name)}"], effects=[Effect(field="state", when="live")])
        return Change(plan, apply)

    def devices(self, host: str, capability: str | None) -> list[NodeDevice]:
        """The devices of a host, or those of one capability."""
        users = self._usage.host_devices(host)
        found = self._hosts.get(host).nodedevs.all(capability)
        return [_device(host, device.name, device.parent, device.xml, users) for device in found]


def _device(host: str, name: str, parent: str | None, xml: str, users: dict[str, list[str]]) -> NodeDevice:
    device = read_node_device(host, name, parent, xml)
    wanted = host_device(device, xml)
    key = HostDev.read(HostDev.build(wanted)).identity if wanted else None
    return device.model_copy(update={"used_by": users.get(key or "", [])})
