"""The virt-xml call that makes the same change of a setting."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from .command_line import QemuCommandLine
from .definition import Definition
from .security import SecurityLabel
from .xml import At, Place, XmlModel

OPTIONS = {
    "memory_backing": "--memorybacking",
    "memtune": "--memtune",
    "cputune": "--cputune",
    "numatune": "--numatune",
    "blkiotune": "--blkiotune",
    "resource": "--resource",
    "sysinfo": "--sysinfo",
    "boot": "--boot",
    "features": "--features",
    "cpu": "--cpu",
    "clock": "--clock",
    "events": "--events",
    "power": "--pm",
    "launch_security": "--launchSecurity",
    "key_wrap": "--keywrap",
    "security_labels": "--seclabel",
}
KNOWN = {
    "--cpu": "cache.level cache.mode check match migratable mode model numa.cell.cpus numa.cell.discard "
    "numa.cell.distances.sibling.id numa.cell.distances.sibling.value numa.cell.id numa.cell.memAccess "
    "numa.cell.memory topology.cores topology.dies topology.sockets topology.threads",
    "--clock": "offset timer.catchup.limit timer.catchup.slew timer.catchup.threshold timer.frequency timer.mode "
    "timer.name timer.present timer.tickpolicy timer.track",
    "--cputune": "emulator_period emulator_quota emulatorpin.cpuset global_period global_quota iothread_period "
    "iothread_quota iothreadpin.cpuset iothreadpin.iothread period quota shares vcpupin.cpuset vcpupin.vcpu "
    "vcpusched.priority vcpusched.scheduler vcpusched.vcpus",
    "--numatune": "memnode.cellid memnode.mode memnode.nodeset memory.mode memory.nodeset memory.placement",
    "--memtune": "hard_limit soft_limit swap_hard_limit",
    "--blkiotune": "device.path device.read_bytes_sec device.read_iops_sec device.weight device.write_bytes_sec "
    "device.write_iops_sec weight",
    "--memorybacking": "access.mode allocation.mode allocation.threads discard hugepages hugepages.page.nodeset "
    "hugepages.page.size locked nosharepages source.type",
    "--boot": "bios.rebootTimeout bios.useserial bootmenu.enable bootmenu.timeout cmdline dtb initrd kernel "
    "smbios.mode",
    "--events": "on_crash on_lockfailure on_poweroff on_reboot",
    "--pm": "suspend_to_disk.enabled suspend_to_mem.enabled",
    "--resource": "fibrechannel.appid partition",
    "--sysinfo": "baseBoard.asset baseBoard.location baseBoard.manufacturer baseBoard.product baseBoard.serial "
    "baseBoard.version bios.date bios.release bios.vendor bios.version chassis.asset chassis.manufacturer "
    "chassis.serial chassis.sku chassis.version system.family system.manufacturer system.product system.serial "
    "system.sku system.version",
    "--launchSecurity": "cbitpos dhCert kernelHashes policy reducedPhysBits session type",
    "--keywrap": "",
    "--seclabel": "baselabel label model relabel type",
    "--video": "model.type",
    "--features": "acpi apic apic.eoi hyperv.relaxed.state hyperv.reset.state hyperv.spinlocks.retries "
    "hyperv.spinlocks.state hyperv.synic.state hyperv.vapic.state ioapic.driver kvm.hidden.state "
    "kvm.hint-dedicated.state kvm.poll-control.state pae pmu.state pvspinlock.state smm.state vmcoreinfo.state "
    "vmport.state",
}
"""What virt-xml 4.1 has a word for; the rest is reached by its xpath words.

A video card's model is named by its word, since virt-xml else chooses one and forgets a guest system new to it.
"""


@dataclass(frozen=True)
class Step:
    """One value to set (None takes it away), or with `whole` an element to delete; `path` begins at the option's."""

    path: str
    at: At | None
    value: Any = None
    whole: bool = False


def options(changes: Mapping[str, Any], before: Definition) -> Iterator[list[str]]:
    """The words after `virt-xml NAME` of each call that is needed; one call changes one option."""
    for name, value in changes.items():
        if name == "security_labels":
            yield from _labels(value, before.security_labels)
        elif name == "qemu_commandline":
            yield from _command_line(value or {"arguments": (), "environment": ()}, before.qemu_commandline)
        elif name in OPTIONS:
            place, option = Definition.places[name], OPTIONS[name]
            words = _cpu_words(value, before) if name == "cpu" and value else []
            words += _section(option, place, value, getattr(before, name))
            absent = name == "sysinfo" and before.sysinfo is None
            if words:
                yield ["--add-device" if absent else "--edit", option, ",".join(["type=smbios"] * absent + words)]
        elif name in SINGLE:
            text = _text(Step("", Definition.places[name].at, value))
            yield ["--edit", SINGLE[name][0], f"{SINGLE[name][1]}={text}"]


SINGLE = {
    "cpuset": ("--vcpus", "vcpu.cpuset"),
    "genid": ("--metadata", "genid"),
    "memory_hotplug_max_mib": ("--memory", "maxMemory"),
    "memory_slots": ("--memory", "maxMemory.slots"),
    "memory_dump_core": ("--memory", "xpath0.set=./memory/@dumpCore,xpath0.value"),
}


def device_option(kind: type[XmlModel]) -> str:
    """Virt-xml's option for a kind of device."""
    return {"interface": "--network", "memory": "--memdev"}.get(kind.tag, f"--{kind.tag}")


def device_words(kind: type[XmlModel], changes: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """The option and its words for these values of a device; almost all are reached by their paths."""
    option = device_option(kind)
    return [option, ",".join(_worded(_below(kind, changes, before, ""), set(KNOWN.get(option, "").split())))]


RAW = ("redirfilter",)
"""Kinds for which virt-xml has no option; they are reached from the root of the definition."""


def raw_words(kind: type[XmlModel], changes: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """The options that set these values of a device of which a machine has one, path by path."""
    steps = _below(kind, changes, before, f"devices/{kind.tag}/")
    acts = [f"xpath.delete=./{step.path}" if step.whole else f"./{step.path}={quoted(_text(step))}" for step in steps]
    return [word for act in acts for word in ("--xml", act)]


def _section(option: str, place: Place, value: Any, before: Any) -> list[str]:
    if value is None or place.child is None:
        return ["clearxml=yes"]
    old = before.model_dump() if isinstance(before, BaseModel) else {}
    return _worded(_below(place.child, value, old, ""), set(KNOWN[option].split()))


def _worded(steps: Iterator[Step], known: set[str]) -> list[str]:
    words, number = [], 0
    for step in steps:
        key = _key(step.path)
        if re.sub(r"\d+(?=\.|$)", "", key) in known and not step.whole:
            words.append(f"{key}={quoted(_text(step))}")
        elif act := _act(step):
            words.append(f"xpath{number}.{act}")
            number += 1
        else:
            holder = step.path.rpartition("/@")[0] or step.path
            kind = ("B" if step.at.unit == "B" else "KiB") if step.at and step.at.unit else ""
            unit = [(f"{holder}/@unit", kind)] if kind else []
            for path, text in [(step.path, _text(step)), *unit]:
                words += [f"xpath{number}.set=./{path}", f"xpath{number}.value={quoted(text)}"]
                number += 1
    return words


def _act(step: Step) -> str | None:
    """What is done to a place that gets no value; `delete` would take the element of an attribute with it."""
    marker = step.at is not None and step.at.words == "present" and "@" not in step.path
    if marker and step.value:
        return f"create=./{step.path}"
    if step.whole or marker:
        return f"delete=./{step.path}"
    return f"set=./{step.path}=" if step.value is None else None


def _below(model: type[XmlModel], value: Mapping[str, Any], old: Mapping[str, Any], base: str) -> Iterator[Step]:
    """What to set below an element. Lists are changed entry by entry; what is too much at their end is deleted."""
    for name, wish in value.items():
        place, had = model.places[name], old.get(name)
        path = base + place.at.path if place.at.path != "." else base.removesuffix("/")
        if place.many:
            yield from _entries(place, list(wish or ()), list(had or ()), path)
        elif place.child and wish is None:
            yield Step(path, place.at, whole=True)
        elif place.child:
            yield from _below(place.child, wish, had or {}, f"{path}/" if path else "")
        elif wish is not None or had is not None:
            yield Step(path, place.at, wish)


def _entries(place: Place, wishes: list[Any], had: list[Any], path: str) -> Iterator[Step]:
    for number, wish in enumerate(wishes, 1):
        if place.child:
            old = had[number - 1] if number <= len(had) else {}
            yield from _below(place.child, wish, old, f"{path}[{number}]/")
        else:
            yield Step(f"{path}[{number}]", place.at, wish)
    for number in range(len(had), len(wishes), -1):
        yield Step(f"{path}[{number}]", place.at, whole=True)


def _key(path: str) -> str:
    """Virt-xml's word: `timer[2]/@name` is `timer1.name`, `bios/entry[@name='date']` is `bios.date`."""
    path = re.sub(r"/entry\[@name='(\w+)'\]", r"/\1", path)
    path = re.sub(r"\[(\d+)\]", lambda found: str(int(found[1]) - 1), path)
    return path.replace("suspend-to-", "suspend_to_").replace("/@", "/").lstrip("@").replace("/", ".")


def _text(step: Step) -> str:
    at, value = step.at, step.value
    if value is None or at is None:
        return ""
    if at.words == "present":
        return "on" if value else "off"
    return at.word(value)


def quoted(text: str) -> str:
    """A value as virt-xml takes it: in double quotes where it holds a comma, a quote or a space at its ends."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if re.search(r"""[,"'\\\s]""", text) else text


def _cpu_words(value: dict[str, Any], before: Definition) -> list[str]:
    """Flags by name, not by position; they leave the other values."""
    if "features" not in value:
        return []
    wanted = {each["name"]: each["policy"] for each in value.pop("features") or ()}
    had = {each.name: each.policy for each in before.cpu.features} if before.cpu else {}
    words = [f"{policy or 'require'}={name}" for name, policy in wanted.items() if had.get(name, "") != policy]
    gone = [name for name in had if name not in wanted]
    return words + [f"xpath{900 + number}.delete=./feature[@name='{name}']" for number, name in enumerate(gone)]


def _labels(value: Sequence[Mapping[str, Any]], before: Sequence[SecurityLabel]) -> Iterator[list[str]]:
    """Labels are objects of their own: changed by number, added, removed."""
    known = set(KNOWN["--seclabel"].split())
    for number, wish in enumerate(value, 1):
        old = before[number - 1].model_dump() if number <= len(before) else {}
        words = ",".join(_worded(_below(SecurityLabel, wish, old, ""), known))
        act = ["--edit", str(number)] if number <= len(before) else ["--add-device"]
        yield [*act, "--seclabel", words]
    for number in range(len(before), len(value), -1):
        yield ["--remove-device", "--seclabel", str(number)]


def _command_line(value: Mapping[str, Any], before: QemuCommandLine | None) -> Iterator[list[str]]:
    """What is not named stays, but virt-xml can only forget all of it and name it again."""
    after = (before.model_dump() if before else {}) | dict(value)
    words = ["clearxml=yes"] * (before is not None)
    words += [f"args={shlex.quote(text)}" for text in after.get("arguments") or ()]
    words += [f"env={each['name']}={each['value'] or ''}" for each in after.get("environment") or ()]
    for word in words:
        yield ["--edit", "--qemu-commandline", word]
