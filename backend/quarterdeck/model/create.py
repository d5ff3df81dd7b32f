"""What is asked for a new machine, the facts that its definition depends on, and what comes out of both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from quarterdeck.model.capabilities import DomainCapabilities
from quarterdeck.model.cloud_init import CloudInit
from quarterdeck.model.devices import AnyDevice
from quarterdeck.model.patterns import INTERFACE, LONG_PATH, LOWER_CASE, MAC, ONE_LINE, WORD
from quarterdeck.model.secret import Passphrase
from quarterdeck.model.strict import Strict as Strict  # noqa: PLC0414 - the base of all requests
from quarterdeck.model.unattended import Unattended
from quarterdeck.model.xml import XmlText

DiskBus = Literal["virtio", "scsi", "sata", "ide", "usb"]

LONGEST_BYTES = 230
"""A name of a file has at most 255 (limits.h, NAME_MAX), and markers of uploads stand before it."""


def _domain_name(name: str) -> str:
    if not name.strip():
        raise ValueError("Give the machine a name.")
    if "/" in name:
        raise ValueError("A name cannot hold a slash.")
    if name != name.strip() or name[0] in "-." or re.search(r"[\x00-\x1f\x7f]", name):
        raise ValueError("A name cannot start with a dash, a dot or a space, nor hold control characters.")
    return name


def _no_climbing(path: str) -> str:
    if ".." in path.split("/"):
        raise ValueError("A path cannot climb with “..”.")
    return path.rstrip("/") or "/"


def _file_name(name: str) -> str:
    if not name or name[0] in "-." or re.search(r"[/\x00-\x1f\x7f]", name):
        raise ValueError(
            "It must be a name without slashes and control characters, and cannot begin with a dash or a dot."
        )
    if len(name.encode()) > LONGEST_BYTES:
        raise ValueError(f"It is too long: it may take {LONGEST_BYTES} bytes, and most letters beyond a to z take two.")
    return name


def _unicast(mac: str) -> str:
    if int(mac[:2], 16) & 1:
        raise ValueError("This is a group address: the second digit of a card's MAC address is even.")
    return mac.lower()


DomainName = Annotated[XmlText, Field(max_length=128), AfterValidator(_domain_name)]
VolumeName = Annotated[XmlText, Field(max_length=200), AfterValidator(_file_name)]
"""Name of a volume that is safe as a file name and on a command line."""
MacAddress = Annotated[str, Field(pattern=MAC), AfterValidator(_unicast)]
AbsolutePath = Annotated[XmlText, Field(pattern=LONG_PATH, max_length=4096)]
Folder = Annotated[AbsolutePath, AfterValidator(_no_climbing)]
NUMBER = "{n}"
"""What stands for the number of a machine in the name of several."""
MOST_AT_ONCE = 50


def numbered_names(name: str, count: int) -> list[str]:
    """The names of so many machines: with their number for {n}, or else behind where there are several."""
    pattern = name if count == 1 or NUMBER in name else f"{name}-{NUMBER}"
    return [pattern.replace(NUMBER, str(number)) for number in range(1, count + 1)]


PREPARED = "Answers for the first start of a Windows that sysprep has generalized, gone when it is first turned off"


class InstallIso(Strict):
    """Boot installation media: a volume of a pool, or a path on the host."""

    method: Literal["iso"]
    pool: XmlText | None = None
    volume: XmlText | None = None
    path: AbsolutePath | None = None
    kernel_args: XmlText = Field("", max_length=2000, pattern=ONE_LINE, description="For the kernel of a Linux medium")
    unattended: Unattended | None = Field(None, description="Answers for the installer, gone when it has ended")


class InstallTree(Strict):
    """Boot kernel and initrd of a tree on a server or the host; until it is installed they lie in `pool`."""

    method: Literal["tree"]
    url: XmlText = Field(max_length=4096, description="http, https, ftp; or file:// and a folder of the host")
    kernel_args: XmlText = Field("", max_length=2000, pattern=ONE_LINE)
    pool: XmlText | None = Field(None, description="One of files; that of the first disk, or else another")
    unattended: Unattended | None = Field(None, description="Answers for the installer, gone when it has ended")


class InstallCloudImage(Strict):
    """Put the first disk on a cloud image, a volume, and set the guest up at its first start.

    linked: the disk holds only what differs from the image, which stays as it is; full: all of it is copied.
    """

    method: Literal["cloud_image"]
    pool: XmlText
    volume: XmlText
    copy_mode: Literal["linked", "full"] = "linked"
    cloud_init: CloudInit = CloudInit()
    unattended: Unattended | None = Field(None, description=PREPARED)


class InstallImport(Strict):
    """Boot an existing disk."""

    method: Literal["import"]
    unattended: Unattended | None = Field(None, description=PREPARED)


class InstallPlain(Strict):
    """`pxe`: boot from the network; `none`: just make the machine."""

    method: Literal["pxe", "none"]


Install = Annotated[
    InstallIso | InstallTree | InstallCloudImage | InstallImport | InstallPlain, Field(discriminator="method")
]


class DiskCreate(Strict):
    """A disk: an existing volume (`pool` and `volume`, or `path`), or a new one of `size_gib`.

    A new volume gets the name in `volume`, else one made from the machine's name. With a `passphrase` its content is
    encrypted (LUKS), which a job does.
    """

    pool: XmlText | None = None
    volume: VolumeName | None = None
    path: AbsolutePath | None = None
    size_gib: float | None = Field(None, gt=0, le=1 << 20)
    format: Literal["qcow2", "raw"] | None = None
    device: Literal["disk", "cdrom", "floppy"] = "disk"
    bus: DiskBus | Literal["fdc"] | None = None
    cache: Literal["none", "writethrough", "writeback", "directsync", "unsafe"] | None = None
    io: Literal["native", "threads", "io_uring"] | None = None
    discard: Literal["ignore", "unmap"] | None = None
    detect_zeroes: Literal["off", "on", "unmap"] | None = None
    readonly: bool = False
    shareable: bool = False
    serial: XmlText | None = Field(None, max_length=36)
    passphrase: Passphrase | None = None

    @property
    def is_new(self) -> bool:
        """Whether a volume must be made for it."""
        return self.size_gib is not None


class NicCreate(Strict):
    """A network card on a libvirt network, or on a bridge of the host."""

    network: XmlText | None = None
    bridge: XmlText | None = Field(None, pattern=INTERFACE)
    model: str | None = Field(None, pattern=WORD)
    mac: MacAddress | None = None


class TopologyCreate(Strict):
    """Arrangement of the vCPUs; the product is their maximum number."""

    sockets: int = Field(1, ge=1)
    dies: int = Field(1, ge=1)
    cores: int = Field(1, ge=1)
    threads: int = Field(1, ge=1)

    @property
    def vcpus(self) -> int:
        """How many vCPUs it has room for."""
        return self.sockets * self.dies * self.cores * self.threads


class CpuCreate(Strict):
    """The CPU that the guest sees; nothing given means the best that this host can."""

    mode: Literal["host-passthrough", "host-model", "maximum", "custom"] | None = None
    model: str | None = Field(None, pattern=WORD)
    topology: TopologyCreate | None = None


Optional = Literal["tablet", "serial", "agent", "rng", "memballoon", "usb", "tpm", "video"]


class DomainCreate(Strict):
    """A new machine. Everything but its name and how it is installed has a default that fits its system."""

    name: DomainName
    title: XmlText | None = None
    description: XmlText | None = None
    os: XmlText | None = Field(None, description="Id in the OS database; found from the medium if left out")
    install: Install
    memory_mib: int | None = Field(None, ge=1, le=64 << 20)
    memory_max_mib: int | None = Field(None, ge=1, le=64 << 20)
    vcpus: int | None = Field(None, ge=1, le=4096)
    vcpus_max: int | None = Field(None, ge=1, le=4096)
    cpu: CpuCreate = CpuCreate()
    type: Literal["kvm", "qemu"] | None = None
    arch: Literal["x86_64"] = "x86_64"
    machine: str | None = Field(None, pattern=WORD)
    firmware: Literal["bios", "uefi"] | None = None
    secure_boot: bool | None = None
    tpm: bool | None = None
    disks: list[DiskCreate] = Field([])
    nics: list[NicCreate] | None = Field(None, description="One on the network `default` if left out")
    graphics: Literal["vnc", "spice", "none"] = "vnc"
    video: str | None = Field(None, pattern=LOWER_CASE)
    devices: list[AnyDevice] = Field([], description="Further devices, as POST .../devices takes them")
    without: list[Optional] = Field([])
    autostart: bool = False
    start: bool = True
    boot_from_disk_after: bool = Field(True, description="Start from the disk when the installer has ended")
    count: int = Field(1, ge=1, le=MOST_AT_ONCE, description="How many; the name then holds {n}, or gets -1, -2 ...")

    def numbered(self) -> list[DomainCreate]:
        """A request for each of them, where there are several."""
        names = numbered_names(self.name, self.count)
        return [self.model_copy(update={"name": name, "count": 1}) for name in names]


@dataclass(frozen=True)
class GuestFacts:
    """What the OS database says of the guest system. `supports` holds names such as `virtio-blk` and `q35`.

    `tool_id` is the short id by which virt-install on this host knows the system, or its nearest relative.
    `tree_memory_mib` is what its installer needs when it fetches itself over the network.
    """

    id: str = ""
    name: str = ""
    tool_id: str = "generic"
    windows: bool = False
    supports: frozenset[str] = frozenset()
    firmware: dict[str, bool] = field(default_factory=dict)
    memory_mib: int | None = None
    memory_min_mib: int | None = None
    vcpus: int | None = None
    disk_gib: int | None = None
    tree_memory_mib: int | None = None


@dataclass(frozen=True)
class SourceFacts:
    """Where a disk's data lie: a file or block device of the host, with the format of its content.

    `secret` is libvirt's with the passphrase of what is encrypted.
    """

    path: str
    format: str = "raw"
    block: bool = False
    new: bool = False
    secret: str | None = None


@dataclass(frozen=True)
class TreeFacts:
    """Where kernel and first file system of an installer lie on the host, and the kernel's arguments.

    `within` is where both lie in a medium, `injected` the file that is put into the first file system.
    """

    kernel: str
    initrd: str
    args: str
    within: tuple[str, str] | None = None
    injected: str = ""


@dataclass(frozen=True)
class CreateFacts:
    """All that a definition depends on besides the request.

    `disks` and `macs` stand in the request's order, whose `nics` are then given. `local` hosts reach graphics
    without an open port.
    `seed` is the disc with the first settings of a cloud image, or with answers for an installer; `drivers` the disc
    with virtio's drivers for Windows.
    `serial_log` is a path of the host for the text of the serial console.
    """

    uuid: str
    type: Literal["kvm", "qemu", "test"]
    capabilities: DomainCapabilities
    guest: GuestFacts
    disks: tuple[SourceFacts | None, ...] = ()
    macs: tuple[str, ...] = ()
    medium: SourceFacts | None = None
    seed: SourceFacts | None = None
    drivers: SourceFacts | None = None
    tree: TreeFacts | None = None
    local: bool = False
    serial_log: str | None = None


@dataclass(frozen=True)
class Choice:
    """A default that was chosen, and why."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Built:
    """The definitions: `final_xml` is what stays; `install_xml`, where there is one, boots the medium once."""

    final_xml: str
    install_xml: str | None
    warnings: list[str]
    choices: list[Choice]
