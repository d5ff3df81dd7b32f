"""Random changes of settings, as somebody may ask for them: from the declarations."""

from __future__ import annotations

from typing import Any

import libvirt
from hypothesis import strategies as st

from quarterdeck.model.bodies import asked, choices_of, simple_type
from quarterdeck.model.cpu import CpuTopology
from quarterdeck.model.definition import Definition
from quarterdeck.model.forms import Offer
from quarterdeck.model.xml import Place, XmlModel

VERSION = libvirt.getVersion()
HERE = Offer(libvirt=f"{VERSION // 1_000_000}.{VERSION // 1000 % 1000}.{VERSION % 1000}")
SECTIONS = [
    *(
        "cpu",
        "memory_backing",
        "memtune",
        "cpuset",
        "iothreads",
        "cputune",
        "numatune",
        "blkiotune",
        "perf",
        "resource",
    ),
    *("sysinfo", "boot", "features", "clock", "events", "power", "genid", "security_labels", "qemu_commandline"),
]
TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=12).map(str.strip)


def simple(place: Place) -> st.SearchStrategy[Any]:
    """A value of the kind and within the limits that the declaration names."""
    at, annotation = place.at, place.owner.model_fields[place.name].annotation
    words = choices_of(annotation)
    if words:
        return st.sampled_from(words)
    kind = simple_type(annotation)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(at.minimum or 0, min(at.maximum or 1 << 20, 1 << 31))
    return st.from_regex(at.pattern, fullmatch=True).filter(_storable) if at.pattern else TEXT.filter(bool)


def _storable(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() and len(text) < 40


def value(place: Place) -> st.SearchStrategy[Any]:
    """Any value of a place; of lists, up to three entries."""
    inner = changes(place.child) if place.child else simple(place)
    if not place.many:
        return inner
    empty = dict.fromkeys(place.child.places) if place.child else None  # entries replace what was there
    return st.lists(inner if empty is None else inner.map(lambda entry: empty | entry), max_size=3).map(tuple)


def changes(model: type[XmlModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Some changes of a model; what is needed is always there, and an arrangement of vCPUs is whole.

    What is newer than the libvirt whose schema is installed is left out.
    """
    places = {name: place for name, place in asked(model) if not HERE.too_old(place.at.since)}
    needed = {name: value(place) for name, place in places.items() if place.at.needed or model is CpuTopology}
    optional = {name: value(place) for name, place in places.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional)


def settings() -> st.SearchStrategy[dict[str, Any]]:
    """A change of one section of a machine."""
    return st.sampled_from(SECTIONS).flatmap(
        lambda name: value(Definition.places[name]).map(lambda change: {name: change})
    )
