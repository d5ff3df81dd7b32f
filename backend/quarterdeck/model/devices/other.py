"""Devices that have no form yet: shown, kept, and edited as XML."""

from __future__ import annotations

from typing import Literal, Self

from ..xml import Element
from .base import Device, join


class OtherDevice(Device):
    """A device of which only a line is told."""

    type: Literal["other"] = "other"
    kind: str = ""
    summary: str = ""

    @classmethod
    def read(cls, element: Element) -> Self:
        """What can be said of any element: its attributes and its model."""
        words = [str(value) for value in element.attrib.values()]
        model = element.find("model")
        if model is not None:
            words.append(model.get("type") or model.get("name") or "")
        return cls(kind=str(element.tag), summary=join(*words))

    @property
    def title(self) -> str:
        """For example `Redirdev usb spicevmc`."""
        return join(self.kind.capitalize(), self.summary)
