"""Values of requests."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A value of a request; a misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")
