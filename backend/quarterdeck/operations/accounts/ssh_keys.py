"""The library of public SSH keys that each account has, to be given to new machines. Private parts are never kept."""

from __future__ import annotations

import secrets
import shlex
import subprocess
import tempfile
from pathlib import Path

from ...access import User
from ...model.ssh_key import MadeSshKey, SshKeyCreate, SshKeyMake, SshKeyView, comment, fingerprint
from ...plan import Change, Plan
from ...problems import FieldError, Problem, field_problem
from ...store import Store, now

SECONDS = 20
MOST = 200


class SshKeys:
    """Everybody's keys; each account sees its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, user: User) -> list[SshKeyView]:
        """One's keys by name."""
        rows = self._store.read("SELECT * FROM ssh_keys WHERE user = ? ORDER BY name", (user.name,))
        return [SshKeyView(type=row["key"].split()[0], **row) for row in rows]

    def add(self, request: SshKeyCreate, user: User) -> Change[SshKeyView]:
        """Keep a public key."""
        name = request.name or comment(request.key)[:80]
        if not name:
            raise field_problem("/name", "The key has no comment that could be its name: give one.")
        mark = fingerprint(request.key)
        self._check(user, name, mark)
        return Change(Plan(), lambda: self._keep(user, name, request.key, mark))

    def make(self, request: SshKeyMake, user: User) -> Change[MadeSshKey]:
        """Make a pair, keep its public part, and hand the private one out once."""
        self._check(user, request.name, None)
        command = f"ssh-keygen -t ed25519 -C {shlex.quote(request.name)} -N '' -f id_ed25519"
        words = "The private key is shown once. Who loses it makes another one."

        def apply() -> MadeSshKey:
            private, public = self._pair(request.name)
            kept = self._keep(user, request.name, public, fingerprint(public))
            return MadeSshKey(private_key=private, **kept.model_dump())

        return Change(Plan(commands=[command], warnings=[words]), apply)

    def delete(self, identity: str, user: User) -> Change[None]:
        """Forget a key of one's own; machines that have it keep it."""
        if all(key.id != identity for key in self.list(user)):
            raise Problem("not-found", "You have no such key.")

        def apply() -> None:
            self._store.write("DELETE FROM ssh_keys WHERE id = ? AND user = ?", (identity, user.name))

        return Change(Plan(warnings=["Machines that have the key keep it."]), apply)

    def _check(self, user: User, name: str, mark: str | None) -> None:
        keys = self.list(user)
        if any(key.name == name for key in keys):
            taken = FieldError("/name", f"You have a key “{name}” already.")
            raise Problem("name-taken", taken.detail, errors=[taken])
        same = next((key for key in keys if key.fingerprint == mark), None)
        if same:
            raise field_problem("/key", f"You have this key already, as “{same.name}”.")
        if len(keys) >= MOST:
            raise Problem("overloaded", f"You have {MOST} keys.", cure="Delete those that are not used any more.")

    def _keep(self, user: User, name: str, key: str, mark: str) -> SshKeyView:
        row = {"id": secrets.token_hex(6), "name": name, "fingerprint": mark, "key": key, "created": now()}
        self._store.write(
            "INSERT INTO ssh_keys (id, name, fingerprint, key, created, user) VALUES (?,?,?,?,?,?)",
            (*row.values(), user.name),
        )
        return SshKeyView(type=key.split(maxsplit=1)[0], **row)

    def _pair(self, name: str) -> tuple[str, str]:
        """Private and public part of a new pair."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "key")
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
            except FileNotFoundError as error:
                raise Problem(
                    "unsupported", "This server has no ssh-keygen.", cure="Install openssh-client on it."
                ) from error
            except subprocess.SubprocessError as error:
                raise Problem("internal", "ssh-keygen made no key.", raw=str(error)) from error
            return path.read_text(), path.with_suffix(".pub").read_text().strip()
