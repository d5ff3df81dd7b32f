"""A device, or a section of the settings, as XML: read, and replaced, with a change of its form on top of the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationError

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.schema import Schema
from ...model.boot import boot_order
from ...model.compare import differences
from ...model.definition import Definition
from ...model.devices import KINDS, OtherDevice, Placed, find
from ...model.domain import Domain
from ...model.edits import DomainPatch
from ...model.faults import field_errors
from ...model.part import put_device_xml, put_section_xml, section_xml, values_of
from ...model.strict import Strict
from ...model.xml import Apply, Element, canonical, digest, parse
from ...plan import Change, Effect, Plan, PlanPart
from ...problems import FieldError, Problem
from ..changing.changing import Changing, Draft, below_change
from ..changing.definitions import DefinitionText, checked, replace
from ..devices.devices import Devices, placed_as
from .edit import Editing
from .forms import SECTIONS, Section

BESIDE = {"size_gib", "password"}
"""What a form changes of a device beside its XML, or what the XML shows as a mask."""


class PartPut(Strict):
    """A part of a definition: its XML (what is saved, if left out), and what its form changes of that.

    The dry run tells in `part` what the XML and the values of the form then are.
    """

    xml: str | None = None
    change: dict[str, Any] | None = None


class PartQuery(Strict):
    """When the change is made; what is shown and replaced is the saved definition, so it is never left out."""

    apply: Literal["both", "next_start"] = Field(
        "both",
        description="`both`, or `next_start` for the saved one",
    )


class PartXml:
    """The XML of parts of machines."""

    def __init__(self, hosts: Hosts, changing: Changing, schema: Schema, devices: Devices, editing: Editing) -> None:
        self._hosts = hosts
        self._changing = changing
        self._schema = schema
        self._devices = devices
        self._editing = editing

    def device(self, host: str, uuid: str, device: str) -> DefinitionText:
        """The device as saved, secrets masked; the ETag is that of the machine."""
        saved = self._hosts.get(host).domains.xml(uuid, secure=True)
        return DefinitionText(xml=canonical(_device(parse(saved), device).element), etag=digest(saved))

    def section(self, host: str, uuid: str, section: str) -> DefinitionText:
        """The elements of one section, in a `<domain>` of their own; the ETag is that of the machine."""
        saved = self._hosts.get(host).domains.xml(uuid, secure=True)
        return DefinitionText(xml=section_xml(parse(saved), _section(section).members), etag=digest(saved))

    def put_device(
        self, host: str, uuid: str, device: str, *, body: PartPut, query: PartQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save the device so; the running machine gets at once what it can."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        before = _device(draft.saved, device)
        side = draft.aside()
        element = _device(side.saved, device).element
        if body.xml is not None:
            element = put_device_xml(element, parse(body.xml))
        change, beside = dict(body.change or {}), dict[str, Any]()
        force = change.get("force") is True
        for name in BESIDE & change.keys():
            beside[name] = change[name] if name == "password" else change.pop(name)
        if change:
            self._devices.on_top(side, element, change)
        if beside:
            below_change(draft, lambda: self._devices.change(draft, before, beside))
        value = values_of(KINDS.get(str(element.tag), OtherDevice), element)
        now = self._devices.take_over(draft, before, placed_as(side.saved, element), force=force)
        part = PlanPart(xml=canonical(element), value=value)
        return self._finish(draft, side, user, part, {f"{device}.{name}" for name in now}, draft.effects)

    def put_section(
        self, host: str, uuid: str, section: str, *, body: PartPut, query: PartQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save the section so; the running machine gets at once what it can."""
        known, draft = _section(section), self._changing.begin(host, uuid, if_match, query.apply)
        side = draft.aside()
        if body.xml is not None:
            put_section_xml(side.saved, parse(body.xml), known.members)
        if body.change is not None:
            change = body.change
            below_change(side, lambda: self._editing.ask(side, _patch(known, change), user))
        value = _values(side.saved, known)
        self._take_over(draft, _values(draft.saved, known), value, user)
        now = {each.field for each in draft.effects if each.when == "live"} if draft.live else set[str]()
        part = PlanPart(xml=section_xml(side.saved, known.members), value=value)
        return self._finish(draft, side, user, part, now)

    def _take_over(self, draft: Draft, before: Mapping[str, Any], after: Mapping[str, Any], user: User) -> None:
        """Bring to the running machine what differs and can change there."""
        live = [name for name in after if name in DomainPatch.model_fields and Definition.applies(name) is Apply.LIVE]
        changes = {name: after[name] for name in live if after[name] != before[name]}
        if draft.live and changes:
            try:
                body = DomainPatch.model_validate(changes)
            except ValidationError:  # libvirt takes it, but nobody can ask for it: it waits for the next start
                return
            self._editing.ask(draft, body, user)
            draft.check()

    def _finish(
        self, draft: Draft, side: Draft, user: User, part: PlanPart, now: set[str], beside: Sequence[Effect] = ()
    ) -> Change[Domain]:
        """The change to what the side came to; `now` are the fields that change at once, `beside` others."""
        draft.first += side.first
        draft.acts += side.acts
        draft.commands += side.commands if side.first else []
        draft.warnings += [each for each in side.warnings if each not in draft.warnings]
        fault = self._schema.fault(side.saved)
        replace(draft, side.saved)
        draft.effects = list(beside)
        for each in differences(parse(draft.before), draft.saved):
            field = f"{each.device}.{each.field}" if each.device else each.field
            draft.effect(field, live=any(field == name or field.startswith(f"{name}.") for name in now))
        change = checked(self._changing.finish(draft, user), fault)
        return Change(Plan(**change.plan.model_dump(exclude={"part"}), part=part), change.apply)


def _device(root: Element, device: str) -> Placed:
    found = find(root, device)
    if found is None:
        raise Problem("not-found", f"The saved definition has no device {device}.")
    return found


def _section(name: str) -> Section:
    found = next((each for each in SECTIONS if each.id == name), None)
    if found is None:
        raise Problem("not-found", f"There is no section {name}.", cure="Look at the list of settings.")
    return found


def _patch(section: Section, change: Mapping[str, Any]) -> DomainPatch:
    strangers = [name for name in change if name not in section.members]
    if strangers:
        detail = "It is no member of this section."
        raise Problem("invalid-input", detail, errors=[FieldError(f"/{name}", detail) for name in strangers])
    try:
        body: DomainPatch = DomainPatch.model_validate(change)
    except ValidationError as error:
        errors = list(field_errors(error, DomainPatch, change))
        raise Problem("invalid-input", "Some fields are not usable.", errors=errors) from error
    return body


def _values(root: Element, section: Section) -> dict[str, Any]:
    known = values_of(Definition, root)
    values = {name: known[name] for name in section.members}
    if "boot" in values:
        values["boot"] = {**(values["boot"] or {}), "order": boot_order(root)}
    if "vcpus" in values:
        values["vcpus"] = values["vcpus"] or values["vcpus_max"]
    return values
