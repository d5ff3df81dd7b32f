"""Network interfaces."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from ..patterns import ANY_PATH, DNS_NAME, FILTER, FILTER_VALUE, INTERFACE, IP, LETTERS, MAC
from ..xml import Apply, At, Element, XmlModel
from .base import Device, join
from .hostdev import PciAddress
from .teaming import Teaming
from .virtio import Virtio, virtio_at

LinkState = Literal["up", "down"]
SourceType = Literal["network", "bridge", "direct", "user", "ethernet", "vhostuser", "hostdev"]


class InterfaceSource(XmlModel):
    """What the interface is plugged into."""

    type: Annotated[SourceType | str | None, At("@type", title="Kind")] = None
    network: Annotated[
        str | None, At("source/@network", apply=Apply.LIVE, when="type=network", help="Network of the host")
    ] = None
    portgroup: Annotated[
        str | None, At("source/@portgroup", apply=Apply.LIVE, when="type=network", title="Port group")
    ] = None
    bridge: Annotated[
        str | None,
        At("source/@bridge", apply=Apply.LIVE, when="type=bridge", pattern=INTERFACE, help="Bridge of the host"),
    ] = None
    dev: Annotated[
        str | None,
        At(
            "source/@dev",
            title="Interface of the host",
            when="type=direct,user",
            pattern=INTERFACE,
            help="For macvtap; with passt the one whose addresses are used",
        ),
    ] = None
    mode: Annotated[
        Literal["bridge", "vepa", "private", "passthrough", "client", "server"] | str | None,
        At(
            "source/@mode",
            when="type=direct,vhostuser",
            help="Of macvtap: bridge, vepa, private, passthrough; of vhost-user: client, server",
        ),
    ] = None
    socket_type: Annotated[Literal["unix"] | str | None, At("source/@type", when="type=vhostuser", asked=False)] = None
    socket: Annotated[
        str | None, At("source/@path", when="type=vhostuser", help="Path of the vhost-user socket on the host")
    ] = None
    address: Annotated[
        PciAddress | None, At("source/address", when="type=hostdev", help="PCI address of the virtual function")
    ] = None


NO_SOURCE: dict[str, Any] = dict.fromkeys(name for name in InterfaceSource.places if name != "type")
"""All places of a source, empty, so that nothing of an old one stays beside a new one."""


class Rate(XmlModel):
    """A limit of speed: average and peak in KiB/s, burst in KiB."""

    average: Annotated[int | None, At("@average", apply=Apply.LIVE, minimum=1, title="Average (KiB/s)")] = None
    peak: Annotated[int | None, At("@peak", apply=Apply.LIVE, minimum=1, title="Peak (KiB/s)", help="For a burst")] = (
        None
    )
    burst: Annotated[
        int | None, At("@burst", apply=Apply.LIVE, minimum=1, title="Burst (KiB)", help="So much at the peak rate")
    ] = None


class FilterParameter(XmlModel):
    """A value that a network filter asks for, such as IP."""

    name: Annotated[str | None, At("@name", pattern=LETTERS)] = None
    value: Annotated[str | None, At("@value", pattern=FILTER_VALUE)] = None


class PortRange(XmlModel):
    """Ports that are passed on."""

    start: Annotated[int | None, At("@start", minimum=1, maximum=65535, title="From")] = None
    end: Annotated[int | None, At("@end", minimum=1, maximum=65535, title="Until")] = None
    to: Annotated[int | None, At("@to", minimum=1, maximum=65535, title="Port of the guest")] = None
    exclude: Annotated[bool | None, At("@exclude", words="yesno")] = None


class PortForward(XmlModel):
    """Ports of the host that lead to the guest."""

    proto: Annotated[Literal["tcp", "udp"] | str | None, At("@proto", title="Protocol")] = None
    address: Annotated[str | None, At("@address", pattern=IP, help="Address of the host; all where empty")] = None
    device: Annotated[str | None, At("@dev", pattern=INTERFACE, help="Interface of the host; all where empty")] = None
    ranges: Annotated[tuple[PortRange, ...], At("range", title="Ports")] = ()


def _offload(name: str, title: str) -> At:
    return At(f"@{name}", words="onoff", title=title, since="1.2.9")


class GuestOffloads(XmlModel):
    """Work on packets to the guest that is left out because the guest can do without."""

    csum: Annotated[bool | None, _offload("csum", "Checksums")] = None
    tso4: Annotated[bool | None, _offload("tso4", "TCP segmentation, IPv4")] = None
    tso6: Annotated[bool | None, _offload("tso6", "TCP segmentation, IPv6")] = None
    ecn: Annotated[bool | None, _offload("ecn", "Congestion notice")] = None
    ufo: Annotated[bool | None, _offload("ufo", "UDP fragmentation")] = None


class HostOffloads(GuestOffloads):
    """Work on packets from the guest that the host does for it."""

    gso: Annotated[bool | None, _offload("gso", "Generic segmentation")] = None
    mrg_rxbuf: Annotated[bool | None, _offload("mrg_rxbuf", "Merged receive buffers")] = None


class Interface(Device):
    """A network card: to a network, a bridge, a card of the host, or a network of its own user."""

    tag: ClassVar[str] = "interface"
    noun: ClassVar[str] = "Network interface"
    on_pci: ClassVar[bool] = True
    hot: ClassVar[bool] = True
    usual: ClassVar[dict[str, object]] = {"source": {"type": "network", "network": "default"}, "model": "virtio"}
    type: Literal["interface"] = "interface"
    source: Annotated[InterfaceSource, At(".", apply=Apply.LIVE, title="Plugged into")] = InterfaceSource()
    model: Annotated[
        Literal["virtio", "e1000e", "e1000", "rtl8139", "igb", "vmxnet3", "pcnet", "ne2k_pci"] | str | None,
        At("model/@type", help="virtio is fastest; e1000e works nearly everywhere"),
    ] = None
    link: Annotated[
        LinkState | str | None, At("link/@state", apply=Apply.LIVE, title="Cable", help="Whether the cable is in")
    ] = None
    mac: Annotated[
        str | None,
        At(
            "mac/@address",
            title="MAC address",
            advanced=True,
            pattern=MAC,
            help="Six pairs of hexadecimal digits; left empty, a free one is made",
        ),
    ] = None
    mtu: Annotated[
        int | None,
        At("mtu/@size", title="MTU", advanced=True, minimum=68, maximum=65535, help="Largest packet in bytes"),
    ] = None
    vlans: Annotated[
        tuple[int, ...],
        At("vlan/tag/@id", title="VLAN tags", advanced=True, maximum=4095, when="source.type=network,bridge,direct"),
    ] = ()
    vlan_trunk: Annotated[
        bool | None, At("vlan/@trunk", words="yesno", title="VLAN trunk", advanced=True, when="vlans")
    ] = None
    virtualport: Annotated[
        Literal["openvswitch", "802.1Qbg", "802.1Qbh"] | str | None,
        At("virtualport/@type", advanced=True, title="Virtual port", help="Of Open vSwitch or of a switch"),
    ] = None
    filter: Annotated[
        str | None,
        At(
            "filterref/@filter",
            apply=Apply.LIVE,
            title="Filter",
            advanced=True,
            pattern=FILTER,
            help="Network filter of the host, such as clean-traffic",
        ),
    ] = None
    filter_parameters: Annotated[
        tuple[FilterParameter, ...],
        At("filterref/parameter", apply=Apply.LIVE, advanced=True, when="filter"),
    ] = ()
    inbound: Annotated[
        Rate | None, At("bandwidth/inbound", apply=Apply.LIVE, title="Limit to the guest", advanced=True)
    ] = None
    outbound: Annotated[
        Rate | None, At("bandwidth/outbound", apply=Apply.LIVE, title="Limit from the guest", advanced=True)
    ] = None
    driver: Annotated[
        Literal["vhost", "qemu"] | str | None,
        At("driver/@name", advanced=True, when="model=virtio", help="vhost works in the kernel of the host"),
    ] = None
    queues: Annotated[
        int | None,
        At(
            "driver/@queues",
            advanced=True,
            when="model=virtio",
            minimum=1,
            maximum=256,
            help="Queues that work at once (virtio)",
        ),
    ] = None
    rx_queue_size: Annotated[
        int | None,
        At("driver/@rx_queue_size", advanced=True, when="model=virtio", minimum=64, maximum=1024),
    ] = None
    tx_queue_size: Annotated[
        int | None,
        At("driver/@tx_queue_size", advanced=True, when="model=virtio", minimum=64, maximum=1024),
    ] = None
    rss: Annotated[
        bool | None,
        At(
            "driver/@rss",
            words="onoff",
            advanced=True,
            when="model=virtio",
            since="8.3.0",
            title="Receive side scaling",
            help="The guest says which queue a connection comes to",
        ),
    ] = None
    rss_hash_report: Annotated[
        bool | None,
        At(
            "driver/@rss_hash_report",
            words="onoff",
            advanced=True,
            when="model=virtio",
            since="8.3.0",
            title="Hashes for receive side scaling",
        ),
    ] = None
    io_event_fd: Annotated[
        bool | None,
        At(
            "driver/@ioeventfd",
            words="onoff",
            advanced=True,
            when="model=virtio",
            title="Events of its own",
            help="Handles its work outside of the guest's CPUs; best left to libvirt",
        ),
    ] = None
    event_index: Annotated[
        bool | None,
        At(
            "driver/@event_idx",
            words="onoff",
            advanced=True,
            when="model=virtio",
            help="Fewer interrupts; best left to libvirt",
        ),
    ] = None
    send_buffer_bytes: Annotated[
        int | None,
        At("tune/sndbuf", advanced=True, when="source.type=network,bridge", maximum=(1 << 32) - 1, title="Send buffer"),
    ] = None
    host_offloads: Annotated[
        HostOffloads | None, At("driver/host", advanced=True, when="model=virtio", title="Offloads of the host")
    ] = None
    guest_offloads: Annotated[
        GuestOffloads | None, At("driver/guest", advanced=True, when="model=virtio", title="Offloads of the guest")
    ] = None
    virtio: Annotated[Virtio, virtio_at("model=virtio")] = Virtio()
    coalesced_frames: Annotated[
        int | None,
        At(
            "coalesce/rx/frames/@max",
            advanced=True,
            since="3.3.0",
            when="source.type=network,bridge",
            maximum=65535,
            help="How many packets the host gathers before it passes them on",
        ),
    ] = None
    teaming: Annotated[Teaming | None, At("teaming", advanced=True)] = None
    alias: Annotated[str | None, At("alias/@name", asked=False, help="By which a team names it")] = None
    trust_guest_rx_filters: Annotated[
        bool | None,
        At(
            "@trustGuestRxFilters",
            words="yesno",
            advanced=True,
            when="model=virtio",
            help="The guest may change its address and join groups",
        ),
    ] = None
    isolated: Annotated[
        bool | None, At("port/@isolated", words="yesno", advanced=True, help="Sees no other isolated machine")
    ] = None
    target: Annotated[
        str | None, At("target/@dev", advanced=True, pattern=INTERFACE, help="Name of the host's end")
    ] = None
    managed: Annotated[
        bool | None,
        At("@managed", words="yesno", advanced=True, when="source.type=hostdev", help="libvirt takes it from the host"),
    ] = None
    backend: Annotated[
        Literal["passt"] | str | None,
        At(
            "backend/@type",
            advanced=True,
            when="source.type=user",
            offer="interface.backendType",
            help="passt passes ports on; it is a program of the host of that name",
        ),
    ] = None
    port_forwards: Annotated[tuple[PortForward, ...], At("portForward", advanced=True, when="backend=passt")] = ()
    backend_log: Annotated[
        str | None,
        At(
            "backend/@logFile",
            advanced=True,
            when="backend=passt",
            since="9.0.0",
            pattern=ANY_PATH,
            title="Log of passt",
            help="File on the host",
        ),
    ] = None
    hostname: Annotated[
        str | None,
        At(
            "backend/@hostname",
            advanced=True,
            when="backend=passt",
            since="11.8.0",
            pattern=DNS_NAME,
            title="Host name",
            help="Told to the guest by DHCP",
        ),
    ] = None
    fqdn: Annotated[
        str | None,
        At(
            "backend/@fqdn",
            advanced=True,
            when="backend=passt",
            since="11.8.0",
            pattern=DNS_NAME,
            title="Full host name",
            help="With its domain, told to the guest by DHCP",
        ),
    ] = None
    rom_file: Annotated[
        str | None,
        At("rom/@file", advanced=True, pattern=ANY_PATH, title="ROM file"),
    ] = None
    rom_bar: Annotated[bool | None, At("rom/@bar", words="onoff", advanced=True, title="ROM BAR")] = None
    boot_order: Annotated[
        int | None, At("boot/@order", advanced=True, minimum=1, maximum=4096, help="1 is tried first")
    ] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """The MAC address without colons."""
        return (cls.places["mac"].read(element) or "").replace(":", "").lower() or None

    @property
    def plug(self) -> str:
        """What it is plugged into, in words."""
        source = self.source
        words = {"network": "network", "bridge": "bridge", "direct": "macvtap of", "user": "network of its user"}
        kind = words.get(source.type or "", source.type)
        return join(kind, source.network or source.bridge or source.dev or source.socket or source.address)

    @property
    def title(self) -> str:
        """For example `Network interface 52:54:00:aa:bb:cc: network default`."""
        return f"{join('Network interface', self.mac)}: {self.plug}"
