"""Forms of pools: which types a host has, with which fields, and what is read into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal

from lxml import etree
from pydantic import ValidationError

from quarterdeck.model.pool import DEVICES, DISCOVERS, TYPES
from quarterdeck.model.pool_parts import PoolSettings
from quarterdeck.model.units import human_size
from quarterdeck.model.xml import Element, parse

from .strict import Value

FieldKind = Literal["text", "number", "switch", "choice", "list", "password"]


class PoolField(Value):
    """One value of a form: `kind` is text, number, switch, choice, list or password.

    `when` names a field beside it and its value without which this one makes no sense (`adapter=fc_host`).
    """

    name: str
    title: str
    help: str = ""
    kind: FieldKind = "text"
    required: bool = False
    choices: list[str] = []
    default: str | int | bool | None = None
    when: str = ""


class PoolType(Value):
    """A type of pool; `reason` says why this host cannot have it."""

    type: str
    title: str
    about: str
    available: bool
    reason: str | None = None
    discovers: bool = False
    fields: list[PoolField]


def type_title(kind: str) -> str:
    """What people call a type of pool; libvirt's own word for one that has no form."""
    known = TYPES.get(kind)
    return known.words if known else kind


class PoolSource(Value):
    """Something that a pool could be made of, with the values for its form."""

    title: str
    settings: dict[str, Any]


def pool_types(capabilities: str | None) -> list[PoolType]:
    """All types, and which of them a host with these capabilities has; None where it does not tell."""
    root = parse(capabilities) if capabilities else None
    offered = (
        {pool.get("type"): pool.get("supported") == "yes" for pool in root.iter("pool")} if root is not None else {}
    )
    return [_described(name, kind, offered.get(name, root is None)) for name, kind in TYPES.items()]


def _described(name: str, kind: type[PoolSettings], available: bool) -> PoolType:
    missing = f"This host's libvirt has no driver for it. Debian's package libvirt-daemon-driver-storage-{name} may."
    return PoolType(
        type=name,
        title=kind.words,
        about=kind.about,
        available=available,
        reason=None if available else missing,
        discovers=name in DISCOVERS or name in DEVICES,
        fields=list(_fields(kind)),
    )


def _fields(kind: type[PoolSettings]) -> Iterator[PoolField]:
    schema = kind.model_json_schema()
    first = ("name", "source_host", "source_hosts", "source_device", "source_name", "source_path", "path")
    names = [*(name for name in first if name in schema["properties"]), *schema["properties"]]
    for name in dict.fromkeys(names):
        value = schema["properties"][name]
        if name in ("type", "auth") or value.get("const"):
            continue
        inner = next((each for each in value.get("anyOf", [value]) if each.get("type") != "null"), value)
        yield PoolField(
            name=name,
            title=value.get("title", name),
            help=value.get("description", ""),
            kind=_kind(inner),
            required=name in schema.get("required", ()),
            choices=inner.get("enum", []),
            default=value.get("default") if not isinstance(value.get("default"), list) else None,
            when=kind.places[name].at.when if name in kind.places else value.get("when", ""),
        )


def _kind(schema: Mapping[str, Any]) -> FieldKind:
    if "enum" in schema:
        return "choice"
    if schema.get("format") == "password":
        return "password"
    kinds: dict[str, FieldKind] = {"integer": "number", "boolean": "switch", "array": "list"}
    return kinds.get(schema.get("type", ""), "text")


def read_settings(root: Element) -> PoolSettings | None:
    """The values of a pool's form; None where its definition goes beyond them."""
    kind = TYPES.get(root.get("type", ""))
    try:
        return kind.read(root) if kind else None
    except ValidationError:
        return None


def read_sources(kind: str, xml: str) -> list[PoolSource]:
    """What libvirt found, as values for the form of this type."""
    model, found = TYPES[kind], []
    for source in parse(xml).iterfind("source"):
        pool = etree.Element("pool", type=kind)
        pool.append(deepcopy(source))
        values = {name: place.read(pool) for name, place in model.places.items() if place.at.path.startswith("source/")}
        settings = {name: value for name, value in values.items() if value}
        words = [str(value) for name, value in settings.items() if name != "source_format"]
        found.append(PoolSource(title=" ".join(words), settings=settings))
    return found


def read_device(name: str, xml: str) -> PoolSource | None:
    """A disk or adapter of the host, as values for the form; None where no pool stands on such a device."""
    capability = parse(xml).find("capability")
    if capability is None:
        return None
    if capability.get("type") == "scsi_host":
        return PoolSource(title=name, settings={"adapter": "scsi_host", "adapter_name": name})
    path, size = capability.findtext("block"), capability.findtext("size")
    if not path or not size or capability.findtext("drive_type") not in (None, "disk"):
        return None  # a drive for media, or nothing in it
    words = " ".join(filter(None, (capability.findtext("vendor"), capability.findtext("model"))))
    title = ", ".join(filter(None, (path, human_size(int(size)), words)))
    return PoolSource(title=title, settings={"source_device": path})
