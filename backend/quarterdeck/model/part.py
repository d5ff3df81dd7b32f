"""Parts of a definition as documents of their own: a device, or the elements of a section. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree
from pydantic import BaseModel, ValidationError

from .definition import Definition
from .faults import in_words
from .order import insert, remove
from .secrecy import keep_secrets
from .xml import NAMESPACES, Element, XmlModel, canonical, dump, fault_at, parse


def put_device_xml(old: Element, new: Element) -> Element:
    """Put another element in the place of a device; a masked secret stays what it was."""
    if new.tag != old.tag:
        raise fault_at(new, f"The document must be a {old.tag}, not {new.tag}.")
    keep_secrets(new, parse(dump(old)))
    parent = old.getparent()
    if parent is not None:
        new.tail = old.tail
        parent.replace(old, new)
    return new


def _tags(members: Sequence[str]) -> list[str]:
    """The children of `<domain>` in which the section lives."""
    return list(dict.fromkeys(tag for name in members for tag in _roots(Definition, name)))


def _roots(model: type[XmlModel], name: str) -> Iterator[str]:
    place = model.places[name]
    if place.at.steps:
        prefix, _, tag = place.at.steps[0].partition("[")[0].rpartition(":")
        yield f"{{{NAMESPACES[prefix]}}}{tag}" if prefix else tag
    elif place.child:
        for inner in place.child.places:
            yield from _roots(place.child, inner)


def section_xml(root: Element, members: Sequence[str]) -> str:
    """The elements in which these members of a definition live, in a `<domain>` of their own, secrets masked."""
    shown = etree.Element("domain")
    wanted = _tags(members)
    for child in root:
        if child.tag in wanted:
            shown.append(parse(dump(child)))
    etree.cleanup_namespaces(shown)
    return canonical(shown)


def put_section_xml(root: Element, new: Element, members: Sequence[str]) -> None:
    """Put other elements in their place. Problem with the line of one that belongs elsewhere."""
    if new.tag != "domain":
        raise fault_at(new, f"The document must be a domain, not {new.tag}.")
    wanted = _tags(members)
    for child in new:
        if isinstance(child.tag, str) and child.tag not in wanted:
            raise fault_at(child, f"<{etree.QName(child).localname}> is no part of this section.")
    for tag in wanted:
        put = new.findall(tag)
        for old, element in zip(root.findall(tag), [*put, *[None] * len(root)], strict=False):
            if element is None:
                remove(old)
            else:
                element.tail = old.tail
                root.replace(old, element)
        for element in new.findall(tag):
            insert(root, element)


def values_of(model: type[XmlModel], element: Element) -> dict[str, Any]:
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


def innermost(model: type[XmlModel], element: Element, names: Sequence[str]) -> Element:
    """The element that holds a value, named by its way; as far as there is one."""
    child: type[BaseModel] | None = model
    for name in names:
        if child is None or not issubclass(child, XmlModel) or name not in child.places:
            break
        place = child.places[name]
        found = place.at.find(element)
        element, child = (found[0] if found else element), place.child
    return element
