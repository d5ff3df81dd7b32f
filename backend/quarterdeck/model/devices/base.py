"""What all devices have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..xml import Element, XmlModel


class Device(XmlModel):
    """One device of a machine. Each kind has a file of its own: its values, and how it is called.

    The first line of its docstring is the sentence that people read. `most` is how many a machine may have, `usual`
    what a new one gets where nothing is asked, `offer` the host's list that must not be empty for it to be possible.
    """

    noun: ClassVar[str] = ""
    most: ClassVar[int | None] = None
    usual: ClassVar[Mapping[str, Any]] = {}
    offer: ClassVar[str] = ""

    @classmethod
    def key(cls, element: Element) -> str | None:
        """What tells it from others of its kind, as libvirt does; None: only its position does."""
        return None

    @property
    def title(self) -> str:
        """What a person calls it."""
        raise NotImplementedError

    @property
    def hot(self) -> bool:
        """Whether QEMU takes it and gives it back while the machine runs."""
        return False

    @property
    def on_pci(self) -> bool:
        """Whether it needs a free PCI Express port when it is plugged in."""
        return False


def join(*words: object) -> str:
    """The words that are there, with spaces."""
    return " ".join(str(word) for word in words if word)
