"""Machines kept as templates: marked in their metadata, with disks that nothing can write.

A disk of a template is transient: should somebody start it all the same, what the guest writes goes when it stops.
Each definition that a template gets is a version with a number, and a machine made of it notes which it was.
"""

from __future__ import annotations

from lxml import etree

from quarterdeck.model.order import insert, remove
from quarterdeck.model.xml import Element, dump, parse

from .strict import Value

NAMESPACE = "https://quarterdeck.invalid/xmlns/template/1"
TAG = f"{{{NAMESPACE}}}template"
ORIGIN_NAMESPACE = "https://quarterdeck.invalid/xmlns/origin/1"
ORIGIN = f"{{{ORIGIN_NAMESPACE}}}origin"
"""libvirt keeps one element of each namespace, and a machine made of a template may become one."""


class Origin(Value):
    """The template that a machine was made of, as it was called then, and its version."""

    uuid: str
    name: str
    version: int


def is_template(root: Element) -> bool:
    """Whether a definition is that of a template."""
    return root.find(f"metadata/{TAG}") is not None


def version_of(root: Element) -> int | None:
    """Which version of a template a definition is; None where it is none."""
    mark = root.find(f"metadata/{TAG}")
    text = mark.get("version", "") if mark is not None else None
    return None if text is None else int(text) if text.isdecimal() else 1


def count_version(saved: Element, before: Element) -> None:
    """Give a changed definition of a template the number after that of the one before."""
    mark, version = saved.find(f"metadata/{TAG}"), version_of(before)
    if mark is not None and version is not None and dump(saved) != dump(before):
        mark.set("version", str(version + 1))


def level_version(one: Element, other: Element) -> None:
    """Give a template the number of another, for a look at what else differs."""
    mark, version = one.find(f"metadata/{TAG}"), version_of(other)
    if mark is not None and version is not None:
        mark.set("version", str(version))


def origin_of(root: Element) -> Origin | None:
    """What a machine was made of."""
    noted = root.find(f"metadata/{ORIGIN}")
    if noted is None or not noted.get("version", "").isdecimal():
        return None
    return Origin(uuid=noted.get("uuid", ""), name=noted.get("name", ""), version=int(noted.get("version", "")))


def note_origin(root: Element, origin: Origin) -> None:
    """Note in a definition what it was made of."""
    metadata = _metadata(root)
    for older in metadata.findall(ORIGIN):
        remove(older)
    noted = etree.SubElement(metadata, ORIGIN, nsmap={"quarterdeck-origin": ORIGIN_NAMESPACE})
    for name, value in origin.model_dump().items():
        noted.set(name, str(value))


def _metadata(root: Element) -> Element:
    metadata = root.find("metadata")
    if metadata is None:
        metadata = etree.Element("metadata")
        insert(root, metadata)
    return metadata


def as_template(xml: str, version: int) -> str:
    """The definition with the mark, and with disks that keep what they hold."""
    root = parse(xml)
    metadata = _metadata(root)
    if metadata.find(TAG) is None:
        mark = etree.SubElement(metadata, TAG, nsmap={"quarterdeck-template": NAMESPACE})
        mark.set("version", str(version))
    for disk in root.iterfind("devices/disk[@type='file'][@device='disk']"):
        if disk.find("readonly") is None and disk.find("shareable") is None and disk.find("transient") is None:
            insert(disk, etree.Element("transient"))
    return dump(root)


def as_machine(xml: str) -> str:
    """The definition without the mark, and with disks that can be written again."""
    root = parse(xml)
    unmark(root)
    return dump(root)


def unmark(root: Element) -> None:
    """Take the mark out of a definition, with what came with it."""
    if not is_template(root):
        return
    for mark in root.findall(f"metadata/{TAG}"):
        remove(mark)
    for metadata in root.findall("metadata"):
        if not len(metadata):
            remove(metadata)
    for transient in root.findall("devices/disk/transient"):
        remove(transient)
