"""Images and machines of other products: what they are, converted to volumes, and the machine that they become."""

from __future__ import annotations

import contextlib
import posixpath
import shlex
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...jobs import Job
from ...model.appliance import Appliance, Note, create_body, file_stem, fit_limits, some, told
from ...model.create import AbsolutePath, VolumeName
from ...model.image_kinds import ImageFormat
from ...model.patterns import INTERFACE
from ...model.strict import Strict, Value
from ...model.units import human_size
from ...model.xml import XmlText
from ...osinfo.database import Database
from ...plan import Change, Plan
from ...problems import Problem, at_field, field_problem
from ..errands import Errands
from ..storage.lending import Lending, split_path
from ..storage.storage import Storage
from .conversion import CONVERT
from .looking import WORDS, Found, Looker, Seen, Spot

NO_NETWORK = (
    "This host has no network for its cards: make one (Networks), name a bridge, or keep the cards cut off and join "
    "them later."
)


NO_CARD = "This host has no network: make one (Networks), or name a bridge, else the machine gets no network card."
CARDLESS = "The machine gets no network card, as no network or bridge is chosen. Add one later in its hardware."


class ImportSource(Strict):
    """A file of another product: a volume of a pool, or a path of the host. `format` forces what a disk is read as.

    `os` and `firmware` say what it does not say itself, as a disk alone, or stand in the place of what it says.
    """

    pool: XmlText | None = None
    volume: XmlText | None = None
    path: AbsolutePath | None = None
    format: ImageFormat | None = None
    machine: XmlText | None = Field(None, description="The id of one of several that a package holds")
    os: XmlText | None = Field(None, description="Id of its system in the OS database")
    firmware: Literal["bios", "uefi"] | None = None


class ImportRequest(ImportSource):
    """How it is taken over: where its disks go, and on which network or bridge its cards are.

    With neither (`network` null) the cards are kept, and lead nowhere. A disk alone gets one card where there is a
    network or bridge for it.
    """

    to_pool: XmlText
    to_format: Literal["qcow2", "raw"] = "qcow2"
    name: VolumeName | None = None
    network: XmlText | None = "default"
    bridge: XmlText | None = Field(None, pattern=INTERFACE, description="Of the host, instead of a network")


class ImportMachine(Value):
    """One of the machines that a package holds."""

    id: str
    name: str


class ImportDisk(Value):
    """A disk of it; `problem` says why it cannot be taken. `virtual_bytes` is 0 where only its reading will tell."""

    file: str
    format: str
    size_bytes: int
    virtual_bytes: int
    problem: str | None = None


class ImportReport(Value):
    """What a file is, what was understood of it, and what could not be."""

    kind: str
    what: str
    machine: Appliance
    machines: list[ImportMachine] = []
    disks: list[ImportDisk]
    problem: str | None = None
    possible: bool


class Appliances:
    """Looks into files of other products, and sends errands out that convert them."""

    def __init__(self, hosts: Hosts, storage: Storage, errands: Errands, lending: Lending, database: Database) -> None:
        self._database = database
        self._hosts = hosts
        self._storage = storage
        self._errands = errands
        self._lending = lending

    def check(self, host: str, source: ImportSource) -> ImportReport:
        """What a file is and what it would become; touches nothing."""
        with self._spot(host, source) as spot:
            seen = self._look(host, spot, source)
        if seen.machine.nics and not self._hosts.get(host).networks.rows():
            seen.machine.notes.append(Note(kept=False, text=NO_CARD if seen.alone else NO_NETWORK))
        return ImportReport(
            kind=seen.kind,
            what=WORDS[seen.kind],
            machine=seen.machine,
            machines=[ImportMachine(id=known, name=name) for known, name in seen.machines.items()],
            disks=[_view(disk) for disk in seen.disks],
            problem=_why_not(seen, spot),
            possible=_why_not(seen, spot) is None,
        )

    def start(self, host: str, request: ImportRequest, user: User) -> Change[Job]:
        """Convert its disks into volumes; the job's result holds the body that makes the machine."""
        with self._spot(host, request) as spot:
            seen = self._look(host, spot, request)
        why, machine, disks = _why_not(seen, spot), seen.machine, seen.disks
        if why:
            raise field_problem(spot.pointer, why)
        with at_field("/to_pool"):
            row = self._storage.running(host, request.to_pool, "create")
        if request.name:
            machine.name = request.name
        names = list(self._names(host, request, machine, len(disks)))
        orders = [
            disk.order | {"to_pool": request.to_pool, "to_name": name, "to_format": request.to_format}
            for disk, name in zip(disks, names, strict=True)
        ]
        place = {"bridge": request.bridge} if request.bridge else {"network": request.network or ""}
        if seen.alone:
            self._settle_card(host, machine, request)
        create = create_body(machine, request.to_pool, names, place if any(place.values()) else None)
        if request.firmware:
            create["firmware"] = request.firmware
        self._check_free(host, create["name"])
        if machine.nics:
            machine.notes += _joined(self._hosts.get(host), len(machine.nics), **place)
        plan = _plan(row, request.to_format, disks, names, machine)
        params = {"pool": request.to_pool, "disks": orders, "create": create, "kind": seen.kind}

        def begin() -> Job:
            target, name = f"{row.name}/{names[0]}", machine.name
            return self._errands.start(
                CONVERT, host=host, target=target, target_name=name, user=user.name, params=params
            )

        def apply() -> Job:
            if spot.lent is None:
                return begin()
            params["lent"] = [spot.lent]
            return self._lending.start(host, spot.lent, begin)

        return Change(plan, apply)

    def _settle_card(self, host: str, machine: Appliance, request: ImportRequest) -> None:
        """Leave the card of a disk alone out where nobody named a place for it, and the host has no usual one."""
        known = {row.name for row in self._hosts.get(host).networks.rows()}
        if "network" not in request.model_fields_set and request.network not in known:
            request = request.model_copy(update={"network": None})
        if not (request.bridge or request.network):
            machine.nics.clear()
            machine.notes.append(Note(kept=False, text=CARDLESS))

    def _check_free(self, host: str, name: str) -> None:
        """Problem where the machine could not be made in the end."""
        found = self._hosts.get(host)
        if any(row.name == name for row in found.domains.rows()):
            raise field_problem("/name", f"The host has a machine {name} already: give this one another name.")

    def _names(self, host: str, request: ImportRequest, machine: Appliance, count: int) -> Iterator[str]:
        taken = set(self._hosts.get(host).volumes.names(request.to_pool))
        end = ".qcow2" if request.to_format == "qcow2" else ".img"
        stem = file_stem(machine.name, "disk")
        for number in range(count):
            base = stem if count == 1 else f"{stem}-{number + 1}"
            name = next(n for k in range(len(taken) + 1) if (n := base + (f"-{k}" if k else "") + end) not in taken)
            taken.add(name)
            yield name

    # -- looking

    @contextlib.contextmanager
    def _spot(self, host: str, source: ImportSource) -> Iterator[Spot]:
        """Where the file lies; while this block lasts it can be read."""
        if source.path is None:
            if source.pool is None or source.volume is None:
                raise field_problem("/volume", "Name a pool and a volume of it, or a path of the host.")
            yield Spot(source.pool, source.volume, format=source.format)
            return
        if source.pool or source.volume:
            raise field_problem("/path", "Give either a path or a pool and volume.")
        folder, name = split_path(source.path)
        found = self._hosts.get(host)
        at = None if found.is_test else found.volumes.kept_at(source.path)
        if at is not None or found.is_test:
            yield Spot(at[0] if at else "", name, "/path", source.format)
            return
        with self._lending.look(host, folder) as pool:
            if name not in found.volumes.names(pool):
                raise field_problem("/path", f"{folder} has no file {name}.")
            yield Spot(pool, name, "/path", source.format, folder)

    def _look(self, host: str, source: Spot, wanted: ImportSource) -> Seen:
        found = self._hosts.get(host)
        if found.is_test:
            raise Problem("unsupported", "A made-up host holds no data to look into.")
        with at_field("/pool" if source.pointer == "/volume" else source.pointer):
            self._storage.running(host, source.pool)
        with at_field(source.pointer):
            volume = self._storage.volume(host, source.pool, source.volume)
            if volume.partial:
                raise Problem("wrong-state", f"The upload of {volume.name} is not complete.")
            is_seen = self._storage.refuse_link(host, volume.path)
            seen = Looker(found, source, wanted.machine).look()
            whole = [disk for disk in seen.disks if disk.facts.problem is None]
            for name in {part for disk in whole for part in (disk.layer["volume"], *disk.facts.parts)}:
                self._storage.refuse_link(host, posixpath.join(posixpath.dirname(volume.path), name))
        if source.lent and not is_seen:
            text = (
                f"This server cannot look into {source.lent} itself: make sure that {volume.name} is no link elsewhere."
            )
            seen.machine.notes.append(Note(kept=False, text=text))
        if wanted.firmware:
            seen.machine.uefi = wanted.firmware == "uefi"
        self._name_system(seen.machine, wanted.os)
        fit_for_windows(seen.machine)
        fit_limits(seen.machine)
        texts = [note for disk in seen.disks for note in disk.facts.notes]
        seen.machine.notes += [*told(seen.machine), *(Note(kept=False, text=text) for text in texts)]
        return seen

    def _name_system(self, machine: Appliance, wanted: str | None) -> None:
        """Give its system the name of the OS database, and say so where nobody chose it."""
        if wanted:
            chosen = self._database.get(wanted)
            if chosen is None:
                raise field_problem("/os", f"The OS database knows no system “{wanted}”.")
            machine.system, machine.guest = chosen.short_id, ""
            return
        known = self._database.nearest(machine.system) if machine.system else None
        machine.system = known.short_id if known and known.short_id != "generic" else None
        if known and machine.system:
            near = f"Its system is called “{machine.guest or known.name}” there: taken for {known.name}."
            machine.notes.append(Note(kept=True, text=near))
        elif machine.guest:
            text = f"Its system, “{machine.guest}”, is not known here: choose one that is like it in the form."
            machine.notes.append(Note(kept=False, text=text))


def _view(disk: Found) -> ImportDisk:
    return ImportDisk(
        file=disk.file,
        format=disk.layer["format"],
        size_bytes=disk.size,
        virtual_bytes=disk.facts.virtual_bytes if disk.facts.virtual_bytes < 1 << 62 else 0,
        problem=disk.facts.problem,
    )


def _why_not(seen: Seen, spot: Spot) -> str | None:
    """Why it cannot be taken over: the first reason."""
    wrong = next((disk for disk in seen.disks if disk.facts.problem), None)
    if wrong:
        return f"{wrong.file}: {wrong.facts.problem}"
    lacking = next((disk.problem for disk in seen.machine.disks if disk.problem), None)
    return lacking or (None if seen.disks else f"{spot.volume} names no disk with content.")


def _plan(row: PoolRow, form: str, disks: list[Found], names: list[str], machine: Appliance) -> Plan:
    lines = [
        shlex.join(["qemu-img", "convert", "-p", "-f", disk.layer["format"], "-O", form, disk.file, name])
        for disk, name in zip(disks, names, strict=True)
    ]
    warnings = [*_room(row, disks), *(note.text for note in machine.notes if not note.kept)]
    return Plan(commands=lines, warnings=warnings, notes=[note.text for note in machine.notes if note.kept])


def _joined(found: Host, cards: int, network: str = "", bridge: str = "") -> Iterator[Note]:
    """What should be known of where its cards lead; Problem where there is no such place."""
    if bridge and found.nodedevs.lacks_interface(bridge):
        raise field_problem("/bridge", f"The host has no bridge {bridge}: make it there first.")
    known = {row.name: row for row in found.networks.rows()}
    if network and network not in known:
        cure = "Choose another one or a bridge, or keep its cards cut off."
        raise field_problem("/network", f"The host has no network {network}. {cure}")
    if network and not known[network].active:
        yield Note(kept=False, text=f"The network {network} is off: start it before the machine is made.")
    if not (network or bridge):
        text = f"{some(cards, 'network card')}: kept, but cut off from all networks. Join them later in its hardware."
        yield Note(kept=False, text=text)


def _room(row: PoolRow, disks: list[Found]) -> Iterator[str]:
    needed = sum(disk.size for disk in disks)
    if needed > row.available:
        yield f"Its disks take about {human_size(needed)}, and {row.name} has {human_size(row.available)} left."


def fit_for_windows(machine: Appliance) -> None:
    """Windows starts only from disks whose driver it has: not from virtio, unless it was made ready for it."""
    if not (machine.system or "").startswith("win") and "windows" not in machine.guest.lower():
        return
    for disk in machine.disks:
        disk.bus = "sata"
    for nic in machine.nics:
        nic.model = "e1000e"
    text = "Its disks are attached by SATA, its cards are e1000e: Windows has no driver for virtio of its own."
    machine.notes.append(Note(kept=True, text=text))
