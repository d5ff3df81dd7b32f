"""Devices by their declarations: one plan adds and changes every kind, with a rule where a kind has one."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.bodies import wanted
from ..model.boot import boot_order, set_boot_order
from ..model.create import Strict
from ..model.devices import KINDS, Device, Placed, placed
from ..model.forms import Offer
from ..model.xml import Apply, Place, XmlModel
from .changing import Draft
from .fit import NOTHING, Fit, Values
from .plugging import check_port, plug, running_pair, update_live

Rule = Callable[[Draft, Values, Placed | None], Values]
"""What a kind needs besides its values: looks at them, notes faults, and answers what completes them.

It gets the device that is changed, or None for a new one.
"""
Live = Callable[[Draft, Placed, Values], None]
"""Changes these values of the running device in a way of its own."""
UPDATED = ("disk", "interface", "graphics", "memory")
"""What libvirt's update-device changes (libvirt 9.0 and 11.3: the others are refused, code 84)."""
NEVER_ATTACHED = ("graphics", "video", "tpm", "memballoon", "panic", "smartcard", "audio")
"""What attach-device refuses even for the saved definition (tried with libvirt 9.0 and 11.3)."""


@dataclass(frozen=True)
class Parts:
    """Plans changes of devices from their declarations. Every method notes faults in the draft."""

    offer: Callable[[Draft], Offer]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    live: Mapping[str, Live] = field(default_factory=dict)
    cold: Mapping[str, Callable[[Draft, Any], str | None]] = field(default_factory=dict)

    def add(self, draft: Draft, body: Strict) -> None:
        """A new device."""
        given = {name: value for name, value in wanted(body).items() if value is not None}
        kind = KINDS[given.pop("type")]
        self.place(draft, kind, {**kind.usual, **given}, given)

    def place(self, draft: Draft, kind: type[Device], values: Values, given: Values) -> None:
        """A new device of these values, of which somebody asked for `given`."""
        offer = self.offer(draft)
        if why := offer.lacks(kind.offer):
            draft.fault("/type", why, slug="unsupported")
        _room(draft, kind)
        values |= self._rule(draft, kind, values, None)
        values |= Fit(draft, offer, new=True).check(kind, values, given)
        if draft.errors:
            return
        order = values.pop("boot_order", None)
        element = kind.build({name: value for name, value in values.items() if name in kind.places})
        device = kind.read(element)
        cold = None if device.hot else f"{device.title} cannot be added while the machine runs."
        cold = cold or (self.cold[kind.tag](draft, device) if kind.tag in self.cold else None)
        if not cold and device.on_pci:
            check_port(draft, "/bus" if kind.tag == "disk" else "/type")
        told = _virt_xml(draft, kind, values, "--add-device") if kind.tag in NEVER_ATTACHED else None
        plug(draft, element, cold=cold, told=told)
        if order and draft.save:
            _boot(draft, [each for each in placed(draft.saved) if each.tag == kind.tag][-1].id, order)

    def edit(self, draft: Draft, found: Placed, body: Strict) -> None:
        """Change a device."""
        changes = wanted(body)
        changes.pop("type", None)
        self.change(draft, found, changes)

    def change(self, draft: Draft, found: Placed, changes: Values) -> None:
        """Change these values of a device."""
        if not changes:
            return
        before = found.device.model_dump()
        values = merged(before, changes)
        more = self._rule(draft, found.kind, values, found)
        more |= Fit(draft, self.offer(draft), new=False).check(found.kind, values | more, changes)
        more = {name: value for name, value in more.items() if value != before.get(name)}
        self._apply(draft, found, {name: _plain(found.kind.places[name], v) for name, v in (changes | more).items()})

    def _rule(self, draft: Draft, kind: type[Device], values: Values, found: Placed | None) -> Values:
        rule = self.rules.get(kind.tag)
        return rule(draft, values, found) if rule else {}

    def _apply(self, draft: Draft, found: Placed, changes: Values) -> None:
        pair = running_pair(draft, found.id)
        own = self.live.get(found.tag)
        can = pair is not None and (own is not None or found.tag in UPDATED)
        now = {name: value for name, value in changes.items() if found.kind.applies(name) is Apply.LIVE and can}
        command = _virt_xml(draft, found.kind, changes, "--edit", str(_number(draft, found)))
        found.kind.patch(found.element, {name: value for name, value in changes.items() if name != "boot_order"})
        if "boot_order" in changes and draft.save:
            _boot(draft, found.id, changes["boot_order"])
        if pair and now:
            if own:
                own(draft, pair[0], now)
            else:
                found.kind.patch(pair[1], now)
                update_live(draft, pair[0].element, pair[1])
        for name in changes:
            if name in now or not draft.live:
                draft.effect(name, live=name in now)
            else:
                draft.late(name, f"/{name}")
        if found.tag in UPDATED:
            late = set(changes) - set(now)
            draft.with_file("update-device", found.element, *(["--config"] if late else draft.flags))
        elif draft.save:
            draft.commands.append(command)


def _boot(draft: Draft, device: str, order: int | None) -> None:
    """Put a device into the boot order at this place; `<os><boot>` goes, since libvirt refuses both ways together."""
    ids = [name for name in boot_order(draft.saved) if name != device]
    if order:
        ids.insert(order - 1, device)
    set_boot_order(draft.saved, ids)


def _room(draft: Draft, kind: type[Device]) -> None:
    """One that stands for none (model none) makes room for a real one."""
    there = [each for each in placed(draft.saved) if each.tag == kind.tag]
    for each in there if kind.most == 1 else ():
        parent = each.element.getparent()
        if each.element.get("model") == "none" and parent is not None:
            parent.remove(each.element)
            return
    if kind.most is not None and len(there) >= kind.most:
        draft.fault(
            "/type",
            f"A machine has {kind.most} of these at most.",
            slug="unsupported",
            cure="Change the one that is there.",
        )


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> Values:
    """The values as they would be; groups are changed member by member."""
    found = dict(before)
    for name, value in changes.items():
        old = found.get(name)
        found[name] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found


def _plain(place: Place, value: Any) -> Any:
    """A marker that is given back to libvirt is no marker; a list that is, is empty."""
    if value is None and place.many:
        return ()
    return bool(value) if place.at.words == "present" else value


def _number(draft: Draft, found: Placed) -> int:
    like = [each for each in placed(draft.saved) if each.tag == found.tag]
    return 1 + next((number for number, each in enumerate(like) if each.id == found.id), 0)


def _virt_xml(draft: Draft, kind: type[Device], values: Values, *act: str) -> str:
    """The virt-xml call that sets the same places; it takes every option of a device by its path."""
    words = []
    for number, (path, word) in enumerate(_words(kind, values), 1):
        put = f"xpath{number}.set={path},xpath{number}.value={word}"
        words.append(put if word is not None else f"xpath{number}.delete={path}")
    return shlex.join(["virt-xml", draft.row.name, *act, f"--{kind.tag}", ",".join(words)])


def _words(model: type[XmlModel], values: Values, base: str = ".") -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for name, value in values.items():
        place = model.places.get(name)
        path = f"{base}/{place.at.path}".replace("/./", "/").removesuffix("/.") if place else ""
        if place is None or (place.many and value not in NOTHING):
            continue
        if place.child and isinstance(value, Mapping):
            found += _words(place.child, dict(value), path)
        else:
            found.append((path, None if value in (None, (), []) else place.at.word(value)))
    return found
