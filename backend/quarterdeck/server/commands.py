"""Commands of the processes and of API tokens."""

from __future__ import annotations

import os
import pwd
import sqlite3
from typing import TYPE_CHECKING

import click

from .. import config
from ..access import Role
from ..problems import Problem

if TYPE_CHECKING:
    from ..web.tokens import Tokens


@click.command()
def web() -> None:
    """The web process, as systemd or `serve` starts it."""
    from . import parts

    parts.web(config.load())


@click.command()
def tls() -> None:
    """The TLS front, as systemd or `serve` starts it."""
    from . import parts

    parts.tls(config.load())


@click.command()
def auth() -> None:
    """The login socket, where no systemd listens on it."""
    from . import parts

    parts.auth(config.load())


@click.command("auth-helper")
def auth_helper() -> None:
    """One login attempt, on the connection at descriptor 0."""
    from . import auth_helper as helper

    helper.main()


@click.command()
def lock() -> None:
    """The socket of the lock helper, where no systemd listens on it."""
    from . import parts

    parts.lock(config.load())


@click.command("lock-helper")
def lock_helper() -> None:
    """One question about libvirt's lock manager, on the connection at descriptor 0."""
    from . import lock_helper as helper

    helper.main()


@click.command()
def job() -> None:
    """The socket of the job runners, where no systemd listens on it."""
    from . import parts

    parts.job(config.load())


@click.command("job-runner")
def job_runner() -> None:
    """One download, conversion or other long work, asked for on the connection at descriptor 0."""
    from . import job_runner as runner

    runner.main()


@click.command()
def certificate() -> None:
    """Make or renew the self-signed certificate where the administrator gave none."""
    from . import accounts, parts

    click.echo(parts.certificate(accounts.personal(config.load())))


@click.group()
def token() -> None:
    """API tokens for scripts."""


@token.command()
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--user", help="Account whose rights it has; default: yours.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="A lesser role than the account's.")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True, help="How long it is good.")
@click.option("--quiet", is_flag=True, help="Print the token alone.")
def create(name: str, user: str | None, role: str | None, days: int, quiet: bool) -> None:
    """Make a token and print it, this once."""
    owner = user or os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    made = _tokens().create(name, owner, Role(role) if role else None, days)
    click.echo(made.token)
    if not quiet:
        click.echo(f"Token {made.id} of {made.user} ({made.role}), good until {made.expires}.", err=True)


@token.command("list")
def list_tokens() -> None:
    """List the tokens, without their secret."""
    for one in _tokens().list():
        click.echo(f"{one.id}  {one.user}  {one.role}  until {one.expires}  used {one.used or 'never'}  {one.name}")


@token.command()
@click.argument("identity", metavar="ID")
def revoke(identity: str) -> None:
    """End a token."""
    _tokens().revoke(identity)


def _tokens() -> Tokens:
    """The tokens in the database of the service, opened as its owner so that the files stay theirs."""
    from ..store import Store
    from ..web.roles import Roles
    from ..web.tokens import Tokens
    from . import accounts

    settings = accounts.personal(config.load())
    if os.geteuid() == 0:
        web = accounts.web_account()
        accounts.make_folders(settings, web)
        os.setegid(web.gid)
        os.seteuid(web.uid)
    try:
        return Tokens(Store(settings.database), Roles(settings))
    except (OSError, sqlite3.Error) as error:
        cure = "Run it with sudo, or as the account that runs the service."
        raise Problem("forbidden", f"The database {settings.database} cannot be opened.", cure=cure) from error


PARTS: tuple[click.Command, ...] = (web, tls, auth, auth_helper, lock, lock_helper, job, job_runner)
COMMANDS = (*PARTS, certificate, token)
