"""Which system a medium installs, by its label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .iso import Label
from .records import Medium, Record

META = set("\\^$.|?*+()[]{}")


@dataclass(frozen=True, slots=True)
class Match:
    """One system whose medium has this label."""

    record: Record
    medium: Medium
    guessed_version: str | None = None


def matches(records: Iterable[Record], label: Label) -> list[Match]:
    """Every system that has a medium with this label, the likeliest first."""
    found = [Match(record, medium) for record in records for medium in record.media if fits(medium, label)]
    return sorted(found, key=_rank, reverse=True)


def _rank(match: Match) -> tuple[bool, bool, int, str]:
    """Numbered releases go before the catch-alls, narrow patterns before wide ones, new systems before old."""
    record, medium = match.record, match.medium
    narrow = sum(value is not None for value in (medium.system, medium.publisher, medium.application))
    catch_all = "unknown" in record.id or record.status != "released"
    return medium.size_bytes is not None, not catch_all, narrow, record.released or ""


def fits(medium: Medium, label: Label) -> bool:
    """Whether a medium that the database describes has this label."""
    if medium.size_bytes and medium.size_bytes != label.size_bytes:
        return False
    asked = [
        (medium.volume, label.volume),
        (medium.system, label.system),
        (medium.publisher, label.publisher),
        (medium.application, label.application),
    ]
    patterns = [(pattern, text) for pattern, text in asked if pattern]
    return bool(patterns) and all(_search(pattern, text) for pattern, text in patterns)


def _search(pattern: str, text: str) -> bool:
    start = literal_start(pattern)
    if start and start not in text:
        return False  # compiling all patterns of the database would take most of a second
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def literal_start(pattern: str) -> str:
    """The plain text that everything matched by the pattern contains at its start; empty if none is sure."""
    if "|" in pattern:
        return ""
    start = ""
    for place, character in enumerate(pattern):
        if character in META:
            return start[:-1] if place and character in "?*{" else start
        start += character
    return start


def newer_release(records: Iterable[Record], label: Label) -> Match | None:
    """The newest known sibling of a release that the database does not know yet, with the release's number.

    The numbers in the patterns of each distribution's newest release are loosened: `Debian 13` then also
    recognises a medium called `Debian 14`.
    """
    found = [match for record in newest(records) for match in _loosened(record, label)]
    return max(found, key=lambda match: match.record.released or "", default=None)


def newest(records: Iterable[Record]) -> list[Record]:
    """The newest released entry with media of each distribution."""
    best: dict[str, Record] = {}
    for record in records:
        if record.media and record.released and record.version and record.status == "released":
            known = best.get(record.distro)
            if known is None or numbers(record.version) > numbers(known.version):
                best[record.distro] = record
    return list(best.values())


def _loosened(record: Record, label: Label) -> Iterator[Match]:
    version = r"\\?[._-]".join(re.escape(part) for part in record.version.split(".")) + r"(?!\d)"
    number = r"(?P<version>" + r"\D".join(r"\d+" for _ in numbers(record.version)) + ")"
    for medium in record.media:
        pattern = re.sub(version, "\0", medium.volume or "")
        if "\0" not in pattern:
            continue
        found = re.search(pattern.replace("\0", number, 1).replace("\0", r"\d+"), label.volume)
        if found and numbers(found["version"]) > numbers(record.version):
            yield Match(record, medium, found["version"])


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared: `13.1` is (13, 1)."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def split(name: str) -> tuple[str, str]:
    """A short id without its version, and the version: `debian`, `12`."""
    found = re.fullmatch(r"(.*?)(\d+(?:\.\d+)*)", name)
    return (found[1], found[2]) if found else (name, "")


CODENAMES = {
    "bullseye": "debian11",
    "bookworm": "debian12",
    "trixie": "debian13",
    "bionic": "ubuntu18.04",
    "focal": "ubuntu20.04",
    "jammy": "ubuntu22.04",
    "noble": "ubuntu24.04",
}
"""The releases whose trees or cloud images are called by a name: `jammy-server-cloudimg-amd64.img`."""


def by_tree(names: Mapping[str, Record], url: str) -> Record | None:
    """The system that the address of an installation tree hints at."""
    return by_name(names, url.replace("/", "-"))


def by_name(names: Mapping[str, Record], file_name: str) -> Record | None:
    """The system whose short id is in the name of a file: its word, or the start of it, and its version or name."""
    words = {word for word in re.findall(r"[a-z]+", file_name.lower()) if len(word) > 2}
    named = next((CODENAMES[word] for word in words if word in CODENAMES), None)
    if named:
        return names.get(named)
    versions = set()
    for text in re.findall(r"\d+(?:\.\d+)*", re.sub(r"\.(qcow2|bz2)\b", "", file_name)):
        parts = text.split(".")
        versions |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    found = []
    for short, record in names.items():
        stem, version = split(short)
        if version in versions and any(word == stem or (len(word) > 4 and stem.startswith(word)) for word in words):
            found.append((len(stem), numbers(version), record))
    return max(found, key=lambda each: each[:2])[2] if found else None
