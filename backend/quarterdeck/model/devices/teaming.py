"""Two network cards that the guest uses as one: a virtio card that stays, and one of the host that moves leave out."""

from __future__ import annotations

from typing import Annotated, Literal

from ..patterns import ALIAS
from ..xml import At, XmlModel


class Teaming(XmlModel):
    """The part of a card in a team (libvirt's virtio-net failover)."""

    role: Annotated[
        Literal["persistent", "transient"] | str | None,
        At(
            "@type",
            needed=True,
            since="6.2.0",
            help="persistent stays always; transient is taken out for a move and comes back behind it",
        ),
    ] = None
    partner: Annotated[
        str | None,
        At(
            "@persistent",
            when="role=transient",
            pattern=ALIAS,
            help="Alias of the one that stays; left empty, the only one",
        ),
    ] = None
