"""SSH from this server to hosts: an own key, pinned host keys, and the public key installed once by a password.

Everything lies in one folder of the state directory. Programs of OpenSSH do the work; secrets reach them through a
pipe that one read empties, never by argument, environment or file.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model.host import HostKey
from ..problems import FieldError, Problem, field_problem
from .spec import HostSpec

SECONDS = 20
OF_SSH_ITSELF = 255
"""Status of ssh where it did not get so far as to run the command."""
VERIFICATION = r"Host key verification failed|IDENTIFICATION HAS CHANGED"
TOO_LONG = "Value too large for defined data type"
"""All that libvirt tells of ssh's warning of a changed key, which is longer than the 1024 bytes that it reads."""
ASK = """#!/bin/sh
IFS= read -r line < "$0.secret"
printf '%s\\n' "$line"
"""
INSTALL = (
    "umask 077; mkdir -p .ssh && IFS= read -r key && "
    '{ grep -qxF "$key" .ssh/authorized_keys 2>/dev/null || printf "%s\\n" "$key" >> .ssh/authorized_keys; }'
)


class SshTrust:
    """The key of this server and the host keys that somebody has confirmed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    @property
    def key(self) -> Path:
        """The private key, whether it is there yet or not."""
        return self._folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The pinned host keys."""
        return self._folder / "known_hosts"

    @property
    def client(self) -> Path:
        """The command that libvirt is to use as ssh: it trusts pinned keys only, besides those of the account."""
        return self._folder / "ssh"

    def prepare(self) -> None:
        """Make the key and the client command where they are not there yet."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.known_hosts.touch(mode=0o600)
            if not self.key.exists():
                _run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "quarterdeck", "-f", str(self.key)])
            known = f'UserKnownHostsFile="{self.known_hosts}" ~/.ssh/known_hosts'
            words = ["ssh", "-o", known, "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"]
            words += ["-o", f'IdentityFile="{self.key}"']
            # The account's own keys stay good for hosts that were set up by hand.
            words += [word for own in _of_account() for word in ("-o", f'IdentityFile="{own}"')]
            self.client.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
            self.client.chmod(0o700)

    def public_keys(self) -> list[str]:
        """The lines of the keys with which this server gets in: the one that it made, then those of its account."""
        self.prepare()
        files = [self.key, *(file for file in _of_account() if file.exists())]
        return [public.read_text().strip() for file in files if (public := file.with_suffix(".pub")).exists()]

    def scan(self, address: str, port: int | None) -> list[HostKey]:
        """The keys that a host shows, the strongest first; nothing is trusted by that."""
        pinned = self._lines()
        order = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
        lines = shown_keys(address, port)
        keys = [_host_key(line, _trusted(line, lines, pinned)) for line in lines]
        return sorted(keys, key=lambda key: order.index(key.type) if key.type in order else len(order))

    def shown(self, address: str, port: int | None, fingerprint: str) -> HostKey:
        """The key with this fingerprint, if the host still shows it."""
        key = next((key for key in self.scan(address, port) if key.fingerprint == fingerprint), None)
        if key is None:
            raise field_problem(
                "/fingerprint",
                f"{address} shows no key of this fingerprint any more.",
                cure="Look at its keys again. If nobody changed them, somebody may stand between you and the host.",
            )
        return key

    def pinned_lines(self, address: str, port: int | None) -> list[str]:
        """The lines of a host's keys that are pinned here."""
        name = known_name(address, port)
        return [line for line in self._lines() if line.split()[:1] == [name]]

    def pin(self, address: str, port: int | None, lines: list[str]) -> None:
        """Trust these keys of a host, and no others; none: trust it no more."""
        name = known_name(address, port)
        with self._lock:
            before = self._lines()
            after = [line for line in before if line.split()[:1] != [name]] + lines
            if after != before:  # of a host that was never trusted there is no file either
                self.known_hosts.write_text("".join(f"{line}\n" for line in after))

    def _lines(self) -> list[str]:
        return self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []

    def install(self, spec: HostSpec, password: str, line: str) -> None:
        """Put this public key into the account's authorized keys there, logging in once by its password."""
        with self._asking(password) as environment:
            done = _run(
                [*self._words(spec, batch=False), "--", _bare(spec.address), INSTALL],
                check=False,
                text_in=line + "\n",
                environment=environment,
            )
        if done.returncode:
            raise _refused(spec, done.returncode, done.stderr.strip(), by_password=True)

    def works(self, spec: HostSpec) -> Problem | None:
        """Why the key does not let this server in; None when it does."""
        done = _run([*self._words(spec, batch=True), "--", _bare(spec.address), "true"], check=False)
        return _refused(spec, done.returncode, done.stderr.strip(), by_password=False) if done.returncode else None

    def _words(self, spec: HostSpec, *, batch: bool) -> list[str]:
        self.prepare()
        words = [str(self.client), "-T", "-o", "NumberOfPasswordPrompts=1"]
        words += ["-o", f"BatchMode={'yes' if batch else 'no'}"]
        words += [] if batch else ["-o", "PreferredAuthentications=publickey,keyboard-interactive,password"]
        words += ["-p", str(spec.port)] if spec.port else []
        return [*words, "-l", spec.user] if spec.user else words

    @contextmanager
    def _asking(self, secret: str) -> Iterator[dict[str, str]]:
        """An environment in which ssh gets the secret once, by asking a script that reads it from a pipe."""
        with tempfile.TemporaryDirectory(prefix="ask-", dir=self._folder) as folder:
            script = Path(folder, "ask")
            script.write_text(ASK)
            script.chmod(0o700)
            pipe = Path(folder, "ask.secret")
            os.mkfifo(pipe, 0o600)
            end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
            try:
                os.write(end, secret.encode() + b"\n")
                yield {"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
            finally:
                os.close(end)


def _of_account() -> list[Path]:
    return [Path.home() / ".ssh" / name for name in ("id_ed25519", "id_rsa")]


def shown_keys(address: str, port: int | None) -> list[str]:
    """The lines of the keys that an SSH server shows; nothing is trusted by that."""
    done = _run(["ssh-keyscan", "-T", "5", "-p", str(port or 22), "--", _bare(address)], check=False)
    lines = key_lines(done.stdout)
    if not lines:
        raise _unanswered(address, port, done.stderr.strip())
    return lines


def _unanswered(address: str, port: int | None, raw: str) -> Problem:
    words = f"No SSH server answers at {address}, port {port or 22}."
    cure = "Check address and port, and that sshd runs there and is not behind a firewall."
    if re.search(r"not known|No address|resolv", raw):
        words, cure = f"No address is known for the name {address}.", "Check the name, or use the IP address."
    return Problem("host-lost", words, errors=[FieldError("/address", words)], cure=cure, raw=raw or None)


def pinned_keys(files: Iterable[Path], name: str) -> list[str]:
    """The lines of the first of these files that knows a host, hashed ones too."""
    for file in files:
        if file.exists():
            told = _run(["ssh-keygen", "-F", name, "-f", str(file)], check=False).stdout
            if lines := key_lines(told):
                return lines
    return []


def known_name(address: str, port: int | None) -> str:
    """What a host is called in `known_hosts`."""
    return _bare(address) if port in (None, 22) else f"[{_bare(address)}]:{port}"


def key_lines(text: str) -> list[str]:
    """Lines of host keys, without the remarks between them."""
    return [line for line in text.splitlines() if len(line.split()) >= 3 and not line.startswith("#")]


def _trusted(line: str, lines: list[str], pinned: list[str]) -> str | None:
    """The pinned line that this one is to be compared with: of its type, or any where the host shows none of those."""
    mine = [old for old in pinned if old.split()[0] == line.split(maxsplit=1)[0]]
    types = {each.split()[1] for each in lines}
    fitting = [old for old in mine if old.split()[1] == line.split()[1] or old.split()[1] not in types]
    return fitting[0] if fitting else None


def _host_key(line: str, trusted: str | None) -> HostKey:
    bits, shown = fingerprint(line)
    state = "unknown" if trusted is None else "pinned" if trusted.split()[1:3] == line.split()[1:3] else "changed"
    members = {"type": line.split()[1], "bits": bits, "fingerprint": shown, "state": state, "line": line}
    if trusted and state == "changed":
        members["trusted_fingerprint"] = fingerprint(trusted)[1]
    return HostKey.model_validate(members)


def fingerprint(line: str) -> tuple[int, str]:
    """Bits and fingerprint of a host key's line."""
    told = _run(["ssh-keygen", "-l", "-f", "-"], text_in=line + "\n").stdout.split()
    return int(told[0]), told[1]


def explained_key(problem: Problem, spec: HostSpec, files: Iterable[Path]) -> Problem:
    """The problem with both fingerprints, where the host shows another key than the one that is trusted."""
    if spec.transport != "ssh" or not re.search(f"{VERIFICATION}|{TOO_LONG}", problem.raw or ""):
        return problem
    trusted = pinned_keys(files, known_name(spec.address, spec.port))
    try:
        lines = shown_keys(spec.address, spec.port) if trusted else []
    except Problem:
        return problem
    changed = [line for line in lines if line.split()[1:3] not in [old.split()[1:3] for old in trusted]]
    if not changed:
        return problem
    kept, new = fingerprint(trusted[0])[1], fingerprint(changed[0])[1]
    return Problem(
        "host-key-changed",
        f"{spec.address} shows the key {new}, but {kept} is the one that is trusted.",
        cure="Compare the new fingerprint on the host itself, then trust it. If nobody set the host up anew, do not.",
        raw=problem.raw,
        trusted_fingerprint=kept,
        fingerprint=new,
    )


def _refused(spec: HostSpec, status: int, raw: str, *, by_password: bool) -> Problem:
    account = f"{spec.user or 'the account'} on {spec.address}"
    if re.search(VERIFICATION, raw):
        return Problem(
            "host-refused", f"The host key of {spec.address} is not trusted.", cure="Look at its key.", raw=raw
        )
    if status != OF_SSH_ITSELF:
        detail = f"{account} is let in, but a command does not succeed there."
        cure = "See that the account has a shell, and that its home folder can be written."
        return Problem("host-refused", detail, cure=cure, raw=raw)
    takes_passwords = re.search(r"Permission denied \([^)]*(password|keyboard)", raw)
    if by_password and takes_passwords:
        detail = f"The password was not accepted for {account}, or it may not log in by password."
        problem = field_problem("/password", detail, cure="Try again, or paste the command there by hand.")
        problem.raw = raw
        return problem
    if "Permission denied" in raw:
        detail = f"No key of this server lets it in as {account}{'' if takes_passwords else ', nor does a password'}."
        cure = (
            f"Paste the command there by hand{', or use a password once' if takes_passwords else ''}, then try again."
        )
        return Problem("host-refused", detail, cure=cure, raw=raw)
    return Problem("host-lost", f"{spec.address} cannot be reached by SSH.", cure="Check address and port.", raw=raw)


def _bare(address: str) -> str:
    return address.removeprefix("[").removesuffix("]")


def _run(
    words: list[str], *, check: bool = True, text_in: str | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            input=text_in or "",
            timeout=SECONDS,
            env=os.environ | (environment or {}),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Problem("timed-out", f"{words[0]} did not come to its end within {SECONDS} s.") from error
    if check and done.returncode:
        raise Problem("internal", f"{words[0]} failed.", raw=done.stderr.strip())
    return done
