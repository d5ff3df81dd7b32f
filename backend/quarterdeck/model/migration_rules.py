"""Which wishes for a move do not go together, in one table; each line was tried on libvirt 9.0 or 11.3 or says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..problems import FieldError
from .migration import MigrationOption, MigrationRequest, is_set, options, shown
from .strict import Value

Version = tuple[int, ...]
When = Literal["set", "unset"] | tuple[Any, ...]


@dataclass(frozen=True)
class Versions:
    """Of both hosts' QEMU and libvirt; empty where a host does not tell."""

    qemu: tuple[Version, ...] = ()
    libvirt: tuple[Version, ...] = ()


@dataclass(frozen=True)
class Clash:
    """`name` may not be set (or be one of `values`) where all of `where` holds, and the versions are so."""

    name: str
    where: Mapping[str, When]
    why: str
    values: tuple[Any, ...] = ()
    qemu_from: Version = ()
    libvirt_before: Version = ()

    def holds(self, request: MigrationRequest, versions: Versions) -> bool:
        """Whether it forbids the field in this request."""
        if self.qemu_from and not any(found >= self.qemu_from for found in versions.qemu):
            return False
        if self.libvirt_before and not any(found < self.libvirt_before for found in versions.libvirt):
            return False
        return all(_is(request, name, when) for name, when in self.where.items())

    def broken(self, request: MigrationRequest, versions: Versions) -> bool:
        """Whether the request sets what it forbids."""
        meant = getattr(request, self.name) in self.values if self.values else is_set(request, self.name)
        return meant and self.holds(request, versions)

    def mirrored(self, request: MigrationRequest, versions: Versions) -> str | None:
        """The other field that setting this one forbids, where two plain wishes exclude each other."""
        others = [name for name, when in self.where.items() if when == "set"]
        if len(self.where) != 1 or not others or self.values or not is_set(request, self.name):
            return None
        assumed = request.model_copy(update={others[0]: True})
        return others[0] if self.holds(assumed, versions) else None


def _is(request: MigrationRequest, name: str, when: When) -> bool:
    if isinstance(when, tuple):
        return getattr(request, name) in when
    return is_set(request, name) == (when == "set")


_MEMORY = (
    "max_downtime_ms", "auto_converge", "post_copy", "parallel", "zero_copy", "tls", "tunnelled",
    "listen_address", "graphics_address", "compressed", "unsafe", "leave_paused",
)  # fmt: skip
_NEEDS_DISKS = ("pool", "disks", "synchronous_writes", "disks_address")
_TOP = {"mode": ("paused", "offline")}

CLASHES: tuple[Clash, ...] = (
    # libvirt's tunnel is one stream through the daemons' own connection
    Clash("parallel", {"tunnelled": "set"}, "A tunnelled transfer has one connection only; leave parallel out."),
    Clash("post_copy", {"tunnelled": "set"}, "Post-copy does not work through a tunnel; use TLS instead of it."),
    Clash("tls", {"tunnelled": "set"}, "A tunnelled transfer is encrypted by libvirt's own connection already."),
    Clash("transfer_address", {"tunnelled": "set"}, "A tunnelled transfer goes through libvirt's own connection."),
    Clash("listen_address", {"tunnelled": "set"}, "A tunnelled transfer goes through libvirt's own connection."),
    Clash("storage", {"tunnelled": "set"}, "Disks cannot be copied through a tunnel; leave the tunnel out."),
    # post-copy
    Clash("post_copy", _TOP, "Post-copy needs a live move."),
    Clash("leave_paused", {"post_copy": "set"}, "A machine that is left paused cannot fetch memory by post-copy."),
    Clash("post_copy_bandwidth_mib_s", {"post_copy": "unset"}, "Allow post-copy first."),
    Clash("resume_post_copy", {"post_copy": "unset"}, "Only a move by post-copy breaks so that it can go on."),
    Clash("post_copy", {"parallel": "set"}, "QEMU 10 does not do post-copy on parallel connections.", qemu_from=(10,)),
    # compression
    Clash(
        "compressed",
        {"parallel": "set", "compression_method": (None, "xbzrle", "mt")},
        "On parallel connections only the methods zlib and zstd compress.",
    ),
    Clash(
        "compression_method",
        {"parallel": "unset"},
        "zlib and zstd need parallel connections.",
        values=("zlib", "zstd"),
    ),
    Clash(
        "compression_method",
        {},
        "zlib and zstd need libvirt 9.4 on both hosts.",
        values=("zlib", "zstd"),
        libvirt_before=(9, 4),
    ),
    Clash("compression_method", {}, "QEMU 10 no longer has the method mt.", values=("mt",), qemu_from=(10,)),
    Clash("compression_method", {"compressed": "unset"}, "Choose to compress first."),
    *(
        Clash(name, {"compression_method": (None, "xbzrle", "zlib", "zstd")}, "Only the method mt has this setting.")
        for name in ("compression_level", "compression_threads", "decompression_threads")
    ),
    Clash("compression_cache_mib", {"compressed": "unset"}, "Choose to compress first."),
    Clash(
        "compression_cache_mib", {"compression_method": ("mt", "zlib", "zstd")}, "Only the method xbzrle has a cache."
    ),
    # parts of others
    Clash("zero_copy", {"parallel": "unset"}, "Sending without a copy needs parallel connections."),
    Clash("zero_copy", {"tls": "set"}, "What is encrypted has to be copied; choose one of both."),
    Clash("zero_copy", {"compressed": "set"}, "What is compressed has to be copied; choose one of both."),
    Clash("tls_name", {"tls": "unset"}, "A certificate counts only where the transfer is encrypted."),
    *(
        Clash(name, {"auto_converge": "unset"}, "Choose to slow the guest down first.")
        for name in ("auto_converge_initial", "auto_converge_increment")
    ),
    *(Clash(name, {"storage": ("shared",)}, "This needs a move that copies disks.") for name in _NEEDS_DISKS),
    # what is kept where
    Clash("undefine_source", {"persistent": "set"}, "It would be saved nowhere then; keep it at the destination."),
    Clash("carry_snapshots", {"persistent": "set"}, "They need a definition that is kept at the destination."),
    Clash("carry_snapshots", {"rename": "set"}, "They stay with the name that they were made under."),
    Clash("carry_snapshots", {"storage": ("copy", "incremental")}, "A copied disk holds its present state only."),
    # a machine that is off, or a definition alone
    Clash("storage", {"mode": ("offline",)}, "Offline a disk is copied as a whole.", values=("incremental",)),
    Clash("persistent", {"mode": ("offline",)}, "An offline move always saves the machine at the destination."),
    *(Clash(name, {"mode": ("offline",)}, "An offline move sends no memory; leave it out.") for name in _MEMORY),
    Clash(
        "bandwidth_mib_s",
        {"mode": ("offline",), "storage": ("shared",)},
        "An offline move without its disks sends only the definition; leave it out.",
    ),
    Clash("synchronous_writes", {"mode": ("offline",)}, "A machine that is off writes nothing; leave it out."),
    *(
        Clash(name, {"mode": ("offline",), "storage": ("copy",)}, "Disks of a machine that is off go by this server.")
        for name in ("disks_address", "transfer_address")
    ),
    Clash("start", {"mode": ("live", "paused")}, "Only a machine that moves offline can be started afterwards."),
)


def faults(request: MigrationRequest, versions: Versions) -> list[FieldError]:
    """Every wish that does not go together with another."""
    found = {clash.name: clash.why for clash in reversed(CLASHES) if clash.broken(request, versions)}
    return [FieldError(f"/{name}", why) for name, why in found.items()]


class Style(Value):
    """A way to move in words, and the options that it sets."""

    id: str
    title: str
    description: str
    sets: dict[str, bool | int | str] = {}


STYLES = (
    Style(id="usual", title="Usual", description="Nothing special: right for most machines.", sets={}),
    Style(
        id="shortest_pause",
        title="Shortest pause",
        description="It stands still for a tenth of a second at most; a very busy machine may not come to an end.",
        sets={"max_downtime_ms": 100},
    ),
    Style(
        id="must_finish",
        title="Must finish",
        description="It is slowed down if it must be, and post-copy is allowed as the last way out.",
        sets={"auto_converge": True, "post_copy": True, "max_downtime_ms": 2000},
    ),
    Style(
        id="gentle",
        title="Gentle on the network",
        description="At most 30 MiB/s, and pages that changed a little are sent compressed.",
        sets={"bandwidth_mib_s": 30, "compressed": True, "auto_converge": True},
    ),
    Style(
        id="very_large",
        title="Very large machine",
        description="Four connections at once, and it is slowed down if it must be.",
        sets={"parallel": 4, "auto_converge": True, "max_downtime_ms": 1000},
    ),
)


class MigrationOptions(Value):
    """Every option of a move with the reason why it cannot be set now, the styles, and values that are ruled out."""

    options: list[MigrationOption]
    styles: list[Style]
    ruled_out: dict[str, dict[str, str]]


def offered(request: MigrationRequest, versions: Versions) -> MigrationOptions:
    """The form of a move, as far as its wishes and both hosts' versions allow."""
    blocked: dict[str, str] = {}
    ruled_out: dict[str, dict[str, str]] = {}
    for name, values, why in _forbidden(request, versions):
        if values:
            ruled_out.setdefault(name, {}).update({str(value): why for value in values})
        else:
            blocked.setdefault(name, why)
    return MigrationOptions(
        options=[shown(name, info, option, blocked.get(name)) for name, info, option in options() if option.offered],
        styles=list(STYLES),
        ruled_out=ruled_out,
    )


def _forbidden(request: MigrationRequest, versions: Versions) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    for clash in CLASHES:
        if clash.holds(request, versions):
            yield clash.name, clash.values, clash.why
        other = clash.mirrored(request, versions)
        if other is not None:
            yield other, (), clash.why
