"""Video cards, sound cards and input devices."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At
from .base import Device, join


class Video(Device):
    """A video card."""

    tag: ClassVar[str] = "video"
    type: Literal["video"] = "video"
    model: Annotated[
        Literal["virtio", "vga", "bochs", "qxl", "cirrus", "ramfb", "none"] | str | None,
        At("model/@type", help="virtio for current systems, vga works everywhere"),
    ] = None
    vram_kib: Annotated[int | None, At("model/@vram", title="Video memory")] = None
    heads: Annotated[int | None, At("model/@heads", title="Screens")] = None
    accel3d: Annotated[bool | None, At("model/acceleration/@accel3d", words="yesno", title="3D acceleration")] = None
    width: Annotated[int | None, At("model/resolution/@x")] = None
    height: Annotated[int | None, At("model/resolution/@y")] = None

    @property
    def title(self) -> str:
        """For example `Video virtio`."""
        return join("Video", self.model)


class Sound(Device):
    """A sound card."""

    tag: ClassVar[str] = "sound"
    type: Literal["sound"] = "sound"
    model: Annotated[Literal["ich9", "ich6", "ac97", "usb", "virtio"] | str | None, At("@model")] = None

    @property
    def title(self) -> str:
        """For example `Sound ich9`."""
        return join("Sound", self.model)


class Input(Device):
    """A keyboard, mouse or tablet. A USB tablet keeps the pointer in step with the console."""

    tag: ClassVar[str] = "input"
    type: Literal["input"] = "input"
    kind: Annotated[Literal["tablet", "mouse", "keyboard", "evdev", "passthrough"] | str, At("@type")] = "tablet"
    bus: Annotated[Literal["usb", "virtio", "ps2"] | str | None, At("@bus", apply=Apply.NEVER)] = None

    @property
    def title(self) -> str:
        """For example `Tablet usb`."""
        return join(self.kind.capitalize(), self.bus)
