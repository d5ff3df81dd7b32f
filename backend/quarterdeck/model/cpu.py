"""The CPU that a guest sees."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import CPUS, WORD
from .xml import At, XmlModel

CpuMode = Literal["host-passthrough", "host-model", "maximum", "custom"]
Policy = Literal["force", "require", "optional", "disable", "forbid"]


class CpuTopology(XmlModel):
    """How virtual CPUs are arranged; the product is the maximum number of vCPUs."""

    sockets: Annotated[int, At("@sockets", minimum=1, maximum=4096, needed=True)] = 1
    dies: Annotated[int, At("@dies", minimum=1, maximum=4096, needed=True, since="6.1.0")] = 1
    clusters: Annotated[int | None, At("@clusters", minimum=1, maximum=4096, since="10.1.0")] = None
    cores: Annotated[int, At("@cores", minimum=1, maximum=4096, needed=True)] = 1
    threads: Annotated[int, At("@threads", minimum=1, maximum=4096, needed=True)] = 1

    @property
    def product(self) -> int:
        """How many vCPUs it makes."""
        return self.sockets * self.dies * (self.clusters or 1) * self.cores * self.threads


class CpuFeature(XmlModel):
    """A feature of the CPU that is demanded or taken away; its name as libvirt's cputypes.rng has it."""

    name: Annotated[str, At("@name", pattern=WORD, needed=True)]
    policy: Annotated[
        Policy | str | None,
        At(
            "@policy",
            needed=True,
            help="require and force give it, disable takes it away, forbid refuses hosts that have it",
        ),
    ] = None


class CpuCache(XmlModel):
    """The cache that the guest is told of."""

    mode: Annotated[
        Literal["emulate", "passthrough", "disable"] | str | None,
        At("@mode", title="Cache", since="3.3.0"),
    ] = None
    level: Annotated[
        int | None, At("@level", minimum=1, maximum=3, when="mode=emulate", help="Level 3 is what libvirt emulates")
    ] = None


class PhysicalAddress(XmlModel):
    """How wide the guest's physical addresses are."""

    mode: Annotated[Literal["emulate", "passthrough"] | str | None, At("@mode", since="8.7.0")] = None
    bits: Annotated[int | None, At("@bits", minimum=32, maximum=64, when="mode=emulate")] = None
    limit: Annotated[
        int | None,
        At("@limit", minimum=32, maximum=64, when="mode=passthrough", since="9.3.0", help="Not more than so many bits"),
    ] = None


class Distance(XmlModel):
    """How far another cell is; 10 is the cell itself."""

    id: Annotated[int, At("@id", minimum=0, maximum=1023, needed=True, help="The other cell")]
    value: Annotated[int, At("@value", minimum=10, maximum=255, needed=True)]


class CellCache(XmlModel):
    """A cache before the memory of a cell, which the guest is told of (ACPI HMAT)."""

    level: Annotated[int, At("@level", minimum=1, maximum=3, needed=True)] = 1
    associativity: Annotated[
        Literal["none", "direct", "full"] | str, At("@associativity", needed=True, help="How lines find their place")
    ] = "none"
    policy: Annotated[Literal["none", "writeback", "writethrough"] | str, At("@policy", needed=True)] = "none"
    size_kib: Annotated[int | None, At("size/@value", unit="KiB", minimum=1, maximum=1 << 30, needed=True)] = None
    line_bytes: Annotated[int | None, At("line/@value", unit="B", minimum=1, maximum=4096, needed=True)] = None


class Way(XmlModel):
    """A way from the vCPUs of one cell to the memory of another."""

    initiator: Annotated[int, At("@initiator", maximum=1023, needed=True, title="From", help="A cell with vCPUs")]
    target: Annotated[int, At("@target", maximum=1023, needed=True, title="To", help="A cell with memory")]
    cache: Annotated[
        int | None, At("@cache", minimum=1, maximum=3, help="Level of the cache there; its memory where left empty")
    ] = None
    kind: Annotated[Literal["access", "read", "write"] | str, At("@type", needed=True)] = "access"


class Latency(Way):
    """How long a way takes."""

    value_ns: Annotated[int, At("@value", minimum=1, maximum=65535, needed=True, title="Latency")]


class Bandwidth(Way):
    """How much goes over a way."""

    value_kib_s: Annotated[int, At("@value", unit="KiB", minimum=1, maximum=1 << 40, needed=True, title="Bandwidth")]


class NumaCell(XmlModel):
    """A part of the guest's memory with the vCPUs that are near to it."""

    id: Annotated[int | None, At("@id", minimum=0, maximum=1023)] = None
    cpus: Annotated[str | None, At("@cpus", title="vCPUs", pattern=CPUS, needed=True, help="For example 0-3,8")] = None
    memory_mib: Annotated[int | None, At("@memory", unit="MiB", title="Memory", minimum=1, needed=True)] = None
    access: Annotated[Literal["shared", "private"] | str | None, At("@memAccess")] = None
    discard: Annotated[
        bool | None, At("@discard", words="yesno", since="4.4.0", help="Give memory back at the end without saving it")
    ] = None
    distances: Annotated[tuple[Distance, ...], At("distances/sibling", since="3.10.0")] = ()
    caches: Annotated[
        tuple[CellCache, ...], At("cache", since="6.6.0", help="What the guest is told of caches before this memory")
    ] = ()


class Cpu(XmlModel):
    """The `<cpu>` of a definition."""

    tag: ClassVar[str] = "cpu"
    mode: Annotated[
        CpuMode | str | None,
        At(
            "@mode",
            title="Mode",
            offer="cpu.mode",
            help="host-passthrough is fastest; host-model and named models migrate more widely",
        ),
    ] = None
    model: Annotated[str | None, At("model", title="Model", pattern=WORD, when="mode=custom", help="A named model")] = (
        None
    )
    fallback: Annotated[
        Literal["allow", "forbid"] | str | None,
        At(
            "model/@fallback",
            advanced=True,
            when="mode=custom",
            help="Whether a like model may do where the host's QEMU does not know this one",
        ),
    ] = None
    topology: Annotated[CpuTopology | None, At("topology")] = None
    features: Annotated[tuple[CpuFeature, ...], At("feature", title="Flags", advanced=True)] = ()
    match: Annotated[
        Literal["minimum", "exact", "strict"] | str | None,
        At("@match", advanced=True, help="Whether the guest may get more flags than the model has"),
    ] = None
    check: Annotated[
        Literal["none", "partial", "full"] | str | None,
        At(
            "@check",
            title="Checked at the start",
            since="3.2.0",
            advanced=True,
            help="Where it is not so, the start is refused",
        ),
    ] = None
    migratable: Annotated[
        bool | None,
        At(
            "@migratable",
            words="onoff",
            since="6.5.0",
            advanced=True,
            when="mode=host-passthrough,maximum",
            help="Leave out flags that hinder a move",
        ),
    ] = None
    cache: Annotated[CpuCache | None, At("cache", advanced=True)] = None
    physical_address: Annotated[
        PhysicalAddress | None, At("maxphysaddr", title="Width of physical addresses", advanced=True)
    ] = None
    cells: Annotated[
        tuple[NumaCell, ...],
        At(
            "numa/cell",
            title="NUMA cells",
            advanced=True,
            help="Parts of the memory; together they are the maximum memory",
        ),
    ] = ()
    latencies: Annotated[
        tuple[Latency, ...],
        At(
            "numa/interconnects/latency",
            title="Latencies between cells",
            advanced=True,
            since="6.6.0",
            help="What the guest is told of them (ACPI HMAT)",
        ),
    ] = ()
    bandwidths: Annotated[
        tuple[Bandwidth, ...],
        At("numa/interconnects/bandwidth", title="Bandwidths between cells", advanced=True, since="6.6.0"),
    ] = ()
