"""Whether the values of a device make sense beside each other and on this host, by their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ...model.bodies import asked
from ...model.forms import Offer, met, title_of
from ...model.xml import Place, places_of
from .changing import Draft

Values = dict[str, Any]
NOTHING: tuple[Any, ...] = (None, (), [])


@dataclass(frozen=True)
class Fit:
    """Looks at values of which somebody asked for some; notes faults in the draft. `new` where they were not there."""

    draft: Draft
    offer: Offer
    new: bool

    def check(
        self, model: type[BaseModel], values: Values, given: Values, base: str = "", outer: Values | None = None
    ) -> Values:
        """What must go because it makes no sense beside the others."""
        gone: Values = {}
        around = {**(outer or {}), **_flat(values)}
        for name, place in asked(model):
            value, pointer = values.get(name), f"{base}/{name}"
            if place.at.when and not met(place.at.when, around):
                if not is_nothing(place, given.get(name)):
                    self.draft.fault(pointer, f"This is only for {_condition(model, place)}.")
                elif not is_nothing(place, value):
                    gone[name] = () if place.many else None
            elif place.at.needed and is_nothing(place, value) and self._asks(name, place, given):
                self.draft.fault(pointer, f"{title_of(name, place)} is needed.")
            elif place.child and not place.many and isinstance(value, Mapping):
                inner = self.check(place.child, dict(value), given.get(name) or {}, pointer, around)
                gone |= {name: {**value, **inner}} if inner else {}
            else:
                self._host(place, given.get(name), pointer)
        return gone

    def _asks(self, name: str, place: Place, given: Values) -> bool:
        """A device of somebody else's making may lack what we ask for."""
        return self.new or name in given or place.at.when.partition("=")[0] in given

    def _host(self, place: Place, value: Any, pointer: str) -> None:
        if is_nothing(place, value):
            return
        why = self.offer.too_old(place.at.since)
        why = why or (self.offer.refuses(place.at.offer, value) if isinstance(value, str) else None)
        if why:
            self.draft.fault(pointer, why, slug="unsupported")


def is_nothing(place: Place, value: Any) -> bool:
    """Whether no value is there; false is one, but for a marker that is there or not."""
    if isinstance(value, Mapping):
        return all(inner in NOTHING for inner in value.values())
    return value in NOTHING or (value is False and place.at.words == "present")


def _flat(values: Values) -> Values:
    """The values by the names that conditions use: inner ones with the outer name before theirs."""
    groups = [(name, value) for name, value in values.items() if isinstance(value, Mapping)]
    return {f"{name}.{key}": deep for name, group in groups for key, deep in group.items()} | values


def _condition(model: type[BaseModel], place: Place) -> str:
    name, _, words = place.at.when.partition("=")
    known = places_of(model).get(name)
    title = title_of(name, known).lower() if known else name.replace("_", " ").replace(".", " ")
    return f"{title} {' or '.join(words.split(','))}" if words else f"one that has {title}"
