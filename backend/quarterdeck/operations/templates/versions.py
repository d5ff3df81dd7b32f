"""The versions of a template: what each changed, which machines were made of it, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.clone import DomainClone
from ...model.compare import Difference, differences
from ...model.devices import Disk, devices
from ...model.secrecy import carry_secrets
from ...model.strict import Value
from ...model.template import version_of
from ...model.xml import Element, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ...store import History
from ..cloning.run import Clones
from ..storage.storage import Storage


class TemplateVersion(Value):
    """A version of a template. `number` is its definition in the history; `changes` are against the version before.

    `deploy` and `remove` say why no machine can be made of it, and why it stays; null where they are possible.
    """

    version: int
    number: int
    time: str
    user: str | None = None
    changes: list[Difference] = []
    current: bool = False
    files: list[str] = Field([], description="The disks that it holds")
    machines: list[str] = Field([], description="Machines of this host that were made of it")
    deploy: str | None = None
    remove: str | None = None


@dataclass(frozen=True)
class _Kept:
    """A version as the history has it; `numbers` are all its definitions there, the newest first."""

    version: int
    row: dict[str, Any]
    numbers: list[int]
    root: Element

    @property
    def files(self) -> list[str]:
        """The files and devices of its disks, without media and what is shared."""
        return [each.path for each in _disks(self.root) if each.path]


class TemplateVersions:
    """Lists the versions of a template, makes machines of any, and removes those that nobody wants any more."""

    def __init__(self, hosts: Hosts, history: History, storage: Storage, clones: Clones) -> None:
        self._hosts = hosts
        self._history = history
        self._storage = storage
        self._clones = clones

    def all(self, host: str, uuid: str) -> list[TemplateVersion]:
        """All versions that the history has, newest first."""
        kept, saved = self._kept(host, uuid), parse(self._hosts.get(host).domains.xml(uuid))
        now = version_of(saved)
        made = self._storage.usage.made_of(host, uuid)
        found = []
        for each, older in zip(kept, [*kept, None][1:], strict=True):
            found.append(
                TemplateVersion(
                    version=each.version,
                    number=each.row["id"],
                    time=each.row["time"],
                    user=each.row["user"],
                    changes=differences(older.root, each.root) if older else [],
                    current=each.version == now,
                    files=each.files,
                    machines=made.get(each.version, []),
                    deploy=self._undeployable(host, each, saved),
                    remove=_unremovable(each, kept, now),
                )
            )
        return found

    def deploy(self, host: str, uuid: str, version: int, body: DomainClone, user: User) -> Change[Job]:
        """A machine of one version, be it an old one; the job that makes it."""
        each = _one(self._kept(host, uuid), version)
        saved = parse(self._hosts.get(host).domains.xml(uuid, secure=True))
        why = self._undeployable(host, each, saved)
        if why:
            raise Problem("wrong-state", why)
        root = parse(each.row["xml"])
        carry_secrets(root, saved)
        return self._clones.clone(host, uuid, body, user, version=root)

    def remove(self, host: str, uuid: str, version: int) -> Change[None]:
        """Forget a version; files that only it needs are deleted, what others stand on stays."""
        kept = self._kept(host, uuid)
        each = _one(kept, version)
        why = _unremovable(each, kept, version_of(parse(self._hosts.get(host).domains.xml(uuid))))
        if why:
            raise Problem("wrong-state", why)
        others = {path for other in kept if other is not each for path in other.files}
        deletes, stay = self._deletes(host, [path for path in each.files if path not in others])
        plan = Plan(
            commands=[command for change in deletes for command in change.plan.commands],
            effects=[Effect(field="template", when="live")],
            warnings=[f"Version {version} can be neither compared nor used any more.", *stay]
            + [warning for change in deletes for warning in change.plan.warnings],
        )

        def apply() -> None:
            for change in deletes:
                change.apply()
            self._history.forget(host, uuid, each.numbers)

        return Change(plan, apply)

    def _kept(self, host: str, uuid: str) -> list[_Kept]:
        rows = [(row, parse(row["xml"])) for row in self._history.entries(host, uuid)]
        found = dict[int, _Kept]()
        for row, root in rows:
            version = version_of(root)
            if version is not None:
                found.setdefault(version, _Kept(version, row, [], root)).numbers.append(row["id"])
        return sorted(found.values(), key=lambda each: -each.version)

    def _undeployable(self, host: str, each: _Kept, saved: Element) -> str | None:
        """Why no machine can be made of it: its disks are gone, or somebody writes them."""
        volumes = self._hosts.get(host).volumes
        for path in each.files:
            if volumes.at(path) is None:
                return f"Its disk {path} is in no running pool; it may have been deleted."
        written = {disk.path for disk in _disks(saved)} if version_of(saved) is None else set()
        both = [path for path in each.files if path in written]
        return f"The machine writes its disk {both[0]} itself now. Make it a template again first." if both else None

    def _deletes(self, host: str, paths: Sequence[str]) -> tuple[list[Change[None]], list[str]]:
        """What deletes these files, and why each of the others stays."""
        deletes, stay = [], []
        for path in paths:
            at = self._hosts.get(host).volumes.at(path)
            if at is None:
                stay.append(f"{path} is in no running pool and is left as it is.")
                continue
            try:
                deletes.append(self._storage.delete(host, at[0], at[1].name))
            except Problem as problem:
                stay.append(f"{path} stays: {problem.detail}")
        return deletes, stay


def _one(kept: Sequence[_Kept], version: int) -> _Kept:
    found = next((each for each in kept if each.version == version), None)
    if found is None:
        raise Problem("not-found", f"There is no version {version} of it.", cure="Its history may not reach so far.")
    return found


def _unremovable(each: _Kept, kept: Sequence[_Kept], now: int | None) -> str | None:
    if each.version == now:
        return "It is the version of today. Change the template first, or delete it as a whole."
    return "The number of the next version counts from it." if each is kept[0] else None


def _disks(root: Element) -> list[Disk]:
    found = [each for each in devices(root) if isinstance(each, Disk)]
    return [each for each in found if each.device == "disk" and not each.readonly and not each.shareable]
