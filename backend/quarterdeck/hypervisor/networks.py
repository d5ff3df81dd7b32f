"""The virtual networks of one host. Each method is one act of libvirt; a network is named by its name or UUID."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import libvirt

from ..model.xml import parse
from .parts import Connections, is_uuid


@dataclass(frozen=True)
class NetworkRow:
    """A network without its XML. `bridge` is None where it has none."""

    uuid: str
    name: str
    active: bool
    persistent: bool
    autostart: bool
    bridge: str | None


@dataclass(frozen=True)
class Lease:
    """An address that the network's DHCP server gave out. `expires` is in seconds since 1970.

    `duid` is the client's name in DHCPv6.
    """

    mac: str
    address: str
    prefix: int
    hostname: str | None
    expires: int
    duid: str | None = None


class Networks:
    """All networks of a host."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    @contextlib.contextmanager
    def _network(self, network: str) -> Iterator[libvirt.virNetwork]:
        with self._host.connection() as conn:
            yield conn.networkLookupByUUIDString(network) if is_uuid(network) else conn.networkLookupByName(network)

    def rows(self) -> list[NetworkRow]:
        """All networks."""
        with self._host.connection() as conn:
            return [_row(network) for network in conn.listAllNetworks()]

    def row(self, network: str) -> NetworkRow:
        """One network."""
        with self._network(network) as found:
            return _row(found)

    def xml(self, network: str, saved: bool = False) -> str:
        """The definition, running or as saved."""
        with self._network(network) as found:
            saved &= bool(found.isPersistent()) and not self._host.is_test  # which tells the running one only
            flags = libvirt.VIR_NETWORK_XML_INACTIVE if saved else 0
            return str(found.XMLDesc(flags))

    def define(self, xml: str) -> str:
        """Save a definition; the network's UUID."""
        with self._host.connection() as conn:
            flags = libvirt.VIR_NETWORK_DEFINE_VALIDATE
            if self._host.is_test:  # it knows no flags here
                return str(conn.networkDefineXML(xml).UUIDString())
            return str(conn.networkDefineXMLFlags(xml, flags).UUIDString())

    def start(self, network: str) -> None:
        """Start."""
        with self._network(network) as found:
            found.create()

    def stop(self, network: str) -> None:
        """Stop; machines on it lose their link, and libvirt does not give it back when it starts again."""
        with self._network(network) as found:
            found.destroy()

    def set_autostart(self, network: str, on: bool) -> None:
        """Whether it starts with the host."""
        with self._network(network) as found:
            found.setAutostart(int(on))

    def undefine(self, network: str) -> None:
        """Remove the definition."""
        with self._network(network) as found:
            found.undefine()

    def update(
        self, network: str, command: int, section: int, xml: str, *, parent: int = -1, saved: bool = True
    ) -> None:
        """Change one part (DHCP host, DNS entry, port group) of the running network; numbers of libvirt-network.h."""
        with self._network(network) as found:
            flags = libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG if saved else 0
            flags |= libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE if found.isActive() else 0
            found.update(command, section, parent, xml, flags)

    def run(self, xml: str) -> None:
        """Start a network with a definition that is not saved; where nothing else is saved, stopping it forgets it."""
        with self._host.connection() as conn:
            conn.networkCreateXML(xml)

    def leases(self, network: str) -> list[Lease]:
        """Addresses given out; none where the network has no DHCP server of libvirt."""
        with self._network(network) as found:
            try:
                leases = found.DHCPLeases()
            except libvirt.libvirtError as error:
                if error.get_error_code() not in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_INVALID):
                    raise
                return []
        return [
            Lease(
                mac=lease["mac"],
                address=lease["ipaddr"],
                prefix=lease["prefix"],
                hostname=lease.get("hostname"),
                expires=lease["expirytime"],
                duid=lease.get("clientid") if lease["type"] == libvirt.VIR_IP_ADDR_TYPE_IPV6 else None,
            )
            for lease in leases
        ]

    def interfaces(self) -> list[str]:
        """The XML of each of the host's own interfaces; none where its libvirt cannot tell."""
        with self._host.connection() as conn:
            try:
                found = conn.listAllInterfaces()
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                    raise
                return []
            return [xml for each in found if (xml := _described(each))]

    def host_interfaces(self) -> dict[str, bool] | None:
        """The host's interfaces by name, and whether each is a bridge; None where its libvirt cannot tell.

        Those of libvirt's own networks may be among them (udev lists what the kernel has).
        """
        with self._host.connection() as conn:
            try:
                found = conn.listAllInterfaces()
            except libvirt.libvirtError:
                return None
            return {each.name(): parse(xml).get("type") == "bridge" for each in found if (xml := _described(each))}

    def ports(self, network: str) -> list[str] | None:
        """The XML of each machine's link to it, since it was started; None where the driver cannot tell."""
        with self._network(network) as found:
            try:
                return [str(port.XMLDesc(0)) for port in found.listAllPorts(0)]
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                    raise
                return None


def _described(interface: libvirt.virInterface) -> str | None:
    try:
        return str(interface.XMLDesc(0))
    except libvirt.libvirtError:  # gone meanwhile, like that of a machine which just went off
        return None


def _row(network: libvirt.virNetwork) -> NetworkRow:
    persistent = bool(network.isPersistent())
    try:
        bridge: str | None = network.bridgeName()
    except libvirt.libvirtError:
        bridge = None
    return NetworkRow(
        uuid=network.UUIDString(),
        name=network.name(),
        active=bool(network.isActive()),
        persistent=persistent,
        autostart=persistent and bool(network.autostart()),
        bridge=bridge or None,
    )
