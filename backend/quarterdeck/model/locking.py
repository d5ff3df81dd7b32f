"""What protects a host from starting one machine twice: libvirt's lock manager, as its settings say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from ..problems import FieldError
from .patterns import QUOTED_PATH
from .strict import Strict, Value

Manager = Literal["none", "lockd", "sanlock", "unknown"]
Choice = Literal["none", "lockd", "sanlock"]
Folder = Annotated[str, Field(max_length=1024, pattern=QUOTED_PATH)]
SPACES = {"file": "file_lockspace_dir", "lvm": "lvm_lockspace_dir", "scsi": "scsi_lockspace_dir"}
QEMU, LOCKD, SANLOCK = "qemu.conf", "qemu-lockd.conf", "qemu-sanlock.conf"
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
PACKAGES = {"lockd": "libvirt-daemon-plugin-lockd (Debian 13, Fedora) or libvirt-daemon-driver-qemu (Debian 12)"} | {
    "sanlock": "libvirt-daemon-plugin-sanlock (Debian 13, Fedora) or libvirt-sanlock (Debian 12)"
}


class Twin(Value):
    """A machine that is defined on another host as well. `both_run` is the danger: one disk written by two.

    `clear` names the host on which its definition can go, because it is off there and not here, or off on both.
    """

    uuid: str
    name: str
    host: str
    state: str
    both_run: bool
    clear: str | None = None


class Locking(Value):
    """What protects a host. `spaces` are folders of locks by kind (`file`, `lvm`, `scsi`); none: on the disks.

    `in_force` is false where libvirt's daemon started before the settings were changed; null where nobody can tell.
    `host_id` and `lease_folder` are sanlock's. `drivers` are the lock managers that are installed.
    `changeable` tells whether this server may act as root there.
    """

    manager: Manager
    spaces: dict[str, str] = {}
    host_id: int | None = None
    lease_folder: str | None = None
    text: str
    cure: str | None = None
    in_force: bool | None = None
    drivers: list[str] = []
    changeable: bool = False

    @property
    def words(self) -> str:
        """What it locks by, and where, in a few words."""
        if self.manager == "sanlock":
            return f"sanlock (leases in {self.lease_folder})"
        if self.manager != "lockd":
            return "no lock manager"
        where = ", ".join(f"{kind}: {folder}" for kind, folder in self.spaces.items())
        late = ", not in force before libvirt's daemon is restarted" if self.in_force is False else ""
        return f"lockd ({where or 'on the disk files'}{late})"

    def holds_as(self, other: Locking) -> bool:
        """Whether both hosts take the same lock for the same disk, so that neither starts what runs on the other."""
        mine, theirs = ((each.manager, sorted(each.spaces.items()), each.lease_folder) for each in (self, other))
        return mine == theirs and self.in_force is not False

    def wish(self) -> LockingWish:
        """The wish for the same protection; sanlock's number is each host's own."""
        given: dict[str, Any] = {f"{kind}_space": folder for kind, folder in self.spaces.items()}
        given |= {"manager": self.manager, "lease_folder": self.lease_folder}
        return LockingWish.model_construct(**given)  # the settings may hold what no form lets in; it is only told


class LockingWish(Strict):
    """The protection that a host is to have. The folders have to be shared by all its hosts, and be there."""

    manager: Choice = Field(title="Lock manager")
    file_space: Folder | None = Field(None, title="Folder for the locks of disk files")
    lvm_space: Folder | None = Field(None, title="Folder for the locks of logical volumes")
    scsi_space: Folder | None = Field(None, title="Folder for the locks of SCSI volumes")
    host_id: int | None = Field(None, ge=1, le=2000, title="Number of this host")
    lease_folder: Folder | None = Field(None, title="Folder of the leases")

    @property
    def spaces(self) -> dict[str, str | None]:
        """The folders of lockd by kind."""
        return {"file": self.file_space, "lvm": self.lvm_space, "scsi": self.scsi_space}

    @property
    def folders(self) -> dict[str, str]:
        """The folders that have to be there, by field."""
        named = {f"{kind}_space": folder for kind, folder in self.spaces.items()} | {"lease_folder": self.lease_folder}
        return {name: folder for name, folder in named.items() if folder}


@dataclass(frozen=True)
class LockFacts:
    """What a host tells: texts of its settings by file (None: not there, or not to be read), and what runs."""

    files: dict[str, str | None]
    changed: int | None = None
    """When a setting was changed last, in seconds since 1970."""
    started: int | None = None
    """When libvirt's daemon started."""
    drivers: tuple[str, ...] = ()
    sanlock_runs: bool = False


NOBODY = LockFacts({QEMU: None, LOCKD: None, SANLOCK: None})


def read_locking(facts: LockFacts) -> Locking:
    """What the settings say."""
    qemu, lockd, sanlock = (facts.files[name] for name in (QEMU, LOCKD, SANLOCK))
    named = value(qemu, "lock_manager") if qemu is not None else "unknown"
    managers: dict[str | None, Manager] = {"lockd": "lockd", "sanlock": "sanlock", "unknown": "unknown"}
    manager = managers.get(named, "none")
    text, cure = WORDS[manager]
    spaces = {kind: folder for kind, key in SPACES.items() if (folder := value(lockd or "", key))}
    if manager == "lockd":
        where = ", ".join(f"{kind}: {folder}" for kind, folder in spaces.items())
        text += f" The locks lie in {where}." if spaces else " The locks are on the disk files themselves (direct)."
    in_force = None if None in (facts.changed, facts.started) else (facts.started or 0) >= (facts.changed or 0)
    if in_force is False:
        text += " libvirt's daemon started before the settings were changed: until it is restarted, this does not hold."
    number = value(sanlock or "", "host_id") if manager == "sanlock" else None
    return Locking(
        manager=manager,
        spaces=spaces if manager == "lockd" else {},
        host_id=int(number) if number and number.isdigit() else None,
        lease_folder=value(sanlock or "", "disk_lease_dir") if manager == "sanlock" else None,
        text=text,
        cure=cure,
        in_force=in_force if manager != "unknown" else None,
        drivers=list(facts.drivers),
    )


def wished(facts: LockFacts, wish: LockingWish) -> dict[str, str]:
    """The files that would change, with their new text."""
    new = {name: facts.files[name] or "" for name in (QEMU, LOCKD, SANLOCK)}
    new[QEMU] = with_value(new[QEMU], "lock_manager", None if wish.manager == "none" else wish.manager)
    if wish.manager == "lockd":
        for kind, folder in wish.spaces.items():
            new[LOCKD] = with_value(new[LOCKD], SPACES[kind], folder)
    if wish.manager == "sanlock":
        new[SANLOCK] = with_value(new[SANLOCK], "auto_disk_leases", 1)
        new[SANLOCK] = with_value(new[SANLOCK], "host_id", wish.host_id)
        new[SANLOCK] = with_value(new[SANLOCK], "disk_lease_dir", wish.lease_folder)
    return {name: text for name, text in new.items() if text != (facts.files[name] or "")}


def refusals(facts: LockFacts, wish: LockingWish, taken: dict[int, str]) -> Iterator[FieldError]:
    """Why a host cannot have this protection: with it libvirt's daemon would start no machine any more.

    `taken` tells which other host has which of sanlock's numbers.
    """
    if wish.manager != "none" and wish.manager not in facts.drivers:
        yield FieldError("/manager", f"The driver for {wish.manager} is not installed: {PACKAGES[wish.manager]}.")
    if wish.manager != "lockd":
        for name in wish.folders:
            if name.endswith("_space"):
                yield FieldError(f"/{name}", "Only lockd has such a folder.")
    if wish.manager != "sanlock":
        if wish.host_id or wish.lease_folder:
            yield FieldError("/host_id", "Only sanlock has a number and a folder of leases.")
        return
    if wish.host_id is None:
        yield FieldError("/host_id", "sanlock needs a number from 1 to 2000 that no other host has.")
    elif wish.host_id in taken:
        yield FieldError("/host_id", f"{taken[wish.host_id]} has this number already.")
    if wish.lease_folder is None:
        yield FieldError("/lease_folder", "sanlock needs a folder on storage that all hosts share.")
    if not facts.sanlock_runs:
        yield FieldError(
            "/manager", "sanlock does not run there. It needs wdmd and a watchdog (/dev/watchdog): start both first."
        )


def value(conf: str, key: str) -> str | None:
    """The value of a setting; None where it is commented out or not there."""
    found = re.search(rf'^\s*{key}\s*=\s*(?:"([^"]*)"|(\d+))', conf, re.M)
    return (found[1] or found[2]) if found else None


def with_value(conf: str, key: str, new: str | int | None) -> str:
    """The settings with one changed in its place, or commented out; everything else stays as it is."""
    line = None if new is None else f"{key} = {new}" if isinstance(new, int) else f'{key} = "{new}"'
    active = re.compile(rf"^[ \t]*{key}[ \t]*=.*$", re.M)
    if active.search(conf):
        return active.sub(lambda old: line or f"#{old[0].strip()}", conf)
    if line is None:
        return conf
    commented = re.compile(rf"^[ \t]*#[ \t]*{key}[ \t]*=.*$", re.M)
    if commented.search(conf):
        return commented.sub(lambda _old: line, conf, count=1)
    return f"{conf.rstrip()}\n{line}\n" if conf.strip() else f"{line}\n"
