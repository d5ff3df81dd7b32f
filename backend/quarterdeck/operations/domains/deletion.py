"""Removing a machine, with a choice for each of its disks."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable

from pydantic import Field

from ...access import User
from ...history import History
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.volumes import VolumeRow
from ...model.devices import Disk
from ...model.domain import DomainRow
from ...model.installing import pending
from ...model.storage import read_volume
from ...model.strict import Value
from ...model.xml import digest
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ...store import Store
from ..changing.changing import changed_meanwhile
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..inventory.kept_versions import LeftFiles, kept_versions
from ..storage.encrypted import forget_secret, opened_by
from ..storage.guard import Guard
from ..storage.standing import Files, Ground
from .first_boot import remove_passing


class DomainVolume(Value):
    """A disk of a machine: where it lies, who else uses it, and why it could not be deleted.

    `secret` is libvirt's secret with its passphrase, where nothing else opens with it.
    """

    target: str
    path: str
    pool: str | None = None
    volume: str | None = None
    size_bytes: int | None = None
    shared_by: list[str] = []
    deletable: bool
    preselected: bool
    reason: str | None = None
    secret: str | None = None


class DeleteQuery(Value):
    """Which disks go too: `all`, or targets or volume names separated by commas; none by default."""

    volumes: str = Field("", description="Disks that go too: `all`, or targets or volume names separated by commas")
    secrets: bool = Field(False, description="Whether libvirt forgets the passphrases of the disks that go")


class Deletion:
    """Undefines machines and deletes the volumes that were chosen."""

    def __init__(self, hosts: Hosts, inventory: Inventory, guard: Guard, history: History, store: Store) -> None:
        self._hosts = hosts
        self._history = history
        self._left = LeftFiles(store)
        self._inventory = inventory
        self._guard = guard

    def volumes(self, host: str, uuid: str) -> list[DomainVolume]:
        """The disks of a machine with a file or volume behind them, the files of its snapshots, and as a template."""
        return self._look(host, uuid)[0]

    def _look(self, host: str, uuid: str) -> tuple[list[DomainVolume], Ground, dict[str, list[str]]]:
        """These, what stands on what, and by pool a warning for each host that cannot be asked about it."""
        versions = kept_versions(self._history, host, uuid)
        older = self._left.of(host, uuid) | {path: each.version for each in versions for path in each.files}
        (files, ground), own = self._guard.standing.of(host, uuid, older), self._inventory.name(host, uuid)
        kept = [(Disk(target=f"snapshot-{number}"), path) for number, path in enumerate(files.kept, 1)]
        known = {path for _disk, path in [*files.disks, *kept]}
        had = {path: f"version-{version}" for path, version in older.items() if path not in known}
        bases = sorted(files.below - known - {*older}) if older else []
        had |= {path: f"base-{number}" for number, path in enumerate(bases, 1)}
        disks = [*files.disks, *kept, *((Disk(target=target), path) for path, target in had.items())]
        places = {path: self._hosts.get(host).volumes.at(path) for _disk, path in disks}
        elsewhere, unreached = self._elsewhere(host, filter(None, places.values()))
        found = []
        for disk, path in disks:
            pool, row = places[path] or (None, None)
            others = [name for name in ground.machines(path) if name != own] + files.above.get(path, [])
            others += elsewhere.get(row.path, []) if row else []
            found.append(self._volume(host, own, disk, path, pool, row, others))
        return [_doubted(each, older, files) if each.path in had else each for each in found], ground, unreached

    def _elsewhere(
        self, host: str, places: Iterable[tuple[str, VolumeRow]]
    ) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        pools = dict[str, list[str]]()
        for pool, row in places:
            pools.setdefault(pool, []).append(row.path)
        told = {pool: self._guard.elsewhere(host, pool, paths) for pool, paths in pools.items()}
        needed = {path: names for found, _unreached in told.values() for path, names in found.items()}
        return needed, {pool: unreached for pool, (_found, unreached) in told.items()}

    def _volume(
        self, host: str, own: str, disk: Disk, path: str, pool: str | None, volume: VolumeRow | None, others: list[str]
    ) -> DomainVolume:
        why = None
        if others:
            why = f"Also used by {', '.join(others)}."
        elif volume is None:
            why = "It lies in no pool, so libvirt cannot delete it."
        elif disk.device != "disk":
            why = "It is installation media, which other machines may need."
        deletable = volume is not None and not others
        return DomainVolume(
            target=disk.target,
            path=path,
            pool=pool,
            volume=volume.name if volume else None,
            size_bytes=volume.capacity if volume else None,
            shared_by=others,
            deletable=deletable,
            preselected=deletable and disk.device == "disk" and not disk.readonly and not disk.shareable,
            reason=why,
            secret=self._secret(host, own, disk, pool, volume.name) if volume and deletable else None,
        )

    def _secret(self, host: str, own: str, disk: Disk, pool: str | None, volume: str) -> str | None:
        """The secret that opens it, where no other machine needs it."""
        found = self._hosts.get(host)
        secret = disk.encryption.secret if disk.encryption else None
        secret = secret or read_volume(found.volumes.xml(pool or "", volume)).secret
        return secret if secret and set(opened_by(found, secret)) <= {own} else None

    def delete(self, host: str, uuid: str, query: DeleteQuery, if_match: str | None, user: User) -> Change[None]:
        """Force the machine off, forget it with all that libvirt keeps for it, and delete the chosen volumes."""
        facts = self._inventory.facts(host, uuid)
        if if_match not in (None, "*", digest(self._hosts.get(host).domains.xml(uuid, secure=True))):
            raise changed_meanwhile(facts.row.name)
        why = reason(BY_ID["delete"], facts, user.role)
        if why:
            raise Problem("wrong-state", why)
        volumes, ground, unreached = self._look(host, uuid)
        chosen = _chosen(volumes, query.volumes)
        name = shlex.quote(facts.row.name)
        commands = [f"virsh destroy {name}"] if facts.row.active else []
        if facts.row.persistent:
            commands.append(f"virsh undefine {name} --managed-save --snapshots-metadata --checkpoints-metadata --nvram")
        commands += [
            f"virsh vol-delete --pool {shlex.quote(v.pool or '')} {shlex.quote(v.volume or '')}" for v in chosen
        ]
        warnings = [f"{v.path} is deleted; what it holds is lost." for v in chosen]
        warnings += _doubts(ground, unreached, facts.row.name, chosen)
        secrets = sorted({v.secret for v in chosen if v.secret})
        if query.secrets:
            commands += [f"virsh secret-undefine {secret}" for secret in secrets]
        else:
            warnings += [f"The passphrase of a disk stays with libvirt, as the secret {secret}." for secret in secrets]
        plan = Plan(commands=commands, effects=[Effect(field="domain", when="live")], warnings=warnings)
        return Change(plan, lambda: self._apply(host, facts.row, chosen, secrets=query.secrets))

    def _apply(self, host: str, row: DomainRow, chosen: list[DomainVolume], *, secrets: bool) -> None:
        uuid, persistent = row.uuid, row.persistent
        found = self._hosts.get(host)
        if row.active:
            found.domains.destroy(uuid)
        install = pending(found.domains.xml(uuid)) if persistent else None
        if persistent:
            found.domains.undefine(uuid)
        if install is not None:
            remove_passing(found, install)
        self._inventory.refresh(host, uuid)
        self._left.forget(host, uuid)
        left = [told for volume in chosen if (told := _erase(found, volume, secret=secrets))]
        if left:
            raise Problem(
                "libvirt-refused",
                "The machine is gone, but not all of its disks: " + "; ".join(left),
                cure="Delete the volumes that are left in their pool.",
            )


def _erase(host: Host, volume: DomainVolume, *, secret: bool) -> str | None:
    """Delete a volume and then its passphrase, which nothing reads any more; why not."""
    try:
        host.volumes.delete(volume.pool or "", volume.volume or "")
        if secret and volume.secret and not opened_by(host, volume.secret):
            forget_secret(host, volume.secret)
    except Problem as problem:
        return f"{volume.path}: {problem.detail}"
    return None


def _doubts(ground: Ground, unreached: dict[str, list[str]], own: str, chosen: list[DomainVolume]) -> list[str]:
    """Warnings of who may lose something by a deletion, where nobody can tell."""
    found = [told for volume in chosen for told in ground.doubts(volume.path, but=own)]
    found += ground.warnings(but=own) if chosen else []
    found += [told for volume in chosen for told in unreached.get(volume.pool or "", [])]
    return list(dict.fromkeys(found))


def _doubted(volume: DomainVolume, older: Collection[str], files: Files) -> DomainVolume:
    """A file that the machine had as a template: what is not surely its own is left to people."""
    if not volume.deletable or (volume.path in older and volume.path in files.below):
        return volume
    why = "Its disks stand on it. It may be an image that you keep."
    if volume.path in older:
        why = "Only an older version had it. Something else may be called so by now."
    return volume.model_copy(update={"preselected": False, "reason": why})


def _chosen(volumes: list[DomainVolume], wanted: str) -> list[DomainVolume]:
    if wanted == "all":
        return [volume for volume in volumes if volume.preselected]
    chosen = []
    for name in filter(None, wanted.split(",")):
        volume = next((v for v in volumes if name in (v.target, v.volume, v.path)), None)
        if volume is None:
            raise Problem("not-found", f"The machine has no disk {name}.")
        if not volume.deletable:
            raise Problem("in-use", f"{volume.path} cannot be deleted: {volume.reason}")
        chosen.append(volume)
    return chosen
