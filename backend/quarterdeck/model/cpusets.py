"""Sets of CPUs or nodes as libvirt writes them: `0-3,^2,8`."""

from __future__ import annotations

import re

PART = re.compile(r"(\^)?(\d{1,5})(?:-(\d{1,5}))?")


def members(text: str) -> set[int]:
    """The numbers in a set; none where the text is no set."""
    found: set[int] = set()
    for part in text.split(","):
        match = PART.fullmatch(part.strip())
        if match is None:
            return set()
        first, last = int(match[2]), int(match[3] or match[2])
        numbers = set(range(first, last + 1))
        found = found - numbers if match[1] else found | numbers
    return found


def written(numbers: set[int]) -> str:
    """The shortest text of a set."""
    parts: list[str] = []
    ordered = sorted(numbers)
    for number in ordered:
        if number - 1 in numbers:
            continue
        last = number
        while last + 1 in numbers:
            last += 1
        parts.append(str(number) if last == number else f"{number}-{last}")
    return ",".join(parts)
