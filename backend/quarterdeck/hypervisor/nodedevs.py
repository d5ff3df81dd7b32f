"""The devices of one host that could be given to a machine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import libvirt

from ..problems import Problem
from .parts import Connections


@dataclass(frozen=True)
class NodeDevice:
    """A device of the host with its description."""

    name: str
    parent: str | None
    xml: str


class NodeDevices:
    """All devices of a host."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def all(self, capability: str | None = None) -> list[NodeDevice]:
        """All devices, or those of one capability (`pci`, `usb_device`, `net`, `mdev` ...)."""
        with self._host.connection() as conn:
            found = []
            for name in conn.listDevices(capability, 0):
                with contextlib.suppress(libvirt.libvirtError):  # unplugged in the meantime
                    device = conn.nodeDeviceLookupByName(name)
                    found.append(NodeDevice(name, device.parent(), device.XMLDesc(0)))
            return found

    def lacks_interface(self, name: str) -> bool:
        """Whether the host has no such network interface; no where a libvirt without that driver cannot tell."""
        try:
            names = {device.name for device in self.all("net")}
        except Problem:
            return False
        start = f"net_{name.replace('-', '_').replace('.', '_')}_"
        return bool(names) and not any(known.startswith(start) for known in names)

    def get(self, name: str) -> NodeDevice:
        """One device."""
        with self._host.connection() as conn:
            device = conn.nodeDeviceLookupByName(name)
            return NodeDevice(name, device.parent(), device.XMLDesc(0))
