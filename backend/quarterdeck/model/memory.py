"""How a machine's memory is backed by the host's, and limited."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import CPUS
from .xml import Apply, At, XmlModel


class HugePages(XmlModel):
    """Large pages of one size, for some or all of the guest's NUMA cells."""

    size_kib: Annotated[int | None, At("@size", unit="KiB", title="Size of a page", minimum=4, needed=True)] = None
    nodeset: Annotated[
        str | None, At("@nodeset", pattern=CPUS, help="The guest's cells that get them; all if empty")
    ] = None


class MemoryBacking(XmlModel):
    """The `<memoryBacking>` of a definition."""

    hugepages: Annotated[
        bool, At("hugepages", words="present", title="Huge pages", help="Large pages; the host must set them aside")
    ] = False
    pages: Annotated[
        tuple[HugePages, ...],
        At("hugepages/page", title="Page sizes", when="hugepages=yes", help="The host's default size if none is given"),
    ] = ()
    source: Annotated[
        Literal["anonymous", "file", "memfd"] | str | None,
        At("source/@type", since="3.2.0", offer="memory_backing.source", help="memfd needs no folder on the host"),
    ] = None
    access: Annotated[
        Literal["private", "shared"] | str | None,
        At("access/@mode", since="3.2.0", help="shared is needed by virtiofs and vhost-user"),
    ] = None
    allocation: Annotated[
        Literal["immediate", "ondemand"] | str | None,
        At("allocation/@mode", since="3.2.0", advanced=True, help="immediate takes all memory at the start"),
    ] = None
    allocation_threads: Annotated[
        int | None,
        At("allocation/@threads", minimum=1, maximum=1024, since="8.2.0", when="allocation=immediate", advanced=True),
    ] = None
    locked: Annotated[
        bool,
        At("locked", words="present", advanced=True, help="Never swapped out by the host; set a hard limit as well"),
    ] = False
    no_ksm: Annotated[
        bool,
        At(
            "nosharepages",
            words="present",
            title="No merging",
            advanced=True,
            help="Not merged with equal pages of others",
        ),
    ] = False
    discard: Annotated[
        bool,
        At(
            "discard",
            words="present",
            since="4.4.0",
            advanced=True,
            help="Files of the memory are thrown away at the end, not saved",
        ),
    ] = False


class MemTune(XmlModel):
    """Limits of QEMU's memory on the host, QEMU's own use included."""

    tag: ClassVar[str] = "memtune"
    hard_limit_mib: Annotated[
        int | None,
        At(
            "hard_limit",
            unit="MiB",
            apply=Apply.LIVE,
            minimum=1,
            help="Above it QEMU is killed; leave room for its own use",
        ),
    ] = None
    soft_limit_mib: Annotated[
        int | None, At("soft_limit", unit="MiB", apply=Apply.LIVE, minimum=1, help="Kept to when the host runs short")
    ] = None
    swap_hard_limit_mib: Annotated[
        int | None,
        At("swap_hard_limit", unit="MiB", apply=Apply.LIVE, minimum=1, help="Memory and swap together"),
    ] = None
