"""The CPU that a guest sees."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .xml import At, XmlModel

CpuMode = Literal["host-passthrough", "host-model", "maximum", "custom"]


class CpuTopology(XmlModel):
    """How virtual CPUs are arranged; the product is the maximum number of vCPUs."""

    sockets: Annotated[int, At("@sockets")] = 1
    dies: Annotated[int, At("@dies")] = 1
    cores: Annotated[int, At("@cores")] = 1
    threads: Annotated[int, At("@threads")] = 1

    @property
    def product(self) -> int:
        """How many vCPUs it makes."""
        return self.sockets * self.dies * self.cores * self.threads


class CpuFeature(XmlModel):
    """A feature of the CPU that is demanded or taken away."""

    name: Annotated[str, At("@name")]
    policy: Annotated[Literal["force", "require", "optional", "disable", "forbid"] | str | None, At("@policy")] = None


class Cpu(XmlModel):
    """The `<cpu>` of a definition."""

    tag: ClassVar[str] = "cpu"
    mode: Annotated[
        CpuMode | str | None,
        At("@mode", help="host-passthrough is fastest; host-model and named models migrate more widely"),
    ] = None
    match: Annotated[str | None, At("@match")] = None
    check: Annotated[str | None, At("@check")] = None
    migratable: Annotated[bool | None, At("@migratable", words="onoff")] = None
    model: Annotated[str | None, At("model", help="A named model; only with mode custom")] = None
    topology: Annotated[CpuTopology | None, At("topology")] = None
    features: Annotated[tuple[CpuFeature, ...], At("feature")] = ()
