"""Serial and parallel ports, consoles and channels: lines of characters between guest and host."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import ANY_PATH, HOST, PLAIN_WORD, WORD
from ..xml import Apply, At
from .base import Device, join

PortKind = Literal["pty", "file", "unix", "tcp", "udp", "spiceport", "null", "dev", "pipe"]
LineKind = Literal[PortKind, "spicevmc", "qemu-vdagent"]


class Line(Device):
    """What all lines have: how the host's end is made, and where it is."""

    usual: ClassVar[dict[str, str]] = {"kind": "pty"}
    kind: Annotated[
        PortKind | str,
        At("@type", title="Host's end", help="pty is what the text console of this page uses"),
    ] = "pty"
    path: Annotated[
        str | None,
        At(
            "source/@path",
            pattern=ANY_PATH,
            when="kind=file,unix,dev,pipe",
            help="File, socket or device on the host",
        ),
    ] = None
    source_mode: Annotated[
        Literal["bind", "connect"] | str | None,
        At("source/@mode", title="Direction", when="kind=unix,tcp,udp", help="bind waits, connect calls"),
    ] = None
    source_host: Annotated[
        str | None, At("source/@host", title="Address", when="kind=tcp,udp", needed=True, pattern=HOST)
    ] = None
    source_service: Annotated[
        int | None,
        At("source/@service", title="TCP or UDP port", when="kind=tcp,udp", needed=True, minimum=1, maximum=65535),
    ] = None
    protocol: Annotated[Literal["raw", "telnet"] | str | None, At("protocol/@type", when="kind=tcp", advanced=True)] = (
        None
    )
    spice_channel: Annotated[
        str | None,
        At(
            "source/@channel",
            when="kind=spiceport",
            needed=True,
            pattern=WORD,
            help="Name of the SPICE port",
        ),
    ] = None
    log: Annotated[
        str | None,
        At("log/@file", pattern=ANY_PATH, advanced=True, help="File on the host that keeps what the guest wrote"),
    ] = None
    log_append: Annotated[
        bool | None, At("log/@append", words="onoff", title="Keep the log over starts", advanced=True, when="log")
    ] = None


class Serial(Line):
    """A serial port: the text console of the guest."""

    tag: ClassVar[str] = "serial"
    noun: ClassVar[str] = "Serial port"
    most: ClassVar[int | None] = 4
    type: Literal["serial"] = "serial"
    port: Annotated[int | None, At("target/@port", apply=Apply.NEVER, asked=False)] = None
    model: Annotated[
        Literal["isa-serial", "usb-serial", "pci-serial"] | str | None,
        At("target/@type", title="Model", help="isa-serial is what every PC has"),
    ] = None

    @property
    def title(self) -> str:
        """For example `Serial port 1 (pty)`."""
        return f"{join('Serial port', (self.port or 0) + 1)} ({self.kind})"


class Parallel(Line):
    """A parallel port, for old printers and dongles."""

    tag: ClassVar[str] = "parallel"
    noun: ClassVar[str] = "Parallel port"
    most: ClassVar[int | None] = 3
    type: Literal["parallel"] = "parallel"
    port: Annotated[int | None, At("target/@port", apply=Apply.NEVER, asked=False)] = None

    @property
    def title(self) -> str:
        """For example `Parallel port 1 (pty)`."""
        return f"{join('Parallel port', (self.port or 0) + 1)} ({self.kind})"


class Console(Line):
    """A text console over virtio; the first one is usually the first serial port."""

    tag: ClassVar[str] = "console"
    noun: ClassVar[str] = "Console"
    type: Literal["console"] = "console"
    port: Annotated[int | None, At("target/@port", apply=Apply.NEVER, asked=False)] = None
    target: Annotated[Literal["serial", "virtio"] | str | None, At("target/@type", apply=Apply.NEVER, asked=False)] = (
        None
    )

    @property
    def title(self) -> str:
        """For example `Console 1 (serial)`."""
        return f"{join('Console', (self.port or 0) + 1)} ({self.target or self.kind})"


class Channel(Line):
    """A channel to a program in the guest, such as the guest agent."""

    tag: ClassVar[str] = "channel"
    noun: ClassVar[str] = "Channel"
    usual: ClassVar[dict[str, str]] = {"kind": "unix", "name": "org.qemu.guest_agent.0"}
    offer: ClassVar[str] = "channel.type"
    type: Literal["channel"] = "channel"
    kind: Annotated[LineKind | str, At("@type", title="Host's end", help="unix is what the guest agent uses")] = "pty"
    target: Annotated[str | None, At("target/@type", apply=Apply.NEVER, asked=False)] = None
    name: Annotated[
        str | None,
        At(
            "target/@name",
            apply=Apply.NEVER,
            needed=True,
            pattern=PLAIN_WORD,
            help="Name by which the guest finds it; org.qemu.guest_agent.0 is the guest agent's",
        ),
    ] = None
    state: Annotated[
        Literal["connected", "disconnected"] | str | None,
        At("target/@state", apply=Apply.NEVER, asked=False, help="Whether the guest's program listens"),
    ] = None
    clipboard: Annotated[
        bool | None,
        At("source/clipboard/@copypaste", words="yesno", title="Shared clipboard", when="kind=qemu-vdagent"),
    ] = None

    @property
    def hot(self) -> bool:
        """Those over virtio are."""
        return self.target in (None, "virtio")

    @property
    def title(self) -> str:
        """For example `Channel org.qemu.guest_agent.0`."""
        return join("Channel", self.name or self.kind)
