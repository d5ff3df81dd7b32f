"""Who is on a network: machines with their cards, leases, reservations; and the host's own interfaces."""

from __future__ import annotations

from ...hypervisor.hosts import Hosts
from ...model.network_settings import read_settings
from ...model.network_view import HostInterface, NetworkClient, read_interface
from ...model.xml import parse
from ..inventory.usage import Usage


class Clients:
    """Looks who is on the networks of all hosts."""

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self.usage = usage

    def machines(self, host: str, network: str) -> list[str]:
        """Names of the machines with a card on a network, saved or running."""
        return sorted({name for name, nic in self.usage.nics(host) if nic.network == network})

    def running(self, host: str, network: str) -> list[str]:
        """Those of them that are on."""
        on = {row.name for row in self._hosts.get(host).domains.rows() if row.active}
        return [name for name in self.machines(host, network) if name in on]

    def on(self, host: str, network: str) -> list[NetworkClient]:
        """Machines' cards first, then who else has an address; each with what is known of it."""
        found = self._hosts.get(host)
        row = found.networks.row(network)
        on = {each.name for each in found.domains.rows() if each.active}
        leases = {lease.mac.lower(): lease for lease in found.networks.leases(network)} if row.active else {}
        settings = read_settings(parse(found.networks.xml(network)))
        kept = {host.mac: host for ip in settings.ips for host in ip.hosts if host.mac} if settings else {}
        clients: dict[str, NetworkClient] = {}
        for name, nic in self.usage.nics(host):
            if nic.network == row.name:
                clients[nic.mac] = NetworkClient(
                    mac=nic.mac,
                    machine=name,
                    running=name in on,
                    device=nic.target if name in on else None,
                    link_up=nic.up,
                )
        for mac in [*leases, *kept]:
            clients.setdefault(mac, NetworkClient(mac=mac))
        for mac, client in clients.items():
            lease, host_entry = leases.get(mac), kept.get(mac)
            client.address = lease.address if lease else None
            client.hostname = (lease.hostname if lease else None) or (host_entry.name if host_entry else None)
            client.expires = lease.expires if lease else None
            client.reserved = host_entry.address if host_entry else None
        return sorted(
            clients.values(), key=lambda client: (client.machine is None, client.machine or "", client.mac or "")
        )

    def interfaces(self, host: str) -> list[HostInterface]:
        """The host's interfaces and bridges: of cards, of networks, of machines."""
        found = self._hosts.get(host)
        bridges = {row.bridge: row.name for row in found.networks.rows() if row.bridge and row.active}
        ends = {nic.target: name for name, nic in self.usage.nics(host) if nic.target}
        read = [read_interface(device.xml) for device in found.nodedevs.all("net")]
        known = {each.name: each for each in read if each}
        for bridge in bridges:
            known.setdefault(bridge, HostInterface(name=bridge, kind="virtual"))
        for each in known.values():
            each.network, each.machine = bridges.get(each.name), ends.get(each.name)
            each.kind = "bridge" if each.network else "machine" if each.machine else each.kind
        return sorted(known.values(), key=lambda each: (each.kind != "card", each.name))
