"""Devices by their declarations: one plan adds and changes every kind, with a rule where a kind has one."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.bodies import asked, wanted
from ...model.boot import boot_order, set_boot_order
from ...model.create import Strict
from ...model.definition import describe
from ...model.devices import KINDS, Controller, Device, Disk, Interface, Placed, placed
from ...model.forms import Offer
from ...model.virt_xml import RAW, device_option, device_words, raw_words
from ...model.xml import Apply, Element, Place, XmlModel
from ..changing.changing import Draft
from ..changing.fit import Fit, Values
from .plugging import check_port, plug, running_pair, update_live

Rule = Callable[[Draft, Values, Placed | None], Values]
"""What a kind needs besides its values: looks at them, notes faults, and answers what completes them.

It gets the device that is changed, or None for a new one.
"""
Live = Callable[[Draft, Placed, Values], None]
"""Changes these values of the running device in a way of its own."""
UPDATED = ("disk", "interface", "graphics", "memory")
"""What libvirt's update-device changes (libvirt 9.0 and 11.3: the others are refused, code 84)."""
NEVER_ATTACHED = ("graphics", "video", "tpm", "memballoon", "panic", "smartcard", "audio", "iommu", "redirfilter")
"""What attach-device refuses even for the saved definition (tried with libvirt 9.0 and 11.3)."""


@dataclass(frozen=True)
class Parts:
    """Plans changes of devices from their declarations. Every method notes faults in the draft."""

    offer: Callable[[Draft], Offer]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    live: Mapping[str, Live] = field(default_factory=dict)
    cold: Mapping[str, Callable[[Draft, Any], str | None]] = field(default_factory=dict)
    before: Mapping[str, Callable[[Draft, Any], None]] = field(default_factory=dict)

    def add(self, draft: Draft, body: Strict) -> None:
        """A new device."""
        given = {name: value for name, value in wanted(body).items() if value is not None}
        kind = KINDS[given.pop("type")]
        self.place(draft, kind, {**kind.usual, **given}, given)

    def place(self, draft: Draft, kind: type[Device], values: Values, given: Values) -> None:
        """A new device of these values, of which somebody asked for `given`."""
        offer, like = self.offer(draft), draft.saved.findall(f"devices/{kind.tag}")
        if why := offer.lacks(kind.offer):
            draft.fault("/type", why, slug="unsupported")
        _room(draft, kind)
        values |= self._rule(draft, kind, values, None)
        _guarded(draft, given)
        values |= Fit(draft, offer, new=True).check(kind, values, given)
        if draft.errors:
            return
        order = values.pop("boot_order", None)
        element = kind.build(_known(kind, values))
        made = kind.read(element)
        cold = self._cold(draft, made, "/bus" if kind.tag == "disk" else "/type")
        plug(draft, element, cold=cold, told=_adding(draft, kind, values, like))
        if order and draft.save:
            _boot(draft, [each for each in placed(draft.saved) if each.tag == kind.tag][-1].id, order)

    def put(self, draft: Draft, element: Element) -> None:
        """A new device as this element has it."""
        kind = KINDS[str(element.tag)]
        if prepare := self.before.get(kind.tag):
            prepare(draft, kind.read(element))
        made = kind.read(element)
        self._rule(draft, kind, {name: value for name, value in made.model_dump().items() if value is not None}, None)
        order = getattr(made, "boot_order", None)
        if order:
            kind.patch(element, {"boot_order": None})
        plug(draft, element, cold=self._cold(draft, made, "/xml"))
        if order and draft.save:
            _boot(draft, [each for each in placed(draft.saved) if each.tag == kind.tag][-1].id, order)

    def _cold(self, draft: Draft, made: Device, pointer: str) -> str | None:
        """Why a new device cannot come to the running machine; a fault where there is no room for it."""
        cold = None if made.hot else f"{made.title} cannot be added while the machine runs."
        cold = cold or (self.cold[made.tag](draft, made) if made.tag in self.cold else None)
        if not cold and made.on_pci:
            check_port(draft, pointer)
        return cold

    def look(self, draft: Draft, model: type[XmlModel], values: Values, base: str) -> None:
        """Faults of a part that is asked for anew."""
        Fit(draft, self.offer(draft), new=True).check(model, values, values, base)

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
        _guarded(draft, changes)
        more |= Fit(draft, self.offer(draft), new=False).check(found.kind, values | more, changes)
        more = {name: value for name, value in more.items() if value != before.get(name) or name in changes}
        self._apply(draft, found, {name: plain(found.kind.places[name], v) for name, v in (changes | more).items()})

    def _rule(self, draft: Draft, kind: type[Device], values: Values, found: Placed | None) -> Values:
        rule = self.rules.get(kind.tag)
        return rule(draft, values, found) if rule else {}

    def _apply(self, draft: Draft, found: Placed, changes: Values) -> None:
        found.kind.patch(found.element, {name: value for name, value in changes.items() if name != "boot_order"})
        if "boot_order" in changes and draft.save:
            _boot(draft, found.id, changes["boot_order"])
        now = self._carry(draft, found, changes, found.id)
        for name in changes:
            if name in now or not draft.live:
                draft.effect(name, live=name in now)
            else:
                draft.late(name, f"/{name}")
        tell(draft, found, changes)

    def _carry(self, draft: Draft, found: Placed, changes: Values, runs_as: str) -> Values:
        """Change of the running device what it takes at once; these values."""
        pair, own = running_pair(draft, runs_as), self.live.get(found.tag)
        if pair is None or (own is None and found.tag not in UPDATED):
            return {}
        now = {name: value for name, value in changes.items() if found.kind.applies(name) is Apply.LIVE}
        if now and own:
            own(draft, pair[0], now)
        elif now:
            found.kind.patch(pair[1], now)
            update_live(draft, pair[0].element, pair[1])
            draft.with_file("update-device", pair[1], "--live")
        return now

    def take_over(self, draft: Draft, before: Placed, after: Placed) -> set[str]:
        """Bring to the running device what differs between two forms of it, as far as it takes that; these names."""
        places = dict(asked(after.kind))
        old, new = before.device.model_dump(), after.device.model_dump()
        changes = {name: plain(place, new[name]) for name, place in places.items() if new[name] != old.get(name)}
        if (old.get("source") or {}).get("type") != (new.get("source") or {}).get("type"):
            changes.pop("source", None)  # a card that is plugged elsewhere by another way waits for the next start
        return set(self._carry(draft, after, changes, before.id))


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


def _guarded(draft: Draft, given: Values) -> None:
    """QEMU puts only modern virtio devices behind an IOMMU, and those of plain PCI are not (virtio-pci.c)."""
    machine = describe(draft.saved).machine or ""
    if (given.get("virtio") or {}).get("iommu") and ("i440fx" in machine or machine == "pc"):
        cure = "Convert the machine to q35 first."
        draft.fault("/virtio/iommu", "A machine of type i440fx has no IOMMU for it.", slug="unsupported", cure=cure)


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> Values:
    """The values as they would be; groups are changed member by member."""
    found = dict(before)
    for name, value in changes.items():
        old = found.get(name)
        found[name] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found


def _known(kind: type[Device], values: Values) -> Values:
    return {name: value for name, value in values.items() if name in kind.places}


def plain(place: Place, value: Any) -> Any:
    """What nothing is for libvirt: no marker, an empty list, and in a group without an element none of its values."""
    if value is None and place.child and not place.at.steps and not place.many:
        return dict.fromkeys(place.child.places)
    if value is None and place.many:
        return ()
    return bool(value) if place.at.words == "present" else value


def _adding(draft: Draft, kind: type[Device], values: Values, like: list[Element]) -> str | None:
    """The virt-xml call that adds a device where attach-device refuses it, or where it replaces one that was none."""
    if kind.tag in RAW:
        return _virt_xml(draft, "--edit", *raw_words(kind, _known(kind, values), {}))
    option, words = device_words(kind, _known(kind, values), {})
    for number, element in enumerate(like, 1):
        if element.getparent() is None:
            return _virt_xml(draft, "--edit", str(number), option, f"clearxml=yes,{words}")
    return _virt_xml(draft, "--add-device", option, words) if _unattached(kind.tag, values) else None


def _unattached(tag: str, values: Values) -> bool:
    return tag in NEVER_ATTACHED or (tag == "controller" and values.get("kind") == "pci")


def _which(draft: Draft, found: Placed) -> str:
    """How virt-xml is told which device is meant: by what names it, else by its number among its kind."""
    device = found.device
    if isinstance(device, Controller) and device.index is not None:
        return f"type={device.kind},index={device.index}"
    if isinstance(device, Disk) and device.target:
        return f"target={device.target}"
    if isinstance(device, Interface) and device.mac:
        return f"mac={device.mac}"
    like = [each for each in placed(draft.saved) if each.tag == found.tag]
    return str(1 + next((number for number, each in enumerate(like) if each.id == found.id), 0))


def tell(draft: Draft, found: Placed, changes: Values, *more: str) -> None:
    """Note the virt-xml call that changes these values of the saved device, and what it is told besides."""
    if draft.save and found.tag in RAW:
        words = raw_words(found.kind, _known(found.kind, changes), found.device.model_dump())
        draft.commands.append(_virt_xml(draft, "--edit", *words))
    elif draft.save:
        option, text = device_words(found.kind, _known(found.kind, changes), found.device.model_dump())
        draft.commands.append(_virt_xml(draft, "--edit", _which(draft, found), option, ",".join([text, *more])))


def removing(draft: Draft, found: Placed) -> str | None:
    """The virt-xml call that takes a device away, where detach-device refuses it."""
    if found.tag not in NEVER_ATTACHED or not draft.save:
        return None
    if found.tag in RAW:
        return _virt_xml(draft, "--edit", "--xml", f"xpath.delete=./devices/{found.tag}")
    option = device_option(found.kind)
    if found.tag == "memballoon":  # libvirt adds one to a machine that has none
        return _virt_xml(draft, "--edit", option, "clearxml=yes,model=none")
    return _virt_xml(draft, "--remove-device", option, _which(draft, found))


def _virt_xml(draft: Draft, *words: str) -> str:
    return shlex.join(["virt-xml", draft.row.name, *words])
