"""What a machine boots from."""

from __future__ import annotations

from typing import Annotated, Literal

from .devices import Disk, Placed, placed
from .order import insert
from .patterns import PATH
from .xml import At, Element, XmlModel

ORDERED = ("disk", "interface", "hostdev", "redirdev")


class Boot(XmlModel):
    """What `<os>` says of booting; the order of devices may stand at the devices instead, see `boot_order`."""

    kinds: Annotated[
        tuple[str, ...], At("boot/@dev", asked=False, help="Kinds of device in order: hd, cdrom, network, fd")
    ] = ()
    menu: Annotated[bool | None, At("bootmenu/@enable", words="yesno", title="Boot menu")] = None
    menu_timeout_ms: Annotated[
        int | None,
        At("bootmenu/@timeout", maximum=65535, title="Menu waits", when="menu", help="How long the menu waits"),
    ] = None
    kernel: Annotated[
        str | None, At("kernel", pattern=PATH, title="Kernel", help="Kernel on the host that is started directly")
    ] = None
    initrd: Annotated[
        str | None, At("initrd", pattern=PATH, title="Initial RAM disk", when="kernel", help="On the host")
    ] = None
    cmdline: Annotated[str | None, At("cmdline", title="Kernel arguments", when="kernel")] = None
    dtb: Annotated[
        str | None,
        At("dtb", pattern=PATH, title="Device tree", since="1.0.4", when="kernel", advanced=True, help="On the host"),
    ] = None
    serial_bios: Annotated[
        bool | None,
        At("bios/@useserial", words="yesno", advanced=True, title="BIOS on serial line", help="Needs a serial line"),
    ] = None
    reboot_timeout_ms: Annotated[
        int | None,
        At(
            "bios/@rebootTimeout",
            minimum=-1,
            maximum=32767,
            advanced=True,
            title="Try again after",
            help="Where no device boots; -1 does not try again",
        ),
    ] = None
    smbios: Annotated[
        Literal["emulate", "host", "sysinfo"] | str | None,
        At("smbios/@mode", advanced=True, title="SMBIOS tables", help="sysinfo takes them from the section below"),
    ] = None


def boot_order(root: Element) -> list[str]:
    """Ids of the devices that are tried, first one first, whichever way the definition says it."""
    all_devices = placed(root)
    numbered = [(order, each.id) for each in all_devices if (order := _order(each)) is not None]
    if numbered:
        return [name for _order, name in sorted(numbered)]
    os = root.find("os")
    kinds = Boot.read(os).kinds if os is not None else ()
    return [name for kind in kinds for name in _of_kind(all_devices, kind)]


def set_boot_order(root: Element, ids: list[str]) -> None:
    """Number the devices in this order; other devices are not tried. The old way (`<os><boot>`) goes.

    KeyError names the id that is no device that can boot.
    """
    devices = {each.id: each for each in placed(root) if each.tag in ORDERED}
    wanted = [devices[name] for name in ids]
    os = root.find("os")
    if os is not None:
        Boot.patch(os, {"kinds": ()})
    for each in devices.values():
        old = each.element.find("boot")
        if old is not None and each not in wanted:
            each.element.remove(old)
    for number, each in enumerate(wanted, 1):
        boot = each.element.find("boot")
        if boot is None:
            boot = each.element.makeelement("boot", {})
            insert(each.element, boot)
        boot.set("order", str(number))


def _order(each: Placed) -> int | None:
    boot = each.element.find("boot")
    number = boot.get("order") if boot is not None else None
    return int(number) if number else None


def _of_kind(devices: list[Placed], kind: str) -> list[str]:
    """The devices that `<boot dev>` means: SeaBIOS tries the first disk, drive or floppy, and all interfaces."""
    if kind == "network":
        return [each.id for each in devices if each.tag == "interface"]
    wanted = {"hd": ("disk", "lun"), "cdrom": ("cdrom",), "fd": ("floppy",)}.get(kind, ())
    return [each.id for each in devices if isinstance(each.device, Disk) and each.device.device in wanted][:1]
