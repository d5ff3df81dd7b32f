"""Machines kept as templates: marked in their metadata, with disks that nothing can write.

A disk of a template is transient: should somebody start it all the same, what the guest writes goes when it stops.
"""

from __future__ import annotations

from lxml import etree

from quarterdeck.model.order import insert, remove
from quarterdeck.model.xml import Element, dump, parse

NAMESPACE = "https://quarterdeck.invalid/xmlns/template/1"
TAG = f"{{{NAMESPACE}}}template"


def is_template(root: Element) -> bool:
    """Whether a definition is that of a template."""
    return root.find(f"metadata/{TAG}") is not None


def as_template(xml: str) -> str:
    """The definition with the mark, and with disks that keep what they hold."""
    root = parse(xml)
    metadata = root.find("metadata")
    if metadata is None:
        metadata = etree.Element("metadata")
        insert(root, metadata)
    if metadata.find(TAG) is None:
        metadata.append(etree.Element(TAG, nsmap={"quarterdeck-template": NAMESPACE}))
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
