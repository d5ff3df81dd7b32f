"""How changes beside the definitions of machines are taken back."""

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


class VolumeInverse(Value):
    """A volume that was made: deleted as long as it is what it was. `written` is when its content changed last."""

    noun: Literal["volume"] = "volume"
    pool: str
    name: str
    etag: str
    written: str | None = None


class JobInverse(Value):
    """A job, which tells the way back from what it did once it is done."""

    noun: Literal["job"] = "job"
    job: str
