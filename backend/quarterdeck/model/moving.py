"""What a definition means for a move to another host. Pure."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from .definition import describe
from .devices import Device, devices, placed
from .devices.disk import Disk
from .devices.hostdev import Filesystem, HostDev
from .devices.interface import Interface
from .devices.lines import Line
from .devices.memory import Shmem
from .devices.screens import Input
from .devices.sensors import Tpm
from .migration import NetworkWish
from .secrecy import keep_secrets
from .secret import NeededSecret, needed_secrets
from .xml import Element, dump, parse


@dataclass(frozen=True)
class MovedDisk:
    """A disk as a move sees it. `path` is None for network disks and empty drives."""

    target: str
    device: str
    path: str | None
    format: str
    network: bool
    readonly: bool
    shareable: bool
    cache: str | None
    block: bool = False
    encrypted: bool = False

    @property
    def folder(self) -> str:
        """The folder of its image."""
        return posixpath.dirname(self.path or "")

    @property
    def name(self) -> str:
        """The name of its image in that folder."""
        return posixpath.basename(self.path or "")

    @property
    def is_data(self) -> bool:
        """Whether its content belongs to the machine: no CD, and not read-only."""
        return self.device in ("disk", "lun") and not self.readonly and self.path is not None


@dataclass(frozen=True)
class Tie:
    """A device that ties a running machine to its host; `kind` tells how."""

    id: str
    title: str
    kind: str
    hot: bool


@dataclass(frozen=True)
class MovedMachine:
    """What of a definition must fit the destination."""

    name: str
    uuid: str
    type: str
    arch: str
    machine: str
    emulator: str | None
    memory_mib: int
    cpu_mode: str | None
    cpu_xml: str | None
    disks: tuple[MovedDisk, ...]
    networks: tuple[str, ...]
    bridges: tuple[str, ...]
    host_devices: tuple[tuple[str, str], ...]
    """Id and title of each device of the host."""
    ties: tuple[Tie, ...]
    cards: tuple[str, ...]
    """Interfaces of the host on which its own ones sit (macvtap)."""
    files: tuple[str, ...]
    loader: str | None = None
    nvram: bool = False
    tpm: bool = False
    secrets: tuple[NeededSecret, ...] = ()


def moved_machine(xml: str) -> MovedMachine:
    """What matters for a move, from the definition of the side that moves: running, or saved where it is off."""
    root = parse(xml)
    found = describe(root)
    kinds = devices(root)
    cpu = root.find("cpu")
    interfaces = [each.source for each in kinds if isinstance(each, Interface)]
    return MovedMachine(
        name=found.name,
        uuid=found.uuid or "",
        type=found.type or "",
        arch=found.arch or "",
        machine=found.machine or "",
        emulator=found.emulator,
        memory_mib=found.memory_max_mib,
        cpu_mode=found.cpu.mode if found.cpu else None,
        cpu_xml=dump(cpu) if cpu is not None else None,
        disks=tuple(_disk(each) for each in kinds if isinstance(each, Disk)),
        networks=tuple(dict.fromkeys(source.network for source in interfaces if source.network)),
        bridges=tuple(dict.fromkeys(s.bridge for s in interfaces if s.type == "bridge" and s.bridge and not s.network)),
        host_devices=tuple((each.id, each.device.title) for each in placed(root) if isinstance(each.device, HostDev)),
        ties=tuple(
            Tie(each.id, each.device.title, kind, each.device.hot)
            for each in placed(root)
            if (kind := _tie(each.device))
        ),
        cards=tuple(dict.fromkeys(s.dev for s in interfaces if s.type == "direct" and s.dev and not s.network)),
        files=tuple(text for text in (root.findtext(f"os/{part}") for part in ("kernel", "initrd", "dtb")) if text),
        loader=root.findtext("os/loader"),
        nvram=root.find("os/nvram") is not None,
        tpm=root.find("devices/tpm/backend[@type='emulator']") is not None,
        secrets=needed_secrets(root),
    )


def _tie(device: Device) -> str | None:
    """What of libvirt's qemuMigrationSrcIsAllowed a device is, or what QEMU opens on the destination as well."""
    kind = None
    match device:
        case Filesystem():
            kind = "virtiofs" if device.driver == "virtiofs" else "9p"
        case Shmem() if device.role != "master":
            kind = "shmem"
        case Tpm(backend="passthrough"):
            kind = "tpm"
        case Interface() if device.source.type == "vdpa":
            kind = "vdpa"
        case Disk(transient=True):
            kind = "transient"
        case Line(kind="dev" | "pipe") | Input(kind="evdev" | "passthrough"):
            kind = "line"
    return kind


def _disk(disk: Disk) -> MovedDisk:
    return MovedDisk(
        target=disk.target,
        device=disk.device,
        path=disk.path,
        format=disk.format or "raw",
        network=disk.source.type == "network",
        readonly=disk.readonly or disk.device in ("cdrom", "floppy"),
        shareable=disk.shareable,
        cache=disk.cache,
        block=disk.source.type == "block",
        encrypted=disk.encryption is not None,
    )


def destined(
    xml: str,
    *,
    paths: Mapping[str, str],
    rename: str | None = None,
    networks: Mapping[str, NetworkWish] | None = None,
) -> str:
    """The definition as the destination is to have it.

    `paths` maps a disk's target to its new path, `networks` a network or bridge of this host to one there.
    """
    root = parse(xml)
    if rename:
        name = root.find("name")
        if name is not None:
            name.text = rename
    for disk in root.iterfind("devices/disk"):
        target, source = disk.find("target"), disk.find("source")
        if target is not None and source is not None and target.get("dev") in paths:
            _relocate(source, paths[target.get("dev", "")])
    for interface in root.iterfind("devices/interface"):
        source = interface.find("source")
        here = source.get("network") or source.get("bridge") if source is not None else None
        wish = (networks or {}).get(here or "")
        if source is not None and wish is not None:
            _replug(interface, source, wish)
    return dump(root)


def _replug(interface: Element, source: Element, wish: NetworkWish) -> None:
    interface.set("type", "network" if wish.network else "bridge")
    for attribute in list(source.attrib):  # also portgroup and portid, which belong to the old network
        del source.attrib[attribute]
    source.set(interface.get("type", ""), wish.network or wish.bridge or "")


def _relocate(source: Element, path: str) -> None:
    for attribute in ("file", "dev"):
        if attribute in source.attrib:
            source.set(attribute, path)


def for_other_host(xml: str) -> str:
    """A network's or pool's definition without what is one host's alone."""
    root = parse(xml)
    for tag in ("uuid", "mac", "capacity", "allocation", "available"):
        for element in root.findall(tag):
            root.remove(element)
    return dump(root)


def link_speed(devices: Iterable[str]) -> int | None:
    """Bytes per second of the quickest network card that is connected; None where none tells (libvirt: Mbit/s)."""
    links = [parse(xml).find("capability[@type='net']/link") for xml in devices]
    speeds = [int(link.get("speed") or 0) for link in links if link is not None and link.get("state") == "up"]
    return max(speeds, default=0) * 1_000_000 // 8 or None


def host_model_cpu(domain_capabilities: str) -> str | None:
    """The best CPU that machines of a host can have, in the form that libvirt compares."""
    mode = parse(domain_capabilities).find("cpu/mode[@name='host-model']")
    if mode is None or mode.get("supported") != "yes":
        return None
    mode.tag = "cpu"
    mode.attrib.clear()
    return dump(mode)


def put_cpu(root: Element, cpu_xml: str) -> None:
    """Replace a definition's CPU; its topology and NUMA cells stay."""
    new, old = parse(cpu_xml), root.find("cpu")
    new.set("mode", "custom")
    new.set("match", "exact")
    if old is None:
        root.append(new)
        return
    for tag in ("topology", "numa"):
        kept = old.find(tag)
        if kept is not None:
            new.append(kept)
    new.tail = old.tail
    root.replace(old, new)


def with_secrets(xml: str, stored: str) -> str:
    """A changed definition with the stored secrets where it still has their masks; Problem `invalid-xml`."""
    root = parse(xml)
    keep_secrets(root, parse(stored))
    return dump(root)


def graphics_type(xml: str) -> str | None:
    """The kind of its first screen, such as `vnc`."""
    found = parse(xml).find("devices/graphics")
    return found.get("type") if found is not None else None


def pool_identity(xml: str) -> tuple[str, ...] | None:
    """What tells whether pools of two hosts are the same shared storage; None for storage of one host alone."""
    root = parse(xml)
    kind = root.get("type", "")
    if kind not in SHARED_POOLS:
        return None
    hosts = sorted(host.get("name", "") for host in root.iterfind("source/host"))
    folder, form = root.find("source/dir"), root.find("source/format")
    return (
        kind,
        *hosts,
        root.findtext("source/name") or "",
        folder.get("path", "").strip("/") if folder is not None else "",
        form.get("type", "") if form is not None else "",
    )


@dataclass(frozen=True)
class PoolPlace:
    """A running pool with the folder it stands on. `identity` is None for storage of one host alone."""

    name: str
    path: str
    identity: tuple[str, ...] | None
    available: int


def pool_place(xml: str) -> PoolPlace:
    """What of a running pool's definition tells where its volumes lie, and how many bytes it has left."""
    root = parse(xml)
    path = (root.findtext("target/path") or "").rstrip("/")
    return PoolPlace(root.findtext("name") or "", path, pool_identity(xml), int(root.findtext("available") or 0))


SHARED_POOLS = ("netfs", "gluster", "rbd", "iscsi", "iscsi-direct", "scsi", "mpath")


def lent_pool(folder: str) -> tuple[str, str]:
    """Name and XML of a pool that lends a folder to copies of disks while they arrive."""
    name = f"quarterdeck-{hashlib.sha256(folder.encode()).hexdigest()[:8]}"
    root = etree.Element("pool", type="dir")
    etree.SubElement(root, "name").text = name
    etree.SubElement(etree.SubElement(root, "target"), "path").text = folder
    return name, dump(root)


def is_lent(pool: str, folder: str | None) -> bool:
    """Whether a pool of this name only lends its folder for a time: what is in it belongs to others."""
    return folder is not None and pool == lent_pool(folder)[0]
