"""Under which accounts the parts run, and where their files are."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config import Config
from ..problems import Problem

LIBVIRT_GROUP = "libvirt"


@dataclass(frozen=True)
class Account:
    """Whom a child runs as; None means: as ourselves."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str

    def as_options(self) -> dict[str, Any]:
        """The options of subprocess.Popen that make it so."""
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}


def system_account(name: str, *groups: str, home: str = "/nonexistent") -> Account:
    """A system account without login, made when it is missing. Root only."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home]
        done = subprocess.run([*command, "--shell", "/usr/sbin/nologin", name], capture_output=True, check=False)
        if done.returncode:
            raise Problem("internal", f"The account {name} cannot be made.", raw=done.stderr.decode()) from None
        entry = pwd.getpwnam(name)
    return Account(
        name, entry.pw_uid, entry.pw_gid, tuple(g for g in map(_group, groups) if g is not None), entry.pw_dir
    )


def web_account() -> Account:
    """The account of the web process. Its ssh looks for keys and known hosts in its home."""
    return system_account("quarterdeck", LIBVIRT_GROUP, home="/var/lib/quarterdeck")


def _group(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def personal(config: Config) -> Config:
    """The settings with folders that this person can write, where the system's are not theirs."""
    if os.geteuid() == 0:
        return config
    state = Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local/state"), "quarterdeck")
    run = Path(os.environ.get("XDG_RUNTIME_DIR", state / "run"), "quarterdeck")
    own = {"run_dir": run, "state_dir": state, "log_dir": state / "log", "certificate_dir": state / "tls"}
    changed = {name: path for name, path in own.items() if not _writable(getattr(config, name))}
    return config.model_copy(update=changed)


def _writable(folder: Path) -> bool:
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    return os.access(existing, os.W_OK)


def make_folders(config: Config, web: Account | None) -> None:
    """The folders of the settings, each for the one who writes there."""
    for folder, mode in ((config.run_dir, 0o755), (config.state_dir, 0o700), (config.log_dir, 0o750)):
        folder.mkdir(parents=True, exist_ok=True)
        if web is not None or folder.stat().st_uid == os.geteuid():
            folder.chmod(mode)
    if web is not None:
        for folder in (config.state_dir, config.log_dir):
            _give(folder, web)


def _give(folder: Path, owner: Account) -> None:
    """Give a folder with what is in it, after a run under another account, to its owner."""
    if folder.stat().st_uid != owner.uid:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, owner.uid, owner.gid)
