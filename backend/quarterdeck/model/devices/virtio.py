"""What devices of virtio have in common, whatever they are."""

from __future__ import annotations

from typing import Annotated

from ..xml import At, XmlModel


class Virtio(XmlModel):
    """How a virtio device reaches the guest's memory, and how its queues are laid out."""

    iommu: Annotated[
        bool | None,
        At(
            "driver/@iommu",
            words="onoff",
            title="Behind the IOMMU",
            since="3.5.0",
            help="The guest's IOMMU guards what it reaches; encrypted memory needs it",
        ),
    ] = None
    ats: Annotated[
        bool | None,
        At(
            "driver/@ats",
            words="onoff",
            title="Address translation services",
            since="3.5.0",
            help="It keeps the addresses that the IOMMU told it, as vhost needs",
        ),
    ] = None
    packed: Annotated[
        bool | None,
        At(
            "driver/@packed",
            words="onoff",
            title="Packed queues",
            since="6.3.0",
            help="A faster layout of the queues, for guests that know it",
        ),
    ] = None
    page_per_vq: Annotated[
        bool | None,
        At(
            "driver/@page_per_vq",
            words="onoff",
            title="A page for each queue",
            since="7.9.0",
            help="Lets hardware be told of work without QEMU (vDPA)",
        ),
    ] = None


def virtio_at(when: str) -> At:
    """The place of the virtio options of a kind of device that is virtio under this condition."""
    return At(".", title="Virtio", advanced=True, when=when)
