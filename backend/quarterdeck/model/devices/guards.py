"""What guards a machine from outside: rules for redirected USB devices, and leases of a lock manager."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import ANY_PATH, PLAIN_WORD, USB_CLASS, USB_ID, USB_VERSION
from ..xml import Apply, At, Element, XmlModel
from .base import Device, join


class UsbRule(XmlModel):
    """Devices that a viewer may redirect, or may not; what is left empty fits all."""

    allow: Annotated[bool | None, At("@allow", words="yesno", needed=True)] = None
    usb_class: Annotated[
        str | None, At("@class", title="Class", pattern=USB_CLASS, help="0x03 is input, 0x08 storage, 0x0e video")
    ] = None
    vendor: Annotated[str | None, At("@vendor", pattern=USB_ID)] = None
    product: Annotated[str | None, At("@product", pattern=USB_ID)] = None
    version: Annotated[str | None, At("@version", pattern=USB_VERSION)] = None


class RedirFilter(Device):
    """Rules for which USB devices of a viewer may come to the guest; the first that fits decides."""

    tag: ClassVar[str] = "redirfilter"
    noun: ClassVar[str] = "Rules for redirected USB"
    most: ClassVar[int | None] = 1
    type: Literal["redirfilter"] = "redirfilter"
    rules: Annotated[tuple[UsbRule, ...], At("usbdev", needed=True, help="From the first to the last")] = ()

    @property
    def title(self) -> str:
        """For example `Rules for redirected USB`."""
        return self.noun


class Lease(Device):
    """A lease of the host's lock manager that the machine holds while it runs (sanlock)."""

    tag: ClassVar[str] = "lease"
    noun: ClassVar[str] = "Lease"
    hot: ClassVar[bool] = True
    type: Literal["lease"] = "lease"
    lockspace: Annotated[
        str | None,
        At("lockspace", apply=Apply.NEVER, needed=True, pattern=PLAIN_WORD, help="Of the lock manager"),
    ] = None
    resource: Annotated[
        str | None,
        At("key", apply=Apply.NEVER, needed=True, pattern=PLAIN_WORD, help="One machine holds it at a time"),
    ] = None
    path: Annotated[
        str | None,
        At("target/@path", apply=Apply.NEVER, needed=True, pattern=ANY_PATH, help="File or volume of the leases"),
    ] = None
    offset_bytes: Annotated[int | None, At("target/@offset", apply=Apply.NEVER, advanced=True, maximum=1 << 60)] = None

    @classmethod
    def key(cls, element: Element) -> str | None:
        """What is held."""
        return element.findtext("key") or None

    @property
    def title(self) -> str:
        """For example `Lease disk1`."""
        return join("Lease", self.resource)
