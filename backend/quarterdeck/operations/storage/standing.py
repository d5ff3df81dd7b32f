"""Which volumes stand on others: linked clones, machines from images, snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.volumes import VolumeRow
from ...model.devices import Disk, devices
from ...model.storage import read_volume
from ...model.xml import parse
from ...problems import Problem


@dataclass(frozen=True)
class Files:
    """The disks of a machine with their paths, the files that its snapshots keep besides, and who stands on which.

    `above` are names of volumes that are not the machine's own, by the path of the file that they stand on; `below`
    are the files on which its disks stand.
    """

    disks: list[tuple[Disk, str]]
    kept: list[str]
    above: dict[str, list[str]]
    below: set[str]


class Standing:
    """Looks through all running pools of a host, also where no machine that runs tells of it."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def all(self, host: str) -> dict[str, list[VolumeRow]]:
        """The volumes by the path of the file that they stand on."""
        found, standing = self._hosts.get(host), dict[str, list[VolumeRow]]()
        for pool in found.pools.rows():
            for row, xml in described(found, pool.uuid) if pool.state in ("running", "degraded") else []:
                backing = read_volume(xml).backing
                if backing:
                    standing.setdefault(backing, []).append(row)
        return standing

    def of(self, host: str, uuid: str, older: Iterable[str] = ()) -> Files:
        """The files of a machine with those that it had (`older`), and what of others stands on them."""
        found = self._hosts.get(host)
        disks = [each for each in devices(parse(found.domains.xml(uuid))) if isinstance(each, Disk)]
        paths = [(disk, disk.path) for disk in disks if disk.path]
        files = {path for each in found.snapshots.all(uuid) for path in each.files}
        own, standing = files | {path for _disk, path in paths}, self.all(host)
        below = _below(own, standing)
        mine = own.union(older, below)
        above = {
            path: sorted(other.name for other in others if other.path not in mine)
            for path, others in standing.items()
            if path in mine
        }
        return Files(paths, sorted(own - {path for _disk, path in paths}), above, below)


def described(host: Host, pool: str) -> list[tuple[VolumeRow, str]]:
    """The volumes of a pool; none of one that was stopped or forgotten in the meantime."""
    try:
        return host.volumes.described(pool)
    except Problem as problem:
        if problem.slug not in ("wrong-state", "not-found"):
            raise
        return []


def _below(paths: set[str], standing: Mapping[str, Sequence[VolumeRow]]) -> set[str]:
    """All files on which these stand, however deep."""
    found = {base for base, others in standing.items() if any(other.path in paths for other in others)} - paths
    return found | _below(paths | found, standing) if found else found
