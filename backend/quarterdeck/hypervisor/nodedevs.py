"""The devices of one host that could be given to a machine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import libvirt

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

    def get(self, name: str) -> NodeDevice:
        """One device."""
        with self._host.connection() as conn:
            device = conn.nodeDeviceLookupByName(name)
            return NodeDevice(name, device.parent(), device.XMLDesc(0))
