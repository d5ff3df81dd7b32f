"""Several new machines in one act: what they must not share, and whether they fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...hypervisor.hosts import Hosts
from ...model.create import Built, DomainCreate, InstallCloudImage, InstallPlain
from ...model.edits import DomainPatch
from ...model.storage import is_thin, read_pool
from ...problems import FieldError, Problem
from ..storage.storage import no_space, overcommit
from .facts import Gathered
from .seeds import single_settings


@dataclass(frozen=True)
class Prepared:
    """A new machine, read but not begun."""

    gathered: Gathered
    built: Built
    settings: DomainPatch | None = None
    commands: list[str] = field(default_factory=list)
    """What makes the further settings by hand."""

    @property
    def is_slow(self) -> bool:
        """Whether something must be copied, fetched or encrypted for it."""
        fetched = self.gathered.tree or self.gathered.boot
        return fetched is not None or any(new.secret or (new.image and new.image.way) for new in self.gathered.volumes)

    def params(self) -> dict[str, Any]:
        """What tidies up after a restart; of passphrases only the UUIDs of their secrets."""
        gathered = self.gathered
        secrets = [volume.secret for volume in gathered.volumes if volume.secret]
        made = [[volume.pool, volume.name] for volume in gathered.volumes]
        made += [[gathered.seed.pool, gathered.seed.name]] if gathered.seed else []
        made += gathered.boot.volumes if gathered.boot else []
        lent = gathered.boot.lent if gathered.boot else None
        return {
            "uuid": gathered.facts.uuid,
            "name": gathered.request.name,
            "made": made,
            "lent": lent,
            "secrets": secrets,
        }


def check_several(request: DomainCreate) -> None:
    """Problem with everything that only one machine can have."""
    found = list(_single(request)) if request.count > 1 else []
    if found:
        raise Problem("invalid-input", found[0].detail, errors=found)


def _single(request: DomainCreate) -> Iterator[FieldError]:
    for number, disk in enumerate(request.disks):
        if disk.device == "disk" and not disk.is_new and not (disk.readonly or disk.shareable):
            yield FieldError(f"/disks/{number}", "Several machines cannot write one disk: clone it for each.")
        elif disk.is_new and disk.volume:
            yield FieldError(f"/disks/{number}/volume", "The new disks of several machines cannot all have this name.")
    for number, nic in enumerate(request.nics or []):
        if nic.mac:
            yield FieldError(f"/nics/{number}/mac", "Several machines get addresses of their own.")
    if isinstance(request.install, InstallCloudImage):
        yield from single_settings(request.install.cloud_init, "/install/cloud_init")
    answers = None if isinstance(request.install, InstallPlain) else request.install.unattended
    if answers and answers.hostname:
        yield FieldError("/install/unattended/hostname", "Each machine gets its own name: leave it empty.")


def check_room(hosts: Hosts, host: str, made: list[Prepared]) -> list[str]:
    """Warnings where all disks together may outgrow a pool; Problem where they do not fit."""
    pools, warnings = hosts.get(host).pools, []
    needed = Counter[str]()
    for volume in (volume for each in made for volume in each.gathered.volumes):
        needed[volume.pool] += volume.capacity
    for pool, capacity in needed.items():
        row = pools.row(pool)
        if capacity > row.available and is_thin(read_pool(pools.xml(pool)).type):
            warnings.append(overcommit(row, capacity))
        elif capacity > row.available:
            raise no_space("/count", row, capacity)
    return warnings
