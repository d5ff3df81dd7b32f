"""Machines that are gone: their histories stay for a while, and define them again."""

from __future__ import annotations

from pydantic import Field

from ...access import User
from ...history import History
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.create import Strict
from ...model.devices import Disk, devices
from ...model.domain import Domain
from ...model.installing import forget, pending
from ...model.secrecy import keep_secrets
from ...model.strict import Value
from ...model.xml import Element, canonical, dump, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem, at_field
from ..changing.changing import here_document
from ..inventory.inventory import Inventory
from ..storage.storage import added


class DeletedDomain(Value):
    """A machine that is gone: when, by whom (null: not with Quarterdeck), and on which other hosts it is now.

    `number` is its last definition in its history, which has so many.
    """

    host: str
    uuid: str
    name: str
    time: str
    user: str | None
    number: int
    definitions: int
    moved_to: list[str] = []


class DefineAgain(Strict):
    """Which definition of the history; the last one if left out."""

    number: int | None = Field(None, ge=1, lt=1 << 53)


class Deleted:
    """Lists machines that are gone, and brings them back."""

    def __init__(self, hosts: Hosts, inventory: Inventory, history: History) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._history = history

    def all(self, host: str) -> list[DeletedDomain]:
        """The machines of a host that are gone and still have a history, the latest first."""
        self._hosts.get(host)
        found = []
        for row in self._history.gone(host):
            entries = self._history.entries(host, row["uuid"])
            if entries:
                where = self._inventory.where(row["uuid"])
                found.append(
                    DeletedDomain(**row, number=entries[0]["id"], definitions=len(entries), moved_to=where),
                )
        return found

    def define(self, host: str, uuid: str, body: DefineAgain, user: User) -> Change[Domain]:
        """Define a machine that is gone as it was. Its disks are as they are now."""
        found = self._hosts.get(host)
        entry = self._history.entry(host, uuid, body.number) if body.number else self._history.newest(host, uuid)
        if entry is None:
            with at_field("/number"):
                raise Problem("not-found", "The history has no such definition.", cure="It is kept for 30 days.")
        if found.domains.find(entry["name"]) or found.domains.row(uuid):
            raise Problem("name-taken", f"The host has a machine {entry['name']} already.")
        root = parse(entry["xml"])
        warnings = [*_secrets(root), *_disks(found, root), *_installation(found, root)]
        elsewhere = self._inventory.where(uuid)
        if elsewhere:
            warnings.append(f"The same machine is on {', '.join(elsewhere)}. Both must never run at once.")
        plan = Plan(
            xml_diff=added(canonical(root)),
            commands=[here_document("virsh define --validate /dev/stdin", canonical(root))],
            effects=[Effect(field="domain", when="live")],
            warnings=warnings,
        )

        def apply() -> Domain:
            found.domains.define(dump(root))
            self._inventory.refresh(host, uuid, user=user.name)
            return self._inventory.domain(host, uuid, user.role)

        return Change(plan, apply)


def _secrets(root: Element) -> list[str]:
    lost = keep_secrets(root, parse("<domain/>"))
    return [f"The password of {tag} is not kept in the history. Set a new one." for tag in lost]


def _installation(host: Host, root: Element) -> list[str]:
    """Take the note of an installation out whose files went with the machine."""
    install = pending(root)
    if install is None or all(host.volumes.at(path) for path in install.passing):
        return []
    forget(root)
    return ["What it was to be installed from is gone: it starts from its disk."]


def _disks(host: Host, root: Element) -> list[str]:
    paths = [device.path for device in devices(root) if isinstance(device, Disk) and device.path]
    missing = [path for path in paths if host.volumes.at(path) is None]
    return [f"{path} is in no running pool; if it was deleted, the machine will not start." for path in missing]
