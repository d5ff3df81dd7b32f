"""Changes tried three times on a real host: by virt-xml's own words, by our API, by the command that our API shows.

What counts is the definition after libvirt took it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libvirt
from lxml import etree

from quarterdeck.model.xml import parse
from tests.qemu.bed import Bed
from tests.qemu.test_create import LOCAL, Site

BATCH = Path(__file__).with_name("virt_xml_batch.py")
BASE = Path(__file__).parent.parent / "data" / "domain" / "debian.xml"

SAVED = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
IMAGES = [(name, "64M", "qcow2") for name in ("vm1.qcow2", "new.qcow2")]
IMAGES += [(name, "1M", "raw") for name in ("boot.iso", "other.iso")]


@dataclass(frozen=True)
class Case:
    """Virt-xml's words for a change, and the call of our API that asks for the same."""

    words: str
    body: dict[str, Any] | None = field(default=None)
    method: str = "PATCH"
    place: str = ""


def text(xml: str) -> str:
    """A definition with its elements and their attributes in a fixed order, one in each line."""
    root = parse(xml)
    for numbers in root.findall("iothreadids"):  # virsh writes the numbers that libvirt gives anyway
        root.remove(numbers)
    for element in root.iter():
        element.tail = None
        attributes = sorted(element.attrib.items())
        element.attrib.clear()
        element.attrib.update(attributes)
        if not (element.text or "").strip():
            element.text = None
    for element in reversed(list(root.iter("*"))):
        element[:] = sorted(element, key=lambda child: etree.tostring(child))
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


class Trial:
    """The machine that all cases begin with, and what each made of it."""

    def __init__(self, site: Site, cases: Mapping[str, Case], more: str = "") -> None:
        self.site, self.host, self.cases = site, site.host, cases
        self.connection = self.host.open()
        self.uuid = self.define(BASE.read_text().replace("</devices>", f"{more}</devices>"))
        self.base = self.saved()
        self.ours: dict[str, str] = {}
        self.theirs: dict[str, str] = {}
        self.shown: dict[str, str] = {}

    def run(self) -> None:
        starts: dict[str, tuple[str, list[list[str]]]] = {}
        for name, case in self.cases.items():
            self.ours[name], commands = self._ours(case)
            starts[name] = self._begin(commands)
        theirs = {name: (self.base, [shlex.split(case.words)]) for name, case in self.cases.items()}
        self.theirs, self.shown = self._batch(theirs), self._batch(starts)

    def define(self, xml: str) -> str:
        return str(self.connection.defineXML(xml).UUIDString())

    def saved(self) -> str:
        return str(self.connection.lookupByName("debian").XMLDesc(SAVED))

    def _ours(self, case: Case) -> tuple[str, list[str]]:
        """The definition after our change, or what is wrong with it; and the commands that it showed."""
        self.define(self.base)
        address = f"{LOCAL}/domains/{self.uuid}"
        headers = {"If-Match": self.site.client.get(address).json["etag"]}
        call = {"method": case.method, "json": case.body, "headers": headers}
        plan = self.site.client.open(f"{address}{case.place}?dry_run=true", **call)
        answer = self.site.client.open(f"{address}{case.place}", **call)
        if (plan.status_code, answer.status_code) != (200, 200):
            return f"{case.body}: {plan.text} {answer.text}", []
        return text(self.saved()), plan.json["commands"]

    def _begin(self, commands: list[str]) -> tuple[str, list[list[str]]]:
        """The definition after the virsh commands that were shown, and the calls of virt-xml that are left."""
        first = [command for command in commands if command.startswith("virsh ")]
        if first:
            self.define(self.base)
        for command in first:
            self.host.space.run("sh", "-c", command, check=False)  # what it did not do is seen
        left = [shlex.split(command)[2:] for command in commands if command.startswith("virt-xml ")]
        return self.saved() if first else self.base, left

    def _batch(self, cases: dict[str, tuple[str, list[list[str]]]]) -> dict[str, str]:
        """What virt-xml makes of each, after libvirt took it; or what is wrong with it."""
        made = self.printed(list(cases.values()))
        return {name: self._taken(xml) for name, xml in zip(cases, made, strict=True)}

    def printed(self, cases: Sequence[tuple[str, list[list[str]]]]) -> list[str]:
        """What virt-xml prints for each definition and its calls."""
        asked = json.dumps([{"xml": xml, "calls": calls} for xml, calls in cases])
        return list(json.loads(self.host.space.run("/usr/bin/python3", BATCH, text_in=asked)))

    def _taken(self, xml: str) -> str:
        if not xml.lstrip().startswith("<"):
            return xml
        try:
            self.define(xml)
        except libvirt.libvirtError as error:
            return f"{error}: {xml}"
        return text(self.saved())


@contextmanager
def tried(bed: Bed, folder: Path, cases: Mapping[str, Case], more: str = "") -> Iterator[Trial]:
    """All cases, tried on host `a` beside the images that they name."""
    site = Site(bed, folder)
    for name, size, kind in IMAGES:
        site.host.make_disk(name, size, kind=kind)
    site.host.virsh("pool-refresh", "default")
    made = Trial(site, cases, more)
    made.run()
    yield made
    made.connection.close()
    site.stop()
    bed.reset()
