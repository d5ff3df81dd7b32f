"""What of an edited network reaches it while it runs, by virNetworkUpdate, and what waits for a restart.

Numbers are those of libvirt-network.h. Bridge, forward mode, domain and addresses are refused live (libvirt 9.0, 11.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quarterdeck.model.network_settings import NetworkSettings, Part
from quarterdeck.model.xml import dump

MODIFY, DELETE, ADD = 1, 2, 3
SECTIONS = {
    "hosts": (4, "ip-dhcp-host"),
    "ranges": (5, "ip-dhcp-range"),
    "portgroups": (9, "portgroup"),
    "dns_hosts": (10, "dns-host"),
    "dns_txts": (11, "dns-txt"),
    "dns_srvs": (12, "dns-srv"),
}
FOUND_BY = {"hosts": ("mac", "duid", "name", "address"), "dns_hosts": ("address", "names"), "dns_txts": ("name",)}
"""By what libvirt finds the part that a call is about. Where two share it, it refuses or takes the first."""
WORDS = {MODIFY: "modify", DELETE: "delete", ADD: "add-last"}


@dataclass(frozen=True)
class Update:
    """One call of virNetworkUpdate; `parent` is the number of the address it belongs to, or -1."""

    command: int
    section: int
    word: str
    parent: int
    xml: str
    field: str

    @property
    def virsh(self) -> list[str]:
        """The words of the equal virsh call, behind the network's name."""
        place = ["--parent-index", str(self.parent)] if self.parent >= 0 else []
        return [WORDS[self.command], self.word, self.xml, *place]


@dataclass(frozen=True)
class Edit:
    """What an edit comes to: calls for the running network, what they undo, and the fields that wait."""

    updates: tuple[Update, ...]
    undo: tuple[Update, ...]
    waiting: tuple[str, ...]

    @property
    def fields(self) -> list[str]:
        """What is different."""
        return list(dict.fromkeys([*(update.field for update in self.updates), *self.waiting]))


def compare(running: NetworkSettings, new: NetworkSettings) -> Edit:
    """How a running network gets to other settings."""
    updates, waiting = list(_updates(running, new)), list(_waiting(running, new))
    return Edit(tuple(updates), tuple(reversed(list(_updates(new, running)))), tuple(waiting))


def _waiting(old: NetworkSettings, new: NetworkSettings) -> Iterator[str]:
    live = {"portgroups", "dns_hosts", "dns_txts", "dns_srvs", "ips", "name"}
    for name in NetworkSettings.places:
        if name not in live and getattr(old, name) != getattr(new, name) and not _made(name, old, new):
            yield name
    if not _same_addresses(old, new):
        yield "ips"
    for name, number, before, after in _lists(old, new):
        if (_alike(name, before) or _alike(name, after)) and set(before) != set(after):
            yield _field(name, number)


def _made(name: str, old: NetworkSettings, new: NetworkSettings) -> bool:
    """Libvirt itself gives a bridge its name, and says the defaults of a running network."""
    if getattr(new, name) is not None:
        return False
    ports = {"nat_port_start": 1024, "nat_port_end": 65535}
    return name in ("bridge", "stp", "bridge_delay_seconds", "managed") or ports.get(name) == getattr(old, name)


def _same_addresses(old: NetworkSettings, new: NetworkSettings) -> bool:
    fixed = {"ranges": (), "hosts": ()}
    return [ip.model_copy(update=fixed) for ip in old.ips] == [ip.model_copy(update=fixed) for ip in new.ips]


def _updates(old: NetworkSettings, new: NetworkSettings) -> Iterator[Update]:
    for name, number, before, after in _lists(old, new):
        if not (_alike(name, before) or _alike(name, after)):
            yield from _changes(name, before, after, number)


def _lists(old: NetworkSettings, new: NetworkSettings) -> Iterator[tuple[str, int, Sequence[Part], Sequence[Part]]]:
    """What changes part by part: its name, the number of the address it belongs to or -1, and both sides."""
    for name in ("portgroups", "dns_hosts", "dns_txts", "dns_srvs"):
        yield name, -1, getattr(old, name), getattr(new, name)
    if _same_addresses(old, new):
        for number, (before, after) in enumerate(zip(old.ips, new.ips, strict=True)):
            for name in ("ranges", "hosts"):
                yield name, number, getattr(before, name), getattr(after, name)


def _alike(name: str, parts: Sequence[Part]) -> bool:
    """Whether two of them share that by which libvirt finds one to change (9.0: virNetworkDefUpdate…)."""
    keys: list[str] = []
    for part in parts:
        values = [getattr(part, key) for key in FOUND_BY.get(name, ())]
        own = {word for value in values for word in (value if isinstance(value, tuple) else (value,)) if word}
        keys += own
    return len(keys) > len(set(keys))


def _field(name: str, parent: int) -> str:
    return name if parent < 0 else f"ips.{name}"


def _changes(name: str, old: Sequence[Part], new: Sequence[Part], parent: int) -> Iterator[Update]:
    """What is gone first: its address or name may be needed again."""
    number, word = SECTIONS[name]
    field = _field(name, parent)
    for command, parts in ((DELETE, [p for p in old if p not in new]), (ADD, [p for p in new if p not in old])):
        for part in parts:
            xml = dump(type(part).build(part.model_dump()))
            yield Update(command, number, word, parent, " ".join(xml.split()).replace("> <", "><"), field)
