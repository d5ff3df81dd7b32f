"""The parts of a volume that requests bring and ask for (RFC 9110, 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers
from werkzeug.http import parse_if_range_header, parse_range_header, quote_etag

from ...problems import Problem


@dataclass(frozen=True)
class Piece:
    """The part of a volume that a request brings: `length` bytes from `start` of `total`."""

    start: int
    length: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether the volume is whole afterwards."""
        return self.start + self.length == self.total


def piece(length: int | None, content_range: str | None, announced: int | None = None) -> Piece:
    """What a request brings, from its Content-Length and Content-Range (RFC 9110, 14.4).

    `announced` is how much would come, where only the plan is asked for.
    """
    if length is None and announced is None:
        raise Problem("length-required", "The upload does not say how long it is.")
    if content_range is None:
        length = length or announced or 0
        return Piece(0, length, length)
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range)
    start, end, total = (int(number) for number in found.groups()) if found else (0, -2, 0)
    if end - start + 1 != length or end >= total:
        raise Problem("invalid-input", "Content-Range and Content-Length do not fit each other.")
    return Piece(start, length, total)


def asked_range(wanted: Headers, etag: str, size: int) -> tuple[int, int] | None:
    """Where the part that is asked for begins and ends; None for all of it."""
    asked, held = parse_range_header(wanted.get("Range")), parse_if_range_header(wanted.get("If-Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1 or held.date:
        return None
    if held.etag is not None and quote_etag(held.etag) != etag:
        return None
    found = asked.range_for_length(size)
    if found is None:
        raise Problem("no-such-range", f"The volume has {size} bytes, so there is nothing where you ask for more.")
    return found
