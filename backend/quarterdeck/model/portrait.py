"""What the page of a machine shows beside its summary, from its saved and its running definition."""

from __future__ import annotations

from typing import Any

from . import installing
from .boot import boot_order
from .definition import Definition, describe
from .devices import Disk, Placed, placed
from .devices.disk_source import DiskSource
from .domain import Domain, DomainSummary
from .pending import pending
from .xml import Element

SUMMARY = {*DomainSummary.model_fields, "firmware", "boot", "machine", "arch", "type", "emulator"}


def portrait(saved: Element, running: Element | None, host_cpus: int = 0) -> dict[str, Any]:
    """The values of `Domain` that come from XML; `running` is None where the machine is off."""
    definition = describe(saved)
    return {
        **_basics(definition),
        **_settings(definition),
        "boot": {**definition.boot.model_dump(), "order": boot_order(saved)},
        "devices": _devices(placed(saved), placed(running) if running is not None else [], _media(saved, running)),
        "pending": [each.model_dump() for each in pending(saved, running, host_cpus)] if running is not None else [],
    }


def _basics(definition: Definition) -> dict[str, Any]:
    return {
        "arch": definition.arch or "",
        "machine": definition.machine or "",
        "type": definition.type or "",
        "emulator": definition.emulator,
        "firmware": definition.firmware.kind,
        "secure_boot": definition.firmware.secure_boot,
    }


def _settings(definition: Definition) -> dict[str, Any]:
    """Each section that is there; the others are as empty ones."""
    names = [name for name in Definition.places if name in Domain.model_fields and name not in SUMMARY]
    return {name: value for name in names if (value := getattr(definition, name)) is not None}


def _media(saved: Element, running: Element | None) -> dict[str, str]:
    """The media by the drives that have, or get, them for an installation; none while something else runs."""
    install = installing.pending(saved)
    if install is None or (running is not None and installing.stage(saved, running) != "running"):
        return {}
    drives = ((install.drive, install.medium), (install.answers_drive, install.answers))
    return {drive: medium for drive, medium in drives if drive and medium}


def _devices(saved: list[Placed], running: list[Placed], media: dict[str, str]) -> list[dict[str, Any]]:
    """Saved devices in their order, then those that only run (they are gone at the next start)."""
    now = {each.id: each for each in running}
    known = {each.id for each in saved}
    found = [_installing(each, now.get(each.id), media) or _view(each, each, now.get(each.id)) for each in saved]
    return found + [_view(each, None, each) for each in running if each.id not in known]


def _installing(each: Placed, running: Placed | None, media: dict[str, str]) -> dict[str, Any] | None:
    """A drive with the medium of an installation; None for all else, and when that was taken out."""
    device = each.device
    if not isinstance(device, Disk) or device.target not in media or device.content:
        return None
    shown = device.model_copy(update={"source": DiskSource(type="file", file=media[device.target])})
    if running is not None and (not isinstance(running.device, Disk) or not running.device.content):
        return None
    title = running.device.title if running is not None else shown.title
    return _view(each, each, running) | {"title": title, "installing": True}


def _view(each: Placed, saved: Placed | None, running: Placed | None) -> dict[str, Any]:
    return {
        "id": each.id,
        "type": each.tag,
        "title": each.device.title,
        "saved": saved.device if saved else None,
        "running": running.device if running else None,
    }
