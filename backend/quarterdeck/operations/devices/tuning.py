"""Values of running devices that libvirt changes by calls of their own."""

from __future__ import annotations

from ...model.devices import Disk, Placed
from ...model.devices.disk import IoTune
from ..changing.changing import Draft
from ..changing.fit import Values


def limit(draft: Draft, running: Placed, changes: Values) -> None:
    """Limits of a disk; libvirt takes no new ones by update-device."""
    disk = Disk.read(running.element)
    before = _parameters((disk.iotune or IoTune()).model_dump())
    asked = changes.get("iotune") or {}
    after = _parameters((disk.iotune or IoTune()).model_dump() | asked if asked else {})
    put = draft.domains.set_block_limits
    draft.acts.append(
        (lambda: put(draft.uuid, disk.target, after), lambda: put(draft.uuid, disk.target, before)),
    )
    words = [f"--{name.replace('_', '-')}={value}" for name, value in after.items()]
    draft.virsh("blkdeviotune", disk.target, *words, "--live")


def _parameters(values: Values) -> dict[str, int | str]:
    """Libvirt's names; 0 takes a limit away. Lengths of bursts and groups stand only beside a limit."""
    names = {name: place.at.path for name, place in IoTune.places.items()}
    limits = {names[name]: values.get(name) or 0 for name in names if name != "group_name"}
    some = any(limits.values())
    plain = {name: value for name, value in limits.items() if not name.endswith("_length")}
    bursts = {
        name: (value or 1) if limits[name.removesuffix("_length")] else 0
        for name, value in limits.items()
        if name.endswith("_length")
    }
    group = {"group_name": values["group_name"]} if values.get("group_name") and some else {}
    return plain | bursts | group


def measure(draft: Draft, running: Placed, changes: Values) -> None:
    """How often the balloon's figures are read."""
    before = getattr(running.device, "stats_period_s", None) or 0
    after = changes.get("stats_period_s") or 0
    put = draft.domains.set_memory_stats_period
    draft.acts.append((lambda: put(draft.uuid, after), lambda: put(draft.uuid, before)))
    draft.virsh("dommemstat", "--period", after, "--live")
