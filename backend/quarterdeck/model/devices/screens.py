"""Video cards, sound and input devices."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import DEVICE
from ..xml import Apply, At
from .base import Device, join
from .virtio import Virtio, virtio_at

RESIZED = "model=virtio,vga,qxl,bochs"


class Video(Device):
    """A graphics card: what the guest draws on."""

    tag: ClassVar[str] = "video"
    noun: ClassVar[str] = "Video card"
    usual: ClassVar[dict[str, str]] = {"model": "virtio"}
    offer: ClassVar[str] = "video.modelType"
    type: Literal["video"] = "video"
    model: Annotated[
        Literal["virtio", "vga", "bochs", "qxl", "cirrus", "ramfb", "none"] | str | None,
        At("model/@type", offer="video.modelType", help="virtio for current systems, vga works everywhere"),
    ] = None
    primary: Annotated[
        bool | None, At("model/@primary", words="yesno", advanced=True, help="The one that shows the start")
    ] = None
    vram_kib: Annotated[
        int | None, At("model/@vram", title="Video memory", advanced=True, maximum=16 << 20, when="model=vga,qxl,bochs")
    ] = None
    ram_kib: Annotated[
        int | None, At("model/@ram", title="Memory for pictures", advanced=True, maximum=16 << 20, when="model=qxl")
    ] = None
    vgamem_kib: Annotated[
        int | None,
        At(
            "model/@vgamem",
            title="Memory of a screen",
            advanced=True,
            minimum=1024,
            maximum=16 << 20,
            when="model=qxl",
        ),
    ] = None
    vram64_kib: Annotated[
        int | None,
        At("model/@vram64", title="Video memory above 4 GiB", advanced=True, maximum=16 << 20, when="model=qxl"),
    ] = None
    heads: Annotated[
        int | None, At("model/@heads", title="Screens", advanced=True, minimum=1, maximum=16, when="model=virtio,qxl")
    ] = None
    accel3d: Annotated[
        bool | None,
        At(
            "model/acceleration/@accel3d",
            words="yesno",
            title="3D acceleration",
            when="model=virtio",
            help="Needs a display with OpenGL",
        ),
    ] = None
    width: Annotated[
        int | None,
        At("model/resolution/@x", advanced=True, minimum=1, maximum=16384, when=RESIZED),
    ] = None
    height: Annotated[
        int | None,
        At("model/resolution/@y", advanced=True, minimum=1, maximum=16384, when=RESIZED),
    ] = None
    blob: Annotated[
        bool | None,
        At(
            "model/@blob",
            words="onoff",
            advanced=True,
            when="model=virtio",
            since="9.2.0",
            title="Shared pictures",
            help="Pictures are not copied between guest and host; needs shared memory",
        ),
    ] = None
    edid: Annotated[
        bool | None,
        At(
            "model/@edid",
            words="onoff",
            advanced=True,
            when="model=vga,bochs,virtio",
            since="11.7.0",
            title="EDID",
            help="The guest is told what the screen can show",
        ),
    ] = None
    virtio: Annotated[Virtio, virtio_at("model=virtio")] = Virtio()

    @property
    def title(self) -> str:
        """For example `Video virtio`."""
        return join("Video", self.model)


class Sound(Device):
    """Lets the guest play and record sound."""

    tag: ClassVar[str] = "sound"
    noun: ClassVar[str] = "Sound card"
    usual: ClassVar[dict[str, str]] = {"model": "ich9"}
    type: Literal["sound"] = "sound"
    model: Annotated[
        Literal["ich9", "ich6", "ac97", "usb", "virtio", "sb16", "es1370"] | str | None,
        At("@model", offer="sound.model", help="ich9 for current systems, ac97 for old ones"),
    ] = None
    codecs: Annotated[
        tuple[Literal["duplex", "micro", "output"] | str, ...], At("codec/@type", advanced=True, when="model=ich6,ich9")
    ] = ()
    audio: Annotated[
        int | None,
        At("audio/@id", title="Audio backend", advanced=True, minimum=1, maximum=64, help="Number of the backend"),
    ] = None

    @property
    def title(self) -> str:
        """For example `Sound ich9`."""
        return join("Sound", self.model)


class Input(Device):
    """A keyboard, mouse or tablet. A USB tablet keeps the pointer in step with the console."""

    tag: ClassVar[str] = "input"
    noun: ClassVar[str] = "Input device"
    usual: ClassVar[dict[str, str]] = {"kind": "tablet", "bus": "usb"}
    type: Literal["input"] = "input"
    kind: Annotated[
        Literal["tablet", "mouse", "keyboard", "evdev", "passthrough"] | str,
        At("@type", apply=Apply.NEVER, help="evdev and passthrough give the guest one of the host's own"),
    ] = "tablet"
    bus: Annotated[
        Literal["usb", "virtio", "ps2"] | str | None,
        At("@bus", apply=Apply.NEVER, when="kind=tablet,mouse,keyboard,passthrough"),
    ] = None
    model: Annotated[
        Literal["virtio"] | str | None,
        At("@model", advanced=True, when="bus=virtio"),
    ] = None
    evdev: Annotated[
        str | None,
        At(
            "source/@evdev",
            when="kind=passthrough",
            needed=True,
            pattern=DEVICE,
            help="Such as /dev/input/event1",
        ),
    ] = None
    device: Annotated[str | None, At("source/@dev", when="kind=evdev", needed=True, pattern=DEVICE)] = None
    grab: Annotated[
        Literal["all"] | str | None,
        At("source/@grab", advanced=True, when="kind=evdev", help="all grabs every device together"),
    ] = None
    repeat: Annotated[bool | None, At("source/@repeat", words="onoff", advanced=True, when="kind=evdev")] = None
    grab_toggle: Annotated[
        Literal["ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock"] | str | None,
        At("source/@grabToggle", advanced=True, when="kind=evdev", help="Keys that give it back to the host"),
    ] = None
    virtio: Annotated[Virtio, virtio_at("bus=virtio")] = Virtio()

    @property
    def hot(self) -> bool:
        """Those on USB or virtio are."""
        return self.bus in ("usb", "virtio") and self.kind != "evdev"

    @property
    def on_pci(self) -> bool:
        """A virtio one is a PCI device."""
        return self.bus == "virtio"

    @property
    def title(self) -> str:
        """For example `Tablet usb`."""
        return join(self.kind.capitalize(), self.bus)
