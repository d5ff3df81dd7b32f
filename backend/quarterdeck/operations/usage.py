"""Which machines use a file or volume of a host."""

from __future__ import annotations

from ..hypervisor.hosts import Hosts
from ..model.installing import pending
from ..model.xml import parse
from ..problems import Problem


class Usage:
    """Looks through the definitions of all machines of a host."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def paths(self, host: str) -> dict[str, list[str]]:
        """Names of the machines by the paths of their disks, media, kernels and firmware."""
        users: dict[str, list[str]] = {}
        domains = self._hosts.get(host).domains
        for row in domains.rows():
            try:
                definitions = [domains.xml(row.uuid)] + ([domains.xml(row.uuid, live=True)] if row.active else [])
            except Problem:  # removed in the meantime
                continue
            for path in sorted({path for xml in definitions for path in _paths(xml)}):
                users.setdefault(path, []).append(row.name)
        return users

    def macs(self, host: str) -> dict[str, str]:
        """Names of the machines by the MAC addresses of their cards."""
        domains = self._hosts.get(host).domains
        found: dict[str, str] = {}
        for row in domains.rows():
            for mac in parse(domains.xml(row.uuid)).iterfind("devices/interface/mac"):
                found[mac.get("address", "").lower()] = row.name
        return found


def _paths(xml: str) -> set[str]:
    root = parse(xml)
    sources = [source for tag in ("source", "backingStore//source") for source in root.iterfind(f"devices/disk/{tag}")]
    found = {source.get(name) for source in sources for name in ("file", "dev")}
    found |= {root.findtext(f"os/{tag}") for tag in ("kernel", "initrd", "nvram")}
    install = pending(root)
    found.add(install.medium if install else None)
    return {path for path in found if path}
