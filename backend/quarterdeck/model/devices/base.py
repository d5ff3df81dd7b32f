"""What all devices have in common."""

from __future__ import annotations

from ..xml import XmlModel


class Device(XmlModel):
    """One device of a machine. Each kind has a file of its own: its values, and how it is called."""

    @property
    def key(self) -> str | None:
        """What tells it from others of its kind, as libvirt does; None: only its position does."""
        return None

    @property
    def title(self) -> str:
        """What a person calls it."""
        raise NotImplementedError


def join(*words: object) -> str:
    """The words that are there, with spaces."""
    return " ".join(str(word) for word in words if word)
