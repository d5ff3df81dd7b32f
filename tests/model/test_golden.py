"""Real definitions, edited: `pytest tests/model --regenerate` writes the diffs anew; review reads them."""

from __future__ import annotations

import pytest

from quarterdeck.hypervisor.schema import Schema
from quarterdeck.model.devices import OtherDevice, placed
from quarterdeck.model.xml import canonical, parse
from tests.model.conftest import Golden
from tests.model.goldens import DATA, EDITS, Edit, agrees

SCHEMA = Schema("domain")
RARE = [each for each in EDITS if each.machine in ("finetuned", "shares")]
MACHINES = sorted(path.stem for path in DATA.glob("*.xml") if "." not in path.stem)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.machine}-{edit.what}")
def test_an_edit_changes_the_golden_lines(edit: Edit, golden: Golden) -> None:
    text, after = edit.run()
    assert {
        name: getattr(after, name) for name, asked in edit.changes.items() if not agrees(getattr(after, name), asked)
    } == {}
    golden(edit.golden, text)


@pytest.mark.parametrize("edit", RARE, ids=lambda edit: edit.what)
def test_what_few_need_stands_where_libvirts_schema_has_it(edit: Edit) -> None:
    assert SCHEMA.fault(edit.done()[0]) is None


def test_no_golden_is_left_over() -> None:
    assert {path.name for path in DATA.glob("*.edit-*")} == {edit.golden.name for edit in EDITS}


@pytest.mark.parametrize("machine", MACHINES)
def test_ids_are_unique_and_every_device_has_a_title(machine: str) -> None:
    found = placed(parse((DATA / f"{machine}.xml").read_text()))
    assert len({each.id for each in found}) == len(found)
    assert all(each.device.title and "None" not in each.device.title for each in found)


@pytest.mark.parametrize("machine", MACHINES)
def test_an_edit_with_what_is_there_changes_nothing(machine: str) -> None:
    text = (DATA / f"{machine}.xml").read_text()
    root = parse(text)
    for each in placed(root):
        if not isinstance(each.device, OtherDevice):
            each.kind.patch(each.element, each.device.model_dump(include=set(each.kind.places)))
    assert canonical(root) == canonical(text)
