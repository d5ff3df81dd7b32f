"""Sizes and times in the units of libvirt's `unit` attribute."""

from __future__ import annotations

import re

UNITS = {
    "bytes_sec": "bytes/s",
    "iops_sec": "operations/s",
    "kib_s": "KiB/s",
    "kib": "KiB",
    "mib": "MiB",
    "gib": "GiB",
    "mib_s": "MiB/s",
    "ms": "ms",
    "ns": "ns",
    "us": "µs",
    "s": "s",
    "bytes": "bytes",
    "hz": "Hz",
    "bytes_s": "bytes/s",
}
"""Units by the endings of names: the rule of the house puts them there."""
UNIT = re.compile(rf"_({'|'.join(sorted(UNITS, key=len, reverse=True))})(?=_|$)")
GIB = 1 << 30

SECONDS = {"s": 1, "seconds": 1, "minutes": 60, "hours": 3600}
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def unit_of(name: str) -> str:
    """The unit that the name of a value tells; nothing where it tells none."""
    found = UNIT.findall(name)
    return UNITS[found[-1]] if found else ""


def factor(unit: str) -> int:
    """Bytes in one unit: `KiB` and `k` are 1024, `KB` is 1000. Rule of libvirt's `virScaleInteger`. Or seconds."""
    if unit in SECONDS:
        return SECONDS[unit]
    if unit in ("", "b", "B", "bytes"):
        return 1
    base = 1000 if unit[1:] in ("B", "b") else 1024
    power: int = base ** _POWERS[unit[0].upper()]
    return power


def to_unit(number: int, unit: str, wanted: str) -> int:
    """The number in the wanted unit, rounded down."""
    return number * factor(unit) // factor(wanted)


def unsaid(unit: str) -> str:
    """The unit that libvirt means where it says none, of values that have this one here."""
    return "minutes" if unit == "s" else "KiB"


def written(unit: str) -> str:
    """The unit in which such values are written: memory in KiB, small sizes in bytes, times in seconds."""
    return {"B": "B", "s": "seconds"}.get(unit, "KiB")


def human_size(size: int) -> str:
    """The bytes as a person says them: `20 GiB`, `1.5 MiB`."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            return f"{value:.1f}".removesuffix(".0") + f" {unit}"
        value /= 1024
    return ""
