"""Machines as templates, from which others are deployed, and back."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ...access import User
from ...history import History
from ...hypervisor.hosts import Hosts
from ...model.domain import Domain
from ...model.snapshot import point
from ...model.storage import FILE_POOLS, linked_volume_xml, read_pool
from ...model.template import as_machine, as_template
from ...model.xml import diff, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..inventory.kept_versions import kept_versions
from ..inventory.usage import Usage
from ..storage.guard import Guard

VERSION = re.compile(r"-v\d+$")


@dataclass(frozen=True)
class _Above:
    """A new file in which a disk goes on above one that others stand on, which are `users`."""

    target: str
    pool: str
    name: str
    path: str
    below: str
    below_format: str
    capacity: int
    users: list[str]

    @property
    def xml(self) -> str:
        """The new volume."""
        return linked_volume_xml(self.name, self.capacity, self.below, self.below_format)

    @property
    def command(self) -> str:
        """The virsh call that makes it."""
        words = ["virsh", "vol-create-as", self.pool, self.name, str(self.capacity), "--format", "qcow2"]
        return shlex.join([*words, "--backing-vol", self.below, "--backing-vol-format", self.below_format])


class Templates:
    """Makes templates of machines, and machines of templates."""

    def __init__(self, hosts: Hosts, inventory: Inventory, history: History, usage: Usage, guard: Guard) -> None:
        self._usage = usage
        self._history = history
        self._hosts = hosts
        self._inventory = inventory
        self._guard = guard

    def make(self, host: str, uuid: str, user: User) -> Change[Domain]:
        """Keep a machine as a template: it is not started any more, and linked clones can stand on its disks."""
        words = "It is not started any more; its disks stay as they are, so that clones can stand on them."
        return self._change(host, uuid, "template", user, words)

    def release(self, host: str, uuid: str, user: User) -> Change[Domain]:
        """Make a machine of a template again. Files that clones stand on stay; it goes on in new ones above them."""
        above = self._above(host, uuid)
        words = "It can be started again, and then writes its disks."
        if above:
            clones = ", ".join(name for each in above for name in each.users)
            words = f"What this version holds stays, since {clones} stand on it. The machine goes on in new files."
        return self._change(host, uuid, "untemplate", user, words, above)

    def _above(self, host: str, uuid: str) -> list[_Above]:
        """Where each disk goes on that others stand on; Problem `in-use` where it cannot."""
        (files, _ground), volumes = self._guard.standing.of(host, uuid), self._hosts.get(host).volumes
        taken, found = dict[str, set[str]](), []
        for disk, path in files.disks:
            users, at = files.above.get(path, []), volumes.at(path)
            if not users:
                continue
            if at is None or read_pool(self._hosts.get(host).pools.xml(at[0])).type not in FILE_POOLS:
                raise _stuck(users)
            names = taken.setdefault(at[0], set(volumes.names(at[0])))
            stem = VERSION.sub("", posixpath.splitext(at[1].name)[0])
            name = next(n for k in range(2, len(names) + 3) if (n := f"{stem}-v{k}.qcow2") not in names)
            names.add(name)
            new = posixpath.join(posixpath.dirname(path), name)
            found.append(_Above(disk.target, at[0], name, new, path, disk.format or "raw", at[1].capacity, users))
        inside = [each.name for each in self._hosts.get(host).snapshots.all(uuid) if each.kind != "external"]
        if found and inside:
            told = ", ".join(inside)
            words = f"Clones stand on its disks, so it has to go on in other files, which do not hold {told}."
            raise Problem("wrong-state", words, cure=f"Delete the snapshots {told} first; no clone needs them.")
        return found

    def _next(self, host: str, uuid: str) -> int:
        """The number after all that the machine had as a template before, as far as somebody knows them."""
        known = [each.version for each in kept_versions(self._history, host, uuid)]
        return max([*known, *self._usage.made_of(host, uuid)], default=0) + 1

    def _change(
        self, host: str, uuid: str, act: str, user: User, words: str, above: Sequence[_Above] = ()
    ) -> Change[Domain]:
        domains = self._hosts.get(host).domains
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        why = reason(BY_ID[act], facts, user.role)
        if why:
            raise Problem("wrong-state", why)
        old = domains.xml(uuid, secure=True)
        new = as_template(old, self._next(host, uuid)) if act == "template" else as_machine(old)

        if above:
            root = parse(new)
            point(root, {each.target: each.path for each in above}, "qcow2")
            new = dump(root)

        def apply() -> Domain:
            with ExitStack() as undo:
                for each in above:
                    self._hosts.get(host).volumes.create(each.pool, each.xml)
                    undo.callback(self._hosts.get(host).volumes.delete, each.pool, each.name)
                domains.define(new)
                undo.pop_all()
            return self._inventory.domain(host, uuid, user.role)

        plan = Plan(
            xml_diff=diff(old, new),
            commands=[*(each.command for each in above), f"virsh define {shlex.quote(facts.row.name + '.xml')}"],
            effects=[Effect(field="template", when="live")],
            warnings=[words],
        )
        return Change(plan, apply)


def _stuck(users: list[str]) -> Problem:
    return Problem(
        "in-use",
        f"Other disks stand on those of the template: {', '.join(users)}. Writing them would destroy those.",
        cure="Delete the linked clones first, or deploy a full clone and use that.",
    )
