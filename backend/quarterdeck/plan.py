"""Plan, then apply: what a change would do, apart from doing it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from .problems import Problem

log = logging.getLogger(__name__)

When = Literal["live", "next_start"]


class Effect(BaseModel):
    """When one changed field takes effect."""

    field: str
    when: When


class PlanPart(BaseModel):
    """A device or a section of settings as it then is: its XML with secrets masked, and the values of its form."""

    xml: str
    value: dict[str, Any]


class Plan(BaseModel):
    """What a change would do. Making one never touches a host.

    `xml_diff` is a unified diff of the saved definition with secrets masked; `commands` are the equal
    virsh, virt-install or qemu-img calls, quoted for a shell. `notes` say what was chosen and why. `file_diff` is a
    unified diff of files of the host itself. Where a part of a definition is replaced, `part` is what it comes to.
    `answers` are the files that an installer reads instead of asking, by name, with secrets masked.
    """

    xml_diff: str = ""
    file_diff: str = ""
    commands: list[str] = []
    effects: list[Effect] = []
    warnings: list[str] = []
    notes: list[str] = []
    part: PlanPart | None = None
    answers: dict[str, str] = {}


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Change(Generic[T_co]):
    """A plan with the only thing that carries it out."""

    plan: Plan
    apply: Callable[[], T_co]


def take_back(act: Callable[..., object], *given: Any, **named: Any) -> None:
    """Undo a part of a change that failed later; what cannot be undone is for the log, and the rest is undone too."""
    try:
        act(*given, **named)
    except Problem:
        log.exception("a part of a change that failed could not be undone")
