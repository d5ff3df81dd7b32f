"""A whole definition, without its devices."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .boot import Boot
from .clock import Clock
from .command_line import QemuCommandLine
from .cpu import Cpu
from .features import Features
from .firmware import Firmware
from .memory import MemoryBacking, MemTune
from .metadata import Metadata
from .patterns import CPUS, UUID
from .power import Events, Power
from .security import KeyWrap, LaunchSecurity, SecurityLabel
from .sysinfo import FwCfg, SysInfo
from .tuning import BlkioTune, CpuTune, DefaultIoThread, IoThread, NumaTune, Perf, Resource
from .xml import Apply, At, Element, XmlModel


class Definition(XmlModel):
    """What `<domain>` says. Memory is in MiB, rounded down."""

    tag: ClassVar[str] = "domain"
    type: Annotated[Literal["kvm", "qemu"] | str | None, At("@type", asked=False)] = None
    name: Annotated[str, At("name", help="Changed by renaming; the machine must be off", apply=Apply.NEVER)] = ""
    uuid: Annotated[str | None, At("uuid", apply=Apply.NEVER, asked=False)] = None
    title: Annotated[str | None, At("title", apply=Apply.LIVE, help="A line for people")] = None
    description: Annotated[str | None, At("description", apply=Apply.LIVE)] = None
    metadata: Annotated[Metadata | None, At("metadata", apply=Apply.LIVE, asked=False)] = None
    memory_max_mib: Annotated[
        int, At("memory", unit="MiB", title="Maximum memory", minimum=16, maximum=1 << 30, needed=True)
    ] = 0
    memory_mib: Annotated[
        int | None,
        At(
            "currentMemory",
            unit="MiB",
            apply=Apply.LIVE,
            title="Memory",
            minimum=16,
            maximum=1 << 30,
            needed=True,
            help="Up to the maximum; the guest needs the balloon driver",
        ),
    ] = None
    memory_hotplug_max_mib: Annotated[
        int | None,
        At(
            "maxMemory",
            unit="MiB",
            minimum=1,
            title="Room for plugged memory",
            advanced=True,
            help="Needs slots and a NUMA cell",
        ),
    ] = None
    memory_slots: Annotated[
        int | None,
        At(
            "maxMemory/@slots",
            minimum=0,
            maximum=256,
            title="Memory slots",
            advanced=True,
            help="How many may be plugged",
        ),
    ] = None
    memory_dump_core: Annotated[
        bool | None,
        At("memory/@dumpCore", words="onoff", title="Memory in core dumps", advanced=True, help="Of QEMU on the host"),
    ] = None
    memory_backing: Annotated[MemoryBacking | None, At("memoryBacking", title="Backing", advanced=True)] = None
    memtune: Annotated[MemTune | None, At("memtune", apply=Apply.LIVE, title="Limits on the host", advanced=True)] = (
        None
    )
    vcpus_max: Annotated[int, At("vcpu", title="Maximum vCPUs", minimum=1, maximum=4096, needed=True)] = 1
    vcpus: Annotated[
        int | None,
        At(
            "vcpu/@current",
            apply=Apply.LIVE,
            title="vCPUs",
            minimum=1,
            maximum=4096,
            needed=True,
            help="Up to the maximum",
        ),
    ] = None
    cpuset: Annotated[
        str | None,
        At(
            "vcpu/@cpuset",
            pattern=CPUS,
            title="CPUs of the host",
            advanced=True,
            help="Where vCPUs run that are not pinned",
        ),
    ] = None
    iothreads: Annotated[
        int | None,
        At("iothreads", apply=Apply.LIVE, maximum=64, title="I/O threads", help="For disks that are given one"),
    ] = None
    iothread_ids: Annotated[
        tuple[IoThread, ...],
        At("iothreadids/iothread", apply=Apply.LIVE, title="Workers of I/O threads", since="8.5.0", advanced=True),
    ] = ()
    default_iothread: Annotated[
        DefaultIoThread | None, At("defaultiothread", title="Workers without an I/O thread", advanced=True)
    ] = None
    cputune: Annotated[CpuTune | None, At("cputune", apply=Apply.LIVE, title="CPU shares, quotas and pins")] = None
    numatune: Annotated[NumaTune | None, At("numatune", title="Memory nodes of the host")] = None
    blkiotune: Annotated[BlkioTune | None, At("blkiotune", apply=Apply.LIVE, title="Disk shares and limits")] = None
    resource: Annotated[Resource | None, At("resource", title="Control group")] = None
    sysinfo: Annotated[SysInfo | None, At("sysinfo[@type='smbios']", title="SMBIOS", advanced=True)] = None
    fw_cfg: Annotated[FwCfg | None, At("sysinfo[@type='fwcfg']", title="Entries of the firmware", advanced=True)] = None
    arch: Annotated[str | None, At("os/type/@arch", asked=False)] = None
    machine: Annotated[str | None, At("os/type/@machine", title="Machine type")] = None
    firmware: Annotated[Firmware, At("os", asked=False)] = Firmware()
    boot: Annotated[Boot, At("os")] = Boot()
    features: Annotated[Features | None, At("features")] = None
    cpu: Annotated[Cpu | None, At("cpu", title="CPU")] = None
    clock: Annotated[Clock | None, At("clock")] = None
    events: Annotated[Events, At(".")] = Events()
    power: Annotated[Power | None, At("pm", title="Sleep")] = None
    perf: Annotated[Perf | None, At("perf", title="Performance counters")] = None
    genid: Annotated[
        str | None,
        At("genid", pattern=UUID, title="Generation id", since="4.4.0", help="Windows sees by it that it was copied"),
    ] = None
    security_labels: Annotated[tuple[SecurityLabel, ...], At("seclabel")] = ()
    launch_security: Annotated[LaunchSecurity | None, At("launchSecurity", title="Encrypted memory")] = None
    key_wrap: Annotated[KeyWrap | None, At("keywrap", title="Wrapping of keys", offer="key_wrap")] = None
    qemu_commandline: Annotated[QemuCommandLine | None, At("qemu:commandline", title="Arguments of QEMU")] = None
    emulator: Annotated[str | None, At("devices/emulator", asked=False, help="QEMU's program on the host")] = None


def describe(root: Element) -> Definition:
    """The definition that this element holds."""
    return Definition.read(root)
