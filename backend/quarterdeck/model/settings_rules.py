"""What must hold between the settings of a machine, and between them and its host.

Only what a change touches is looked at: what was wrong before does not stand in the way of another change.
Sources: libvirt's formatdomain and `qemu_validate.c` (9.0 and 11.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import security_rules, share_rules
from .cpu import Cpu
from .cpusets import members, written
from .definition import Definition
from .features import Features, HyperV
from .forms import Offer, met
from .remarks import Fault, Given, Remark, Rule, Site
from .xml import XmlModel


def remarks(after: Definition, given: Given, site: Site) -> list[Remark]:
    """Faults and warnings of a change: `given` is what was asked, `after` what comes out."""
    found: list[Remark] = list(_senseless(Definition, given, after.model_dump(), "", Offer(libvirt=site.libvirt)))
    for sections, rule in RULES:
        if any(given.get(name) is not None for name in sections):
            found += rule(after, given, site)
    return found


def _senseless(model: type[XmlModel], given: Given, values: Given, base: str, offer: Offer) -> Iterator[Fault]:
    """Values that only make sense with another that is not so, or that the host's libvirt does not know."""
    for name, value in given.items():
        place = model.places.get(name)
        if place is None or value is None or value == () or (value is False and place.at.words == "present"):
            continue
        if why := offer.too_old(place.at.since):
            yield Fault(f"{base}/{name}", why)
        if place.at.when and not met(place.at.when, {**values, **given}):
            other, _, words = place.at.when.partition("=")
            yield Fault(
                f"{base}/{name}", f"This only makes sense with {other.replace('_', ' ')} {words}".rstrip() + "."
            )
        if place.child and place.many:
            for number, entry in enumerate(value):
                yield from _senseless(place.child, entry, entry, f"{base}/{name}/{number}", offer)
        elif place.child:
            inner = values.get(name) or {}
            yield from _senseless(place.child, value, inner, f"{base}/{name}", offer)


def _cpu(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    cpu, domain = after.cpu or Cpu(), site.domain
    if cpu.mode and domain.cpu_modes and cpu.mode not in domain.cpu_modes:
        yield Fault("/cpu/mode", f"QEMU on this host has no {cpu.mode} here; it has {', '.join(domain.cpu_modes)}.")
    model = next((each for each in domain.cpu_models if each.name == cpu.model), None)
    if cpu.mode == "custom" and cpu.model and domain.cpu_models and model is None:
        yield Fault("/cpu/model", f"QEMU on this host knows no model {cpu.model}.")
    if model and model.usable is False:
        lacks = f" It lacks {', '.join(model.missing)}." if model.missing else ""
        yield f"The model {model.name} does not run on this host.{lacks}"
    for name, part in (("cache", cpu.cache), ("physical_address", cpu.physical_address)):
        if part and part.mode is None:
            yield Fault(f"/cpu/{name}/mode", "This must be given.")
    names = [feature.name for feature in cpu.features]
    yield from _twice(names, "/cpu/features", "name", "The flag {0} stands here twice.")
    if cpu.cells and "cells" in (given.get("cpu") or {}):
        yield from _cells(after, cpu, site)


def _cells(after: Definition, cpu: Cpu, site: Site) -> Iterator[Remark]:
    total = sum(cell.memory_mib or 0 for cell in cpu.cells) + site.plugged_mib
    if total != after.memory_max_mib:
        yield Fault(
            "/cpu/cells",
            f"The cells have {total} MiB together, but the maximum memory is {after.memory_max_mib} MiB.",
            "Make the cells add up to the maximum memory.",
        )
    seen: set[int] = set()
    known = {cell.id if cell.id is not None else number for number, cell in enumerate(cpu.cells)}
    for number, cell in enumerate(cpu.cells):
        vcpus = members(cell.cpus or "")
        if vcpus & seen:
            yield Fault(f"/cpu/cells/{number}/cpus", "A vCPU belongs to one cell only.")
        if vcpus and max(vcpus) >= after.vcpus_max:
            yield Fault(f"/cpu/cells/{number}/cpus", f"The machine has vCPUs 0 to {after.vcpus_max - 1}.")
        seen |= vcpus
        for at, distance in enumerate(cell.distances):
            if distance.id not in known:
                yield Fault(f"/cpu/cells/{number}/distances/{at}/id", f"There is no cell {distance.id}.")


def _twice(names: list[Any], pointer: str, field: str, text: str) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Fault(f"{pointer}/{number}/{field}", text.format(name))


def _pins(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    tune = after.cputune
    if tune is None:
        return
    yield from _twice([pin.vcpu for pin in tune.vcpu_pins], "/cputune/vcpu_pins", "vcpu", "vCPU {0} stands here twice.")
    twice = "I/O thread {0} stands here twice."
    yield from _twice([pin.iothread for pin in tune.iothread_pins], "/cputune/iothread_pins", "iothread", twice)
    for number, pin in enumerate(tune.vcpu_pins):
        if pin.vcpu >= after.vcpus_max:
            yield Fault(
                f"/cputune/vcpu_pins/{number}/vcpu",
                f"The machine has vCPUs 0 to {after.vcpus_max - 1}, not {pin.vcpu}.",
            )
        yield from _known_cpus(pin.cpuset, f"/cputune/vcpu_pins/{number}/cpuset", site)
    for number, thread in enumerate(tune.iothread_pins):
        if thread.iothread > (after.iothreads or 0):
            have = f"I/O threads 1 to {after.iothreads}" if after.iothreads else "no I/O threads"
            yield Fault(f"/cputune/iothread_pins/{number}/iothread", f"The machine has {have}.")
        yield from _known_cpus(thread.cpuset, f"/cputune/iothread_pins/{number}/cpuset", site)
    yield from _known_cpus(tune.emulator_cpuset, "/cputune/emulator_cpuset", site)


def _cpuset(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    yield from _known_cpus(after.cpuset, "/cpuset", site)


def _known_cpus(text: str | None, pointer: str, site: Site) -> Iterator[Fault]:
    yield from _known(text, site.cpus, pointer, "CPU")


def _known(text: str | None, known: set[int], pointer: str, kind: str) -> Iterator[Fault]:
    wanted = members(text or "")
    if text and not wanted:
        yield Fault(pointer, f"{text} names no {kind}.", "Write numbers and ranges, such as 0-3,8.")
    missing = sorted(wanted - known)
    if known and missing:
        yield Fault(pointer, f"The host has no {kind} {missing[0]}; it has {written(known)}.")


def _nodes(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    tune = after.numatune
    if tune is None:
        return
    yield from _known(tune.nodeset, site.nodes, "/numatune/nodeset", "node")
    cells = len(after.cpu.cells) if after.cpu else 0
    for number, node in enumerate(tune.cells):
        if node.cell >= cells:
            yield Fault(f"/numatune/cells/{number}/cell", f"The machine has {cells or 'no'} NUMA cells.")
        yield from _known(node.nodeset, site.nodes, f"/numatune/cells/{number}/nodeset", "node")
    if (tune.placement == "static" or (tune.mode and not tune.placement)) and not tune.nodeset:
        yield Fault("/numatune/nodeset", "Say from which nodes of the host; only with placement auto it chooses them.")
    if tune.placement == "auto" and tune.nodeset:
        yield Fault("/numatune/nodeset", "With placement auto the host chooses the nodes.")


def _threads(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    used = sorted(number for number in site.threads_in_use if number > (after.iothreads or 0))
    if used:
        yield Fault("/iothreads", f"A disk or controller uses I/O thread {used[-1]}.", "Take it from there first.")


def _workers(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """The rules of libvirt's virDomainIOThreadIDDefParseXML and qemuDomainIOThreadParams."""
    twice = "I/O thread {0} stands here twice."
    yield from _twice([thread.id for thread in after.iothread_ids], "/iothread_ids", "id", twice)
    if len(after.iothread_ids) > (after.iothreads or 0):
        yield Fault(
            "/iothread_ids", f"The machine has {after.iothreads or 'no'} I/O threads.", "Raise their number too."
        )
    named = [(f"/iothread_ids/{number}", each) for number, each in enumerate(after.iothread_ids)]
    for pointer, each in [*named, ("/default_iothread", after.default_iothread)]:
        least, most = (each.thread_pool_min, each.thread_pool_max) if each else (None, None)
        if least is not None and most is not None and least > most:
            yield Fault(f"{pointer}/thread_pool_min", f"The most is {most}.")


def _firmware_entries(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    entries = after.fw_cfg.entries if after.fw_cfg else ()
    yield from _twice([each.name for each in entries], "/fw_cfg/entries", "name", "{0} stands here twice.")
    for number, each in enumerate(entries):
        if bool(each.value) == bool(each.file):
            yield Fault(f"/fw_cfg/entries/{number}/value", "Give either a text or a file.")


def _backing(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    backing = after.memory_backing
    if backing is None:
        return
    whole = [number for number, page in enumerate(backing.pages) if page.nodeset is None]
    if len(whole) > 1:
        yield Fault(
            f"/memory_backing/pages/{whole[1]}/nodeset", "Only one size is for all cells; name those of this one."
        )
    known = [size for size in site.host.page_sizes_kib if size > 4]
    for number, page in enumerate(backing.pages):
        if page.size_kib and known and page.size_kib not in known:
            sizes = ", ".join(f"{size} KiB" for size in known)
            yield Fault(
                f"/memory_backing/pages/{number}/size_kib",
                f"The host has no pages of {page.size_kib} KiB; it has {sizes}.",
            )
        elif page.size_kib and site.host.nodes:
            aside = sum(node.pages.get(page.size_kib, 0) for node in site.host.nodes) * page.size_kib // 1024
            if aside < after.memory_max_mib:
                yield (
                    f"The host has set aside {aside} MiB in pages of {page.size_kib} KiB, and the machine needs "
                    f"{after.memory_max_mib} MiB to start (sysctl vm.nr_hugepages)."
                )
    if backing.source and site.domain.memory_sources and backing.source not in site.domain.memory_sources:
        yield Fault("/memory_backing/source", f"QEMU on this host has no memory of kind {backing.source}.")
    if backing.allocation == "ondemand" and (backing.hugepages or backing.pages):
        yield Fault("/memory_backing/allocation", "Huge pages cannot be allocated on demand.")
    if backing.locked and not (after.memtune and after.memtune.hard_limit_mib):
        yield "Locked memory without a hard limit may take all memory of the host."
    if site.shared_folders and backing.access != "shared":
        yield "A shared folder (virtiofs) of this machine needs shared memory; it will not start like this."


def _limits(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    tune = after.memtune
    if tune is None:
        return
    if tune.hard_limit_mib and tune.hard_limit_mib < after.memory_max_mib:
        yield Fault(
            "/memtune/hard_limit_mib",
            f"QEMU would be killed when the guest uses its {after.memory_max_mib} MiB.",
            "Allow at least the maximum memory and a quarter more.",
        )
    if tune.swap_hard_limit_mib and tune.swap_hard_limit_mib < (tune.hard_limit_mib or 0):
        yield Fault("/memtune/swap_hard_limit_mib", "Memory and swap together cannot be less than memory alone.")


def _plugged(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    most, slots = after.memory_hotplug_max_mib, after.memory_slots
    if bool(most) != bool(slots):
        missing = "memory_slots" if most else "memory_hotplug_max_mib"
        yield Fault(f"/{missing}", "Room for plugged memory needs both a size and a number of slots.")
    elif most and most < after.memory_max_mib:
        yield Fault("/memory_hotplug_max_mib", f"This includes the {after.memory_max_mib} MiB that the machine has.")
    if most and not (after.cpu and after.cpu.cells):
        yield Fault(
            "/memory_hotplug_max_mib",
            "Memory can be plugged into a NUMA cell only, and the machine has none.",
            f"Give it one cell with vCPUs 0-{after.vcpus_max - 1} and {after.memory_max_mib} MiB.",
        )


def _clock(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    clock = after.clock
    if clock is None:
        return
    if clock.offset == "timezone" and not clock.timezone:
        yield Fault("/clock/timezone", "Name the time zone, such as Europe/Paris.")
    if clock.offset == "absolute" and clock.start_epoch_seconds is None:
        yield Fault("/clock/start_epoch_seconds", "Say at which second the clock starts.")
    if clock.adjustment == "reset" and clock.offset == "variable":
        yield Fault("/clock/adjustment", "A variable clock starts so many seconds from its basis; name them.")
    names = [timer.name for timer in clock.timers]
    yield from _twice(names, "/clock/timers", "name", "The timer {0} stands here twice.")


NEEDS = {
    "synic": ("vpindex",),
    "stimer": ("vpindex", "synic"),
    "tlbflush": ("vpindex",),
    "ipi": ("vpindex",),
    "evmcs": ("vapic",),
}
"""Which enlightenments need others; QEMU's docs/system/i386/hyperv."""


HYPERV_WORDS = [name for name, place in HyperV.places.items() if place.at.path == f"{name}/@state"]
"""Enlightenments that a host lists by their names."""


def _features(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    features = after.features or Features()
    if after.firmware.kind == "uefi" and not features.acpi:
        yield Fault("/features/acpi", "UEFI needs ACPI.")
    if after.firmware.secure_boot and features.smm is False:
        yield Fault("/features/smm", "Secure Boot needs SMM.")
    if features.ras is not None and after.arch != "aarch64":
        yield Fault("/features/ras", "Only machines of Arm (aarch64, type virt) have it.")
    if not features.acpi:
        yield "Without ACPI the guest cannot be asked to shut down."
    if features.hyperv:
        yield from _hyperv(after, features.hyperv, site)
    size = features.kvm.dirty_ring_size if features.kvm else None
    if size and size & (size - 1):
        yield Fault("/features/kvm/dirty_ring_size", "This is a power of two, such as 4096.")


def _hyperv(after: Definition, hyperv: HyperV, site: Site) -> Iterator[Remark]:
    if hyperv.mode == "passthrough":
        chosen = ", ".join(sorted(hyperv.model_dump(exclude_none=True).keys() - {"mode"}))
        if chosen:  # libvirt 9.0's schema allows none beside it, and its parser drops them
            yield Fault("/features/hyperv/mode", f"The host decides about {chosen} then.", "Leave them open.")
        return
    for name, others in NEEDS.items():
        missing = [other for other in others if not getattr(hyperv, other)]
        if getattr(hyperv, name) and missing:
            yield Fault(f"/features/hyperv/{name}", f"{name} needs {' and '.join(missing)}.", "Turn them on as well.")
    if hyperv.spinlocks and hyperv.spinlock_retries is None:
        yield Fault("/features/hyperv/spinlock_retries", "Say how often it tries; 8191 is usual.")
    if hyperv.vendor_id and not hyperv.vendor_id_value:
        yield Fault("/features/hyperv/vendor_id_value", "Say the name, 12 characters at most.")
    timers = {timer.name: timer.present for timer in after.clock.timers} if after.clock else {}
    if hyperv.stimer and timers.get("hypervclock") is not True:
        yield Fault("/features/hyperv/stimer", "stimer needs the timer hypervclock.", "Add it to the clock as well.")
    known = site.domain.hyperv_features
    lacking = [name for name in HYPERV_WORDS if known and getattr(hyperv, name) and name not in known]
    if lacking:
        yield f"QEMU on this host has no {', '.join(lacking)} for this machine; it may not start here."


def _boot(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    if after.boot.smbios == "sysinfo" and after.sysinfo is None:
        yield Fault("/boot/smbios", "There are no such values yet.", "Set one of them (sysinfo) as well.")
    if after.boot.serial_bios and not site.serial_lines:
        yield Fault("/boot/serial_bios", "The machine has no serial line.", "Add one first.")


def _events(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    if (after.events.on_poweroff, after.events.on_reboot) == ("restart", "destroy"):
        yield Fault("/events/on_reboot", "QEMU cannot start again after a shutdown and end at a restart.")


def _counters(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    events = after.perf.events if after.perf else ()
    yield from _twice([event.name for event in events], "/perf/events", "name", "{0} stands here twice.")
    if any(event.enabled for event in events):
        yield "A counter that the host's CPU or kernel lacks keeps the machine from starting."


def _pass_through(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    yield (
        "QEMU gets these arguments without a look from libvirt: the machine counts as tainted, may fail to start or "
        "to move, and nobody supports it."
    )


def _weights(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    devices = after.blkiotune.devices if after.blkiotune else ()
    yield from _twice([device.path for device in devices], "/blkiotune/devices", "path", "{0} stands here twice.")
    for number, device in enumerate(devices):
        if len(device.model_dump(exclude_none=True)) == 1:
            yield Fault(f"/blkiotune/devices/{number}", "Say a weight or a limit for this disk.")


def _partition(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    if after.resource and after.resource.partition:
        yield "The control group must be there before the machine starts; the host's administrator makes it."


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("cpu",), _cpu),
    (("cputune", "vcpus_max", "iothreads"), _pins),
    (("cputune", "vcpus_max"), share_rules.shares),
    (("cpu",), share_rules.reach),
    (("cpuset",), _cpuset),
    (("numatune",), _nodes),
    (("iothreads",), _threads),
    (("iothread_ids", "iothreads", "default_iothread"), _workers),
    (("fw_cfg",), _firmware_entries),
    (("memory_backing",), _backing),
    (("memtune", "memory_max_mib"), _limits),
    (("memory_hotplug_max_mib", "memory_slots"), _plugged),
    (("blkiotune",), _weights),
    (("clock",), _clock),
    (("features", "clock"), _features),
    (("boot",), _boot),
    (("events",), _events),
    (("security_labels",), security_rules.labels),
    (("launch_security",), security_rules.launch),
    (("key_wrap",), security_rules.keys),
    (("perf",), _counters),
    (("qemu_commandline",), _pass_through),
    (("resource",), _partition),
]
"""Which rule looks at a change of which sections."""
