"""The command `quarterdeck`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import __version__, config
from .problems import Problem
from .server.commands import COMMANDS

LOCKING = "locking"


class Commands(click.Group):
    """Tells a Problem in words instead of a traceback, and loads the model of machines for the one that needs it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), LOCKING})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name == LOCKING:
            from .server.locking import locking

            return locking
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            click.echo(f"quarterdeck: {problem.detail}", err=True)
            if problem.cure:
                click.echo(f"  {problem.cure}", err=True)
            sys.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Quarterdeck, the web console of a KVM host."""


@main.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from . import app

    sys.stdout.buffer.write(app.openapi())


@main.command()
@click.option("--port", type=int, help="Port of the page.")
@click.option("--address", help="Address to listen on.")
def serve(port: int | None, address: str | None) -> None:
    """Serve the page, the API and the consoles until Ctrl-C."""
    from .server import serve as server

    server.run(config.load(port=port, address=address))


@main.command()
@click.option("--port", type=int, default=9090, show_default=True, help="Port of the page.")
@click.option("--host-file", type=click.Path(exists=True, path_type=Path), help="A host of libvirt's test driver.")
def demo(port: int, host_file: Path | None) -> None:
    """Serve a made-up host of libvirt's test driver: no root, no KVM, no libvirtd."""
    from .server import serve as server

    server.demo(port, host_file)


@main.command()
def doctor() -> None:
    """Look for what keeps this host from serving machines well, and say the cure."""
    from .server import doctor as doctors

    sys.exit(doctors.examine(config.load()))


for _command in COMMANDS:
    main.add_command(_command)


if __name__ == "__main__":
    main()
