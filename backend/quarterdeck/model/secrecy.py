"""Passwords and cookies in definitions: masked for people, put back when a masked definition returns."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from .order import remove

Element = etree._Element
UNTIL = "passwdValidTo"
MASK = "*****"  # what libvirt itself writes for a secret that the reader may not see


def secrets_in(root: Element) -> Iterator[tuple[Element, str | None]]:
    """The elements that hold a secret, with the attribute that does; None where the text does."""
    for element in root.iter("*"):
        if "passwd" in element.attrib:
            yield element, "passwd"
        if element.tag == "cookie":
            yield element, None


def mask_secrets(element: Element) -> Element:
    """A copy with passwords and cookies replaced by the mask."""
    masked = deepcopy(element)
    for node, attribute in secrets_in(masked):
        if attribute:
            node.set(attribute, MASK)
        else:
            node.text = MASK
    return masked


def without_secrets(element: Element) -> Element:
    """A copy that tells nothing of passwords and cookies, not even whether there are any."""
    bare = deepcopy(element)
    for node, attribute in list(secrets_in(bare)):
        _set_secret(bare, node, attribute, None)
    for node in bare.iter("graphics"):
        node.attrib.pop(UNTIL, "")  # libvirt leaves it out with the password
    return bare


def carry_secrets(element: Element, stored: Element) -> None:
    """Give the element the stored passwords, whatever it says of them itself."""
    places = {_whose(node): node for node in element.iter("graphics")}
    for node, attribute in secrets_in(stored):
        place = places.get(_whose(node))
        if place is None or attribute is None:
            continue
        for name in (attribute, UNTIL):
            if name in node.attrib:
                place.set(name, node.get(name, ""))


def keep_secrets(element: Element, stored: Element) -> list[str]:
    """Put the stored secret wherever the element holds the mask; the tags of those for which none is stored.

    Their mask is taken out: it would become the password.
    """
    known = {_whose(node): _secret(node, attribute) for node, attribute in secrets_in(stored)}
    lost = []
    for node, attribute in list(secrets_in(element)):
        if _secret(node, attribute) != MASK:
            continue
        value = known.get(_whose(node))
        if value is None:
            lost.append(str(node.tag))
        _set_secret(element, node, attribute, value)
    return lost


def tells_secrets(element: Element, stored: Element) -> bool:
    """Whether it holds a secret that is neither the mask nor the stored one: somebody typed it."""
    known = {_whose(node): _secret(node, attribute) for node, attribute in secrets_in(stored)}
    return any(_secret(node, name) not in (MASK, known.get(_whose(node))) for node, name in secrets_in(element))


def _secret(node: Element, attribute: str | None) -> str | None:
    return node.get(attribute) if attribute else node.text


def _set_secret(root: Element, node: Element, attribute: str | None, value: str | None) -> None:
    if attribute is None:
        node.text = value
        prune(root, node)
    elif value is None:
        del node.attrib[attribute]
    else:
        node.set(attribute, value)


def _whose(node: Element) -> tuple[str, ...]:
    """Whose secret it is, wherever other devices moved it to."""
    steps = []
    for each in (node, *node.iterancestors()):
        target = each.find("target") if each.tag == "disk" else None
        mark = {"graphics": each.get("type"), "cookie": each.get("name")}.get(str(each.tag))
        steps.append(f"{each.tag} {target.get('dev') if target is not None else mark or ''}")
    return tuple(steps)


def prune(base: Element, node: Element) -> None:
    """Remove the elements that an edit left empty, from the inside out."""
    while node is not base and not len(node) and not node.attrib and not (node.text or "").strip():
        parent = node.getparent()
        if parent is None:
            return
        remove(node)
        node = parent
