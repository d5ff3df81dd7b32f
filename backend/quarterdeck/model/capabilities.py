"""What a host can offer a machine: libvirt's capabilities and domain capabilities as values."""

from __future__ import annotations

from typing import Literal

from quarterdeck.model.xml import Element, parse

from .strict import Value
from .units import to_unit


class Machine(Value):
    """A machine type. `canonical` is the versioned name behind an alias such as `q35`."""

    name: str
    canonical: str | None = None
    max_vcpus: int | None = None
    deprecated: bool = False


class Guest(Value):
    """What one emulator runs: an architecture with its machine types and domain types (`kvm`, `qemu`)."""

    arch: str
    os_type: str
    emulator: str | None = None
    types: list[str] = []
    machines: list[Machine] = []


class HostCpu(Value):
    """One logical CPU; `core` names its place in `socket`, which its siblings share."""

    id: int
    socket: int | None = None
    die: int | None = None
    core: int | None = None
    siblings: str = ""


class HostNode(Value):
    """A NUMA node: CPUs with the memory that is near to them; `pages` counts them by size in KiB."""

    id: int
    memory_mib: int = 0
    cpus: list[HostCpu] = []
    pages: dict[int, int] = {}


class CacheControl(Value):
    """A cache of the host whose parts can be given to vCPUs, in steps, for code and data apart or for both."""

    id: int
    level: int
    kinds: list[str] = []
    step_kib: int = 1


class HostCapabilities(Value):
    """The host behind a connection and the kinds of machines that it runs."""

    uuid: str | None = None
    arch: str = "x86_64"
    cpu_model: str | None = None
    cpu_vendor: str | None = None
    sockets: int = 1
    dies: int = 1
    cores: int = 1
    threads: int = 1
    nodes: list[HostNode] = []
    page_sizes_kib: list[int] = []
    security_models: list[str] = []
    cache_controls: list[CacheControl] = []
    bandwidth_nodes: list[int] = []
    guests: list[Guest] = []

    def guest(self, arch: str) -> Guest | None:
        """What runs full machines of this architecture."""
        return next((guest for guest in self.guests if guest.arch == arch and guest.os_type == "hvm"), None)


class CpuModel(Value):
    """A named CPU model; `usable` is None where libvirt cannot tell; `missing` are the flags that it lacks."""

    name: str
    usable: bool | None = None
    missing: list[str] = []
    vendor: str | None = None
    deprecated: bool = False


class DomainCapabilities(Value):
    """What machines of one architecture, machine type and domain type can have on this host.

    `lists` are all lists of choices by device and name (`disk.bus`).
    `assumed` is true where the host tells nothing (libvirt's test driver): the values are then those of any QEMU.
    """

    arch: str = "x86_64"
    machine: str = ""
    type: str = "qemu"
    emulator: str | None = None
    max_vcpus: int | None = None
    firmwares: list[Literal["bios", "uefi"]] = ["bios"]
    secure_boot: bool = False
    cpu_modes: list[str] = []
    cpu_migratable: bool = False
    cpu_host_model: str | None = None
    cpu_models: list[CpuModel] = []
    cpu_flags: list[str] = []
    disk_devices: list[str] = ["disk", "cdrom", "floppy", "lun"]
    disk_buses: list[str] = ["virtio", "scsi", "sata", "ide", "usb", "fdc"]
    graphics: list[str] = ["vnc"]
    videos: list[str] = ["vga", "virtio"]
    tpm_models: list[str] = []
    tpm_backends: list[str] = []
    rng_backends: list[str] = ["random"]
    filesystem_drivers: list[str] = []
    hostdev_types: list[str] = []
    channel_types: list[str] = ["pty", "unix"]
    memory_sources: list[str] = []
    hyperv_features: list[str] = []
    features: list[str] = []
    lists: dict[str, list[str]] = {}
    assumed: bool = False


def read_capabilities(xml: str) -> HostCapabilities:
    """The host's capabilities (`virsh capabilities`)."""
    root = parse(xml)
    topology = root.find("host/cpu/topology")
    counts: dict[str, str] = {} if topology is None else {str(k): str(v) for k, v in topology.attrib.items()}
    return HostCapabilities(
        uuid=root.findtext("host/uuid"),
        arch=root.findtext("host/cpu/arch") or "x86_64",
        cpu_model=root.findtext("host/cpu/model"),
        cpu_vendor=root.findtext("host/cpu/vendor"),
        **{name: int(counts.get(name, "1")) for name in ("sockets", "dies", "cores", "threads")},
        nodes=[_node(cell) for cell in root.iterfind("host/topology/cells/cell")],
        page_sizes_kib=[int(page.get("size", "0")) for page in root.iterfind("host/cpu/pages")],
        security_models=[model.text or "" for model in root.iterfind("host/secmodel/model")],
        cache_controls=[_cache(bank) for bank in root.iterfind("host/cache/bank[control]")],
        bandwidth_nodes=[int(node.get("id", "0")) for node in root.iterfind("host/memory_bandwidth/node[control]")],
        guests=[_guest(guest) for guest in root.iterfind("guest")],
    )


def _node(cell: Element) -> HostNode:
    return HostNode(
        id=int(cell.get("id", "0")),
        memory_mib=int(cell.findtext("memory") or 0) // 1024,
        pages={int(page.get("size", "0")): int(page.text or 0) for page in cell.iterfind("pages")},
        cpus=[
            HostCpu(
                id=int(cpu.get("id", "0")),
                siblings=cpu.get("siblings", ""),
                **{name: _number(cpu.get(f"{name}_id")) for name in ("socket", "die", "core")},
            )
            for cpu in cell.iterfind("cpus/cpu")
        ],
    )


def _cache(bank: Element) -> CacheControl:
    controls = bank.findall("control")
    steps = [to_unit(int(each.get("granularity", "1")), each.get("unit", "KiB"), "KiB") for each in controls]
    return CacheControl(
        id=int(bank.get("id", "0")),
        level=int(bank.get("level", "3")),
        kinds=[each.get("type", "both") for each in controls],
        step_kib=max(steps[0], 1),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _guest(element: Element) -> Guest:
    arch = element.find("arch")
    if arch is None:
        return Guest(arch="", os_type=element.findtext("os_type", ""))
    return Guest(
        arch=arch.get("name", ""),
        os_type=element.findtext("os_type", ""),
        emulator=arch.findtext("emulator"),
        types=[domain.get("type", "") for domain in arch.iterfind("domain")],
        machines=[
            Machine(
                name=machine.text or "",
                canonical=machine.get("canonical"),
                max_vcpus=int(machine.get("maxCpus", "0")) or None,
                deprecated=machine.get("deprecated") == "yes",
            )
            for machine in arch.iterfind("machine")
        ],
    )


def read_domain_capabilities(xml: str) -> DomainCapabilities:
    """What machines can have (`virsh domcapabilities`)."""
    root = parse(xml)
    vcpu = root.find("vcpu")
    devices = root.find("devices")
    tree = devices if devices is not None else root
    modes = [mode for mode in root.iterfind("cpu/mode") if mode.get("supported") == "yes"]
    return DomainCapabilities(
        arch=root.findtext("arch", "x86_64"),
        machine=root.findtext("machine", ""),
        type=root.findtext("domain", "qemu"),
        emulator=root.findtext("path"),
        max_vcpus=int(vcpu.get("max", "0")) or None if vcpu is not None else None,
        firmwares=["bios", "uefi"] if "efi" in _values(root, "os", "firmware") else ["bios"],
        secure_boot="yes" in _values(root, "os/loader", "secure"),
        cpu_modes=[mode.get("name", "") for mode in modes],
        cpu_migratable=any(mode.find("enum[@name='hostPassthroughMigratable']") is not None for mode in modes),
        cpu_host_model=root.findtext("cpu/mode[@name='host-model']/model"),
        cpu_flags=_flags(root),
        cpu_models=[_cpu_model(model, root) for model in root.iterfind("cpu/mode[@name='custom']/model")],
        disk_devices=_values(tree, "disk", "diskDevice"),
        disk_buses=_values(tree, "disk", "bus"),
        graphics=_values(tree, "graphics", "type"),
        videos=_values(tree, "video", "modelType"),
        tpm_models=_values(tree, "tpm", "model"),
        tpm_backends=_values(tree, "tpm", "backendModel"),
        rng_backends=_values(tree, "rng", "backendModel"),
        filesystem_drivers=_values(tree, "filesystem", "driverType"),
        hostdev_types=_values(tree, "hostdev", "subsysType"),
        channel_types=_values(tree, "channel", "type"),
        memory_sources=_values(root, "memoryBacking", "sourceType"),
        hyperv_features=_values(root, "features/hyperv", "features"),
        lists=_lists(root),
        features=[str(feature.tag) for feature in root.iterfind("features/*[@supported='yes']")],
    )


def _lists(root: Element) -> dict[str, list[str]]:
    """All enums by device and name, such as `disk.bus`; those of a device that is not supported are empty."""
    found = {}
    for device in root.iterfind("devices/*"):
        for enum in device.iterfind("enum"):
            found[f"{device.tag}.{enum.get('name')}"] = _values(root, f"devices/{device.tag}", enum.get("name", ""))
        if device.get("supported") == "no":
            found |= {f"{device.tag}.{name}": [] for name in UNSUPPORTED.get(str(device.tag), ())}
    return found | _setting_lists(root)


def _setting_lists(root: Element) -> dict[str, list[str]]:
    """Those of settings; what an old libvirt does not tell of limits nothing."""
    modes = [mode.get("name", "") for mode in root.iterfind("cpu/mode[@supported='yes']")]
    security = _values(root, "features/launchSecurity", "sectype")  # since libvirt 10.5
    security += [name for name in ("sev", "s390-pv") if root.find(f"features/{name}[@supported='yes']") is not None]
    found = {"cpu.mode": modes, "launch_security.type": list(dict.fromkeys(security))}
    if root.findtext("arch") != "s390x":
        found["key_wrap"] = []
    if root.find("memoryBacking") is not None:
        found["memory_backing.source"] = _values(root, "memoryBacking", "sourceType")
    return found


UNSUPPORTED = {
    "graphics": ("type",),
    "video": ("modelType",),
    "tpm": ("backendModel",),
    "rng": ("backendModel",),
    "filesystem": ("driverType",),
    "redirdev": ("bus",),
    "channel": ("type",),
    "panic": ("model",),
    "hostdev": ("subsysType",),
}
"""Lists that libvirt leaves out where it has no such device."""


def _values(root: Element, path: str, name: str) -> list[str]:
    """The values of one enum; none where the device is not supported."""
    found = root.find(path)
    if found is None or found.get("supported") == "no":
        return []
    return [value.text or "" for value in found.iterfind(f"enum[@name='{name}']/value")]


def _cpu_model(element: Element, root: Element) -> CpuModel:
    usable = {"yes": True, "no": False}.get(element.get("usable", ""))
    vendor = element.get("vendor")
    return CpuModel(
        name=element.text or "",
        usable=usable,
        missing=_missing(element.text or "", root),
        vendor=None if vendor == "unknown" else vendor,
        deprecated=element.get("deprecated") == "yes",
    )


def _flags(root: Element) -> list[str]:
    """Flags that libvirt names: those that this host's model has beside its name, and those that other models lack."""
    found = {each.get("name", "") for mode in root.iterfind("cpu/mode") for each in mode.iter("feature")}
    return sorted(found - {""})


def _missing(model: str, root: Element) -> list[str]:
    """Flags that keep a model from running here; libvirt names them since 9.10."""
    found = (each for each in root.iterfind("cpu/mode[@name='custom']/blockers") if each.get("model") == model)
    return [flag.get("name", "") for blockers in found for flag in blockers.iterfind("feature")]
