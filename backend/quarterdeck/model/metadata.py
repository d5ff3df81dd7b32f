"""What a definition says for people and programs, not for QEMU."""

from __future__ import annotations

from typing import Annotated

from .xml import Apply, At, XmlModel


class Metadata(XmlModel):
    """System and tags, kept in `<metadata>` where libvirt leaves them alone."""

    system: Annotated[
        str | None, At("libosinfo:libosinfo/libosinfo:os/@id", help="Id of the OS database", apply=Apply.LIVE)
    ] = None
    tags: Annotated[tuple[str, ...], At("quarterdeck:tags/quarterdeck:tag", apply=Apply.LIVE)] = ()
