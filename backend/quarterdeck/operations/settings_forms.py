"""The forms of a machine's settings: each section with its fields, and what the host cannot and why."""

from __future__ import annotations

from dataclasses import dataclass

from ..hypervisor.hosts import Hosts
from ..model.definition import Definition
from ..model.forms import Form, fields_of
from ..model.xml import parse
from .offered import Offered


@dataclass(frozen=True)
class Section:
    """Settings that belong together, by their names in the definition."""

    id: str
    title: str
    help: str
    members: tuple[str, ...]


SECTIONS = (
    Section("cpu", "Processors", "The CPU that the guest sees", ("cpu", "cpuset")),
    Section(
        "memory",
        "Memory",
        "How the memory is backed by the host's, limited, and plugged",
        ("memory_backing", "memtune", "memory_hotplug_max_mib", "memory_slots"),
    ),
    Section("boot", "Boot", "Menu, direct kernel and what the firmware tells the guest", ("boot", "sysinfo")),
    Section("clock", "Clock", "What the guest's clock shows, and its timers", ("clock",)),
    Section("features", "Features", "What board and hypervisor offer the guest", ("features",)),
    Section(
        "events", "Events and sleep", "What happens when the guest ends, and whether it may sleep", ("events", "power")
    ),
    Section(
        "tuning",
        "Tuning",
        "Shares and limits of the host's CPUs, memory nodes and disks",
        ("iothreads", "cputune", "numatune", "blkiotune", "resource"),
    ),
    Section("security", "Security", "Labels and encrypted memory", ("security_labels", "launch_security")),
    Section("identity", "Identity", "What tells this machine from its copies", ("genid",)),
    Section(
        "qemu",
        "Arguments of QEMU",
        "Handed to QEMU without a look; they taint the machine, and nobody supports what they do",
        ("qemu_commandline",),
    ),
)


class SettingsForms:
    """Makes forms from the declarations, for one machine on its host."""

    def __init__(self, hosts: Hosts, offered: Offered) -> None:
        self._hosts = hosts
        self._offered = offered

    def all(self, host: str, uuid: str) -> list[Form]:
        """The forms of all sections."""
        root = parse(self._hosts.get(host).domains.xml(uuid))
        offer = self._offered.machine(host, root)
        fields = {field.name: field for field in fields_of(Definition, offer)}
        return [
            Form(
                id=section.id,
                type="settings",
                title=section.title,
                help=section.help,
                fields=[fields[name] for name in section.members],
            )
            for section in SECTIONS
        ]
