"""The checks of what both hosts are to each other: how they keep a machine from starting twice, and their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from ...hypervisor.host import Host
from ...hypervisor.resolving import addresses
from ...model.locking import Locking
from ..hosts.locking import command_of
from .route import memory_address
from .situation import MigrationFinding, Rule, Situation, found

OWN = ("127.0.0.1", "::1")
"""Of `localhost`. Debian gives a host's own name 127.0.1.1, which libvirt (virGetHostname) does not mind."""


def locks(protection: Callable[[str], Locking]) -> Rule:
    """The check whether the destination takes the same locks as the source, where that takes any."""

    def rule(at: Situation) -> Iterator[MigrationFinding]:
        here = protection(at.source.id)
        if here.manager in ("none", "unknown"):
            return
        mine, there = at.source.spec.name, protection(at.destination.id)
        name = at.destination.spec.name
        if there.manager == "unknown":
            yield found(
                "locks", "info", "Whether it stays protected could not be seen",
                f"{mine} protects its disks by {here.words}; what {name} does, only root there can read.",
                "Locks hold only between hosts that take the same ones.", there.cure,
            )  # fmt: skip
        elif not there.holds_as(here):
            lost = found(
                "locks", "warning", "It loses its protection there",
                f"{mine} protects its disks by {here.words}; {name} has {there.words}.",
                "Locks hold only between hosts that take the same ones: from there on nothing keeps it from being "
                "started a second time.",
                f"Give {name} the same protection first.",
            )  # fmt: skip
            # Of sanlock, each host has a number of its own, which the page asks for.
            commands = [f"# on {name}, as root\n{command_of(here.wish())}"] if here.manager == "lockd" else []
            yield lost.model_copy(update={"commands": commands, "protection_of": at.destination.id})

    return rule


def host_name(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the names by which the destination is found lead there, and not back to the host that asks."""
    for host in (at.source, at.destination):
        name = host.facts.hostname
        if _is_localhost(name):
            yield found(
                f"hostname-{host.id}", "warning", "A host has no name of its own",
                f"{host.spec.name} calls itself {name}.",
                "libvirt refuses moves to a host of that name where no address is given; Quarterdeck gives one.",
                "Set it with hostnamectl on that host.",
            )  # fmt: skip
    if not at.moves_memory or at.request.tunnelled or at.source.is_test:
        return
    used = memory_address(at.source, at.destination, at.request.transfer_address)
    asked = _names(at.destination) if at.request.transfer_address is None else []
    here = addresses(at.source, *{*asked, *([] if _is_address(used) else [used])})
    yield from _way(at, used, [used] if _is_address(used) else here.get(used))
    for name in asked:
        yield from _reported(at, name, used, here.get(name) if name != used else None)
        yield from _at_destination(at, name, used)


def _names(host: Host) -> list[str]:
    name = host.facts.hostname
    return [] if not name or _is_localhost(name) else [name]


def _way(at: Situation, used: str, seen: list[str] | None) -> Iterator[MigrationFinding]:
    """Whether the source finds another host at what the memory is sent to."""
    if seen is not None and all(map(_is_loopback, seen)):
        mine, there = at.source.spec.name, at.destination.spec.name
        yield found(
            "transfer-name", "danger", "The transfer would not find its way",
            f"{mine} is to send the memory to {used}: that is {mine} itself." if seen
            else f"{mine} is to send the memory to {used}, and finds no address for that name.",
            "The source's QEMU connects to the destination's at that address.",
            f"Name a transfer address at which {mine} reaches {there}, or correct the name server or {mine}'s "
            "/etc/hosts.",
        )  # fmt: skip


def _reported(at: Situation, name: str, used: str, seen: list[str] | None) -> Iterator[MigrationFinding]:
    """Whether the name that the destination gives itself leads the source there."""
    if seen is not None and all(map(_is_loopback, seen)):
        mine, there = at.source.spec.name, at.destination.spec.name
        yield found(
            "name-at-source", "warning", "The destination's name does not lead there",
            f"{there} calls itself {name}; {mine} finds {_told(seen)} for that.",
            f"libvirt sends the memory to that name where no address is given, as by virsh; Quarterdeck gives {used}.",
            _line(mine, used, name),
        )  # fmt: skip


def _at_destination(at: Situation, name: str, used: str) -> Iterator[MigrationFinding]:
    """Whether the destination knows its own name, and that of the source for the way back."""
    mine, there = at.source.spec.name, at.destination.spec.name
    back = _names(at.source)
    seen = addresses(at.destination, name, *back)
    if name in seen and all(each in OWN for each in seen[name]):
        yield found(
            "name-at-destination", "warning", "The destination does not know its own name",
            f"{there} calls itself {name}, and finds {_told(seen[name])} for that.",
            "What listens at that name there is reached by no other host.", _line(there, used, name),
        )  # fmt: skip
    for own in back:
        if own in seen and all(map(_is_loopback, seen[own])):
            yield found(
                "name-back", "info", "The source's name does not lead back",
                f"{mine} calls itself {own}; {there} finds {_told(seen[own])} for that.",
                "A move back by virsh, without an address, would not find its way.",
                _line(there, at.source.spec.address or "ADDRESS", own),
            )  # fmt: skip


def _told(seen: list[str]) -> str:
    return " and ".join(seen) or "no address"


def _line(host: str, address: str, name: str) -> str:
    line = f"{address if _is_address(address) else 'ADDRESS'} {name}"
    return f"Have this line in {host}'s /etc/hosts, and the name in no other line: {line}"


def _is_localhost(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "localhost"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback
