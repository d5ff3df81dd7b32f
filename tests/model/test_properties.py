"""Whatever is edited, only that changes, and it reads back as it was asked."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.model.bodies import simple_type
from quarterdeck.model.definition import Definition
from quarterdeck.model.devices import placed
from quarterdeck.model.xml import XmlModel, canonical, parse
from tests.model.goldens import DATA, EDITS, agrees

TEXTS = {path.stem: path.read_text() for path in DATA.glob("*.xml") if "." not in path.stem}
LETTERS = st.characters(blacklist_categories=["Cc", "Cs"], blacklist_characters="\ufffe\uffff\x85\u2028")
WORDS = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)


def values(model: type[XmlModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Some changes of the simple values of a model."""
    choices: dict[str, st.SearchStrategy[Any]] = {}
    for name, place in model.places.items():
        kind = simple_type(model.model_fields[name].annotation)
        if place.many or place.child or place.at.words == "present":
            continue
        if place.at.words:
            choices[name] = st.booleans()
        elif kind is int:
            choices[name] = st.integers(0, 4096)
        elif kind is str:
            choices[name] = WORDS
    return st.fixed_dictionaries({}, optional=choices)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    machine = draw(st.sampled_from(sorted(TEXTS)))
    known = {each.id: each.kind for each in placed(parse(TEXTS[machine])) if each.kind.places} | {"": Definition}
    name = draw(st.sampled_from(sorted(known)))
    return machine, name, draw(values(known[name]))


def apply(text: str, name: str, changes: dict[str, Any]) -> tuple[str, XmlModel]:
    root = parse(text)
    position = next((index for index, each in enumerate(placed(root)) if each.id == name), None)
    model, element = (
        (Definition, root) if position is None else (placed(root)[position].kind, placed(root)[position].element)
    )
    model.patch(element, changes)
    again = parse(canonical(root))
    return canonical(root), model.read(again if position is None else placed(again)[position].element)


@settings(deadline=None)  # it measures a busy machine
@given(edits())
def test_an_edit_reads_back_and_its_undoing_leaves_the_rest(edit: tuple[str, str, dict[str, Any]]) -> None:
    machine, name, changes = edit
    text, after = apply(TEXTS[machine], name, changes)
    for field, asked in changes.items():
        assert agrees(getattr(after, field), asked), field
    again, _ = apply(text, name, changes) if name == "" or name in text else (text, after)
    assert len(again.splitlines()) == len(text.splitlines())


@settings(deadline=None)
@given(st.sampled_from([edit for edit in EDITS if edit.device]))
def test_other_devices_are_untouched(edit: Any) -> None:
    before = parse(TEXTS[edit.machine])
    after = edit.done()[0]
    _, changed = edit.target(parse(TEXTS[edit.machine]))
    position = [canonical(each.element) for each in placed(before)].index(canonical(changed))
    old, new = ([canonical(each.element) for each in placed(root)] for root in (before, after))
    assert old[:position] + old[position + 1 :] == new[:position] + new[position + 1 :]
