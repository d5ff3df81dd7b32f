"""Shares and limits of the host's CPUs, memory nodes and disks."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import CPUS, FIBRE_CHANNEL_ID, GROUP_PATH, PATH
from .shares import CacheTune, MemoryTune
from .xml import Apply, At, XmlModel

Counter = Literal[
    "cmt",
    "mbmt",
    "mbml",
    "cpu_cycles",
    "instructions",
    "cache_references",
    "cache_misses",
    "branch_instructions",
    "branch_misses",
    "bus_cycles",
    "stalled_cycles_frontend",
    "stalled_cycles_backend",
    "ref_cpu_cycles",
    "cpu_clock",
    "task_clock",
    "page_faults",
    "context_switches",
    "cpu_migrations",
    "page_faults_min",
    "page_faults_maj",
    "alignment_faults",
    "emulation_faults",
]
Scheduler = Literal["batch", "idle", "fifo", "rr"]
NodeMode = Literal["strict", "preferred", "interleave", "restrictive"]
SHORTEST_US, LONGEST_US, MOST_US = 1000, 1_000_000, 17_592_186_044_415


class VcpuPin(XmlModel):
    """On which CPUs of the host a vCPU may run."""

    vcpu: Annotated[int, At("@vcpu", title="vCPU", minimum=0, maximum=4095, needed=True)]
    cpuset: Annotated[str, At("@cpuset", title="Host CPUs", pattern=CPUS, needed=True)]


class IoThreadPin(XmlModel):
    """On which CPUs of the host an I/O thread may run."""

    iothread: Annotated[int, At("@iothread", title="I/O thread", minimum=1, maximum=65535, needed=True)]
    cpuset: Annotated[str, At("@cpuset", title="Host CPUs", pattern=CPUS, needed=True)]


class VcpuScheduler(XmlModel):
    """How the host's kernel runs some vCPUs."""

    vcpus: Annotated[str, At("@vcpus", title="vCPUs", pattern=CPUS, needed=True)]
    scheduler: Annotated[Scheduler | str, At("@scheduler", needed=True)]
    priority: Annotated[int | None, At("@priority", minimum=1, maximum=99, when="scheduler=fifo,rr")] = None


class IoThreadScheduler(XmlModel):
    """How the host's kernel runs some I/O threads."""

    iothreads: Annotated[str, At("@iothreads", title="I/O threads", pattern=CPUS, needed=True)]
    scheduler: Annotated[Scheduler | str, At("@scheduler", needed=True)]
    priority: Annotated[int | None, At("@priority", minimum=1, maximum=99, when="scheduler=fifo,rr")] = None


class EmulatorScheduler(XmlModel):
    """How the host's kernel runs QEMU's own threads."""

    scheduler: Annotated[Scheduler | str | None, At("@scheduler", needed=True, since="5.2.0")] = None
    priority: Annotated[int | None, At("@priority", minimum=1, maximum=99, when="scheduler=fifo,rr")] = None


class IoThread(XmlModel):
    """An I/O thread by its number, with the threads that QEMU may keep for it."""

    id: Annotated[int, At("@id", title="I/O thread", minimum=1, maximum=65535, needed=True)]
    thread_pool_min: Annotated[int | None, At("@thread_pool_min", maximum=64, title="Least workers")] = None
    thread_pool_max: Annotated[int | None, At("@thread_pool_max", minimum=1, maximum=64, title="Most workers")] = None


class DefaultIoThread(XmlModel):
    """The workers of QEMU's main loop, for disks without an I/O thread."""

    thread_pool_min: Annotated[int | None, At("@thread_pool_min", maximum=64, title="Least workers", since="8.5.0")] = (
        None
    )
    thread_pool_max: Annotated[
        int | None, At("@thread_pool_max", minimum=1, maximum=64, title="Most workers", since="8.5.0")
    ] = None


class PerfEvent(XmlModel):
    """A counter of the host's kernel that runs for the machine."""

    name: Annotated[Counter | str, At("@name", title="Counter", needed=True)]
    enabled: Annotated[bool | None, At("@enabled", words="yesno", title="Counts", needed=True)] = None


class Perf(XmlModel):
    """The `<perf>` of a definition."""

    tag: ClassVar[str] = "perf"
    events: Annotated[tuple[PerfEvent, ...], At("event", apply=Apply.LIVE, help="Read by virsh domstats --perf")] = ()


class CpuTune(XmlModel):
    """The `<cputune>` of a definition."""

    tag: ClassVar[str] = "cputune"
    shares: Annotated[
        int | None,
        At("shares", apply=Apply.LIVE, minimum=2, maximum=262144, help="Weight beside other machines; often 1024"),
    ] = None
    period_us: Annotated[
        int | None,
        At("period", apply=Apply.LIVE, help="What the quota counts in", minimum=SHORTEST_US, maximum=LONGEST_US),
    ] = None
    quota_us: Annotated[
        int | None,
        At(
            "quota",
            apply=Apply.LIVE,
            help="Time of each vCPU in a period; -1 is without limit",
            minimum=-1,
            maximum=MOST_US,
        ),
    ] = None
    global_period_us: Annotated[
        int | None,
        At("global_period", advanced=True, apply=Apply.LIVE, since="1.3.3", minimum=SHORTEST_US, maximum=LONGEST_US),
    ] = None
    global_quota_us: Annotated[
        int | None,
        At(
            "global_quota",
            advanced=True,
            apply=Apply.LIVE,
            since="1.3.3",
            help="Time of the whole machine",
            minimum=-1,
            maximum=MOST_US,
        ),
    ] = None
    emulator_period_us: Annotated[
        int | None, At("emulator_period", advanced=True, apply=Apply.LIVE, minimum=SHORTEST_US, maximum=LONGEST_US)
    ] = None
    emulator_quota_us: Annotated[
        int | None,
        At(
            "emulator_quota",
            advanced=True,
            apply=Apply.LIVE,
            help="Time of QEMU's own threads",
            minimum=-1,
            maximum=MOST_US,
        ),
    ] = None
    iothread_period_us: Annotated[
        int | None,
        At("iothread_period", advanced=True, apply=Apply.LIVE, since="2.1.0", minimum=SHORTEST_US, maximum=LONGEST_US),
    ] = None
    iothread_quota_us: Annotated[
        int | None, At("iothread_quota", advanced=True, apply=Apply.LIVE, since="2.1.0", minimum=-1, maximum=MOST_US)
    ] = None
    vcpu_pins: Annotated[tuple[VcpuPin, ...], At("vcpupin", apply=Apply.LIVE, title="Pinned vCPUs")] = ()
    emulator_cpuset: Annotated[
        str | None, At("emulatorpin/@cpuset", apply=Apply.LIVE, title="Pinned emulator", pattern=CPUS)
    ] = None
    iothread_pins: Annotated[
        tuple[IoThreadPin, ...], At("iothreadpin", apply=Apply.LIVE, title="Pinned I/O threads", since="1.2.9")
    ] = ()
    schedulers: Annotated[tuple[VcpuScheduler, ...], At("vcpusched", advanced=True, since="1.2.13")] = ()
    iothread_schedulers: Annotated[
        tuple[IoThreadScheduler, ...], At("iothreadsched", advanced=True, since="1.2.13", title="I/O thread schedulers")
    ] = ()
    emulator_scheduler: Annotated[EmulatorScheduler | None, At("emulatorsched", advanced=True)] = None
    caches: Annotated[
        tuple[CacheTune, ...],
        At("cachetune", advanced=True, since="4.1.0", title="Shares of caches", help="Where the host shares them out"),
    ] = ()
    bandwidths: Annotated[
        tuple[MemoryTune, ...],
        At(
            "memorytune",
            advanced=True,
            since="4.7.0",
            title="Shares of memory bandwidth",
            help="Where the host shares it out",
        ),
    ] = ()


class MemNode(XmlModel):
    """From which nodes of the host a cell of the guest gets its memory."""

    cell: Annotated[int, At("@cellid", minimum=0, maximum=1023, needed=True)]
    mode: Annotated[NodeMode | str, At("@mode", needed=True)]
    nodeset: Annotated[str, At("@nodeset", title="Host nodes", pattern=CPUS, needed=True)]


class NumaTune(XmlModel):
    """The `<numatune>` of a definition."""

    tag: ClassVar[str] = "numatune"
    mode: Annotated[NodeMode | str | None, At("memory/@mode", help="strict refuses memory of other nodes")] = None
    nodeset: Annotated[
        str | None, At("memory/@nodeset", title="Host nodes", pattern=CPUS, help="Where its memory comes from")
    ] = None
    placement: Annotated[
        Literal["static", "auto"] | str | None, At("memory/@placement", help="auto asks numad on the host")
    ] = None
    cells: Annotated[tuple[MemNode, ...], At("memnode", since="1.2.7", title="Nodes of each cell")] = ()


class BlkioDevice(XmlModel):
    """Limits of the machine on one disk of the host."""

    path: Annotated[str, At("path", pattern=PATH, needed=True, help="The host's device, for example /dev/sda")]
    weight: Annotated[int | None, At("weight", minimum=100, maximum=1000)] = None
    read_bytes_s: Annotated[int | None, At("read_bytes_sec", minimum=0)] = None
    write_bytes_s: Annotated[int | None, At("write_bytes_sec", minimum=0)] = None
    read_iops: Annotated[int | None, At("read_iops_sec", minimum=0)] = None
    write_iops: Annotated[int | None, At("write_iops_sec", minimum=0)] = None


class BlkioTune(XmlModel):
    """The `<blkiotune>` of a definition."""

    tag: ClassVar[str] = "blkiotune"
    weight: Annotated[
        int | None,
        At("weight", apply=Apply.LIVE, minimum=100, maximum=1000, help="Weight beside other machines; often 500"),
    ] = None
    devices: Annotated[tuple[BlkioDevice, ...], At("device", apply=Apply.LIVE, title="Disks of the host")] = ()


class Resource(XmlModel):
    """Where the machine stands among the host's control groups."""

    tag: ClassVar[str] = "resource"
    partition: Annotated[
        str | None, At("partition", pattern=GROUP_PATH, since="1.0.5", help="A path of control groups")
    ] = None
    fibre_channel_appid: Annotated[
        str | None, At("fibrechannel/@appid", pattern=FIBRE_CHANNEL_ID, since="7.7.0", title="Fibre Channel id")
    ] = None
