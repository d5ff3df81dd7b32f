"""Machines as templates, from which others are deployed, and back."""

from __future__ import annotations

import shlex

from ..access import User
from ..hypervisor.hosts import Hosts
from ..model.domain import Domain
from ..model.template import as_machine, as_template, version_of
from ..model.xml import diff, parse
from ..plan import Change, Effect, Plan
from ..problems import Problem
from ..store import History
from .actions import BY_ID, reason
from .inventory import Inventory
from .standing import Standing


class Templates:
    """Makes templates of machines, and machines of templates."""

    def __init__(self, hosts: Hosts, inventory: Inventory, history: History) -> None:
        self._history = history
        self._hosts = hosts
        self._inventory = inventory
        self._standing = Standing(hosts)

    def make(self, host: str, uuid: str, user: User) -> Change[Domain]:
        """Keep a machine as a template: it is not started any more, and linked clones can stand on its disks."""
        words = "It is not started any more; its disks stay as they are, so that clones can stand on them."
        return self._change(host, uuid, "template", user, words)

    def release(self, host: str, uuid: str, user: User) -> Change[Domain]:
        """Make a machine of a template again; Problem `in-use` where clones stand on its disks."""
        users = self._standing.on_disks_of(host, uuid)
        if users:
            raise Problem(
                "in-use",
                f"Other disks stand on those of the template: {', '.join(users)}. Writing them would destroy those.",
                cure="Delete the linked clones first, or deploy a full clone and use that.",
            )
        return self._change(host, uuid, "untemplate", user, "It can be started again, and then writes its disks.")

    def _next(self, host: str, uuid: str) -> int:
        """The number after all that the machine had as a template before."""
        before = (version_of(parse(row["xml"])) for row in self._history.entries(host, uuid))
        return max((version or 0 for version in before), default=0) + 1

    def _change(self, host: str, uuid: str, act: str, user: User, words: str) -> Change[Domain]:
        domains = self._hosts.get(host).domains
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        why = reason(BY_ID[act], facts, user.role)
        if why:
            raise Problem("wrong-state", why)
        old = domains.xml(uuid, secure=True)
        new = as_template(old, self._next(host, uuid)) if act == "template" else as_machine(old)

        def apply() -> Domain:
            domains.define(new)
            return self._inventory.domain(host, uuid, user.role)

        plan = Plan(
            xml_diff=diff(old, new),
            commands=[f"virsh define {shlex.quote(facts.row.name + '.xml')}"],
            effects=[Effect(field="template", when="live")],
            warnings=[words],
        )
        return Change(plan, apply)
