"""The way from one host's libvirtd to another's over SSH: what is missing of the trust between them, and setting it up.

The source's libvirtd runs ssh as root: it needs a key that the destination lets in, and the destination's host key.
What this server cannot write, because it is not root there, is a command for a person.
"""

from __future__ import annotations

import difflib
import shlex
from contextlib import ExitStack
from dataclasses import dataclass, field

from ...hypervisor.accounts import NEW_KEY, Account
from ...hypervisor.host import Host
from ...hypervisor.ssh import known_name, pinned_keys, shown_keys
from ...plan import Change, Effect, Plan, take_back
from ...problems import Problem
from .route import destination_spec, driving_key

KNOWN, LET_IN = "known_hosts", "authorized_keys"


@dataclass(frozen=True)
class FileChange:
    """A file of an account as it is and as it is to be. `before` None: it is not there yet."""

    account: Account
    file: str
    before: str | None
    after: str
    command: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True)
        name = f"{self.account.name}: ~/.ssh/{self.file}"
        return "".join(difflib.unified_diff(old, new, name, f"{name} (new)", n=1))


@dataclass
class Missing:
    """What of the trust is missing: a key, files that this server may write, and commands for a person."""

    makes_key: bool = False
    files: list[FileChange] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)


class Peers:
    """The SSH way from one host to another, as the source's libvirtd takes it."""

    def __init__(self, source: Host, destination: Host, transfer_address: str | None) -> None:
        self.target = destination_spec(source, destination, transfer_address)
        self._destination = destination
        self._driver = Account(source, root=True)
        self._door = Account(destination, root=self.target.user == "root" and destination.spec.transport == "local")
        self._key = driving_key(source)

    @property
    def name(self) -> str:
        """What the destination is called in the source's `known_hosts`."""
        return known_name(self.target.address, self.target.port)

    @property
    def _address(self) -> str:
        port = f"-p {self.target.port} " if self.target.port else ""
        return f"{port}{self.target.user or 'root'}@{self.target.address}"

    def missing(self) -> Missing:
        """What is missing now; looks at files and writes nothing."""
        found = Missing()
        self._host_key(found)
        public = self._public_key(found)
        if public:
            self._let_in(found, public)
        return found

    def set_up(self) -> Change[str]:
        """Make the key where there is none, and write what is missing; undone in whole where it does not help."""
        found = self.missing()
        commands = [f"# as {self._driver.name}", NEW_KEY] if found.makes_key else []
        for each in found.files:
            commands += [f"# as {each.account.name}", each.command]
        notes = []
        if found.makes_key:
            notes = [f"A key is made for {self._driver.name}, and its public part let in as {self._door.name}."]
        plan = Plan(
            file_diff="".join(each.diff for each in found.files),
            commands=commands,
            effects=[Effect(field="ssh", when="live")],
            warnings=[f"{self._driver.name} can then log in as {self._door.name} without a password."],
            notes=notes + [f"Still to be done by hand then: {each}" for each in found.by_hand],
        )
        return Change(plan, self._apply)

    def _apply(self) -> str:
        with ExitStack() as undo:
            found = self.missing()
            if found.makes_key:
                self._driver.make_key()
                undo.callback(take_back, self._driver.remove_key)
                found = self.missing()
            for each in found.files:
                undo.callback(take_back, each.account.write, each.file, each.before)
                each.account.write(each.file, each.after)
            refused = None if found.by_hand else self._driver.reaches(self.target, self._key)
            if refused:
                detail = f"{self._driver.name} does not get in as {self._door.name} all the same; all was taken back."
                raise Problem("host-refused", detail, cure="See what its sshd allows.", raw=refused.raw)
            undo.pop_all()
        return "; ".join(f"{each.file} of {each.account.name}" for each in found.files)

    def _host_key(self, found: Missing) -> None:
        wanted = self._shown()
        if not wanted:
            found.by_hand.append(
                f"# as {self._driver.name}\nssh {self.target.user or 'root'}@{self.target.address} true"
            )
            return
        lines = [f"{self.name} {kind} {key}" for kind, key in wanted]
        command = f"printf '%s\\n' {' '.join(map(shlex.quote, lines))} >> ~/.ssh/{KNOWN}"
        try:
            known, before = self._driver.knows(self.name), self._driver.read(KNOWN)
        except Problem as problem:
            if problem.slug not in ("forbidden", "unsupported"):
                raise
            found.by_hand.append(_as_root(command))
            return
        kinds = {kind for kind, _key in wanted}
        stale = [line for line in known if line.split()[1] in kinds and tuple(line.split()[1:3]) not in wanted]
        fresh = [line for line in lines if line.split()[1:3] not in [old.split()[1:3] for old in known]]
        if stale or fresh:
            kept = [line for line in (before or "").splitlines() if line not in stale]
            after = "".join(f"{line}\n" for line in [*kept, *fresh])
            found.files.append(FileChange(self._driver, KNOWN, before, after, command))

    def _shown(self) -> list[tuple[str, str]]:
        """The destination's keys that this server may vouch for: pinned ones, or its own as it shows them to itself."""
        if self._destination.spec.transport == "local":
            lines = shown_keys(self.target.address, self.target.port) if self._destination.is_here else []
        else:
            lines = pinned_keys(self._destination.known_hosts, self.name)
        return [(words[1], words[2]) for words in map(str.split, lines)]

    def _public_key(self, found: Missing) -> str | None:
        """The key that is to be let in; None where it is to be made first."""
        if self._key:
            return self._key.with_suffix(".pub").read_text().strip()
        try:
            public = self._driver.public_key()
        except Problem as problem:
            if problem.slug not in ("forbidden", "unsupported"):
                raise
            target = f"{self.target.user or 'root'}@{self.target.address}"
            found.by_hand.append(
                f"# as {self._driver.name}\n[ -f ~/.ssh/id_ed25519 ] || {NEW_KEY}\nssh-copy-id {target}"
            )
            return None
        found.makes_key = public is None
        return public

    def _let_in(self, found: Missing, public: str) -> None:
        command = f"echo {shlex.quote(public)} >> ~/.ssh/{LET_IN}"
        try:
            before = self._door.read(LET_IN)
        except Problem as problem:
            if problem.slug not in ("forbidden", "unsupported"):
                raise
            found.by_hand.append(_as_root(command))
            return
        keys = [line.split() for line in (before or "").splitlines()]
        if not any(public.split()[1] in words for words in keys):
            text = (before or "") + ("\n" if before and not before.endswith("\n") else "")
            found.files.append(FileChange(self._door, LET_IN, before, f"{text}{public}\n", command))


def _as_root(command: str) -> str:
    return shlex.join(["sudo", "-i", "sh", "-c", f"umask 077; mkdir -p ~/.ssh; {command}"])
