"""The cables between running machines and a network, which libvirt pulls when the network stops and never puts back.

So seen on 9.0 and 11.3; a change of a card that changes nothing does not either. A card is put on a network that
exists only meanwhile, and then back: the guest sees no change of its link.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import NetworkRow
from ...model.network_settings import OWN_BRIDGE, NetworkSettings, read_settings
from ...model.xml import Element, dump, parse
from ..patience import unless_over


@dataclass(frozen=True)
class Card:
    """A card of a running machine."""

    uuid: str
    machine: str
    element: Element

    @property
    def mac(self) -> str:
        """Its MAC address."""
        return _mac(self.element)

    @property
    def group(self) -> str | None:
        """The port group that it asks for."""
        source = self.element.find("source")
        return source.get("portgroup") if source is not None else None

    @property
    def network(self) -> str | None:
        """The network that it names."""
        source = self.element.find("source")
        return source.get("network") if source is not None else None

    def on(self, network: str) -> str:
        """Its XML on a network; the port group stays named, so that it is known also after a restart of the service."""
        moved, group = deepcopy(self.element), self.group
        source = moved.find("source")
        if source is not None:
            source.attrib.clear()
            source.set("network", network)
            if group:
                source.set("portgroup", group)
        return dump(moved)


def hold_name(row: NetworkRow) -> str:
    """The network on which a network's machines wait."""
    return f"quarterdeck-hold-{row.uuid[:8]}"


class Cables:
    """Which machines are plugged in, and how those that are not come back."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def plugged(self, host: str, row: NetworkRow) -> set[str] | None:
        """MAC addresses of the cards whose cable is in a network that runs; None where the host cannot tell."""
        if not row.active:
            return set()
        ports = self._hosts.get(host).networks.ports(row.uuid)
        return None if ports is None else {_mac(parse(xml)) for xml in ports}

    def cards(self, host: str, row: NetworkRow) -> list[Card]:
        """The cards of running machines on a network, also those that wait for it."""
        found = self._hosts.get(host)
        settings, names = read_settings(parse(found.networks.xml(row.uuid))), {hold_name(row)}
        if not settings or settings.mode in OWN_BRIDGE:
            names.add(row.name)  # else they are on an interface of the host, which stays
        cards = [
            Card(domain.uuid, domain.name, element)
            for domain in found.domains.rows()
            if domain.active
            for element in parse(found.domains.xml(domain.uuid, live=True, secure=True)).iterfind("devices/interface")
        ]
        return [card for card in cards if card.network in names]

    def held(self, host: str, row: NetworkRow) -> bool:
        """Whether the network is there on which machines wait: now, or since a restart that did not come to its end."""
        return hold_name(row) in {each.name for each in self._hosts.get(host).networks.rows()}

    def wait(self, host: str, row: NetworkRow, cards: Sequence[Card]) -> None:
        """Put cards on a network that exists only meanwhile."""
        networks, hold = self._hosts.get(host).networks, hold_name(row)
        if not self.held(host, row):
            groups = tuple({"name": name} for name in sorted({card.group for card in cards if card.group}))
            networks.run(dump(NetworkSettings.build({"name": hold, "portgroups": groups})))
        for card in cards:
            self._plug(host, card, hold)

    def back(self, host: str, row: NetworkRow, cards: Sequence[Card]) -> None:
        """Put cards that wait on their network."""
        for card in cards:
            self._plug(host, card, row.name)
        if self.held(host, row):
            self._hosts.get(host).networks.stop(hold_name(row))

    def mend(self, host: str, row: NetworkRow) -> None:
        """Plug in whoever lost the cable to a network that runs."""
        plugged = self.plugged(host, row)
        lost = [] if plugged is None else [card for card in self.cards(host, row) if self._is_lost(card, row, plugged)]
        if lost:
            self.wait(host, row, lost)
            self.back(host, row, lost)

    @staticmethod
    def _is_lost(card: Card, row: NetworkRow, plugged: set[str]) -> bool:
        return card.network != row.name or card.mac not in plugged

    def _plug(self, host: str, card: Card, network: str) -> None:
        domains = self._hosts.get(host).domains

        def is_off() -> bool:
            row = domains.row(card.uuid)
            return row is None or not row.active

        unless_over(lambda: domains.update_device(card.uuid, card.on(network), live=True, saved=False), is_off)


def _mac(element: Element) -> str:
    mac = element.find("mac")
    return (mac.get("address", "") if mac is not None else "").lower()
