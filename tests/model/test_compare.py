"""Two definitions compared, and single values taken over."""

from __future__ import annotations

import itertools
from copy import deepcopy
from typing import Any

import pytest

from quarterdeck.model.compare import differences, take_over
from quarterdeck.model.definition import Definition
from quarterdeck.model.devices import find
from quarterdeck.model.secrecy import mask_secrets
from quarterdeck.model.xml import Element, diff, parse
from tests.model.goldens import DATA, EDITS, Edit


def load(name: str) -> Element:
    return parse((DATA / f"{name}.xml").read_text())


def told(old: Element, new: Element) -> list[tuple[str | None, str, Any, Any]]:
    return [(each.device, each.field, each.before, each.after) for each in differences(old, new)]


def test_each_change_is_told_by_the_name_of_its_field() -> None:
    old, new = load("debian"), load("debian")
    Definition.patch(new, {"vcpus_max": 8, "title": "Shop", "metadata": {"tags": ("a", "b")}})
    disk = find(new, "disk-vda")
    assert disk is not None
    disk.kind.patch(disk.element, {"cache": "writeback"})
    assert told(old, new) == [
        (None, "title", "Web & mail", "Shop"),
        (None, "metadata.tags", [], ["a", "b"]),
        (None, "vcpus_max", 2, 8),
        ("disk-vda", "cache", "none", "writeback"),
    ]


def test_a_secret_is_no_difference_and_in_none() -> None:
    old, new = load("debian"), load("debian")
    graphics = new.find("devices/graphics")
    assert graphics is not None
    graphics.set("passwd", "other")
    assert differences(old, new) == []
    assert differences(mask_secrets(old), new) == []


def name(edit: Edit) -> str:
    return f"{edit.machine}.{edit.what}"


@pytest.mark.parametrize("edit", EDITS, ids=name)
def test_taking_all_differences_over_makes_both_the_same(edit: Edit) -> None:
    for one, other in itertools.permutations((load(edit.machine), edit.done()[0])):
        now, wanted = deepcopy(one), other
        take_over(now, wanted, differences(now, wanted))
        # Some of these were put together by hand, with two devices at one address.
        assert [field for _device, field, *_ in told(now, wanted) if not field.startswith("address")] == []


@pytest.mark.parametrize("edit", EDITS, ids=name)
def test_taking_one_difference_over_changes_nothing_else(edit: Edit) -> None:
    base, wanted = load(edit.machine), edit.done()[0]
    for each in differences(base, wanted):
        now = deepcopy(base)
        take_over(now, wanted, [each])
        assert {one.key for one in differences(base, now)} == {each.key}
        assert each.key not in {one.key for one in differences(now, wanted)}


def test_quite_different_machines_become_alike_but_for_what_they_sit_on() -> None:
    now, wanted = load("debian"), load("windows")
    take_over(now, wanted, differences(now, wanted))
    left = {field.partition("/")[0] for _device, field, *_ in told(now, wanted)}
    assert left <= {"address"}


def test_a_device_that_comes_back_finds_its_address_taken() -> None:
    old, now = load("debian"), load("debian")
    gone, other = find(now, "disk-vda"), find(now, "interface-525400aabb01")
    assert gone is not None
    assert other is not None
    address, place = other.element.find("address"), gone.element.find("address")
    assert address is not None
    assert place is not None
    address.attrib.update(dict(place.attrib))
    gone.element.getparent().remove(gone.element)  # type: ignore[union-attr]
    take_over(now, old, [each for each in differences(now, old) if each.device == "disk-vda"])
    back = find(now, "disk-vda")
    assert back is not None
    assert back.element.find("address") is None
    assert "<source file=" in diff("<domain/>", now)
