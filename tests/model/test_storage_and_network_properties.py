"""Whatever is asked of a network, pool or volume reads back equal, and an edit leaves what it was not asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from quarterdeck.model import network_settings, pool_form
from quarterdeck.model.network_rules import faults
from quarterdeck.model.network_settings import NetworkSettings
from quarterdeck.model.pool_parts import PoolSettings
from quarterdeck.model.storage import encrypted, linked_volume_xml, read_volume, volume_xml
from quarterdeck.model.xml import Element, XmlModel, canonical, parse
from tests.model.libvirt_schema import assert_fits
from tests.model.test_network import FULL, OTHERS
from tests.model.test_pool import ADAPTER, EDITS, MADE

BUSY = [HealthCheck.too_slow, HealthCheck.filter_too_much]
UNKNOWN = "<metadata><note xmlns='urn:x'>kept</note></metadata>"
SECRET = "5d1c5a3e-7a0f-4c62-9f0e-2f4f3a3a6a02"


def some(values: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these values; of lists, some of the entries in any order."""
    return st.fixed_dictionaries({}, optional={name: part(value) for name, value in values.items()})


def part(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, (list, tuple)):
        numbers = st.lists(st.integers(0, len(value) - 1), unique=True, max_size=len(value))
        return numbers.map(lambda chosen: [value[number] for number in chosen])
    if isinstance(value, bool):
        return st.booleans()
    return (
        st.integers(1, 29).map(lambda number: value + number) if type(value) is int and value > 99 else st.just(value)
    )


def by_tag(root: Element) -> dict[str, list[str]]:
    """The lines of all children by their tags; of elements and attributes no order counts."""
    found: dict[str, list[str]] = {}
    for child in root:
        found.setdefault(str(child.tag), []).append(etree.canonicalize(canonical(child)))
    return {tag: sorted("\n".join(each).splitlines()) for tag, each in found.items()}


def edit(root: Element, before: XmlModel, after: dict[str, Any], asked: dict[str, Any]) -> None:
    """Patch a definition: what is equal in both stays letter by letter, and the way back leads back."""
    root.insert(1, parse(UNKNOWN))
    was = by_tag(root)
    type(before).patch(root, after)
    now = by_tag(root)
    differs = {
        (place.at.path.partition("/")[0] or place.at.path)
        for name, place in before.places.items()
        if after.get(name) != asked[name]
    }
    assert {tag: each for tag, each in now.items() if tag not in differs} == {
        tag: each for tag, each in was.items() if tag not in differs
    }
    again = parse(canonical(root))
    type(before).patch(again, asked)
    assert by_tag(again) == was


@given(st.sampled_from(["nat", *OTHERS]), st.data())
@settings(max_examples=25, derandomize=True, suppress_health_check=BUSY)
def test_a_network_changes_as_asked_and_back(mode: str, data: st.DataObject) -> None:
    values = FULL if mode == "nat" else OTHERS[mode]
    before, after = (
        NetworkSettings.model_validate({"name": "lab", "mode": mode, **data.draw(some(values))}) for _ in "12"
    )
    root = NetworkSettings.build(before.definition())
    edit(root, before, after.definition(), before.definition())
    NetworkSettings.patch(root, after.definition())
    read = network_settings.read_settings(root)
    assert read is not None and read.definition() == after.definition()
    if not list(faults(after)):
        assert_fits("network", root)


@given(st.sampled_from(sorted(MADE)), st.data())
@settings(max_examples=40, derandomize=True, suppress_health_check=BUSY)
def test_a_pool_changes_as_asked_and_back(kind: str, data: st.DataObject) -> None:
    before, after = (pool(kind, data.draw(some(MADE[kind] | EDITS.get(kind, {})))) for _ in "12")
    root = type(before).build(before.definition())
    edit(root, before, after.definition(), before.definition())
    type(before).patch(root, after.definition())
    read = pool_form.read_settings(root)
    assert read is not None and read.definition() == after.definition()
    root.remove(root.find("metadata"))  # type: ignore[arg-type]  # it was put there
    assert_fits("storagepool", root)


def pool(kind: str, values: dict[str, Any]) -> PoolSettings:
    try:
        return ADAPTER.validate_python({"type": kind, "name": "pool"} | MADE[kind] | values)
    except ValidationError:
        assume(False)
        raise


NAMES = st.text(
    st.characters(blacklist_categories=["C", "Zl", "Zp"], blacklist_characters="/"), min_size=1, max_size=20
)


@given(
    NAMES.filter(lambda name: name == name.strip()),
    st.integers(1, 1 << 44),
    st.sampled_from(["qcow2", "raw"]),
    st.booleans(),
)
@settings(max_examples=20, derandomize=True)
def test_a_volume_is_what_was_asked_for(name: str, size: int, form: str, full: bool) -> None:
    plain = volume_xml(name, size, form, allocate=full, private=not full)
    below = linked_volume_xml(name, size, f"/srv/{name}", form)
    for xml, facts in (
        (plain, (form, None, False)),
        (encrypted(plain, SECRET), (form, None, True)),
        (below, ("qcow2", f"/srv/{name}", False)),
    ):
        root, read = parse(xml), read_volume(xml)
        assert_fits("storagevol", root)
        assert (root.findtext("name"), root.findtext("capacity")) == (name, str(size))
        assert (read.format, read.backing, read.encrypted) == facts
