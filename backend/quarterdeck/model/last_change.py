"""When something was changed last, and by whom."""

from __future__ import annotations

from .strict import Value


class LastChange(Value):
    """When (UTC, ISO 8601), by whom, and which act it was; nobody and no act where it was not with Quarterdeck."""

    time: str
    user: str | None
    act: str | None
