"""The virt-install call that makes the same machine."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from urllib.parse import unquote

from quarterdeck.model.build import device_element
from quarterdeck.model.create import (
    CreateFacts,
    DiskCreate,
    DomainCreate,
    InstallCloudImage,
    InstallTree,
    SourceFacts,
    TreeFacts,
)
from quarterdeck.model.defaults import Defaults
from quarterdeck.model.xml import dump

PLAIN = {"pxe": ["--pxe"], "import": ["--import"], "none": ["--install", "no_install=yes"]}
PLAIN["cloud_image"] = ["--import", "--cloud-init", "user-data=user-data,meta-data=meta-data"]
FIRST_BOOTS = ("iso", "pxe", "tree")
"""The methods whose first boot differs from those that follow."""
OFF = {
    "rng": ["--rng", "none"],
    "memballoon": ["--memballoon", "none"],
    "tablet": ["--xml", "xpath.delete=./devices/input"],
    "agent": ["--channel", "none"],
    "serial": ["--console", "none"],
    "usb": ["--controller", "usb,model=none"],
    "video": ["--video", "none"],
}


def virt_install(request: DomainCreate, facts: CreateFacts, uri: str) -> str:
    """A command for a shell, as virt-install 4.1 understands it."""
    words = ["virt-install", "--connect", uri, *_options(request, facts)]
    line = shlex.join(words)
    if request.start:
        return line
    return f"{line} --print-xml {2 if request.install.method in FIRST_BOOTS else 1} | virsh define /dev/stdin"


def start_command(request: DomainCreate, facts: CreateFacts, uri: str) -> str:
    """What starts a machine that was only defined, from its medium where it has one."""
    if request.install.method not in FIRST_BOOTS:
        return shlex.join(["virsh", "start", request.name])
    words = ["virt-install", "--connect", uri, "--reinstall", request.name, "--osinfo", facts.guest.tool_id]
    return shlex.join([*words, *_method(request, facts), "--noautoconsole"])


def attach_commands(request: DomainCreate) -> list[str]:
    """What adds the further devices afterwards."""
    texts = [dump(device_element(device)) for device in request.devices if device.tag]
    name = shlex.quote(request.name)
    return [f"echo {shlex.quote(text)} | virsh attach-device {name} /dev/stdin --config" for text in texts]


def _options(request: DomainCreate, facts: CreateFacts) -> Iterator[str]:
    defaults = Defaults(request, facts)
    yield from ("--name", request.name, "--osinfo", facts.guest.tool_id)
    yield from ("--virt-type", facts.type, "--machine", defaults.machine)
    memory = f"{defaults.memory_mib},maxmemory={request.memory_max_mib}" if request.memory_max_mib else None
    yield from ("--memory", memory or str(defaults.memory_mib))
    yield from ("--vcpus", _vcpus(request, defaults))
    mode = defaults.cpu_mode()
    if mode:
        yield from ("--cpu", request.cpu.model or f"mode={mode}")
    if defaults.firmware == "uefi":
        yield from ("--boot", _uefi(defaults.secure_boot))
    yield from ("--tpm", "emulator,model=tpm-crb,version=2.0" if defaults.tpm else "none")
    for disk, source in zip(request.disks, facts.disks, strict=True):
        yield from ("--disk", _disk(disk, source, defaults))
    for nic, mac in zip(request.nics or [], facts.macs, strict=True):
        place = f"bridge={nic.bridge}" if nic.bridge else f"network={nic.network}"
        yield from ("--network", f"{place},model={nic.model or defaults.nic_model()},mac={nic.mac or mac}")
    if not request.disks:
        yield from ("--disk", "none")
    if not request.nics:
        yield from ("--network", "none")
    yield from ("--graphics", _graphics(request, facts))
    if request.graphics != "none" and "video" not in request.without:
        yield from ("--video", defaults.video_model())
    yield from ("--sound", "none")
    yield from _method(request, facts)
    yield from _rest(request)


def _method(request: DomainCreate, facts: CreateFacts) -> Iterator[str]:
    install = request.install
    if install.method == "iso" and facts.medium:
        yield from _medium(facts.medium, facts.tree)
    elif isinstance(install, InstallTree):
        yield from ("--location", unquote(install.url.removeprefix("file://")))
        args = facts.tree.args if facts.tree else install.kernel_args
        if args:
            yield from ("--extra-args", args)
        if facts.tree and facts.tree.injected:
            yield from ("--initrd-inject", facts.tree.injected)
    else:
        yield from PLAIN.get(install.method, [])
    for disc in (facts.drivers, facts.seed):
        if disc and not isinstance(install, InstallCloudImage):
            yield from ("--disk", f"device=cdrom,path={_quoted(disc.path)}")
    if request.install.method in FIRST_BOOTS and not request.boot_from_disk_after:
        yield "--noreboot"


def _medium(medium: SourceFacts, boot: TreeFacts | None) -> Iterator[str]:
    if boot is None or boot.within is None:
        yield from ("--cdrom", medium.path)
        return
    yield from ("--location", f"{_quoted(medium.path)},kernel={boot.within[0]},initrd={boot.within[1]}")
    yield from ("--extra-args", boot.args)
    if boot.injected:
        yield from ("--initrd-inject", boot.injected)


def _rest(request: DomainCreate) -> Iterator[str]:
    for word in request.without:
        yield from OFF.get(word, [])
    told = {"title": request.title, "description": request.description}
    if any(told.values()):
        yield from ("--metadata", ",".join(f"{name}={_quoted(text)}" for name, text in told.items() if text))
    if request.autostart:
        yield "--autostart"
    yield "--noautoconsole"


def _vcpus(request: DomainCreate, defaults: Defaults) -> str:
    topology = request.cpu.topology
    most = request.vcpus_max or (topology.vcpus if topology else None)
    text = str(defaults.vcpus) + (f",maxvcpus={most}" if most and most != defaults.vcpus else "")
    if topology:
        text += "".join(f",{name}={count}" for name, count in topology.model_dump().items())
    return text


def _uefi(secure: bool | None) -> str:
    if secure is None:
        return "uefi"
    word = "yes" if secure else "no"
    features = ("secure-boot", "enrolled-keys")
    parts = [f"firmware.feature{n}.name={name},firmware.feature{n}.enabled={word}" for n, name in enumerate(features)]
    return ",".join(["firmware=efi", *parts])


def _graphics(request: DomainCreate, facts: CreateFacts) -> str:
    if request.graphics == "none":
        return "none"
    return f"{request.graphics},listen={'socket' if facts.local else '127.0.0.1'}"


def _quoted(text: str) -> str:
    return text.replace(",", ",,")


def _disk(disk: DiskCreate, source: SourceFacts | None, defaults: Defaults) -> str:
    parts = [f"device={disk.device}", f"bus={disk.bus or defaults.disk_bus(disk.device)}"]
    if source is not None:
        parts.append(f"path={_quoted(source.path)}")
        parts.append(f"format={source.format}")
    if source is not None and source.secret:  # its volume is made before
        places = {"@format": "luks", "secret/@type": "passphrase", "secret/@uuid": source.secret}
        for number, (place, value) in enumerate(places.items()):
            parts.append(f"xpath{number}.set=./source/encryption/{place},xpath{number}.value={value}")
    elif disk.is_new:
        parts.append(f"size={disk.size_gib:g}")
    parts += [
        f"{name}={value}" for name in ("cache", "io", "discard", "detect_zeroes") if (value := getattr(disk, name))
    ]
    parts += [f"{name}=on" for name in ("readonly", "shareable") if getattr(disk, name)]
    if disk.serial:
        parts.append(f"serial={_quoted(disk.serial)}")
    return ",".join(parts)
