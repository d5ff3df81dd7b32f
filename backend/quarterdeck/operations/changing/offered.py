"""What a host offers to one machine, for the choices of its forms."""

from __future__ import annotations

import shutil

from ...hypervisor.hosts import Hosts
from ...hypervisor.spec import LOCAL_ID
from ...model.capabilities import CpuModel, DomainCapabilities, read_domain_capabilities
from ...model.definition import describe
from ...model.forms import Offer
from ...model.probes import probes
from ...model.xml import Element
from ...problems import Problem
from .changing import Draft

PROGRAMS = ("passt",)


class Offered:
    """Reads the domain capabilities that fit a machine; the host keeps them by emulator and machine type."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def to(self, draft: Draft) -> Offer:
        """What the host offers to the machine of a draft."""
        return self.machine(draft.host, draft.saved)

    def machine(self, host: str, root: Element) -> Offer:
        """What the host offers to the machine of this definition; no limits where it does not tell."""
        known, facts = self._capabilities(host, root), self._hosts.get(host).capabilities.facts
        lists = {**known.lists, **self._asked(host, known)} if known else {}
        return Offer(lists, facts.libvirt_version or "")

    def _asked(self, host: str, told: DomainCapabilities) -> dict[str, list[str]]:
        """The lists that domain capabilities leave out, word by word."""
        found: dict[str, list[str]] = {}
        for name, word, probe in probes(told.lists, told.arch):
            known = found.setdefault(name, [])
            if self._hosts.get(host).capabilities.knows(word, probe) and self._has_program(host, word):
                known.append(word)
        return found

    def _has_program(self, host: str, word: str) -> bool:
        """Whether the program that a word stands for is there; other hosts cannot be looked into."""
        return word not in PROGRAMS or host != LOCAL_ID or shutil.which(word) is not None

    def cpus(self, host: str, root: Element) -> tuple[list[CpuModel], list[str]]:
        """Models of CPU that QEMU knows for this machine, and flags; none where the host does not tell."""
        known = self._capabilities(host, root)
        return (known.cpu_models, known.cpu_flags) if known else ([], [])

    def _capabilities(self, host: str, root: Element) -> DomainCapabilities | None:
        found, now = self._hosts.get(host).capabilities, describe(root)
        if now.type == "test":
            return None
        try:
            xml = found.domain_xml(emulator=now.emulator, arch=now.arch, machine=now.machine, virt_type=now.type)
        except Problem:  # an emulator that is gone: the definition itself says so
            return None
        return read_domain_capabilities(xml) if xml else None
