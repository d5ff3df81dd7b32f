"""Secrets of libvirt: passwords of storage servers, kept by libvirt and given to nobody. Pure."""

from __future__ import annotations

from lxml import etree

from .xml import dump, parse

PURPOSE = "quarterdeck-pool-"
"""Start of what a secret is for that was made for a pool, and goes with it; the pool's UUID follows."""
PLACES = {"iscsi": "target", "ceph": "name"}


def pool_secret(uuid: str, kind: str, name: str, pool: str) -> str:
    """The XML of a secret for the login of a pool; `kind` is iscsi or ceph."""
    root = etree.Element("secret", ephemeral="no", private="yes")
    etree.SubElement(root, "uuid").text = uuid
    etree.SubElement(root, "description").text = f"Login of the storage pool {name}"
    etree.SubElement(etree.SubElement(root, "usage", type=kind), PLACES[kind]).text = PURPOSE + pool
    return dump(root)


def disk_secret(uuid: str, disk: str) -> str:
    """The XML of a secret for the passphrase of a disk, which says so in words."""
    root = etree.Element("secret", ephemeral="no", private="yes")
    etree.SubElement(root, "uuid").text = uuid
    etree.SubElement(root, "description").text = f"Passphrase of {disk}"
    return dump(root)


def usage_of(xml: str) -> str | None:
    """What a secret is for."""
    usage = parse(xml).find("usage")
    return usage[0].text if usage is not None and len(usage) else None
