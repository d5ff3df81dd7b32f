"""What is wrong with one's own network configuration for cloud-init, each fault with its line.

Versions 1 and 2 are those of cloud-init's documentation ("Network configuration"). Version 2 goes to netplan as it
is, which refuses the whole file for one wrong word, and the guest has no network. What is only newer than this list
passes: an unknown word is a fault where it looks like a slip.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Callable, Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def words_of(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


KINDS = words_of("ethernets bonds bridges vlans wifis tunnels vrfs modems dummy-devices virtual-ethernets nm-devices")
TOP = KINDS | {"version", "renderer", "openvswitch"}
DEVICE = words_of(
    "renderer match set-name wakeonlan dhcp4 dhcp6 dhcp-identifier dhcp4-overrides dhcp6-overrides accept-ra addresses "
    "gateway4 gateway6 nameservers macaddress mtu ipv6-mtu ipv6-privacy ipv6-address-generation ipv6-address-token "
    "link-local ignore-carrier critical optional optional-addresses activation-mode routes routing-policy "
    "neigh-suppress emit-lldp interfaces parameters id link mode local remote key keys peers auth access-points "
    "openvswitch networkmanager table peer virtual-function-count embedded-switch-mode infiniband-mode"
)
SERVERS = words_of("addresses search")
TYPES = words_of("physical loopback bond bridge vlan infiniband nameserver route")
SWITCHES = words_of("true false yes no on off y n")


def network_faults(text: str) -> list[str]:
    """All faults of a configuration that is YAML and a mapping, in their order, in words that begin with the line."""
    return sorted(_faults(text), key=lambda told: int(told.split(":")[0].removeprefix("Line ")))


def _faults(text: str) -> Iterator[str]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return
    outer = _members(root)
    found = _members(outer["network"]) if "network" in outer else outer
    version = found.get("version")
    if _text(found.get("config")) == "disabled":
        return
    if version is None or _text(version) not in ("1", "2"):
        yield _at(version or root, "It needs a version: 1 or 2 (cloud-init's network configuration).")
    elif _text(version) == "1":
        yield from _first(found)
    else:
        yield from slips(outer.get("network", root), TOP)
        for kind in KINDS & set(found):
            yield from _devices(found[kind])


def _first(found: dict[str, Node]) -> Iterator[str]:
    config = found.get("config")
    if not isinstance(config, SequenceNode):
        yield _at(config or found["version"], "Version 1 needs a list of cards and the like under config.")
    for each in _list(config):
        members = _members(each)
        kind = _text(members.get("type"))
        if kind not in TYPES:
            yield _at(members.get("type") or each, f"It needs a type: {', '.join(sorted(TYPES))}.")
        for subnet in _list(members.get("subnets")):
            values = _members(subnet)
            yield from _checked(values.get("address"), ipaddress.ip_interface, "192.0.2.10/24")
            yield from _checked(values.get("gateway"), ipaddress.ip_address, "192.0.2.1")


def _devices(kind: Node) -> Iterator[str]:
    if not isinstance(kind, MappingNode):
        yield _at(kind, "Here stand names of cards, each with its settings: name, colon, settings.")
    for name, device in _members(kind).items():
        if name == "renderer":  # that of all of this kind
            continue
        if not isinstance(device, MappingNode):
            yield _at(device, "A card has settings: name, colon, value.")
        values = _members(device)
        yield from slips(device, DEVICE)
        for switch in ("dhcp4", "dhcp6"):
            if switch in values and _text(values[switch]).lower() not in SWITCHES:
                yield _at(values[switch], f"{switch} is true or false.")
        for gateway in ("gateway4", "gateway6"):
            yield from _checked(values.get(gateway), ipaddress.ip_address, "192.0.2.1")
        yield from _lists(values, "addresses")
        for each in _list(values.get("addresses")):
            named = [key for key, _value in each.value] if isinstance(each, MappingNode) else [each]  # with a lifetime
            yield from _checked(named[0] if named else each, _with_length, "192.0.2.10/24")
        servers = _members(values.get("nameservers"))
        yield from slips(values.get("nameservers"), SERVERS)
        yield from _lists(servers, "addresses")
        for server in _list(servers.get("addresses")):
            yield from _checked(server, ipaddress.ip_address, "192.0.2.1")
        yield from _lists(values, "routes")
        for route in _list(values.get("routes")):
            yield from _checked(_members(route).get("via"), ipaddress.ip_address, "192.0.2.1")


def _with_length(text: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    if "/" not in text:
        raise ValueError
    return ipaddress.ip_interface(text)


def _checked(node: Node | None, read: Callable[[str], object], example: str) -> Iterator[str]:
    if node is not None:
        try:
            read(_text(node))
        except ValueError:
            yield _at(node, f"“{_text(node)}” must be an address such as {example}.")


def _lists(values: dict[str, Node], name: str) -> Iterator[str]:
    if name in values and not isinstance(values[name], SequenceNode):
        yield _at(values[name], f"{name} is a list: [one, another].")


def slips(node: Node | None, known: frozenset[str]) -> Iterator[str]:
    """Each name in a mapping that looks like a slip of a known one, in words that begin with its line."""
    for key, _value in node.value if isinstance(node, MappingNode) else ():
        word = _text(key)
        for meant in () if word in known else difflib.get_close_matches(word, known, n=1, cutoff=0.8):
            yield _at(key, f"“{word}” is no setting here. Is {meant} meant?")


def _members(node: Node | None) -> dict[str, Node]:
    return {_text(key): value for key, value in node.value} if isinstance(node, MappingNode) else {}


def _list(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _at(node: Node, words: str) -> str:
    return f"Line {node.start_mark.line + 1}: {words}"
