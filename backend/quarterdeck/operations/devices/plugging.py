"""Devices put in and taken out: in the saved definition, in the running machine, or in both."""

from __future__ import annotations

from copy import deepcopy

from ...model.devices import Placed, find
from ...model.slots import free_ports, put_device
from ...model.xml import Element, dump, parse
from ..changing.changing import Draft

DROPPED = ("alias", "backingStore", "mirror")


def plug(
    draft: Draft, element: Element, *, cold: str | None = None, save: bool = True, told: str | None = None
) -> None:
    """Add a device. `cold` says why it cannot be added live; without `save` it is added only live.

    `told` is the equal command where it is not attach-device.
    """
    live = draft.live and not cold and not draft.made_up
    if draft.live and not live:
        why = cold or "A made-up machine cannot change while it runs."
        _only_saved(draft, why)
    draft.plugged = element
    if draft.save and save:
        put_device(draft.saved, deepcopy(element))
    if live:
        text = dump(element)
        draft.acts.append(
            (
                lambda: draft.domains.attach_device(draft.uuid, text, live=True, saved=False),
                lambda: draft.domains.detach_device(draft.uuid, text, live=True, saved=False),
            )
        )
    if told:
        draft.commands.append(told)
    else:
        draft.with_file("attach-device", element, *_flags(draft, live=live, save=save))
    draft.effect(str(element.tag), live=live)


def unplug(draft: Draft, device_id: str, *, cold: str | None = None, told: str | None = None) -> bool:
    """Remove a device; whether the running machine is asked to let go of it.

    `told` is the equal command where it is not detach-device.
    """
    saved, running = find(draft.saved, device_id), _running(draft, device_id)
    live = draft.live and running is not None and not cold and not draft.made_up
    if draft.live and running is not None and not live:
        _only_saved(draft, cold or "A made-up machine cannot change while it runs.")
    element = saved.element if saved and draft.save else running.element if running else None
    if told:
        draft.commands.append(told)
    elif element is not None:
        draft.with_file("detach-device", element, *_flags(draft, live=live))
    if draft.save and saved is not None:
        saved.element.getparent().remove(saved.element)  # type: ignore[union-attr]  # devices have a parent
    if live and running is not None:
        text, domains = dump(running.element), draft.domains

        def back() -> None:
            if find(parse(domains.xml(draft.uuid, live=True)), device_id) is None:  # else the guest kept it
                domains.attach_device(draft.uuid, text, live=True, saved=False)

        draft.acts.append((lambda: domains.detach_device(draft.uuid, text, live=True, saved=False), back))
    draft.effect(device_id, live=live)
    return live


def update_live(draft: Draft, old: Element, new: Element, *, force: bool = False) -> None:
    """Change a device of the running machine from its old form to its new one."""
    for element in (old, new):
        for name in DROPPED[1:]:
            for child in element.findall(name):
                element.remove(child)
    before, after = dump(old), dump(new)
    put = draft.domains.update_device
    draft.acts.append(
        (
            lambda: put(draft.uuid, after, live=True, saved=False, force=force),
            lambda: put(draft.uuid, before, live=True, saved=False),
        )
    )


def running_pair(draft: Draft, device_id: str) -> tuple[Placed, Element] | None:
    """The device as it runs, and a copy to edit; None where it does not run or cannot be changed."""
    found = _running(draft, device_id) if draft.live and not draft.made_up else None
    return (found, deepcopy(found.element)) if found else None


def check_port(draft: Draft, pointer: str) -> None:
    """A fault where a running PCI Express machine has no port left for another device."""
    if not draft.live or draft.made_up or draft.running is None:
        return
    free = free_ports(draft.running)
    if free == 0:
        draft.fault(
            pointer,
            "The running machine has no free PCI Express port for another device.",
            slug="unsupported",
            cure="Save it for the next start (apply=next_start): libvirt then adds a port. USB disks need none.",
        )


def _running(draft: Draft, device_id: str) -> Placed | None:
    return find(draft.running, device_id) if draft.running is not None else None


def _only_saved(draft: Draft, why: str) -> None:
    if draft.save:
        draft.warnings.append(f"{why} It changes at the next start.")
    else:
        draft.fault("/type", why, slug="unsupported", cure="Save it for the next start (apply=next_start).")


def _flags(draft: Draft, *, live: bool, save: bool = True) -> list[str]:
    return [word for word, wanted in (("--live", live), ("--config", draft.save and save)) if wanted]
