"""What may be asked of a machine that exists: changes of its settings and devices. A field left out stays as it is."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    WrapValidator,
    model_validator,
)

from .bodies import add_body, change_body, tagged, wish_of
from .boot import Boot
from .create import AbsolutePath, DomainCreate, DomainName, MacAddress, VolumeName
from .definition import Definition
from .devices import KINDS
from .devices.disk_source import DiskSource, Protocol
from .devices.interface import InterfaceSource, LinkState
from .patterns import LISTEN, NODE_DEVICE, ONE_LINE, ONE_TAG, WORD
from .secret import Passphrase, typed
from .strict import Strict
from .xml import Apply, At, clean

Title = Annotated[str, Field(max_length=256, pattern=ONE_LINE), AfterValidator(clean)]
Description = Annotated[str, Field(max_length=8192), AfterValidator(clean)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=8), AfterValidator(typed)]
TagWord = Annotated[str, Field(min_length=1, max_length=64, pattern=ONE_TAG), AfterValidator(clean)]
NetworkName = Annotated[str, Field(min_length=1, max_length=128, pattern=ONE_LINE)]
DeviceId = Annotated[str, Field(min_length=1, max_length=256, pattern=ONE_LINE)]
ListenAt = Annotated[str, Field(pattern=LISTEN, max_length=45)]
SizeGib = Annotated[float, Field(gt=0, le=1 << 20)]


def _link(value: Any) -> Any:
    return {True: "up", False: "down"}.get(value, value) if isinstance(value, bool) else value


Link = Annotated[LinkState, BeforeValidator(_link)]


class ApplyQuery(Strict):
    """Where a change goes: `both` (where the machine runs), only `live`, or only to the saved definition."""

    apply: Literal["both", "live", "next_start"] = Field(
        "both", description="`both`, `live` for the running machine alone, or `next_start` for the saved one"
    )


class BootEdit(change_body(Boot)):  # type: ignore[misc]  # made from the declaration
    """What the machine boots from. `order` are ids of devices; the other places are those of the definition."""

    order: list[DeviceId] | None = None


class DomainPatch(change_body(Definition)):  # type: ignore[misc]  # made from the declaration
    """Settings of a machine: all that its definition declares; memory in MiB. Null takes a value or a section away.

    What is written here has rules of its own.
    """

    name: DomainName | None = None
    title: Title | None = None
    description: Description | None = None
    tags: list[TagWord] | None = Field(None, max_length=32)
    autostart: bool | None = None
    vcpus: int | None = Field(None, ge=1, le=4096)
    vcpus_max: int | None = Field(None, ge=1, le=4096)
    memory_mib: int | None = Field(None, ge=16, le=1 << 30)
    memory_max_mib: int | None = Field(None, ge=16, le=1 << 30)
    machine: Annotated[str, Field(pattern=WORD, max_length=64)] | None = None
    firmware: Literal["bios", "uefi"] | None = None
    secure_boot: bool | None = None
    boot: BootEdit | None = None


class DomainRequest(DomainCreate):
    """A new machine, with whatever its definition can say beside what is asked for here."""

    settings: DomainPatch | None = Field(None, description="Further settings, as PATCH of a machine takes them")


class MediaSource(Strict):
    """What is in a drive: a volume of a pool, or a path on the host."""

    pool: str | None = None
    volume: VolumeName | None = None
    path: AbsolutePath | None = None

    @model_validator(mode="after")
    def _one(self) -> MediaSource:
        if bool(self.path) == bool(self.pool and self.volume):
            raise ValueError("Name a pool and a volume, or a path.")
        return self


class NetworkSource(wish_of(DiskSource)):  # type: ignore[misc]  # made from the declaration
    """A disk that lies at a server: RBD, iSCSI, NBD, HTTP ..."""

    protocol: Protocol
    name: Annotated[str, Field(min_length=1, max_length=1024, pattern=ONE_LINE)] | None = None


def _kind_of_source(value: Any) -> str:
    named = value.get("protocol") if isinstance(value, dict) else getattr(value, "protocol", None)
    return "network" if named else "media"


AnySource = Annotated[
    Annotated[MediaSource, Tag("media")] | Annotated[NetworkSource, Tag("network")], Discriminator(_kind_of_source)
]


PASSPHRASE = At(
    ".",
    control="secret",
    advanced=True,
    help="Opens an encrypted disk, or encrypts a new one; libvirt keeps it and tells nobody",
    maximum=512,
)


class DiskWish(Strict):
    """What a disk can be asked for besides its settings. A `source` in the network needs no pool."""

    type: Literal["disk"]
    passphrase: Annotated[Passphrase | None, PASSPHRASE] = None
    device: Literal["disk", "cdrom", "floppy", "lun"] = "disk"
    pool: str | None = None
    volume: VolumeName | None = None
    path: AbsolutePath | None = None
    source: NetworkSource | None = None
    size_gib: SizeGib | None = None
    format: Literal["qcow2", "raw"] | None = None
    readonly: bool = False
    shareable: bool = False


class DiskChange(Strict):
    """What can be changed of a disk besides its settings.

    `source` null ejects a medium; `force` opens a tray that the guest has locked.
    """

    type: Literal["disk"] = "disk"
    passphrase: Annotated[Passphrase | None, PASSPHRASE] = None
    size_gib: SizeGib | None = None
    source: AnySource | None = None
    force: bool = False


def _plugged(value: Any) -> Any:
    """A network or a bridge says by itself what kind of source it is."""
    if isinstance(value, dict) and not value.get("type"):
        kind = next((name for name in ("network", "bridge") if value.get(name)), None)
        return {**value, "type": kind} if kind else value
    return value


class InterfaceTo(wish_of(InterfaceSource)):  # type: ignore[misc]  # made from the declaration
    """What a network interface is plugged into; `type` may be left out for a network or a bridge."""

    network: NetworkName | None = None

    @model_validator(mode="before")
    @classmethod
    def _kind(cls, value: Any) -> Any:
        return _plugged(value)

    @model_validator(mode="after")
    def _one(self) -> InterfaceTo:
        if not self.type or bool(self.network) + bool(self.bridge) > 1:
            raise ValueError("Name a network or a bridge, or the type of the source.")
        return self


class InterfaceWish(Strict):
    """What a network interface can be asked for besides its settings."""

    type: Literal["interface"]
    source: InterfaceTo | None = None
    mac: MacAddress | None = None
    link: Link | None = None


class InterfaceChange(InterfaceWish):
    """What can be changed of a network interface besides its settings."""

    type: Literal["interface"] = "interface"


class GraphicsWish(Strict):
    """What a display can be asked for besides its settings. `password` null takes the password away."""

    type: Literal["graphics"]
    listen: Annotated[
        ListenAt | None,
        At(
            "listen",
            title="Other viewers",
            help="socket: no open port, only this page; none: no port at all; or an address of the host",
        ),
    ] = None
    password: Annotated[
        Password | None,
        At(
            "@passwd",
            apply=Apply.LIVE,
            control="secret",
            help="VNC uses 8 characters at most; empty takes it away",
            maximum=8,
        ),
    ] = None


class GraphicsChange(GraphicsWish):
    """What can be changed of a display besides its settings."""

    type: Literal["graphics"] = "graphics"


class HostDevWish(Strict):
    """What a host device can be asked for: one of the host's node devices by its name."""

    type: Literal["hostdev"]
    node_device: Annotated[
        Annotated[str, Field(pattern=NODE_DEVICE, max_length=200)] | None,
        At("source", apply=Apply.NEVER, title="Device of the host", help="Its name among the node devices"),
    ] = None


WISHES: dict[str, type[Strict]] = {
    "disk": DiskWish,
    "interface": InterfaceWish,
    "graphics": GraphicsWish,
    "hostdev": HostDevWish,
}
"""What may be asked for besides the declared values, by kind."""
CHANGES: dict[str, type[Strict]] = {"disk": DiskChange, "interface": InterfaceChange, "graphics": GraphicsChange}
ADDS: dict[str, type[Strict]] = {tag: add_body(kind, WISHES.get(tag) or tagged(tag)) for tag, kind in KINDS.items()}
EDITS: dict[str, type[Strict]] = {
    tag: change_body(kind, CHANGES.get(tag) or tagged(tag, optional=True)) for tag, kind in KINDS.items()
}
if TYPE_CHECKING:

    class DeviceAdd(Strict):
        """A device to add, tagged by its type."""

        type: str

    AnyEdit = Strict
else:
    DeviceAdd = Annotated[functools.reduce(operator.or_, ADDS.values()), Field(discriminator="type")]
    """A device to add, tagged by its type."""
    AnyEdit = Annotated[functools.reduce(operator.or_, EDITS.values()), WrapValidator(lambda body, _check: body)]
    """What the document tells of a change; it is checked once the type of the device in the path is known."""
