"""Which volumes stand on others: linked clones, machines from images, snapshots."""

from __future__ import annotations

import base64
import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.shell import run_there
from ...hypervisor.volumes import VolumeRow
from ...model.devices import Disk, devices
from ...model.image import read_qcow2
from ...model.storage import read_volume
from ...model.xml import parse
from ...problems import Problem
from ..inventory.usage import Usage

HEAD_BYTES = 4096
"""QEMU writes the name of what an image stands on behind its header, which is shorter."""
READ = 'for f in {}; do [ -f "$f" ] && head -c {} "$f" | base64 -w 0; echo; done'
NO_PATH = re.compile(r"$|[\w+.-]+:")
"""Backing names that are empty here, since they could not be read, or no plain path (QEMU's json:, file:, nbd:)."""
CANNOT_TELL = (
    "{0} has the disk {1}, which lies in no running pool and cannot be read here: if it stands on what is lost by "
    "this, it is lost too."
)


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
    """Looks through all running pools of a host, also where no machine that runs tells of it.

    Disks of machines in no running pool are read too where this server has a shell on the host.
    """

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self._usage = usage

    def all(self, host: str) -> dict[str, list[VolumeRow]]:
        """The volumes by the path of the file that they stand on; a file in no pool has its path for a name."""
        return self.look(host)[0]

    def look(self, host: str, *, but: str | None = None) -> tuple[dict[str, list[VolumeRow]], list[str]]:
        """The same, and a warning for each disk of other machines of which nobody can tell what it stands on."""
        found, standing, seen = self._hosts.get(host), dict[str, list[VolumeRow]](), set[str]()
        for pool in found.pools.rows():
            for row, xml in described(found, pool.uuid) if pool.state in ("running", "degraded") else []:
                backing = read_volume(xml).backing
                seen.add(row.path)
                if backing:
                    standing.setdefault(backing, []).append(row)
        unknown = []
        level = {} if found.is_test else self._usage.untold(host)
        while level := {path: name for path, name in level.items() if path not in seen}:
            seen |= set(level)
            below = {}
            for (path, name), head in zip(level.items(), _heads(found, list(level)), strict=True):
                header = read_qcow2(head)
                backing = header.backing if header else None
                if not head or (backing is not None and NO_PATH.match(backing)):
                    unknown += [CANNOT_TELL.format(name, path)] if name != but else []
                elif backing:
                    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), backing))
                    standing.setdefault(base, []).append(VolumeRow(path, path, path, "file", 0, 0))
                    below[base] = name
            level = below
        return standing, unknown

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


def _heads(host: Host, paths: list[str]) -> list[bytes]:
    """The first bytes of each of these files of a host; empty where they cannot be read."""
    script = READ.format(shlex.join(paths), HEAD_BYTES)
    for root in (True, False):
        try:
            heads = [base64.b64decode(line) for line in run_there(host, script, root=root).splitlines()]
        except Problem as problem:
            if problem.slug == "forbidden":
                continue
            break
        except ValueError:  # a shell that says more than it was asked
            break
        if len(heads) == len(paths):
            return heads
    return [b""] * len(paths)


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
