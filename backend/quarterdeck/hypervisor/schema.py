"""Where a definition breaks libvirt's schema. libvirt only says that it does, not in which line."""

from __future__ import annotations

import threading
from functools import cached_property

from lxml import etree

from ..model.xml import Element

FOLDER = "/usr/share/libvirt/schemas"


class Schema:
    """One of libvirt's schemas as installed on this server (`domain`, `network` ...); read when first needed."""

    def __init__(self, name: str, folder: str = FOLDER) -> None:
        self._path = f"{folder}/{name}.rng"
        self._lock = threading.Lock()

    @cached_property
    def _rules(self) -> etree.RelaxNG | None:
        try:
            return etree.RelaxNG(etree.parse(self._path))
        except (OSError, etree.LxmlError):  # not installed, as on a server that only reaches other hosts
            return None

    def fault(self, root: Element) -> str | None:
        """The place that breaks it: `Line 12: <disc> does not belong here like this.`; None if none is found."""
        with self._lock:  # an lxml schema keeps the errors of its last check
            rules = self._rules
            if rules is None or rules.validate(root):
                return None
            culprit = _culprit(rules, root, root)
            found = _attribute(rules, root, culprit)
        if found:
            return f"Line {found[0].sourceline}: <{found[0].tag}> does not take {found[1]} like this."
        if culprit is root:
            return None
        return f"Line {culprit.sourceline}: <{culprit.tag}> does not belong here like this."


def _culprit(rules: etree.RelaxNG, root: Element, element: Element) -> Element:
    """The innermost element without which the document would be valid."""
    for place, child in enumerate(list(element)):
        element.remove(child)
        valid = rules.validate(root)
        element.insert(place, child)
        if valid:
            return _culprit(rules, root, child)
    for child in element if element is root else ():
        found = _culprit(rules, root, child)
        if found is not child:
            return found
    return element


def _attribute(rules: etree.RelaxNG, root: Element, culprit: Element) -> tuple[Element, str] | None:
    """The element and the attribute without which the document would be valid."""
    for element in culprit.iter("*"):
        for name in list(map(str, element.keys())):
            value = element.get(name, "")
            del element.attrib[name]
            valid = rules.validate(root)
            element.set(name, value)
            if valid:
                return element, f"{name}={value!r}"
    return None
