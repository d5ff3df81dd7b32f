"""Parts of the host's caches and of its memory's bandwidth for some vCPUs (Intel RDT, AMD QoS; resctrl)."""

from __future__ import annotations

from typing import Annotated, Literal

from .patterns import CPUS
from .xml import At, XmlModel

FOR = "For example 0-3; a vCPU belongs to one share only"


class CacheShare(XmlModel):
    """A part of one of the host's caches."""

    id: Annotated[int, At("@id", title="Cache", maximum=65535, needed=True, help="Number of the host's cache")]
    level: Annotated[int, At("@level", minimum=2, maximum=3, needed=True)] = 3
    kind: Annotated[Literal["both", "code", "data"] | str, At("@type", needed=True)] = "both"
    size_kib: Annotated[int | None, At("@size", unit="KiB", minimum=1, maximum=1 << 30, needed=True)] = None


class CacheMonitor(XmlModel):
    """VCPUs whose use of a cache is counted."""

    level: Annotated[int, At("@level", minimum=3, maximum=3, needed=True)] = 3
    vcpus: Annotated[str, At("@vcpus", title="vCPUs", pattern=CPUS, needed=True)]


class CacheTune(XmlModel):
    """Parts of the host's caches that some vCPUs have for themselves."""

    vcpus: Annotated[str, At("@vcpus", title="vCPUs", pattern=CPUS, needed=True, help=FOR)]
    caches: Annotated[tuple[CacheShare, ...], At("cache")] = ()
    monitors: Annotated[tuple[CacheMonitor, ...], At("monitor", since="4.10.0")] = ()


class BandwidthShare(XmlModel):
    """How much of the bandwidth to a node of the host's memory may be used."""

    node: Annotated[int, At("@id", maximum=1023, needed=True, help="Number of the host's node")]
    percent: Annotated[int, At("@bandwidth", minimum=1, maximum=100, needed=True)]


class BandwidthMonitor(XmlModel):
    """VCPUs whose use of the bandwidth is counted."""

    vcpus: Annotated[str, At("@vcpus", title="vCPUs", pattern=CPUS, needed=True)]


class MemoryTune(XmlModel):
    """The bandwidth to the host's memory that some vCPUs may use."""

    vcpus: Annotated[str, At("@vcpus", title="vCPUs", pattern=CPUS, needed=True, help=FOR)]
    nodes: Annotated[tuple[BandwidthShare, ...], At("node")] = ()
    monitors: Annotated[tuple[BandwidthMonitor, ...], At("monitor", since="5.10.0")] = ()
