"""Devices of a machine: added, changed, removed. Each kind of device has its own file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.devices import KINDS, Console, Controller, Input, Placed, find, placed
from ...model.domain import Domain, Inverse
from ...model.edits import EDITS, ApplyQuery, DeviceAdd
from ...model.faults import field_errors
from ...model.part import values_of
from ...model.secrecy import without_secrets
from ...model.slots import put_device, users_of
from ...model.strict import Strict
from ...model.xml import Element, canonical, dump, fault_at, parse
from ...plan import Change, PlanPart
from ...problems import Problem
from ..changing.changing import Changing, Draft, before_of, below_change
from ..changing.offered import Offered
from ..storage.storage import Storage
from .beside import take_along
from .disks import Disks, add_controller
from .displays import Displays
from .interfaces import Interfaces
from .parts import Parts, removing
from .plugging import unplug
from .removals import Removals
from .rules import Rules, no_line, no_plain_slot
from .teaming import left_alone
from .tuning import limit, measure

QUICK_SECONDS = 2.0
Edit = Callable[[Draft, Placed, Any], None]


class DeviceXml(Strict):
    """A new device as XML, and what its form changes of that.

    `form` is what the text was made from, where that asks for more than stands in it: the new volume is made, and
    password and passphrase are taken from there. The dry run tells in `part` what XML and form then come to.
    """

    xml: str
    form: DeviceAdd | None = None
    change: dict[str, Any] | None = None


@dataclass(frozen=True)
class Kinds:
    """Who adds and who changes which kind of device: the place where a kind with ways of its own is entered."""

    parts: Parts
    add: Mapping[str, Callable[[Draft, Any], None]]
    edit: Mapping[str, Edit]
    take_over: Mapping[str, Callable[[Draft, Placed, Placed, bool], set[str]]]


def kinds(hosts: Hosts, storage: Storage, offered: Offered) -> Kinds:
    """All kinds; those that are not named follow from their declarations."""
    rules = Rules(hosts, storage.usage)
    parts = Parts(
        offered.to,
        rules.all(),
        {"disk": limit, "memballoon": measure},
        {"filesystem": rules.cold, "channel": no_line, "watchdog": no_plain_slot, "shmem": no_plain_slot},
        {"disk": lambda draft, disk: add_controller(draft, disk.bus)},
    )
    disks, interfaces = Disks(hosts, storage, parts), Interfaces(hosts, storage.usage, parts)
    displays = Displays(parts)
    return Kinds(
        parts,
        add={"disk": disks.add, "interface": interfaces.add, "graphics": displays.add},
        edit={"disk": disks.edit, "interface": interfaces.edit, "graphics": displays.edit},
        take_over={"disk": disks.take_over},
    )


class Devices:
    """Plans changes of devices."""

    def __init__(self, changing: Changing, known: Kinds, removals: Removals) -> None:
        self._changing = changing
        self._kinds = known
        self._removals = removals

    def add(
        self, host: str, uuid: str, body: DeviceAdd, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Add a device."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        self._kinds.add.get(body.type, self._kinds.parts.add)(draft, body)
        return self._added(draft, str(body.type), user)

    def add_xml(
        self, host: str, uuid: str, body: DeviceXml, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Add a device as its XML describes it."""
        draft, element = self._changing.begin(host, uuid, if_match, query.apply), parse(body.xml)
        if element.tag not in KINDS:
            raise fault_at(element, f"{element.tag} is no device that can be added by itself.")
        if body.form is not None:
            take_along(draft, element, body.form, self._kinds.add.get(body.form.type, self._kinds.parts.add))
        elif dump(element) != dump(without_secrets(element)):
            raise fault_at(element, "A password does not belong into the XML of a new device.")
        values_of(KINDS[str(element.tag)], element)
        if body.change is not None:
            side = draft.aside()
            put_device(side.saved, element)
            self.on_top(side, element, body.change)
        self._kinds.parts.put(draft, element)
        return self._added(draft, str(element.tag), user)

    def _added(self, draft: Draft, tag: str, user: User) -> Change[Domain]:
        """The change, and where it is one of the running machine only, its way back."""
        change = self._changing.finish(draft, user)
        if draft.plugged is not None:
            new = draft.saved.findall(f"devices/{tag}")[-1] if draft.save else draft.plugged
            part = PlanPart(xml=canonical(parse(dump(new))), value=values_of(KINDS[tag], new))
            change = replace(change, plan=change.plan.model_copy(update={"part": part}))
        if draft.save:
            return change

        def apply() -> Domain:
            self._changing.carry_out(draft)
            draft.inverse = taking_out(draft, parse(draft.domains.xml(draft.uuid, live=True)), tag)
            return self._changing.answer(draft, user)

        return Change(change.plan, apply)

    def edit(
        self, host: str, uuid: str, device: str, body: Any, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Change a device; which fields there are depends on its type."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        found = find(draft.saved if draft.save or draft.running is None else draft.running, device)
        if found is None:
            raise _unknown(device)
        if found.tag not in KINDS:
            raise Problem("unsupported", f"A device of type {found.tag} is changed in the XML.")
        draft.inverse = None if draft.save else _inverse(found, body)
        self.change(draft, found, body)
        return self._changing.finish(draft, user)

    def change(self, draft: Draft, found: Placed, body: Any) -> None:
        """Plan in a draft what is asked of a device."""
        self._kinds.edit.get(found.tag, self._kinds.parts.edit)(draft, found, _validate(found.tag, body))

    def on_top(self, draft: Draft, element: Element, change: Any) -> None:
        """Plan what a form changes of a device that was written as XML; faults stand below `change`."""
        found = placed_as(draft.saved, element)
        below_change(draft, lambda: self.change(draft, found, change))

    def take_over(self, draft: Draft, before: Placed, after: Placed, *, force: bool) -> set[str]:
        """Plan for the running device what differs between two forms of it and can change at once; these names."""
        own = self._kinds.take_over.get(before.tag)
        return own(draft, before, after, force) if own else self._kinds.parts.take_over(draft, before, after)

    def remove(
        self, host: str, uuid: str, device: str, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain | Job]:
        """Remove a device. Where the guest takes its time to let go, a job waits for it."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        found = find(draft.saved, device) or (find(draft.running, device) if draft.running is not None else None)
        if found is None:
            raise _unknown(device)
        _refuse_needed(draft, found)
        for twin in _twins(draft, found):
            unplug(draft, twin, cold="It belongs to the serial port.")
        asked = unplug(draft, device, cold=_cold(found), told=removing(draft, found))
        _keep_balloon_away(draft, found)
        draft.check()
        draft.inverse = putting_back(draft, device) if asked and not draft.save else None

        def apply() -> Domain | Job:
            self._changing.carry_out(draft)
            if asked and not self._removals.gone(host, uuid, device, QUICK_SECONDS):
                number = self._changing.answer(draft, user).undo
                return self._removals.wait(draft, device, found.device.title, user, number)
            return self._changing.answer(draft, user)

        return Change(self._changing.plan(draft), apply)


def placed_as(root: Element, element: Element) -> Placed:
    """The device that this element is; another text may have given it another id."""
    return next(each for each in placed(root) if each.element is element)


def taking_out(draft: Draft, now: Element, tag: str) -> Inverse | None:
    """The way back for a device that came to the running machine only."""
    known = {each.id for each in placed(draft.running)} if draft.running is not None else set[str]()
    new = [each.id for each in placed(now) if each.tag == tag and each.id not in known]
    return Inverse(act="remove", device=new[0], apply="live", made={"run": draft.run}) if len(new) == 1 else None


def putting_back(draft: Draft, device: str) -> Inverse | None:
    """The way back for a device that leaves the running machine only; none where a password would have to be kept."""
    found = find(draft.running, device) if draft.running is not None else None
    if found is None or dump(without_secrets(found.element)) != dump(found.element):
        return None
    return Inverse(act="add", device=device, xml=dump(found.element), apply="live", made={"run": draft.run})


def _inverse(found: Placed, body: Any) -> Inverse | None:
    """The way back for a change of the running device only; none where it asks for more than the device's values."""
    made = _validate(found.tag, body).model_dump(mode="json", exclude_unset=True, exclude={"type"})
    if not made.keys() <= found.kind.places.keys():
        return None
    before = before_of(found.device, made)
    try:
        EDITS[found.tag].model_validate(before)
    except ValidationError:  # a source as libvirt writes it is not one as people ask for it
        return None
    return Inverse(device=found.id, apply="live", body=before, made=made)


def _unknown(device: str) -> Problem:
    return Problem("not-found", f"The machine has no device {device}.", cure="Look at the list of devices again.")


def _validate(tag: str, body: Any) -> Any:
    try:
        return EDITS[tag].model_validate(body)
    except ValidationError as error:
        errors = list(field_errors(error, EDITS[tag], body))
        raise Problem("invalid-input", "Some fields are not usable.", errors=errors) from error


def _cold(found: Placed) -> str | None:
    """Why a device cannot leave a running machine; None where it can."""
    return None if found.device.hot else f"{found.device.title} cannot leave a running machine."


def _refuse_needed(draft: Draft, found: Placed) -> None:
    device = found.device
    if isinstance(device, Controller):
        users = users_of(draft.saved, device)
        if users or device.model in ("pcie-root", "pci-root"):
            raise Problem("in-use", f"{device.title} carries {', '.join(users) or 'the whole machine'}.")
    if left := left_alone(draft, found):
        raise Problem("in-use", f"{', '.join(left)} stands in for it.", cure="Take the teaming off there first.")
    if isinstance(device, Input) and device.bus == "ps2":
        raise Problem("unsupported", "Every PC has a PS/2 keyboard and mouse; libvirt adds them by itself.")
    if isinstance(device, Console) and device.target == "serial":
        raise Problem("unsupported", "This console is the first serial port.", cure="Remove the serial port.")


def _twins(draft: Draft, found: Placed) -> list[str]:
    """The console that is the first serial port goes with it; libvirt would bring the port back."""
    if found.id != "serial-0":
        return []
    consoles = [(each.id, each.device) for each in placed(draft.saved)]
    return [name for name, device in consoles if isinstance(device, Console) and device.target == "serial"]


def _keep_balloon_away(draft: Draft, found: Placed) -> None:
    """Libvirt adds a balloon to every machine that does not say that it wants none."""
    devices = draft.saved.find("devices")
    if found.tag == "memballoon" and draft.save and devices is not None:
        element = type(found.device).build({"model": "none"})
        devices.append(element)
