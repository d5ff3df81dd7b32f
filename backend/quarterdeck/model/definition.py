"""A whole definition, without its devices."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .boot import Boot
from .cpu import Cpu
from .firmware import Firmware
from .memory import MemoryBacking
from .metadata import Metadata
from .xml import Apply, At, Element, XmlModel

OnEvent = Literal["destroy", "restart", "preserve", "rename-restart", "coredump-destroy", "coredump-restart"]


class Definition(XmlModel):
    """What `<domain>` says. Memory is in MiB, rounded down."""

    tag: ClassVar[str] = "domain"
    type: Annotated[Literal["kvm", "qemu"] | str | None, At("@type")] = None
    name: Annotated[str, At("name", help="Changed by renaming; the machine must be off", apply=Apply.NEVER)] = ""
    uuid: Annotated[str | None, At("uuid", apply=Apply.NEVER)] = None
    title: Annotated[str | None, At("title", apply=Apply.LIVE, help="A line for people")] = None
    description: Annotated[str | None, At("description", apply=Apply.LIVE)] = None
    metadata: Annotated[Metadata | None, At("metadata", apply=Apply.LIVE)] = None
    memory_max_mib: Annotated[int, At("memory", unit="MiB", title="Maximum memory")] = 0
    memory_mib: Annotated[
        int | None, At("currentMemory", unit="MiB", apply=Apply.LIVE, title="Memory", help="Needs the balloon driver")
    ] = None
    memory_hotplug_max_mib: Annotated[int | None, At("maxMemory", unit="MiB")] = None
    memory_slots: Annotated[int | None, At("maxMemory/@slots")] = None
    memory_backing: Annotated[MemoryBacking | None, At("memoryBacking")] = None
    vcpus_max: Annotated[int, At("vcpu", title="Maximum vCPUs")] = 1
    vcpus: Annotated[int | None, At("vcpu/@current", apply=Apply.LIVE, title="vCPUs")] = None
    iothreads: Annotated[int | None, At("iothreads", apply=Apply.LIVE, title="I/O threads")] = None
    arch: Annotated[str | None, At("os/type/@arch")] = None
    machine: Annotated[str | None, At("os/type/@machine", title="Machine type")] = None
    firmware: Annotated[Firmware, At("os")] = Firmware()
    boot: Annotated[Boot, At("os")] = Boot()
    cpu: Annotated[Cpu | None, At("cpu")] = None
    clock: Annotated[Literal["utc", "localtime", "timezone", "variable"] | str | None, At("clock/@offset")] = None
    on_poweroff: Annotated[OnEvent | str | None, At("on_poweroff")] = None
    on_reboot: Annotated[OnEvent | str | None, At("on_reboot")] = None
    on_crash: Annotated[OnEvent | str | None, At("on_crash")] = None
    emulator: Annotated[str | None, At("devices/emulator", help="QEMU's program on the host")] = None


def describe(root: Element) -> Definition:
    """The definition that this element holds."""
    return Definition.read(root)
