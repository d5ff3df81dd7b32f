"""Made-up wishes: values for any declared model, of the kinds that people may ask for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from quarterdeck.model.bodies import asked, choices_of, simple_type
from quarterdeck.model.forms import met
from quarterdeck.model.xml import Place, XmlModel

WORD = "[a-z][a-z0-9]{0,7}"


def wishes(model: type[XmlModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Some values of a model, none of which needs another that is not there."""
    choices = {name: value(place) for name, place in asked(model)}
    return st.fixed_dictionaries({}, optional=choices).map(lambda values: sensible(model, values))


def entries(model: type[XmlModel]) -> st.SearchStrategy[dict[str, Any]]:
    """The same for an entry of a list, where what is needed is there."""
    needed = {name: value(place) for name, place in asked(model) if place.at.needed and not place.at.when}
    return st.tuples(wishes(model), st.fixed_dictionaries(needed)).map(lambda parts: parts[0] | parts[1])


def sensible(model: type[XmlModel], values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that make no sense beside the others."""
    inner = {
        f"{name}.{key}": deep
        for name, value in values.items()
        if isinstance(value, dict)
        for key, deep in value.items()
    }
    kept = {
        name: wish
        for name, wish in values.items()
        if not (when := model.places[name].at.when) or met(when, inner | values)
    }
    return kept if len(kept) == len(values) else sensible(model, kept)


def value(place: Place) -> st.SearchStrategy[Any]:
    """A value of one place."""
    if place.many:
        entry = entries(place.child).filter(bool) if place.child else simple(place)
        return st.lists(entry, max_size=3, unique_by=repr).map(tuple)
    return wishes(place.child).filter(bool) if place.child else simple(place)


def simple(place: Place) -> st.SearchStrategy[Any]:
    """A value that is no model, within its range and of its pattern."""
    at, annotation = place.at, place.owner.model_fields[place.name].annotation
    words, kind = choices_of(annotation), simple_type(annotation)
    if words:
        return st.sampled_from(words)
    if kind is bool:
        return st.booleans()
    if kind is int:
        least = at.minimum or 0
        return st.integers(least, min(at.maximum if at.maximum is not None else 1 << 31, 1 << 40))
    return st.from_regex(at.pattern or WORD, fullmatch=True)
