"""Serial ports, consoles and channels: lines of characters between guest and host."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At
from .base import Device, join

LineKind = Literal["pty", "file", "unix", "tcp", "udp", "spicevmc", "qemu-vdagent", "null", "dev", "stdio"]


class Line(Device):
    """What all lines have: how the host's end is made, and where it is."""

    kind: Annotated[LineKind | str, At("@type", help="How the host's end is made")] = "pty"
    path: Annotated[str | None, At("source/@path", help="File, socket or device on the host")] = None
    log: Annotated[str | None, At("log/@file", help="File on the host that keeps what the guest wrote")] = None
    log_append: Annotated[bool | None, At("log/@append", words="onoff", title="Keep the log over starts")] = None


class Serial(Line):
    """A serial port."""

    tag: ClassVar[str] = "serial"
    type: Literal["serial"] = "serial"
    port: Annotated[int | None, At("target/@port", apply=Apply.NEVER)] = None
    model: Annotated[str | None, At("target/@type", help="isa-serial, usb-serial, pci-serial ...")] = None

    @property
    def title(self) -> str:
        """For example `Serial port 1 (pty)`."""
        return f"{join('Serial port', (self.port or 0) + 1)} ({self.kind})"


class Console(Line):
    """A text console; the first one is usually the first serial port."""

    tag: ClassVar[str] = "console"
    type: Literal["console"] = "console"
    port: Annotated[int | None, At("target/@port", apply=Apply.NEVER)] = None
    target: Annotated[Literal["serial", "virtio"] | str | None, At("target/@type")] = None

    @property
    def title(self) -> str:
        """For example `Console 1 (serial)`."""
        return f"{join('Console', (self.port or 0) + 1)} ({self.target or self.kind})"


class Channel(Line):
    """A channel to a program in the guest, such as the guest agent."""

    tag: ClassVar[str] = "channel"
    type: Literal["channel"] = "channel"
    target: Annotated[str | None, At("target/@type", apply=Apply.NEVER)] = None
    name: Annotated[str | None, At("target/@name", help="Name by which the guest finds it")] = None
    state: Annotated[
        Literal["connected", "disconnected"] | str | None,
        At("target/@state", apply=Apply.NEVER, help="Whether the guest's program listens"),
    ] = None
    clipboard: Annotated[bool | None, At("source/clipboard/@copypaste", words="yesno", title="Shared clipboard")] = None

    @property
    def title(self) -> str:
        """For example `Channel org.qemu.guest_agent.0`."""
        return join("Channel", self.name or self.kind)
