"""What does not go together in a virtual network. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from .network_settings import MACVTAP, OWN_BRIDGE, NetworkIp, NetworkSettings, PortGroup, StaticRoute
from .patterns import names_network

PORT_PARAMETERS = {
    "openvswitch": ("profile_id", "interface_id"),
    "802.1Qbg": ("manager_id", "type_id", "type_id_version", "instance_id"),
    "802.1Qbh": ("profile_id",),
    "midonet": ("interface_id",),
}
"""What each type of virtual port is told."""
NEEDED = {
    "802.1Qbg": ("manager_id", "type_id", "type_id_version"),
    "802.1Qbh": ("profile_id",),
    "midonet": ("interface_id",),
}
"""What of it libvirt does not do without."""
RANGE_SIZE = 65535
"""virSocketAddrGetRange of libvirt 9.0: "range ... is too large (> 65535)"."""
SHORTEST_LEASE = 120
"""virNetworkDHCPLeaseTimeDefParseXML of libvirt 9.0: "minimum lease time should be greater than 2 minutes"."""
SMALLEST_IPV6_MTU = 1280
"""RFC 8200, section 5; the kernel takes no IPv6 address on a bridge below."""
Fault = tuple[str, str]


def faults(settings: NetworkSettings, *, vlan_bridges: bool = False) -> Iterator[Fault]:
    """What does not go together: the JSON pointer of a field, and why.

    `vlan_bridges`: the host's libvirt has VLANs on bridges of Linux too, as it has since 11.0.
    """
    yield from _mode_faults(settings)
    yield from _nat_faults(settings)
    yield from _vlan_faults(settings, vlan_bridges=vlan_bridges)
    yield from _rate_faults(settings)
    yield from _port_faults(settings)
    yield from _dhcp_faults(settings)
    for number, route in enumerate(settings.routes):
        yield from _route_faults(route, settings, f"/routes/{number}")
    sound: list[NetworkIp] = []
    for number, ip in enumerate(settings.ips):
        found = list(_ip_faults(ip, f"/ips/{number}"))
        yield from found
        for other in () if found else sound:
            if ip.family == other.family and ip.network.overlaps(other.network):
                yield f"/ips/{number}/address", f"It overlaps with {other.network}, another one of these."
        sound += [] if found else [ip]
    yield from _dns_faults(settings)
    six = any(ip.family == "ipv6" for ip in settings.ips)
    if settings.mtu and settings.mtu < SMALLEST_IPV6_MTU and six:
        yield "/mtu", f"IPv6 needs {SMALLEST_IPV6_MTU} at least."
    names = [group.name for group in settings.portgroups]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield f"/portgroups/{number}/name", f"There is a port group {name} already."
    if sum(group.default is True for group in settings.portgroups) > 1:
        yield "/portgroups", "Only one port group can be the default."


def _dns_faults(settings: NetworkSettings) -> Iterator[Fault]:
    if settings.domain_local_only is not None and not settings.domain:
        yield "/domain", "Name the domain whose names are asked here only."
    for number, forwarder in enumerate(settings.dns_forwarders):
        if not (forwarder.domain or forwarder.address):
            yield f"/dns_forwarders/{number}", "Name a domain, an address, or both."
    for number, record in enumerate(settings.dns_srvs):
        if not record.target and (record.port or record.priority or record.weight):
            yield f"/dns_srvs/{number}/target", "Name the target that port, priority and weight belong to."
    if settings.dns is False:
        for name in ("dns_hosts", "dns_forwarders", "dns_txts", "dns_srvs"):
            if getattr(settings, name):
                yield "/dns", "Names that the network knows need that it answers names."
                return


def _mode_faults(settings: NetworkSettings) -> Iterator[Fault]:
    mode = settings.mode
    if mode not in OWN_BRIDGE:
        for name in ("ips", "domain", "dns_hosts", "dns_forwarders", "dns_txts", "dns_srvs", "routes", "stp", "mtu"):
            if getattr(settings, name):
                yield f"/{name}", f"A network of the mode {mode} gives no addresses and names: that is the outside's."
    if mode == "bridge" and bool(settings.bridge) == bool(settings.interfaces):
        yield "/bridge", "Name a bridge of the host, or the interfaces that machines share by macvtap."
    if mode in MACVTAP and not settings.interfaces:
        yield "/interfaces", "Name the host's interfaces that machines get a part of."
    if mode == "hostdev" and not settings.physical_function:
        yield "/physical_function", "Name the host's interface whose virtual functions machines get."
    if mode != "hostdev" and settings.physical_function:
        yield "/physical_function", "This belongs to the mode hostdev."
    if mode not in ("nat", "route") and settings.forward_device:
        yield "/forward_device", "This belongs to the modes nat and route."
    if mode in ("route", "nat", "open") and not settings.ips:
        yield "/ips", f"A network of the mode {mode} needs an address."


def _vlan_faults(settings: NetworkSettings, *, vlan_bridges: bool) -> Iterator[Fault]:
    """As libvirt has it: `networkValidate` of its bridge driver."""
    why = None if vlan_bridges else _knows_no_vlan(settings)
    if why and settings.vlan_tags:
        yield "/vlan_tags", why
    for number, group in enumerate(settings.portgroups):
        if why and group.vlan_tags:
            yield f"/portgroups/{number}/vlan_tags", why
    ids = [tag.id for tag in settings.vlan_tags]
    for number, tag in enumerate(ids):
        if tag in ids[:number]:
            yield f"/vlan_tags/{number}/id", f"VLAN {tag} is named twice."
    native = [number for number, tag in enumerate(settings.vlan_tags) if tag.native_mode]
    if len(native) > 1:
        yield f"/vlan_tags/{native[1]}/native_mode", "Only one VLAN can be the native one."
    parts: list[tuple[str, NetworkSettings | PortGroup]] = [("", settings)]
    parts += [(f"/portgroups/{number}", group) for number, group in enumerate(settings.portgroups)]
    for at, part in parts:
        if part.vlan_trunk and not part.vlan_tags:
            yield f"{at}/vlan_trunk", "A trunk carries VLANs; name one."
    if settings.vlan_trunk is False and (len(ids) > 1 or native):
        yield "/vlan_trunk", "Several VLANs, or a native one, are a trunk."


def _knows_no_vlan(settings: NetworkSettings) -> str | None:
    if settings.mode in OWN_BRIDGE:
        known = "Use a bridge of Open vSwitch, or an SR-IOV pool."
        return f"Such a network is a bridge of libvirt's own, which knows no VLANs before libvirt 11. {known}"
    if settings.mode in ("hostdev", "passthrough") or settings.virtualport == "openvswitch":
        return None
    if settings.mode == "bridge" and settings.bridge:
        return "A plain bridge of the host knows no VLANs before libvirt 11: choose the virtual port openvswitch."
    return "Cards on macvtap know VLANs in the mode passthrough only."


def _rate_faults(settings: NetworkSettings) -> Iterator[Fault]:
    """Where libvirt has no say over the traffic it refuses limits (9.0: `networkValidate`)."""
    if settings.mode in OWN_BRIDGE or (settings.mode == "bridge" and settings.bridge):
        return
    why = "libvirt limits what passes a bridge only: give the card of each machine its limit instead."
    places: list[tuple[str, NetworkSettings | PortGroup]] = [("", settings)]
    places += [(f"/portgroups/{number}", group) for number, group in enumerate(settings.portgroups)]
    for at, place in places:
        for name in ("inbound", "outbound"):
            if getattr(place, name):
                yield f"{at}/{name}", why


def _port_faults(settings: NetworkSettings) -> Iterator[Fault]:
    port, mode = settings.virtualport, settings.mode
    if port and mode in OWN_BRIDGE:
        yield "/virtualport", f"A network of the mode {mode} has no port of a switch outside."
    elif port in ("openvswitch", "midonet") and not (mode == "bridge" and settings.bridge):
        yield "/virtualport", f"{port} needs the mode bridge and the name of its bridge."
    elif port in ("802.1Qbg", "802.1Qbh") and not (settings.interfaces or mode in (*MACVTAP, "hostdev")):
        yield "/virtualport", f"{port} needs macvtap on the host's interfaces, or an SR-IOV pool."
    for name in sorted({name for names in PORT_PARAMETERS.values() for name in names}):
        value = getattr(settings, name)
        if value is not None and name not in PORT_PARAMETERS.get(port or "", ()):
            yield (
                f"/{name}",
                f"A virtual port {port} does not have this." if port else "This belongs to a virtual port.",
            )
        elif value is None and name in NEEDED.get(port or "", ()):
            yield f"/{name}", f"A virtual port {port} needs this."


def _dhcp_faults(settings: NetworkSettings) -> Iterator[Fault]:
    """Libvirt serves DHCP beside one address of each family only ("dhcp is supported only for a single ...")."""
    served: set[str] = set()
    for number, ip in enumerate(settings.ips):
        if not (ip.ranges or ip.hosts):
            continue
        if ip.family in served:
            words = {"ipv4": "IPv4", "ipv6": "IPv6"}[ip.family]
            yield f"/ips/{number}/ranges", f"libvirt gives addresses out beside one {words} address of a network only."
        served.add(ip.family)
        if ip.family == "ipv6" and ip.ranges and ip.prefix < 64:
            yield f"/ips/{number}/ranges", "dnsmasq gives IPv6 addresses out of a network of /64 or smaller only."


def _route_faults(route: StaticRoute, settings: NetworkSettings, at: str) -> Iterator[Fault]:
    version = 4 if route.family == "ipv4" else 6
    address, gateway = ipaddress.ip_address(route.address), ipaddress.ip_address(route.gateway)
    if address.version != version:
        yield f"{at}/address", f"This is no {route.family} address."
        return
    if version == 4 and route.prefix > 32:
        yield f"{at}/prefix", "An IPv4 prefix has 32 bits at most."
        return
    net = ipaddress.ip_network(f"{address}/{route.prefix}", strict=False)
    if net.network_address != address:
        yield f"{at}/address", f"With this prefix the network is {net}."
    if gateway.version != version:
        yield f"{at}/gateway", f"This is no {route.family} address."
    elif not any(gateway in ip.network for ip in settings.ips):
        yield f"{at}/gateway", "The host reaches no such address in this network."
    elif any(gateway == ipaddress.ip_address(ip.address) for ip in settings.ips):
        yield f"{at}/gateway", "That is the host itself: name the machine that has the network behind it."


def _nat_faults(settings: NetworkSettings) -> Iterator[Fault]:
    nat = ("nat_address_start", "nat_address_end", "nat_port_start", "nat_port_end", "nat_ipv6")
    for name in nat:
        if settings.mode != "nat" and getattr(settings, name) is not None:
            yield f"/{name}", "This belongs to the mode nat."
    for first, last in (("nat_address_start", "nat_address_end"), ("nat_port_start", "nat_port_end")):
        if (getattr(settings, first) is None) != (getattr(settings, last) is None):
            yield f"/{last}", "A range has a start and an end."
    addresses = [
        (name, ipaddress.ip_address(text)) for name in nat[:2] if (text := getattr(settings, name)) is not None
    ]
    six = [name for name, address in addresses if address.version == 6]
    yield from ((f"/{name}", "libvirt takes IPv4 addresses here only.") for name in six)
    ports = [port for port in (settings.nat_port_start, settings.nat_port_end) if port]
    for name, values in (
        ("nat_address_end", [] if six else [int(address) for _name, address in addresses]),
        ("nat_port_end", ports),
    ):
        if values != sorted(values):
            yield f"/{name}", "It ends before it starts."


def _ip_faults(ip: NetworkIp, at: str) -> Iterator[Fault]:
    own = ipaddress.ip_address(ip.address)
    if own.version != (4 if ip.family == "ipv4" else 6):
        yield f"{at}/address", f"This is no {ip.family} address."
        return
    if own.is_loopback or own.is_multicast or own.is_unspecified:
        yield f"{at}/address", f"No machine could reach the host by {own}."
        return
    if ip.family == "ipv4" and ip.prefix > 32:
        yield f"{at}/prefix", "An IPv4 prefix has 32 bits at most."
        return
    net = ip.network
    if names_network(own, net):
        yield f"{at}/address", f"{own} names the network {net} itself. Take {net[1]}."
    for number, each in enumerate(ip.ranges):
        start, end = ipaddress.ip_address(each.start), ipaddress.ip_address(each.end)
        for name, address in (("start", start), ("end", end)):
            if address not in net:
                yield f"{at}/ranges/{number}/{name}", f"{address} lies outside of {net}."
            elif names_network(address, net):
                yield f"{at}/ranges/{number}/{name}", f"{address} names the network {net} itself."
        if start.version == end.version and int(start) > int(end):
            yield f"{at}/ranges/{number}/end", "It ends before it starts."
        elif start.version == end.version and int(end) - int(start) >= RANGE_SIZE:
            yield f"{at}/ranges/{number}/end", f"libvirt takes a range of {RANGE_SIZE} addresses at most."
        elif start.version == own.version and int(start) <= int(own) <= int(end):
            yield f"{at}/ranges/{number}/start", f"{own} is the host's own address."
        yield from _lease_faults(each.lease_seconds, f"{at}/ranges/{number}")
    yield from _reservation_faults(ip, at)
    yield from _boot_faults(ip, at)


def _boot_faults(ip: NetworkIp, at: str) -> Iterator[Fault]:
    """Libvirt leaves this out of IPv6, or refuses it (9.0: "Unsupported <tftp> element in an IPv6 element")."""
    for name in ("boot_file", "tftp_root") if ip.family == "ipv6" else ():
        if getattr(ip, name):
            yield f"{at}/{name}", "libvirt tells this to machines with IPv4 only."
    if ip.boot_server and not ip.boot_file:
        yield f"{at}/boot_file", "Name the file that the server has."


def _lease_faults(seconds: int | None, at: str) -> Iterator[Fault]:
    if seconds and seconds < SHORTEST_LEASE:
        yield f"{at}/lease_seconds", "libvirt lends an address for two minutes at least; 0 is for good."


def _reservation_faults(ip: NetworkIp, at: str) -> Iterator[Fault]:
    taken: dict[str, int] = {}
    for number, host in enumerate(ip.hosts):
        where = f"{at}/hosts/{number}"
        address = ipaddress.ip_address(host.address)
        if address not in ip.network:
            yield f"{where}/address", f"{host.address} lies outside of {ip.network}."
        elif names_network(address, ip.network):
            yield f"{where}/address", f"{host.address} names the network {ip.network} itself."
        elif address == ipaddress.ip_address(ip.address):
            yield f"{where}/address", f"{host.address} is the host's own address."
        if not (host.mac or host.duid or host.name):
            yield f"{where}/mac", "Say for whom: a MAC address, or in IPv6 a DUID or name."
        if ip.family == "ipv4" and host.duid:
            yield f"{where}/duid", "libvirt knows machines by a DUID in IPv6 only."
        if ip.family == "ipv6" and host.mac:
            yield f"{where}/mac", "DHCPv6 knows machines by DUID or name, not by MAC address."
        yield from _lease_faults(host.lease_seconds, where)
        for key in filter(None, (host.mac, host.address)):
            if key in taken:
                yield f"{where}/{'mac' if key == host.mac else 'address'}", f"{key} is reserved twice."
            taken[key] = number
