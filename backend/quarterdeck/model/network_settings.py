"""A virtual network in full: one declaration gives the form, the XML, and what can change while it runs."""

from __future__ import annotations

import ipaddress
from copy import deepcopy
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from quarterdeck.model.create import AbsolutePath, MacAddress, VolumeName
from quarterdeck.model.patterns import DNS_NAME, DUID, INTERFACE, ONE_LINE, UUID, VIRTUAL_PORT, ip_address
from quarterdeck.model.xml import At, Element, XmlModel, XmlText

Mode = Literal["isolated", "nat", "route", "open", "bridge", "private", "vepa", "passthrough", "hostdev"]
OWN_BRIDGE = ("isolated", "nat", "route", "open")
"""Modes in which libvirt makes the bridge, gives addresses and answers names."""
MACVTAP = ("private", "vepa", "passthrough")


Address = Annotated[str, Field(max_length=64), AfterValidator(ip_address)]
Device = Annotated[str, Field(pattern=INTERFACE)]
DnsName = Annotated[XmlText, Field(pattern=DNS_NAME, max_length=253)]
OneLine = Annotated[XmlText, Field(pattern=ONE_LINE, max_length=1024)]
"""libvirt writes it into a line of dnsmasq's settings as it is."""
Tag = Annotated[int, Field(ge=0, le=4095)]
Byte = Annotated[int, Field(ge=0, le=255)]
Uuid = Annotated[str, Field(pattern=UUID)]
Port = Annotated[int, Field(ge=1, le=65535)]
Lease = Annotated[int, Field(ge=0, le=(1 << 31) - 1)]
Kilobytes = Annotated[int, Field(ge=1, le=(1 << 32) - 1)]
Plain = Annotated[XmlText, Field(pattern=VIRTUAL_PORT, max_length=64)]


class Part(XmlModel):
    """A part of a request; a misspelt member is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DhcpRange(Part):
    """Addresses that the DHCP server gives out, and for how long: 0 for good, an hour where nothing is said."""

    tag: ClassVar[str] = "range"
    start: Annotated[Address, At("@start")]
    end: Annotated[Address, At("@end")]
    lease_seconds: Annotated[Lease | None, At("lease/@expiry", unit="s", since="6.3.0")] = None


class DhcpHost(Part):
    """An address that is kept for one machine, by its MAC address, or in IPv6 by its DUID."""

    tag: ClassVar[str] = "host"
    mac: Annotated[MacAddress | None, At("@mac")] = None
    duid: Annotated[Annotated[str, Field(pattern=DUID)] | None, At("@id")] = None
    name: Annotated[DnsName | None, At("@name")] = None
    address: Annotated[Address, At("@ip")]
    lease_seconds: Annotated[Lease | None, At("lease/@expiry", unit="s", since="6.3.0")] = None


class NetworkIp(Part):
    """The host's own address in the network, and what DHCP gives out beside it."""

    tag: ClassVar[str] = "ip"
    family: Annotated[Literal["ipv4", "ipv6"], At("@family")] = "ipv4"
    address: Annotated[Address, At("@address")]
    prefix: Annotated[Annotated[int, Field(ge=1, le=128)], At("@prefix")]
    ranges: Annotated[tuple[DhcpRange, ...], At("dhcp/range")] = ()
    hosts: Annotated[tuple[DhcpHost, ...], At("dhcp/host")] = ()
    boot_file: Annotated[OneLine | None, At("dhcp/bootp/@file")] = None
    boot_server: Annotated[Address | None, At("dhcp/bootp/@server")] = None
    tftp_root: Annotated[AbsolutePath | None, At("tftp/@root")] = None

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """All addresses of it."""
        return ipaddress.ip_network(f"{self.address}/{self.prefix}", strict=False)


class StaticRoute(Part):
    """A route that the host gets to a network behind a machine of this one."""

    tag: ClassVar[str] = "route"
    family: Annotated[Literal["ipv4", "ipv6"], At("@family")] = "ipv4"
    address: Annotated[Address, At("@address")]
    prefix: Annotated[Annotated[int, Field(ge=0, le=128)], At("@prefix")]
    gateway: Annotated[Address, At("@gateway")]
    metric: Annotated[Annotated[int, Field(ge=1)] | None, At("@metric")] = None


class DnsHost(Part):
    """Names that the DNS server of the network knows."""

    tag: ClassVar[str] = "host"
    address: Annotated[Address, At("@ip")]
    names: Annotated[tuple[DnsName, ...], Field(min_length=1), At("hostname")]


class DnsForwarder(Part):
    """Who is asked for other names: for all, or for those of one domain."""

    tag: ClassVar[str] = "forwarder"
    domain: Annotated[DnsName | None, At("@domain")] = None
    address: Annotated[Address | None, At("@addr")] = None


class DnsTxt(Part):
    """A TXT record."""

    tag: ClassVar[str] = "txt"
    name: Annotated[DnsName, At("@name")]
    value: Annotated[OneLine, At("@value")]


class DnsSrv(Part):
    """An SRV record: where a service is."""

    tag: ClassVar[str] = "srv"
    service: Annotated[Plain, At("@service")]
    protocol: Annotated[Literal["tcp", "udp"], At("@protocol")]
    domain: Annotated[DnsName | None, At("@domain")] = None
    target: Annotated[DnsName | None, At("@target")] = None
    port: Annotated[Port | None, At("@port")] = None
    priority: Annotated[Annotated[int, Field(ge=0, le=65535)] | None, At("@priority")] = None
    weight: Annotated[Annotated[int, Field(ge=0, le=65535)] | None, At("@weight")] = None


class NetworkRate(Part):
    """A limit in one direction, in KiB and KiB/s, as libvirt has it."""

    average: Annotated[Kilobytes, At("@average")]
    peak: Annotated[Kilobytes | None, At("@peak")] = None
    burst: Annotated[Kilobytes | None, At("@burst")] = None


class VlanTag(Part):
    """A VLAN; what comes without a tag belongs to the native one, where there is one."""

    tag: ClassVar[str] = "tag"
    id: Annotated[Tag, At("@id")]
    native_mode: Annotated[Literal["tagged", "untagged"] | None, At("@nativeMode")] = None


class PortGroup(Part):
    """A class of ports with its own VLAN and limits, which a machine's card can ask for."""

    tag: ClassVar[str] = "portgroup"
    name: Annotated[Plain, At("@name")]
    default: Annotated[bool | None, At("@default", words="yesno")] = None
    inbound: Annotated[NetworkRate | None, At("bandwidth/inbound")] = None
    outbound: Annotated[NetworkRate | None, At("bandwidth/outbound")] = None
    vlan_trunk: Annotated[bool | None, At("vlan/@trunk", words="yesno")] = None
    vlan_tags: Annotated[tuple[VlanTag, ...], At("vlan/tag")] = ()


class NetworkSettings(Part):
    """A network as it is asked for. Values with a place in the XML are its definition."""

    tag: ClassVar[str] = "network"

    name: Annotated[VolumeName, At("name")]
    mode: Annotated[Mode, At("forward/@mode")] = "isolated"
    forward_device: Annotated[Device | None, At("forward/@dev")] = None
    interfaces: Annotated[tuple[Device, ...], At("forward/interface/@dev")] = ()
    physical_function: Annotated[Device | None, At("forward/pf/@dev")] = None
    managed: Annotated[bool | None, At("forward/@managed", words="yesno")] = None
    nat_ipv6: Annotated[bool | None, At("forward/nat/@ipv6", words="yesno", since="6.5.0")] = None
    nat_address_start: Annotated[Address | None, At("forward/nat/address/@start")] = None
    nat_address_end: Annotated[Address | None, At("forward/nat/address/@end")] = None
    nat_port_start: Annotated[Port | None, At("forward/nat/port/@start")] = None
    nat_port_end: Annotated[Port | None, At("forward/nat/port/@end")] = None
    bridge: Annotated[Device | None, At("bridge/@name")] = None
    stp: Annotated[bool | None, At("bridge/@stp", words="onoff")] = None
    bridge_delay_seconds: Annotated[Annotated[int, Field(ge=0, le=30)] | None, At("bridge/@delay")] = None
    zone: Annotated[Plain | None, At("bridge/@zone", since="5.1.0")] = None
    mtu: Annotated[Annotated[int, Field(ge=68, le=65535)] | None, At("mtu/@size")] = None
    domain: Annotated[DnsName | None, At("domain/@name")] = None
    domain_local_only: Annotated[bool | None, At("domain/@localOnly", words="yesno")] = None
    guests_ipv6: Annotated[bool | None, At("@ipv6", words="yesno")] = None
    dns: Annotated[bool | None, At("dns/@enable", words="yesno")] = None
    dns_forwarders: Annotated[tuple[DnsForwarder, ...], At("dns/forwarder")] = ()
    dns_txts: Annotated[tuple[DnsTxt, ...], At("dns/txt")] = ()
    dns_srvs: Annotated[tuple[DnsSrv, ...], At("dns/srv")] = ()
    dns_hosts: Annotated[tuple[DnsHost, ...], At("dns/host")] = ()
    vlan_trunk: Annotated[bool | None, At("vlan/@trunk", words="yesno")] = None
    vlan_tags: Annotated[tuple[VlanTag, ...], At("vlan/tag")] = ()
    virtualport: Annotated[
        Literal["openvswitch", "802.1Qbg", "802.1Qbh", "midonet"] | None, At("virtualport/@type")
    ] = None
    profile_id: Annotated[Plain | None, At("virtualport/parameters/@profileid")] = None
    interface_id: Annotated[Uuid | None, At("virtualport/parameters/@interfaceid")] = None
    instance_id: Annotated[Uuid | None, At("virtualport/parameters/@instanceid")] = None
    manager_id: Annotated[Byte | None, At("virtualport/parameters/@managerid")] = None
    type_id: Annotated[Annotated[int, Field(ge=0, le=(1 << 24) - 1)] | None, At("virtualport/parameters/@typeid")] = (
        None
    )
    type_id_version: Annotated[Byte | None, At("virtualport/parameters/@typeidversion")] = None
    inbound: Annotated[NetworkRate | None, At("bandwidth/inbound")] = None
    outbound: Annotated[NetworkRate | None, At("bandwidth/outbound")] = None
    ips: Annotated[tuple[NetworkIp, ...], At("ip")] = ()
    routes: Annotated[tuple[StaticRoute, ...], At("route")] = ()
    portgroups: Annotated[tuple[PortGroup, ...], At("portgroup")] = ()
    autostart: bool = Field(True, title="Start with the host")
    start: bool = Field(True, title="Start now")

    def definition(self) -> dict[str, Any]:
        """The values that go into the XML: an isolated network forwards nothing, and no trunk is not said (schema)."""
        values = self.model_dump(include=set(self.places))
        for part in (values, *values["portgroups"]):
            part["vlan_trunk"] = part["vlan_trunk"] or None
        if self.mode == "isolated":
            values["mode"] = None
        if self.mode in ("nat", "route"):
            values["interfaces"] = (self.forward_device,) if self.forward_device else ()
        elif self.mode not in OWN_BRIDGE:
            values["forward_device"] = next(iter(self.interfaces), None)
        return values


def usual(root: Element) -> Element:
    """A copy in one way of writing: prefixes for netmasks, the mode said, families said."""
    copy = deepcopy(root)
    for forward in copy.findall("forward"):
        forward.set("mode", forward.get("mode", "nat"))
    for element in [*copy.findall("ip"), *copy.findall("route")]:
        mask = str(element.attrib.pop("netmask", ""))
        if mask:
            element.set("prefix", str(ipaddress.ip_network(f"0.0.0.0/{mask}").prefixlen))
        element.set("family", element.get("family", "ipv4"))
    return copy


def read_settings(root: Element) -> NetworkSettings | None:
    """The values of a network's form; None where its definition goes beyond them."""
    try:
        read = NetworkSettings.read(usual(root))
    except (ValidationError, ValueError):
        return None
    # The first interface stands in two places, of which one is asked for.
    said_twice = "interfaces" if read.mode in OWN_BRIDGE else "forward_device"
    return read.model_copy(update={said_twice: NetworkSettings.model_fields[said_twice].default})
