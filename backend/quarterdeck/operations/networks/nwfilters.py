"""Network filters: what there is, who uses it, edited as XML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from ...hypervisor.hosts import Hosts
from ...hypervisor.schema import Schema
from ...model.create import Strict, VolumeName
from ...model.strict import Value
from ...model.xml import Element, canonical, diff, digest, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import FieldError, Problem, field_problem
from ..changing.changing import changed_meanwhile, here_document
from ..changing.definitions import checked
from ..inventory.usage import Usage
from ..storage.storage import added

VARIABLE = re.compile(r"\$(\w+)")


class NwFilter(Value):
    """A filter; `uses` are the filters that it refers to, `used_by` machines and filters that need it.

    `parameters` are the values that a card may tell it, such as IP: its own, and those of the filters that it uses.
    """

    host: str
    uuid: str
    name: str
    chain: str = "root"
    rules: int = 0
    uses: list[str] = []
    used_by: list[str] = []
    parameters: list[str] = []
    etag: str = ""


class NwFilterText(NwFilter):
    """A filter with its definition."""

    xml: str


class NwFilterPut(Strict):
    """The definition of a filter."""

    xml: str


class FilterName(Strict):
    """Checks the name of a filter."""

    name: VolumeName


class NwFilters:
    """The filters of all hosts."""

    def __init__(self, hosts: Hosts, usage: Usage, schema: Schema) -> None:
        self._hosts = hosts
        self._usage = usage
        self._schema = schema

    def all(self, host: str) -> list[NwFilter]:
        """All filters of a host, by name."""
        found = [(uuid, name, parse(xml)) for uuid, name, xml in self._hosts.get(host).nwfilters.all()]
        users: dict[str, set[str]] = {}
        for machine, nic in self._usage.nics(host):
            if nic.filter:
                users.setdefault(nic.filter, set()).add(machine)
        for _uuid, name, root in found:
            for needed in _needs(root):
                users.setdefault(needed, set()).add(name)
        roots = {name: root for _uuid, name, root in found}
        told = [
            _filter(host, uuid, name, root, users.get(name, set())).model_copy(
                update={"parameters": sorted(_parameters(name, roots, set()))}
            )
            for uuid, name, root in found
        ]
        return sorted(told, key=lambda each: each.name)

    def one(self, host: str, name: str) -> NwFilterText:
        """One filter with its definition."""
        found = next((each for each in self.all(host) if name in (each.name, each.uuid)), None)
        if found is None:
            raise Problem("not-found", f"The host has no filter “{name}”.")
        return NwFilterText(**found.model_dump(), xml=dump(parse(self._hosts.get(host).nwfilters.xml(name))) + "\n")

    def create(self, host: str, body: NwFilterPut) -> Change[NwFilterText]:
        """A new filter."""
        root, name = _named(body.xml)
        if name in {each.name for each in self.all(host)}:
            taken = FieldError("/xml", f"The host has a filter “{name}” already.")
            raise Problem("name-taken", taken.detail, errors=[taken])
        return self._define(host, name, root, added(dump(root)))

    def edit(self, host: str, name: str, body: NwFilterPut, if_match: str | None) -> Change[NwFilterText]:
        """Another definition; running machines with this filter get it at once."""
        before, (root, given) = self.one(host, name), _named(body.xml)
        if if_match not in ("*", before.etag):
            raise changed_meanwhile(before.name)
        uuid = root.find("uuid")
        if given != before.name or (uuid is not None and (uuid.text or "").strip() != before.uuid):
            raise field_problem("/xml", f"Name and UUID of this filter are {before.name} and {before.uuid}.")
        if uuid is None:
            element = parse(before.xml).find("uuid")
            root.insert(0, element) if element is not None else None
        change = self._define(host, name, root, diff(before.xml, root))
        if before.used_by:
            change.plan.warnings.append(f"It takes effect at once for {', '.join(before.used_by)}.")
        return change

    def _define(self, host: str, name: str, root: Element, shown: str) -> Change[NwFilterText]:
        plan = Plan(
            xml_diff=shown,
            commands=[here_document("virsh nwfilter-define --validate /dev/stdin", canonical(root))],
            effects=[Effect(field="filter", when="live")],
        )
        missing = sorted({*_needs(root)} - {known for _uuid, known, _xml in self._hosts.get(host).nwfilters.all()})
        if missing:
            plan.warnings.append(f"The host has no filter {', '.join(missing)}: no machine starts with this one so.")

        def apply() -> NwFilterText:
            self._hosts.get(host).nwfilters.define(dump(root))
            return self.one(host, name)

        return checked(Change(plan, apply), self._schema.fault(root))

    def delete(self, host: str, name: str) -> Change[None]:
        """Remove a filter that nothing uses."""
        found = self.one(host, name)
        if found.used_by:
            raise Problem(
                "in-use",
                f"{', '.join(found.used_by)} use the filter {found.name}.",
                cure="Take it from their cards first.",
                used_by=found.used_by,
            )
        plan = Plan(commands=[shlex.join(["virsh", "nwfilter-undefine", found.name])])
        return Change(plan, lambda: self._hosts.get(host).nwfilters.undefine(found.uuid))


def _parameters(name: str, roots: Mapping[str, Element], seen: set[str]) -> set[str]:
    """The variables in a filter and in those that it uses (formatnwfilter.html: $NAME, $NAME[@1])."""
    root = roots.get(name)
    if root is None or name in seen:
        return set()
    seen.add(name)
    own = {
        word for element in root.iter() for value in element.attrib.values() for word in VARIABLE.findall(str(value))
    }
    return own.union(*(_parameters(needed, roots, seen) for needed in _needs(root)))


def _needs(root: Element) -> list[str]:
    return sorted({reference.get("filter", "") for reference in root.iter("filterref")} - {""})


def _filter(host: str, uuid: str, name: str, root: Element, users: set[str]) -> NwFilter:
    values: dict[str, Any] = {"chain": root.get("chain", "root"), "rules": len(root.findall("rule"))}
    return NwFilter(
        host=host, uuid=uuid, name=name, uses=_needs(root), used_by=sorted(users), etag=digest(root), **values
    )


def _named(xml: str) -> tuple[Element, str]:
    root = parse(xml)
    if root.tag != "filter":
        raise field_problem("/xml", f"The document must be a filter, not {root.tag}.")
    try:
        return root, FilterName(name=root.get("name", "")).name
    except ValueError as error:
        raise field_problem("/xml", "The filter needs a name, without slash or control character.") from error
