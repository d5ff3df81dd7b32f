"""The processes of the service, as systemd's units and the supervisor start them."""

from __future__ import annotations

import ctypes
import grp
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from ..config import Config, load
from . import listeners, logs

PR_SET_PDEATHSIG = 1
TLS_ACCOUNT = "quarterdeck-tls"
UNUSED = ("numpy", "redis", "requests", "websocket")
"""What websockify and Socket.IO load where it is installed, for work that this service does not give them: 30 MiB."""
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""glibc then gives buffers back when they are free, and keeps none per thread, which Python's lock holds up anyway."""
LOGINS_AT_ONCE = 10
LOCK_QUESTIONS_AT_ONCE = 4


def web(config: Config) -> None:
    """The page, the API and the consoles on a UNIX socket, until told to stop."""
    _begin(config)
    become("web_process", config.web_socket, config.log_level)


def tls(config: Config) -> None:
    """The TLS front, until told to stop."""
    _begin(config)
    become("tls", config.log_level, config.address, config.port, config.web_socket, config.certificate_dir)


def auth(config: Config) -> None:
    """The login socket, where no systemd listens on it."""
    _begin(config, direct=False)
    become("spawner", config.auth_socket, "auth_helper", LOGINS_AT_ONCE)


def lock(config: Config) -> None:
    """The socket of the lock helper, where no systemd listens on it."""
    _begin(config)
    become("spawner", config.lock_socket, "lock_helper", LOCK_QUESTIONS_AT_ONCE)


def job(config: Config) -> None:
    """The socket of the job runners, where no systemd listens on it."""
    _begin(config)
    become("spawner", config.job_socket, "job_runner", config.errand_limit)


def certificate(config: Config) -> Path:
    """See that there is a certificate that is good for a month more; the file."""
    from . import certificate as certificates

    return certificates.ensure(config.certificate_dir, config.server_names, tls_group()).certificate


def tls_group() -> int | None:
    """The group that may read the key; None when we may not give it away, or there is none."""
    if os.geteuid() != 0:
        return None
    try:
        return grp.getgrnam(TLS_ACCOUNT).gr_gid
    except KeyError:
        return None


def application(worker: Any) -> Any:
    """The WSGI application behind its gate; made in the worker, since threads do not survive a fork."""
    for name in UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to make the import fail
    config = load()
    from ..app import create_app
    from .gate import Engine, Gate, Names
    from .web_process import SPARE_THREADS, THREADS

    app = create_app(config)
    service = app.extensions["quarterdeck"]
    engine = Engine(service.socketio.server)
    engine.start()
    service.sessions.start()
    worker.on_stop += [service.consoles.close, engine.end_all]
    worker.on_exit.append(service.close)
    known, names = service.sessions.known, Names(config.server_names)
    return Gate(app.wsgi_app, known, names, THREADS - SPARE_THREADS, engine, own_proxy=not config.tls)


def become(module: str, *arguments: object) -> NoReturn:
    """Go on as a program that never loaded what reading the settings takes: it saves half of its memory."""
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", f"quarterdeck.server.{module}", *map(str, arguments)]
    environ = {**MALLOC, **os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    os.execve(sys.executable, command, environ)  # noqa: S606 - our own argument list


def _begin(config: Config, *, direct: bool = True) -> None:
    """`direct` is false where a sudo may stand between the supervisor and us."""
    logs.begin(config.log_level)
    supervisor = os.environ.get(listeners.SUPERVISED)
    if supervisor and direct:
        die_with(int(supervisor))


def die_with(supervisor: int) -> None:
    """End when the supervisor does, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it ended before we could ask
        os.kill(os.getpid(), signal.SIGTERM)
