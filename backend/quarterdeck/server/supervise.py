"""`quarterdeck serve`: the service without systemd. Starts the parts, keeps them running, ends them with itself."""

from __future__ import annotations

import contextlib
import getpass
import http.client
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config import LISTED, PREFIX, Config, load
from ..problems import Problem
from . import accounts, launch, listeners, parts

READY_SECONDS = 30.0
STOP_SECONDS = 12.0
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
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


@dataclass
class Child:
    """One part: how it is started, and how it fares."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    options: dict[str, Any]
    listener: socket.socket
    through_sudo: bool = False
    process: subprocess.Popen[bytes] | None = None
    lifeline: int | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0

    def start(self) -> None:
        """Start it, with its listening socket handed over.

        Its standard output is a pipe that nobody writes to: when our end closes, even by our death, it ends.
        """
        self.release()
        number = 0 if self.through_sudo else self.listener.fileno()
        self.lifeline, theirs = os.pipe()
        try:
            self.process = subprocess.Popen(
                self.command,
                env={**self.environ, listeners.GIVEN: str(number)},
                stdin=self.listener.fileno() if self.through_sudo else subprocess.DEVNULL,
                stdout=theirs,
                pass_fds=() if self.through_sudo else (number,),
                start_new_session=not self.through_sudo,  # Ctrl-C is for us; but sudo needs the terminal
                **self.options,
            )
        finally:
            os.close(theirs)
        self.started = time.monotonic()

    def release(self) -> None:
        """Let go of its lifeline."""
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    def look(self, now: float) -> None:
        """Start it again when it died, after a pause that grows while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            steady = now - self.started > STEADY_SECONDS
            self.pause = 0.5 if steady else min(LONGEST_PAUSE, self.pause * 2)
            print(f"quarterdeck: {self.name} ended ({self.process.returncode}); again in {self.pause:g} s", flush=True)
            self.process, self.due = None, now + self.pause
        if self.process is None and now >= self.due:
            self.start()

    def stop(self) -> None:
        """Ask it to end."""
        self.release()
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(PermissionError):  # a sudo ends with what it runs
                self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end; end it by force after so many seconds."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(PermissionError):
                self.process.kill()
                self.process.wait()


class Supervisor:
    """The parts of one service."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._children: list[Child] = []
        self._stopped = False
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, self._signalled)
        signal.set_wakeup_fd(self._waker)
        self._prepare()
        try:
            for child in self._children:
                child.start()
            if self._ready():
                print(greeting(self._config), flush=True)
            elif not self._stopped:
                print("quarterdeck: it does not answer yet; what went wrong is told above", flush=True)
            while not self._stopped:
                self._rest()
                for child in self._children:
                    child.look(time.monotonic())
        finally:
            self._stop()
        return 0

    def _signalled(self, number: int, _frame: Any) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            self._stopped = True
        elif number == signal.SIGHUP:
            for child in self._children:
                if child.name == "tls" and child.process is not None:
                    child.process.send_signal(signal.SIGHUP)

    def _rest(self) -> None:
        """Sleep until a signal comes, or a dead part is due again."""
        due = [child.due for child in self._children if child.process is None]
        seconds = max(0.0, min(due) - time.monotonic()) if due else None
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 512)

    def _prepare(self) -> None:
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
            self._prepare_logins(environ, web)

    def _prepare_logins(self, environ: dict[str, str], web: accounts.Account | None) -> None:
        """The helper must be root: started by us when we are, else through sudo."""
        if web is not None:
            listener = listeners.bind_unix(self._config.auth_socket, mode=0o660, owner=0, group=web.gid)
            self._children.append(self._part("auth", environ, None, listener))
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
        return Child(name, command, environ, account.as_options() if account else {}, listener)

    def _ready(self) -> bool:
        """Wait until the service answers; False when it is stopped or dies before."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and not self._stopped:
            if answers(self._config):
                return True
            for child in self._children:
                child.look(time.monotonic())
            time.sleep(0.05)
        return False

    def _stop(self) -> None:
        signal.set_wakeup_fd(-1)
        for child in self._children:
            child.stop()
        end = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait(end - time.monotonic())
            child.listener.close()
        config = self._config
        for path in (config.web_socket, config.auth_socket, config.job_socket, config.download_socket):
            with contextlib.suppress(OSError):
                path.unlink()


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


def answers(config: Config) -> bool:
    """Whether the service answers /healthz."""
    try:
        connection = _Unix(config.web_socket)
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        good = connection.getresponse().status == 200
        connection.close()
    except (OSError, http.client.HTTPException, ssl.SSLError):
        return False
    return good


class _Unix(http.client.HTTPConnection):
    """HTTP on a UNIX socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(5)
        self.sock.connect(str(self._path))


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


def run(config: Config) -> int:
    """Serve with these settings until Ctrl-C; the exit status."""
    return Supervisor(accounts.personal(config)).run()


def demo(port: int, host_file: Path | None) -> int:
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
    return Supervisor(settings.model_copy(update=given)).run()
