"""What is saved but not yet in the running machine.

libvirt resolves a definition at start (aliases, ports, paths, the CPU), so both are brought to a common form first.
Tried with libvirt 9.0 and 11.3; `virDomainIsUpdated` does not tell it.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from .compare import Difference, compare
from .cpusets import members
from .definition import Definition
from .devices import Placed, placed
from .order import remove
from .strict import Value
from .xml import Element

GONE = ("alias", "seclabel", "backingStore", "mirror", "address", "metadata", "vcpus")
"""Elements that only the running side has, or that take effect without a start."""
RESOLVED = {
    "domain": ("id",),
    "source": ("index", "portid"),
    "graphics": ("passwd", "passwdValidTo", "connected", "socket", "keymap"),
    "console": ("tty",),
    "vcpu": ("order", "placement"),
    "clock": ("adjustment", "basis"),
}
"""Attributes that libvirt fills in at start."""
MADE_AT_START = ("pty", "unix", "spicevmc", "qemu-vdagent")
NAMED_AT_START = re.compile("(vnet|macvtap|macvlan|vif)[0-9]+")
DEFAULT_DEVICES = ("input", "audio", "watchdog")
"""Devices that libvirt adds by itself, on one side or on both."""
PINS = {"vcpupin": "vcpu", "iothreadpin": "iothread", "emulatorpin": "alone"}
"""Elements that pin threads, and the attribute that tells them apart (of which the emulator has none)."""
ALIKE = {
    "force": ("force", "require"),
    "require": ("force", "require"),
    "optional": ("force", "require", "optional", "disable"),
    "disable": ("disable", "forbid"),
    "forbid": ("disable", "forbid"),
}
"""As what a flag may run that was asked for with a policy."""
WORKERS = {"thread_pool_min": "0", "thread_pool_max": "64"}
WHOLE_CPU = ("host-model", "maximum", "host-passthrough")


class Pending(Value):
    """One difference. `field` is a declared value, or a path in the XML; `device` is None for the machine itself."""

    field: str
    device: str | None = None
    saved: Any = None
    running: Any = None


def pending(saved: Element, running: Element, host_cpus: int = 0) -> list[Pending]:
    """What the next start changes, in the order of the definition; empty where nothing waits.

    Without the number of the host's CPUs no pin that is gone from the saved side can be told from none.
    """
    before, after = _common(running), _common(saved)
    _same_cpu(before, after)
    _same_group(before, after)
    _same_pins(before, after, host_cpus)
    _same_firmware(before, after)
    old, new = {each.id: each for each in placed(before)}, {each.id: each for each in placed(after)}
    found = _waiting(compare(Definition, before, after), None)
    for name in [*new, *(name for name in old if name not in new)]:
        found += _device(name, new.get(name), old.get(name))
    return found


def _device(name: str, new: Placed | None, old: Placed | None) -> list[Pending]:
    if new and old:
        _same_device(old.element, new.element)
        return _waiting(compare(new.kind, old.element, new.element), name)
    each = new or old
    if each is None or (each.tag in DEFAULT_DEVICES and _by_default(each.element)):
        return []
    title = each.device.title
    return [Pending(field="device", device=name, saved=title if new else None, running=title if old else None)]


def _waiting(found: list[Difference], device: str | None) -> list[Pending]:
    return [Pending(field=each.field, device=device, saved=each.after, running=each.before) for each in found]


def _by_default(element: Element) -> bool:
    return (
        element.get("bus") == "ps2"
        or element.get("type") == "none"
        or element.get("model") == "itco"
        or element.tag == "audio"
    )


def _common(root: Element) -> Element:
    """A copy without what a start fills in."""
    copy = deepcopy(root)
    for element in list(copy.iter("*")):
        parent = element.getparent()
        if element.tag in GONE and parent is not None:
            parent.remove(element)
            continue
        for name in RESOLVED.get(str(element.tag), ()):
            element.attrib.pop(name, "")
    _loose_threads(copy)
    for tag, loose in _LOOSE.items():
        for element in list(copy.iter(tag)):
            loose(element)
    return copy


def _loose_threads(root: Element) -> None:
    """The running side numbers every thread, and names what QEMU has where nothing is set."""
    for thread in root.findall("iothreadids/iothread"):
        for name, usual in WORKERS.items():
            if thread.get(name) == usual:
                del thread.attrib[name]
        if len(thread.attrib) == 1:
            remove(thread)
    for ids in root.findall("iothreadids"):
        if not len(ids):
            root.remove(ids)


def _loose_tune(element: Element) -> None:
    """What was taken away while it ran stands there as what the kernel has where nothing is set."""
    for child in list(element):
        usual = {"period": ("100000",), "quota": ("-1", "0")}.get(str(child.tag).rpartition("_")[2], ())
        if child.text in usual:
            element.remove(child)


def _loose_interface(element: Element) -> None:
    source, target = element.find("source"), element.find("target")
    if source is not None and element.get("type") == "network":
        source.attrib.pop("bridge", "")
    if target is not None and NAMED_AT_START.fullmatch(target.get("dev", "")):
        element.remove(target)


def _loose_line(element: Element) -> None:
    """The ends of ptys and sockets get their names at start."""
    source, target = element.find("source"), element.find("target")
    if target is not None:
        target.attrib.pop("state", "")
    kind = element.get("type")
    if source is not None and (kind == "pty" or (element.tag == "channel" and kind in MADE_AT_START)):
        for name in ("path", "mode"):
            source.attrib.pop(name, "")
        if not len(source):
            element.remove(source)


def _loose_graphics(element: Element) -> None:
    if element.get("autoport") != "no":
        for name in ("port", "tlsPort", "websocket"):
            element.attrib.pop(name, "")
    element.attrib.pop("autoport", "")
    for listen in element.iterfind("listen"):
        listen.attrib.pop("socket", "")
        if listen.get("type") == "network":
            listen.attrib.pop("address", "")


def _loose_disk(element: Element) -> None:
    """An empty drive has no format; libvirt drops it from the running side, or leaves an empty source there."""
    driver, source = element.find("driver"), element.find("source")
    if source is not None and not len(source) and not source.attrib:
        element.remove(source)
        source = None
    if source is None and driver is not None:
        driver.attrib.pop("type", "")


def _loose_vsock(element: Element) -> None:
    cid = element.find("cid")
    if cid is not None and cid.get("auto") == "yes":
        cid.attrib.pop("address", "")


def _loose_domain(element: Element) -> None:
    """The balloon moves the current memory, a DIMM raises it: neither waits for a start."""
    for child in element.findall("currentMemory"):
        element.remove(child)


def _loose_memory(element: Element) -> None:
    """How much of a virtio-mem module the guest has taken is state; it is no child of `target` when saved."""
    target = element.find("target")
    for taken in target.findall("current") if target is not None else ():
        target.remove(taken)  # type: ignore[union-attr]  # it was found there


_LOOSE = {
    "domain": _loose_domain,
    "cputune": _loose_tune,
    "interface": _loose_interface,
    "graphics": _loose_graphics,
    "disk": _loose_disk,
    "vsock": _loose_vsock,
    "memory": _loose_memory,
    "channel": _loose_line,
    "serial": _loose_line,
    "console": _loose_line,
    "parallel": _loose_line,
}


def _same_flags(running: Element, saved: Element) -> None:
    """Keep the flags that were asked for and did not come out; the running side names many more."""
    wanted = {flag.get("name"): flag for flag in saved.findall("feature")}
    for flag in running.findall("feature"):
        asked = wanted.get(flag.get("name"))
        if asked is None or flag.get("policy") in ALIKE.get(asked.get("policy", ""), ()):
            running.remove(flag)
            if asked is not None:
                saved.remove(asked)
    left = {flag.get("name") for flag in running.findall("feature")}
    for flag in saved.findall("feature"):
        if flag.get("policy") in ("optional", "disable", "forbid") and flag.get("name") not in left:
            saved.remove(flag)  # what is not there is off


def take_flags(saved: Element, running: Element) -> None:
    """Give the saved CPU those flags back that wait, and none of the many that the running one came to."""
    kept, wanted, now = deepcopy(running), deepcopy(saved), saved.find("cpu")
    old, new = kept.find("cpu"), wanted.find("cpu")
    if old is None or new is None or now is None:
        return
    runs = {flag.get("name"): flag.get("policy", "") for flag in old.findall("feature")}
    _same_flags(old, new)
    waiting = {flag.get("name") for flag in new.findall("feature")} | {
        flag.get("name") for flag in old.findall("feature")
    }
    for flag in now.findall("feature"):
        if flag.get("name") in waiting and flag.get("name") in runs:
            flag.set("policy", runs[flag.get("name")])
        elif flag.get("name") in waiting:
            remove(flag)


def _same_pins(running: Element, saved: Element, host_cpus: int) -> None:
    """Libvirt keeps a pin that was taken away from a running machine as one on all CPUs."""
    tune, kept = running.find("cputune"), saved.find("cputune")
    for pin in list(tune) if tune is not None else []:
        same = [] if kept is None else kept.findall(str(pin.tag))
        everywhere = not host_cpus or len(members(pin.get("cpuset", ""))) >= host_cpus
        if pin.tag in PINS and everywhere and pin.get(PINS[pin.tag]) not in [each.get(PINS[pin.tag]) for each in same]:
            pin.getparent().remove(pin)  # type: ignore[union-attr]  # it was found below its parent
    if tune is not None and not len(tune):
        running.remove(tune)


def _same_group(running: Element, saved: Element) -> None:
    """Libvirt puts a machine into a control group of its own choice where none is named."""
    found = running.find("resource")
    if found is not None and saved.find("resource") is None:
        running.remove(found)


def _same_cpu(running: Element, saved: Element) -> None:
    """The running side names the features that the CPU came to, so only what was asked can be compared."""
    old, new = running.find("cpu"), saved.find("cpu")
    if new is None or old is None:
        if old is not None and new is None:
            running.remove(old)
        return
    for cpu in (old, new):
        cpu.attrib.pop("check", "")
        for child in cpu.findall("vendor"):
            cpu.remove(child)
        for model in cpu.findall("model"):
            model.attrib.clear()
    _same_flags(old, new)
    if new.get("mode") in WHOLE_CPU:
        for cpu in (old, new):
            cpu.attrib.clear()
            for model in cpu.findall("model"):
                cpu.remove(model)


def _same_firmware(running: Element, saved: Element) -> None:
    """`firmware='efi'` becomes a loader at start."""
    sides = [side.find("os") for side in (running, saved)]
    asked = any(os is not None and os.get("firmware") for os in sides)
    for os in sides:
        if os is None or not asked:
            continue
        os.attrib.pop("firmware", "")
        for child in [node for node in os if node.tag in ("loader", "nvram", "firmware")]:
            os.remove(child)


def _same_format(running: Element, saved: Element) -> None:
    driver, asked = running.find("driver"), saved.find("driver")
    if driver is not None and asked is not None:
        driver.set("type", asked.get("type", "raw"))


def _same_device(running: Element, saved: Element) -> None:
    """What a network, a display or a shared folder was resolved to is not waiting."""
    if saved.tag == "interface" and saved.get("type") == "network":
        for name in ("virtualport", "vlan", "bandwidth"):
            found = running.find(name)
            if found is not None and saved.find(name) is None:
                running.remove(found)
    if saved.tag == "graphics" and not saved.get("listen"):
        running.attrib.pop("listen", "")  # the address of qemu.conf
        for listen, asked in zip(running.findall("listen"), saved.findall("listen"), strict=False):
            if not asked.get("address"):
                listen.attrib.pop("address", "")
    program = running.find("binary")
    if program is not None and saved.find("binary[@path]") is None:  # the virtiofsd of the host
        program.attrib.pop("path", "")
        if not program.attrib and not len(program):
            running.remove(program)
    source, now = saved.find("source"), running.find("source")
    if source is not None and now is not None and "tls" not in source.attrib:
        now.attrib.pop("tls", "")  # what qemu.conf says of lines over TCP
    if saved.find("transient") is not None and now is not None and source is not None:
        now.set("file", source.get("file", ""))  # a file that libvirt made for what is written
        _same_format(running, saved)
    optional = source is not None and saved.tag == "disk" and source.get("startupPolicy") == "optional"
    if source is not None and optional and now is None:
        saved.remove(source)  # a missing medium was left out at start
