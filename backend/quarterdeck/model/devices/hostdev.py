"""Devices and folders of the host that the guest uses."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import At, XmlModel
from .base import Device, join


class PciAddress(XmlModel):
    """A PCI address, in hexadecimal as libvirt writes it; for a mediated device its UUID."""

    domain: Annotated[str | None, At("@domain")] = None
    bus: Annotated[str | None, At("@bus")] = None
    slot: Annotated[str | None, At("@slot")] = None
    function: Annotated[str | None, At("@function")] = None
    device: Annotated[str | None, At("@device")] = None
    uuid: Annotated[str | None, At("@uuid")] = None

    def __str__(self) -> str:
        """As lspci and lsusb write it."""
        if self.uuid:
            return self.uuid
        if self.device:
            return f"{self.bus}.{self.device}"
        parts = [(part or "0").removeprefix("0x") for part in (self.domain, self.bus, self.slot, self.function)]
        return f"{parts[0]:>04}:{parts[1]:>02}:{parts[2]:>02}.{parts[3]}"


class HostDev(Device):
    """A device of the host given to the guest: USB, PCI, SCSI or mediated."""

    tag: ClassVar[str] = "hostdev"
    type: Literal["hostdev"] = "hostdev"
    mode: Annotated[str | None, At("@mode")] = None
    kind: Annotated[Literal["usb", "pci", "scsi", "mdev"] | str | None, At("@type")] = None
    managed: Annotated[bool | None, At("@managed", words="yesno", help="libvirt takes it from the host and back")] = (
        None
    )
    model: Annotated[str | None, At("@model")] = None
    vendor: Annotated[str | None, At("source/vendor/@id")] = None
    product: Annotated[str | None, At("source/product/@id")] = None
    address: Annotated[PciAddress | None, At("source/address")] = None
    startup_policy: Annotated[str | None, At("source/@startupPolicy")] = None
    rom_bar: Annotated[bool | None, At("rom/@bar", words="onoff", title="ROM BAR")] = None
    boot_order: Annotated[int | None, At("boot/@order")] = None

    @property
    def title(self) -> str:
        """For example `Host device pci 0000:01:00.0`."""
        ids = f"{self.vendor}:{self.product}".replace("0x", "") if self.vendor else None
        return join("Host device", self.kind, ids or (str(self.address) if self.address else None))


class Filesystem(Device):
    """A folder of the host that the guest mounts."""

    tag: ClassVar[str] = "filesystem"
    type: Literal["filesystem"] = "filesystem"
    kind: Annotated[str | None, At("@type")] = None
    access_mode: Annotated[str | None, At("@accessmode")] = None
    driver: Annotated[Literal["virtiofs", "path"] | str | None, At("driver/@type")] = None
    source: Annotated[str | None, At("source/@dir", help="Folder on the host")] = None
    target: Annotated[str | None, At("target/@dir", help="Tag by which the guest mounts it")] = None
    readonly: Annotated[bool, At("readonly", words="present", title="Read-only")] = False

    @property
    def title(self) -> str:
        """For example `Shared folder share: /srv/share`."""
        return f"{join('Shared folder', self.target)}: {self.source}"
