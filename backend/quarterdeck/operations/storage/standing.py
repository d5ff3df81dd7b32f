"""Which volumes stand on others: linked clones, machines from images, snapshots."""

from __future__ import annotations

import base64
import math
import posixpath
import re
import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...hypervisor.shell import run_there
from ...hypervisor.volumes import VolumeRow
from ...model.devices import Disk, devices
from ...model.image import read_qcow2
from ...model.storage import read_volume
from ...model.xml import parse
from ...problems import Problem
from ..inventory.usage import Usage
from .names import Names, names_of

HEAD_BYTES = 4096
"""QEMU writes the name of what an image stands on behind its header, which is shorter."""
READ = 'for f in {}; do [ -f "$f" ] && head -c {} "$f" | base64 -w 0; echo; done'
NO_PATH = re.compile(r"$|[\w+.-]+:")
"""Backing names that are empty here, since they could not be read, or no plain path (QEMU's json:, file:, nbd:)."""
CANNOT_TELL = (
    "{0} has the disk {1}, which lies in no running pool and cannot be read here: if it stands on what is lost by "
    "this, it is lost too."
)
UNSEEN = "Pools that do not run ({0}) are not looked through: an image there that stands on these files is damaged."
SAME_PERHAPS = "{0} names {1}, of which nobody can tell here whether that is {2} by another name: then it is lost too."
LATELY_SECONDS = 60.0


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


@dataclass(frozen=True)
class Ground:
    """Which files of a host stand on which, and who uses them, by whatever names.

    `unknown` are warnings of disks of which nobody can tell what they stand on, each with its machine; `unseen` the
    pools that do not run or do not answer.
    """

    names: Names
    layers: list[tuple[VolumeRow, str]]
    users: dict[str, list[str]]
    volumes: dict[str, str]
    unknown: list[tuple[str, str]]
    unseen: list[str]

    @cached_property
    def _above(self) -> dict[str, list[VolumeRow]]:
        found = dict[str, list[VolumeRow]]()
        for row, below in self.layers:
            found.setdefault(self.names.of(below), []).append(row)
        return found

    @cached_property
    def _machines(self) -> dict[str, set[str]]:
        found = dict[str, set[str]]()
        for path, names in self.users.items():
            found.setdefault(self.names.of(self.volumes.get(path, path)), set()).update(names)
        return found

    def above(self, path: str) -> list[VolumeRow]:
        """The volumes that stand on a file; one in no pool has its path for a name."""
        return list({self.names.of(row.path): row for row in self._above.get(self.names.of(path), [])}.values())

    def machines(self, path: str) -> list[str]:
        """The machines that name a file themselves."""
        return sorted(self._machines.get(self.names.of(path), ()))

    def used_by(self, path: str) -> list[str]:
        """The machines that need a file, also those whose disks only stand on it, however deep."""
        seen, level, found = set[str](), [path], set[str]()
        while level:
            seen |= {self.names.of(each) for each in level}
            found.update(*(self._machines.get(self.names.of(each), ()) for each in level))
            level = [row.path for each in level for row in self.above(each) if self.names.of(row.path) not in seen]
        return sorted(found)

    def below(self, paths: Iterable[str]) -> set[str]:
        """All files on which these stand, however deep."""
        found, own = set[str](), {self.names.of(path) for path in paths}
        level = own
        while level:
            under = {below for row, below in self.layers if self.names.of(row.path) in level} - found
            found |= under
            level = {self.names.of(path) for path in under} - own
        return {path for path in found if self.names.of(path) not in own}

    def doubts(self, path: str, *, but: str | None = None) -> list[str]:
        """Warnings of what may need a file that is to go, where nobody can tell; without those of one machine."""
        users = self.users.items()
        told = [(name, self.volumes.get(used, used)) for used, names in users for name in names if name != but]
        told += [(row.path, below) for row, below in self.layers]
        found = {other: name for name, other in told if self.names.doubted(path, other)}
        return [SAME_PERHAPS.format(name, other, path) for other, name in sorted(found.items())]

    def warnings(self, *, but: str | None = None) -> list[str]:
        """Warnings of what nobody can look into, whatever is to go; without those of the machine that goes with it."""
        unseen = [UNSEEN.format(", ".join(self.unseen))] if self.unseen else []
        return [told for name, told in self.unknown if name != but] + unseen


class Standing:
    """Looks through all running pools of a host, also where no machine that runs tells of it.

    Disks of machines in no running pool are read too where this server has a shell on the host.
    """

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self._usage = usage
        self._seen: dict[str, tuple[float, Ground]] = {}

    def recent(self, host: str, also: Iterable[str] = ()) -> Ground:
        """What it was at the last look, a minute ago at most, but with the machines of now.

        What a list shows costs no calls about other pools that way; who deletes something looks anew.
        """
        at, seen = self._seen.get(host, (-math.inf, None))
        users = self._usage.paths(host)
        if seen and time.monotonic() - at <= LATELY_SECONDS and seen.names.asked.issuperset({*users, *also}):
            return replace(seen, users=users)
        return self.look(host, also)

    def lately(self, host: str, pool: str, described: list[tuple[VolumeRow, str]]) -> Ground:
        """The same with the volumes of a pool of now."""
        own, fresh = {row.path for row, _xml in described}, _layers(described)
        seen = self.recent(host, own.union(below for _row, below in fresh))
        own.update(path for name, path in seen.volumes.items() if name.startswith(f"{pool}/"))
        layers = [(row, below) for row, below in seen.layers if row.path not in own]
        volumes = seen.volumes | {f"{pool}/{row.name}": row.path for row, _xml in described}
        return replace(seen, layers=layers + fresh, volumes=volumes)

    def forget(self, host: str) -> None:
        """Something changed there, so the next list looks anew."""
        self._seen.pop(host, None)

    def look(self, host: str, also: Iterable[str] = ()) -> Ground:
        """What it is now; `also` are further names of files that are asked about."""
        began, found = time.monotonic(), self._hosts.get(host)
        layers, volumes, unseen = list[tuple[VolumeRow, str]](), dict[str, str](), list[str]()
        for pool in found.pools.rows():
            there = _described(found, pool)
            if there is None:
                unseen.append(pool.name)
                continue
            layers += _layers(there)
            volumes |= {f"{pool.name}/{row.name}": row.path for row, _xml in there}
        deeper, unknown = self._in_no_pool(found, {*volumes.values()})
        layers += deeper
        users = self._usage.paths(host)
        layered = (path for row, below in layers for path in (row.path, below))
        names = names_of(found, {*volumes.values(), *users, *layered, *also})
        ground = Ground(names, layers, users, volumes, unknown, unseen)
        self._seen[host] = (began, ground)
        return ground

    def _in_no_pool(self, host: Host, seen: set[str]) -> tuple[list[tuple[VolumeRow, str]], list[tuple[str, str]]]:
        """What disks in no pool stand on, and which of them cannot be read, each with its machine."""
        layers, unknown, seen = list[tuple[VolumeRow, str]](), list[tuple[str, str]](), {*seen}
        level = {} if host.is_test else self._usage.untold(host.id)
        while level := {path: name for path, name in level.items() if path not in seen}:
            seen |= set(level)
            below = {}
            for (path, name), head in zip(level.items(), _heads(host, list(level)), strict=True):
                header = read_qcow2(head)
                backing = header.backing if header else None
                if not head or (backing is not None and NO_PATH.match(backing)):
                    unknown.append((name, CANNOT_TELL.format(name, path)))
                elif backing:
                    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), backing))
                    layers.append((VolumeRow(path, path, path, "file", 0, 0), base))
                    below[base] = name
            level = below
        return layers, unknown

    def of(self, host: str, uuid: str, older: Iterable[str] = ()) -> tuple[Files, Ground]:
        """The files of a machine with those that it had (`older`), and what of others stands on them."""
        found, older = self._hosts.get(host), list(older)
        disks = [each for each in devices(parse(found.domains.xml(uuid))) if isinstance(each, Disk)]
        paths = [(disk, disk.path) for disk in disks if disk.path]
        files = {path for each in found.snapshots.all(uuid) for path in each.files}
        own = files | {path for _disk, path in paths}
        ground = self.look(host, own.union(older))
        below = ground.below(own)
        all_of_them = own.union(older, below)
        mine = {ground.names.of(path) for path in all_of_them}
        strange = {
            path: sorted(row.name for row in ground.above(path) if ground.names.of(row.path) not in mine)
            for path in all_of_them
        }
        above = {path: names for path, names in strange.items() if names}
        return Files(paths, sorted(own - {path for _disk, path in paths}), above, below), ground


def _layers(described: list[tuple[VolumeRow, str]]) -> list[tuple[VolumeRow, str]]:
    """The volumes of a pool that stand on something, and on what."""
    return [(row, backing) for row, xml in described if (backing := read_volume(xml).backing)]


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


def _described(host: Host, pool: PoolRow) -> list[tuple[VolumeRow, str]] | None:
    """The volumes of a pool; None of one that does not run or does not answer."""
    if pool.state not in ("running", "degraded"):
        return None
    try:
        return described(host, pool.uuid)
    except Problem as problem:
        if problem.slug != "timed-out":
            raise
        return None


def described(host: Host, pool: str) -> list[tuple[VolumeRow, str]]:
    """The volumes of a pool; none of one that was stopped or forgotten in the meantime."""
    try:
        return host.volumes.described(pool)
    except Problem as problem:
        if problem.slug not in ("wrong-state", "not-found"):
            raise
        return []
