"""How a machine's memory is backed by the host's."""

from __future__ import annotations

from typing import Annotated, Literal

from .xml import At, XmlModel


class MemoryBacking(XmlModel):
    """The `<memoryBacking>` of a definition."""

    hugepages: Annotated[bool, At("hugepages", words="present", help="Large pages; the host must set them aside")] = (
        False
    )
    page_kib: Annotated[int | None, At("hugepages/page/@size", unit="KiB", title="Size of a large page")] = None
    source: Annotated[Literal["anonymous", "file", "memfd"] | str | None, At("source/@type")] = None
    access: Annotated[
        Literal["private", "shared"] | str | None, At("access/@mode", help="shared is needed by virtiofs")
    ] = None
    locked: Annotated[bool, At("locked", words="present", help="Never swapped out by the host")] = False
    no_ksm: Annotated[bool, At("nosharepages", words="present", help="Not merged with equal pages of others")] = False
