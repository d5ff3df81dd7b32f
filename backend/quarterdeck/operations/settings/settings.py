"""Changes of settings that are declared in the model: patched, checked, told, and done live where QEMU can."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ...hypervisor.hosts import Hosts
from ...model.definition import Definition, describe
from ...model.needs import plugged_mib
from ...model.remarks import Fault, Site
from ...model.settings_rules import remarks
from ...model.threads import threads_in_use, trim_threads
from ...model.virt_xml import options
from ...model.xml import Apply, Place, XmlModel
from ..changing.changing import Draft
from .live import UNTOLD, LiveSettings
from .offers import Offers, OffersQuery

FILES = ("kernel", "initrd", "dtb")


@dataclass(frozen=True)
class Leaf:
    """One value that a change touches, by its way from the machine: `cputune.shares`."""

    path: str
    old: Any
    new: Any
    live: bool

    @property
    def shrinks(self) -> bool:
        """Whether something is taken away, for which virsh has no word."""
        return self.new is None or (isinstance(self.new, tuple) and len(self.new) < len(self.old or ()))

    @property
    def pointer(self) -> str:
        """Where it stands in the request."""
        return "/" + self.path.replace(".", "/")


class Settings:
    """Plans changes of declared settings. Every method notes faults in the draft."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._offers = Offers(hosts)

    def plan(self, draft: Draft, given: dict[str, Any]) -> None:
        """Patch what is given; null takes a value or a whole section away."""
        before = describe(draft.saved)
        changes = {name: _whole(name, value, before) for name, value in given.items()}
        if changes.get("sysinfo") and before.sysinfo is None:
            changes["boot"] = {"smbios": "sysinfo"} | changes.get("boot", {})  # without it nobody reads them
        Definition.patch(draft.saved, changes)
        if "iothreads" in changes:
            trim_threads(draft.saved)
        after = describe(draft.saved)
        leaves = list(_leaves(Definition, changes, before, after, ""))
        self._check(draft, after, {name: given.get(name) for name in changes} | given)
        self._files(draft, changes.get("boot") or {})
        self._tell(draft, before, after, leaves)

    def _check(self, draft: Draft, after: Definition, given: Mapping[str, Any]) -> None:
        for remark in remarks(after, given, self.site(draft)):
            if isinstance(remark, Fault):
                draft.fault(remark.pointer, remark.detail, cure=remark.cure)
            else:
                draft.warnings.append(remark)

    def site(self, draft: Draft) -> Site:
        """What the host can for this machine, and what of its devices matters to settings."""
        now = describe(draft.saved)
        kind = None if draft.made_up else now.type
        query = OffersQuery(arch=now.arch or "x86_64", machine=now.machine or "q35", type=kind)
        offers = self._offers.of(draft.host, query)
        devices = draft.saved.find("devices")
        parts = list(devices) if devices is not None else []
        return Site(
            host=offers.host,
            domain=offers.domain,
            shared_folders=any(part.find("driver[@type='virtiofs']") is not None for part in parts),
            serial_lines=any(part.tag in ("serial", "console") for part in parts),
            threads_in_use=threads_in_use(draft.saved),
            plugged_mib=plugged_mib(draft.saved),
            libvirt=self._hosts.get(draft.host).capabilities.facts.libvirt_version or "",
        )

    def _files(self, draft: Draft, boot: Mapping[str, Any]) -> None:
        """Whether the files of a direct kernel boot are there; only this server's own can be looked for."""
        host = self._hosts.get(draft.host)
        for name in FILES:
            path = boot.get(name)
            if not path or draft.made_up or host.volumes.at(path):
                continue
            if host.spec.transport != "local":
                draft.warnings.append(f"{path} lies in no pool of the host, so nobody can tell whether it is there.")
                continue
            with contextlib.suppress(PermissionError):
                if not Path(path).exists():
                    draft.fault(f"/boot/{name}", f"The host has no file {path}.")

    def _tell(self, draft: Draft, before: Definition, after: Definition, leaves: list[Leaf]) -> None:
        """Effects, equal commands and what is done live."""
        live = LiveSettings(self._hosts.get(draft.host).tuning)
        late: dict[str, Any] = {}
        for leaf in leaves:
            if leaf.live and draft.live:
                draft.effect(leaf.path, live=True)
            else:
                draft.late(leaf.path, leaf.pointer)
            section, _, rest = leaf.path.partition(".")
            if not leaf.live or leaf.shrinks:
                _enter(late, section, rest, leaf.new)
        running = describe(draft.running) if draft.running is not None else None
        live.plan(draft, {leaf.path: leaf.new for leaf in leaves if leaf.live}, before, running)
        if before.sysinfo is None and late.get("sysinfo"):
            late.get("boot", {}).pop("smbios", None)  # virt-xml does that by itself
        for words in options(late, before) if draft.save else ():
            draft.commands.append(shlex.join(["virt-xml", draft.row.name, *words]))


def _whole(name: str, value: Any, before: Definition) -> Any:
    """A section that goes: each of its values goes, so that the live ones are seen."""
    place = Definition.places[name]
    had = getattr(before, name)
    if value is None and place.child and not place.many and isinstance(had, BaseModel):
        return {inner: None for inner in place.child.places if getattr(had, inner) not in (None, False, ())}
    return value


def _enter(tree: dict[str, Any], section: str, rest: str, value: Any) -> None:
    if not rest:
        tree[section] = value
        return
    *way, last = rest.split(".")
    node = tree.setdefault(section, {})
    for step in way:
        node = node.setdefault(step, {})
    node[last] = value


def _leaves(model: type[XmlModel], changes: Mapping[str, Any], old: Any, new: Any, base: str) -> Iterator[Leaf]:
    """The values that really differ."""
    for name, change in changes.items():
        place = model.places[name]
        was, now = (_plain(getattr(side, name)) if side is not None else None for side in (old, new))
        path = f"{base}{name}"
        if place.child and not place.many and isinstance(change, Mapping):
            inner_old, inner_new = (getattr(side, name) if side is not None else None for side in (old, new))
            yield from _leaves(place.child, change, inner_old, inner_new, f"{path}.")
        elif was != now and not (was in (None, False, ()) and now in (False, ()) and _is_none_off(place)):
            yield Leaf(path, was, now, place.at.apply is Apply.LIVE and not (now is None and path in UNTOLD))


def _is_none_off(place: Place) -> bool:
    """Whether nothing means the same as no: lists, and what is only there or not."""
    return place.many or place.at.words == "present"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(each.model_dump() if isinstance(each, BaseModel) else each for each in value)
    return value.model_dump() if isinstance(value, BaseModel) else value
