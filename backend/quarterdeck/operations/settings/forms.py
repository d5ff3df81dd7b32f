"""The forms of a machine's settings: each section with its fields, and what the host cannot and why."""

from __future__ import annotations

from dataclasses import dataclass

from ...hypervisor.hosts import Hosts
from ...model.capabilities import CpuModel
from ...model.definition import Definition
from ...model.forms import Form, FormChoice, FormField, Offer, fields_of
from ...model.xml import parse
from ..changing.offered import Offered
from ..inventory.inventory import Inventory


@dataclass(frozen=True)
class Section:
    """Settings that belong together, by their names in the definition."""

    id: str
    title: str
    help: str
    members: tuple[str, ...]


SECTIONS = (
    Section(
        "cpu", "Processors", "How many there are, and what the guest sees", ("vcpus", "vcpus_max", "cpu", "cpuset")
    ),
    Section(
        "memory",
        "Memory",
        "How much there is, how it is backed by the host's, limited, and plugged",
        (
            "memory_mib",
            "memory_max_mib",
            "memory_hotplug_max_mib",
            "memory_slots",
            "memory_backing",
            "memory_dump_core",
            "memtune",
        ),
    ),
    Section(
        "boot",
        "Boot",
        "What it starts from, menu, direct kernel and what the firmware tells the guest",
        ("boot", "sysinfo", "fw_cfg"),
    ),
    Section("clock", "Clock", "What the guest's clock shows, and its timers", ("clock",)),
    Section("features", "Features", "What board and hypervisor offer the guest", ("features",)),
    Section(
        "events", "Events and sleep", "What happens when the guest ends, and whether it may sleep", ("events", "power")
    ),
    Section(
        "tuning",
        "Tuning",
        "Shares and limits of the host's CPUs, memory nodes and disks",
        ("iothreads", "iothread_ids", "default_iothread", "cputune", "numatune", "blkiotune", "perf", "resource"),
    ),
    Section(
        "security", "Security", "Labels, encrypted memory and keys", ("security_labels", "launch_security", "key_wrap")
    ),
    Section("identity", "Identity", "What tells this machine from its copies", ("genid",)),
    Section(
        "qemu",
        "Arguments of QEMU",
        "Handed to QEMU without a look; they taint the machine, and nobody supports what they do",
        ("qemu_commandline",),
    ),
)


ORDER = FormField(
    name="order", title="Boot order", control="list", help="Ids of the devices that are tried, first one first"
)
"""It stands at the devices, not in the section."""


class SettingsForms:
    """Makes forms from the declarations, for one machine on its host."""

    def __init__(self, hosts: Hosts, inventory: Inventory, offered: Offered) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._offered = offered

    def all(self, host: str, uuid: str) -> list[Form]:
        """The forms of all sections; without the host's limits while it does not answer."""
        offer, models, flags = Offer(), list[CpuModel](), list[str]()
        if self._inventory.last_known(host, uuid) is None:
            root = parse(self._hosts.get(host).domains.xml(uuid))
            offer, (models, flags) = self._offered.machine(host, root), self._offered.cpus(host, root)
        fields = {field.name: field for field in fields_of(Definition, offer)}
        fields["cpu"] = _with_names(fields["cpu"], models, flags)
        fields["boot"] = fields["boot"].model_copy(update={"fields": [ORDER, *fields["boot"].fields]})
        return [
            Form(
                id=section.id,
                type="settings",
                title=section.title,
                help=section.help,
                adds=False,
                fields=[fields[name] for name in section.members],
            )
            for section in SECTIONS
        ]


def _with_names(cpu: FormField, models: list[CpuModel], flags: list[str]) -> FormField:
    """The field of the CPU with the host's models, and why some do not run there, and names of flags to choose from."""
    fields = []
    for field in cpu.fields:
        if field.name == "model" and models:
            choices = [FormChoice(value=model.name, reason=_unusable(model)) for model in models]
            fields.append(field.model_copy(update={"control": "choice", "choices": choices}))
        elif field.name == "features":
            name, *others = field.fields
            known = [FormChoice(value=flag) for flag in flags]
            fields.append(field.model_copy(update={"fields": [name.model_copy(update={"choices": known}), *others]}))
        else:
            fields.append(field)
    return cpu.model_copy(update={"fields": fields})


def _unusable(model: CpuModel) -> str | None:
    if model.usable is not False:
        return None
    return f"This host lacks {', '.join(model.missing)}." if model.missing else "This host lacks some of its flags."
