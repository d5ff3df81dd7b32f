"""A machine of another product, as far as it can become one of ours."""

from __future__ import annotations

import re
from typing import Any

from .strict import Value


class Note(Value):
    """Something that was taken over in another way (`kept`), or could not be."""

    kept: bool
    text: str


class ApplianceDisk(Value):
    """A disk: the file that holds it, and where it was attached."""

    file: str
    bus: str = "virtio"
    of: str = ""
    capacity_bytes: int | None = None


class ApplianceNic(Value):
    """A network card; `network` is its network's name there."""

    network: str = ""
    model: str = "virtio"
    mac: str | None = None


class Appliance(Value):
    """What another product's file says of a machine."""

    name: str
    memory_mib: int | None = None
    vcpus: int = 1
    cores: int | None = None
    uefi: bool = False
    secure_boot: bool = False
    description: str = ""
    system: str | None = None
    guest: str = ""
    disks: list[ApplianceDisk] = []
    nics: list[ApplianceNic] = []
    notes: list[Note] = []


def whole_number(text: str | None) -> int | None:
    """A number as these files hold them; None where it is none, or larger than any that makes sense."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None


def create_body(made: Appliance, pool: str, volumes: list[str], network: str | None) -> dict[str, Any]:
    """The body that makes such a machine from its converted disks."""
    name = made.name.replace("/", "-").strip("-. ") or "machine"
    body: dict[str, Any] = {"name": name, "install": {"method": "import"}}
    body["disks"] = [
        {"pool": pool, "volume": volume, "bus": disk.bus} for volume, disk in zip(volumes, made.disks, strict=True)
    ]
    nics = [{"network": network, "model": nic.model} | ({"mac": nic.mac} if nic.mac else {}) for nic in made.nics]
    body["nics"] = nics if network else []
    if made.memory_mib:
        body["memory_mib"] = made.memory_mib
    body["vcpus"] = made.vcpus
    if made.cores and made.vcpus % made.cores == 0:
        body["cpu"] = {"topology": {"sockets": made.vcpus // made.cores, "cores": made.cores}}
    if made.uefi:
        body |= {"firmware": "uefi", "secure_boot": made.secure_boot}
    if made.system:
        body["os"] = made.system
    if made.description:
        body["description"] = made.description
    body["start"] = False
    return body
