"""The runner of one errand: reads what to do from its standard input, does it, tells of it on its slip, and ends.

Started by systemd for each connection to a socket that only the web process may open, or by `spawner`.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from functools import partial
from typing import Any

from pydantic import ValidationError

from .. import config
from ..config import Config
from ..hypervisor.hosts import Host, Hosts, HostSpec
from ..hypervisor.spec import LOCAL_ID, host_id
from ..jobs import Job, JobHandle, Jobs
from ..operations.errand_kinds import ERRANDS
from ..operations.errands import ACCEPTED, HOST_SECONDS, LOOK_SECONDS, Bench, Errand, OneRow, Order, Slip
from ..operations.hosts.hosts import reach
from ..problems import Problem
from . import logs
from .auth_helper import peer

log = logging.getLogger(__name__)
ORDER_BYTES = 1 << 20
PATIENCE_SECONDS = 20


class Runner:
    """One errand."""

    def __init__(self, settings: Config, order: Order, slip: Slip) -> None:
        self._settings = settings
        self._order = order
        self._slip = slip
        self._latest = self._written = order.job
        self._over = threading.Event()
        self._ended = threading.Event()
        self._jobs = Jobs(OneRow(order), self._changed)

    def run(self, accept: Any) -> None:
        """Do it; `accept` is called once it has begun."""
        spec = HostSpec(**self._order.spec)
        given = [] if spec.name == LOCAL_ID else [spec]
        hosts = Hosts(given, self._settings.local_uri, lambda news: None, reach=reach(self._settings))
        host = hosts.get(host_id(spec.name))
        host.start()
        job = self._order.job
        self._jobs.adopt(job.kind, partial(self._work, ERRANDS[job.kind], host))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())
        try:
            self._jobs.resume()
            self._write()
            accept()
            while not self._over.wait(LOOK_SECONDS):
                self._write()
                if self._ended.is_set() or self._slip.asked_to_stop:
                    self._stop(job)
            self._write()
        finally:
            hosts.close()

    def _write(self) -> None:
        latest = self._latest
        if latest is not self._written:
            try:
                self._slip.write(latest)
            except OSError as error:  # a full disk keeps this from being told, not from being done
                log.error("how far job %s is cannot be told: %s", latest.id, error)
                return
            self._written = latest

    def _stop(self, job: Job) -> None:
        try:
            self._jobs.cancel(job.id)
        except Problem as problem:
            log.info("job %s goes on: %s", job.id, problem)

    def _work(self, errand: Errand, host: Host, _job: Job, handle: JobHandle, params: dict[str, Any]) -> Any:
        if not host.wait_connected(HOST_SECONDS):
            raise host.problem or Problem("host-lost", f"The host {host.spec.name} does not answer.")
        return errand.work(Bench(handle, host, self._settings, self._slip.folder, params))

    def _changed(self, job: Job) -> None:
        self._latest = job
        if job.over:
            self._over.set()


def order_from(connection: socket.socket) -> Order | None:
    """What is asked for; None when the caller may not ask, or asks for nothing that we know."""
    connection.settimeout(PATIENCE_SECONDS)
    if peer(connection) not in (0, os.geteuid()):
        log.warning("an account that may not ask for work did")
        return None
    line = b""
    while not line.endswith(b"\n"):
        part = connection.recv(64 * 1024)
        if not part or len(line) > ORDER_BYTES:
            return None
        line += part
    try:
        order = Order.model_validate_json(line)
    except ValidationError:
        log.error("the order cannot be read")  # it may hold a secret, so it is not shown
        return None
    return order if order.job.kind in ERRANDS else None


def main() -> None:
    """Serve the connection that systemd or the spawner put on descriptor 0."""
    settings = config.load()
    logs.begin(settings.log_level)
    with socket.socket(fileno=os.dup(0)) as connection:
        order = order_from(connection)
        if order is None:
            sys.exit(1)
        slip = Slip(settings.errand_dir, order.job.id)
        with slip.held():
            Runner(settings, order, slip).run(lambda: connection.sendall(ACCEPTED))


if __name__ == "__main__":
    main()
