"""Which volumes stand on others: linked clones, machines from images, snapshots."""

from __future__ import annotations

import contextlib

from ..hypervisor.hosts import Hosts
from ..hypervisor.volumes import VolumeRow
from ..model.devices import Disk, devices
from ..model.storage import read_volume
from ..model.xml import parse
from ..problems import Problem


class Standing:
    """Looks through all running pools of a host, also where no machine that runs tells of it."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def all(self, host: str) -> dict[str, list[VolumeRow]]:
        """The volumes by the path of the file that they stand on."""
        found, standing = self._hosts.get(host), dict[str, list[VolumeRow]]()
        for pool in found.pools.rows():
            with contextlib.suppress(Problem):  # stopped, or gone in the meantime
                for row, xml in found.volumes.described(pool.uuid) if pool.state == "running" else []:
                    backing = read_volume(xml).backing
                    if backing:
                        standing.setdefault(backing, []).append(row)
        return standing

    def on_disks_of(self, host: str, uuid: str) -> list[str]:
        """Names of the volumes that stand on the disks of a machine."""
        root = parse(self._hosts.get(host).domains.xml(uuid))
        paths = [disk.path for disk in devices(root) if isinstance(disk, Disk) and disk.path]
        standing = self.all(host)
        return sorted(row.name for path in paths for row in standing.get(path, []))
