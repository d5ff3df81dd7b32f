"""Volumes that are there: resized, copied, wiped; on what they stand, and which of them nobody uses."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...jobs import Job, JobHandle, Jobs
from ...model.devices import Disk, devices
from ...model.pool_acts import wipes_of
from ...model.storage import (
    Backing,
    Volume,
    VolumeClone,
    VolumeCreate,
    VolumePatch,
    VolumeWipe,
    formats_of,
    is_thin,
    read_pool,
    read_volume,
)
from ...model.units import GIB, human_size
from ...model.xml import dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem, at_field, field_problem
from ..changing.changing import changed_meanwhile
from ..changing.definitions import DefinitionText
from ..patience import connected
from .copying import COPIED, SHARED, Copier, remove
from .disk_copies import DiskCopy, Origin
from .encrypted import EncryptedVolumes
from .images import Images
from .storage import Storage, no_space, overcommit
from .wiping import await_zeros

CLONE, WIPE = "volume-clone", "volume-wipe"
SECTOR = 512
DEEPEST = 64


@dataclass(frozen=True)
class RunningDisk:
    """A disk of a machine that runs."""

    uuid: str
    machine: str
    target: str


class VolumeActs:
    """What can be done with the volumes of all hosts."""

    def __init__(self, hosts: Hosts, storage: Storage, jobs: Jobs) -> None:
        self._hosts = hosts
        self._storage = storage
        self._jobs = jobs
        self._images = Images(hosts, storage)
        self.encrypted = EncryptedVolumes(hosts, storage, jobs)
        jobs.adopt(CLONE, self._adopt_clone)
        jobs.adopt(WIPE, self._adopt_wipe)

    def text(self, host: str, pool: str, name: str) -> DefinitionText:
        """What libvirt knows of a volume, as XML."""
        volume = self._storage.volume(host, pool, name)
        return DefinitionText(xml=dump(parse(self._hosts.get(host).volumes.xml(pool, name))) + "\n", etag=volume.etag)

    def unused(self, host: str) -> list[Volume]:
        """The disk images of all running pools that no machine uses and that can be deleted, without media."""
        pools = [pool for pool in self._storage.pools(host) if pool.active and "delete" not in pool.refusals]
        self._storage.guard.standing.look(host)
        found = [volume for pool in pools for volume in self._storage.volumes(host, pool.name)]
        return [
            volume
            for volume in found
            if not (volume.used_by or volume.needed_by or volume.is_iso or volume.partial or volume.type == "dir")
        ]

    def chain(self, host: str, pool: str, name: str) -> list[Backing]:
        """The volume, and what it stands on, down to the ground. What lies in no pool ends the view."""
        found, volumes = self._hosts.get(host), self._hosts.get(host).volumes
        links: list[Backing] = []
        at: tuple[str, str] | None = (found.pools.row(pool).name, name)
        while at and len(links) < DEEPEST:
            row, facts = volumes.row(*at), read_volume(volumes.xml(*at))
            link = Backing(
                path=row.path,
                pool=at[0],
                volume=at[1],
                format=facts.format,
                capacity_bytes=row.capacity,
                allocation_bytes=row.allocation,
            )
            if link in links:
                break
            links.append(link)
            below = volumes.kept_at(facts.backing) if facts.backing else None
            at = (below[0], below[1].name) if below else None
            if facts.backing and not below:
                links.append(Backing(path=facts.backing))
        return links

    def create(self, host: str, pool: str, body: VolumeCreate) -> Change[Volume]:
        """A new volume: empty, or holding only what will differ from another one of the host."""
        if body.backing is None:
            return self._storage.create(host, pool, body)
        with at_field("/backing/pool" if body.backing.pool else "/backing/volume"):
            self._storage.running(host, body.backing.pool or pool)
        with at_field("/backing/volume"):
            below = self._storage.volume(host, body.backing.pool or pool, body.backing.volume)
        if below.encrypted:
            raise field_problem("/backing", f"{below.name} is encrypted, so nothing stands on it here.")
        if body.format != "qcow2":
            raise field_problem("/format", "Only qcow2 can stand on another image.")
        if body.allocate:
            raise field_problem("/allocate", "It takes space only for what differs.")
        if int(body.size_gib * GIB) < below.capacity_bytes:
            raise field_problem("/size_gib", f"{below.name} has {human_size(below.capacity_bytes)}.")
        self._images.check(host, below.pool, below.name, below.format)
        return self._storage.create(host, pool, body, below)

    # -- resizing

    def resize(self, host: str, pool: str, name: str, body: VolumePatch, if_match: str | None) -> Change[Volume]:
        """Another size; smaller only where that is said, since the end of the data is cut off."""
        row, volume = self._storage.running(host, pool), self._storage.volume(host, pool, name)
        if if_match not in (None, "*", volume.etag):
            raise changed_meanwhile(name)
        size = -(-int(body.size_gib * GIB) // SECTOR) * SECTOR
        self._storage.check_act(host, pool, "resize")
        shrinks = size < volume.capacity_bytes
        if shrinks and not body.shrink:
            raise field_problem("/shrink", "It would get smaller, and lose what lies beyond.", cure="Say shrink=true.")
        disk = self._running_disk(host, volume)
        if disk and shrinks:
            raise field_problem("/size_gib", f"{disk.machine} uses it: it gets smaller only while that is off.")
        doubts = self._storage.guard.check_bases(volume)
        if not disk and volume.encrypted and not volume.secret:
            cure = "Define its secret first (virsh secret-define), for the usage volume with its path."
            raise Problem("unsupported", f"{name} is encrypted, and libvirt does not know its passphrase.", cure=cure)
        warnings = doubts if shrinks else []
        if shrinks:
            lost = human_size(volume.capacity_bytes - size)
            warnings.append(f"The last {lost} of the disk are cut off: shrink the file system in the guest first.")
        elif size - volume.capacity_bytes > row.available:
            if not is_thin(read_pool(self._hosts.get(host).pools.xml(pool)).type):
                raise no_space("/size_gib", row, size - volume.capacity_bytes)
            warnings.append(overcommit(row, size))

        def apply() -> Volume:
            if disk:
                self._hosts.get(host).domains.block_resize(disk.uuid, disk.target, size)
            else:
                self._hosts.get(host).volumes.resize(pool, name, size, shrink=shrinks)
            self._storage.changed(host, row)
            return self._storage.volume(host, pool, name)

        words = ["virsh", "vol-resize", "--pool", row.name, name, f"{size}B", *(["--shrink"] if shrinks else [])]
        if disk:
            words = ["virsh", "blockresize", disk.machine, disk.target, f"{size}B"]
            warnings.append(f"{disk.machine} runs and sees the new size at once; its guest must use it by itself.")
        effects = [Effect(field="size_gib", when="live")]
        return Change(Plan(commands=[shlex.join(words)], effects=effects, warnings=warnings), apply)

    def _running_disk(self, host: str, volume: Volume) -> RunningDisk | None:
        """The disk of the one machine that runs and writes the volume, which QEMU then resizes; None while it is off.

        Problem `in-use` where it would change below several, or below one that only stands on it.
        """
        found = self._hosts.get(host)
        on = [row for row in found.domains.rows() if row.active and row.name in volume.used_by]
        if len(on) == 1 and on[0].name in volume.written_by and not found.is_test:
            running = devices(parse(found.domains.xml(on[0].uuid, live=True)))
            for disk in running:
                if isinstance(disk, Disk) and disk.path == volume.path:
                    return RunningDisk(on[0].uuid, on[0].name, disk.target)
        self._check_off(host, volume)
        return None

    def _check_off(self, host: str, volume: Volume) -> None:
        """Problem `in-use` where a running machine would see its disk change below it, `leads-elsewhere` for a link."""
        self._storage.refuse_link(host, volume.path)
        on = {row.name for row in self._hosts.get(host).domains.rows() if row.active}
        users = sorted(on.intersection(volume.used_by))
        if users:
            raise Problem(
                "in-use",
                f"{volume.name} is used by {', '.join(users)}, which is on.",
                cure="Change the size at the disk of the machine, or shut the machine down first.",
                used_by=users,
            )

    # -- copying

    def clone(self, host: str, pool: str, name: str, body: VolumeClone, user: User) -> Change[Job]:
        """A full copy under another name, in the same pool or another one of the host."""
        row, volume = self._storage.running(host, pool), self._storage.volume(host, pool, name)
        to = body.pool or row.name
        with at_field("/pool"):
            target = self._storage.running(host, to, "copy")
        self._storage.check_free(host, to, body.name)
        if volume.partial:
            raise Problem("wrong-state", f"{name} is not complete.", cure="End its upload first.")
        self._check_off(host, volume)
        if volume.type == "file":
            self._images.check(host, pool, name, volume.format)
        copy = self._copy(host, volume, target, body)
        needed = volume.capacity_bytes if copy.block else volume.allocation_bytes
        if needed > target.available:
            raise no_space("/pool", target, needed)
        words = ["virsh", "vol-clone", "--pool", row.name, name, body.name]
        if to != row.name or copy.format != volume.format:
            words = ["virsh", "vol-create-from", to, "/dev/stdin", name, "--inputpool", row.name]
        warnings = []
        if volume.encrypted:
            known = f", libvirt's secret {volume.secret}" if volume.secret else ""
            warnings.append(f"The copy opens with the same passphrase{known}.")
        plan = Plan(commands=[shlex.join(words)], effects=[Effect(field="volume", when="live")], warnings=warnings)
        return Change(plan, lambda: self._start(CLONE, host, target, body.name, user, partial(self._run, host, copy)))

    def _copy(self, host: str, volume: Volume, target: PoolRow, body: VolumeClone) -> DiskCopy:
        found = self._hosts.get(host)
        kind = read_pool(found.pools.xml(target.name)).type
        offered = formats_of(kind)
        known = volume.format if volume.format in offered else "raw" if volume.format in ("iso", "unknown") else None
        form = body.format or known or offered[0]
        if form not in offered:
            raise field_problem("/format", f"A pool of type {kind} holds raw volumes only.")
        same = form == volume.format or volume.format in ("iso", "unknown")
        block = "qcow2" not in offered
        if volume.encrypted and (block or not same):
            raise field_problem("/format", "What is encrypted is copied as it is, into files only.")
        stream = same and volume.type == "file" and not block and not volume.backing and not found.is_test
        origin = Origin(
            pool=volume.pool,
            volume=volume.name,
            path=volume.path,
            format=volume.format,
            block=volume.type == "block",
            capacity=volume.capacity_bytes,
            allocation=volume.allocation_bytes,
            backing=volume.backing,
            encrypted=volume.encrypted,
        )
        copy = DiskCopy(volume.name, "copy", origin, target.name, body.name, "", form, block, "libvirt")
        return replace(copy, way="stream") if stream else copy

    def _run(self, host: str, copy: DiskCopy, handle: JobHandle) -> dict[str, Any]:
        found = self._hosts.get(host)
        handle.undo.callback(remove, found, copy.pool, copy.name, handle)
        shares = Copier(found, handle, [copy]).copy(copy, 1.0)
        handle.log(SHARED if shares else COPIED)
        self._storage.changed(host, found.pools.row(copy.pool))
        return {"pool": copy.pool, "volume": copy.name, "shares_blocks": shares}

    def _adopt_clone(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> None:
        """After a restart: what was copied by then is no whole volume, so it goes."""
        found = self._hosts.get(job.host)
        connected(handle, found)
        remove(found, params["pool"], params["volume"], handle)
        raise Problem("interrupted", "Quarterdeck was restarted during the copy. What there was of it was removed.")

    # -- wiping

    def wipe(self, host: str, pool: str, name: str, body: VolumeWipe, user: User) -> Change[Job]:
        """Overwrite all data of a volume that no machine uses."""
        row, volume = self._storage.running(host, pool), self._storage.volume(host, pool, name)
        unknown = self._storage.guard.check_unused(volume)
        self._storage.check_act(host, pool, "wipe")
        self._storage.refuse_link(host, volume.path)
        offered = wipes_of(read_pool(self._hosts.get(host).pools.xml(pool)).type)
        if body.algorithm not in offered:
            raise field_problem("/algorithm", f"Volumes of such a pool are wiped by {' or '.join(offered)} only.")
        words = ["virsh", "vol-wipe", "--pool", row.name, name, "--algorithm", body.algorithm]
        warnings = [self._what_wiping_does(host, volume, body.algorithm), *unknown]
        if volume.encrypted:
            warnings.append("Afterwards it is not encrypted any more.")
        if volume.format != "raw":
            warnings.append(f"Its {volume.format} format goes too: afterwards it is raw zeros, not an empty image.")
        plan = Plan(commands=[shlex.join(words)], effects=[Effect(field="volume", when="live")], warnings=warnings)

        def work(handle: JobHandle) -> dict[str, str]:
            handle.can_cancel(False)
            handle.progress(None, f"Overwriting {name}", phase="wipe")
            self._hosts.get(host).volumes.wipe(pool, name, body.algorithm)
            self._storage.changed(host, row)
            return {"pool": row.name, "volume": name}

        return Change(plan, lambda: self._start(WIPE, host, row, name, user, work, algorithm=body.algorithm))

    def _what_wiping_does(self, host: str, volume: Volume, algorithm: str) -> str:
        if algorithm == "zero" and self._is_thin(host, volume):
            # storageBackendVolZeroSparseFileLocal cuts it to nothing, and lets it grow again
            return (
                f"All that {volume.path} holds is lost, but not overwritten: the file has holes, so libvirt only gives "
                "its blocks back. They can be read from the host's disk until something else is written there. Random "
                "data is written over them."
            )
        return f"All that {volume.path} holds is overwritten and cannot be brought back."

    def _is_thin(self, host: str, volume: Volume) -> bool:
        found = self._hosts.get(host)
        if volume.type != "file" or found.is_test:
            return False
        return volume.allocation_bytes < found.volumes.physical(volume.pool, volume.name)

    def _adopt_wipe(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, str]:
        """After a restart: libvirt goes on by itself, so what it wrote is looked at until all of it is zero.

        Nothing is overwritten anew: since then somebody may have filled the volume again.
        """
        found = self._hosts.get(job.host)
        connected(handle, found)
        handle.can_cancel(False)
        pool, name = params["pool"], params["volume"]
        handle.progress(None, f"libvirt goes on overwriting {name}", phase="wipe")
        if params["algorithm"] != "zero" or not await_zeros(found, pool, name, handle):
            words = f"Quarterdeck was restarted meanwhile, so nobody knows whether all of {name} was overwritten."
            raise Problem("interrupted", words, cure="Wipe it again if its data must be gone.")
        self._storage.changed(job.host, found.pools.row(pool))
        return {"pool": pool, "volume": name}

    def _start(
        self, kind: str, host: str, row: PoolRow, name: str, user: User, work: Callable[[JobHandle], Any], **params: str
    ) -> Job:
        return self._jobs.start(
            kind,
            host=host,
            target=f"{row.name}/{name}",
            target_name=name,
            user=user.name,
            work=work,
            params={"pool": row.name, "volume": name, **params},
        )
