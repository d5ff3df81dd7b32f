"""What all devices have in common."""

from __future__ import annotations

from ..xml import Element, XmlModel


class Device(XmlModel):
    """One device of a machine. Each kind has a file of its own: its values, and how it is called."""

    @classmethod
    def key(cls, element: Element) -> str | None:
        """What tells it from others of its kind, as libvirt does; None: only its position does."""
        return None

    @property
    def title(self) -> str:
        """What a person calls it."""
        raise NotImplementedError


def join(*words: object) -> str:
    """The words that are there, with spaces."""
    return " ".join(str(word) for word in words if word)
