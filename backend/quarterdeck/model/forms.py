"""Forms as data: what may be set, how it is called, its limits, when it takes effect, what the host cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from .bodies import asked, choices_of, simple_type
from .patterns import told
from .strict import Value
from .units import UNIT, unit_of
from .xml import Apply, Place

Control = Literal["choice", "text", "number", "boolean", "flag", "list", "group", "secret"]
"""What a field looks like: a `boolean` may also be left to libvirt, a `flag` is there or not."""
SPELT = {
    **{
        word: word.upper()
        for word in ("bios", "uuid", "sku", "id", "eoi", "apic", "dh", "kvm", "tls", "smm", "tseg", "pv")
    },
    "msrs": "MSRs",
    "iops": "operations",
    "iothread": "I/O thread",
    "appid": "application ID",
    "tb": "translation",
    "pvspinlock": "paravirtual spinlocks",
    "vmcoreinfo": "VMCOREINFO",
}
"""Words of names that people write otherwise."""


@dataclass(frozen=True)
class Offer:
    """What a host offers: words by the name of their list (one that is missing limits nothing), libvirt's version."""

    lists: Mapping[str, list[str]] = field(default_factory=dict)
    libvirt: str = ""

    def refuses(self, name: str, word: str) -> str | None:
        """Why this word of a list cannot be chosen; None where it can."""
        known = self.lists.get(name) if name else None
        return None if known is None or word in known else f"QEMU on this host has no {word} here."

    def lacks(self, name: str, noun: str = "device") -> str | None:
        """Why nothing of a list can be had; None where something can."""
        return f"QEMU on this host has no such {noun}." if name and self.lists.get(name) == [] else None

    def too_old(self, since: str) -> str | None:
        """Why the host's libvirt does not know it yet; None where it does."""
        if not since or not self.libvirt or _version(since) <= _version(self.libvirt):
            return None
        return f"It needs libvirt {since}; this host has {self.libvirt}."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


class FormChoice(Value):
    """A word that may be chosen and what it means, where the word does not say it; `reason` is why this host cannot."""

    value: str
    title: str = ""
    reason: str | None = None


class FormField(Value):
    """One thing that may be set. `name` is its member in the body; `once` is true where it is asked only while adding.

    `when` names a field beside it and its values without which this one makes no sense (`backend=passthrough`).
    `rule` are the words of the pattern. A list without `fields` holds plain values. `reason` says why the host cannot.
    """

    name: str
    title: str
    help: str = ""
    control: Control
    choices: list[FormChoice] = []
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    rule: str = ""
    default: Any = None
    apply: Apply = Apply.NEXT_START
    since: str = ""
    advanced: bool = False
    needed: bool = False
    once: bool = False
    when: str = ""
    reason: str | None = None
    numbers: bool = False
    fields: list[FormField] = []


class Form(Value):
    """One kind of thing that may be added or changed; `reason` says why none can be added here."""

    id: str
    type: str
    title: str
    help: str
    most: int | None = None
    reason: str | None = None
    adds: bool = True
    fields: list[FormField]


def fields_of(model: type[BaseModel], offer: Offer, usual: Mapping[str, Any] | None = None) -> list[FormField]:
    """The fields of a form for this model."""
    return [_field(name, place, offer, (usual or {}).get(name)) for name, place in asked(model)]


def title_of(name: str, place: Place) -> str:
    """What people call a value: its declared title, or its name in words."""
    words = " ".join(SPELT.get(word, word) for word in UNIT.sub("", name).split("_"))
    return place.at.title or words[:1].upper() + words[1:]


def _field(name: str, place: Place, offer: Offer, default: Any) -> FormField:
    at, annotation = place.at, place.owner.model_fields[place.name].annotation
    words = () if place.child else choices_of(annotation)
    reason = offer.too_old(at.since) or (offer.lacks(at.offer, "thing for this machine") if place.child else None)
    inner = default if isinstance(default, Mapping) else None
    return FormField(
        name=name,
        title=title_of(name, place),
        help=at.help,
        control=_control(place, words, annotation),
        choices=[FormChoice(value=w, title=at.means.get(w, ""), reason=offer.refuses(at.offer, w)) for w in words],
        unit=at.unit or unit_of(name),
        minimum=at.minimum,
        maximum=at.maximum,
        pattern=at.pattern,
        rule=told(at.pattern),
        default=default,
        apply=at.apply,
        since=at.since,
        advanced=at.advanced,
        needed=at.needed,
        once=at.apply is Apply.NEVER,
        when=at.when,
        reason=reason,
        numbers=place.many and simple_type(annotation) is int,
        fields=_inside(fields_of(place.child, offer, inner), reason) if place.child else [],
    )


def _inside(fields: list[FormField], reason: str | None) -> list[FormField]:
    """What a host lacks of a group, it lacks of each field in it."""
    return [each.model_copy(update={"reason": each.reason or reason}) for each in fields]


def _control(place: Place, words: tuple[str, ...], annotation: Any) -> Control:
    if place.at.control:
        return place.at.control
    if place.many:
        return "list"
    if place.child:
        return "group"
    if place.at.words == "present":
        return "flag"
    if words:
        return "choice"
    kinds: dict[type, Control] = {bool: "boolean", int: "number", str: "text"}
    return kinds[simple_type(annotation)]


def met(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a `when` holds for these values."""
    name, _, words = condition.partition("=")
    value = values.get(name)
    if not words:
        return bool(value)
    return ("yes" if value is True else "no" if value is False else str(value)) in words.split(",")
