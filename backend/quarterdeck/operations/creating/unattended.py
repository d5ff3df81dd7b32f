"""Installations without questions: the disc or script that an installer reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from ...hypervisor.hosts import Hosts
from ...model import answer_file, autoinstall
from ...model.cloud_init import SECRET
from ...model.cpio import archive
from ...model.create import (
    CreateFacts,
    DomainCreate,
    InstallCloudImage,
    InstallImport,
    InstallIso,
    InstallPlain,
    InstallTree,
    SourceFacts,
    TreeFacts,
)
from ...model.defaults import Defaults
from ...model.disc import disc
from ...model.unattended import Reader, Unattended, faults
from ...osinfo.detect import numbers
from ...osinfo.system import System
from ...problems import FieldError, Problem
from ..faults import Faults
from ..storage.lending import Lending, split_path
from ..storage.storage import Storage
from .host_tree import folder_of
from .medium_boot import Boot, BootPlan, find_boot
from .seeds import LABEL, Seed, Seeds
from .systems import Systems
from .tree_plan import places

DRIVERS = "virtio-win"
"""How the disc with the drivers is called (its label, and its file)."""
POINTER = "/install/unattended"
NOT_WINDOWS = "Only a Windows that sysprep has generalized reads answers at its first start: pick it as the system."
NO_SCRIPT = "The OS database has no script for this system: give kernel arguments that name one of yours."


@dataclass(frozen=True)
class Answers:
    """What an installation gets besides its medium: a disc, or an archive for its first file system.

    `boot` is what is taken out of a medium, so that its kernel can be told where the answers are. `files` are the
    answers, without secrets.
    """

    facts: CreateFacts
    seed: Seed | None = None
    inject: bytes | None = None
    boot: BootPlan | None = None
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Asked:
    """A request for answers, with the facts so far."""

    host: str
    request: DomainCreate
    wish: Unattended
    facts: CreateFacts
    found: Faults

    def refuse(self, words: str, pointer: str = POINTER) -> Answers:
        """Nothing, and why."""
        self.found.add(pointer, words, "unsupported")
        return Answers(self.facts)

    @property
    def masked(self) -> Unattended:
        """The wish without secrets."""
        hidden = {name: SecretStr(SECRET) for name in ("password", "product_key") if getattr(self.wish, name)}
        return self.wish.model_copy(update=hidden)

    @property
    def disk(self) -> str:
        """What the system calls the disk that it is installed on."""
        asked = next((disk.bus for disk in self.request.disks if disk.device == "disk"), None)
        bus = asked or Defaults(self.request, self.facts).disk_bus("disk")
        return "/dev/vda" if bus == "virtio" else "/dev/sda"


class UnattendedInstalls:
    """Plans what installers read; touches nothing."""

    def __init__(self, hosts: Hosts, storage: Storage, systems: Systems, lending: Lending) -> None:
        self._lending = lending
        self._hosts = hosts
        self._storage = storage
        self._systems = systems
        self._seeds = Seeds(hosts)

    def plan(self, host: str, request: DomainCreate, facts: CreateFacts, found: Faults) -> Answers:
        """The facts with what is added to them for this."""
        install, windows = request.install, facts.guest.windows
        if isinstance(install, InstallIso) and windows:
            facts = replace(facts, drivers=self._drivers(host))
        if isinstance(install, InstallIso) and install.kernel_args and install.unattended is None:
            return self._with_arguments(host, request, install.kernel_args, facts, found)
        if isinstance(install, InstallPlain) or install.unattended is None:
            return Answers(facts)
        asked = _Asked(host, request, install.unattended, facts, found)
        prepared = isinstance(install, InstallCloudImage | InstallImport)
        if prepared and not windows:
            return asked.refuse(NOT_WINDOWS)
        system = self._systems.database.get(facts.guest.id)
        by_windows: Reader = "prepared" if prepared else "windows"
        reader = by_windows if windows else _reader(system, iso=isinstance(install, InstallIso))
        wrong = list(faults(asked.wish, reader))
        found.errors += [FieldError(POINTER + each.pointer, each.detail) for each in wrong]
        found.slugs |= {"invalid-input"} if wrong else set()
        if wrong:
            return Answers(facts)
        if windows:
            return asked.refuse(NO_SCRIPT) if isinstance(install, InstallTree) else self._windows(asked, prepared)
        return self._linux(asked, system, reader)

    def _linux(self, asked: _Asked, system: System | None, reader: Reader) -> Answers:
        boot = None
        if isinstance(asked.request.install, InstallIso):
            boot = self._boot(asked.host, asked.request, asked.facts, asked.found)
            if boot is None:
                return Answers(asked.facts)
            asked = replace(asked, facts=replace(asked.facts, tree=boot[1]))
        made = self._autoinstall(asked) if reader == "autoinstall" else self._script(asked, system, boot and boot[0])
        return replace(made, boot=replace(boot[0], inject=made.inject or b"")) if boot else made

    def _windows(self, asked: _Asked, prepared: bool) -> Answers:
        request, facts = asked.request, asked.facts
        uefi = Defaults(request, facts).firmware == "uefi"
        system = self._systems.database.get(facts.guest.id)
        short_id = system.short_id if system else ""
        drivers = facts.drivers is not None
        target = answer_file.Target(request.name, short_id, uefi, drivers=drivers, prepared=prepared)
        if any(disk.bus == "virtio" for disk in request.disks) and not (drivers or prepared):
            words = "Windows sees no virtio disk without drivers: put the disc virtio-win into a pool."
            asked.found.warnings.append(words)
        until = "the machine is first turned off" if prepared else "Windows was installed"
        asked.found.warnings.append(f"The password can be read on the disc with the answers, until {until}.")
        files = {target.file: answer_file.answer_file(asked.wish, target)}
        shown = {target.file: answer_file.answer_file(asked.masked, target)}
        return self._disc(asked, answer_file.LABEL, files, shown)

    def _disc(self, asked: _Asked, label: str, files: dict[str, str], shown: dict[str, str]) -> Answers:
        pool = self._seeds.pool(asked.host, _first_pool(asked.request))
        if pool is None:
            return asked.refuse("The host has no pool of files for the disc with the answers.")
        seed = self._seeds.place(asked.host, pool, asked.request.name, disc(label, files))
        return Answers(replace(asked.facts, seed=SourceFacts(seed.path)), seed, files=_shown(asked.wish, shown))

    def _with_arguments(
        self, host: str, request: DomainCreate, args: str, facts: CreateFacts, found: Faults
    ) -> Answers:
        """The kernel of the medium with what it is told; the installer asks its questions."""
        if facts.guest.windows:
            found.add("/install/kernel_args", "The installer of Windows takes no kernel arguments.", "unsupported")
            return Answers(facts)
        boot = self._boot(host, request, facts, found, "/install/kernel_args")
        return Answers(replace(facts, tree=boot[1]), boot=boot[0]) if boot else Answers(facts)

    def _boot(
        self, host: str, request: DomainCreate, facts: CreateFacts, found: Faults, pointer: str = POINTER
    ) -> tuple[BootPlan, TreeFacts] | None:
        """Kernel and initrd of the medium, and where they will lie; None, and why, where it has none."""
        pool = self._seeds.pool(host, _first_pool(request))
        if facts.medium is None or any(error.pointer == "/install/path" for error in found.errors):
            return None
        if pool is None:
            found.add(pointer, "The host has no pool of files for the kernel of the medium.", "unsupported")
            return None
        try:
            at, lent, boot = self._look(host, facts.medium.path)
        except Problem as problem:
            found.take(pointer, problem)
            return None
        if boot is None:
            words = "The medium has no kernel where Debian, Ubuntu, Fedora, RHEL or SUSE have theirs."
            found.add(pointer, words, "unsupported")
            return None
        names, tree = places(self._hosts.get(host), pool, request.name, pointer, found)
        asked = request.install.kernel_args if isinstance(request.install, InstallIso) else ""
        args = " ".join(filter(None, (boot.argument, asked)))
        tree = replace(tree, args=args, within=(boot.layout.kernel, boot.layout.initrd))
        return BootPlan(at, boot, pool, names, b"", lent), tree

    def _look(self, host: str, path: str) -> tuple[tuple[str, str], str | None, Boot | None]:
        """Where a medium lies as a volume, the folder that is lent for that, and what can be booted of it."""
        found = self._hosts.get(host)
        at = found.volumes.kept_at(path)
        if at is not None:
            return (at[0], at[1].name), None, find_boot(found, at[0], at[1].name)
        folder, name = split_path(path)
        with self._lending.look(host, folder) as pool:
            return (pool, name), folder, find_boot(found, pool, name)

    def _autoinstall(self, asked: _Asked) -> Answers:
        keyboard = self._systems.database.keyboard(asked.wish.locale.replace("-", "_"))
        files, shown = (
            autoinstall.autoinstall(
                wish, asked.request.name, disk=asked.disk, keyboard=keyboard, instance=asked.facts.uuid
            )
            for wish in (asked.wish, asked.masked)
        )
        shown = {name: re.sub(r'("password": )"[^"]*"', rf'\1"{SECRET}"', text) for name, text in shown.items()}
        return self._disc(_told(asked, autoinstall.ARGUMENTS), LABEL, files, shown)

    def _script(self, asked: _Asked, system: System | None, boot: BootPlan | None) -> Answers:
        url = asked.request.install.url if isinstance(asked.request.install, InstallTree) else None
        url = None if url and folder_of(url) else url  # which no guest reads
        packages = boot is None or boot.boot.packages
        if system and system.distro != "fedora" and not packages:
            return asked.refuse("No packages lie on this medium: take the DVD, or install from a tree.")
        made, shown = (
            self._systems.database.script(
                asked.facts.guest.id, url, _config(wish, asked.request.name, asked.disk), packages=packages
            )
            for wish in (asked.wish, asked.masked)
        )
        if made is None or shown is None or asked.facts.tree is None:
            return asked.refuse(NO_SCRIPT)
        asked.found.warnings.append("The password stands in the installer's first file system, until it has ended.")
        asked = _told(asked, made.arguments, injected=made.name)
        text = asked.wish.answer_file.get_secret_value() if asked.wish.answer_file else made.text
        files = _shown(asked.wish, {made.name: shown.text})
        return Answers(asked.facts, inject=archive(made.name, text.encode()), files=files)

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


def _reader(system: System | None, *, iso: bool) -> Reader:
    """Ubuntu's servers have had subiquity since 20.04; the trees of 20.04 are the last with Debian's installer."""
    first = (20, 4) if iso else (20, 10)
    return "autoinstall" if system and system.distro == "ubuntu" and numbers(system.version) >= first else "script"


def _first_pool(request: DomainCreate) -> str:
    return next((disk.pool for disk in request.disks if disk.pool), None) or "default"


def _told(asked: _Asked, arguments: str, *, injected: str = "") -> _Asked:
    """With arguments for the kernel, before those that were asked for."""
    tree = asked.facts.tree
    if tree is None:
        return asked
    tree = replace(tree, args=" ".join(filter(None, (arguments, tree.args))), injected=injected)
    return replace(asked, facts=replace(asked.facts, tree=tree))


def _shown(wish: Unattended, files: dict[str, str]) -> dict[str, str]:
    """What may be shown; nobody knows where the secrets of one's own file are."""
    return {} if wish.answer_file else files


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
