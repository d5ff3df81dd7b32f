"""What the guest reads in its SMBIOS tables."""

from __future__ import annotations

from typing import Annotated, ClassVar

from .patterns import BIOS_DATE, BIOS_RELEASE, FW_CFG, PATH
from .xml import At, XmlModel


class FwCfgEntry(XmlModel):
    """One value that the guest reads from the firmware's configuration device."""

    name: Annotated[
        str,
        At("@name", pattern=FW_CFG, needed=True, help="opt/com.coreos/config for Ignition"),
    ]
    value: Annotated[str | None, At(".", help="Text; everybody who may see the machine sees it")] = None
    file: Annotated[str | None, At("@file", pattern=PATH, help="A file on the host, in place of a text")] = None


class FwCfg(XmlModel):
    """The `<sysinfo type='fwcfg'>` of a definition."""

    tag: ClassVar[str] = "sysinfo"
    entries: Annotated[tuple[FwCfgEntry, ...], At("entry", since="6.5.0")] = ()


class SysInfo(XmlModel):
    """The `<sysinfo type='smbios'>` of a definition; used where `boot.smbios` is sysinfo."""

    tag: ClassVar[str] = "sysinfo"
    bios_vendor: Annotated[str | None, At("bios/entry[@name='vendor']")] = None
    bios_version: Annotated[str | None, At("bios/entry[@name='version']")] = None
    bios_date: Annotated[str | None, At("bios/entry[@name='date']", pattern=BIOS_DATE, help="mm/dd/yyyy")] = None
    bios_release: Annotated[str | None, At("bios/entry[@name='release']", pattern=BIOS_RELEASE)] = None
    system_manufacturer: Annotated[str | None, At("system/entry[@name='manufacturer']")] = None
    system_product: Annotated[str | None, At("system/entry[@name='product']")] = None
    system_version: Annotated[str | None, At("system/entry[@name='version']")] = None
    system_serial: Annotated[
        str | None, At("system/entry[@name='serial']", help="ds=nocloud;s=http://… tells cloud-init its source")
    ] = None
    system_sku: Annotated[str | None, At("system/entry[@name='sku']")] = None
    system_family: Annotated[str | None, At("system/entry[@name='family']")] = None
    board_manufacturer: Annotated[str | None, At("baseBoard/entry[@name='manufacturer']")] = None
    board_product: Annotated[str | None, At("baseBoard/entry[@name='product']")] = None
    board_version: Annotated[str | None, At("baseBoard/entry[@name='version']")] = None
    board_serial: Annotated[str | None, At("baseBoard/entry[@name='serial']")] = None
    board_asset: Annotated[str | None, At("baseBoard/entry[@name='asset']")] = None
    board_location: Annotated[str | None, At("baseBoard/entry[@name='location']")] = None
    chassis_manufacturer: Annotated[str | None, At("chassis/entry[@name='manufacturer']", since="4.1.0")] = None
    chassis_version: Annotated[str | None, At("chassis/entry[@name='version']", since="4.1.0")] = None
    chassis_serial: Annotated[str | None, At("chassis/entry[@name='serial']", since="4.1.0")] = None
    chassis_asset: Annotated[str | None, At("chassis/entry[@name='asset']", since="4.1.0")] = None
    chassis_sku: Annotated[str | None, At("chassis/entry[@name='sku']", since="4.1.0")] = None
    oem_strings: Annotated[
        tuple[str, ...],
        At("oemStrings/entry", title="OEM strings", since="4.1.0", help="Read by systemd as credentials"),
    ] = ()
