"""What a rule of settings looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .capabilities import DomainCapabilities, HostCapabilities
from .definition import Definition


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field."""

    pointer: str
    detail: str
    cure: str | None = None


@dataclass(frozen=True)
class Site:
    """What the host can, and what of the machine's devices matters here."""

    host: HostCapabilities = field(default_factory=HostCapabilities)
    domain: DomainCapabilities = field(default_factory=lambda: DomainCapabilities(assumed=True))
    shared_folders: bool = False
    serial_lines: bool = True
    threads_in_use: frozenset[int] = frozenset()
    plugged_mib: int = 0
    libvirt: str = ""

    @property
    def cpus(self) -> set[int]:
        """Numbers of the host's CPUs; none where it does not tell."""
        return {cpu.id for node in self.host.nodes for cpu in node.cpus}

    @property
    def nodes(self) -> set[int]:
        """Numbers of the host's NUMA nodes."""
        return {node.id for node in self.host.nodes}


Remark = Fault | str
"""A fault, or a warning in words."""
Given = Mapping[str, Any]
Rule = Callable[[Definition, Given, Site], Iterator[Remark]]
