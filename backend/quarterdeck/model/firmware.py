"""BIOS or UEFI, and Secure Boot."""

from __future__ import annotations

from typing import Annotated, Literal

from .xml import At, Element, XmlModel


class Firmware(XmlModel):
    """What `<os>` says of the firmware. libvirt before 9.2 replaces `auto` by the loader that it chose."""

    auto: Annotated[Literal["bios", "efi"] | str | None, At("@firmware")] = None
    secure_feature: Annotated[bool | None, At("firmware/feature[@name='secure-boot']/@enabled", words="yesno")] = None
    keys_feature: Annotated[bool | None, At("firmware/feature[@name='enrolled-keys']/@enabled", words="yesno")] = None
    loader: Annotated[str | None, At("loader")] = None
    loader_type: Annotated[Literal["rom", "pflash"] | str | None, At("loader/@type")] = None
    loader_secure: Annotated[bool | None, At("loader/@secure", words="yesno")] = None
    nvram: Annotated[str | None, At("nvram")] = None

    @property
    def kind(self) -> Literal["bios", "uefi"]:
        """What it comes to."""
        return "uefi" if self.auto == "efi" or self.loader_type == "pflash" else "bios"

    @property
    def secure_boot(self) -> bool:
        """Whether only signed systems start."""
        if self.secure_feature is not None:
            return self.secure_feature and self.keys_feature is not False
        return bool(self.loader_secure)


def firmware_of(root: Element) -> Firmware:
    """What a definition says of its firmware."""
    os = root.find("os")
    return Firmware() if os is None else Firmware.read(os)
