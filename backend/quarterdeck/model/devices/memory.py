"""Memory of a machine that is a device: balloon, DIMMs, memory shared with others, and the IOMMU before it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import CPUS, PATH, SHORT_WORD
from ..xml import Apply, At
from .base import Device, join
from .virtio import Virtio, virtio_at


class MemBalloon(Device):
    """The balloon by which the host takes memory back from the guest."""

    tag: ClassVar[str] = "memballoon"
    noun: ClassVar[str] = "Memory balloon"
    most: ClassVar[int | None] = 1
    usual: ClassVar[dict[str, object]] = {"model": "virtio", "stats_period_s": 5}
    type: Literal["memballoon"] = "memballoon"
    model: Annotated[
        Literal["virtio", "virtio-transitional", "virtio-non-transitional", "none"] | str | None, At("@model")
    ] = None
    stats_period_s: Annotated[
        int | None,
        At("stats/@period", apply=Apply.LIVE, title="Figures every", maximum=86400, help="0 reads no figures"),
    ] = None
    free_page_reporting: Annotated[
        bool | None,
        At("@freePageReporting", words="onoff", help="Gives free memory back at once", since="6.9.0"),
    ] = None
    autodeflate: Annotated[
        bool | None, At("@autodeflate", words="onoff", help="Lets memory go when the guest runs out of it")
    ] = None
    virtio: Annotated[Virtio, virtio_at("model=virtio,virtio-transitional,virtio-non-transitional")] = Virtio()

    @property
    def title(self) -> str:
        """For example `Memory balloon virtio`."""
        return join("Memory balloon", self.model)


class Memory(Device):
    """A memory module that is plugged in while the machine runs."""

    tag: ClassVar[str] = "memory"
    noun: ClassVar[str] = "Memory module"
    hot: ClassVar[bool] = True  # where the machine started with slots for it
    usual: ClassVar[dict[str, object]] = {"model": "dimm", "node": 0}
    type: Literal["memory"] = "memory"
    model: Annotated[
        Literal["dimm", "virtio-mem", "nvdimm", "virtio-pmem"] | str | None,
        At("@model", apply=Apply.NEVER, help="virtio-mem grows and shrinks in blocks; nvdimm is a file that stays"),
    ] = None
    size_mib: Annotated[
        int | None,
        At("target/size", unit="MiB", apply=Apply.NEVER, needed=True, minimum=1, maximum=1 << 30, title="Size"),
    ] = None
    requested_mib: Annotated[
        int | None,
        At(
            "target/requested",
            unit="MiB",
            apply=Apply.LIVE,
            when="model=virtio-mem",
            maximum=1 << 30,
            title="Used of it",
            help="How much of it the guest gets now",
        ),
    ] = None
    block_mib: Annotated[
        int | None,
        At(
            "target/block",
            unit="MiB",
            apply=Apply.NEVER,
            when="model=virtio-mem",
            minimum=2,
            maximum=1 << 20,
            title="Block",
            advanced=True,
        ),
    ] = None
    dynamic_slots: Annotated[
        bool | None,
        At(
            "target/@dynamicMemslots",
            words="yesno",
            apply=Apply.NEVER,
            when="model=virtio-mem",
            since="10.1.0",
            advanced=True,
            help="QEMU maps only what the guest uses, in several parts",
        ),
    ] = None
    label_kib: Annotated[
        int | None,
        At(
            "target/label/size",
            unit="KiB",
            apply=Apply.NEVER,
            when="model=nvdimm",
            minimum=128,
            maximum=1 << 20,
            title="Label",
            advanced=True,
        ),
    ] = None
    persistent: Annotated[
        bool,
        At(
            "source/pmem",
            words="present",
            apply=Apply.NEVER,
            when="model=nvdimm",
            advanced=True,
            since="5.0.0",
            help="The file lies on real persistent memory",
        ),
    ] = False
    readonly: Annotated[
        bool,
        At(
            "target/readonly",
            words="present",
            apply=Apply.NEVER,
            when="model=nvdimm",
            advanced=True,
            since="5.0.0",
            title="Read-only",
        ),
    ] = False
    node: Annotated[
        int | None,
        At("target/node", apply=Apply.NEVER, maximum=1023, title="NUMA cell", when="model=dimm,virtio-mem,nvdimm"),
    ] = None
    path: Annotated[
        str | None,
        At(
            "source/path",
            apply=Apply.NEVER,
            when="model=nvdimm,virtio-pmem",
            needed=True,
            pattern=PATH,
            help="File on the host that holds its content",
        ),
    ] = None
    page_kib: Annotated[
        int | None,
        At(
            "source/pagesize",
            unit="KiB",
            apply=Apply.NEVER,
            when="model=dimm,virtio-mem",
            minimum=4,
            maximum=16 << 20,
            title="Page size",
            advanced=True,
        ),
    ] = None
    nodes: Annotated[
        str | None,
        At(
            "source/nodemask",
            apply=Apply.NEVER,
            when="model=dimm,virtio-mem",
            pattern=CPUS,
            title="NUMA nodes of the host",
            advanced=True,
        ),
    ] = None
    access: Annotated[Literal["shared", "private"] | str | None, At("@access", apply=Apply.NEVER, advanced=True)] = None
    discard: Annotated[
        bool | None,
        At("@discard", words="yesno", apply=Apply.NEVER, advanced=True, help="Its content need not be kept"),
    ] = None

    @property
    def on_pci(self) -> bool:
        """Those of virtio are."""
        return (self.model or "").startswith("virtio")

    @property
    def title(self) -> str:
        """For example `Memory module dimm 512 MiB`."""
        return join("Memory module", self.model, f"{self.size_mib} MiB" if self.size_mib else None)


class Shmem(Device):
    """Memory that several machines share."""

    tag: ClassVar[str] = "shmem"
    noun: ClassVar[str] = "Shared memory"
    hot: ClassVar[bool] = True
    usual: ClassVar[dict[str, object]] = {"model": "ivshmem-plain", "size_mib": 4}
    type: Literal["shmem"] = "shmem"
    name: Annotated[
        str | None,
        At("@name", apply=Apply.NEVER, needed=True, pattern=SHORT_WORD),
    ] = None
    model: Annotated[
        Literal["ivshmem-plain", "ivshmem-doorbell"] | str | None,
        At("model/@type", apply=Apply.NEVER, help="doorbell needs a server on the host"),
    ] = None
    size_mib: Annotated[
        int | None,
        At(
            "size",
            unit="MiB",
            apply=Apply.NEVER,
            minimum=1,
            maximum=1 << 20,
            when="model=ivshmem-plain",
            title="Size",
            help="A power of two",
        ),
    ] = None
    role: Annotated[
        Literal["master", "peer"] | str | None,
        At("@role", advanced=True, apply=Apply.NEVER, since="6.6.0", help="The master's content moves with it"),
    ] = None
    server: Annotated[
        str | None,
        At(
            "server/@path",
            apply=Apply.NEVER,
            when="model=ivshmem-doorbell",
            needed=True,
            pattern=PATH,
            help="Socket of the server",
        ),
    ] = None
    vectors: Annotated[
        int | None, At("msi/@vectors", apply=Apply.NEVER, advanced=True, when="model=ivshmem-doorbell", maximum=4096)
    ] = None

    @property
    def title(self) -> str:
        """For example `Shared memory lab`."""
        return join("Shared memory", self.name)


class Iommu(Device):
    """Guards memory from devices inside the guest; needed to pass devices on once more."""

    tag: ClassVar[str] = "iommu"
    noun: ClassVar[str] = "IOMMU"
    most: ClassVar[int | None] = 1
    usual: ClassVar[dict[str, str]] = {"model": "virtio"}
    type: Literal["iommu"] = "iommu"
    model: Annotated[
        Literal["intel", "virtio", "smmuv3"] | str | None,
        At(
            "@model",
            offer="iommu.model",
            help="intel needs q35 and the IOAPIC of QEMU; virtio needs a guest that knows it",
        ),
    ] = None
    intremap: Annotated[
        bool | None,
        At("driver/@intremap", words="onoff", advanced=True, when="model=intel", title="Interrupt remapping"),
    ] = None
    caching_mode: Annotated[
        bool | None, At("driver/@caching_mode", words="onoff", advanced=True, when="model=intel")
    ] = None
    eim: Annotated[
        bool | None,
        At("driver/@eim", words="onoff", advanced=True, when="model=intel", title="Extended interrupt mode"),
    ] = None
    iotlb: Annotated[
        bool | None, At("driver/@iotlb", words="onoff", advanced=True, when="model=intel", title="Device IOTLB")
    ] = None
    address_bits: Annotated[
        int | None, At("driver/@aw_bits", advanced=True, when="model=intel", minimum=39, maximum=48)
    ] = None

    @property
    def title(self) -> str:
        """For example `IOMMU intel`."""
        return join("IOMMU", self.model)
