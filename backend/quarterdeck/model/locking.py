"""What protects a host from starting one machine twice: libvirt's lock manager, as its settings say. Pure."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel

Manager = Literal["none", "lockd", "sanlock", "unknown"]
SPACES = {"file": "file_lockspace_dir", "lvm": "lvm_lockspace_dir", "scsi": "scsi_lockspace_dir"}
WORDS: dict[Manager, tuple[str, str | None]] = {
    "none": (
        "Only QEMU's own image locks protect this host: they hold where the storage carries locks between hosts, "
        "and not for block devices.",
        "On that host, as root: quarterdeck locking enable",
    ),
    "lockd": ("libvirt's lock daemon holds a lock for each disk of a running machine.", None),
    "sanlock": ("sanlock holds a lease on shared storage for each disk of a running machine.", None),
    "unknown": (
        "Only root can read libvirt's settings of that host.",
        "On that host, as root: quarterdeck locking status",
    ),
}


class Twin(BaseModel):
    """A machine that is defined on another host as well. `both_run` is the danger: one disk written by two."""

    uuid: str
    name: str
    host: str
    state: str
    both_run: bool


class Locking(BaseModel):
    """What protects a host. `spaces` are folders of locks by kind (`file`, `lvm`, `scsi`); none: on the disks."""

    manager: Manager
    spaces: dict[str, str] = {}
    text: str
    cure: str | None = None
    twins: list[Twin] = []


def read_locking(qemu_conf: str | None, lockd_conf: str) -> Locking:
    """What the settings say (`qemu.conf`, None where it cannot be read, and `qemu-lockd.conf`)."""
    named = value(qemu_conf, "lock_manager") if qemu_conf is not None else "unknown"
    managers: dict[str | None, Manager] = {"lockd": "lockd", "sanlock": "sanlock", "unknown": "unknown"}
    manager = managers.get(named, "none")
    text, cure = WORDS[manager]
    spaces = {kind: folder for kind, key in SPACES.items() if (folder := value(lockd_conf, key))}
    if manager == "lockd":
        where = ", ".join(f"{kind}: {folder}" for kind, folder in spaces.items())
        text += f" The locks lie in {where}." if spaces else " The locks are on the disk files themselves (direct)."
    return Locking(manager=manager, spaces=spaces if manager == "lockd" else {}, text=text, cure=cure)


def value(conf: str, key: str) -> str | None:
    """The value of a setting; None where it is commented out or not there."""
    found = re.search(rf'^\s*{key}\s*=\s*"([^"]*)"', conf, re.M)
    return found[1] if found else None


def with_value(conf: str, key: str, new: str | None) -> str:
    """The settings with one changed in its place, or commented out; everything else stays as it is."""
    line = f'{key} = "{new}"' if new is not None else None
    active = re.compile(rf"^[ \t]*{key}[ \t]*=.*$", re.M)
    if active.search(conf):
        return active.sub(lambda old: line or f"#{old[0].strip()}", conf)
    if line is None:
        return conf
    commented = re.compile(rf"^[ \t]*#[ \t]*{key}[ \t]*=.*$", re.M)
    if commented.search(conf):
        return commented.sub(line, conf, count=1)
    return f"{conf.rstrip()}\n{line}\n" if conf.strip() else f"{line}\n"
