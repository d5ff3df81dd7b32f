"""The versions of a template: what each changed, which machines were made of it, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ...access import User
from ...history import History
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.clone import DomainClone
from ...model.compare import Difference, differences
from ...model.domain import Domain
from ...model.secrecy import carry_secrets
from ...model.strict import Value
from ...model.template import version_of
from ...model.xml import Element, parse
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ...store import Store
from ..cloning.run import Clones
from ..domains.timeline import Restore, Timeline
from ..inventory.kept_versions import KeptVersion, LeftFiles, kept_versions, own_disks
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


class TemplateVersions:
    """Lists the versions of a template, makes machines of any, and removes those that nobody wants any more."""

    def __init__(
        self, hosts: Hosts, history: History, store: Store, timeline: Timeline, storage: Storage, clones: Clones
    ) -> None:
        self._hosts = hosts
        self._timeline = timeline
        self._history = history
        self._left = LeftFiles(store)
        self._storage = storage
        self._clones = clones

    def all(self, host: str, uuid: str) -> list[TemplateVersion]:
        """All versions that the history has, newest first."""
        kept, saved = kept_versions(self._history, host, uuid), parse(self._hosts.get(host).domains.xml(uuid))
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
                    remove=self._unremovable(host, each, kept, saved),
                )
            )
        return found

    def deploy(self, host: str, uuid: str, version: int, body: DomainClone, user: User) -> Change[Job]:
        """A machine of one version, be it an old one; the job that makes it."""
        each = _one(kept_versions(self._history, host, uuid), version)
        saved = parse(self._hosts.get(host).domains.xml(uuid, secure=True))
        why = self._undeployable(host, each, saved)
        if why:
            raise Problem("wrong-state", why)
        root = parse(each.row["xml"])
        carry_secrets(root, saved)
        return self._clones.clone(host, uuid, body, user, version=root)

    def remove(self, host: str, uuid: str, version: int, user: User) -> Change[None]:
        """Forget a version; files that only it needs are deleted, what others stand on stays.

        Without the one of today the template goes back to the one before, which counts as its next.
        """
        kept = kept_versions(self._history, host, uuid)
        each, saved = _one(kept, version), parse(self._hosts.get(host).domains.xml(uuid))
        why = self._unremovable(host, each, kept, saved)
        if why:
            raise Problem("wrong-state", why)
        others = [other for other in kept if other is not each]
        back = self._restore(host, uuid, others[0].row["id"], user) if version == version_of(saved) else None
        shared = {path for other in others for path in other.files}
        leaving = saved.findtext("name") if back else None
        deletes, stay = self._deletes(host, [path for path in each.files if path not in shared], leaving)
        before = [back] if back else []
        told = [f"The template goes back to what version {others[0].version} holds."] if back else []
        plan = Plan(
            xml_diff=back.plan.xml_diff if back else "",
            commands=[command for change in [*before, *deletes] for command in change.plan.commands],
            effects=[Effect(field="template", when="live")],
            warnings=[f"Version {version} can be neither compared nor used any more.", *told, *stay.values()]
            + [warning for change in [*before, *deletes] for warning in change.plan.warnings],
        )

        def apply() -> None:
            for change in [*before, *deletes]:
                change.apply()
            self._left.note(host, uuid, version, stay)
            self._history.forget(host, uuid, each.numbers)

        return Change(plan, apply)

    def _restore(self, host: str, uuid: str, number: int, user: User) -> Change[Domain]:
        return self._timeline.restore(host, uuid, number, body=Restore(), if_match=None, user=user)

    def _unremovable(self, host: str, each: KeptVersion, kept: Sequence[KeptVersion], saved: Element) -> str | None:
        """Why a version stays: it is that of today, and there is none to go back to."""
        if each.version != version_of(saved):
            return None
        older = next((other for other in kept if other is not each), None)
        if older is None:
            return "It is the only version. Delete the template as a whole."
        why = self._undeployable(host, older, saved)
        return f"The template cannot go back to version {older.version}: {why}" if why else None

    def _undeployable(self, host: str, each: KeptVersion, saved: Element) -> str | None:
        """Why no machine can be made of it: its disks are gone, or somebody writes them."""
        volumes = self._hosts.get(host).volumes
        for path in each.files:
            if volumes.at(path) is None:
                return f"Its disk {path} is in no running pool; it may have been deleted."
        written = {disk.path for disk in own_disks(saved)} if version_of(saved) is None else set()
        both = [path for path in each.files if path in written]
        return f"The machine writes its disk {both[0]} itself now. Make it a template again first." if both else None

    def _deletes(
        self, host: str, paths: Sequence[str], leaving: str | None
    ) -> tuple[list[Change[None]], dict[str, str]]:
        """What deletes these files, once the machine `leaving` does without; and why each of the others stays."""
        deletes, stay = [], dict[str, str]()
        for path in paths:
            at = self._hosts.get(host).volumes.at(path)
            if at is None:
                stay[path] = f"{path} is in no running pool and is left as it is."
                continue
            try:
                deletes.append(self._storage.delete(host, at[0], at[1].name, leaving=leaving))
            except Problem as problem:
                stay[path] = f"{path} stays: {problem.detail} A deletion of the template offers to delete it too."
        return deletes, stay


def _one(kept: Sequence[KeptVersion], version: int) -> KeptVersion:
    found = next((each for each in kept if each.version == version), None)
    if found is None:
        raise Problem("not-found", f"There is no version {version} of it.", cure="Its history may not reach so far.")
    return found
