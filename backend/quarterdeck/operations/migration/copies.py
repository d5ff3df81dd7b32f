"""Which disks a move takes along, and where they go."""

from __future__ import annotations

from dataclasses import dataclass

from ...hypervisor.host import Host
from ...model.migration import MigrationRequest
from ...model.moving import MovedDisk, MovedMachine, PoolPlace, moved_machine, pool_place
from ...model.storage import is_thin, read_pool, read_volume
from ...model.units import human_size
from ...problems import FieldError, Problem, field_problem
from ..storage.lending import NO_FILES

THIN = ("qcow2", "raw")


@dataclass(frozen=True)
class Copy:
    """One disk that is copied. `pool` None: the destination has no pool for the folder, so one is lent to it.

    `thin` is the format of a file that is made for it beforehand, which grows as it is written. Without it libvirt
    makes the file, and reserves all of its room (qemuMigrationDstPrecreateDisk), as the disk has it here.
    Of a machine that is off the file goes over as it is: of its `length` `taken` bytes, the others are holes.
    """

    target: str
    path: str
    new_path: str
    pool: str | None
    size: int
    existed: bool
    thin: str | None = None
    tight: bool = False
    """Whether it could grow beyond what its pool has free now."""
    length: int = 0
    taken: int = 0

    @property
    def folder(self) -> str:
        """The folder at the destination."""
        return self.new_path.rsplit("/", 1)[0]

    @property
    def folder_here(self) -> str:
        """The folder at the source."""
        return self.path.rsplit("/", 1)[0]

    @property
    def name(self) -> str:
        """The file's name there."""
        return self.new_path.rsplit("/", 1)[1]


def pool_places(host: Host) -> list[PoolPlace]:
    """All running pools of a host."""
    return [pool_place(xml) for xml in host.pools.running()]


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
    if request.storage == "shared":
        return []
    here, there = pool_places(source), pool_places(destination)
    _check_disks(machine, request)
    if request.takes_disks_off:
        _check_found(machine)
    found: list[Copy] = []
    needed: dict[str, int] = {}
    for disk in machine.disks:
        wish = request.disk(disk.target)
        if not disk.is_data or disk.network or (wish and wish.storage == "shared"):
            continue
        chosen = _chosen(destination, there, request, disk)
        # A shared disk is taken along only where somebody says where to: at its own path it would overwrite itself.
        if is_shared(disk, here, there) and not (wish and wish.pool and chosen and chosen != place_of(disk, there)):
            continue
        place = chosen or place_of(disk, there)
        if request.storage == "incremental":
            found.append(_overlay(source, destination, machine, disk, place))
        else:
            made = (_whole if request.takes_disks_off else _copy)(source, destination, machine, disk, place, chosen)
            if place and not made.existed:
                needed[place.name] = needed.get(place.name, 0) + _needed(made)
                _check_room(disk, place, needed[place.name])
            if made.new_path in {each.new_path for each in found}:
                detail = f"Two of its disks would be {made.new_path}."
                raise Problem("name-taken", detail, cure=f"Choose another pool for {disk.target}.")
            found.append(made)
    return found


def _needed(copy: Copy) -> int:
    """Bytes that its pool must have free."""
    return copy.taken if copy.thin else copy.length or copy.size


def _check_room(disk: MovedDisk, place: PoolPlace, needed: int) -> None:
    if needed > place.available:
        raise Problem(
            "no-space",
            f"With {disk.target} {human_size(needed)} are needed; the pool {place.name} has "
            f"{human_size(place.available)} free.",
            cure="Free space there, or choose another pool for the copies.",
        )


def _check_found(machine: MovedMachine) -> None:
    """A Problem where a disk would stay behind unseen: the machine could not start without it."""
    for disk in machine.disks:
        if disk.device in ("disk", "lun") and disk.path is None and not disk.network:
            raise Problem(
                "unsupported",
                f"The definition does not name the file of {disk.target}, so it cannot be copied offline.",
                cure="Let the disk name its file by path instead of pool and volume.",
            )


def _check_disks(machine: MovedMachine, request: MigrationRequest) -> None:
    known = {disk.target for disk in machine.disks if disk.is_data and not disk.network}
    errors = [
        FieldError(f"/disks/{number}/target", f"It has no disk “{wish.target}” that could be copied.")
        for number, wish in enumerate(request.disks)
        if wish.target not in known
    ]
    if errors:
        raise Problem("invalid-input", errors[0].detail, errors=errors)


def _chosen(destination: Host, there: list[PoolPlace], request: MigrationRequest, disk: MovedDisk) -> PoolPlace | None:
    """The destination's pool that is wished for a disk; None where it keeps its folder."""
    wish = request.disk(disk.target)
    name = (wish.pool if wish else None) or request.pool
    if not name:
        return None
    found = next((place for place in there if place.name == name), None)
    if found is None:
        pointer = f"/disks/{request.disks.index(wish)}/pool" if wish and wish.pool else "/pool"
        raise field_problem(pointer, f"{destination.spec.name} has no running pool “{name}”.")
    return found


def _overlay(source: Host, destination: Host, machine: MovedMachine, disk: MovedDisk, place: PoolPlace | None) -> Copy:
    """A disk of which only what lies above its base goes over; libvirt needs base and overlay to be there already."""
    path = f"{place.path}/{disk.name}" if place else disk.path or ""
    if destination.volumes.at(path) is None:
        raise Problem(
            "libvirt-refused",
            f"{destination.spec.name} has no {path} in a running pool; an incremental move needs the base image and "
            "an overlay of the same name there.",
            cure="Make them there and refresh the pool, or choose “Copy the disks”.",
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
    path, new_path = disk.path or "", _new_path(disk, chosen)
    size = source.domains.block_size(machine.uuid, disk.target)
    existed = _existed(destination, machine, new_path)
    used = None if existed else _used(source, disk, size)
    return Copy(
        disk.target,
        path,
        new_path,
        place.name if place else None,
        size,
        existed,
        thin=None if used is None else disk.format,
        tight=bool(place and not existed and size > place.available),
        taken=used or 0,
    )


def _whole(
    source: Host,
    destination: Host,
    machine: MovedMachine,
    disk: MovedDisk,
    place: PoolPlace | None,
    chosen: PoolPlace | None,
) -> Copy:
    """A disk of a machine that is off, of which the file or device goes over byte for byte."""
    size, taken, length = source.domains.block_space(machine.uuid, disk.target)
    new_path = _new_path(disk, chosen)
    _check_kind(destination, disk, place)
    _check_alone(source, disk)
    existed = _existed(destination, machine, new_path)
    thin = not disk.block and taken < length
    return Copy(
        disk.target,
        disk.path or "",
        new_path,
        place.name if place else None,
        size,
        existed,
        thin="raw" if thin else None,
        tight=bool(place and thin and size > place.available),
        length=length,
        taken=taken if thin else length,
    )


def _new_path(disk: MovedDisk, chosen: PoolPlace | None) -> str:
    return f"{chosen.path}/{disk.name}" if chosen else disk.path or ""


def _existed(destination: Host, machine: MovedMachine, path: str) -> bool:
    """Whether the destination has this machine's own old copy; Problem where it has another file at the path."""
    existed = destination.volumes.at(path) is not None
    if existed and not _is_its_own(destination, machine.uuid, path):
        raise taken(destination, path)
    return existed


def taken(destination: Host, path: str) -> Problem:
    """Why no copy is made at a path."""
    return Problem(
        "name-taken",
        f"{destination.spec.name} has a file {path} already, which is not this machine's.",
        cure="Choose another pool for the copies, or rename or delete that file.",
    )


def _check_kind(destination: Host, disk: MovedDisk, place: PoolPlace | None) -> None:
    """A Problem where the pool holds no copy of this kind: its definition tells a file from a block device."""
    kind = read_pool(destination.pools.xml(place.name)).type if place else "dir"
    if disk.block and (place is None or kind != "logical"):
        raise Problem(
            "unsupported",
            f"{disk.target} is a block device, which offline goes into a pool of a volume group only.",
            cure="Choose such a pool, or start the machine and move it live.",
        )
    if not disk.block and not (is_thin(kind) and (place is None or place.path)):
        raise Problem(
            "unsupported",
            f"{disk.target} is a file, and a pool of type {kind} holds none.",
            cure="Choose a pool that is a folder.",
        )


def _check_alone(source: Host, disk: MovedDisk) -> None:
    """A Problem where it stands on another image, since what goes over is the file alone, or cannot be read at all."""
    kept = source.volumes.at(disk.path or "")
    if kept is None and (disk.path or "").startswith(NO_FILES):
        detail = f"{disk.path} lies in no pool of {source.spec.name}, so it cannot be read."
        raise Problem("unsupported", detail, cure="Make a pool of its device, or start the machine and move it live.")
    if kept and disk.format != "raw" and read_volume(source.volumes.xml(kept[0], kept[1].name)).backing:
        raise stands_on_another(disk.target)


def stands_on_another(target: str) -> Problem:
    """Why a file cannot go alone."""
    return Problem(
        "unsupported",
        f"{target} holds only what differs from another image, and offline a disk is copied as it is.",
        cure="Start the machine and move it live: its copy is whole then. Or make a full clone, and move that.",
    )


def _used(source: Host, disk: MovedDisk, size: int) -> int | None:
    """Bytes that a thin disk takes; None where all of its room is reserved, or libvirt has to make its copy."""
    if disk.format not in THIN or disk.block or disk.encrypted:
        return None
    found = source.volumes.at(disk.path or "")
    if found is None:
        return size
    return found[1].allocation if found[1].allocation < size else None


def _is_its_own(destination: Host, uuid: str, path: str) -> bool:
    """Whether the file belongs to the same machine's earlier stay on that host, when it is off there."""
    row = destination.domains.row(uuid)
    if row is None or row.active:
        return False
    return any(disk.path == path for disk in moved_machine(destination.domains.xml(uuid)).disks)
