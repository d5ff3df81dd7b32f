"""Who needs a volume: machines, images that stand on it, other hosts that share its pool. What one needs, stays."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.volumes import VolumeRow
from ...model.moving import PoolPlace, pool_place
from ...model.storage import Volume
from ...model.xml import parse
from ...problems import Problem
from ..inventory.usage import Usage
from .standing import Ground, Standing

UNREACHED = "{0} cannot be asked now: if it has this pool too, whoever uses the files there loses them."


class Guard:
    """Tells of volumes who needs them, and keeps those that somebody needs."""

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self._usage = usage
        self.standing = Standing(hosts, usage)

    def tell(self, host: str, pool: str, described: list[tuple[VolumeRow, str]], volumes: list[Volume]) -> None:
        """Note in the volumes of a pool who needs each."""
        ground = self.standing.lately(host, pool, described)
        written = dict[str, set[str]]()
        for path, names in self._usage.writers(host).items():
            written.setdefault(ground.names.of(ground.volumes.get(path, path)), set()).update(names)
        elsewhere, _unreached = self.elsewhere(host, pool, [row.path for row, _xml in described], lately=True)
        for volume in volumes:
            above = {row.name for row in ground.above(volume.path)}
            volume.used_by = ground.used_by(volume.path)
            volume.written_by = sorted(written.get(ground.names.of(volume.path), ()))
            volume.needed_by = sorted(above.union(elsewhere.get(volume.path, ())))

    def others(self, host: str, pool: str, path: str, but: str | None = None) -> list[str]:
        """Who needs a file in a pool, besides the machine that is named."""
        ground = self.standing.look(host, [path])
        users = {name for name in ground.used_by(path) if name != but}
        elsewhere, _unreached = self.elsewhere(host, pool, [path])
        return sorted(users.union((row.name for row in ground.above(path)), elsewhere.get(path, ())))

    def check_unused(self, volume: Volume, leaving: str | None = None) -> list[str]:
        """Problem `in-use` where anybody but `leaving` needs a volume; else warnings of what nobody can look into."""
        ground = self.standing.look(volume.host)
        users = [name for name in ground.machines(volume.path) if name != leaving]
        if users:
            raise Problem(
                "in-use",
                f"{volume.name} is a disk or medium of {', '.join(users)}.",
                cure="Remove it from there first.",
                used_by=users,
            )
        return self._check(volume, ground)

    def check_bases(self, volume: Volume) -> list[str]:
        """The same, whichever machines of its host use the volume itself."""
        return self._check(volume, self.standing.look(volume.host))

    def _check(self, volume: Volume, ground: Ground) -> list[str]:
        others, unreached = self.elsewhere(volume.host, volume.pool, [volume.path])
        if others:
            detail = f"{volume.name} is a disk or medium of {', '.join(others[volume.path])}."
            raise Problem("in-use", detail, cure="Remove it from there first.")
        above = sorted(row.name for row in ground.above(volume.path))
        if above:
            detail = f"{', '.join(above)} {'stand' if len(above) > 1 else 'stands'} on {volume.name} and would break."
            raise Problem("in-use", detail, cure="Delete them first.", used_by=ground.used_by(volume.path))
        return [*ground.doubts(volume.path), *ground.warnings(), *unreached]

    def check_pool(self, host: str, pool: str) -> list[str]:
        """Problem `in-use` where anybody needs a volume of a pool that is to go with all of them; else warnings."""
        rows, ground = self._hosts.get(host).volumes.rows(pool), self.standing.look(host)
        inside = {ground.names.of(row.path) for row in rows}
        others, unreached = self.elsewhere(host, pool, [row.path for row in rows])
        for row in rows:
            strange = [each.name for each in ground.above(row.path) if ground.names.of(each.path) not in inside]
            needed = sorted({*ground.used_by(row.path), *strange, *others.get(row.path, [])})
            if needed:
                detail = f"{', '.join(needed)} {'need' if len(needed) > 1 else 'needs'} {row.name}."
                raise Problem("in-use", detail, cure="Remove it from there first.", used_by=needed)
        doubts = [told for row in rows for told in ground.doubts(row.path)]
        return [*doubts, *ground.warnings(), *unreached]

    def elsewhere(
        self, host: str, pool: str, paths: Iterable[str], *, lately: bool = False
    ) -> tuple[dict[str, list[str]], list[str]]:
        """What of other hosts needs these files of a shared pool; and a warning for each host that cannot be asked.

        Only of pools that a server offers: of others nobody can tell whether they are the same.
        """
        xml = self._hosts.get(host).pools.xml(pool)
        here, needed, unreached = pool_place(xml), dict[str, list[str]](), list[str]()
        if here.identity is None or parse(xml).find("source/host") is None:
            return {}, []
        for other in self._hosts.all():
            if other.id == host:
                continue
            try:
                for path, names in self._needed_there(other, here, list(paths), lately=lately).items():
                    needed.setdefault(path, []).extend(f"{name} on {other.spec.name}" for name in names)
            except Problem:
                unreached.append(UNREACHED.format(other.spec.name))
        return needed, unreached

    def _needed_there(self, other: Host, here: PoolPlace, paths: list[str], *, lately: bool) -> dict[str, list[str]]:
        found = dict[str, list[str]]()
        for there in map(pool_place, other.pools.running()):
            if there.identity != here.identity:
                continue
            places = {path: _moved(path, here.path, there.path) for path in paths}
            look = self.standing.recent if lately else self.standing.look
            ground = look(other.id, also=places.values())
            for path, place in places.items():
                named = ground.machines(f"{there.name}/{posixpath.basename(place)}")
                strange = [row.path for row in ground.above(place) if not row.path.startswith(f"{there.path}/")]
                names = sorted({*ground.used_by(place), *named, *strange})
                if names:
                    found[path] = names
        return found


def _moved(path: str, folder: str, to: str) -> str:
    """The path that a file in a folder has where that folder is called otherwise."""
    return f"{to}/{path.removeprefix(f'{folder}/')}" if path.startswith(f"{folder}/") else path
