"""Which disks a move takes along, and where they go."""

from __future__ import annotations

from dataclasses import dataclass

from ...hypervisor.host import Host
from ...model.moving import MovedDisk, MovedMachine, moved_machine, pool_identity
from ...model.storage import read_pool
from ...model.units import human_size
from ...problems import FieldError, Problem
from .request import MigrationRequest


@dataclass(frozen=True)
class PoolPlace:
    """A running pool with the folder it stands on. `identity` is None for storage of one host alone."""

    name: str
    path: str
    identity: tuple[str, ...] | None
    available: int


@dataclass(frozen=True)
class Copy:
    """One disk that is copied. `pool` None: the destination has no pool for the folder, so one is lent to it."""

    target: str
    path: str
    new_path: str
    pool: str | None
    size: int
    existed: bool

    @property
    def folder(self) -> str:
        """The folder at the destination."""
        return self.new_path.rsplit("/", 1)[0]

    @property
    def name(self) -> str:
        """The file's name there."""
        return self.new_path.rsplit("/", 1)[1]


def pool_places(host: Host) -> list[PoolPlace]:
    """All running pools of a host."""
    found = []
    for row in host.pools.rows():
        if row.state in ("running", "degraded"):
            xml = host.pools.xml(row.uuid)
            path = (read_pool(xml).path or "").rstrip("/")
            found.append(PoolPlace(row.name, path, pool_identity(xml), row.available))
    return found


def place_of(disk: MovedDisk, places: list[PoolPlace]) -> PoolPlace | None:
    """The pool whose folder holds a disk."""
    return next((place for place in places if place.path and place.path == disk.folder), None)


def is_shared(disk: MovedDisk, here: list[PoolPlace], there: list[PoolPlace]) -> bool:
    """Whether both hosts see the same content at the disk's path, as far as pools tell."""
    if disk.network:
        return True
    mine, theirs = place_of(disk, here), place_of(disk, there)
    return bool(mine and theirs and mine.identity is not None and mine.identity == theirs.identity)


def copies_of(source: Host, destination: Host, machine: MovedMachine, request: MigrationRequest) -> list[Copy]:
    """The disks to copy; none when all are shared or the request does not ask for it."""
    if request.storage == "shared" or request.mode == "offline":
        return []
    here, there = pool_places(source), pool_places(destination)
    chosen = None
    if request.pool:
        chosen = next((place for place in there if place.name == request.pool), None)
        if chosen is None:
            fault = FieldError("/pool", f"{destination.spec.name} has no running pool “{request.pool}”.")
            raise Problem("invalid-input", fault.detail, errors=[fault])
    data = [disk for disk in machine.disks if disk.is_data and not is_shared(disk, here, there)]
    if request.storage == "incremental":
        return [_overlay(source, destination, machine, disk, chosen or place_of(disk, there)) for disk in data]
    return [_copy(source, destination, machine, disk, chosen or place_of(disk, there), chosen) for disk in data]


def _overlay(source: Host, destination: Host, machine: MovedMachine, disk: MovedDisk, place: PoolPlace | None) -> Copy:
    """A disk of which only what lies above its base goes over; libvirt needs base and overlay to be there already."""
    path = f"{place.path}/{disk.name}" if place else disk.path or ""
    if destination.volumes.at(path) is None:
        raise Problem(
            "libvirt-refused",
            f"{destination.spec.name} has no {path} in a running pool; an incremental move needs the base image and "
            "an overlay of the same name there.",
            cure="Make them there and refresh the pool, or copy the whole disks (storage: copy).",
        )
    size = source.domains.block_size(machine.uuid, disk.target)
    return Copy(disk.target, disk.path or "", path, place.name if place else None, size, existed=True)


def _copy(
    source: Host,
    destination: Host,
    machine: MovedMachine,
    disk: MovedDisk,
    place: PoolPlace | None,
    chosen: PoolPlace | None,
) -> Copy:
    path = disk.path or ""
    new_path = f"{chosen.path}/{disk.name}" if chosen else path
    size = source.domains.block_size(machine.uuid, disk.target)
    existed = destination.volumes.at(new_path) is not None
    if existed and not _is_its_own(destination, machine.uuid, new_path):
        raise Problem(
            "name-taken",
            f"{destination.spec.name} has a file {new_path} already, which is not this machine's.",
            cure="Choose another pool for the copies, or rename or delete that file.",
        )
    if place and not existed and size > place.available:
        raise Problem(
            "no-space",
            f"{disk.target} has {human_size(size)}; the pool {place.name} has {human_size(place.available)} free.",
            cure="Free space there, or choose another pool for the copies.",
        )
    return Copy(disk.target, path, new_path, place.name if place else None, size, existed)


def _is_its_own(destination: Host, uuid: str, path: str) -> bool:
    """Whether the file belongs to the same machine's earlier stay on that host, when it is off there."""
    row = destination.domains.row(uuid)
    if row is None or row.active:
        return False
    return any(disk.path == path for disk in moved_machine(destination.domains.xml(uuid)).disks)
