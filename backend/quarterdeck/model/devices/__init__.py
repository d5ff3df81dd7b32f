"""The devices of a machine: one declaration per kind, stable ids, a title for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, ValidationError

from ..xml import Element
from .audio import Audio
from .base import Device
from .controller import Controller
from .disk import Disk
from .graphics import Graphics
from .guards import Lease, RedirFilter
from .hostdev import Filesystem, HostDev, RedirDev
from .interface import Interface
from .lines import Channel, Console, Parallel, Serial
from .memory import Iommu, MemBalloon, Memory, Shmem
from .other import OtherDevice
from .screens import Input, Sound, Video
from .sensors import Panic, Rng, Smartcard, Tpm, Vsock, Watchdog

AnyDevice = Annotated[
    Disk
    | Interface
    | Graphics
    | Video
    | Console
    | Serial
    | Parallel
    | Channel
    | Input
    | Controller
    | Sound
    | Audio
    | Rng
    | Tpm
    | Watchdog
    | MemBalloon
    | Vsock
    | Filesystem
    | HostDev
    | RedirDev
    | RedirFilter
    | Lease
    | Smartcard
    | Memory
    | Shmem
    | Iommu
    | Panic
    | OtherDevice,
    Field(discriminator="type"),
]

KINDS: dict[str, type[Device]] = {
    kind.tag: kind
    for kind in (
        *(Disk, Interface, Filesystem, HostDev, RedirDev, RedirFilter, Graphics, Video, Input, Sound, Audio),
        *(Serial, Parallel, Console, Channel, Controller, Rng, Tpm, Watchdog, Panic, Vsock, Smartcard),
        *(MemBalloon, Memory, Shmem, Iommu, Lease),
    )
}


@dataclass(frozen=True)
class Placed:
    """A device's element with its id."""

    id: str
    element: Element

    @property
    def tag(self) -> str:
        """Libvirt's word for its kind."""
        return str(self.element.tag)

    @property
    def kind(self) -> type[Device]:
        """The model of its kind."""
        return KINDS.get(self.tag, OtherDevice)

    @cached_property
    def device(self) -> Device:
        """What it is."""
        try:
            return self.kind.read(self.element)
        except ValidationError:  # a value that no libvirt of today writes: shown, not lost
            return OtherDevice.read(self.element)


def placed(root: Element) -> list[Placed]:
    """All devices of a definition in the order of the XML. Ids stay when other devices come and go, where they can."""
    found: list[Placed] = []
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    for element in root.iterfind("devices/*"):
        if not isinstance(element.tag, str) or element.tag == "emulator":
            continue
        key, number = KINDS.get(element.tag, OtherDevice).key(element), counts[element.tag]
        counts[element.tag] += 1
        name = f"{element.tag}-{key if key is not None else number}"
        name = name if name not in taken else f"{name}-{number}"
        taken.add(name)
        found.append(Placed(name, element))
    return found


def devices(root: Element) -> list[Device]:
    """All devices of a definition."""
    return [each.device for each in placed(root)]


def find(root: Element, device_id: str) -> Placed | None:
    """The device with this id."""
    return next((each for each in placed(root) if each.id == device_id), None)


__all__ = [
    "KINDS",
    "AnyDevice",
    "Audio",
    "Channel",
    "Console",
    "Controller",
    "Device",
    "Disk",
    "Filesystem",
    "Graphics",
    "HostDev",
    "Input",
    "Interface",
    "Iommu",
    "Lease",
    "MemBalloon",
    "Memory",
    "OtherDevice",
    "Panic",
    "Parallel",
    "Placed",
    "RedirDev",
    "RedirFilter",
    "Rng",
    "Serial",
    "Shmem",
    "Smartcard",
    "Sound",
    "Tpm",
    "Video",
    "Vsock",
    "Watchdog",
    "devices",
    "find",
    "placed",
]
