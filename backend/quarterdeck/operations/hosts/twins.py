"""Machines that are defined on two hosts, and the way to clear that."""

from __future__ import annotations

import shlex

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.domain import DomainRow
from ...model.locking import Twin
from ...plan import Change, Effect, Plan
from ...problems import Problem


class Twins:
    """The machines of a host that another host has too."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def of(self, host: str) -> list[Twin]:
        """All of one host, each with the host on which its definition may go."""
        found = self._hosts.get(host)
        mine = {row.uuid: row for row in found.domains.rows()}
        return [
            _twin(found, mine[row.uuid], other, row)
            for other in self._hosts.all()
            if other.id != found.id
            for row in _rows(other)
            if row.uuid in mine and not _moves(mine[row.uuid], row)
        ]

    def clear(self, host: str, uuid: str) -> Change[None]:
        """Remove the definition that is off on this host; the other host keeps the machine, and all disks stay."""
        found = self._hosts.get(host)
        twin = next((each for each in self.of(host) if each.uuid == uuid), None)
        if twin is None:
            raise Problem(
                "wrong-state",
                "No other host has this machine.",
                cure="To remove the only definition of a machine, delete the machine.",
            )
        row = found.domains.row(uuid)
        if row is not None and row.active:
            raise Problem("wrong-state", f"{twin.name} runs on {found.spec.name}.", cure=f"Clear it on {twin.host}.")
        change = forget_definition(found, uuid)
        note = f"{twin.name} stays on {twin.host}, where it is {twin.state.replace('_', ' ')}."
        return Change(change.plan.model_copy(update={"notes": [note]}), change.apply)


def forget_definition(host: Host, uuid: str) -> Change[None]:
    """Remove the definition of a machine that is off; what it consists of stays."""

    def apply() -> None:
        row = host.domains.row(uuid)
        if row is None or row.active:
            raise Problem("wrong-state", f"It is no longer off on {host.spec.name}: it was left alone.")
        host.domains.undefine(uuid, nvram=False, tpm=False)

    warnings = ["Its disks and firmware settings there stay."]
    words = ["virsh", "-c", host.uri, "undefine", uuid, "--managed-save", "--keep-nvram"]
    if number := host.domains.snapshot_count(uuid):
        words.append("--snapshots-metadata")
        warnings.append(f"{host.spec.name} forgets its {number} snapshot(s) with it.")
    plan = Plan(
        commands=[shlex.join(words)],
        effects=[Effect(field="definition", when="live")],
        warnings=warnings,
    )
    return Change(plan, apply)


def _moves(mine: DomainRow, theirs: DomainRow) -> bool:
    """Whether it is on its way from one to the other: it goes from one of them by itself."""
    return mine.active and theirs.active and "migration" in (mine.reason, theirs.reason)


def _twin(host: Host, mine: DomainRow, other: Host, theirs: DomainRow) -> Twin:
    both = mine.active and theirs.active
    clear = None if both else host.id if not mine.active else other.id
    return Twin(uuid=theirs.uuid, name=theirs.name, host=other.id, state=theirs.state, both_run=both, clear=clear)


def _rows(host: Host) -> list[DomainRow]:
    if host.state != "connected":
        return []
    try:
        return host.domains.rows()
    except Problem:  # lost just now: it has nothing to say
        return []
