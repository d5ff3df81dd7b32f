"""Pools and volumes: what there is, who uses it, making and deleting volumes."""

from __future__ import annotations

import contextlib
import shlex
from typing import Any

from ...hypervisor import links
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...hypervisor.silent import CURE
from ...hypervisor.volumes import VolumeRow
from ...hypervisor.watch import News
from ...jobs import Jobs
from ...model.moving import is_lent
from ...model.pool_acts import PoolAct, refusals_of, wipes_of
from ...model.pool_form import read_settings, type_title
from ...model.storage import (
    NEXT,
    PARTIAL,
    Pool,
    PoolFacts,
    Volume,
    VolumeCreate,
    encrypted,
    formats_of,
    identity,
    is_thin,
    linked_volume_xml,
    read_pool,
    read_volume,
    volume_xml,
    without_marks,
)
from ...model.units import GIB, human_size
from ...model.xml import canonical, digest, parse
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from ...store import Store
from ..changing.changing import here_document
from ..inventory.inventory import Inventory
from ..inventory.usage import Usage
from . import partial
from .guard import Guard
from .pace import Pace
from .rereads import Rereads
from .uploads import Uploads

SHARED_FOLDERS = ("/dev/disk", "/dev/mapper")
"""Where the devices of several pools lie side by side."""


class Storage:
    """The pools and volumes of all hosts."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, store: Store) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._pace = Pace(store)
        self.usage = Usage(hosts, inventory)
        self.guard = Guard(hosts, self.usage)
        self._last: dict[tuple[str, str], Pool] = {}
        self._rereads = Rereads(self._refresh)
        self.uploads = Uploads(jobs)

    def pools(self, host: str) -> list[Pool]:
        """All pools of a host but those that only lend a folder, by name; one that is silent as it was told last."""
        rows = self._hosts.get(host).pools.rows()
        told = [pool for pool in (self._told(host, row) for row in rows) if not is_lent(pool.name, pool.path)]
        self._rereads.listed(host, [pool.uuid for pool in told if pool.state == "running"])
        return sorted(told, key=lambda pool: pool.name)

    def _told(self, host: str, row: PoolRow) -> Pool:
        try:
            told = self._last[host, row.uuid] = self._pool(host, row)
        except Problem as problem:
            last = self._last.get((host, row.uuid))
            if problem.slug != "timed-out" or last is None:
                raise
            return last.model_copy(update={"state": "inaccessible", "active": False, "volumes": None})
        return told

    def pool(self, host: str, pool: str) -> Pool:
        """One pool, with what its thin volumes may still take, and by when it is full."""
        found = self._hosts.get(host)
        row = found.pools.row(pool)
        told = self._pool(host, row)
        if told.active:
            rows = found.volumes.rows(row.uuid)
            shown = without_marks(vol.name for vol in rows)
            told.growth_bytes = sum(max(vol.capacity - vol.allocation, 0) for vol in rows if vol.name in shown)
            told.forecast = self._pace.forecast(host, row)
        return told

    def _pool(self, host: str, row: PoolRow) -> Pool:
        found = self._hosts.get(host)
        text, saved = found.pools.xml(row.uuid), parse(found.pools.xml(row.uuid, saved=True))
        facts, settings = read_pool(text), read_settings(saved)
        active = row.state in ("running", "degraded")
        names = found.volumes.names(row.uuid) if active else None
        return Pool(
            host=host,
            uuid=row.uuid,
            name=row.name,
            type=facts.type,
            type_title=type_title(facts.type),
            state=row.state,
            active=active,
            persistent=row.persistent,
            autostart=row.autostart,
            path=facts.path,
            source=facts.source,
            capacity_bytes=row.capacity,
            allocation_bytes=row.allocation,
            available_bytes=row.available,
            volumes=len(without_marks(names)) if names is not None else None,
            formats=formats_of(facts.type),
            refusals=refusals_of(facts.type),
            wipes=wipes_of(facts.type),
            used_by=self._users(host, row, facts),
            settings=settings.definition() if settings else None,
            changes_pending=active and settings is not None and settings != read_settings(parse(text)),
            etag=digest(identity(saved)),
        )

    def users(self, host: str, pool: str) -> list[str]:
        """The machines whose disks or media lie in a pool, or stand on what does."""
        found = self._hosts.get(host)
        row = found.pools.row(pool)
        users = self._users(host, row, read_pool(found.pools.xml(pool)))
        if row.state not in ("running", "degraded"):
            return users
        ground = self.guard.standing.look(host)
        inside = (ground.used_by(volume.path) for volume in found.volumes.rows(row.uuid))
        return sorted({*users, *(name for names in inside for name in names)})

    def _users(self, host: str, row: PoolRow, facts: PoolFacts) -> list[str]:
        users = self.usage.paths(host)
        folder = (facts.path or "").rstrip("/") + "/"
        own = folder if facts.path and not facts.path.startswith(SHARED_FOLDERS) else ""
        inside = set()
        if not own and row.state == "running":
            inside = {volume.path for volume in self._hosts.get(host).volumes.rows(row.uuid)}
        named = f"{row.name}/"
        return sorted(
            {
                name
                for path, names in users.items()
                if (own and path.startswith(own)) or path in inside or path.startswith(named)
                for name in names
            }
        )

    def refresh_pool(self, host: str, pool: str) -> Change[Pool]:
        """Look anew which volumes a pool has."""
        row = self._hosts.get(host).pools.row(pool)

        def apply() -> Pool:
            self._refresh(host, pool)
            return self.pool(host, pool)

        return Change(Plan(commands=[f"virsh pool-refresh {shlex.quote(row.name)}"]), apply)

    def _refresh(self, host: str, pool: str) -> None:
        """Read it anew; only then libvirt's figures of it are those of now."""
        pools = self._hosts.get(host).pools
        pools.refresh(pool)
        self._pace.note(host, pools.row(pool))

    # -- volumes

    def volumes(self, host: str, pool: str) -> list[Volume]:
        """All volumes of a running pool, by name."""
        row = self.running(host, pool)
        self._rereads.opened(host, row.uuid)
        described = self._hosts.get(host).volumes.described(pool)
        shown = without_marks(volume.name for volume, _xml in described)
        marks = {row.name: row.capacity for row, _xml in described if row.name.startswith(PARTIAL)}
        found = [self._volume(host, row.name, volume, xml, marks) for volume, xml in described if volume.name in shown]
        self.guard.tell(host, row.name, described, found)
        return sorted(found, key=lambda volume: volume.name)

    def volume(self, host: str, pool: str, name: str) -> Volume:
        """One volume."""
        found = next((volume for volume in self.volumes(host, pool) if volume.name == name), None)
        if found is None:
            raise Problem("not-found", f"The pool {pool} has no volume “{name}”.", cure="Refresh the pool.")
        return found

    def _volume(self, host: str, pool: str, row: VolumeRow, xml: str, marks: dict[str, int]) -> Volume:
        facts, place = read_volume(xml), (host, pool, row.name)
        mark, next_mark = marks.get(PARTIAL + row.name), marks.get(PARTIAL + NEXT + row.name)
        return Volume(
            host=host,
            pool=pool,
            name=row.name,
            path=row.path,
            type=row.type,
            format=facts.format,
            capacity_bytes=row.capacity,
            allocation_bytes=row.allocation,
            backing=facts.backing,
            etag=facts.etag,
            encrypted=facts.encrypted,
            secret=facts.secret,
            is_iso=facts.format == "iso" or row.name.lower().endswith(".iso"),
            partial=None if mark is None else self.uploads.came(place, mark),
            replacement=None if next_mark is None else self.uploads.came(place, next_mark),
        )

    def running(self, host: str, pool: str, act: PoolAct | None = None) -> PoolRow:
        """The pool, if it runs; Problem `not-found`, or `wrong-state` with the cure.

        Where an act is named, also `unsupported`, where libvirt's driver of this type of pool lacks it.
        """
        row = self._hosts.get(host).pools.row(pool)
        if row.state == "inaccessible":
            raise Problem("timed-out", f"What the pool {row.name} lies on is silent.", cure=CURE)
        if row.state == "inactive":
            raise Problem("wrong-state", f"The pool {row.name} does not run.", cure="Start the pool first.")
        if act:
            self.check_act(host, pool, act)
        return row

    def check_act(self, host: str, pool: str, act: PoolAct) -> None:
        """Problem `unsupported` where libvirt's driver of this type of pool lacks an act."""
        kind = read_pool(self._hosts.get(host).pools.xml(pool)).type
        if reason := refusals_of(kind).get(act):
            raise Problem("unsupported", reason)

    def create(
        self, host: str, pool: str, request: VolumeCreate, below: Volume | None = None, secret: str | None = None
    ) -> Change[Volume]:
        """A new, empty volume, encrypted where a secret is named; what stands below it must have been checked."""
        row, capacity = self.running(host, pool, "create"), int(request.size_gib * GIB)
        kind = read_pool(self._hosts.get(host).pools.xml(pool)).type
        self.check_free(host, pool, request.name)
        warnings = []
        if request.format not in formats_of(kind):
            raise field_problem("/format", f"A pool of type {kind} holds raw volumes only.")
        if capacity > row.available and (request.allocate or not is_thin(kind)):
            raise no_space("/size_gib", row, capacity)
        if capacity > row.available:
            warnings.append(overcommit(row, capacity))
        xml = volume_xml(request.name, capacity, request.format, allocate=request.allocate)
        if below:
            known = below.format if below.format in ("qcow2", "raw") else "raw"
            xml = linked_volume_xml(request.name, capacity, below.path, known)
        xml = encrypted(xml, secret) if secret else xml
        preallocate = request.allocate and request.format == "qcow2"

        def apply() -> Volume:
            self._hosts.get(host).volumes.create(pool, xml, preallocate=preallocate)
            self.changed(host, row)
            return self.volume(host, pool, request.name)

        words = ["virsh", "vol-create-as", row.name, request.name, str(capacity), "--format", request.format]
        words += ["--allocation", str(capacity if request.allocate else 0)]
        words += ["--backing-vol", below.path, "--backing-vol-format", below.format] if below else []
        whole = " --prealloc-metadata" if preallocate else ""
        command = shlex.join(words) + whole
        if secret:  # vol-create-as has no word for it
            command = here_document(f"virsh vol-create {shlex.quote(row.name)} /dev/stdin{whole}", xml)
        return Change(Plan(xml_diff=added(xml), commands=[command], warnings=warnings), apply)

    def check_free(self, host: str, pool: str, name: str) -> None:
        """Problem `name-taken` where the pool has a volume of this name."""
        if name in self._hosts.get(host).volumes.names(pool):
            taken = FieldError("/name", f"The pool has a volume “{name}” already.")
            raise Problem("name-taken", taken.detail, errors=[taken])

    def delete(self, host: str, pool: str, name: str, *, leaving: str | None = None) -> Change[None]:
        """Delete a volume that no machine uses but one that does without it by then."""
        row, volume = self.running(host, pool, "delete"), self.volume(host, pool, name)
        unknown = self.guard.check_unused(volume, leaving)

        def apply() -> None:
            if volume.partial or volume.replacement:
                self.uploads.stop((host, pool, name))
            if name in self._hosts.get(host).volumes.names(pool):  # else what was stopped took it away itself
                self.remove(host, pool, name)
            self.changed(host, row)

        plan = Plan(
            commands=[shlex.join(["virsh", "vol-delete", "--pool", row.name, name])],
            warnings=[f"{volume.path} is deleted; what it holds is lost.", *unknown],
        )
        return Change(plan, apply)

    def remove(self, host: str, pool: str, name: str) -> None:
        """Delete a volume, with the marker of a cut upload where it has one."""
        partial.remove(self._hosts.get(host), pool, name)
        self.uploads.forget((host, pool, name))

    def changed(self, host: str, row: PoolRow) -> None:
        """Tell everybody that the volumes of a pool changed: libvirt has no event for it."""
        self.guard.standing.forget(host)
        self._inventory.news(News("pool", host, row.uuid, "volumes"))

    def refresh_looked(self, host: str) -> None:
        """Read the pools anew that somebody looks at: libvirt tells nothing of files that come and go."""
        self._rereads.refresh(host)

    def note_day(self, host: str) -> None:
        """Keep how full each pool is where nobody looked at it today, for the forecast."""
        for row in self._hosts.get(host).pools.rows():
            if row.state == "running" and not self._pace.knows_today(host, row):
                self._rereads.read_anew((host, row.uuid))

    def touched(self, host: str, params: dict[str, Any]) -> None:
        """Tell everybody that work in a pool has ended, as far as the pool can be seen."""
        with contextlib.suppress(Problem):
            self.changed(host, self._hosts.get(host).pools.row(params["pool"]))

    def refuse_link(self, host: str, path: str) -> bool:
        """Whether a volume of this server is seen to be no link; Problem `leads-elsewhere` where it is one.

        A link would give away its target.
        """
        return self._hosts.get(host).spec.transport == "local" and links.refuse_link(path) is not None


def added(xml: str) -> str:
    """An XML that is new, as a diff from nothing."""
    return "".join(f"+{line}\n" for line in canonical(xml).splitlines())


def overcommit(row: PoolRow, capacity: int) -> str:
    """The warning for a thin disk that may outgrow its pool."""
    return (
        f"The disk may grow to {human_size(capacity)}, but the pool {row.name} has only "
        f"{human_size(row.available)} left: a machine stops when the pool is full."
    )


def no_space(pointer: str, row: PoolRow, capacity: int) -> Problem:
    """The problem of a disk that cannot fit."""
    detail = f"It needs {human_size(capacity)}, but the pool {row.name} has only {human_size(row.available)} left."
    return Problem("no-space", detail, errors=[FieldError(pointer, detail)])
