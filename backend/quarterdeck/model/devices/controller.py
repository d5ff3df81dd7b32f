"""Controllers: the buses that other devices sit on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import WORD
from ..xml import Apply, At, Element
from .base import Device, join
from .virtio import Virtio, virtio_at


class Controller(Device):
    """A bus that other devices sit on: SCSI, USB, SATA, PCI ports."""

    tag: ClassVar[str] = "controller"
    noun: ClassVar[str] = "Controller"
    usual: ClassVar[dict[str, str]] = {"kind": "scsi"}
    type: Literal["controller"] = "controller"
    kind: Annotated[
        Literal["scsi", "usb", "sata", "ide", "virtio-serial", "pci", "fdc", "ccid", "nvme"] | str,
        At("@type", apply=Apply.NEVER, offer="controller.type"),
    ] = "pci"
    index: Annotated[
        int | None, At("@index", apply=Apply.NEVER, advanced=True, maximum=255, help="Left empty, the next free one")
    ] = None
    model: Annotated[
        str | None,
        At(
            "@model",
            pattern=WORD,
            help="Such as virtio-scsi, qemu-xhci, pcie-root-port; left empty, libvirt chooses",
        ),
    ] = None
    ports: Annotated[
        int | None, At("@ports", advanced=True, minimum=1, maximum=4096, when="kind=usb,virtio-serial")
    ] = None
    vectors: Annotated[int | None, At("@vectors", advanced=True, maximum=4096, when="kind=virtio-serial")] = None
    queues: Annotated[int | None, At("driver/@queues", advanced=True, minimum=1, maximum=1024, when="kind=scsi")] = None
    cmd_per_lun: Annotated[
        int | None, At("driver/@cmd_per_lun", advanced=True, minimum=1, title="Commands per LUN", when="kind=scsi")
    ] = None
    max_sectors: Annotated[int | None, At("driver/@max_sectors", advanced=True, minimum=1, when="kind=scsi")] = None
    iothread: Annotated[
        int | None,
        At("driver/@iothread", title="I/O thread", advanced=True, minimum=1, maximum=4096, when="model=virtio-scsi"),
    ] = None
    hotplug: Annotated[
        bool | None,
        At(
            "target/@hotplug",
            words="onoff",
            advanced=True,
            when="kind=pci",
            since="6.3.0",
            title="Hot-plug",
            help="Off, its devices cannot be plugged out by the guest",
        ),
    ] = None
    io_event_fd: Annotated[
        bool | None,
        At(
            "driver/@ioeventfd",
            words="onoff",
            advanced=True,
            when="kind=scsi",
            title="Events of its own",
            help="Handles its work outside of the guest's CPUs; best left to libvirt",
        ),
    ] = None
    hole64_kib: Annotated[
        int | None,
        At(
            "pcihole64",
            unit="KiB",
            advanced=True,
            when="kind=pci",
            maximum=1 << 40,
            since="1.1.2",
            title="Space for large PCI devices",
            help="Above 4 GiB, for cards with much memory",
        ),
    ] = None
    virtio: Annotated[Virtio, virtio_at("kind=scsi,virtio-serial")] = Virtio()
    slot: Annotated[str | None, At("address/@slot", apply=Apply.NEVER, asked=False)] = None
    function: Annotated[str | None, At("address/@function", apply=Apply.NEVER, asked=False)] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """Kind and index; the companions of an old USB controller have its index too."""
        model = element.get("model", "")
        companion = f"-{model}" if model.startswith("ich9-uhci") else ""
        return f"{element.get('type')}-{element.get('index')}{companion}" if element.get("index") else None

    @property
    def hot(self) -> bool:
        """Those of SCSI are."""
        return self.kind == "scsi"

    @property
    def on_pci(self) -> bool:
        """A SCSI controller is a PCI device."""
        return self.kind == "scsi"

    @property
    def title(self) -> str:
        """For example `Controller usb 0 (qemu-xhci)`."""
        model = f"({self.model})" if self.model else None
        return join("Controller", self.kind, str(self.index) if self.index is not None else None, model)
