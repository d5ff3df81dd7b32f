"""The OS database for the page: what there is to pick from, and what a medium holds."""

from __future__ import annotations

import contextlib
import functools

from pydantic import Field

from ...hypervisor.hosts import Hosts
from ...model.storage import read_volume, without_marks
from ...model.strict import Value
from ...osinfo.database import Database, Detected
from ...osinfo.iso import PROBE_BYTES, Label, read_label
from ...osinfo.records import Amount
from ...osinfo.system import System
from ...problems import Problem
from ..storage.images import head_of_file
from ..storage.in_time import in_time
from ..storage.lending import Lending, split_path
from ..storage.transfer import Transfers

MEDIA = 1000
"""So many labels are kept, that a list of media does not read each anew."""


class AmountView(Value):
    """Resources of a machine; null where the database says nothing."""

    memory_mib: int | None
    vcpus: int | None
    disk_gib: int | None


class SystemView(Value):
    """A guest system. `firmware` maps bios and efi to whether it starts with it, where that is known.

    `cloud_image` is where its maker offers a disk image that cloud-init sets up.
    """

    id: str
    short_id: str
    name: str
    version: str
    family: str
    distro: str
    released: str | None
    end_of_life: str | None
    minimum: AmountView
    recommended: AmountView
    firmware: dict[str, bool]
    cloud_image: str | None = None


class Detection(Value):
    """What a medium holds. `system` is null where it is not known; `known` is false where a newer release of it is.

    `label` is the medium's own name, `others` are systems whose media have the same one. `by_name` is true where
    the medium could not be read and the system was taken from the name of its file.
    """

    label: str | None = None
    bootable: bool = False
    live: bool = False
    known: bool = True
    by_name: bool = False
    version: str | None = None
    system: SystemView | None = None
    others: list[SystemView] = []


class VolumeSystem(Value):
    """The system that a medium installs or an image holds; `by_name` where only the name of its file says so."""

    volume: str
    system: str = Field(description="Name of the system")
    by_name: bool


class SystemsQuery(Value):
    """Words that the name must hold; `ended` also shows what its maker no longer supports.

    `cloud_image` leaves out what has none to download.
    """

    query: str = Field("", description="Words that the name must hold")
    ended: bool = Field(False, description="Also what its maker no longer supports")
    cloud_image: bool = Field(False, description="Only what has a cloud image to download")
    limit: int = Field(200, description="So many at most")


class DetectQuery(Value):
    """A volume of a pool, a path on the host, or the address of an installation tree, which is not asked for it."""

    pool: str | None = Field(None, description="Pool of the volume")
    volume: str | None = Field(None, description="Volume to look into")
    path: str | None = Field(None, description="File of the host to look into")
    url: str | None = Field(None, description="Address of an installation tree; it is not asked for it")


class Systems:
    """Finds systems in the OS database, and recognises media of any host by their first bytes."""

    def __init__(self, database: Database, hosts: Hosts, transfers: Transfers, lending: Lending) -> None:
        self.database = database
        self._hosts = hosts
        self._lending = lending
        self._transfers = transfers
        self._label_of = functools.lru_cache(maxsize=MEDIA)(self._read)

    def search(self, query: SystemsQuery) -> list[SystemView]:
        """The systems to pick from."""
        found = self.database.systems(query.query, ended=query.ended)
        if query.cloud_image:
            found = [system for system in found if system.cloud_image]
        return [system_view(system) for system in found[: query.limit]]

    def detect(self, host: str, query: DetectQuery) -> Detection:
        """What a medium holds."""
        if query.url:
            return self._hint(self.database.guess_tree(query.url))
        try:
            label = self.label(host, query.pool, query.volume, query.path)
        except Problem as problem:
            if problem.slug != "unsupported":
                raise
            label = None
        if label is None:
            return self._by_name(query.volume or query.path or "")
        found = self.database.detect(label)
        if found is None:
            return Detection(label=label.volume, bootable=label.bootable)
        return _detection(label, found)

    def of_pool(self, host: str, pool: str) -> list[VolumeSystem]:
        """What the media and images of a pool hold, as far as their labels or names tell."""
        found, described = [], self._hosts.get(host).volumes.described(pool)
        shown = without_marks(row.name for row, _xml in described)
        for row, xml in described:
            facts, told, by_name = read_volume(xml), None, True
            if row.name not in shown:
                continue
            if facts.format == "iso" or row.name.lower().endswith(".iso"):
                with contextlib.suppress(Problem):
                    label = self._label_of(host, pool, row.name, facts.etag)
                    known = self.database.detect(label) if label else None
                    told, by_name = (known.system, False) if known else (None, True)
            told = told or self.database.guess(row.name)
            if told:
                found.append(VolumeSystem(volume=row.name, system=told.name, by_name=by_name))
        return found

    def _read(self, host: str, pool: str, volume: str, _etag: str) -> Label | None:
        """The label of a volume, which stays what it is for as long as its ETag does."""
        return self.label(host, pool, volume, None)

    def _by_name(self, file_name: str) -> Detection:
        return self._hint(self.database.guess(file_name.rsplit("/", 1)[-1]))

    @staticmethod
    def _hint(system: System | None) -> Detection:
        return Detection(by_name=system is not None, system=system_view(system) if system else None)

    def label(self, host: str, pool: str | None, volume: str | None, path: str | None) -> Label | None:
        """The label of a medium; None where it has none or cannot be read."""
        if pool and volume:
            return read_label(self._transfers.head(host, pool, volume, PROBE_BYTES))
        if not path:
            raise Problem("invalid-input", "Name a pool and a volume, or a path.")
        at = self._hosts.get(host).volumes.kept_at(path)
        if at:
            return read_label(self._transfers.head(host, at[0], at[1].name, PROBE_BYTES))
        if self._hosts.get(host).spec.transport == "local":
            with contextlib.suppress(OSError, ValueError):
                return read_label(in_time(path, lambda: head_of_file(path, PROBE_BYTES)))
        try:
            return read_label(in_time(path, lambda: self._lent_head(host, path)))
        except Problem as problem:
            if problem.slug == "timed-out":
                raise
            return None

    def _lent_head(self, host: str, path: str) -> bytes:
        """The first bytes of a file in no pool that this process cannot read, but libvirt."""
        if self._hosts.get(host).is_test:
            return b""
        folder, name = split_path(path)
        with self._lending.look(host, folder) as pool:
            return self._transfers.head(host, pool, name, PROBE_BYTES)


def _amount(amount: Amount) -> AmountView:
    return AmountView(memory_mib=amount.memory_mib, vcpus=amount.vcpus, disk_gib=amount.disk_gib)


def system_view(system: System) -> SystemView:
    """A system as the API shows it."""
    return SystemView(
        id=system.id,
        short_id=system.short_id,
        name=system.name,
        version=system.version,
        family=system.family,
        distro=system.distro,
        released=system.released,
        end_of_life=system.end_of_life,
        minimum=_amount(system.minimum),
        recommended=_amount(system.recommended),
        cloud_image=system.cloud_image,
        firmware=system.firmware,
    )


def _detection(label: Label, found: Detected) -> Detection:
    return Detection(
        label=label.volume,
        bootable=label.bootable,
        live=found.live,
        known=found.known,
        version=found.version,
        system=system_view(found.system),
        others=[system_view(system) for system in found.others],
    )
