"""Installations without questions: the disc or script that an installer reads, and the disc with virtio's drivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..hypervisor.hosts import Hosts
from ..model import answer_file
from ..model.cpio import archive
from ..model.create import CreateFacts, DomainCreate, InstallIso, InstallTree, SourceFacts
from ..model.defaults import Defaults
from ..model.disc import disc
from ..model.unattended import Unattended, faults
from ..problems import FieldError, Problem
from .faults import Faults
from .media import Storage
from .seeds import Seed, Seeds
from .systems import Systems

DRIVERS = "virtio-win"
"""How the disc with the drivers is called (its label, and its file)."""
POINTER = "/install/unattended"


@dataclass(frozen=True)
class Answers:
    """What an installation gets besides its medium: a disc, or an archive for its first file system."""

    facts: CreateFacts
    seed: Seed | None = None
    inject: bytes | None = None


class UnattendedInstalls:
    """Plans what installers read; touches nothing."""

    def __init__(self, hosts: Hosts, storage: Storage, systems: Systems) -> None:
        self._hosts = hosts
        self._storage = storage
        self._systems = systems
        self._seeds = Seeds(hosts)

    def plan(self, host: str, request: DomainCreate, facts: CreateFacts, found: Faults) -> Answers:
        """The facts with what is added to them for this."""
        install, windows = request.install, facts.guest.windows
        if isinstance(install, InstallIso) and windows:
            facts = replace(facts, drivers=self._drivers(host))
        if not isinstance(install, InstallIso | InstallTree) or install.unattended is None:
            return Answers(facts)
        wish = install.unattended
        wrong = list(faults(wish, windows=windows))
        found.errors += [FieldError(POINTER + each.pointer, each.detail) for each in wrong]
        found.slugs |= {"invalid-input"} if wrong else set()
        if wrong:
            return Answers(facts)
        if isinstance(install, InstallTree):
            return self._script(install, request, facts, wish, found)
        if not windows:
            words = (
                "From a medium only Windows is installed without questions: name the system, or install from a tree."
            )
            found.add(POINTER, words, "unsupported")
            return Answers(facts)
        return self._disc(host, request, facts, wish, found)

    def _disc(self, host: str, request: DomainCreate, facts: CreateFacts, wish: Unattended, found: Faults) -> Answers:
        uefi = Defaults(request, facts).firmware == "uefi"
        target = answer_file.Target(request.name, self._short_id(facts), uefi, drivers=facts.drivers is not None)
        pool = self._seeds.pool(host, next((disk.pool for disk in request.disks if disk.pool), None) or "default")
        if pool is None:
            found.add(POINTER, "The host has no pool of files for the disc with the answers.")
            return Answers(facts)
        if any(disk.bus == "virtio" for disk in request.disks) and facts.drivers is None:
            found.warnings.append("Windows sees no virtio disk without drivers: put the disc virtio-win into a pool.")
        content = disc(answer_file.LABEL, {answer_file.FILE: answer_file.answer_file(wish, target)})
        seed = self._seeds.place(host, pool, request.name, content)
        found.warnings.append("The password can be read on the disc with the answers, until Windows was installed.")
        return Answers(replace(facts, seed=SourceFacts(seed.path)), seed=seed)

    def _short_id(self, facts: CreateFacts) -> str:
        system = self._systems.database.get(facts.guest.id)
        return system.short_id if system else ""

    def _script(
        self, install: InstallTree, request: DomainCreate, facts: CreateFacts, wish: Unattended, found: Faults
    ) -> Answers:
        defaults = Defaults(request, facts)
        bus = next((disk.bus for disk in request.disks if disk.device == "disk"), None) or defaults.disk_bus("disk")
        disk = "/dev/vda" if bus == "virtio" else "/dev/sda"
        made = self._systems.database.script(facts.guest.id, install.url, _config(wish, request.name, disk))
        if made is None or facts.tree is None:
            words = "The OS database has no script for this system: give kernel arguments that name one of yours."
            found.add(POINTER, words, "unsupported")
            return Answers(facts)
        text = wish.answer_file.get_secret_value() if wish.answer_file else made.text
        found.warnings.append("The password stands in the installer's first file system, until it has ended.")
        args = " ".join(filter(None, (made.arguments, facts.tree.args)))
        tree = replace(facts.tree, args=args)
        return Answers(replace(facts, tree=tree), inject=archive(made.name, text.encode()))

    def _drivers(self, host: str) -> SourceFacts | None:
        """The disc with the drivers, where one lies in a pool that runs."""
        return next(self._driver_discs(host), None)

    def _driver_discs(self, host: str) -> Iterator[SourceFacts]:
        for pool in self._hosts.get(host).pools.rows():
            if pool.state not in ("running", "degraded"):
                continue
            for volume in self._storage.volumes(host, pool.name):
                named = volume.is_iso and not volume.partial and volume.name.lower().startswith(DRIVERS)
                if named and self._is_drivers(host, pool.name, volume.name):
                    yield SourceFacts(volume.path, block=volume.type == "block")

    def _is_drivers(self, host: str, pool: str, volume: str) -> bool:
        try:
            label = self._systems.label(host, pool, volume, None)
        except Problem as problem:  # a made-up host has no content to look at
            return problem.slug == "unsupported"
        return label is not None and (label.volume or "").lower().startswith(DRIVERS)


def _config(wish: Unattended, name: str, disk: str) -> dict[str, str]:
    """What is asked for, in libosinfo's words."""
    locale, password = wish.locale.replace("-", "_"), wish.password.get_secret_value() if wish.password else ""
    return {
        "admin-password": password,
        "user-login": wish.user or "",
        "user-password": password,
        "user-realname": wish.full_name or wish.user or "",
        "hostname": wish.hostname or name,
        "l10n-language": locale,
        "l10n-keyboard": locale,
        "l10n-timezone": wish.timezone,
        "target-disk": disk,
        "hardware-arch": "x86_64",
    }
