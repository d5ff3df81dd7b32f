"""What a definition says for people and programs, not for QEMU."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Annotated

from lxml import etree
from pydantic import AfterValidator, Field

from .order import insert, remove
from .patterns import NAMESPACE
from .secrecy import mask_secrets
from .strict import Strict, Value
from .xml import Apply, At, Element, XmlModel, dump, fault_at, parse

OURS = "https://quarterdeck.invalid/xmlns/"
KEY = re.compile("(?!xml)[a-z_][a-z0-9_.-]*", re.IGNORECASE)
MOST = 65_536
OF = "metadata of "
"""The field of a difference that is what a namespace has; the namespace follows."""


class Metadata(XmlModel):
    """System and tags, kept in `<metadata>` where libvirt leaves them alone."""

    system: Annotated[
        str | None, At("libosinfo:libosinfo/libosinfo:os/@id", help="Id of the OS database", apply=Apply.LIVE)
    ] = None
    tags: Annotated[tuple[str, ...], At("quarterdeck:tags/quarterdeck:tag", apply=Apply.LIVE)] = ()


class MetadataEntry(Value):
    """What one program keeps in `<metadata>`: its element, secrets masked, as saved and as the running machine has it.

    `fixed` says why it is not changed here, null where it is.
    """

    namespace: str
    prefix: str | None = None
    saved: str | None = None
    running: str | None = None
    fixed: str | None = None


class MetadataList(Value):
    """Everything in `<metadata>`. `etag` names the saved definition."""

    etag: str
    entries: list[MetadataEntry]


def _key(text: str) -> str:
    if not KEY.fullmatch(text):
        raise ValueError("It must be a word of letters, digits, dots and dashes that does not begin with xml.")
    return text


class MetadataPut(Strict):
    """The element that takes the place of all that a namespace has; its elements may be written without the namespace.

    `prefix` is libvirt's key; what the text or the old element has if left out. A masked secret stays what it was.
    """

    namespace: str = Field(min_length=1, max_length=1024, pattern=NAMESPACE)
    prefix: Annotated[str, Field(max_length=64), AfterValidator(_key)] | None = None
    xml: str = Field(max_length=MOST)


class MetadataName(Strict):
    """The namespace whose element is meant."""

    namespace: str = Field(min_length=1, max_length=1024, description="Namespace of what is removed")


def fixed(namespace: str) -> str | None:
    """Why an element of this namespace is not changed by hand; None where it may be."""
    if namespace.startswith(OURS):
        return "Quarterdeck keeps this itself, and changes it with what it tells of."
    return None if namespace else "It has no namespace by which libvirt could name it. Change it in the XML."


def entries(saved: Element, running: Element | None) -> list[MetadataEntry]:
    """What programs keep in both definitions, one entry for each namespace, in the order of the saved one."""
    here, there = _texts(saved), _texts(running) if running is not None else {}
    return [
        MetadataEntry(
            namespace=uri,
            prefix=(here.get(uri) or there[uri])[0],
            saved=here[uri][1] if uri in here else None,
            running=there[uri][1] if uri in there else None,
            fixed=fixed(uri),
        )
        for uri in [*here, *(uri for uri in there if uri not in here)]
    ]


def _texts(root: Element) -> dict[str, tuple[str | None, str]]:
    found: dict[str, tuple[str | None, str]] = {}
    for element in _elements(mask_secrets(root)):
        alone = parse(dump(element))
        etree.cleanup_namespaces(alone)
        etree.indent(alone, "  ")
        uri = etree.QName(element).namespace or ""
        found[uri] = element.prefix, f"{found[uri][1]}\n{dump(alone)}" if uri in found else dump(alone)
    return found


def _elements(root: Element, namespace: str | None = None) -> Iterator[Element]:
    for element in root.iterfind("metadata/*"):
        if isinstance(element.tag, str) and namespace in (None, etree.QName(element).namespace):
            yield element


def element_of(root: Element, namespace: str) -> Element | None:
    """The element of a namespace, if there is one."""
    return next(_elements(root, namespace), None)


def asked_element(body: MetadataPut, old: Element | None) -> Element:
    """The element that a request asks for, in its namespace. Problem with the line where it is of another one."""
    given = parse(body.xml)
    own = etree.QName(given).namespace
    if own not in (None, body.namespace):
        raise fault_at(given, f"<{etree.QName(given).localname}> is of the namespace {own}, not {body.namespace}.")
    key = body.prefix or given.prefix or (old.prefix if old is not None else None) or "app"
    return _moved(given, body.namespace, key)


def _moved(given: Element, uri: str, key: str) -> Element:
    """A copy in which what has no namespace is of this one, with one prefix."""
    made = etree.Element(etree.QName(uri, etree.QName(given).localname), nsmap={**_others(given, uri, key), key: uri})
    made.text = given.text
    made.attrib.update(given.attrib)
    for child in given:
        made.append(deepcopy(child))
    for element in made.iter("*"):
        if etree.QName(element).namespace is None:
            element.tag = etree.QName(uri, etree.QName(element).localname).text
    etree.cleanup_namespaces(made)
    return made


def _others(given: Element, uri: str, key: str) -> dict[str, str]:
    return {prefix: other for prefix, other in given.nsmap.items() if prefix and prefix != key and other != uri}


def put_element(root: Element, namespace: str, element: Element | None) -> None:
    """Put an element where the namespace had one, or at the end; None takes it away, as does libvirt."""
    old = list(_elements(root, namespace))
    if old and element is not None:
        element.tail = old[0].tail
        old[0].addprevious(element)
    for each in old:
        remove(each)
    metadata = root.find("metadata")
    if element is not None and not old:
        if metadata is None:
            metadata = etree.Element("metadata")
            insert(root, metadata)
        insert(metadata, element)
    if metadata is not None and not len(metadata):
        remove(metadata)


def plain(element: Element) -> str:
    """The text of an element without its namespace, as virDomainSetMetadata takes it and gives it."""
    uri, bare = etree.QName(element).namespace, parse(dump(element))
    for each in bare.iter("*"):
        if etree.QName(each).namespace == uri:
            each.tag = etree.QName(each).localname
        if len(each) and not (each.text or "").strip():
            each.text = None
        each.tail = None if not (each.tail or "").strip() else each.tail
    etree.cleanup_namespaces(bare)
    return dump(bare)
