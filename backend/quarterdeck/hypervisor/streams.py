"""Consoles of machines as plain sockets: whoever gets one reads, writes and closes it, and all ends with it."""

from __future__ import annotations

import ipaddress
import shlex
import socket
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import libvirt

from ..model.xml import Element, parse
from ..problems import Problem
from .connection import close_connection
from .console import pump
from .errors import explained
from .parts import Connections
from .spec import HostSpec, bracketed

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Screen:
    """A screen that a native viewer can reach. An empty address: the host's own."""

    type: str
    address: str
    port: int
    password: str | None
    title: str


class Openable(Connections, Protocol):
    """A host that can be reached beside libvirt too."""

    spec: HostSpec
    uri: str

    def own(self) -> libvirt.virConnect:
        """A connection that the caller closes."""

    def ssh_command(self) -> list[str]:
        """The ssh call that reaches the host, without a command."""


class Streams:
    """The consoles of one host's machines."""

    def __init__(self, host: Openable) -> None:
        self._host = host

    def open_graphics(self, uuid: str) -> socket.socket:
        """The machine's VNC server. On this server it needs no open port and no VNC password."""
        if self._host.is_test:
            raise Problem("unsupported", "Machines of a made-up host have no console.")
        if self._host.spec.transport == "local":
            with self._host.connection() as conn:
                flags = libvirt.VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH
                return socket.socket(fileno=conn.lookupByUUIDString(uuid).openGraphicsFD(0, flags))
        with self._host.connection() as conn:
            graphics = parse(conn.lookupByUUIDString(uuid).XMLDesc(0)).find("devices/graphics[@type='vnc']")
        if graphics is None:
            raise Problem("unsupported", "The machine has no VNC console.", cure="Add graphics of type VNC.")
        if self._host.spec.transport == "ssh":
            return self._through_ssh(graphics)
        return self._direct(graphics)

    def graphics(self, uuid: str) -> Screen:
        """The screen that listens on the network; Problem `unsupported` when none does."""
        with self._host.connection() as conn:
            domain = parse(conn.lookupByUUIDString(uuid).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
        for graphics in domain.iterfind("devices/graphics"):
            listen, port = _listens(graphics)
            if port and not ipaddress.ip_address(listen).is_loopback:
                address = self._host.spec.address if ipaddress.ip_address(listen).is_unspecified else listen
                title = domain.findtext("title") or domain.findtext("name") or ""
                return Screen(graphics.get("type", "vnc"), address or "", port, graphics.get("passwd"), title)
        raise Problem(
            "unsupported",
            "The machine's screen does not listen on the network, so a native viewer cannot reach it.",
            cure="Use the console in the page, or let its graphics listen on an address (and set a password).",
        )

    def _direct(self, graphics: Element) -> socket.socket:
        listen, port = _listens(graphics)
        if not port or ipaddress.ip_address(listen).is_loopback:
            raise Problem(
                "unsupported",
                "The machine's VNC console does not listen on the network.",
                cure="Connect the host by SSH, or let the machine's VNC listen on an address.",
            )
        address = self._host.spec.address if ipaddress.ip_address(listen).is_unspecified else listen
        try:
            return socket.create_connection((address, port), CONNECT_SECONDS)
        except OSError as error:
            raise Problem(
                "host-lost", f"The VNC console at {address}:{port} does not answer.", raw=str(error)
            ) from error

    def _through_ssh(self, graphics: Element) -> socket.socket:
        listen, port = _listens(graphics)
        command = self._host.ssh_command()
        host = command.pop()
        if port:
            target = "127.0.0.1" if ipaddress.ip_address(listen).is_unspecified else listen
            return _piped([*command, "-W", f"{bracketed(target)}:{port}", host])
        path = graphics.get("socket") or next((x.get("socket") for x in graphics.iterfind("listen[@socket]")), None)
        if not path:
            raise Problem("wrong-state", "The machine has no VNC console just now.")
        return _piped([*command, host, f"nc -U {shlex.quote(path)}"])

    def open_console(self, uuid: str, device: str | None = None, *, force: bool = False) -> socket.socket:
        """The serial console, or another character device by its alias; `force` takes it from whoever has it.

        Problem `wrong-state` when somebody else has it open or the machine is off.
        """
        conn = self._host.own()
        stream = None
        try:
            with explained():
                stream = conn.newStream(libvirt.VIR_STREAM_NONBLOCK)
                flags = libvirt.VIR_DOMAIN_CONSOLE_FORCE if force else 0
                conn.lookupByUUIDString(uuid).openConsole(device, stream, flags)
            return pump(stream, _closer(conn))
        except BaseException:
            del stream
            close_connection(conn)
            raise


def _closer(conn: libvirt.virConnect) -> Callable[[], None]:
    return lambda: close_connection(conn)


def _listens(graphics: Element) -> tuple[str, int]:
    """Address and port of a VNC server; port 0 when it listens on no port."""
    port = int(graphics.get("port", "-1"))
    if port <= 0:
        return "", 0
    listen = graphics.get("listen") or next((x.get("address") for x in graphics.iterfind("listen[@address]")), None)
    return listen or "127.0.0.1", port


def _piped(command: list[str]) -> socket.socket:
    """A socket whose other end is the standard input and output of a command."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL)
    threading.Thread(target=process.wait, name="ssh-console", daemon=True).start()
    return ours
