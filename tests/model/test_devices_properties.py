"""Whatever is asked of whatever kind of device: it reads back as asked, and libvirt's schema takes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.hypervisor.schema import Schema
from quarterdeck.model.bodies import add_body, change_body, wanted
from quarterdeck.model.devices import KINDS
from quarterdeck.model.edits import ADDS
from quarterdeck.model.slots import put_device
from quarterdeck.model.xml import canonical, dump, parse
from tests.model.goldens import DATA, agrees
from tests.model.wishes import wishes

SCHEMA = Schema("domain")
TEXT = (DATA / "uefi.xml").read_text()


@pytest.mark.parametrize("tag", KINDS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_built_reads_back_and_may_be_asked_for(tag: str, data: st.DataObject) -> None:
    kind = KINDS[tag]
    asked = data.draw(wishes(kind))
    element = kind.build(asked)
    again = kind.read(parse(dump(element)))
    for name, value in asked.items():
        assert agrees(getattr(again, name), value), name
    plain = {name: value for name, value in asked.items() if value not in ((), False)}
    body = add_body(kind).model_validate({**_needed(kind), **plain})
    assert holds(wanted(body), plain)


def holds(value: Any, asked: Any) -> bool:
    """Whether a value holds what was asked; what was left out of an entry of a list is None there."""
    if isinstance(asked, dict):
        return all(holds(value[name], inner) for name, inner in asked.items())
    if isinstance(asked, tuple):
        return len(value) == len(asked) and all(map(holds, value, asked))
    return bool(value == asked)


def _needed(kind: Any) -> dict[str, Any]:
    words = {"source": "/srv/a", "target": "a", "name": "a", "size_mib": 1, "resource": "a", "path": "/srv/a"}
    words |= {"lockspace": "a", "rules": ({"allow": True},)}
    return {name: words[name] for name, place in kind.places.items() if place.at.needed and not place.at.when}


@pytest.mark.parametrize("tag", KINDS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_change_touches_what_was_asked_and_its_undoing_brings_all_back(tag: str, data: st.DataObject) -> None:
    kind = KINDS[tag]
    before, changes = data.draw(wishes(kind)), data.draw(wishes(kind))
    element = kind.build(before)
    old = kind.read(element)
    kind.patch(element, changes)
    after = kind.read(element)
    for name in kind.places:
        if name in changes:
            assert agrees(getattr(after, name), changes[name]), name
    element = parse(dump(kind.build(before)))
    text = canonical(element)
    kind.patch(element, {name: getattr(old, name) if name in before else None for name in changes})
    assert canonical(element) == text


@pytest.mark.parametrize("tag", list(ADDS))
def test_every_kind_has_a_body_a_noun_and_a_sentence(tag: str) -> None:
    assert KINDS[tag].noun
    assert (KINDS[tag].__doc__ or "").split("\n")[0].endswith(".")
    assert change_body(KINDS[tag]).model_validate({}) is not None


@pytest.mark.parametrize("tag", KINDS)
def test_the_usual_device_of_a_kind_passes_the_schema(tag: str) -> None:
    kind = KINDS[tag]
    root = parse(TEXT)
    for each in root.findall(f"devices/{tag}"):
        root.find("devices").remove(each)  # type: ignore[union-attr]  # it was found there
    put_device(root, kind.build({**ALSO.get(tag, {}), **kind.usual, **_needed(kind)}))
    assert SCHEMA.fault(root) is None


ALSO: dict[str, dict[str, Any]] = {
    "disk": {"source": {"type": "file", "file": "/srv/a"}, "target": "vda", "bus": "virtio"},
    "hostdev": {"mode": "subsystem", "kind": "usb", "vendor": "0x1234", "product": "0x5678"},
    "filesystem": {"kind": "mount"},
    "redirdev": {"bus": "usb"},
    "console": {"target": "virtio"},
    "channel": {"target": "virtio"},
    "controller": {"index": 0},
    "audio": {"id": 1},
    "memory": {"access": "shared"},
}
