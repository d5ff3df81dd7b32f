"""Typed values bound to libvirt XML: one declaration reads, edits in place and documents a value."""

from __future__ import annotations

import difflib
import hashlib
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from lxml import etree
from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from quarterdeck.model.order import insert, remove
from quarterdeck.model.secrecy import mask_secrets, prune, without_secrets
from quarterdeck.model.strict import Value
from quarterdeck.model.units import to_unit, unsaid, written
from quarterdeck.problems import FieldError, Problem

Element = etree._Element

NAMESPACES = {
    "libosinfo": "http://libosinfo.org/xmlns/libvirt/domain/1.0",
    "quarterdeck": "https://quarterdeck.invalid/xmlns/1",
    "qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
    "dnsmasq": "http://libvirt.org/schemas/network/dnsmasq/1.0",
}
WORDS = {"yesno": ("yes", "no"), "onoff": ("on", "off")}
MAX_XML_BYTES = 4 * 1024 * 1024
STEP = re.compile(r"([\w.:-]+)(?:\[@([\w-]+)='([^']*)'\])?")


def clean(text: str) -> str:
    """The text, if XML can hold it; else ValueError."""
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text):
        raise ValueError("Control characters are not taken: they cannot be stored in XML.")
    return text


XmlText = Annotated[str, AfterValidator(clean)]
"""Text of a person that may go into a definition."""


class Apply(StrEnum):
    """When a changed value reaches a running machine."""

    LIVE = "live"
    NEXT_START = "next_start"
    NEVER = "never"


@dataclass(frozen=True)
class At:
    """Where a value lives below its element: `name`, `mac/@address`, `timer[@name='hpet']/@present`, `.`.

    `words` are libvirt's words of a truth value, `unit` is ours (libvirt's is converted by its `unit` attribute).
    What follows `since` is for bodies and forms: `offer` names the host's own list of choices (`disk.bus`), `when`
    the value of another field without which this one makes no sense (`backend=passthrough`), `asked` is false where
    libvirt or the service chooses, `means` what its words come to, for people. Ranges and patterns hold for what
    people ask; what is read is taken as it is.
    """

    path: str
    words: Literal["", "yesno", "onoff", "present"] = ""
    unit: Literal["", "B", "KiB", "MiB", "s"] = ""
    apply: Apply = Apply.NEXT_START
    title: str = ""
    help: str = ""
    since: str = ""
    advanced: bool = False
    needed: bool = False
    asked: bool = True
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    offer: str = ""
    when: str = ""
    control: Literal["", "secret"] = ""
    means: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Put help, unit, first libvirt version and the time of effect into the schema of the value."""
        known = {
            "title": self.title,
            "description": self.help,
            "x-unit": self.unit,
            "x-apply": self.apply.value,
            "x-since": self.since,
        }
        return {**handler(core_schema), **{key: value for key, value in known.items() if value}}

    @cached_property
    def steps(self) -> list[str]:
        """The elements on the way, without the attribute."""
        return [step for step in self.path.split("/") if not step.startswith("@") and step != "."]

    @cached_property
    def attribute(self) -> str | None:
        """The attribute that holds the value, or None where the element's text does."""
        last = self.path.rsplit("/", 1)[-1]
        return last[1:] if last.startswith("@") else None

    @cached_property
    def _way(self) -> str:
        return "/".join(self.steps)

    def find(self, element: Element) -> list[Element]:
        """The elements that hold the value or values."""
        if not self.steps:
            return [element]
        return element.findall(self._way, NAMESPACES if ":" in self._way else None)

    def text_of(self, node: Element) -> str | bool | int | None:
        """The value that one found element holds."""
        text = node.get(self.attribute) if self.attribute else node.text
        if self.words == "present":
            return text is not None if self.attribute else True
        if text is None:
            return None
        text = text if self.attribute else text.strip()
        if not text and len(node):
            return None  # what is in it is indented
        if self.words:
            return {word: word == WORDS[self.words][0] for word in WORDS[self.words]}.get(text)
        return to_unit(int(text), node.get("unit", unsaid(self.unit)), self.unit) if self.unit else text

    def put(self, node: Element, value: Any) -> None:
        """Write one value into its element."""
        if self.words == "present" or (self.unit and self.text_of(node) == value):
            return
        if self.unit:
            node.set("unit", written(self.unit))
        if self.attribute:
            node.set(self.attribute, self.word(value))
        else:
            node.text = self.word(value)

    def word(self, value: Any) -> str:
        """The value as libvirt writes it; sizes in KiB, but for those that are counted in bytes."""
        if self.unit:
            return str(to_unit(value, self.unit, written(self.unit)))
        return WORDS[self.words][0 if value else 1] if self.words in WORDS else str(value)


@dataclass(frozen=True)
class Place:
    """One declared value of one model: its name, where it lives, and what kind of value it is."""

    owner: type[BaseModel]
    name: str
    at: At
    many: bool
    child: type[XmlModel] | None

    def read(self, element: Element) -> Any:
        """The value in this element, or None where there is none."""
        found = self.at.find(element)
        values = [self.child.read(node) if self.child else self.at.text_of(node) for node in found]
        if self.many:
            return tuple(value for value in values if value is not None)
        if self.at.words == "present":
            return bool(values and values[0])
        return values[0] if values else None

    def write(self, element: Element, value: Any) -> None:
        """Change this value and nothing else; None takes it away."""
        if self.many:
            self._write_many(element, list(value or ()))
        elif self.child and value == {}:
            return  # nothing is asked of it
        elif value is None or (self.at.words == "present" and not value):
            self._take_away(element, next(iter(self.at.find(element)), None))
        elif self.at.words != "present" or not self.at.attribute:
            anew = self.child is not None and not self.at.find(element)
            node = _reach(element, self.at.steps)
            self._fill(node, value)
            if anew:
                prune(element, node)  # nothing was asked of what is in it

    def _write_many(self, element: Element, values: list[Any]) -> None:
        found = self.at.find(element)
        for node in found[len(values) :]:
            self._take_away(element, node)
        if values:
            parent = _reach(element, self.at.steps[:-1])
            found += [_make(parent, self.at.steps[-1]) for _ in values[len(found) :]]
        for node, value in zip(found, values, strict=False):
            self._fill(node, value)

    def _fill(self, node: Element, value: Any) -> None:
        if self.child:
            self.child.patch(node, value.model_dump() if isinstance(value, BaseModel) else value)
        else:
            self.at.put(node, value)

    def _take_away(self, base: Element, node: Element | None) -> None:
        if node is None:
            return
        if self.child or (self.at.words == "present" and not self.at.attribute):
            parent = node.getparent()
            if node is base or parent is None:
                return
            remove(node)
            node = parent
        elif self.at.attribute:
            node.attrib.pop(self.at.attribute, "")
        else:
            node.text = None
        if self.at.unit:
            node.attrib.pop("unit", "")
        prune(base, node)


def _reach(element: Element, steps: list[str]) -> Element:
    for step in steps:
        found = element.find(step, NAMESPACES)
        element = _make(element, step) if found is None else found
    return element


def _make(parent: Element, step: str) -> Element:
    match = STEP.fullmatch(step)
    if match is None:
        raise ValueError(f"not a step of a path: {step}")
    name, attribute, value = match.groups()
    prefix, _, tag = name.rpartition(":")
    uri = NAMESPACES.get(prefix)
    child = etree.Element(f"{{{uri}}}{tag}", nsmap={prefix: uri}) if uri else etree.Element(tag)
    if attribute:
        child.set(attribute, value)
    insert(parent, child)
    return child


class XmlModel(Value):
    """A frozen value read from an element; the same declaration patches the kept element."""

    model_config = ConfigDict(frozen=True)
    tag: ClassVar[str] = ""
    places: ClassVar[Mapping[str, Place]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the declared places once per class."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.places = places_of(cls)

    @classmethod
    def read(cls, element: Element) -> Self:
        """The value of this element; what the model does not declare is left out."""
        values = {name: place.read(element) for name, place in cls.places.items()}
        return cls.model_validate({name: value for name, value in values.items() if value is not None})

    @classmethod
    def patch(cls, element: Element, changes: Mapping[str, Any]) -> None:
        """Write only the named values; unknown elements, comments and order stay as they are."""
        for name, value in changes.items():
            cls.places[name].write(element, value)

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Element:
        """A new element that holds these values."""
        element = etree.Element(cls.tag)
        cls.patch(element, {name: value for name, value in values.items() if value is not None})
        return element

    @classmethod
    def applies(cls, name: str) -> Apply:
        """When a change of this value takes effect."""
        return cls.places[name].at.apply


def places_of(model: type[BaseModel]) -> dict[str, Place]:
    """The declared places of a model by the names of its values."""
    return {
        name: Place(model, name, at, *_kind(field.annotation))
        for name, field in model.model_fields.items()
        for at in field.metadata
        if isinstance(at, At)
    }


def _kind(annotation: Any) -> tuple[bool, type[XmlModel] | None]:
    """Whether a type holds many values, and the model inside it."""
    inner = typing.get_args(annotation)
    if not inner:
        return False, annotation if isinstance(annotation, type) and issubclass(annotation, XmlModel) else None
    kinds = [_kind(item) for item in inner]
    many = typing.get_origin(annotation) in (list, tuple) or any(kind[0] for kind in kinds)
    return many, next((kind[1] for kind in kinds if kind[1]), None)


def parse(text: str) -> Element:
    """The root element of a document. Problem `invalid-xml` with the line; no entities, no network, no DOCTYPE."""
    try:
        raw = text.encode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise _invalid("A document type is not allowed here")
        if len(raw) > MAX_XML_BYTES:
            raise _invalid("The document is larger than 4 MiB")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _invalid(f"Line {error.lineno}: {error.msg}") from None
    except UnicodeEncodeError:
        raise _invalid("The text is not valid Unicode") from None


def _invalid(detail: str) -> Problem:
    return Problem("invalid-xml", detail, errors=[FieldError("/xml", detail)])


def fault_at(element: Element, detail: str) -> Problem:
    """The problem of one line of a document."""
    text = f"Line {element.sourceline}: {detail}"
    return Problem("invalid-xml", text, errors=[FieldError("/xml", text)])


def dump(element: Element) -> str:
    """The text of an element as it stands, without the text behind it."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def canonical(xml: Element | str) -> str:
    """The text with even indentation and masked secrets, fit for reading, comparing and keeping."""
    element = mask_secrets(parse(xml) if isinstance(xml, str) else xml)
    etree.indent(element, "  ")
    return dump(element) + "\n"


def diff(old: Element | str, new: Element | str, names: tuple[str, str] = ("saved", "new")) -> str:
    """The unified diff of two definitions, secrets masked; empty where they are equal."""
    before, after = canonical(old).splitlines(keepends=True), canonical(new).splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, *names, n=3))


def digest(xml: Element | str) -> str:
    """What an ETag is made of: equal for equal definitions, also where one was read without its secrets."""
    element = without_secrets(parse(xml) if isinstance(xml, str) else xml)
    return hashlib.sha256(canonical(element).encode()).hexdigest()[:24]
