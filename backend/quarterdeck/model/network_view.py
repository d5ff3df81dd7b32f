"""Who is on a network, and the host's own interfaces, as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quarterdeck.model.xml import Element, parse

from .strict import Value


@dataclass(frozen=True)
class Nic:
    """A card of a machine; `network`, `bridge`, `device` say what it is plugged into, `up` whether its cable is in.

    `live` is set for a card of a running machine as it is now, not as it is saved.
    """

    mac: str
    network: str | None
    bridge: str | None
    device: str | None
    target: str | None
    up: bool
    filter: str | None
    live: bool = False


class NetworkAddress(Value):
    """An address that the network gave out. `expires` is in seconds since 1970, 0 for one that is kept for good."""

    address: str
    prefix: int
    expires: int


class NetworkClient(Value):
    """Somebody on a network: a machine's card, or who else has an address of it, or one kept for it.

    `waits`: the card comes onto it at the machine's next start. `cut_off`: it was when the network stopped, and lost
    its cable. `reserved` are the addresses that are kept for it, `duid` is its name in DHCPv6 where one is known.
    """

    mac: str | None = None
    duid: str | None = None
    machine: str | None = None
    running: bool = False
    waits: bool = False
    device: str | None = None
    link_up: bool | None = None
    cut_off: bool = False
    addresses: list[NetworkAddress] = []
    hostname: str | None = None
    reserved: list[str] = []


class HostInterface(Value):
    """An interface of the host; `network` where a virtual network made it, `machine` where it is a machine's end.

    `members` are the interfaces that it joins, `used_by` the machines with a card on it that name it, not a network.
    """

    name: str
    mac: str | None = None
    up: bool | None = None
    speed_mbit: int | None = None
    kind: str = "other"
    parent: str | None = None
    network: str | None = None
    machine: str | None = None
    members: list[str] = []
    used_by: list[str] = []


def nics(root: Element, *, live: bool = False) -> Iterator[Nic]:
    """The cards in a machine's definition, `live` in that of a running one."""
    for card in root.iterfind("devices/interface"):
        mac, source, target = card.find("mac"), card.find("source"), card.find("target")
        link, rule = card.find("link"), card.find("filterref")
        yield Nic(
            mac=(mac.get("address", "") if mac is not None else "").lower(),
            network=source.get("network") if source is not None else None,
            bridge=source.get("bridge") if source is not None and card.get("type") == "bridge" else None,
            device=source.get("dev") if source is not None and card.get("type") == "direct" else None,
            target=target.get("dev") if target is not None else None,
            up=link is None or link.get("state") != "down",
            filter=rule.get("filter") if rule is not None else None,
            live=live,
        )


def read_interface(xml: str) -> HostInterface | None:
    """An interface from the description of a node device; None where it is none."""
    root = parse(xml)
    card = root.find("capability[@type='net']")
    name = card.findtext("interface") if card is not None else None
    if card is None or not name:
        return None
    link = card.find("link")
    speed = link.get("speed") if link is not None else None
    inner = card.find("capability")
    parent = root.findtext("parent")
    return HostInterface(
        name=name,
        mac=card.findtext("address"),
        up=link.get("state") == "up" if link is not None else None,
        speed_mbit=int(speed) if speed and int(speed) > 0 else None,
        kind="wifi"
        if inner is not None and inner.get("type") == "80211"
        else "card"
        if _is_card(parent)
        else "virtual",
        parent=parent,
    )


def read_joined(xml: str) -> tuple[str, str, list[str]]:
    """The name of an interface of the host, its type (bridge, bond, vlan, ethernet), and what it joins."""
    root = parse(xml)
    members = [element.get("name", "") for element in root.iterfind("*/interface")]
    return root.get("name", ""), root.get("type", ""), sorted(filter(None, members))


def _is_card(parent: str | None) -> bool:
    return bool(parent) and parent != "computer"
