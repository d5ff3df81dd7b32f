"""Discards one change that waits for the next start."""

from __future__ import annotations

import shlex
from typing import Any

from pydantic import BaseModel, Field

from ...access import User
from ...model.compare import DEVICE, Difference, take_over
from ...model.create import Strict
from ...model.definition import Definition, describe
from ...model.devices import Placed, find
from ...model.domain import Domain
from ...model.pending import pending, take_flags
from ...model.virt_xml import options
from ...plan import Change, Effect
from ...problems import FieldError, Problem
from .changing import Changing, Draft


class Discard(Strict):
    """One entry of a machine's `pending`, by its field and device."""

    field: str = Field(max_length=512)
    device: str | None = Field(None, max_length=256)


class Discarding:
    """Plans taking back what waits."""

    def __init__(self, changing: Changing) -> None:
        self._changing = changing

    def discard(self, host: str, uuid: str, body: Discard, if_match: str | None, user: User) -> Change[Domain]:
        """The saved definition with the value that runs; the machine as it then is."""
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        waiting = pending(draft.saved, draft.running, draft.host_cpus) if draft.running is not None else []
        if draft.running is None or not any((each.field, each.device) == (body.field, body.device) for each in waiting):
            what = f"{body.device}: {body.field}" if body.device else body.field
            detail = f"No change of {what} waits for the next start."
            raise Problem("invalid-input", detail, errors=[FieldError("/field", detail)])
        before, extra = describe(draft.saved), find(draft.saved, body.device) if body.device else None
        if body.field == "cpu.features":
            take_flags(draft.saved, draft.running)
        else:
            take_over(draft.saved, draft.running, [Difference(field=body.field, device=body.device)])
        draft.effects.append(Effect(field=body.field, when="next_start"))
        if body.device is None:
            calls = options(_change(body.field, describe(draft.saved)), before)
            draft.commands.extend(shlex.join(["virt-xml", draft.row.name, *words]) for words in calls)
        else:
            _command(draft, body, extra)
        return self._changing.finish(draft, user)


def _change(field: str, after: Definition) -> dict[str, Any]:
    """The change of one declared value, as a request says it; nothing for a path that no model declares."""
    value: Any = after
    for name in field.split("."):
        value = getattr(value, name, None)
    if isinstance(value, tuple):
        value = tuple(each.model_dump() if isinstance(each, BaseModel) else each for each in value)
    for name in reversed(field.split(".")):
        value = {name: value}
    change: dict[str, Any] = value
    return change


def _command(draft: Draft, body: Discard, extra: Placed | None) -> None:
    after = find(draft.saved, body.device or "")
    if after is None and extra:
        draft.with_file("detach-device", extra.element, "--config")
    elif after:
        draft.with_file("attach-device" if body.field == DEVICE else "update-device", after.element, "--config")
