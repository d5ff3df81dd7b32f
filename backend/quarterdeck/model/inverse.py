"""How a change of a pool or network is taken back."""

from __future__ import annotations

from typing import Any, Literal

from .strict import Value


class ObjectInverse(Value):
    """What a pool or network was before a change, as far as that changed it: definition, autostart, whether it ran.

    `made` is what the change made of the same, with the definition's ETag, to see whether it was changed again.
    """

    noun: Literal["pool", "network"]
    xml: str | None = None
    autostart: bool | None = None
    active: bool | None = None
    made: dict[str, Any]
