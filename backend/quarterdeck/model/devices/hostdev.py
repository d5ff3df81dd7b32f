"""Devices and folders of the host that the guest uses."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import ANY_PATH, DIGITS, FILE_MODE, HEX, HOST, MOUNT_TAG, SCSI_HOST, UUID
from ..xml import Apply, At, XmlModel
from .base import Device, join
from .teaming import Teaming
from .virtio import Virtio, virtio_at

IDS = (1 << 32) - 1


class PciAddress(XmlModel):
    """A PCI address, in hexadecimal as libvirt writes it; for a mediated device its UUID."""

    kind: Annotated[Literal["pci"] | str | None, At("@type", asked=False)] = None
    domain: Annotated[str | None, At("@domain", pattern=HEX)] = None
    bus: Annotated[str | None, At("@bus", pattern=HEX)] = None
    slot: Annotated[str | None, At("@slot", pattern=HEX)] = None
    function: Annotated[str | None, At("@function", pattern=HEX)] = None
    device: Annotated[str | None, At("@device", pattern=HEX)] = None
    target: Annotated[str | None, At("@target", pattern=DIGITS, help="Of a SCSI device")] = None
    unit: Annotated[str | None, At("@unit", pattern=DIGITS, help="Of a SCSI device")] = None
    uuid: Annotated[str | None, At("@uuid", pattern=UUID)] = None

    def __str__(self) -> str:
        """As lspci and lsusb write it."""
        if self.uuid:
            return self.uuid
        if self.device:
            return f"{self.bus}.{self.device}"
        if self.unit:
            return f"{self.bus or 0}:{self.target or 0}:{self.unit}"
        parts = [(part or "0").removeprefix("0x") for part in (self.domain, self.bus, self.slot, self.function)]
        return f"{parts[0]:>04}:{parts[1]:>02}:{parts[2]:>02}.{parts[3]}"


class HostDev(Device):
    """A USB, PCI, SCSI or mediated device of the host for the guest alone."""

    tag: ClassVar[str] = "hostdev"
    noun: ClassVar[str] = "Host device"
    type: Literal["hostdev"] = "hostdev"
    mode: Annotated[str | None, At("@mode", asked=False)] = None
    kind: Annotated[
        Literal["usb", "pci", "scsi", "mdev"] | str | None,
        At("@type", apply=Apply.NEVER, offer="hostdev.subsysType"),
    ] = None
    managed: Annotated[
        bool | None,
        At(
            "@managed",
            words="yesno",
            advanced=True,
            when="kind=pci",
            help="libvirt takes it from the host and gives it back",
        ),
    ] = None
    model: Annotated[
        Literal["vfio-pci", "vfio-ccw", "vfio-ap"] | str | None,
        At("@model", apply=Apply.NEVER, when="kind=mdev", advanced=True),
    ] = None
    vendor: Annotated[
        str | None, At("source/vendor/@id", apply=Apply.NEVER, when="kind=usb", pattern=HEX, help="Such as 0x046d")
    ] = None
    product: Annotated[str | None, At("source/product/@id", apply=Apply.NEVER, when="kind=usb", pattern=HEX)] = None
    adapter: Annotated[
        str | None,
        At("source/adapter/@name", apply=Apply.NEVER, when="kind=scsi", pattern=SCSI_HOST),
    ] = None
    address: Annotated[PciAddress | None, At("source/address", apply=Apply.NEVER, when="kind")] = None
    startup_policy: Annotated[
        Literal["mandatory", "requisite", "optional"] | str | None,
        At("source/@startupPolicy", advanced=True, when="kind=usb", help="Whether the machine starts without it"),
    ] = None
    driver: Annotated[
        Literal["vfio", "xen"] | str | None, At("driver/@name", advanced=True, when="kind=pci", asked=False)
    ] = None
    readonly: Annotated[bool, At("readonly", words="present", advanced=True, when="kind=scsi", title="Read-only")] = (
        False
    )
    shareable: Annotated[bool, At("shareable", words="present", advanced=True, when="kind=scsi")] = False
    display: Annotated[
        bool | None,
        At("@display", words="onoff", advanced=True, when="kind=mdev", help="The card's picture is the console's"),
    ] = None
    ramfb: Annotated[
        bool | None, At("@ramfb", words="onoff", advanced=True, when="display", help="A picture while it boots")
    ] = None
    rom_bar: Annotated[bool | None, At("rom/@bar", words="onoff", advanced=True, when="kind=pci", title="ROM BAR")] = (
        None
    )
    rom_file: Annotated[
        str | None, At("rom/@file", advanced=True, when="kind=pci", pattern=ANY_PATH, title="ROM file")
    ] = None
    rom: Annotated[
        bool | None,
        At(
            "rom/@enabled",
            words="yesno",
            advanced=True,
            when="kind=pci",
            since="4.3.0",
            title="ROM",
            help="No gives none",
        ),
    ] = None
    guest_reset: Annotated[
        Literal["off", "uninitialized", "on"] | str | None,
        At("source/@guestReset", advanced=True, when="kind=usb", help="Whether the guest may reset it"),
    ] = None
    teaming: Annotated[Teaming | None, At("teaming", advanced=True, since="7.1.0", when="kind=pci")] = None
    boot_order: Annotated[
        int | None, At("boot/@order", advanced=True, minimum=1, maximum=4096, help="1 is tried first")
    ] = None

    @property
    def identity(self) -> str | None:
        """What names the device on its host; None where nothing does."""
        if self.vendor and self.product:
            return f"usb {self.vendor}:{self.product}".replace("0x", "").lower()
        return f"{self.kind} {join(self.adapter, self.address)}".lower() if self.address else None

    @property
    def hot(self) -> bool:
        """All are, though mediated devices with a display are not."""
        return self.display is not True

    @property
    def on_pci(self) -> bool:
        """PCI and mediated devices are."""
        return self.kind in ("pci", "mdev")

    @property
    def title(self) -> str:
        """For example `Host device pci 0000:01:00.0`."""
        ids = f"{self.vendor}:{self.product}".replace("0x", "") if self.vendor else None
        return join("Host device", self.kind, ids or (str(self.address) if self.address else None))


class IdRange(XmlModel):
    """Ids inside a shared folder, and those on the host that they stand for."""

    start: Annotated[int, At("@start", minimum=0, maximum=IDS, needed=True, help="The first one in the folder")]
    target: Annotated[int, At("@target", minimum=0, maximum=IDS, needed=True, help="The first one on the host")]
    count: Annotated[int, At("@count", minimum=1, maximum=IDS, needed=True)]


class Filesystem(Device):
    """A folder of the host that the guest mounts."""

    tag: ClassVar[str] = "filesystem"
    noun: ClassVar[str] = "Shared folder"
    on_pci: ClassVar[bool] = True
    usual: ClassVar[dict[str, str]] = {"driver": "virtiofs"}
    type: Literal["filesystem"] = "filesystem"
    kind: Annotated[Literal["mount"] | str | None, At("@type", asked=False)] = None
    driver: Annotated[
        Literal["virtiofs", "path"] | str | None,
        At(
            "driver/@type",
            offer="filesystem.driverType",
            title="Way",
            help="virtiofs is fast and needs shared memory; path is 9p, slower",
        ),
    ] = None
    source: Annotated[
        str | None, At("source/@dir", needed=True, pattern=ANY_PATH, title="Folder", help="Absolute path on the host")
    ] = None
    target: Annotated[
        str | None,
        At(
            "target/@dir",
            needed=True,
            title="Tag",
            pattern=MOUNT_TAG,
            help="Tag by which the guest mounts it",
        ),
    ] = None
    readonly: Annotated[bool, At("readonly", words="present", title="Read-only")] = False
    access_mode: Annotated[
        Literal["passthrough", "mapped", "squash"] | str | None,
        At("@accessmode", advanced=True, help="How owners of files are kept; virtiofs knows passthrough only"),
    ] = None
    file_mode: Annotated[
        str | None,
        At("@fmode", advanced=True, when="access_mode=mapped", pattern=FILE_MODE, help="Octal, such as 0640"),
    ] = None
    folder_mode: Annotated[str | None, At("@dmode", advanced=True, when="access_mode=mapped", pattern=FILE_MODE)] = None
    multidevs: Annotated[
        Literal["default", "remap", "forbid", "warn"] | str | None,
        At("@multidevs", advanced=True, when="driver=path", help="What happens with several file systems below it"),
    ] = None
    queue_size: Annotated[
        int | None, At("driver/@queue", advanced=True, when="driver=virtiofs", minimum=1, maximum=1024)
    ] = None
    binary: Annotated[
        str | None,
        At("binary/@path", advanced=True, when="driver=virtiofs", pattern=ANY_PATH, help="Program of the host"),
    ] = None
    xattr: Annotated[
        bool | None,
        At("binary/@xattr", words="onoff", advanced=True, when="driver=virtiofs", title="Extended attributes"),
    ] = None
    sandbox: Annotated[
        Literal["namespace", "chroot"] | str | None,
        At("binary/sandbox/@mode", advanced=True, when="driver=virtiofs", since="7.2.0", help="How it is locked in"),
    ] = None
    posix_locks: Annotated[
        bool | None,
        At("binary/lock/@posix", words="onoff", advanced=True, when="driver=virtiofs", title="POSIX locks"),
    ] = None
    flocks: Annotated[
        bool | None, At("binary/lock/@flock", words="onoff", advanced=True, when="driver=virtiofs", title="BSD locks")
    ] = None
    cache_mode: Annotated[
        Literal["none", "always"] | str | None,
        At("binary/cache/@mode", advanced=True, when="driver=virtiofs", title="Cache"),
    ] = None
    threads: Annotated[
        int | None,
        At("binary/thread_pool/@size", advanced=True, when="driver=virtiofs", maximum=1024, since="8.5.0"),
    ] = None
    open_files: Annotated[
        int | None,
        At(
            "binary/openfiles/@max",
            advanced=True,
            when="driver=virtiofs",
            minimum=1,
            maximum=1 << 30,
            since="10.6.0",
            title="Open files",
            help="At most so many at once",
        ),
    ] = None
    users: Annotated[
        tuple[IdRange, ...],
        At("idmap/uid", advanced=True, when="driver=virtiofs", since="10.0.0", help="Whose files a user of it owns"),
    ] = ()
    groups: Annotated[tuple[IdRange, ...], At("idmap/gid", advanced=True, when="driver=virtiofs", since="10.0.0")] = ()
    virtio: Annotated[Virtio, virtio_at("driver")] = Virtio()

    @property
    def hot(self) -> bool:
        """Those of virtiofs are."""
        return self.driver == "virtiofs"

    @property
    def title(self) -> str:
        """For example `Shared folder share: /srv/share`."""
        return f"{join('Shared folder', self.target)}: {self.source}"


class RedirDev(Device):
    """A USB device of the person who looks at the console."""

    tag: ClassVar[str] = "redirdev"
    noun: ClassVar[str] = "USB redirection"
    hot: ClassVar[bool] = True
    usual: ClassVar[dict[str, str]] = {"bus": "usb", "kind": "spicevmc"}
    offer: ClassVar[str] = "redirdev.bus"
    type: Literal["redirdev"] = "redirdev"
    bus: Annotated[Literal["usb"] | str | None, At("@bus", asked=False)] = None
    kind: Annotated[
        Literal["spicevmc", "tcp"] | str | None,
        At("@type", apply=Apply.NEVER, help="spicevmc comes with the SPICE console; tcp from a usbredir server"),
    ] = None
    source_mode: Annotated[
        Literal["connect", "bind"] | str | None, At("source/@mode", when="kind=tcp", title="Direction")
    ] = None
    source_host: Annotated[str | None, At("source/@host", when="kind=tcp", needed=True, pattern=HOST, title="Host")] = (
        None
    )
    source_service: Annotated[
        int | None, At("source/@service", when="kind=tcp", needed=True, minimum=1, maximum=65535, title="Port")
    ] = None
    boot_order: Annotated[int | None, At("boot/@order", advanced=True, minimum=1, maximum=4096)] = None

    @property
    def title(self) -> str:
        """For example `USB redirection spicevmc`."""
        return join("USB redirection", self.kind)
