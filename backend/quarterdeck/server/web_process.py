"""The web process: gunicorn with one worker of many threads on a UNIX socket.

The master only watches the worker, so it loads nothing of the application: that is for the worker.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from . import listeners, logs
from .worker import Worker

THREADS = 256
SPARE_THREADS = 32
"""Threads that sockets never get, so that everything else is always answered."""

WSGI = Callable[..., Any]
Loader = Callable[[Worker], WSGI]


def settings(web_socket: Path, log_level: str, handed_over: bool) -> dict[str, Any]:
    """Settings of gunicorn, each with its reason where it is not obvious."""
    return {
        "bind": [f"unix:{web_socket}"] if not handed_over else [],
        "worker_class": "quarterdeck.server.worker.Worker",
        "workers": 1,  # one process owns the libvirt events and the jobs
        "threads": THREADS,
        "worker_connections": 1000,
        "keepalive": 75,
        "timeout": 60,  # of the worker's main loop only; requests have deadlines of their own
        "graceful_timeout": 10,
        "max_requests": 0,
        "preload_app": False,  # libvirt must be opened after the fork
        "pre_fork": lambda server, worker: gc.freeze(),  # what is not looked through stays shared
        "control_socket_disable": True,  # a management socket that nobody needs
        "proxy_protocol": "v1",  # the TLS front says who is connected
        "http_protocols": "h1",
        "forwarded_allow_ips": "127.0.0.1",
        "umask": 0o117,
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "loglevel": log_level.lower(),
        "accesslog": None,
        "proc_name": "quarterdeck-web",
        "server_software": "quarterdeck",
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - a heartbeat file
        "post_worker_init": lambda worker: listeners.notify("READY=1"),
    }


class Web(BaseApplication):
    """gunicorn with these settings; `load` makes the application inside the worker."""

    def __init__(self, options: dict[str, Any], loader: Loader) -> None:
        self._options = options
        self._loader = loader
        self.worker: Worker | None = None
        super().__init__()

    def load_config(self) -> None:
        """Take over the settings."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("post_fork", self._forked)
        self.cfg.set("worker_exit", self._exiting)

    def _forked(self, server: Any, worker: Worker) -> None:
        self.worker = worker

    def _exiting(self, server: Any, worker: Worker) -> None:
        for act in worker.on_exit:
            act()

    def load(self) -> Any:
        """The application behind its gate."""
        if self.worker is None:
            raise RuntimeError("the application is made in the worker only")
        return self._loader(self.worker)


def application(worker: Worker) -> WSGI:
    """The WSGI application, by the settings of the environment."""
    from . import parts  # noqa: PLC0415 - in the worker only

    made: WSGI = parts.application(worker)
    return made


def run(web_socket: Path, log_level: str) -> None:
    """Serve on the socket handed over, or on this one, until told to stop."""
    logs.begin(log_level)
    handed_over = listeners.take_over()
    Web(settings(web_socket, log_level, handed_over), application).run()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
