"""The names of guest systems in other products, as short ids of the OS database."""

from __future__ import annotations

import re

ANY = "999"
"""Stands for the newest version that is known."""
WINDOWS = {
    "windows7": "win7",
    "windows8": "win8",
    "windows8.1": "win8.1",
    "windows9": "win10",
    "windows10": "win10",
    "windows11": "win11",
    "windows7server": "win2k8r2",
    "windows2008": "win2k8",
    "windows8server": "win2k12",
    "windows8srv": "win2k12",
    "windows2012": "win2k12",
    "windows2012r2": "win2k12r2",
    "windows9server": "win2k16",
    "windows9srv": "win2k16",
    "windows2016": "win2k16",
    "windows2019": "win2k19",
    "windows2019srv": "win2k19",
    "windows2019srvnext": "win2k22",
    "windows2022": "win2k22",
    "windows2022srv": "win2k22",
    "windows2022srvnext": "win2k25",
    "windows2025": "win2k25",
    "windows2025srv": "win2k25",
}
FAMILIES = (
    (r"debian(?:gnulinux)?(\d*)", "debian{}", ANY),
    (r"ubuntu(\d{2})?", "ubuntu{}.04", ANY),
    (r"(?:rhel|redhat(?:enterpriselinux)?)(\d*)", "rhel{}.99", ANY),
    (r"centos(7)", "centos7.{}", "0"),
    (r"centos(?:linux)?(\d*)", "centos{}", ANY),
    (r"fedora(?:linux)?(\d*)", "fedora{}", ANY),
    (r"almalinux(\d*)", "almalinux{}", ANY),
    (r"rocky(?:linux)?(\d*)", "rocky{}", ANY),
    (r"oracle(?:linux)?(\d*)", "ol{}.99", ANY),
    (r"(?:sles|suselinuxenterprise)(\d*)", "sle{}", ANY),
    (r"opensuse(?:leap)?(\d*)", "opensuse{}.99", ANY),
    (r"freebsd(\d*)", "freebsd{}.99", ANY),
    (r"archlinux()", "archlinux", ""),
    (r"alpine(?:linux)?(\d*(?:\.\d+)?)", "alpinelinux{}", ANY),
)


def short_id(name: str) -> str | None:
    """An id near which the system lies that VMware, VirtualBox or a person call this; None for what is unknown."""
    plain = re.sub(r"[-_ (]*64([-_ ]?bit\)?)?$", "", name.lower().removesuffix("guest"))
    plain = re.sub(r"[^a-z0-9.]", "", plain).removeprefix("microsoft").replace("windowsserver", "windows")
    if plain in WINDOWS:
        return WINDOWS[plain]
    for pattern, made, without in FAMILIES:
        found = re.match(pattern, plain)
        if found:
            return made.format(found[1] or without)
    return None
