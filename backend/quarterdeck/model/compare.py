"""Two definitions compared value by value, and single values taken over from one into the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from lxml import etree
from pydantic import BaseModel

from .definition import Definition
from .devices import Placed, placed
from .metadata import OF, element_of, put_element
from .order import insert, remove
from .secrecy import without_secrets
from .slots import put_device
from .strict import Value
from .template import level_version
from .xml import NAMESPACES, Element, XmlModel, dump

DEVICE = "device"
"""The field of a difference that is a whole device, which only one side has."""
PREFIXES = {f"{{{uri}}}": f"{prefix}:" for prefix, uri in NAMESPACES.items()}
STEP = re.compile(r"(@?)((?:\{[^}]*\})?[^/\[@{}]+(?:\[@\w+='[\w-]+'\])?)(?:\[(\d+)\])?/?")
FOREIGN = re.compile(r"metadata/\{([^}]*)\}")
"""The path of what a program keeps in `<metadata>`, which is compared and taken over as a whole."""
KEYS = {"entry": "name", "sysinfo": "type", "cipher": "name", "event": "name"}
"""Elements that are told apart by an attribute, not by their number."""


class Difference(Value):
    """One difference. `field` is a declared value, or a path in the XML; `device` is None for the machine itself.

    Where only one side has the device, `field` is `device` and the values are its title.
    """

    field: str
    device: str | None = None
    title: str | None = None
    before: Any = None
    after: Any = None

    @property
    def key(self) -> tuple[str | None, str]:
        """What it is about, whatever the values are."""
        return self.device, self.field


def differences(old: Element, new: Element) -> list[Difference]:
    """What differs between two saved definitions, secrets left out, in the order of the newer one."""
    before, after = without_secrets(old), without_secrets(new)
    level_version(before, after)  # it counts changes, and is none
    found = compare(Definition, before, after)
    olds, news = {each.id: each for each in placed(before)}, {each.id: each for each in placed(after)}
    for name in [*news, *(name for name in olds if name not in news)]:
        found += _device(name, olds.get(name), news.get(name))
    return found


def _device(name: str, old: Placed | None, new: Placed | None) -> list[Difference]:
    if old and new:
        title = new.device.title
        found = compare(new.kind, old.element, new.element)
        return [each.model_copy(update={"device": name, "title": title}) for each in found]
    titles = [each.device.title if each else None for each in (old, new)]
    return [
        Difference(field=DEVICE, device=name, title=titles[0] or titles[1], before=titles[0], after=titles[1]),
    ]


def compare(model: type[XmlModel], old: Element, new: Element) -> list[Difference]:
    """The values that differ between two elements; the devices of a machine are left out."""
    skip = "devices" if model is Definition else ""
    before, after = flat(old, skip), flat(new, skip)
    names = _names(model) if before != after else {}
    found: dict[str, Difference] = {}
    for path in [*after, *(path for path in before if path not in after)]:
        if after.get(path) != before.get(path):
            name, read = _named(names, path)
            values = [read(side) if read else flats.get(path) for side, flats in ((old, before), (new, after))]
            if read and values[0] == values[1] and not (before.get(path) or after.get(path)):
                continue  # a marker is there on both sides, and only one of them holds something besides
            found.setdefault(name, Difference(field=name, before=values[0], after=values[1]))
    return list(found.values())


def differing(model: type[XmlModel], old: Element, new: Element) -> list[str]:
    """The names of what differs, also where one side holds values that the model does not take."""
    before, after = flat(old, ""), flat(new, "")
    names = _names(model) if before != after else {}
    paths = [path for path in {**after, **before} if after.get(path) != before.get(path)]
    return list(dict.fromkeys(_named(names, path)[0] for path in paths))


def flat(element: Element, skip: str, base: str = "") -> dict[str, str]:
    """Every text and attribute below an element by its path; a marker without either is there by itself."""
    key = KEYS.get(str(element.tag)) if base.endswith("']/") else None
    found = {f"{base}@{name}": element.get(name, "") for name in map(str, element.keys()) if name != key}
    children = [child for child in element if isinstance(child.tag, str) and child.tag != skip]
    text = (element.text or "").strip()
    if base and (text or not (children or found)):
        found[base.removesuffix("/")] = text
    seen: dict[str, int] = {}
    for child in children:
        tag = _keyed(child)
        number = seen[tag] = seen.get(tag, 0) + 1
        step = tag if number == 1 else f"{tag}[{number}]"
        found |= flat(child, skip, f"{base}{step}/")
    return found


def _keyed(element: Element) -> str:
    """The name of an element, with the attribute that tells it from its like where it has one."""
    tag = str(element.tag)
    value = element.get(KEYS[tag], "") if tag in KEYS else ""
    return f"{tag}[@{KEYS[tag]}='{value}']" if re.fullmatch(r"[\w-]+", value) else tag


def _plain(path: str, *, numbers: bool = False) -> str:
    """A path with the prefixes that the declarations use instead of whole namespaces, and mostly without numbers."""
    for uri, prefix in PREFIXES.items():
        path = path.replace(uri, prefix)
    return path if numbers else re.sub(r"\[\d+\]", "", path)


Reader = Callable[[Element], Any]


def _named(names: Mapping[str, tuple[str, Reader]], path: str) -> tuple[str, Reader | None]:
    """The declared value at a path or, where it is one of many, around it; else the path itself."""
    plain = _plain(path)
    if foreign := FOREIGN.match(plain):
        return f"{OF}{foreign[1]}", _foreign(foreign[1])
    while plain not in names and "/" in plain:
        plain = plain.rpartition("/")[0]
    return names.get(plain, (_plain(path, numbers=True), None))


def _foreign(namespace: str) -> Reader:
    def read(root: Element) -> str | None:
        found = element_of(root, namespace)
        return dump(found) if found is not None else None

    return read


def _names(model: type[XmlModel], base: str = "", prefix: str = "") -> dict[str, tuple[str, Reader]]:
    """Which declared value stands at a path, and how it is read from the outermost element."""
    found: dict[str, tuple[str, Reader]] = {}
    for name, place in model.places.items():
        path = "/".join(part for part in (base, place.at.path) if part not in ("", "."))
        full = f"{prefix}{name}"
        if place.many or not place.child:
            found[path] = (full, _reader(model, name, base))
        else:
            found |= _names(place.child, path, f"{full}.")
    return found


def _reader(model: type[XmlModel], name: str, base: str) -> Reader:
    def read(element: Element) -> Any:
        node = element.find(base, NAMESPACES) if base else element
        value = getattr(model.read(node), name) if node is not None else None
        if isinstance(value, tuple):
            return [item.model_dump() if isinstance(item, BaseModel) else item for item in value]
        return value.model_dump() if isinstance(value, BaseModel) else value

    return read


def take_over(now: Element, wanted: Element, which: Iterable[Difference]) -> None:
    """Give `now` what `wanted` has, where these differences say so, and leave the rest as it is."""
    mine, theirs = ({each.id: each for each in placed(root)} for root in (now, wanted))
    pairs = [(each, mine.get(each.device or ""), theirs.get(each.device or "")) for each in which]
    for each, here, there in pairs:
        if here and not there:
            remove(here.element)
        elif each.device is None:
            _take_field(Definition, now, wanted, each.field)
        elif here and there:
            _take_field(here.kind, here.element, there.element, each.field)
    for _each, here, there in pairs:  # last, when the places of those that went are free
        if there and not here:
            put_device(now, _loosened(there.element, now))


def _loosened(device: Element, root: Element) -> Element:
    """A copy of a device without its address where another device sits there now; libvirt then finds a new one."""
    copy = deepcopy(device)
    address = copy.find("address")
    if address is not None and any(_same(address, other) for other in root.iterfind("devices/*/address")):
        remove(address)
    return copy


def _same(one: Element, other: Element) -> bool:
    return sorted(one.items()) == sorted(other.items())


def _take_field(model: type[XmlModel], now: Element, wanted: Element, field: str) -> None:
    if field.startswith(OF):
        put_element(now, field.removeprefix(OF), deepcopy(element_of(wanted, field.removeprefix(OF))))
        return
    skip = "devices" if model is Definition else ""
    mine, theirs, names = flat(now, skip), flat(wanted, skip), _names(model)
    paths = [
        path for path in {**theirs, **mine} if mine.get(path) != theirs.get(path) and _named(names, path)[0] == field
    ]
    nodes = {path: _node(now, path) for path in paths}  # numbers in paths hold only until something is removed
    for path, node in nodes.items():
        if node is not None and path in theirs:
            _put(node, path, theirs[path])
    for path, node in nodes.items():
        if node is not None and path not in theirs:
            _clear(now, node, path, theirs)
    for path, node in nodes.items():
        if node is None and path in theirs:
            _put(_grown(now, path), path, theirs[path])


def _steps(path: str) -> list[tuple[str, int]]:
    """The elements of a path, each with its number among its like."""
    found = [match.groups() for match in STEP.finditer(path)]
    return [(name, int(number or 1)) for at, name, number in found if not at]


def _attribute(path: str) -> str | None:
    last = list(STEP.finditer(path))[-1]
    return last[2] if last[1] else None


def _node(root: Element, path: str) -> Element | None:
    for name, number in _steps(path):
        like = root.findall(name)
        if len(like) < number:
            return None
        root = like[number - 1]
    return root


def _grown(root: Element, path: str) -> Element:
    """The element at a path, made where it is missing."""
    for name, number in _steps(path):
        while len(like := root.findall(name)) < number:
            uri = name.partition("}")[0].removeprefix("{") if name.startswith("{") else None
            prefix = next((prefix for prefix, known in NAMESPACES.items() if known == uri), None)
            tag, _, rule = name.partition("[@")
            made = etree.Element(tag, nsmap={prefix: uri} if prefix and uri else None)
            if rule:
                made.set(*rule.removesuffix("']").split("='"))
            insert(root, made)
        root = like[number - 1]
    return root


def _put(node: Element, path: str, value: str) -> None:
    name = _attribute(path)
    if name:
        node.set(name, value)
    elif value:
        node.text = value


def _clear(root: Element, node: Element, path: str, wanted: Mapping[str, str]) -> None:
    """Take a value away, and the elements that it leaves empty and that are not wanted as they then are."""
    name = _attribute(path)
    if name:
        node.attrib.pop(name, "")
    elif not len(node) or (node.text or "").strip():
        node.text = None
    way = path.rpartition("/@")[0] if name else path
    while node is not root and not _holds(node) and way not in wanted:
        parent = node.getparent()
        if parent is None:
            return
        remove(node)
        node, way = parent, way.rpartition("/")[0]


def _holds(node: Element) -> bool:
    """Whether an element says anything besides what it is."""
    key = KEYS.get(str(node.tag))
    return bool(len(node) or (node.text or "").strip() or [name for name in node.attrib if name != key])
