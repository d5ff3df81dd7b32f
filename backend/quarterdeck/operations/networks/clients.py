"""Who is on a network: machines with their cards, leases, reservations; and the host's own interfaces."""

from __future__ import annotations

from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import Lease, NetworkRow
from ...model.network import read_network
from ...model.network_settings import OWN_BRIDGE, DhcpHost, read_settings
from ...model.network_view import HostInterface, NetworkAddress, NetworkClient, read_interface, read_joined
from ...model.xml import parse
from ..inventory.usage import Usage
from .cables import Cables, hold_name

JOINED = {"bridge": "host-bridge", "bond": "bond", "vlan": "vlan"}
"""How the host's own interfaces are told that are no cards."""


class Clients:
    """Looks who is on the networks of all hosts."""

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self.usage = usage
        self._cables = Cables(hosts)

    def machines(self, host: str, network: str) -> list[str]:
        """Names of the machines with a card on a network, saved or running."""
        return sorted({name for name, nic in self.usage.nics(host) if nic.network == network})

    def running(self, host: str, network: str) -> list[str]:
        """Those of them that are on, with a card that is on it now."""
        on = self._on(host)
        return sorted({name for name, nic in self.usage.nics(host) if nic.network == network and name in on})

    def cut_off(self, host: str, row: NetworkRow, mode: str) -> list[str]:
        """Running machines with a card on a network whose cable is out since it stopped."""
        if mode not in OWN_BRIDGE:
            return []
        cards = [(name, nic) for name, nic in self.usage.nics(host) if nic.live]
        mine = [(name, nic) for name, nic in cards if nic.network in (row.name, hold_name(row))]
        plugged = self._cables.plugged(host, row) if mine else set()
        if plugged is None:
            return []
        lost = {name for name, nic in mine if nic.network != row.name or nic.mac not in plugged}
        return sorted(lost & self._on(host))

    def _plugged_into(self, host: str, interface: str) -> list[str]:
        """Names of the machines with a card that names an interface of the host itself."""
        cards = [(name, nic) for name, nic in self.usage.nics(host) if nic.network is None]
        return sorted({name for name, nic in cards if interface in (nic.bridge, nic.device)})

    def _on(self, host: str) -> set[str]:
        return {row.name for row in self._hosts.get(host).domains.rows() if row.active}

    def on(self, host: str, network: str) -> list[NetworkClient]:
        """Machines' cards first, then who else has an address; each with what is known of it."""
        found = self._hosts.get(host)
        row = found.networks.row(network)
        settings = read_settings(parse(found.networks.xml(network)))
        clients = self._cards(host, row, settings.mode if settings else "")
        for lease in found.networks.leases(network) if row.active else []:
            add_lease(clients, lease)
        for kept in [host for ip in settings.ips for host in ip.hosts] if settings else []:
            add_reservation(clients, kept)
        return sorted(clients, key=lambda client: (client.machine is None, client.machine or "", client.mac or ""))

    def _cards(self, host: str, row: NetworkRow, mode: str) -> list[NetworkClient]:
        """The cards of machines on a network, each once: as it is now where it is saved there in another way too."""
        on, plugged = self._on(host), self._cables.plugged(host, row) if mode in OWN_BRIDGE else None
        cards = {(name, nic.mac): nic for name, nic in self.usage.nics(host) if nic.network == row.name}
        return [
            NetworkClient(
                mac=nic.mac,
                machine=name,
                running=name in on,
                waits=name in on and not nic.live,
                device=nic.target if nic.live else None,
                link_up=nic.up,
                cut_off=name in on and nic.live and plugged is not None and nic.mac not in plugged,
            )
            for (name, _mac), nic in cards.items()
        ]

    def interfaces(self, host: str) -> list[HostInterface]:
        """The host's interfaces and bridges: of cards, of networks, of machines."""
        found = self._hosts.get(host)
        bridges = {
            row.bridge: row.name
            for row in found.networks.rows()
            if row.bridge and row.active and read_network(found.networks.xml(row.uuid)).mode != "bridge"
        }  # that of the mode bridge is the host's own, and may be missing
        ends = {nic.target: name for name, nic in self.usage.nics(host) if nic.target}
        read = [read_interface(device.xml) for device in found.nodedevs.all("net")]
        known = {each.name: each for each in read if each}
        for bridge in bridges:
            known.setdefault(bridge, HostInterface(name=bridge, kind="virtual"))
        joined = {name: (kind, members) for name, kind, members in map(read_joined, found.networks.interfaces())}
        for each in known.values():
            kind, each.members = joined.get(each.name, ("", []))
            each.network, each.machine = bridges.get(each.name), ends.get(each.name)
            each.used_by = self._plugged_into(host, each.name)
            if each.network or each.machine:
                each.kind = "bridge" if each.network else "machine"
            elif kind in JOINED:
                each.kind = JOINED[kind]
        return sorted(known.values(), key=lambda each: (each.kind != "card", each.name))


def add_lease(clients: list[NetworkClient], lease: Lease) -> None:
    """A lease belongs to the card of its MAC address, which has one of each family, or to somebody else."""
    mac = lease.mac.lower()
    client = next((each for each in clients if each.mac == mac), None)
    if client is None:
        client = NetworkClient(mac=mac)
        clients.append(client)
    client.addresses.append(NetworkAddress(address=lease.address, prefix=lease.prefix, expires=lease.expires))
    client.hostname, client.duid = lease.hostname or client.hostname, lease.duid or client.duid


def add_reservation(clients: list[NetworkClient], kept: DhcpHost) -> None:
    """A reservation belongs to whom it names: by MAC address, by DUID, else by the name that it told the server."""
    known = (each for each in clients if kept.mac in (each.mac, None) and kept.duid in (each.duid, None))
    named = [each for each in known if kept.mac or kept.duid or each.hostname == kept.name]
    client = named[0] if named else NetworkClient(mac=kept.mac, duid=kept.duid)
    if not named:
        clients.append(client)
    client.reserved.append(kept.address)
    client.hostname = client.hostname or kept.name
