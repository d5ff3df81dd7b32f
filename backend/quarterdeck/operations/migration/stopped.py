"""A machine that is off, moved with its disks: what that takes, in words and as commands.

libvirt's offline migration sends the definition only. So the disks go by streams through this server, then what the
machine keeps outside of them, and its definition last.
"""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import Any

from ...hypervisor.host import Host
from ...model.migration import MigrationRequest
from ...model.moving import is_lent
from ...model.states import state_files
from ...model.units import human_size
from ...model.xml import canonical, parse
from .copies import Copy, pool_places


@dataclass(frozen=True)
class Stopped:
    """How a machine that is off is handed over, as its job notes it.

    `older` is the definition that the destination had already, with its secrets masked; None where it had none.
    `lent` are folders of the source's disks that lie in no pool. `states` are files that the machine keeps outside of
    its disks, each with its path at the destination.
    """

    undefine: bool
    start: bool
    older: str | None
    lent: list[str]
    states: list[tuple[str, str]]

    @classmethod
    def of(cls, params: dict[str, Any]) -> Stopped:
        """What a job noted."""
        return cls(**params | {"states": [tuple(pair) for pair in params["states"]]})

    def is_there(self, definition: str) -> bool:
        """Whether this is the definition that has moved, with its secrets, and not the older one."""
        return canonical(definition) != self.older

    def params(self) -> dict[str, Any]:
        """As parameters of a job."""
        return asdict(self)


def stopped(
    source: Host, destination: Host, uuid: str, request: MigrationRequest, copies: list[Copy], there: str
) -> Stopped:
    """How it is handed over; `there` is its definition as the destination is to have it."""
    known = destination.domains.row(uuid) is not None
    pools = {place.path for place in pool_places(source) if not is_lent(place.name, place.path)}
    own = state_files(parse(source.domains.xml(uuid, migratable=True)))
    return Stopped(
        undefine=request.undefine_source,
        start=request.start,
        older=canonical(destination.domains.xml(uuid, secure=True)) if known else None,
        lent=sorted({copy.folder_here for copy in copies} - pools),
        states=own.with_copies(state_files(parse(there))),
    )


def notes(destination: Host, copies: list[Copy], kept: Stopped) -> list[str]:
    """What goes over, with sizes."""
    there = destination.spec.name
    said = [
        f"{copy.target}: {human_size(copy.taken)} go to {copy.new_path} on {there}"
        f"{', thin as here' if copy.thin else ', with all of its room reserved'}."
        for copy in copies
    ]
    return [*said, *(f"{origin} goes to {copy} on {there}, where it is there." for origin, copy in kept.states)]


def commands(source: Host, destination: Host, name: str, renamed: str, copies: list[Copy], kept: Stopped) -> list[str]:
    """What a person would type to do the same; `source` of a volume is named by its path."""
    here, there = (shlex.join(["virsh", "-c", host.uri]) for host in (source, destination))
    said = []
    for copy in copies:
        file, sparse = shlex.quote(copy.name), " --sparse" if copy.thin else ""
        pool = shlex.quote(copy.pool or copy.folder)
        reserved = f" --allocation {0 if copy.thin else copy.length}"
        said += [
            f"{here} vol-download{sparse} {shlex.quote(copy.path)} {file}",
            f"{there} vol-create-as {pool} {file} {copy.length}{reserved} --format raw",
            f"{there} vol-upload{sparse} --pool {pool} {file} {file}",
        ]
    said.append(f"{here} dumpxml {shlex.quote(name)} --inactive --security-info --migratable > destination.xml")
    said.append(f"{there} define destination.xml --validate")
    said += [f"{there} start {shlex.quote(renamed)}"] if kept.start else []
    said += [f"{here} undefine {shlex.quote(name)} --keep-nvram --keep-tpm"] if kept.undefine else []
    return said
