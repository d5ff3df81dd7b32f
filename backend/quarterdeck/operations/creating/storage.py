"""Disks and media of a new machine: where they lie, what must be made, and what is wrong with them."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from ...hypervisor.hosts import Hosts
from ...model.create import DiskCreate, DomainCreate, InstallIso, SourceFacts
from ...model.secret import volume_secret
from ...model.storage import BLOCK_POOLS, Volume, formats_of, is_thin, read_pool
from ...model.units import GIB
from ...problems import Problem
from ..faults import Faults
from ..storage.encrypted import FOLDERS, KEEP
from ..storage.images import Images
from ..storage.in_time import in_time
from ..storage.storage import Storage, no_space, overcommit
from .cloud_images import Image


@dataclass(frozen=True)
class NewVolume:
    """A volume that must be made for disk number `disk`, empty or from an image.

    Where it is encrypted, its `passphrase` becomes a `secret` of libvirt, which is defined by `secret_xml`.
    """

    disk: int
    pool: str
    name: str
    capacity: int
    format: str
    image: Image | None = None
    secret: str | None = None
    secret_xml: str = ""
    passphrase: SecretStr | None = None


class Sources:
    """Finds the volumes that a request names; touches nothing."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage
        self._images = Images(hosts, storage)

    def medium(self, host: str, install: object, faults: Faults) -> SourceFacts | None:
        """The installation medium; None where there is none."""
        if not isinstance(install, InstallIso):
            return None
        if install.path:
            self._check_path(host, install.path, "/install/path", faults)
            return SourceFacts(install.path, block=install.path.startswith("/dev/"))
        if not (install.pool and install.volume):
            faults.add("/install/volume", "Choose the installation medium.")
            return None
        try:
            volume = self._storage.volume(host, install.pool, install.volume)
        except Problem as problem:
            faults.take("/install/volume", problem)
            return None
        if volume.partial:
            faults.add("/install/volume", f"The upload of {volume.name} is not complete.", "wrong-state")
        return SourceFacts(volume.path, block=volume.type == "block")

    def disks(
        self, host: str, request: DomainCreate, users: dict[str, list[str]], faults: Faults
    ) -> tuple[list[SourceFacts | None], list[NewVolume]]:
        """Where each disk lies, and the volumes that must be made first."""
        source: SourceFacts | None
        sources: list[SourceFacts | None] = []
        volumes: list[NewVolume] = []
        planned: dict[str, int] = {}
        for number, disk in enumerate(request.disks):
            pointer = f"/disks/{number}"
            try:
                if disk.is_new:
                    new, source = self._new(host, request.name, number, disk, volumes, faults)
                    planned[new.pool] = planned.get(new.pool, 0) + new.capacity
                    self._check_space(host, new, planned[new.pool], pointer, faults)
                    volumes.append(new)
                else:
                    source = self._existing(host, disk, pointer, users, faults)
                sources.append(source)
            except Problem as problem:
                faults.take(pointer + ("/volume" if disk.volume else "/pool"), problem)
                sources.append(None)
        return sources, volumes

    def _new(
        self, host: str, domain: str, number: int, disk: DiskCreate, before: list[NewVolume], faults: Faults
    ) -> tuple[NewVolume, SourceFacts]:
        pool = disk.pool or "default"
        self._storage.running(host, pool, "create")
        facts = read_pool(self._hosts.get(host).pools.xml(pool))
        offered = formats_of(facts.type)
        form = disk.format or offered[0]
        if form not in offered:
            faults.add(f"/disks/{number}/format", f"A pool of type {facts.type} holds raw disks only.")
        taken = set(self._hosts.get(host).volumes.names(pool))
        taken |= {volume.name for volume in before if volume.pool == pool}
        if disk.volume and disk.volume in taken:
            detail = f"The pool {pool} has a volume {disk.volume} already; leave out the size to use it."
            faults.add(f"/disks/{number}/volume", detail, "name-taken")
        block = facts.type in BLOCK_POOLS
        name = disk.volume or _free_name(domain, "" if block else f".{'qcow2' if form == 'qcow2' else 'img'}", taken)
        capacity = int((disk.size_gib or 0) * GIB)
        path = f"{(facts.path or '').rstrip('/')}/{name}"
        new = NewVolume(number, pool, name, capacity, form)
        if disk.passphrase is not None:
            self._check_encrypted(host, facts.type, f"/disks/{number}/passphrase", faults)
            faults.warnings.append(KEEP.format("disk"))
            secret = str(uuids.uuid4())
            new = replace(new, secret=secret, secret_xml=volume_secret(secret, path), passphrase=disk.passphrase)
        return new, SourceFacts(path, form, block, new=True, secret=new.secret)

    def _check_encrypted(self, host: str, kind: str, pointer: str, faults: Faults) -> None:
        if self._hosts.get(host).is_test:
            faults.add(pointer, "A made-up host keeps no secrets.", "unsupported")
        elif kind not in FOLDERS:
            faults.add(pointer, "Only files in a folder of the host are encrypted here.", "unsupported")

    def _check_space(self, host: str, new: NewVolume, needed: int, pointer: str, faults: Faults) -> None:
        row = self._hosts.get(host).pools.row(new.pool)
        thin = is_thin(read_pool(self._hosts.get(host).pools.xml(new.pool)).type)
        if needed <= row.available:
            return
        if thin and row.available > 0:
            faults.warnings.append(overcommit(row, needed))
        else:
            faults.take(pointer + "/size_gib", no_space("", row, needed))

    def _existing(
        self, host: str, disk: DiskCreate, pointer: str, users: dict[str, list[str]], faults: Faults
    ) -> SourceFacts | None:
        volume = self._find(host, disk)
        if volume is None and disk.path is None:
            if disk.device == "disk":
                faults.add(pointer, "Say how large the disk is to be, or which volume it is.")
            return None
        path = volume.path if volume else disk.path or ""
        others = (volume.used_by if volume else []) or users.get(path, [])
        if others and disk.device == "disk" and not (disk.readonly or disk.shareable):
            faults.add(f"{pointer}/volume", f"{path} is a disk of {', '.join(others)} already.", "in-use")
        if volume and volume.partial:
            faults.add(f"{pointer}/volume", f"The upload of {volume.name} is not complete.", "wrong-state")
        if volume is None:
            self._check_path(host, path, f"{pointer}/path", faults)
        if volume is None and disk.format is None and disk.device == "disk":
            faults.add(f"{pointer}/format", "The file lies in no pool, so say its format.")
        if disk.passphrase is not None:
            faults.add(f"{pointer}/passphrase", "Only a new disk gets one.")
        if volume and volume.encrypted and not volume.secret:
            detail = f"{volume.name} is encrypted, and libvirt does not know its passphrase."
            faults.add(f"{pointer}/volume", detail, "unsupported")
        known = volume.format if volume and volume.format not in ("iso", "unknown") else "raw"
        block = volume.type == "block" if volume else path.startswith("/dev/")
        if disk.device == "disk":
            self._look_into(host, volume, path, disk.format or known, pointer, faults)
        return SourceFacts(path, disk.format or known, block, secret=volume.secret if volume else None)

    def _look_into(self, host: str, volume: Volume | None, path: str, form: str, pointer: str, faults: Faults) -> None:
        try:
            if volume:
                self._images.check(host, volume.pool, volume.name, form)
            else:
                self._images.check_path(host, path, form)
        except Problem as problem:
            faults.take(pointer + ("/volume" if volume else "/path"), problem)

    def _check_path(self, host: str, path: str, pointer: str, faults: Faults) -> None:
        """Whether a file outside the pools is there; only this server's own files can be looked for."""
        found = self._hosts.get(host)
        if found.volumes.kept_at(path):
            return
        if found.spec.transport != "local":
            faults.warnings.append(f"{path} lies in no pool of the host, so nobody can tell whether it is there.")
            return
        try:
            if not in_time(path, Path(path).exists):
                faults.add(pointer, f"The host has no file {path}.")
        except Problem as problem:
            faults.take(pointer, problem)
        except PermissionError:
            return

    def _find(self, host: str, disk: DiskCreate) -> Volume | None:
        if disk.path:
            at = self._hosts.get(host).volumes.kept_at(disk.path)
            return self._storage.volume(host, at[0], at[1].name) if at else None
        if disk.volume:
            return self._storage.volume(host, disk.pool or "default", disk.volume)
        return None


def _free_name(domain: str, suffix: str, taken: set[str]) -> str:
    name, number = domain + suffix, 0
    while name in taken:
        number += 1
        name = f"{domain}-{number}{suffix}"
    return name
