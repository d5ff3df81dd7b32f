"""`quarterdeck locking`: libvirt's lock manager on this host, shown, switched on and off by root."""

from __future__ import annotations

import subprocess
from typing import Any

import click
from pydantic import ValidationError

from ..hypervisor.locking import ETC, LockFiles
from ..model.faults import in_words
from ..model.locking import LockingWish, read_locking
from ..operations.hosts.locking import change_locking
from ..problems import Problem

_etc = click.option("--etc", default=ETC, show_default=True, help="libvirt's settings.")
_yes = click.option("--yes", is_flag=True, help="Do it without asking.")
_stay = click.option("--no-restart", is_flag=True, help="Write the files only; libvirt's daemon is restarted later.")


def shell(script: str, text_in: str) -> str:
    """Run a script on this host."""
    done = subprocess.run(["sh", "-c", script], input=text_in, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem("libvirt-refused", "A command failed.", raw=done.stderr.strip())
    return done.stdout


@click.group()
def locking() -> None:
    """What keeps a machine from running twice: show it, switch it on or off."""


@locking.command()
@_etc
def status(etc: str) -> None:
    """Say what protects this host."""
    found = read_locking(LockFiles(shell, etc).facts())
    click.echo(f"{found.manager}: {found.text}")
    if found.cure and found.manager == "none":
        click.echo(found.cure)


@locking.command()
@_etc
@_yes
@_stay
@click.option("--file-space", help="Shared folder for the locks of disk files; without: direct locks.")
@click.option("--lvm-space", help="Shared folder for the locks of logical volumes.")
@click.option("--scsi-space", help="Shared folder for the locks of SCSI volumes.")
@click.option("--sanlock", is_flag=True, help="Let sanlock do it instead of libvirt's lock daemon.")
@click.option("--host-id", type=int, help="For sanlock: the number of this host, from 1 to 2000, that no other has.")
@click.option("--lease-folder", help="For sanlock: shared folder of the leases.")
def enable(etc: str, yes: bool, no_restart: bool, sanlock: bool, **given: Any) -> None:
    """Let libvirt's lock daemon protect this host; the changes of files are shown first."""
    _carry_out(etc, {"manager": "sanlock" if sanlock else "lockd"} | given, yes=yes, restart=not no_restart)


@locking.command()
@_etc
@_yes
@_stay
def disable(etc: str, yes: bool, no_restart: bool) -> None:
    """Take libvirt's lock manager away; QEMU's own image locks stay."""
    _carry_out(etc, {"manager": "none"}, yes=yes, restart=not no_restart)


def _carry_out(etc: str, wish: dict[str, Any], *, yes: bool, restart: bool) -> None:
    try:
        change = change_locking(LockFiles(shell, etc), LockingWish.model_validate(wish), {}, restart=restart)
        if not change.plan.file_diff:
            click.echo("Nothing would change.")
            return
        click.echo(change.plan.file_diff)
        for word in [*change.plan.notes, *change.plan.warnings]:
            click.echo(word)
        if yes or click.confirm("Write these files?"):
            click.echo(read_locking(change.apply()).text)
    except ValidationError as error:
        raise click.ClickException(
            " ".join(f"{fault['loc'][0]}: {in_words(fault, LockingWish)}" for fault in error.errors())
        ) from error
    except Problem as problem:
        words = [error.detail for error in problem.errors] or [problem.detail]
        raise click.ClickException(" ".join([*words, problem.cure or "", problem.raw or ""]).strip()) from problem
