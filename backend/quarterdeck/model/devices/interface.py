"""Network interfaces."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At, Element, XmlModel
from .base import Device, join

LinkState = Literal["up", "down"]


class InterfaceSource(XmlModel):
    """What the interface is plugged into."""

    type: Annotated[Literal["network", "bridge", "direct", "user", "ethernet", "hostdev"] | str | None, At("@type")] = (
        None
    )
    network: Annotated[str | None, At("source/@network", apply=Apply.LIVE, help="Network of the host")] = None
    portgroup: Annotated[str | None, At("source/@portgroup", apply=Apply.LIVE)] = None
    bridge: Annotated[str | None, At("source/@bridge", apply=Apply.LIVE, help="Bridge of the host")] = None
    dev: Annotated[str | None, At("source/@dev", help="Interface of the host (macvtap)")] = None
    mode: Annotated[str | None, At("source/@mode", help="Mode of macvtap: bridge, vepa, private, passthrough")] = None


class Rate(XmlModel):
    """A limit of speed: average and peak in KiB/s, burst in KiB."""

    average: Annotated[int | None, At("@average", apply=Apply.LIVE)] = None
    peak: Annotated[int | None, At("@peak", apply=Apply.LIVE)] = None
    burst: Annotated[int | None, At("@burst", apply=Apply.LIVE)] = None


class Interface(Device):
    """A network interface of a machine."""

    tag: ClassVar[str] = "interface"
    type: Literal["interface"] = "interface"
    mac: Annotated[str | None, At("mac/@address", title="MAC address")] = None
    source: Annotated[InterfaceSource, At(".", apply=Apply.LIVE)] = InterfaceSource()
    model: Annotated[str | None, At("model/@type", help="virtio is fastest; e1000e works nearly everywhere")] = None
    link: Annotated[LinkState | str | None, At("link/@state", apply=Apply.LIVE, help="Whether the cable is in")] = None
    mtu: Annotated[int | None, At("mtu/@size", title="MTU", help="Largest packet in bytes")] = None
    filter: Annotated[
        str | None, At("filterref/@filter", apply=Apply.LIVE, title="Filter", help="Network filter of the host")
    ] = None
    target: Annotated[str | None, At("target/@dev", help="Name of the host's end")] = None
    queues: Annotated[int | None, At("driver/@queues", help="Queues that work at once (virtio)")] = None
    vlans: Annotated[tuple[int, ...], At("vlan/tag/@id", title="VLAN tags")] = ()
    isolated: Annotated[bool | None, At("port/@isolated", words="yesno", help="Sees no other isolated machine")] = None
    inbound: Annotated[Rate | None, At("bandwidth/inbound", apply=Apply.LIVE, title="Limit to the guest")] = None
    outbound: Annotated[Rate | None, At("bandwidth/outbound", apply=Apply.LIVE, title="Limit from the guest")] = None
    boot_order: Annotated[int | None, At("boot/@order")] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """The MAC address without colons."""
        return (cls.places["mac"].read(element) or "").replace(":", "").lower() or None

    @property
    def plug(self) -> str:
        """What it is plugged into, in words."""
        source = self.source
        kind = {"network": "network", "bridge": "bridge", "direct": "macvtap of"}.get(source.type or "", source.type)
        return join(kind, source.network or source.bridge or source.dev)

    @property
    def title(self) -> str:
        """For example `Network interface 52:54:00:aa:bb:cc: network default`."""
        return f"{join('Network interface', self.mac)}: {self.plug}"
