"""Which machines use a file or volume of a host."""

from __future__ import annotations

import posixpath
import threading
from dataclasses import dataclass

from ...hypervisor.hosts import Hosts
from ...model.devices import Disk, HostDev, Interface, Vsock, devices
from ...model.installing import pending
from ...model.network_view import Nic, nics
from ...model.template import Origin, origin_of
from ...model.xml import Element, parse
from ...problems import Problem
from .inventory import Inventory

SOURCES = ("devices/disk/source", "devices/disk/backingStore//source", "devices/filesystem/source", "os/nvram/source")
FILES = ("os/kernel", "os/initrd", "os/dtb", "os/loader", "os/nvram", "os/acpi/table", "devices/memory/source/path")


@dataclass(frozen=True)
class _Uses:
    """What one machine uses, as of the definitions that `version` names."""

    version: tuple[str, str]
    paths: frozenset[str]
    written: frozenset[str]
    macs: frozenset[str]
    cids: frozenset[int]
    host_devices: frozenset[str]
    untold: frozenset[str]
    nics: tuple[Nic, ...] = ()
    origin: Origin | None = None


class Usage:
    """Looks through the definitions of all machines of a host, and reads again only those that changed."""

    def __init__(self, hosts: Hosts, inventory: Inventory) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], _Uses] = {}

    def paths(self, host: str) -> dict[str, list[str]]:
        """Names of the machines by the paths of their disks, snapshots, media, kernels and firmware.

        A disk that names its pool and volume instead stands as `POOL/VOLUME`, which no path looks like.
        """
        users: dict[str, list[str]] = {}
        for name, uses in self._all(host):
            for path in uses.paths:
                users.setdefault(path, []).append(name)
        return users

    def writers(self, host: str) -> dict[str, list[str]]:
        """The same of the disks that they write, without what those stand on."""
        users: dict[str, list[str]] = {}
        for name, uses in self._all(host):
            for path in uses.written:
                users.setdefault(path, []).append(name)
        return users

    def untold(self, host: str) -> dict[str, str]:
        """A machine by the path of each file of its disks of which its definition does not say what it stands on."""
        return {path: name for name, uses in self._all(host) for path in uses.untold}

    def macs(self, host: str) -> dict[str, str]:
        """Names of the machines by the MAC addresses of their cards."""
        return {mac: name for name, uses in self._all(host) for mac in uses.macs}

    def nics(self, host: str) -> list[tuple[str, Nic]]:
        """Every machine's cards; of a running machine those that it has now, and where it will have them otherwise."""
        return [(name, nic) for name, uses in self._all(host) for nic in uses.nics]

    def cids(self, host: str) -> dict[int, list[str]]:
        """Names of the machines by the context ids of their vsocks."""
        users: dict[int, list[str]] = {}
        for name, uses in self._all(host):
            for cid in uses.cids:
                users.setdefault(cid, []).append(name)
        return users

    def host_devices(self, host: str) -> dict[str, list[str]]:
        """Names of the machines by the devices of the host that they are given."""
        users: dict[str, list[str]] = {}
        for name, uses in self._all(host):
            for key in uses.host_devices:
                users.setdefault(key, []).append(name)
        return users

    def made_of(self, host: str, uuid: str) -> dict[int, list[str]]:
        """Names of the machines that were made of a template, by its version."""
        made: dict[int, list[str]] = {}
        for name, uses in self._all(host):
            if uses.origin and uses.origin.uuid == uuid:
                made.setdefault(uses.origin.version, []).append(name)
        return made

    def _all(self, host: str) -> list[tuple[str, _Uses]]:
        """The machines by name. One that cannot be read now counts as it was read last, or what it uses seems free."""
        found, versions = [], self._inventory.versions(host)
        with self._lock:
            for gone in [key for key in self._known if key[0] == host and key[1] not in versions]:
                del self._known[gone]
            for uuid, (name, version) in sorted(versions.items(), key=lambda item: item[1]):
                uses = self._known.get((host, uuid))
                if uses is None or uses.version != version:
                    try:
                        uses = self._known[host, uuid] = self._read(host, uuid, version)
                    except Problem as problem:
                        if problem.slug == "not-found":  # removed in the meantime
                            continue
                        if uses is None:
                            raise
                found.append((name, uses))
        return found

    def _read(self, host: str, uuid: str, version: tuple[str, str]) -> _Uses:
        domains = self._hosts.get(host).domains
        definitions = [domains.xml(uuid)] + ([domains.xml(uuid, live=True)] if version[1] else [])
        roots = [parse(xml) for xml in definitions]
        row = self._inventory.facts(host, uuid).row
        snapshots = self._hosts.get(host).snapshots.all(uuid) if row.snapshots else []
        frozen = {path for kept in snapshots for path in kept.files}
        known = [device for root in roots for device in devices(root)]
        return _Uses(
            version,
            paths=frozenset(frozen.union(*(_paths(root) for root in roots))),
            written=frozenset(
                disk.path or f"{disk.source.pool}/{disk.source.volume}"
                for disk in known
                if isinstance(disk, Disk) and disk.content and not disk.readonly
            ),
            macs=frozenset(device.mac.lower() for device in known if isinstance(device, Interface) and device.mac),
            cids=frozenset(device.cid for device in known if isinstance(device, Vsock) and device.cid),
            host_devices=frozenset(key for each in known if isinstance(each, HostDev) and (key := each.identity)),
            untold=frozenset(_layered(roots, told=False) - _layered(roots, told=True)),
            origin=origin_of(roots[0]),
            nics=_nics(roots),
        )


def _nics(roots: list[Element]) -> tuple[Nic, ...]:
    """The cards of a definition as saved and as it runs; one that is in both alike stands as it runs."""
    found = [nic for place, root in enumerate(roots) for nic in nics(root, live=place > 0)]
    return tuple({(nic.mac, nic.network, nic.bridge, nic.filter): nic for nic in found}.values())


def _layered(roots: list[Element], *, told: bool) -> set[str]:
    """The files of disks that are not raw and whose definition says what is below them, or does not."""
    disks = [disk for root in roots for disk in root.iterfind("devices/disk")]
    layered = [disk for disk in disks for driver in disk.iterfind("driver") if driver.get("type", "raw") != "raw"]
    asked = [disk for disk in layered if (disk.find("backingStore") is not None) is told]
    return {path for disk in asked for source in disk.iterfind("source") if (path := source.get("file"))}


def _paths(root: Element) -> set[str]:
    sources = [source for place in SOURCES for source in root.iterfind(place)]
    found = {source.get(name) for source in sources for name in ("file", "dev", "dir")}
    found |= {f"{source.get('pool')}/{source.get('volume')}" for source in sources if source.get("volume")}
    found |= {root.findtext(place) for place in FILES}
    install = pending(root)
    found |= {install.medium, *install.passing} if install else set()
    paths = {path for path in found if path}
    return paths | {posixpath.normpath(path) for path in paths}
