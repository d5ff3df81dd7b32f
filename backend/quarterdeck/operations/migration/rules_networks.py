"""The check of what a machine is plugged into: networks and bridges."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...hypervisor.networks import NetworkRow
from ...model.network import read_network
from ...model.patterns import INTERFACE
from .situation import MigrationFinding, Repair, Situation, found


def networks(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the networks and bridges are there."""
    if not (at.plugs("network") or at.plugs("bridge")):
        return
    rows = at.destination.networks.rows()
    known = {row.name: row.active for row in rows}
    mine = {row.name for row in at.source.networks.rows()}
    there = at.destination.spec.name
    for name in at.plugs("network"):
        if name not in known:
            make = [Repair(kind="make-network", about=name, title=f"Make it on {there} too")] if name in mine else []
            yield found(
                f"network-{name}", "danger", "A network is missing", f"{there} has no network “{name}”.",
                "The machine's interface is connected to it.",
                "Create the network there, or connect the machine to another one.",
                *make, *_mapped(at, name, _by_mode(at, rows, _mode(at.source, name) if name in mine else None)),
            )  # fmt: skip
        elif not known[name]:
            yield found(
                f"network-{name}", "danger", "A network is not running", f"The network “{name}” is off on {there}.",
                "The machine's interface is connected to it.", "Start it there.",
                Repair(kind="start-network", about=name, title=f"Start it on {there}"),
            )  # fmt: skip
    yield from _bridges(at, rows)


def _bridges(at: Situation, rows: list[NetworkRow]) -> Iterator[MigrationFinding]:
    wanted = at.plugs("bridge")
    if not wanted:
        return
    links = at.destination.networks.host_interfaces()
    owners = {row.bridge: row for row in rows if row.bridge and _mode(at.destination, row.name) != "bridge"}
    own = sorted(name for name, is_bridge in (links or {}).items() if is_bridge and name not in owners)
    others = [("bridge", name) for name in own] + _by_mode(at, rows, "bridge")
    for bridge in wanted:
        owner = owners.get(bridge)
        if owner and owner.active:
            if _mode(at.destination, owner.name) == "isolated":
                elsewhere = [each for each in others if each != ("network", owner.name)]
                yield _leads_nowhere(at, bridge, owner.name, _mapped(at, bridge, elsewhere))
        elif bridge not in (links or {}):
            yield _missing_bridge(at, bridge, owner, _mapped(at, bridge, others), told=links is not None)


def _leads_nowhere(at: Situation, bridge: str, network: str, mapped: list[Repair]) -> MigrationFinding:
    command = f"ip link set dev INTERFACE master {shlex.quote(bridge)}"
    return found(
        f"bridge-out-{bridge}", "warning", "The bridge there may lead nowhere",
        f"On {at.destination.spec.name} {bridge} is the bridge of the isolated network “{network}”.",
        "Unless somebody put an interface of the host into it, the machine reaches only what is plugged into it too.",
        f"Put an interface into it there (as root: {command}), or plug the machine "
        "into another.", *mapped,
    )  # fmt: skip


def _missing_bridge(
    at: Situation, bridge: str, owner: NetworkRow | None, mapped: list[Repair], *, told: bool
) -> MigrationFinding:
    there = at.destination.spec.name
    make = [Repair(kind="make-bridge", about=bridge, title=f"Make {bridge} on {there}, without a way out")]
    if owner:
        make = [Repair(kind="start-network", about=owner.name, title=f"Start the network {owner.name}, which makes it")]
    elif not re.fullmatch(INTERFACE, bridge):
        make = []
    seen = found(
        f"bridge-{bridge}", "danger" if told else "info", "A bridge is missing" if told else "A bridge may be missing",
        f"{there} shows no interface {bridge}.", "The machine's interface is plugged into that bridge.",
        f"Plug it into another there, or make {bridge} there. libvirt cannot put a card of the host into a bridge; "
        "the commands do, and the host's own address goes over to the bridge.",
        *mapped, *make,
    )  # fmt: skip
    return seen.model_copy(update={"commands": [] if owner else [with_card(there, bridge)]})


def with_card(host: str, name: str) -> str:
    """The commands that make a bridge with a way out, for a shell."""
    bridge = shlex.quote(name)
    return (
        f"# on {host}, as root, with NetworkManager; INTERFACE is the card that leads into your network\n"
        f"nmcli connection add type bridge ifname {bridge} con-name {bridge}\n"
        f"nmcli connection add type ethernet ifname INTERFACE master {bridge}\n"
        f"nmcli connection up {bridge}"
    )


def _mode(host: Host, network: str) -> str:
    return read_network(host.networks.xml(network)).mode


def _by_mode(at: Situation, rows: list[NetworkRow], mode: str | None) -> list[tuple[str, str]]:
    """The networks that run there, those of this mode first."""
    running = sorted(row.name for row in rows if row.active)
    like = [name for name in running if _mode(at.destination, name) == mode] if mode else []
    return [("network", name) for name in [*like, *(name for name in running if name not in like)]]


def _mapped(at: Situation, name: str, others: list[tuple[str, str]]) -> list[Repair]:
    """What the machine is plugged into instead for the move, the likest that is there."""
    if not others or not at.moves_memory:
        return []
    kind, other = others[0]
    kept = [wish.model_dump() for wish in at.request.networks if name not in (wish.source, wish.network, wish.bridge)]
    wish = {"networks": [*kept, {"source": name, "network": None, "bridge": None} | {kind: other}]}
    return [Repair(kind="map-network", about=name, title=f"Use {other} there", wish=wish)]
