"""Virtual networks as people see them."""

from __future__ import annotations

from typing import Any

from quarterdeck.model.xml import parse

from .inverse import ObjectInverse
from .last_change import LastChange
from .strict import Value

MODES = {None: "isolated", "nat": "nat", "route": "routed", "open": "open", "bridge": "bridge"}


class IpRange(Value):
    """An address range of a network, with what its DHCP server gives out."""

    family: str
    address: str
    prefix: str
    dhcp_start: str | None = None
    dhcp_end: str | None = None


class Network(Value):
    """A virtual network: `mode` is nat, routed, open, isolated, bridge, or libvirt's own word.

    `settings` are the values of its form, None where its definition goes beyond them. `changes_pending`: something
    of it was edited that takes effect when it is restarted; `pending` are these fields, and paths beyond the form in
    its XML. `cut_off` are running machines whose card lost its cable when the network stopped; starting it plugs them
    in again. `changed` is its last change. `inverse` is set in the answer to a change: how it is taken back.
    """

    host: str
    uuid: str
    name: str
    active: bool
    persistent: bool
    autostart: bool
    mode: str
    bridge: str | None = None
    device: str | None = None
    domain: str | None = None
    ranges: list[IpRange] = []
    used_by: list[str] = []
    cut_off: list[str] = []
    settings: dict[str, Any] | None = None
    changes_pending: bool = False
    pending: list[str] = []
    changed: LastChange | None = None
    inverse: ObjectInverse | None = None
    etag: str = ""


class NetworkFacts(Value):
    """What only a network's XML tells."""

    mode: str
    bridge: str | None
    device: str | None
    domain: str | None
    ranges: list[IpRange]


def read_network(xml: str) -> NetworkFacts:
    """The facts in the XML of a network."""
    root = parse(xml)
    forward, bridge, domain = root.find("forward"), root.find("bridge"), root.find("domain")
    word = forward.get("mode", "nat") if forward is not None else None
    ranges = []
    for ip in root.iterfind("ip"):
        dhcp = ip.find("dhcp/range")
        ranges.append(
            IpRange(
                family=ip.get("family", "ipv4"),
                address=ip.get("address", ""),
                prefix=ip.get("prefix") or ip.get("netmask", ""),
                dhcp_start=dhcp.get("start") if dhcp is not None else None,
                dhcp_end=dhcp.get("end") if dhcp is not None else None,
            )
        )
    return NetworkFacts(
        mode=MODES.get(word) or str(word),
        bridge=bridge.get("name") if bridge is not None else None,
        device=forward.get("dev") if forward is not None else None,
        domain=domain.get("name") if domain is not None else None,
        ranges=ranges,
    )
