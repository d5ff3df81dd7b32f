"""What is wrong with a value that somebody sent, in words that say what is allowed."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from quarterdeck.model.patterns import told
from quarterdeck.model.units import unit_of
from quarterdeck.problems import FieldError

TRUTH, TEXT, LIST, OBJECT = "true or false", "a text", "a list", "an object with members"
KINDS = {
    "bool_type": TRUTH,
    "bool_parsing": TRUTH,
    "string_type": TEXT,
    "list_type": LIST,
    "tuple_type": LIST,
    "path_type": "a path, as a text",
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
}
"""What a value must be, by the types of pydantic's errors (pydantic.dev, Validation Errors)."""
NUMBERS = ("int_", "float_", "finite_", "greater_", "less_")
PLAIN = {
    "missing": "It is needed.",
    "extra_forbidden": "There is no such member.",
    "union_tag_not_found": "Say which type it is.",
}
SIZES = {
    "string_too_long": "It can have {max_length} characters at most.",
    "string_too_short": "It must have {min_length} characters at least.",
    "too_long": "There can be {max_length} of them at most.",
    "too_short": "There must be {min_length} of them at least.",
}


def field_errors(error: ValidationError, kind: Any, value: Any) -> Iterator[FieldError]:
    """What pydantic found, with JSON pointers that lead into the value (tags of unions are left out)."""
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and len(fault["input"]) >= fault["ctx"]["min_length"]:
            continue  # pydantic counts good entries only, and has told what is wrong with the others
        pointer, at, steps = "", value, fault["loc"]
        for number, step in enumerate(steps, 1):
            leads = (isinstance(at, dict) and step in at) or (isinstance(at, list) and isinstance(step, int))
            if leads or number == len(steps):
                pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
                at = _inside(at, step)
        if fault["type"].startswith("union_tag"):  # the tag itself is at fault, or missing
            pointer += "/" + fault["ctx"]["discriminator"].strip("'")
        yield FieldError(pointer, in_words(fault, kind))


def in_words(fault: ErrorDetails, kind: Any) -> str:
    """What is allowed where this was found in a value of this kind."""
    name, context = fault["type"], fault.get("ctx", {})
    if name in PLAIN:
        return PLAIN[name]
    if name.startswith("too_") and isinstance(fault["input"], str):  # a text whose limit is checked after others
        name = f"string_{name}"
    if name == "string_too_short" and context["min_length"] == 1:
        return "It cannot be empty."
    if name in SIZES:
        return SIZES[name].format(**context)
    allowed = KINDS.get(name) or _allowed(fault, kind)
    return f"It must be {allowed}." if allowed else fault["msg"].removeprefix("Value error, ")


def _allowed(fault: ErrorDetails, kind: Any) -> str | None:
    name, context = fault["type"], fault.get("ctx", {})
    if name.startswith(NUMBERS):
        named = next((step for step in reversed(fault["loc"]) if isinstance(step, str)), "")
        return _number([*_declared(kind, fault["loc"])], unit_of(named))
    if name == "string_pattern_mismatch":
        return told(context["pattern"])
    expected: str | None = context.get("expected_tags") or context.get("expected")
    return expected and expected.replace("'", "")


def _number(declared: list[Any], unit: str) -> str:
    """The words for a number with these limits."""
    limits = {name: limit for each in declared for name, limit in _limits(each)}
    noun, least, above, most = "a whole number", limits.get("ge"), limits.get("gt"), limits.get("le")
    if float in declared:
        noun = "a number"
    unit = f" {unit}" if unit else ""
    if least is not None and most is not None:
        return f"{noun} from {least} to {most}{unit}"
    if above is not None:
        return f"{noun} above {above}{unit}" if most is None else f"{noun} above {above}, up to {most}{unit}"
    if least is not None:
        return f"{noun} of at least {least}{unit}"
    return noun if most is None else f"{noun} of at most {most}{unit}"


def _limits(note: Any) -> Iterator[tuple[str, Any]]:
    for limit in note.metadata if isinstance(note, FieldInfo) else [note]:
        yield from ((name, getattr(limit, name)) for name in ("ge", "gt", "le") if hasattr(limit, name))


def _declared(kind: Any, steps: Sequence[str | int]) -> Iterator[Any]:
    """What the declaration says about the value that lies there: its notes and its type."""
    if typing.get_origin(kind) is Annotated:
        base, *notes = typing.get_args(kind)
        if steps and any(isinstance(note, Tag) and note.tag == steps[0] for note in notes):
            steps = steps[1:]
        yield from () if steps else notes
        yield from _declared(base, steps)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _member(kind, steps)
    elif typing.get_args(kind):
        entry = typing.get_origin(kind) in (list, tuple) and steps and isinstance(steps[0], int)
        for inner in typing.get_args(kind):
            yield from _declared(inner, steps[1:] if entry else steps)
    elif not steps:
        yield kind


def _member(model: type[BaseModel], steps: Sequence[str | int]) -> Iterator[Any]:
    if not steps:
        return
    member = model.model_fields.get(str(steps[0]))
    if member is None:  # the tag of a union, which may be another's
        tags = [tag for each in model.model_fields.values() for tag in typing.get_args(each.annotation)]
        yield from _declared(model, steps[1:]) if steps[0] in tags else ()
    else:
        yield from member.metadata if len(steps) == 1 else ()
        yield from _declared(member.annotation, steps[1:])


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
