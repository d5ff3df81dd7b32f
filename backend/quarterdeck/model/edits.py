"""What may be asked of a machine that exists: changes of its settings and devices. A field left out stays as it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .cpu import CpuMode
from .create import AbsolutePath, CpuCreate, DomainName, MacAddress, Strict, TopologyCreate, VolumeName
from .devices.disk import Cache, DetectZeroes, Discard, Io
from .devices.interface import LinkState
from .xml import clean

Bus = Literal["virtio", "scsi", "sata", "ide", "usb"]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=64)]
Title = Annotated[str, Field(max_length=256, pattern=r"^[^\n\r]*$"), AfterValidator(clean)]
Description = Annotated[str, Field(max_length=8192), AfterValidator(clean)]
Password = Annotated[str, Field(min_length=1, max_length=8), AfterValidator(clean)]
Tag = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$"), AfterValidator(clean)]
NetworkName = Annotated[str, Field(min_length=1, max_length=128)]
BridgeName = Annotated[str, Field(pattern=r"^[^\s/]{1,15}$")]
Mtu = Annotated[int, Field(ge=68, le=65535)]
Serial = Annotated[str, Field(max_length=36, pattern=r"^[A-Za-z0-9 _.+-]*$")]
SizeGib = Annotated[float, Field(gt=0, le=1 << 20)]


def _link(value: Any) -> Any:
    return {True: "up", False: "down"}.get(value, value) if isinstance(value, bool) else value


Link = Annotated[LinkState, BeforeValidator(_link)]


class ApplyQuery(Strict):
    """Where a change goes: `both` (where the machine runs), only `live`, or only to the saved definition."""

    apply: Literal["both", "live", "next_start"] = "both"


class CpuEdit(CpuCreate):
    """CPU mode, model and topology; null takes a value away."""

    mode: CpuMode | None = None
    topology: TopologyCreate | None = None


class BootEdit(Strict):
    """Ids of the devices to boot from, in order; and the menu of the firmware."""

    order: list[str] | None = None
    menu: bool | None = None
    menu_timeout_ms: int | None = Field(None, ge=0, le=65535)


class DomainPatch(Strict):
    """Settings of a machine; memory in MiB."""

    name: DomainName | None = None
    title: Title | None = None
    description: Description | None = None
    tags: list[Tag] | None = Field(None, max_length=32)
    autostart: bool | None = None
    vcpus: int | None = Field(None, ge=1, le=4096)
    vcpus_max: int | None = Field(None, ge=1, le=4096)
    memory_mib: int | None = Field(None, ge=16, le=1 << 30)
    memory_max_mib: int | None = Field(None, ge=16, le=1 << 30)
    cpu: CpuEdit | None = None
    boot: BootEdit | None = None


class MediaSource(Strict):
    """What is in a drive: a volume of a pool, or a path on the host."""

    pool: str | None = None
    volume: VolumeName | None = None
    path: AbsolutePath | None = None

    @model_validator(mode="after")
    def _one(self) -> MediaSource:
        if bool(self.path) == bool(self.pool and self.volume):
            raise ValueError("Name a pool and a volume, or a path.")
        return self


class DiskSettings(Strict):
    """How a disk behaves, new or old."""

    cache: Cache | None = None
    io: Io | None = None
    discard: Discard | None = None
    detect_zeroes: DetectZeroes | None = None
    serial: Serial | None = None


class DiskAdd(DiskSettings):
    """A disk: an existing volume or path, or a new volume of `size_gib`; a drive may stay empty."""

    type: Literal["disk"]
    device: Literal["disk", "cdrom"] = "disk"
    pool: str | None = None
    volume: VolumeName | None = None
    path: AbsolutePath | None = None
    size_gib: SizeGib | None = None
    format: Literal["qcow2", "raw"] | None = None
    bus: Bus | None = None
    readonly: bool = False
    shareable: bool = False


class DiskEdit(DiskSettings):
    """Changes of a disk. `source` null ejects a medium; `force` opens a tray that the guest has locked."""

    type: Literal["disk"] = "disk"
    bus: Bus | None = None
    readonly: bool | None = None
    shareable: bool | None = None
    size_gib: SizeGib | None = None
    source: MediaSource | None = None
    force: bool = False


class InterfaceTo(Strict):
    """What a network interface is plugged into: a network of libvirt, or a bridge of the host."""

    network: NetworkName | None = None
    bridge: BridgeName | None = None

    @model_validator(mode="after")
    def _one(self) -> InterfaceTo:
        if bool(self.network) == bool(self.bridge):
            raise ValueError("Name a network or a bridge.")
        return self


class InterfaceAdd(Strict):
    """A network interface."""

    type: Literal["interface"]
    source: InterfaceTo = InterfaceTo(network="default")
    model: Word | None = None
    mac: MacAddress | None = None
    link: Link | None = None
    mtu: Mtu | None = None


class InterfaceEdit(Strict):
    """Changes of a network interface."""

    type: Literal["interface"] = "interface"
    source: InterfaceTo | None = None
    model: Word | None = None
    mac: MacAddress | None = None
    link: Link | None = None
    mtu: Mtu | None = None


class GraphicsEdit(Strict):
    """Changes of a display; `password` null takes the password away. VNC uses 8 characters at most."""

    type: Literal["graphics"] = "graphics"
    password: Password | None = None
    listen: Literal["socket", "none", "127.0.0.1", "0.0.0.0", "::"] | None = None  # noqa: S104 - the person's choice


DeviceAdd = Annotated[DiskAdd | InterfaceAdd, Field(discriminator="type")]
"""A device to add, tagged by its type."""
DeviceEdit = dict[str, Any]
"""Changes of a device; which fields there are depends on the type of the device named in the path."""
EDITS: dict[str, type[DiskEdit] | type[InterfaceEdit] | type[GraphicsEdit]] = {
    "disk": DiskEdit,
    "interface": InterfaceEdit,
    "graphics": GraphicsEdit,
}
