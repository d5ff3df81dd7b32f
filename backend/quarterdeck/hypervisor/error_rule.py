"""How errors of libvirt of one sort are told."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """How errors of one sort are told. `{0}`, `{1}` in the words are groups of `text`."""

    slug: str
    detail: str
    cure: str | None = None
    code: tuple[int, ...] = ()
    domain: int | None = None
    text: str = ""

    def match(self, code: int, domain: int, raw: str) -> tuple[str, ...] | None:
        """The groups found when the rule fits."""
        if (self.code and code not in self.code) or (self.domain is not None and domain != self.domain):
            return None
        found = re.search(self.text, raw, re.I | re.S)
        return tuple(group or "" for group in found.groups()) if found else None
