"""Secrets of libvirt: passwords of storage servers, kept by libvirt and given to nobody. Pure."""

from __future__ import annotations

from typing import Annotated

from lxml import etree
from pydantic import AfterValidator, Field

from .patterns import ONE_LINE
from .xml import clean, dump, parse

Passphrase = Annotated[str, Field(min_length=8, max_length=512, pattern=ONE_LINE), AfterValidator(clean)]

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


def volume_secret(uuid: str, path: str) -> str:
    """The XML of a secret for the passphrase of a volume, by whose path libvirt finds it at each refresh."""
    root = etree.Element("secret", ephemeral="no", private="yes")
    etree.SubElement(root, "uuid").text = uuid
    etree.SubElement(root, "description").text = f"Passphrase of {path}"
    etree.SubElement(etree.SubElement(root, "usage", type="volume"), "volume").text = path
    return dump(root)


def opens_with(definition: str, secret: str) -> bool:
    """Whether a machine has a disk that opens with this secret."""
    return any(each.get("uuid") == secret for each in parse(definition).iterfind(".//encryption/secret"))


def usage_of(xml: str) -> str | None:
    """What a secret is for."""
    usage = parse(xml).find("usage")
    return usage[0].text if usage is not None and len(usage) else None
