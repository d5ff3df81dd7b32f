"""The few values of a definition that a list of machines shows; reading all of it would cost ten times as much."""

from __future__ import annotations

from typing import Annotated

from .xml import At, XmlModel


class Heading(XmlModel):
    """What a list shows of a definition."""

    title: Annotated[str | None, At("title")] = None
    description: Annotated[str | None, At("description")] = None
    os: Annotated[str | None, At("metadata/libosinfo:libosinfo/libosinfo:os/@id")] = None
    tags: Annotated[tuple[str, ...], At("metadata/quarterdeck:tags/quarterdeck:tag")] = ()
    graphics: Annotated[tuple[str, ...], At("devices/graphics/@type")] = ()
    serials: Annotated[tuple[str, ...], At("devices/serial/@type")] = ()
    consoles: Annotated[tuple[str, ...], At("devices/console/@type")] = ()
