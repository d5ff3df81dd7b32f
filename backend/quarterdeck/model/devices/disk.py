"""Disks, CD-ROM and floppy drives."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import DISK_PRODUCT, DISK_SERIAL, DISK_VENDOR, WWN
from ..xml import Apply, At, Element, XmlModel
from .base import Device, join
from .disk_source import DiskSource, DiskThread, Encryption, Geometry, Slice
from .virtio import Virtio, virtio_at

DiskDevice = Literal["disk", "cdrom", "floppy", "lun"]
DiskBus = Literal["virtio", "scsi", "sata", "ide", "usb", "fdc"]
Cache = Literal["default", "none", "writethrough", "writeback", "directsync", "unsafe"]
Io = Literal["native", "threads", "io_uring"]
Discard = Literal["ignore", "unmap"]
DetectZeroes = Literal["off", "on", "unmap"]
PREFIXES: dict[str, str] = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"}
HOT_BUSES = ("virtio", "scsi", "usb")
LIMITED = 1 << 60


def _limit(path: str, title: str) -> At:
    return At(path, apply=Apply.LIVE, title=title, maximum=LIMITED, help="0 means no limit")


def _burst(path: str, title: str) -> At:
    return At(path, apply=Apply.LIVE, title=title, maximum=LIMITED, advanced=True)


class IoTune(XmlModel):
    """Limits of speed; 0 or None means no limit. A total and its parts exclude each other."""

    total_bytes_sec: Annotated[int | None, _limit("total_bytes_sec", "All data")] = None
    read_bytes_sec: Annotated[int | None, _limit("read_bytes_sec", "Data read")] = None
    write_bytes_sec: Annotated[int | None, _limit("write_bytes_sec", "Data written")] = None
    total_iops_sec: Annotated[int | None, _limit("total_iops_sec", "All operations")] = None
    read_iops_sec: Annotated[int | None, _limit("read_iops_sec", "Reads")] = None
    write_iops_sec: Annotated[int | None, _limit("write_iops_sec", "Writes")] = None
    total_bytes_sec_max: Annotated[int | None, _burst("total_bytes_sec_max", "All data in a burst")] = None
    read_bytes_sec_max: Annotated[int | None, _burst("read_bytes_sec_max", "Data read in a burst")] = None
    write_bytes_sec_max: Annotated[int | None, _burst("write_bytes_sec_max", "Data written in a burst")] = None
    total_iops_sec_max: Annotated[int | None, _burst("total_iops_sec_max", "All operations in a burst")] = None
    read_iops_sec_max: Annotated[int | None, _burst("read_iops_sec_max", "Reads in a burst")] = None
    write_iops_sec_max: Annotated[int | None, _burst("write_iops_sec_max", "Writes in a burst")] = None
    total_bytes_sec_max_length_s: Annotated[
        int | None, _burst("total_bytes_sec_max_length", "Length of a burst of data")
    ] = None
    read_bytes_sec_max_length_s: Annotated[
        int | None, _burst("read_bytes_sec_max_length", "Length of a burst of data read")
    ] = None
    write_bytes_sec_max_length_s: Annotated[
        int | None, _burst("write_bytes_sec_max_length", "Length of a burst of data written")
    ] = None
    total_iops_sec_max_length_s: Annotated[
        int | None, _burst("total_iops_sec_max_length", "Length of a burst of operations")
    ] = None
    read_iops_sec_max_length_s: Annotated[
        int | None, _burst("read_iops_sec_max_length", "Length of a burst of reads")
    ] = None
    write_iops_sec_max_length_s: Annotated[
        int | None, _burst("write_iops_sec_max_length", "Length of a burst of writes")
    ] = None
    size_iops_sec_bytes: Annotated[
        int | None,
        At(
            "size_iops_sec",
            apply=Apply.LIVE,
            maximum=LIMITED,
            advanced=True,
            title="Size of an operation",
            help="A larger one counts as several",
        ),
    ] = None
    group_name: Annotated[
        str | None,
        At("group_name", apply=Apply.LIVE, advanced=True, title="Group", help="Disks of one group share the limits"),
    ] = None


FAULTS = {
    "stop": "The machine is paused",
    "report": "The guest is told",
    "ignore": "It goes on as if nothing were",
    "enospace": "It is paused when no space is left, else the guest is told",
}
ABSENCES = {
    "mandatory": "It does not start",
    "requisite": "It does not start, but goes on without it after a move or from a saved state",
    "optional": "It starts without it",
}


class Disk(Device):
    """Storage for the guest: a new volume, one that exists, or one at a server."""

    tag: ClassVar[str] = "disk"
    noun: ClassVar[str] = "Disk"
    type: Literal["disk"] = "disk"
    device: Annotated[DiskDevice | str, At("@device", apply=Apply.NEVER, title="Kind", asked=False)] = "disk"
    target: Annotated[
        str, At("target/@dev", apply=Apply.NEVER, asked=False, help="Name by which the machine's disks differ")
    ] = ""
    bus: Annotated[
        DiskBus | str | None,
        At("target/@bus", title="Bus", offer="disk.bus", help="virtio is fastest; old systems need sata or ide"),
    ] = None
    source: Annotated[DiskSource, At(".", title="Server")] = DiskSource()
    driver: Annotated[str | None, At("driver/@name", apply=Apply.NEVER, asked=False)] = None
    format: Annotated[
        str | None, At("driver/@type", apply=Apply.NEVER, asked=False, help="Format of the image: qcow2 or raw")
    ] = None
    cache: Annotated[
        Cache | str | None,
        At(
            "driver/@cache",
            advanced=True,
            help="How the host caches writes; none is safe for migration, unsafe loses data",
        ),
    ] = None
    io: Annotated[
        Io | str | None, At("driver/@io", advanced=True, title="I/O mode", help="native needs cache none or directsync")
    ] = None
    discard: Annotated[
        Discard | str | None,
        At("driver/@discard", advanced=True, help="Whether blocks that the guest frees are given back"),
    ] = None
    discard_no_unref: Annotated[
        bool | None,
        At(
            "driver/@discard_no_unref",
            words="onoff",
            advanced=True,
            since="9.5.0",
            title="Keep the place of freed blocks",
            help="For qcow2: the image does not fragment",
        ),
    ] = None
    detect_zeroes: Annotated[
        DetectZeroes | str | None,
        At("driver/@detect_zeroes", advanced=True, help="Whether written zeroes become holes"),
    ] = None
    readonly: Annotated[bool, At("readonly", words="present", advanced=True, title="Read-only")] = False
    shareable: Annotated[
        bool,
        At(
            "shareable",
            words="present",
            advanced=True,
            help="Several machines may write it at once; they must know how",
        ),
    ] = False
    transient: Annotated[
        bool,
        At(
            "transient",
            words="present",
            advanced=True,
            since="6.9.0",
            help="What is written is lost when the machine goes off",
        ),
    ] = False
    transient_shares: Annotated[
        bool | None,
        At(
            "transient/@shareBacking",
            words="yesno",
            advanced=True,
            when="transient",
            since="7.4.0",
            title="Others may read its image",
        ),
    ] = None
    logical_block_bytes: Annotated[
        int | None, At("blockio/@logical_block_size", advanced=True, minimum=512, maximum=2097152, help="512 or 4096")
    ] = None
    physical_block_bytes: Annotated[
        int | None, At("blockio/@physical_block_size", advanced=True, minimum=512, maximum=2097152)
    ] = None
    geometry: Annotated[Geometry | None, At("geometry", advanced=True, when="bus=ide,sata")] = None
    removable: Annotated[
        bool | None,
        At(
            "target/@removable",
            words="onoff",
            advanced=True,
            when="bus=usb",
            help="Seen as removable by the guest (USB)",
        ),
    ] = None
    serial: Annotated[
        str | None,
        At(
            "serial",
            advanced=True,
            title="Serial number",
            pattern=DISK_SERIAL,
            help="What the guest sees as serial number",
        ),
    ] = None
    wwn: Annotated[
        str | None,
        At(
            "wwn",
            advanced=True,
            title="World wide name",
            when="bus=scsi,ide,sata",
            pattern=WWN,
            help="16 hexadecimal digits",
        ),
    ] = None
    vendor: Annotated[
        str | None,
        At(
            "vendor",
            advanced=True,
            when="bus=scsi",
            pattern=DISK_VENDOR,
            help="8 characters",
        ),
    ] = None
    product: Annotated[
        str | None,
        At(
            "product",
            advanced=True,
            when="bus=scsi",
            pattern=DISK_PRODUCT,
            help="16 characters",
        ),
    ] = None
    rotation_rate: Annotated[
        int | None,
        At(
            "target/@rotation_rate",
            advanced=True,
            when="bus=scsi,ide,sata",
            minimum=1,
            maximum=65534,
            help="1 tells the guest that it is an SSD, else turns per minute",
            since="7.3.0",
        ),
    ] = None
    iothread: Annotated[
        int | None,
        At(
            "driver/@iothread",
            advanced=True,
            title="I/O thread",
            when="bus=virtio",
            minimum=1,
            maximum=4096,
            help="Number of the machine's I/O thread that serves it",
        ),
    ] = None
    iothreads: Annotated[
        tuple[DiskThread, ...],
        At(
            "driver/iothreads/iothread",
            advanced=True,
            title="Several I/O threads",
            when="bus=virtio",
            since="10.0.0",
            help="They share its queues; then leave the single one empty",
        ),
    ] = ()
    queues: Annotated[
        int | None,
        At("driver/@queues", advanced=True, when="bus=virtio", minimum=1, maximum=1024, help="One per vCPU is usual"),
    ] = None
    queue_size: Annotated[
        int | None,
        At(
            "driver/@queue_size",
            advanced=True,
            when="bus=virtio",
            minimum=2,
            maximum=1024,
            since="7.8.0",
            help="A power of two",
        ),
    ] = None
    copy_on_read: Annotated[
        bool | None,
        At("driver/@copy_on_read", words="onoff", advanced=True, help="Copies what is read from the backing image"),
    ] = None
    metadata_cache_kib: Annotated[
        int | None,
        At(
            "driver/metadata_cache/max_size",
            unit="KiB",
            advanced=True,
            since="7.0.0",
            minimum=64,
            maximum=64 << 20,
            title="Cache of the image's tables",
            help="For qcow2: 1 MiB for each 8 GiB keeps all of it in memory",
        ),
    ] = None
    io_event_fd: Annotated[
        bool | None,
        At(
            "driver/@ioeventfd",
            words="onoff",
            advanced=True,
            when="bus=virtio",
            title="Events of its own",
            help="Handles its work outside of the guest's CPUs; best left to libvirt",
        ),
    ] = None
    event_index: Annotated[
        bool | None,
        At(
            "driver/@event_idx",
            words="onoff",
            advanced=True,
            when="bus=virtio",
            help="Fewer interrupts; best left to libvirt",
        ),
    ] = None
    error_policy: Annotated[
        Literal["stop", "report", "ignore", "enospace"] | str | None,
        At("driver/@error_policy", advanced=True, help="When a write fails", means=FAULTS),
    ] = None
    rerror_policy: Annotated[
        Literal["stop", "report", "ignore"] | str | None,
        At("driver/@rerror_policy", advanced=True, title="Read error policy", help="When a read fails", means=FAULTS),
    ] = None
    startup_policy: Annotated[
        Literal["mandatory", "requisite", "optional"] | str | None,
        At("source/@startupPolicy", advanced=True, help="Whether it starts without this medium", means=ABSENCES),
    ] = None
    virtio: Annotated[Virtio, virtio_at("bus=virtio")] = Virtio()
    encryption: Annotated[Encryption | None, At("source/encryption", advanced=True)] = None
    slice: Annotated[
        Slice | None,
        At("source/slices/slice", advanced=True, since="6.1.0", title="Part of the image", help="In bytes of the file"),
    ] = None
    reserved: Annotated[
        bool | None,
        At(
            "source/reservations/@managed",
            words="yesno",
            advanced=True,
            since="4.4.0",
            title="Persistent reservations",
            help="The guest may reserve the LUN (SCSI), by a helper that libvirt starts",
        ),
    ] = None
    snapshots: Annotated[
        Literal["internal", "external", "no", "manual"] | str | None,
        At("@snapshot", advanced=True, help="How snapshots of the machine treat it; no leaves it out"),
    ] = None
    raw_io: Annotated[
        bool | None, At("@rawio", words="yesno", advanced=True, help="Of a LUN: QEMU gets the capability rawio")
    ] = None
    boot_order: Annotated[
        int | None, At("boot/@order", advanced=True, minimum=1, maximum=4096, help="1 is tried first")
    ] = None
    iotune: Annotated[IoTune | None, At("iotune", apply=Apply.LIVE, advanced=True, title="Limits")] = None

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
    def on_pci(self) -> bool:
        """A virtio disk is a PCI device of its own."""
        return self.bus == "virtio"

    @property
    def title(self) -> str:
        """For example `Disk vda: vm1.qcow2`."""
        kind = {"cdrom": "CD-ROM", "floppy": "Floppy", "lun": "SCSI LUN"}.get(self.device, "Disk")
        empty = "empty" if self.device in ("cdrom", "floppy") else "no source"
        return f"{join(kind, self.target)}: {self.content or empty}"
