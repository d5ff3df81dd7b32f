"""`quarterdeck locking`: libvirt's lock manager on this host, shown, switched on and off by root."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
from pathlib import Path

import click

from ..model.locking import SPACES, Locking, read_locking, with_value
from ..problems import Problem

ETC = Path("/etc/libvirt")
Files = dict[Path, str]


def current(etc: Path = ETC) -> Locking:
    """What protects this host, as far as the settings may be read."""
    return read_locking(_text(etc / "qemu.conf"), _text(etc / "qemu-lockd.conf") or "")


def planned(etc: Path, manager: str | None, spaces: dict[str, str | None]) -> Files:
    """The files that would change, with their new text."""
    wanted = {etc / "qemu.conf": with_value(_must(etc / "qemu.conf"), "lock_manager", manager)}
    lockd = etc / "qemu-lockd.conf"
    text = _text(lockd) or ""
    for kind, folder in spaces.items():
        text = with_value(text, SPACES[kind], folder)
    wanted[lockd] = text
    return {path: new for path, new in wanted.items() if new != (_text(path) or "")}


def write(files: Files) -> None:
    """Write all files, each in one step and with its old owner and mode; the old text stays beside as .before."""
    for path, text in files.items():
        fresh = path.with_suffix(".new")
        if path.exists():
            shutil.copy2(path, path.with_suffix(path.suffix + ".before"))
            shutil.copy2(path, fresh)
            owner = path.stat()
            os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.write_text(text)
        fresh.replace(path)


def restart() -> str:
    """Restart libvirt's daemon if that is safe now, and say what was done or is left to do."""
    by_hand = "Restart libvirtd (or virtqemud) by hand. Machines run on; each is protected from its next start on."
    if not Path("/run/systemd/system").is_dir():
        return by_hand
    busy = subprocess.run(["virsh", "-r", "list", "--name"], capture_output=True, text=True, check=False)
    for name in busy.stdout.split():
        job = subprocess.run(["virsh", "-r", "domjobinfo", name], capture_output=True, text=True, check=False).stdout
        if "Unbounded" in job or "Bounded" in job:
            return f"{name} is in the middle of a job, so libvirt was not restarted. {by_hand}"
    unit = "virtqemud" if _active("virtqemud") else "libvirtd"
    done = subprocess.run(["systemctl", "restart", unit], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{unit} could not be restarted: {done.stderr.strip()}. {by_hand}"
    return f"{unit} was restarted. Machines run on; each is protected from its next start on."


def _active(unit: str) -> bool:
    return subprocess.run(["systemctl", "is-active", "-q", unit], check=False).returncode == 0


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


def _must(path: Path) -> str:
    text = _text(path)
    if text is None:
        raise Problem("forbidden", f"{path} cannot be read.", cure="Run this as root, on a host with libvirt.")
    return text


def _shown(files: Files) -> str:
    lines: list[str] = []
    for path, new in files.items():
        old = (_text(path) or "").splitlines(keepends=True)
        lines += difflib.unified_diff(old, new.splitlines(keepends=True), str(path), f"{path} (new)", n=1)
    return "".join(lines)


def _carry_out(files: Files, *, yes: bool) -> None:
    if not files:
        click.echo("Nothing would change.")
        return
    click.echo(_shown(files))
    if yes or click.confirm("Write these files and restart libvirt's daemon?"):
        write(files)
        click.echo(restart())


@click.group()
def locking() -> None:
    """What keeps a machine from running twice: show it, switch it on or off."""


_etc = click.option(
    "--etc", type=click.Path(path_type=Path), default=ETC, show_default=True, help="libvirt's settings."
)
_yes = click.option("--yes", is_flag=True, help="Do it without asking.")
_folder = click.Path(path_type=Path)


@locking.command()
@_etc
def status(etc: Path) -> None:
    """Say what protects this host."""
    found = current(etc)
    click.echo(f"{found.manager}: {found.text}")
    if found.cure and found.manager == "none":
        click.echo(found.cure)


@locking.command()
@_etc
@_yes
@click.option("--file-space", type=_folder, help="Shared folder for the locks of disk files; without: direct locks.")
@click.option("--lvm-space", type=_folder, help="Shared folder for the locks of logical volumes.")
@click.option("--scsi-space", type=_folder, help="Shared folder for the locks of SCSI volumes.")
def enable(etc: Path, yes: bool, file_space: Path | None, lvm_space: Path | None, scsi_space: Path | None) -> None:
    """Let libvirt's lock daemon protect this host; the changes of files are shown first."""
    given = {"file": file_space, "lvm": lvm_space, "scsi": scsi_space}
    for kind, folder in given.items():
        if folder is not None and not (folder.is_absolute() and folder.is_dir()):
            raise Problem("invalid-input", f"--{kind}-space must be a folder that is there: {folder}")
    spaces = {kind: str(folder) if folder else None for kind, folder in given.items()}
    _carry_out(planned(etc, "lockd", spaces), yes=yes)


@locking.command()
@_etc
@_yes
def disable(etc: Path, yes: bool) -> None:
    """Take libvirt's lock manager away; QEMU's own image locks stay."""
    _carry_out(planned(etc, None, {}), yes=yes)
