"""What a host makes of names. libvirt's API does not tell it; a shell there asks the system's own resolver."""

from __future__ import annotations

import re
import shlex

from ..problems import Problem
from .host import Host
from .shell import run_there

SECONDS = 4
GOOD_ENDS = ("0", "2", "124")
"""How `getent` ends with an answer and where nobody knows the name, and `timeout` where no answer came in time."""


def addresses(host: Host, *names: str) -> dict[str, list[str]]:
    """The addresses that a host finds for each name, maybe none; a name is left out where the host cannot be asked."""
    asked = "; ".join(f"timeout {SECONDS} getent ahosts -- {shlex.quote(name)}; echo =$?" for name in names)
    try:
        told = re.findall(r"(.*?)=(\d+)\n", run_there(host, asked), re.DOTALL) if names else []
    except Problem:
        return {}
    return {
        name: list(dict.fromkeys(line.split()[0] for line in text.splitlines() if line.strip()))
        for name, (text, end) in zip(names, told, strict=False)
        if end in GOOD_ENDS
    }
