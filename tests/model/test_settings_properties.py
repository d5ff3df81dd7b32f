"""Whatever is asked and passes our checks is what libvirt's schema allows, reads back equal, and leaves the rest."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from quarterdeck.model.definition import Definition, describe
from quarterdeck.model.remarks import Fault, Site
from quarterdeck.model.settings_rules import remarks
from quarterdeck.model.xml import Element, parse
from tests.model.asking import settings as some_settings
from tests.model.goldens import DATA, agrees
from tests.model.libvirt_schema import assert_fits


def texts(root: Element, besides: set[str]) -> list[str]:
    return sorted(etree.tostring(child, with_tail=False).decode() for child in root if child.tag not in besides)


TAGS = {
    **{"memory_backing": "memoryBacking", "cpuset": "vcpu", "boot": "os", "power": "pm"},
    **{"security_labels": "seclabel", "qemu_commandline": "{http://libvirt.org/schemas/domain/qemu/1.0}commandline"},
}
EVENTS = {"on_poweroff", "on_reboot", "on_crash", "on_lockfailure"}


@given(st.sampled_from(["debian", "uefi", "numa", "windows", "hugepages"]), some_settings())
@settings(max_examples=120)
def test_what_passes_our_checks_passes_the_schema_and_reads_back(machine: str, change: dict[str, Any]) -> None:
    before = parse((DATA / f"{machine}.xml").read_text())
    root = parse((DATA / f"{machine}.xml").read_text())
    Definition.patch(root, change)
    after = describe(root)
    (section,) = change
    assert texts(root, {TAGS.get(section, section)} | EVENTS) == texts(before, {TAGS.get(section, section)} | EVENTS)
    if any(isinstance(each, Fault) for each in remarks(after, change, Site())):
        return
    assert agrees(getattr(after, section), change[section])
    assert_fits("domain", root)
