"""Words that libvirt's lists do not tell: tiny machines by which a host is asked whether it knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from .bodies import choices_of
from .devices import Device, Interface, Panic
from .xml import dump

NO_MACHINE = "none-such"
"""Every probe is refused in the end, since no host has this machine type: what libvirt knows, it complains of that."""
PROBED: Mapping[str, tuple[type[Device], str, Mapping[str, Any]]] = {
    "interface.backendType": (Interface, "backend", {"source": {"type": "user"}}),
    "panic.model": (Panic, "model", {}),
}
"""By the name of the list: the device, its value that is asked, and what goes with it."""


def probes(told: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """List, word and probe of what these lists do not tell."""
    for name, (kind, value, beside) in PROBED.items():
        if name not in told:
            for word in choices_of(kind.model_fields[value].annotation):
                yield name, word, _machine(kind, {**beside, value: word})


def _machine(kind: type[Device], values: Mapping[str, Any]) -> str:
    root = etree.Element("domain", type="qemu")
    etree.SubElement(root, "name").text = "quarterdeck-probe"
    etree.SubElement(root, "memory", unit="MiB").text = "16"
    etree.SubElement(etree.SubElement(root, "os"), "type", machine=NO_MACHINE).text = "hvm"
    etree.SubElement(root, "devices").append(kind.build(values))
    return dump(root)
