"""Secrets of libvirt: passwords of storage servers, kept by libvirt and given to nobody. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from lxml import etree
from pydantic import AfterValidator, Field, SecretStr

from .patterns import ONE_LINE
from .xml import Element, clean, dump, parse


def typed(secret: SecretStr) -> SecretStr:
    """A secret that a person typed, if it is one line; else ValueError, which does not repeat it."""
    if not re.fullmatch(ONE_LINE, clean(secret.get_secret_value())):
        raise ValueError("It must be one line without control characters.")
    return secret


Passphrase = Annotated[SecretStr, Field(min_length=8, max_length=512), AfterValidator(typed)]

PURPOSE = "quarterdeck-pool-"
"""Start of what a secret is for that was made for a pool, and goes with it; the pool's UUID follows."""
KINDS = {"ceph": "ceph", "iscsi": "iscsi"}
"""Of a login by its type; what opens a disk is of the kind volume."""
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


@dataclass(frozen=True)
class NeededSecret:
    """A secret of libvirt that a definition names, by its UUID or by what it is for (`kind` and `usage`)."""

    about: str
    uuid: str | None
    kind: str
    usage: str | None


def needed_secrets(root: Element) -> tuple[NeededSecret, ...]:
    """The secrets that a machine cannot start without: passphrases of disks, logins at their servers, the TPM's."""
    found = [
        NeededSecret(_about(each), each.get("uuid"), KINDS.get(each.get("type", ""), "volume"), each.get("usage"))
        for each in root.iterfind("devices/*//secret")
    ]
    found += [
        NeededSecret("The TPM", each.get("secret"), "vtpm", None)
        for each in root.iterfind("devices/tpm/backend/encryption[@secret]")
    ]
    return tuple(dict.fromkeys(each for each in found if each.uuid or each.usage))


def _about(secret: Element) -> str:
    for each in secret.iterancestors("disk"):
        target = each.find("target")
        return f"The disk {target.get('dev')}" if target is not None else "A disk"
    return "A device"


def is_private(xml: str) -> bool:
    """Whether libvirt keeps a secret's value from everybody."""
    return parse(xml).get("private") == "yes"


def kind_of(xml: str) -> str | None:
    """What kind of use a secret has: volume, ceph, iscsi, tls, vtpm; None where none is told."""
    usage = parse(xml).find("usage")
    return usage.get("type") if usage is not None else None


def usage_of(xml: str) -> str | None:
    """What a secret is for."""
    usage = parse(xml).find("usage")
    return usage[0].text if usage is not None and len(usage) else None
