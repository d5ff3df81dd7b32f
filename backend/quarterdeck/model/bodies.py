"""What may be asked of a declared model: strict bodies made from the lines that also read and write its XML."""

from __future__ import annotations

import functools
import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, create_model

from .create import Strict
from .patterns import ONE_LINE
from .xml import Apply, Place, XmlModel, clean, places_of

MOST_CHARACTERS = 4096
MOST_ENTRIES = 64


def asked(model: type[BaseModel]) -> Iterator[tuple[str, Place]]:
    """The values that a person may give, in the order of their declaration; of a declared model or of a body."""
    yield from ((name, place) for name, place in places_of(model).items() if place.at.asked)


def choices_of(annotation: Any) -> tuple[str, ...]:
    """The words among which a value is chosen; none where it is free."""
    if typing.get_origin(annotation) is Literal:
        return tuple(str(word) for word in typing.get_args(annotation))
    found = (choices_of(inner) for inner in typing.get_args(annotation))
    return next((words for words in found if words), ())


def simple_type(annotation: Any) -> type:
    """`bool`, `int` or `str`: what a value that is no model is made of."""
    parts = [annotation, *typing.get_args(annotation)]
    inner = [deep for part in parts for deep in (part, *typing.get_args(part))]
    return next((kind for kind in (bool, int, str) if kind in inner), str)


@functools.cache
def change_body(model: type[XmlModel], base: type[Strict] = Strict) -> type[Strict]:
    """What may be changed of a value that exists: each place optional, null takes it away."""
    fields = {name: place for name, place in asked(model) if place.at.apply is not Apply.NEVER}
    return _make(f"{model.__name__}Edit", model, base, {key: (_wish(place), None) for key, place in fields.items()})


@functools.cache
def add_body(model: type[XmlModel], base: type[Strict] = Strict) -> type[Strict]:
    """What may be asked of a new value; what is needed and not usual must be given."""
    usual = getattr(model, "usual", {})
    fields = {
        key: (_wish(place), ... if place.at.needed and not place.at.when and key not in usual else None)
        for key, place in asked(model)
    }
    return _make(f"{model.__name__}Add", model, base, fields)


@functools.cache
def tagged(tag: str, *, optional: bool = False) -> type[Strict]:
    """The base of a body that says its type."""
    word: Any = Literal[tag]
    fields: Any = {"type": (word, tag if optional else ...)}
    return create_model(f"Tagged{tag.capitalize()}{'Change' if optional else ''}", __base__=Strict, **fields)


@functools.cache
def wish_of(model: type[XmlModel]) -> type[Strict]:
    """A part of a value; the same while adding and changing."""
    return _make(f"{model.__name__}Wish", model, Strict, {name: (_wish(place), None) for name, place in asked(model)})


@functools.cache
def _entry_of(model: type[XmlModel]) -> type[Strict]:
    """An entry of a list; what is needed, and that without which it could not be read back, must be given."""
    fields = {
        name: (_given(place), ...)
        if model.model_fields[name].is_required() or (place.at.needed and not place.at.when)
        else (_wish(place), None)
        for name, place in asked(model)
    }
    return _make(f"{model.__name__}Entry", model, Strict, fields)


def _make(name: str, model: type[XmlModel], base: type[Strict], fields: Mapping[str, Any]) -> type[Strict]:
    own = {key: value for key, value in fields.items() if key not in base.model_fields}
    made: type[Strict] = create_model(name, __base__=base, __doc__=model.__doc__, __module__=__name__, **own)
    return made


def _wish(place: Place) -> Any:
    """The type of what may be asked for this place; null takes it away."""
    return Annotated[_given(place) | None, place.at]


def _given(place: Place) -> Any:
    """The same where it cannot be taken away."""
    part = _entry_of if place.many else wish_of
    inner: Any = part(place.child) if place.child else _simple(place)
    wish = Annotated[list[inner], Field(max_length=MOST_ENTRIES)] if place.many else inner
    return Annotated[wish, place.at]


def _simple(place: Place) -> Any:
    at, annotation = place.at, place.owner.model_fields[place.name].annotation
    words, kind = choices_of(annotation), simple_type(annotation)
    if words:
        return Literal[words]
    if kind is bool:
        return bool
    if kind is int:
        return Annotated[int, Field(ge=at.minimum if at.minimum is not None else 0, le=at.maximum)]
    return Annotated[
        str, Field(min_length=1, max_length=MOST_CHARACTERS, pattern=at.pattern or ONE_LINE), AfterValidator(clean)
    ]


def wanted(body: BaseModel) -> dict[str, Any]:
    """What a body asks for: only what was given. Entries of lists are whole, since they replace what was there."""
    return {name: _value(getattr(body, name)) for name in type(body).model_fields if name in body.model_fields_set}


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return wanted(value)
    if isinstance(value, list):
        return tuple(each.model_dump() if isinstance(each, BaseModel) else each for each in value)
    return value
