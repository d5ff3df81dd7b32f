"""The SSH files of an account on a host: its key, the host keys that it knows, and who may log in to it."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

from ..problems import Problem
from .host import Host
from .shell import run_there
from .spec import HostSpec
from .ssh import key_lines

KINDS = ("ed25519", "ecdsa", "rsa")
FILES = ("known_hosts", "authorized_keys")
NEW_KEY = "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519"


class Account:
    """An account on a host: root, or the one by which this server gets in."""

    def __init__(self, host: Host, *, root: bool) -> None:
        self.host = host
        self._root = root

    @property
    def name(self) -> str:
        """The account in words: `root on hv2`."""
        own = self.host.spec.user or getpass.getuser()
        return f"{'root' if self._root else own} on {self.host.spec.name}"

    def public_key(self) -> str | None:
        """The public part of the key that its ssh takes by itself; None where it has none."""
        tries = "; ".join(f"[ -f .ssh/id_{kind} ] && cat .ssh/id_{kind}.pub && exit" for kind in KINDS)
        return self._run(f"{tries}; true").strip() or None

    def make_key(self) -> None:
        """Make a key of its own."""
        self._run(f"umask 077; mkdir -p .ssh && {NEW_KEY}")

    def remove_key(self) -> None:
        """Remove the key that `make_key` made."""
        self._run("rm -f .ssh/id_ed25519 .ssh/id_ed25519.pub")

    def read(self, file: str) -> str | None:
        """The text of a file of its folder `.ssh`; None where it is not there."""
        text = self._run(f"[ -e {_known(file)} ] || exit 0; cat {_known(file)} && echo .")
        return text.removesuffix(".\n") if text else None

    def write(self, file: str, text: str | None) -> None:
        """Put this text into the file, which keeps its owner and mode; None removes it."""
        if text is None:
            self._run(f"rm -f {_known(file)}")
        else:
            self._run(f"umask 077; mkdir -p .ssh && cat > {_known(file)}", text_in=text)

    def knows(self, name: str) -> list[str]:
        """The lines of its `known_hosts` for a host, `address` or `[address]:port`, hashed ones too."""
        file = _known("known_hosts")
        return key_lines(self._run(f"[ -e {file} ] || exit 0; ssh-keygen -F {shlex.quote(name)} -f {file} || true"))

    def reaches(self, target: HostSpec, key: Path | None) -> Problem | None:
        """Why its ssh does not get in there without asking anything; None when it does."""
        try:
            self._run(shlex.join([*self.ssh_to(target, key), "true"]))
        except Problem as problem:
            return problem
        return None

    @staticmethod
    def ssh_to(target: HostSpec, key: Path | None, *options: str) -> list[str]:
        """The ssh call that gets in there without asking anything; its last part is the destination."""
        words = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"]
        words += options
        words += ["-i", str(key)] if key else []
        words += ["-p", str(target.port)] if target.port else []
        words += ["-l", target.user] if target.user else []
        return [*words, "--", target.address.strip("[]")]

    def _run(self, script: str, *, text_in: str = "") -> str:
        return run_there(self.host, script, text_in=text_in, root=self._root)


def _known(file: str) -> str:
    if file not in FILES:
        raise ValueError(file)
    return f".ssh/{file}"
