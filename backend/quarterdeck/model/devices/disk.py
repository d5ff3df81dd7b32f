"""Disks, CD-ROM and floppy drives."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At, Element, XmlModel
from .base import Device, join

DiskDevice = Literal["disk", "cdrom", "floppy", "lun"]
DiskBus = Literal["virtio", "scsi", "sata", "ide", "usb", "fdc"]
Cache = Literal["default", "none", "writethrough", "writeback", "directsync", "unsafe"]
Io = Literal["native", "threads", "io_uring"]
Discard = Literal["ignore", "unmap"]
DetectZeroes = Literal["off", "on", "unmap"]
PREFIXES: dict[str, str] = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"}
HOT_BUSES = ("virtio", "scsi", "usb")


class DiskHost(XmlModel):
    """A server of a network disk."""

    name: Annotated[str | None, At("@name")] = None
    port: Annotated[int | None, At("@port")] = None


class DiskSource(XmlModel):
    """Where the content lies; all but `type` is None for an empty drive."""

    type: Annotated[Literal["file", "block", "volume", "network"] | str | None, At("@type")] = None
    file: Annotated[str | None, At("source/@file", apply=Apply.LIVE, help="Path of the image on the host")] = None
    dev: Annotated[str | None, At("source/@dev", help="Path of the block device on the host")] = None
    pool: Annotated[str | None, At("source/@pool", help="Pool of the volume")] = None
    volume: Annotated[str | None, At("source/@volume", help="Name of the volume in its pool")] = None
    protocol: Annotated[
        str | None, At("source/@protocol", help="How a network disk is reached: rbd, iscsi, nbd ...")
    ] = None
    name: Annotated[str | None, At("source/@name", help="Name of the image at its servers")] = None
    hosts: Annotated[tuple[DiskHost, ...], At("source/host")] = ()
    startup_policy: Annotated[
        Literal["mandatory", "requisite", "optional"] | str | None,
        At("source/@startupPolicy", help="Whether the machine starts without this medium"),
    ] = None


class IoTune(XmlModel):
    """Limits of speed; 0 or None means no limit."""

    total_bytes_sec: Annotated[int | None, At("total_bytes_sec", apply=Apply.LIVE)] = None
    read_bytes_sec: Annotated[int | None, At("read_bytes_sec", apply=Apply.LIVE)] = None
    write_bytes_sec: Annotated[int | None, At("write_bytes_sec", apply=Apply.LIVE)] = None
    total_iops_sec: Annotated[int | None, At("total_iops_sec", apply=Apply.LIVE)] = None
    read_iops_sec: Annotated[int | None, At("read_iops_sec", apply=Apply.LIVE)] = None
    write_iops_sec: Annotated[int | None, At("write_iops_sec", apply=Apply.LIVE)] = None


class Disk(Device):
    """A disk or drive of a machine."""

    tag: ClassVar[str] = "disk"
    type: Literal["disk"] = "disk"
    device: Annotated[DiskDevice | str, At("@device", apply=Apply.NEVER, title="Kind")] = "disk"
    target: Annotated[str, At("target/@dev", apply=Apply.NEVER, help="Name by which the machine's disks differ")] = ""
    bus: Annotated[
        DiskBus | str | None,
        At("target/@bus", title="Bus", help="virtio is fastest; old systems need sata or ide"),
    ] = None
    source: Annotated[DiskSource, At(".")] = DiskSource()
    driver: Annotated[str | None, At("driver/@name", apply=Apply.NEVER)] = None
    format: Annotated[str | None, At("driver/@type", help="Format of the image: qcow2 or raw")] = None
    cache: Annotated[
        Cache | str | None,
        At("driver/@cache", help="How the host caches writes; none is safe for migration, unsafe loses data"),
    ] = None
    io: Annotated[Io | str | None, At("driver/@io", title="I/O mode", help="native needs cache none or directsync")] = (
        None
    )
    discard: Annotated[
        Discard | str | None, At("driver/@discard", help="Whether blocks that the guest frees are given back")
    ] = None
    detect_zeroes: Annotated[
        DetectZeroes | str | None, At("driver/@detect_zeroes", help="Whether written zeroes become holes")
    ] = None
    iothread: Annotated[int | None, At("driver/@iothread", title="I/O thread")] = None
    removable: Annotated[
        bool | None, At("target/@removable", words="onoff", help="Seen as removable by the guest (USB)")
    ] = None
    readonly: Annotated[bool, At("readonly", words="present", title="Read-only")] = False
    shareable: Annotated[
        bool, At("shareable", words="present", help="Several machines may write it at once; they must know how")
    ] = False
    serial: Annotated[str | None, At("serial", title="Serial number", help="What the guest sees as serial number")] = (
        None
    )
    wwn: Annotated[str | None, At("wwn", title="World wide name")] = None
    boot_order: Annotated[int | None, At("boot/@order")] = None
    iotune: Annotated[IoTune | None, At("iotune", apply=Apply.LIVE, title="Limits")] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """The target."""
        return cls.places["target"].read(element) or None

    @property
    def path(self) -> str | None:
        """The path on the host, for files and block devices."""
        return self.source.file or self.source.dev

    @property
    def content(self) -> str | None:
        """What the content is called, without its folder."""
        if self.path:
            return self.path.rsplit("/", 1)[-1]
        if self.source.volume:
            return f"{self.source.volume} in {self.source.pool}"
        return join(self.source.protocol, self.source.name) or None

    @property
    def hot(self) -> bool:
        """Whether its bus takes disks while the machine runs."""
        return self.bus in HOT_BUSES

    @property
    def title(self) -> str:
        """For example `Disk vda: vm1.qcow2`."""
        kind = {"cdrom": "CD-ROM", "floppy": "Floppy", "lun": "SCSI LUN"}.get(self.device, "Disk")
        empty = "empty" if self.device in ("cdrom", "floppy") else "no source"
        return f"{join(kind, self.target)}: {self.content or empty}"
