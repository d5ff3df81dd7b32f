"""A device, or a section of the settings, as XML: read, and replaced, with a change of its form on top of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from ..access import User
from ..hypervisor.hosts import Hosts
from ..hypervisor.schema import Schema
from ..model.boot import boot_order
from ..model.compare import differences
from ..model.definition import Definition
from ..model.devices import KINDS, OtherDevice, Placed, find, placed
from ..model.domain import Domain
from ..model.edits import DomainPatch
from ..model.faults import field_errors, in_words
from ..model.part import innermost, put_device_xml, put_section_xml, section_xml
from ..model.strict import Strict
from ..model.xml import Element, XmlModel, canonical, digest, fault_at, parse
from ..plan import Change, Plan, PlanPart
from ..problems import FieldError, Problem
from .changing import Changing, Draft
from .definitions import DefinitionText, checked, replace
from .devices import Devices
from .edit import Editing
from .settings_forms import SECTIONS, Section


class PartPut(Strict):
    """A part of a definition: its XML (what is saved, if left out), and what its form changes of that.

    The dry run tells in `part` what the XML and the values of the form then are.
    """

    xml: str | None = None
    change: dict[str, Any] | None = None


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
        self, host: str, uuid: str, device: str, *, body: PartPut, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save the device so; a running machine gets it at its next start."""
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        element = _device(draft.saved, device).element
        if body.xml is not None:
            element = put_device_xml(element, parse(body.xml))
        if body.change is not None:
            _on_top(draft, lambda: self._devices.change(draft, _placed(draft.saved, element), body.change))
        value = _read(KINDS.get(str(element.tag), OtherDevice), element)
        return self._finish(draft, user, PlanPart(xml=canonical(element), value=value))

    def put_section(
        self, host: str, uuid: str, section: str, *, body: PartPut, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save the section so; a running machine gets it at its next start."""
        known, draft = _section(section), self._changing.begin(host, uuid, if_match, "next_start")
        if body.xml is not None:
            put_section_xml(draft.saved, parse(body.xml), known.members)
        if body.change is not None:
            _on_top(draft, lambda: self._editing.ask(draft, _patch(known, body.change or {}), user))
        value = _values(draft.saved, known)
        return self._finish(draft, user, PlanPart(xml=section_xml(draft.saved, known.members), value=value))

    def _finish(self, draft: Draft, user: User, part: PlanPart) -> Change[Domain]:
        fault = self._schema.fault(draft.saved)
        if not draft.first:
            draft.commands = []
        draft.effects = []
        replace(draft, draft.saved)
        draft.effects = []
        for each in differences(parse(draft.before), draft.saved):
            draft.effect(f"{each.device}.{each.field}" if each.device else each.field, live=False)
        change = checked(self._changing.finish(draft, user), fault)
        return Change(Plan(**change.plan.model_dump(exclude={"part"}), part=part), change.apply)


def _device(root: Element, device: str) -> Placed:
    found = find(root, device)
    if found is None:
        raise Problem("not-found", f"The saved definition has no device {device}.")
    return found


def _placed(root: Element, element: Element) -> Placed:
    """The device that this element is; another text may have given it another id."""
    return next(each for each in placed(root) if each.element is element)


def _section(name: str) -> Section:
    found = next((each for each in SECTIONS if each.id == name), None)
    if found is None:
        raise Problem("not-found", f"There is no section {name}.", cure="Look at the list of settings.")
    return found


def _on_top(draft: Draft, act: Callable[[], None]) -> None:
    """What the form asks for; its faults are told below `change`, where it stands in the body."""
    try:
        act()
        draft.check()
    except Problem as problem:
        errors = [FieldError(f"/change{each.pointer}", each.detail) for each in problem.errors]
        raise Problem(problem.slug, problem.detail, cure=problem.cure, errors=errors, raw=problem.raw) from problem


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
    known = _read(Definition, root)
    values = {name: known[name] for name in section.members}
    if "boot" in values:
        values["boot"] = {**(values["boot"] or {}), "order": boot_order(root)}
    if "vcpus" in values:
        values["vcpus"] = values["vcpus"] or values["vcpus_max"]
    return values


def _read(model: type[XmlModel], element: Element) -> dict[str, Any]:
    """The values of the form; Problem with the line of what no form can show."""
    try:
        return model.read(element).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        names = [str(name) for name in first["loc"] if not isinstance(name, int)]
        place = innermost(model, element, names)
        raise fault_at(place, f"{' '.join(names).replace('_', ' ')}: {in_words(first, model)}") from error
    except ValueError as error:  # a number that is none
        raise fault_at(element, f"A value cannot be read: {error}.") from error
