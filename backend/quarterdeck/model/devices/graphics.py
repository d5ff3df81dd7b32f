"""Graphical consoles."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At, XmlModel
from .base import Device


class Listen(XmlModel):
    """Where the console waits for viewers."""

    type: Annotated[Literal["address", "network", "socket", "none"] | str, At("@type")] = "address"
    address: Annotated[str | None, At("@address")] = None
    network: Annotated[str | None, At("@network")] = None


class Graphics(Device):
    """A graphical console. Its password is never read, only that there is one."""

    tag: ClassVar[str] = "graphics"
    type: Literal["graphics"] = "graphics"
    kind: Annotated[Literal["vnc", "spice", "egl-headless"] | str, At("@type", apply=Apply.NEVER)] = "vnc"
    port: Annotated[int | None, At("@port", help="-1 where it is chosen at each start")] = None
    autoport: Annotated[bool | None, At("@autoport", words="yesno", title="Choose the port")] = None
    listens: Annotated[tuple[Listen, ...], At("listen", title="Listens at")] = ()
    has_password: Annotated[bool, At("@passwd", words="present", apply=Apply.LIVE, title="Password is set")] = False
    password_valid_to: Annotated[str | None, At("@passwdValidTo", apply=Apply.LIVE, help="UTC, ISO 8601")] = None
    keymap: Annotated[str | None, At("@keymap", help="Keyboard layout; best left to the viewer")] = None
    gl: Annotated[bool | None, At("gl/@enable", words="yesno", title="OpenGL")] = None
    render_node: Annotated[str | None, At("gl/@rendernode")] = None

    @property
    def title(self) -> str:
        """For example `Display VNC`."""
        return f"Display {self.kind.upper() if self.kind == 'vnc' else self.kind.capitalize()}"
