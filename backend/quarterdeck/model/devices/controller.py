"""Controllers: the buses that other devices sit on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At, Element
from .base import Device, join


class Controller(Device):
    """A controller."""

    tag: ClassVar[str] = "controller"
    type: Literal["controller"] = "controller"
    kind: Annotated[
        Literal["pci", "usb", "scsi", "sata", "ide", "virtio-serial", "fdc", "ccid", "nvme"] | str,
        At("@type", apply=Apply.NEVER),
    ] = "pci"
    index: Annotated[int | None, At("@index", apply=Apply.NEVER)] = None
    model: Annotated[str | None, At("@model")] = None
    ports: Annotated[int | None, At("@ports")] = None
    queues: Annotated[int | None, At("driver/@queues")] = None
    iothread: Annotated[int | None, At("driver/@iothread", title="I/O thread")] = None
    slot: Annotated[str | None, At("address/@slot", apply=Apply.NEVER)] = None
    function: Annotated[str | None, At("address/@function", apply=Apply.NEVER)] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """Kind and index; the companions of an old USB controller have its index too."""
        model = element.get("model", "")
        companion = f"-{model}" if model.startswith("ich9-uhci") else ""
        return f"{element.get('type')}-{element.get('index')}{companion}" if element.get("index") else None

    @property
    def title(self) -> str:
        """For example `Controller usb 0 (qemu-xhci)`."""
        model = f"({self.model})" if self.model else None
        return join("Controller", self.kind, str(self.index) if self.index is not None else None, model)
