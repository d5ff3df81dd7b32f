"""Who is on a network, and the host's own interfaces, as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quarterdeck.model.xml import Element, parse

from .strict import Value


@dataclass(frozen=True)
class Nic:
    """A card of a machine; `network` and `bridge` say what it is plugged into, `up` whether its cable is in."""

    mac: str
    network: str | None
    bridge: str | None
    target: str | None
    up: bool
    filter: str | None


class NetworkClient(Value):
    """Somebody on a network: a machine's card, or who else has an address of it."""

    mac: str | None = None
    machine: str | None = None
    running: bool = False
    device: str | None = None
    link_up: bool | None = None
    address: str | None = None
    hostname: str | None = None
    expires: int | None = None
    reserved: str | None = None


class HostInterface(Value):
    """An interface of the host; `network` where a virtual network made it, `machine` where it is a machine's end."""

    name: str
    mac: str | None = None
    up: bool | None = None
    speed_mbit: int | None = None
    kind: str = "other"
    parent: str | None = None
    network: str | None = None
    machine: str | None = None


def nics(root: Element) -> Iterator[Nic]:
    """The cards in a machine's definition."""
    for card in root.iterfind("devices/interface"):
        mac, source, target = card.find("mac"), card.find("source"), card.find("target")
        link, rule = card.find("link"), card.find("filterref")
        yield Nic(
            mac=(mac.get("address", "") if mac is not None else "").lower(),
            network=source.get("network") if source is not None else None,
            bridge=source.get("bridge") if source is not None else None,
            target=target.get("dev") if target is not None else None,
            up=link is None or link.get("state") != "down",
            filter=rule.get("filter") if rule is not None else None,
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


def _is_card(parent: str | None) -> bool:
    return bool(parent) and parent != "computer"
