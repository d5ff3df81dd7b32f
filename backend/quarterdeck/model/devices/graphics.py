"""Graphical consoles."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import KEYMAP, MOMENT, RENDER_NODE
from ..xml import Apply, At, XmlModel
from .base import Device

SPICE = "kind=spice"
Compressed = Literal["auto", "never", "always"]


class Listen(XmlModel):
    """Where the console waits for viewers."""

    type: Annotated[Literal["address", "network", "socket", "none"] | str, At("@type")] = "address"
    address: Annotated[str | None, At("@address")] = None
    network: Annotated[str | None, At("@network")] = None


class SpiceChannel(XmlModel):
    """How one of SPICE's channels is reached."""

    name: Annotated[
        Literal["main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir"] | str | None,
        At("@name", needed=True),
    ] = None
    mode: Annotated[
        Literal["any", "secure", "insecure"] | str | None,
        At("@mode", needed=True, help="secure only over the TLS port"),
    ] = None


class Graphics(Device):
    """A screen that this page, or a viewer, shows."""

    tag: ClassVar[str] = "graphics"
    noun: ClassVar[str] = "Display"
    usual: ClassVar[dict[str, str]] = {"kind": "vnc"}
    type: Literal["graphics"] = "graphics"
    kind: Annotated[
        Literal["vnc", "spice", "egl-headless"] | str,
        At("@type", apply=Apply.NEVER, offer="graphics.type", help="This page shows VNC; its password is never read"),
    ] = "vnc"
    port: Annotated[
        int | None,
        At("@port", minimum=-1, maximum=65535, advanced=True, help="-1 where it is chosen at each start"),
    ] = None
    tls_port: Annotated[
        int | None, At("@tlsPort", minimum=-1, maximum=65535, advanced=True, when=SPICE, title="TLS port")
    ] = None
    websocket: Annotated[
        int | None,
        At("@websocket", minimum=-1, maximum=65535, advanced=True, when="kind=vnc", title="WebSocket port"),
    ] = None
    autoport: Annotated[bool | None, At("@autoport", words="yesno", title="Choose the port", advanced=True)] = None
    listens: Annotated[tuple[Listen, ...], At("listen", title="Listens at", asked=False)] = ()
    has_password: Annotated[
        bool, At("@passwd", words="present", apply=Apply.LIVE, title="Password is set", asked=False)
    ] = False
    password_valid_to: Annotated[
        str | None,
        At(
            "@passwdValidTo",
            apply=Apply.LIVE,
            advanced=True,
            title="Password ends",
            pattern=MOMENT,
            help="UTC, as 2031-01-01T00:00:00",
        ),
    ] = None
    connected: Annotated[
        Literal["keep", "disconnect", "fail"] | str | None,
        At("@connected", apply=Apply.LIVE, advanced=True, help="What a new password does to viewers"),
    ] = None
    share_policy: Annotated[
        Literal["allow-exclusive", "force-shared", "ignore"] | str | None,
        At("@sharePolicy", advanced=True, when="kind=vnc", help="Whether a viewer may shut others out"),
    ] = None
    power_control: Annotated[
        bool | None, At("@powerControl", words="yesno", advanced=True, when="kind=vnc", since="7.1.0")
    ] = None
    keymap: Annotated[
        str | None,
        At("@keymap", advanced=True, pattern=KEYMAP, help="Keyboard layout; best left to the viewer"),
    ] = None
    gl: Annotated[bool | None, At("gl/@enable", words="yesno", title="OpenGL", advanced=True, when=SPICE)] = None
    render_node: Annotated[
        str | None,
        At("gl/@rendernode", advanced=True, pattern=RENDER_NODE, when="kind=spice,egl-headless"),
    ] = None
    image_compression: Annotated[
        Literal["auto_glz", "auto_lz", "quic", "glz", "lz", "off"] | str | None,
        At("image/@compression", advanced=True, when=SPICE),
    ] = None
    jpeg: Annotated[
        Compressed | str | None,
        At("jpeg/@compression", advanced=True, when=SPICE, title="JPEG over slow lines"),
    ] = None
    zlib: Annotated[
        Compressed | str | None,
        At("zlib/@compression", advanced=True, when=SPICE, title="zlib over slow lines"),
    ] = None
    playback: Annotated[
        bool | None,
        At("playback/@compression", words="onoff", advanced=True, when=SPICE, title="Compressed sound"),
    ] = None
    default_mode: Annotated[
        Literal["any", "secure", "insecure"] | str | None,
        At("@defaultMode", advanced=True, when=SPICE, help="How channels that are not named below are reached"),
    ] = None
    channels: Annotated[tuple[SpiceChannel, ...], At("channel", advanced=True, when=SPICE)] = ()
    audio: Annotated[
        int | None,
        At(
            "audio/@id",
            title="Audio backend",
            advanced=True,
            when="kind=vnc",
            since="7.2.0",
            minimum=1,
            maximum=64,
            help="Number of the backend that viewers hear",
        ),
    ] = None
    streaming: Annotated[
        Literal["filter", "all", "off"] | str | None, At("streaming/@mode", advanced=True, when=SPICE)
    ] = None
    mouse: Annotated[Literal["client", "server"] | str | None, At("mouse/@mode", advanced=True, when=SPICE)] = None
    clipboard: Annotated[
        bool | None,
        At("clipboard/@copypaste", words="yesno", advanced=True, when=SPICE, title="Shared clipboard"),
    ] = None
    file_transfer: Annotated[bool | None, At("filetransfer/@enable", words="yesno", advanced=True, when=SPICE)] = None

    @property
    def title(self) -> str:
        """For example `Display VNC`."""
        return f"Display {self.kind.upper() if self.kind == 'vnc' else self.kind.capitalize()}"
