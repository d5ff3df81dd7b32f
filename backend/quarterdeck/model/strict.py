"""What the values of requests and answers are built on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A value that is told or taken."""

    # Built at first use: most are parts of another, and all of them would take 12 MiB more.
    # An error names the fault, not what was typed: that may be a secret.
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)


class Strict(Value):
    """A value of a request; a misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")
