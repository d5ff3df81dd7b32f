"""Values of requests."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A value of a request; a misspelt field is an error, not silence."""

    # Built at first use: most are parts of another, and all of them would take 8 MiB more.
    model_config = ConfigDict(extra="forbid", defer_build=True)
