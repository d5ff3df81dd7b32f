"""Who changed something last."""

from __future__ import annotations

from pydantic import BaseModel


class LastChange(BaseModel):
    """The last change that was made with Quarterdeck: when (UTC, ISO 8601), by whom, and which act it was."""

    time: str
    user: str
    act: str
