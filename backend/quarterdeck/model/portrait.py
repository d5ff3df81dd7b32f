"""What the page of a machine shows beside its summary, from its saved and its running definition."""

from __future__ import annotations

from typing import Any

from .boot import boot_order
from .definition import Definition, describe
from .devices import Placed, placed
from .pending import pending
from .xml import Element


def portrait(saved: Element, running: Element | None) -> dict[str, Any]:
    """The values of `Domain` that come from XML; `running` is None where the machine is off."""
    definition = describe(saved)
    return {
        **_basics(definition),
        "boot": {
            "order": boot_order(saved),
            "menu": definition.boot.menu,
            "menu_timeout_ms": definition.boot.menu_timeout_ms,
        },
        "devices": _devices(placed(saved), placed(running) if running is not None else []),
        "pending": [each.model_dump() for each in pending(saved, running)] if running is not None else [],
    }


def _basics(definition: Definition) -> dict[str, Any]:
    cpu = definition.cpu
    return {
        "arch": definition.arch or "",
        "machine": definition.machine or "",
        "type": definition.type or "",
        "emulator": definition.emulator,
        "firmware": definition.firmware.kind,
        "secure_boot": definition.firmware.secure_boot,
        "cpu": cpu.model_dump(include={"mode", "model", "topology"}) if cpu else {},
    }


def _devices(saved: list[Placed], running: list[Placed]) -> list[dict[str, Any]]:
    """Saved devices in their order, then those that only run (they are gone at the next start)."""
    now = {each.id: each for each in running}
    known = {each.id for each in saved}
    found = [_view(each, each, now.get(each.id)) for each in saved]
    return found + [_view(each, None, each) for each in running if each.id not in known]


def _view(each: Placed, saved: Placed | None, running: Placed | None) -> dict[str, Any]:
    return {
        "id": each.id,
        "type": each.tag,
        "title": each.device.title,
        "saved": saved.device if saved else None,
        "running": running.device if running else None,
    }
