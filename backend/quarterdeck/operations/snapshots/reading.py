"""A machine with its snapshots as they stand, and what people see of them."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.volumes import VolumeRow
from ...jobs import Job, JobHandle, Jobs
from ...model.chain import Forest, Frozen
from ...model.domain import DomainRow
from ...model.snapshot import Kept, Snapshot, files_of
from ...model.snapshot_choice import SnapshotFacts, SnapshotOptions, facts_of, options
from ...model.storage import is_thin, read_pool, read_volume
from ...model.xml import Element, parse
from ...plan import Change, Plan
from ...problems import Problem
from ..inventory.inventory import Inventory
from ..patience import connected, patiently, reread
from ..storage.lending import Lending
from ..storage.standing import UNSEEN, Standing
from ..storage.states import States


@dataclass(frozen=True)
class Place:
    """Where an image lies: its pool and volume, its format and what it stands on."""

    pool: str
    row: VolumeRow
    format: str
    below: str | None


@dataclass(frozen=True)
class Machine:
    """A machine while an act on its snapshots is planned. `saved` holds secrets."""

    host: Host
    row: DomainRow
    saved: Element
    running: Element | None
    snapshots: list[Kept]
    states: States
    standing: Standing

    @property
    def uuid(self) -> str:
        """Its UUID."""
        return self.row.uuid

    @property
    def name(self) -> str:
        """Its name."""
        return self.row.name

    @property
    def word(self) -> str:
        """What commands call it: its UUID where its name looks like an option."""
        return self.uuid if self.name.startswith("-") else self.name

    @property
    def now(self) -> Element:
        """The definition that counts now."""
        return self.saved if self.running is None else self.running

    @property
    def active(self) -> dict[str, str]:
        """The files that its disks use now, by target."""
        return files_of(self.now)

    def snapshot(self, name: str) -> Kept:
        """One snapshot by name."""
        return one_of(self.snapshots, name)

    def below(self, name: str) -> list[Kept]:
        """The snapshots that grew from one, and it, parents first."""
        found = [self.snapshot(name)]
        for each in found:
            found += [kept for kept in self.snapshots if kept.xml.parent == each.name]
        return found

    @cached_property
    def pools(self) -> dict[str, str]:
        """The running pools of files, by folder."""
        found = {}
        for row in self.host.pools.rows():
            if row.state in ("running", "degraded"):
                facts = read_pool(self.host.pools.xml(row.uuid))
                if facts.path and is_thin(facts.type):
                    found[facts.path.rstrip("/")] = row.name
        return found

    def pool_of(self, path: str) -> str | None:
        """The running pool in whose folder a file lies."""
        return self.pools.get(posixpath.dirname(path))

    @property
    def unseen(self) -> list[str]:
        """A warning where images may stand on its files that nobody sees now."""
        names = [row.name for row in self.host.pools.rows() if row.state not in ("running", "degraded")]
        return [UNSEEN.format(", ".join(names))] if names else []

    def discard(self, path: str, handle: JobHandle) -> None:
        """Delete a file that nothing needs any more; where that cannot be, the job says so and goes on."""
        pool = self.pool_of(path)
        try:
            if pool is None:
                raise Problem("unsupported", "It is in no running pool.")
            reread(self.host, pool)
            self.host.volumes.delete(pool, posixpath.basename(path))
        except Problem as problem:
            if problem.slug != "not-found":
                handle.log(f"{path} is not needed any more but could not be removed: {problem.detail}")

    @cached_property
    def places(self) -> dict[str, Place]:
        """All images in the pools of its disks and snapshots, by path, freshly read."""
        paths = [*self.active.values(), *(path for each in self.snapshots for path in each.frozen.values())]
        found = {}
        for pool in sorted({pool for path in paths if (pool := self.pool_of(path))}):
            with contextlib.suppress(Problem):  # a pool that is busy is taken as last read
                self.host.pools.refresh(pool)
            for row, xml in self.host.volumes.described(pool):
                facts = read_volume(xml)
                found[row.path] = Place(pool, row, facts.format, facts.backing)
        return found

    def place(self, path: str) -> Place:
        """Where a file lies; Problem where no running pool has it."""
        if path not in self.places:
            raise Problem(
                "not-found",
                f"{path} is in no running pool, so Quarterdeck cannot see or remove it.",
                cure="Start the pool of its folder, or make one of it.",
            )
        return self.places[path]

    @cached_property
    def forest(self) -> Forest:
        """The files of its external snapshots."""
        frozen = tuple(Frozen(each.name, each.frozen, each.besides) for each in self.snapshots)
        own = [*self.places, *(path for each in frozen for path in each.files.values()), *self.active.values()]
        ground = self.standing.look(self.host.id, own)  # a linked clone may lie anywhere, and call them otherwise
        called = {ground.names.of(path): path for path in own}
        below: dict[str, str | None] = {row.path: base for row, base in ground.layers}
        below |= {path: place.below for path, place in self.places.items()}
        named = {
            called.get(ground.names.of(path), path): base and called.get(ground.names.of(base), base)
            for path, base in below.items()
        }
        return Forest(named, frozen, self.active)

    @cached_property
    def facts(self) -> SnapshotFacts:
        """What decides which snapshots are possible."""
        pooled = {path for path in self.active.values() if self.host.is_test or self.pool_of(path)}
        return facts_of(self.now, active=self.row.active, pooled=pooled, has={each.kind for each in self.snapshots})


class Machines:
    """Reads machines with their snapshots, and says why nothing can be done to one now."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, lending: Lending, standing: Standing) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._states = States(lending)
        self._standing = standing

    def read(self, host: str, uuid: str) -> Machine:
        """A machine as it stands."""
        found = self._hosts.get(host)
        row = found.domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        saved = parse(found.domains.xml(uuid, secure=True))
        running = parse(found.domains.xml(uuid, live=True, secure=True)) if row.active else None
        return Machine(found, row, saved, running, found.snapshots.all(uuid), self._states, self._standing)

    def change(
        self,
        kind: str,
        machine: Machine,
        user: User,
        plan: Plan,
        work: Callable[[JobHandle], dict[str, Any]],
        params: dict[str, Any],
        *,
        can_cancel: bool = True,
    ) -> Change[Job]:
        """Work on a machine as a plan and the job that does it; Problem `busy` while another one works on it."""

        def apply() -> Job:
            self._refuse_busy(machine)
            return self._jobs.start(
                kind,
                host=machine.host.id,
                target=machine.uuid,
                target_name=machine.name,
                user=user.name,
                work=work,
                can_cancel=can_cancel,
                params=params,
            )

        return Change(plan, apply)

    def _refuse_busy(self, machine: Machine) -> None:
        job = self._jobs.of(machine.host.id, machine.uuid)
        if job or machine.host.domains.is_busy(machine.uuid):
            raise Problem("busy", f"Another job works on {machine.name}.", job=job.id if job else None)

    def ready(self, host: str, uuid: str) -> Machine:
        """A machine whose snapshots may change now."""
        machine = self.read(host, uuid)
        self._refuse_busy(machine)
        if not machine.row.persistent:
            raise Problem("wrong-state", f"{machine.name} is temporary: libvirt forgets it when it stops.")
        if machine.row.has_saved_image:
            raise Problem(
                "wrong-state",
                f"{machine.name} has a saved state, which belongs to its disks as they are now.",
                cure="Start it, or discard the saved state.",
            )
        for disk in machine.now.iterfind("devices/disk"):
            if disk.find("mirror") is not None:
                raise Problem("busy", f"A copy of a disk of {machine.name} is running.", cure="Wait for its end.")
        return machine

    def adopt(self, job: Job, handle: JobHandle) -> Machine:
        """The machine of a job that a restart left running, once its host is connected."""
        host = self._hosts.get(job.host)
        connected(handle, host)
        return patiently(handle, host, lambda: self.read(job.host, job.target))

    def adopt_idle(self, job: Job, handle: JobHandle, words: str, phase: str) -> Machine:
        """The same, once libvirt, which a restart of this service did not stop, is done with it."""
        idle(self.adopt(job, handle), handle, words, phase)
        return self.adopt(job, handle)

    def look_again(self, machine: Machine, *, pools: Iterable[str]) -> None:
        """Read the machine and pools anew after an act: libvirt tells no event."""
        for pool in sorted(set(pools)):
            with contextlib.suppress(Problem):
                machine.host.pools.refresh(pool)
        self._inventory.refresh(machine.host.id, machine.uuid)

    # -- what people see

    def all(self, host: str, uuid: str) -> list[Snapshot]:
        """All snapshots of a machine, oldest first, with what they take on the host."""
        found = self._hosts.get(host)
        kept = found.snapshots.all(uuid)
        paths = {path for each in kept for path in each.files}
        sizes: dict[str, int] = {}
        for path in paths:
            with contextlib.suppress(Problem):
                at = found.volumes.at(path)
                if at:
                    sizes[path] = at[1].allocation
        return [each.view(sizes) for each in kept]

    def one(self, host: str, uuid: str, name: str) -> Snapshot:
        """One snapshot."""
        found = next((each for each in self.all(host, uuid) if each.name == name), None)
        if found is None:
            raise _unknown(name)
        return found

    def options(self, host: str, uuid: str) -> SnapshotOptions:
        """What a new snapshot can be."""
        machine = self.read(host, uuid)
        return options(machine.facts, [each.name for each in machine.snapshots])


def idle(machine: Machine, handle: JobHandle, words: str, phase: str) -> None:
    """Return once its host is connected and libvirt is done with it."""
    connected(handle, machine.host)
    while patiently(handle, machine.host, lambda: machine.host.domains.is_busy(machine.uuid)):
        handle.progress(None, words, phase=phase)
        handle.wait(1)


def one_of(snapshots: list[Kept], name: str) -> Kept:
    """One snapshot by name; Problem `not-found`."""
    found = next((each for each in snapshots if each.name == name), None)
    if found is None:
        raise _unknown(name)
    return found


def _unknown(name: str) -> Problem:
    return Problem("not-found", f"The machine has no snapshot “{name}”.", cure="Look at its snapshots again.")
