"""What keeps a host from starting a machine twice, and which machines stand on two hosts."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.locking import ETC, LockFiles, lock_facts, lock_files
from ...model.locking import NOBODY, QEMU, LockFacts, Locking, LockingWish, read_locking, refusals, wished
from ...model.moving import moved_machine
from ...plan import Change, Effect, Plan, take_back
from ...problems import FieldError, Problem
from .lock_helper import LockHelper

RUN_ON = (
    "libvirt's daemon is restarted. Machines run on, and need not be off; each is protected from its next start on."
)

NO_HANG = (
    "The daemon runs with G_SLICE=always-malloc (systemd: quarterdeck-locking.conf beside its unit): "
    "with GLib before 2.76 a start could wait for its lock for ever."
)


class HostLocking:
    """The protection of all hosts."""

    def __init__(self, hosts: Hosts, helper: LockHelper) -> None:
        self._hosts = hosts
        self._helper = helper

    def of(self, host: str) -> Locking:
        """What protects one host."""
        settings = self._look(self._hosts.get(host))
        return settings.model_copy(update={"changeable": settings.manager != "unknown"})

    def change(self, host: str, wish: LockingWish) -> Change[Locking]:
        """Give a host another protection; undone in whole where libvirt's daemon does not come back with it."""
        found = self._hosts.get(host)
        taken = {}
        for other in self._hosts.all():
            number = self._look(other).host_id if other.id != found.id else None
            if number:
                taken[number] = other.spec.name
        try:
            change: Change[Any]
            if self._helper.serves(found):
                change = self._helper.change(wish, taken)
            else:
                change = change_locking(lock_files(found), wish, taken)
        except Problem as problem:
            if problem.slug not in ("forbidden", "unsupported"):
                raise
            raise _by_hand(found, wish, problem) from problem

        def apply() -> Locking:
            change.apply()
            return self.of(host)

        return Change(change.plan, apply)

    def _look(self, host: Host) -> Locking:
        if not self._helper.serves(host):
            return read_locking(lock_facts(host))
        try:
            return self._helper.look()
        except Problem:
            return read_locking(NOBODY)


def change_locking(
    files: LockFiles, wish: LockingWish, taken: dict[int, str], *, restart: bool = True
) -> Change[LockFacts]:
    """Write the settings of the lock manager and restart libvirt's daemon; what the host then tells."""
    facts = files.facts()
    if facts.files[QEMU] is None:
        raise Problem(
            "forbidden", "libvirt's settings cannot be read.", cure="Run this as root, on a host with libvirt."
        )
    faults = list(refusals(facts, wish, taken))
    faults += [
        FieldError(f"/{name}", f"There is no folder {wish.folders[name]}.") for name in files.lacking(wish.folders)
    ]
    if faults:
        raise Problem("invalid-input", faults[0].detail, errors=faults)
    new = wished(facts, wish)

    def apply() -> LockFacts:
        with ExitStack() as undo:
            if restart and new:
                _must_be_idle(files)
                undo.callback(take_back, files.restart, wish.manager)
            for name, text in new.items():
                undo.callback(take_back, files.write, name, facts.files[name] or "")
                files.write(name, text)
            if restart and new:
                files.restart(wish.manager)
            undo.pop_all()
        return files.facts()

    diff = "".join(_diff(name, facts.files[name] or "", text) for name, text in new.items())
    plan = Plan(
        file_diff=diff,
        commands=[command_of(wish)],
        effects=[Effect(field="locking", when="live")] if new else [],
        notes=[RUN_ON, *([] if wish.manager == "none" else [NO_HANG])] if new else [],
    )
    return Change(plan, apply)


def command_of(wish: LockingWish) -> str:
    """The command that does the same, as root on that host."""
    if wish.manager == "none":
        return "quarterdeck locking disable"
    words = ["quarterdeck", "locking", "enable", *(["--sanlock"] if wish.manager == "sanlock" else [])]
    words += [f"--host-id={wish.host_id}"] if wish.host_id else []
    return shlex.join([*words, *(f"--{name.replace('_', '-')}={path}" for name, path in wish.folders.items())])


def _by_hand(host: Host, wish: LockingWish, why: Problem) -> Problem:
    """Why a person has to do it, with the command."""
    command, shows = command_of(wish), "It shows the changes of files first."
    if host.is_here:
        detail = "Quarterdeck was started without root here, so it may not write libvirt's settings."
        cure = f"Run this in a terminal of this host, as root. {shows} As a service of its package Quarterdeck does it."
        command = command.replace("quarterdeck", shlex.quote(str(Path(sys.executable).with_name("quarterdeck"))), 1)
    else:
        detail = f"This server may not act as root on {host.spec.name}."
        cure = f"Run this there as root. {shows} The command comes with Quarterdeck, which need not be started there."
    return Problem("forbidden", detail, cure=cure, raw=why.raw, command=command)


def _must_be_idle(files: LockFiles) -> None:
    busy = files.busy()
    if busy:
        detail = f"{busy[0]} is in the middle of a job, which a restart of libvirt's daemon would break off."
        raise Problem("busy", detail, cure="Wait for its end, or cancel it, then try again.")


def _diff(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"{ETC}/{name}", f"{ETC}/{name} (new)", n=1
    )
    return "".join(lines)


@contextlib.contextmanager
def naming_the_holder(hosts: Hosts, host: str, uuid: str) -> Iterator[None]:
    """Inside, a refusal by a lock tells the file, and the machine of a known host that runs on it."""
    try:
        yield
    except Problem as problem:
        if problem.slug != "locked":
            raise
        held = _holder(hosts, hosts.get(host), uuid, problem.raw or "")
        if held is None:
            raise
        path, name, other = held
        raise Problem(
            "locked",
            f"Its disk {path} is locked: {name} runs on {other.spec.name} and uses it.",
            cure=f"Stop {name} on {other.spec.name} first, or give this machine a disk of its own.",
            raw=problem.raw,
            holder={"host": other.id, "name": name, "path": path},
        ) from problem


def _holder(hosts: Hosts, host: Host, uuid: str, raw: str) -> tuple[str, str, Host] | None:
    """The disk's path, and the machine that holds it. A lock is named by the path or by its SHA-256 (virtlockd)."""
    paths = _paths(host, uuid, live=False)
    named = [path for path in paths if path in raw or hashlib.sha256(path.encode()).hexdigest() in raw]
    for other in hosts.all():
        with contextlib.suppress(Problem):  # a host that is away cannot be asked
            for row in other.domains.rows():
                if not row.active or (other.id, row.uuid) == (host.id, uuid):
                    continue
                shared = [path for path in _paths(other, row.uuid, live=True) if path in (named or paths)]
                if shared:
                    return shared[0], row.name, other
    return None


def _paths(host: Host, uuid: str, *, live: bool) -> list[str]:
    disks = moved_machine(host.domains.xml(uuid, live=live)).disks
    return [disk.path for disk in disks if disk.path and disk.is_data]
