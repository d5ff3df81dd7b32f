"""What is kept of one entry of the OS database: few and small values, because there are some 800 entries."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Amount:
    """Resources of a machine; None where the database says nothing."""

    memory_mib: int | None = None
    vcpus: int | None = None
    disk_gib: int | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What one system needs on one architecture (`all` for any)."""

    arch: str
    minimum: Amount
    recommended: Amount
    network_install_memory_mib: int | None = None
    inherit: bool = False


@dataclass(frozen=True, slots=True)
class Firmware:
    """Whether a system starts with this firmware (`bios` or `efi`)."""

    arch: str
    type: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Medium:
    """How to recognise an installation medium: regular expressions on its primary volume descriptor."""

    arch: str
    volume: str | None = None
    system: str | None = None
    publisher: str | None = None
    application: str | None = None
    size_bytes: int | None = None
    live: bool = False
    boots: int = 1


@dataclass(frozen=True, slots=True)
class CloudImage:
    """A disk of the system that cloud-init sets up, as its maker offers it; `variant` where there are several."""

    arch: str
    url: str
    variant: str | None = None


@dataclass(slots=True)
class Record:
    """One entry as it stands in the database, before anything is inherited."""

    id: str
    short_ids: list[str] = field(default_factory=list)
    name: str = ""
    version: str = ""
    vendor: str = ""
    family: str = ""
    distro: str = ""
    released: str | None = None
    end_of_life: str | None = None
    status: str = "released"
    parents: list[str] = field(default_factory=list)
    devices: dict[str, bool] = field(default_factory=dict)
    firmware: list[Firmware] = field(default_factory=list)
    resources: list[Resources] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)
    images: list[CloudImage] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
