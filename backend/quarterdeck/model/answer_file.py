"""The answer file that Windows Setup reads.

Setup looks in the root of every drive ("Windows Setup Automation Overview", implicit answer file search order), and
keeps a copy of its own: the disc is needed for the first boot only. Where it installs it looks for autounattend.xml; a
Windows that sysprep has generalized looks for unattend.xml at its first start. The names are those of Microsoft's
"Unattended Windows Setup Reference".
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from quarterdeck.model.unattended import NAMESPACE, Unattended
from quarterdeck.model.xml import Element

FILE = "autounattend.xml"
PREPARED_FILE = "unattend.xml"
LABEL = "UNATTEND"
WCM = "http://schemas.microsoft.com/WMIConfig/2002/State"
NAMES: Any = {None: NAMESPACE, "wcm": WCM}
COMPUTER_NAME = 15
DRIVES = "DEFG"
"""Letters that the disc with drivers may get while Windows is installed."""
EFI_MIB, RESERVED_MIB = 260, 16


@dataclass(frozen=True)
class Target:
    """The machine that Windows is installed on; `drivers` says that it gets the disc with virtio drivers.

    With `prepared` it is installed already, and generalized.
    """

    name: str
    system: str
    uefi: bool
    drivers: bool
    prepared: bool = False

    @property
    def file(self) -> str:
        """The name by which Setup finds the answers."""
        return PREPARED_FILE if self.prepared else FILE


def answer_file(wish: Unattended, target: Target) -> str:
    """The file that Windows Setup reads."""
    if wish.answer_file:
        return wish.answer_file.get_secret_value()
    root = etree.Element(f"{{{NAMESPACE}}}unattend", nsmap=NAMES)
    if not target.prepared:
        _installation(_add(root, "settings", **{"pass": "windowsPE"}), wish, target)
    shell = _component(_add(root, "settings", **{"pass": "specialize"}), "Microsoft-Windows-Shell-Setup")
    name = wish.hostname or re.sub(r"[^A-Za-z0-9-]+", "-", target.name).strip("-")
    _add(shell, "ComputerName", name[:COMPUTER_NAME].strip("-") or "*")
    if target.prepared and wish.product_key:
        _add(shell, "ProductKey", wish.product_key.get_secret_value().upper())
    first = _add(root, "settings", **{"pass": "oobeSystem"})
    _languages(_component(first, "Microsoft-Windows-International-Core"), wish.locale)
    _first_logon(_component(first, "Microsoft-Windows-Shell-Setup"), wish)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    child.text = text
    return child


def _component(settings: Element, name: str) -> Element:
    return _add(
        settings,
        "component",
        name=name,
        processorArchitecture="amd64",
        publicKeyToken="31bf3856ad364e35",
        language="neutral",
        versionScope="nonSxS",
    )


def _added(parent: Element, tag: str, *, key: str | None = None) -> Element:
    """An element of a list of Windows' configuration."""
    element = _add(parent, tag)
    element.set(f"{{{WCM}}}action", "add")
    if key:
        element.set(f"{{{WCM}}}keyValue", key)
    return element


def _installation(settings: Element, wish: Unattended, target: Target) -> None:
    language = _component(settings, "Microsoft-Windows-International-Core-WinPE")
    _add(_add(language, "SetupUILanguage"), "UILanguage", wish.locale)
    _languages(language, wish.locale)
    if target.drivers:
        _drivers(settings, target.system)
    _setup(_component(settings, "Microsoft-Windows-Setup"), wish, uefi=target.uefi)


def _languages(component: Element, locale: str) -> None:
    for tag in ("InputLocale", "SystemLocale", "UILanguage", "UserLocale"):
        _add(component, tag, locale)


def _drivers(settings: Element, system: str) -> None:
    """Where virtio-win has the drivers of disks and cards for this Windows; what there is not is passed over."""
    folder = system.removeprefix("win") if system.startswith("win2k") else system.replace("win", "w")
    paths = _add(_component(settings, "Microsoft-Windows-PnpCustomizationsWinPE"), "DriverPaths")
    kinds = ("viostor", "vioscsi", "NetKVM")
    for number, (drive, kind) in enumerate(((d, k) for d in DRIVES for k in kinds), 1):
        place = _added(paths, "PathAndCredentials", key=str(number))
        _add(place, "Path", f"{drive}:\\{kind}\\{folder}\\amd64")


def _setup(component: Element, wish: Unattended, *, uefi: bool) -> None:
    configuration = _add(component, "DiskConfiguration")
    _add(configuration, "WillShowUI", "OnError")
    disk = _added(configuration, "Disk")
    _add(disk, "DiskID", "0")
    _add(disk, "WillWipeDisk", "true")
    made, changed = _add(disk, "CreatePartitions"), _add(disk, "ModifyPartitions")
    parts = [("EFI", EFI_MIB), ("MSR", RESERVED_MIB), ("Primary", None)] if uefi else [("Primary", None)]
    for number, (kind, size) in enumerate(parts, 1):
        part = _added(made, "CreatePartition")
        _add(part, "Order", str(number))
        _add(part, "Type", kind)
        _add(part, "Size", str(size)) if size else _add(part, "Extend", "true")
        if kind == "MSR":
            continue
        change = _added(changed, "ModifyPartition")
        _add(change, "Order", str(len(changed)))
        _add(change, "PartitionID", str(number))
        _add(change, "Format", "FAT32" if kind == "EFI" else "NTFS")
        if not uefi:
            _add(change, "Active", "true")
    image = _add(_add(component, "ImageInstall"), "OSImage")
    if wish.edition or not wish.product_key:
        source = _added(_add(image, "InstallFrom"), "MetaData")
        _add(source, "Key", "/IMAGE/NAME" if wish.edition else "/IMAGE/INDEX")
        _add(source, "Value", wish.edition or "1")
    place = _add(image, "InstallTo")
    _add(place, "DiskID", "0")
    _add(place, "PartitionID", str(len(parts)))
    person = _add(component, "UserData")
    _add(person, "AcceptEula", "true")
    if wish.product_key:
        key = _add(person, "ProductKey")
        _add(key, "Key", wish.product_key.get_secret_value().upper())
        _add(key, "WillShowUI", "OnError")


def _first_logon(component: Element, wish: Unattended) -> None:
    welcome = _add(component, "OOBE")
    for tag in ("HideEULAPage", "HideOnlineAccountScreens", "HideWirelessSetupInOOBE"):
        _add(welcome, tag, "true")
    _add(welcome, "ProtectYourPC", "3")
    account = _added(_add(_add(component, "UserAccounts"), "LocalAccounts"), "LocalAccount")
    _add(account, "Name", wish.user or "")
    _add(account, "DisplayName", wish.full_name or wish.user or "")
    _add(account, "Group", "Administrators")
    password = _add(account, "Password")
    secret = wish.password.get_secret_value() if wish.password else ""
    # Not encrypted, but Windows' own form of it, which nobody reads by looking over a shoulder.
    _add(password, "Value", base64.b64encode((secret + "Password").encode("utf-16-le")).decode())
    _add(password, "PlainText", "false")
