"""A machine's definition as XML: read, and replaced."""

from __future__ import annotations

from typing import TypeVar

from pydantic import Field

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.schema import Schema
from ...model.domain import Domain
from ...model.pending import pending
from ...model.secrecy import keep_secrets, mask_secrets
from ...model.strict import Strict, Value
from ...model.xml import Element, canonical, digest, dump, fault_at, parse
from ...plan import Change, Effect
from ...problems import FieldError, Problem
from ..inventory.inventory import Inventory
from .changing import Changing, Draft, here_document

T = TypeVar("T")


class XmlQuery(Strict):
    """Which definition: the saved one, or with `live` the one that runs."""

    live: bool = Field(False, description="The definition that runs, not the saved one")


class DefinitionText(Value):
    """A definition; secrets are masked. `etag` names the saved one."""

    xml: str
    etag: str


class DefinitionPut(Strict):
    """A definition that takes the place of the saved one; a masked secret stays what it was."""

    xml: str


class Definitions:
    """Reads and replaces definitions."""

    def __init__(self, hosts: Hosts, inventory: Inventory, changing: Changing, schema: Schema) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._schema = schema
        self._changing = changing

    def text(self, host: str, uuid: str, query: XmlQuery) -> DefinitionText:
        """The saved or running definition; the saved one as it was last known while the host does not answer."""
        known = None if query.live else self._inventory.last_known(host, uuid)
        if known is not None:
            return DefinitionText(xml=dump(mask_secrets(parse(known["xml"]))) + "\n", etag=known["digest"])
        domains = self._hosts.get(host).domains
        saved = domains.xml(uuid, secure=True)
        if query.live:
            row = domains.row(uuid)
            if row is None or not row.active:
                raise Problem("wrong-state", "It is off, so it has only its saved definition.")
        shown = parse(domains.xml(uuid, live=True, secure=True) if query.live else saved)
        return DefinitionText(xml=dump(mask_secrets(shown)) + "\n", etag=digest(saved))

    def put(self, host: str, uuid: str, body: DefinitionPut, if_match: str | None, user: User) -> Change[Domain]:
        """Save another definition, checked against libvirt's schema; a running machine gets it at its next start."""
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        new = parse(body.xml)
        _same_machine(draft, new)
        replace(draft, new)
        return checked(self._changing.finish(draft, user), self._schema.fault(parse(body.xml)))


def checked(change: Change[T], fault: str | None) -> Change[T]:
    """The same change, which says beforehand and afterwards where the XML breaks libvirt's schema."""
    if fault:
        change.plan.warnings.append(f"libvirt will most likely refuse it. {fault}")

    def apply() -> T:
        try:
            return change.apply()
        except Problem as problem:
            if problem.slug != "invalid-xml" or not fault:
                raise
            raise Problem("invalid-xml", fault, errors=[FieldError("/xml", fault)], raw=problem.raw) from problem

    return Change(change.plan, apply)


def replace(draft: Draft, new: Element) -> None:
    """Make this the definition to save; a masked secret stays what it was."""
    for tag in keep_secrets(new, parse(draft.before)):
        draft.warnings.append(f"The password of {tag} is not known any more, so there is none. Set a new one.")
    draft.saved = new
    draft.commands.append(here_document("virsh define --validate /dev/stdin", canonical(new)))
    if draft.running is not None:
        waits = pending(new, draft.running, draft.host_cpus)
        draft.effects += [Effect(field=_path(each.device, each.field), when="next_start") for each in waits]


def _same_machine(draft: Draft, new: Element) -> None:
    """The schema of the document is libvirt's matter; whose definition it is, is ours."""
    if new.tag != "domain":
        raise fault_at(new, f"The document must be a domain, not {new.tag}.")
    for tag, wanted in (("uuid", draft.uuid), ("name", draft.row.name)):
        element = new.find(tag)
        if element is None or (element.text or "").strip().lower() != wanted.lower():
            hint = "Rename the machine instead." if tag == "name" else "It must stay."
            raise fault_at(new if element is None else element, f"The {tag} of this machine is {wanted}. {hint}")


def _path(device: str | None, name: str) -> str:
    return f"{device}.{name}" if device else name
