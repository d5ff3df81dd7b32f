"""Words that libvirt's lists do not tell: tiny machines by which a host is asked whether it knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from .bodies import choices_of
from .devices import Audio, Controller, Device, Interface, Iommu, Panic, Sound, Watchdog
from .xml import dump

NO_MACHINE = "none-such"
"""Every probe is refused in the end, since no host has this machine type: what libvirt knows, it complains of that."""
PROBED: Mapping[str, tuple[type[Device], str, Mapping[str, Any]]] = {
    "interface.backendType": (Interface, "backend", {"source": {"type": "user"}}),
    "panic.model": (Panic, "model", {}),
    "sound.model": (Sound, "model", {}),
    "audio.type": (Audio, "kind", {"id": 1}),
    "watchdog.model": (Watchdog, "model", {}),
    "iommu.model": (Iommu, "model", {}),
    "controller.type": (Controller, "kind", {"index": 0}),
}
"""By the name of the list: the device, its value that is asked, and what goes with it."""
ARCHES = {"diag288": "s390x", "s390": "s390x", "pseries": "ppc64", "smmuv3": "aarch64"}
"""Words that are for machines of one architecture."""


def probes(told: Mapping[str, list[str]], arch: str) -> Iterator[tuple[str, str, str]]:
    """List, word and probe of what these lists do not tell to machines of an architecture."""
    for name, (kind, value, beside) in PROBED.items():
        if name not in told:
            words = choices_of(kind.model_fields[value].annotation)
            for word in (word for word in words if ARCHES.get(word, arch) == arch):
                yield name, word, _machine(kind, {**beside, value: word})


def _machine(kind: type[Device], values: Mapping[str, Any]) -> str:
    root = etree.Element("domain", type="qemu")
    etree.SubElement(root, "name").text = "quarterdeck-probe"
    etree.SubElement(root, "memory", unit="MiB").text = "16"
    etree.SubElement(etree.SubElement(root, "os"), "type", machine=NO_MACHINE).text = "hvm"
    etree.SubElement(root, "devices").append(kind.build(values))
    return dump(root)
