"""`quarterdeck serve`: the service without systemd. Prepares the parts, then goes on as their supervisor."""

from __future__ import annotations

import dataclasses
import getpass
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import NoReturn

from ..config import LISTED, PREFIX, Config, load
from ..problems import Problem
from . import accounts, launch, listeners, parts
from .supervise import Child

PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
    "VIRTUAL_ENV",
    "TMPDIR",
    "PYTHONPATH",
)


class Parts:
    """The parts of one service, as they are to be started."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._children: list[Child] = []

    def all(self) -> list[Child]:
        """The parts, each with its listening socket and under its account."""
        config, root = self._config, os.geteuid() == 0 and not self._config.demo
        web = accounts.web_account() if root else None
        front = accounts.system_account(parts.TLS_ACCOUNT) if root and config.tls else None
        accounts.make_folders(config, web)
        environ = child_environ(config, web.name if web else getpass.getuser())
        try:
            if config.tls:
                parts.certificate(config)
                self._children.append(
                    self._part("tls", environ, front, listeners.bind_tcp(config.address, config.port))
                )
        except OSError as error:
            where = f"{config.address} port {config.port}"
            raise Problem("in-use", f"Cannot listen on {where}: {error.strerror}.", cure="Use --port.") from error
        owner, group = (web.uid, front.gid if front else web.gid) if web else (-1, -1)
        socket_file = listeners.bind_unix(config.web_socket, mode=0o660, owner=owner, group=group)
        self._children.append(self._part("web", environ, web, socket_file))
        owner, group = (web.uid, web.gid) if web else (-1, -1)
        runners = listeners.bind_unix(config.job_socket, owner=owner, group=group)
        config.download_socket.unlink(missing_ok=True)
        config.download_socket.symlink_to(config.job_socket.name)  # without systemd both may reach the network
        self._children.append(self._part("job", environ, web, runners))
        if not config.demo:
            self._prepare_helpers(environ, web)
        return self._children

    def _prepare_helpers(self, environ: dict[str, str], web: accounts.Account | None) -> None:
        """The helpers must be root: started by us when we are, else the one for logins through sudo."""
        if web is not None:
            for name, path in (("auth", self._config.auth_socket), ("lock", self._config.lock_socket)):
                listener = listeners.bind_unix(path, mode=0o660, owner=0, group=web.gid)
                self._children.append(self._part(name, environ, None, listener))
            return
        if shutil.which("sudo") is None:
            print("quarterdeck: without root and without sudo nobody can log in; use an API token", flush=True)
            return
        listener = listeners.bind_unix(self._config.auth_socket)
        child = self._part("auth", environ, None, listener)
        kept = [f"{name}={value}" for name, value in environ.items() if name.startswith((PREFIX, "PYTHON"))]
        words = "[sudo] password of %p, to check logins with the accounts of this host: "
        child.command = ["sudo", "-p", words, "env", *kept, f"{listeners.GIVEN}=0", *child.command]
        child.through_sudo = True
        self._children.append(child)

    def _part(
        self, name: str, environ: dict[str, str], account: accounts.Account | None, listener: socket.socket
    ) -> Child:
        command = [sys.executable, "-P", "-m", "quarterdeck.cli", name]
        if account is not None:
            environ = environ | {"HOME": account.home}
        if account is not None and launch.closed(launch.program_folders()):
            words = json.dumps({"uid": account.uid, "gid": account.gid, "groups": account.groups})
            command = [sys.executable, "-P", "-m", "quarterdeck.server.launch", words, *command]
            account = None
        return Child(name, command, environ, account.as_options() if account else {}, listener.detach())


def child_environ(config: Config, web_account: str) -> dict[str, str]:
    """What the parts get to know: the settings, and of our environment only what they need."""
    environ = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        environ[PREFIX + "CONFIG"] = named
    for name in Config.model_fields:
        value = getattr(config, name)
        if name in LISTED:
            environ[PREFIX + name.upper()] = json.dumps([each.model_dump(mode="json") for each in value])
        elif isinstance(value, tuple):
            environ[PREFIX + name.upper()] = ",".join(value)
        else:
            environ[PREFIX + name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    return environ | {
        listeners.SUPERVISED: str(os.getpid()),
        "QUARTERDECK_WEB_USER": web_account,
        "PYTHONUNBUFFERED": "1",
    }


def greeting(config: Config) -> str:
    """Where the page is, and who may log in."""
    if not config.tls:
        return f"Quarterdeck serves on {config.web_socket}, for your own proxy. Ctrl-C ends it."
    name = "localhost" if config.address in ("::", "0.0.0.0", "127.0.0.1", "::1") else config.address  # noqa: S104
    lines = [f"Quarterdeck is at https://{name}:{config.port}"]
    if config.address in ("::", "0.0.0.0"):  # noqa: S104
        own = socket.getfqdn() if socket.getfqdn() != "localhost" else socket.gethostname()
        lines.append(f"  from elsewhere: https://{own}:{config.port}")
    if config.demo:
        lines.append("  Log in as demo with the password demo. This is a made-up host; nothing real is touched.")
    else:
        groups = " or ".join(config.administrator_groups)
        lines.append(f"  Log in with an account of this host that is in the group {groups}")
        lines.append(f"  (to look only: {' or '.join(config.viewer_groups)}). For example: usermod -aG libvirt NAME")
    lines.append("  The certificate is self-signed unless you put your own into " + str(config.certificate_dir))
    return "\n".join([*lines, "  Ctrl-C ends it; machines run on."])


def run(config: Config) -> NoReturn:
    """Serve with these settings until Ctrl-C."""
    _supervise(accounts.personal(config))


def _supervise(config: Config) -> NoReturn:
    children = Parts(config).all()
    for child in children:
        os.set_inheritable(child.listener, True)
    helpers, errands = (config.auth_socket, config.lock_socket), (config.job_socket, config.download_socket)
    told = {
        "children": [dataclasses.asdict(child) for child in children],
        "greeting": greeting(config),
        "sockets": [str(path) for path in (config.web_socket, *helpers, *errands)],
    }
    file = os.memfd_create("parts", 0)  # not by the arguments, which everybody can read
    os.write(file, json.dumps(told).encode())
    os.lseek(file, 0, os.SEEK_SET)
    parts.become("supervise", file)


def demo(port: int, host_file: Path | None) -> NoReturn:
    """Serve a made-up host to this machine only, as ourselves and without root."""
    os.environ.setdefault(PREFIX + "CONFIG", os.devnull)
    settings = load(
        address="127.0.0.1",
        port=port,
        demo=True,
        local_uri=f"test://{host_file.resolve()}" if host_file else "test:///default",
    )
    state = Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local/state"), "quarterdeck-demo")
    own = {
        "run_dir": state / f"run-{port}",
        "state_dir": state / f"state-{port}",
        "log_dir": state / "log",
        "certificate_dir": state / "tls",
    }
    given = {name: path for name, path in own.items() if PREFIX + name.upper() not in os.environ}
    shutil.rmtree(own["state_dir"], ignore_errors=True)  # the machines begin anew, so their history does too
    _supervise(settings.model_copy(update=given))
