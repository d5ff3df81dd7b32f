"""What is wrong with one's own network configuration for cloud-init, each fault with its line.

Versions 1 and 2 are those of cloud-init's documentation ("Network configuration"). A fault is only what no guest can
read. Which words there are differs by guest: cloud-init hands version 2 to netplan as it is, and knows fewer itself.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class Told(NamedTuple):
    """What is wrong somewhere, and whether no guest can read it so."""

    line: int
    words: str
    breaks: bool


def words_of(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


KINDS = words_of("ethernets bonds bridges vlans wifis tunnels vrfs modems dummy-devices virtual-ethernets nm-devices")
TOP = KINDS | {"version", "renderer", "openvswitch"}
DEVICE = words_of(
    "renderer match set-name wakeonlan wakeonwlan regulatory-domain dhcp4 dhcp6 dhcp-identifier "
    "dhcp4-overrides dhcp6-overrides accept-ra addresses "
    "gateway4 gateway6 nameservers macaddress mtu ipv6-mtu ipv6-privacy ipv6-address-generation ipv6-address-token "
    "link-local ignore-carrier critical optional optional-addresses activation-mode routes routing-policy "
    "neigh-suppress emit-lldp interfaces parameters id link mode local remote key keys peers auth access-points "
    "openvswitch networkmanager table peer virtual-function-count embedded-switch-mode infiniband-mode"
)
SERVERS = words_of("addresses search")
NAMED = words_of("physical loopback bond bridge vlan infiniband")
TYPES = NAMED | {"nameserver", "route"}
SWITCHES = words_of("true false yes no on off y n")
MERGE = "<<"
"""YAML's key for a mapping that another one takes over."""


def network_faults(text: str) -> list[str]:
    """What no guest can read in a configuration that is YAML and a mapping, in the order of lines, with the line."""
    return [told.words for told in _sorted(text) if told.breaks]


def network_warnings(text: str) -> list[str]:
    """What looks wrong in such a configuration and may yet be right, in the order of lines, with the line."""
    return [told.words for told in _sorted(text) if not told.breaks]


def _sorted(text: str) -> list[Told]:
    return sorted(_told(text), key=lambda told: told.line)


def _told(text: str) -> Iterator[Told]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    outer = _members(root)
    top = outer["network"] if isinstance(outer.get("network"), MappingNode) else root
    found = _members(top)
    version = found.get("version")
    if root is None or _text(found.get("config")) == "disabled" or (version is None and MERGE in found):
        return
    number = _text(version) if isinstance(version, ScalarNode) and version.style is None else ""  # cloud-init: no text
    if number == "1":
        yield from _first(found)
    elif number == "2":
        yield from _slips(top, TOP)
        for kind in KINDS & set(found):
            yield from _devices(found[kind])
    else:
        yield _at(
            version or root,
            "It needs a version: 1 or 2, without quotes (cloud-init's network configuration).",
            breaks=True,
        )


def _first(found: dict[str, Node]) -> Iterator[Told]:
    config = found.get("config")
    if not isinstance(config, SequenceNode):
        words = "Version 1 needs a list of cards and the like under config."
        yield _at(config or found["version"], words, breaks=True)
    for each in _list(config):
        members = _members(each)
        kind = members.get("type")
        if kind is None and MERGE not in members:
            yield _at(each, f"It needs a type: {', '.join(sorted(TYPES))}.", breaks=True)
        elif _text(kind) not in TYPES | {""}:
            yield _at(kind or each, f"“{_text(kind)}” may be no type here. Known are {', '.join(sorted(TYPES))}.")
        elif _text(kind) in NAMED and not {"name", MERGE} & set(members):
            yield _at(each, "It needs a name.", breaks=True)
        for subnet in _list(members.get("subnets")):
            values = _members(subnet)
            yield from _address(values.get("address"), "192.0.2.10/24")
            yield from _address(values.get("gateway"), "192.0.2.1")


def _devices(kind: Node) -> Iterator[Told]:
    yield from _mapping(kind, "Here stand names of cards, each with its settings: name, colon, settings.")
    for name, device in _members(kind).items():
        if name in ("renderer", MERGE):  # the first is that of all of this kind
            continue
        yield from _mapping(device, "A card has settings: name, colon, value.")
        values = _members(device)
        yield from _slips(device, DEVICE)
        for switch in ("dhcp4", "dhcp6"):
            if switch in values and _text(values[switch]).lower() not in SWITCHES:
                yield _at(values[switch], f"{switch} is true or false.")
        for gateway in ("gateway4", "gateway6"):
            yield from _address(values.get(gateway), "192.0.2.1")
        yield from _lists(values, "addresses")
        for each in _list(values.get("addresses")):
            named = [key for key, _value in each.value] if isinstance(each, MappingNode) else [each]  # with a lifetime
            for address in named:
                yield from _address(address, "192.0.2.10/24")
                if "/" not in _text(address):
                    yield _at(address, f"“{_text(address)}” lacks the length of its network, such as /24.")
        servers = _members(values.get("nameservers"))
        yield from _slips(values.get("nameservers"), SERVERS)
        yield from _lists(servers, "addresses")
        for server in _list(servers.get("addresses")):
            yield from _address(server, "192.0.2.1", breaks=False)
        yield from _lists(values, "routes")
        for route in _list(values.get("routes")):
            yield from _address(_members(route).get("via"), "192.0.2.1")


def _address(node: Node | None, example: str, *, breaks: bool = True) -> Iterator[Told]:
    if node is not None and _text(node):  # what is empty counts as not said
        try:
            ipaddress.ip_interface(_text(node))
        except ValueError:
            yield _at(node, f"“{_text(node)}” must be an address such as {example}.", breaks=breaks)


def _mapping(node: Node, words: str) -> Iterator[Told]:
    if not isinstance(node, MappingNode):
        yield _at(node, words, breaks=isinstance(node, SequenceNode) or bool(_text(node)))


def _lists(values: dict[str, Node], name: str) -> Iterator[Told]:
    if name in values and not isinstance(values[name], SequenceNode):
        yield _at(values[name], f"{name} is a list: [one, another].")


def _slips(node: Node | None, known: frozenset[str]) -> Iterator[Told]:
    """Each name in a mapping that looks like a slip of a known one."""
    for key, _value in node.value if isinstance(node, MappingNode) else ():
        word = _text(key)
        for meant in () if word in known else difflib.get_close_matches(word, known, n=1, cutoff=0.8):
            yield _at(key, f"“{word}” may be no setting here. Is {meant} meant?")


def slips(text: str, known: frozenset[str]) -> list[str]:
    """Each name in a mapping, as YAML, that looks like a slip of a known one, in words that begin with its line."""
    return [told.words for told in _slips(yaml.compose(text, Loader=yaml.SafeLoader), known)]


def _members(node: Node | None) -> dict[str, Node]:
    return {_text(key): value for key, value in node.value} if isinstance(node, MappingNode) else {}


def _list(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _at(node: Node, words: str, *, breaks: bool = False) -> Told:
    line = node.start_mark.line + 1
    return Told(line, f"Line {line}: {words}", breaks)
