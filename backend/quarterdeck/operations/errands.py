"""Errands: long work of this server in a process of its own, which a restart of the web process does not touch.

The web process writes the job down, connects to the socket of `quarterdeck-job`, and sends one line: what to do. From
then on the two share nothing but a slip in the state folder: the runner writes the job on it as it goes, and holds a
lock on it while it lives; the web process reads it, and asks the runner to stop. A web process that starts anew finds
job and slip again. When the runner died without an end, the web process undoes what it left.

How to add a kind: a function that takes a `Bench` and does the work (it tells its progress to `bench.job`, asks
`bench.job.check()` whether to stop, and puts what takes its deeds back on `bench.job.undo`); a function that takes
(host, params) and removes what a dead runner left, where there may be nothing; and one line with both in
`operations/errand_kinds.py`. Then `errands.start("KIND", host=…, target=…, user=…, params={…})` gives the job.
`params` are kept in the job's row and must hold no secret; `unkept` goes to the runner only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..config import Config
from ..hypervisor.host import Host
from ..hypervisor.hosts import Hosts
from ..jobs import Job, JobHandle, Jobs
from ..model.strict import Value
from ..problems import Problem

LOOK_SECONDS = 0.3
ANSWER_SECONDS = 30.0
LATE_SECONDS = 5.0
HOST_SECONDS = 60.0
ACCEPTED = b"ok\n"


@dataclass(frozen=True)
class Bench:
    """What the work of an errand gets: its job, the connected host, and a folder that is removed afterwards."""

    job: JobHandle
    host: Host
    config: Config
    folder: Path
    params: dict[str, Any]


@dataclass(frozen=True)
class Errand:
    """A kind of work. `undo` runs in the web process when a runner died; `network`: it reaches other servers.

    `finish` runs there once a runner told that all is done, again where it was cut off: until then `undo` would remove
    all of it, from then on all of it stays.
    """

    work: Callable[[Bench], Any]
    undo: Callable[[Host, dict[str, Any]], None]
    finish: Callable[[Host, dict[str, Any]], None] = lambda _host, _params: None
    network: bool = False


class Order(Value):
    """The line that the runner gets: the job, how its host is reached, and what is to be done."""

    job: Job
    spec: dict[str, Any]
    params: dict[str, Any]


class Slip:
    """What runner and web process share of one errand."""

    def __init__(self, folder: Path, job_id: str) -> None:
        self._told = folder / f"{job_id}.json"
        self._lock = folder / f"{job_id}.lock"
        self._stop = folder / f"{job_id}.stop"
        self.folder = folder / job_id

    def write(self, job: Job) -> None:
        """Tell the job as it is now."""
        fresh = self._told.with_suffix(".new")
        fresh.write_text(job.model_dump_json())
        fresh.rename(self._told)

    def read(self) -> Job | None:
        """The job as the runner told it last."""
        with contextlib.suppress(FileNotFoundError):
            return Job.model_validate_json(self._told.read_text())
        return None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The runner lives within this block."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether a runner lives."""
        try:
            with self._lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def ask_to_stop(self) -> None:
        """Ask the runner to stop."""
        self._stop.touch()

    @property
    def asked_to_stop(self) -> bool:
        """Whether the web process wants it to stop."""
        return self._stop.exists()

    def remove(self) -> None:
        """Take everything away."""
        for path in (self._told, self._told.with_suffix(".new"), self._stop, self._lock):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Errands:
    """Sends runners out and follows them. `ended` is told (host, params) when one is over."""

    def __init__(
        self,
        config: Config,
        hosts: Hosts,
        jobs: Jobs,
        kinds: Mapping[str, Errand],
        ended: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._config = config
        self._hosts = hosts
        self._jobs = jobs
        self._kinds = kinds
        self._ended = ended
        self._places = threading.BoundedSemaphore(config.errand_limit)
        self._tidy()
        for kind in kinds:
            jobs.adopt(kind, lambda job, handle, params: self.again(job.kind, handle, params))

    def start(
        self,
        kind: str,
        *,
        host: str,
        target: str,
        user: str,
        params: dict[str, Any],
        unkept: dict[str, Any] | None = None,
        target_name: str = "",
    ) -> Job:
        """Send a runner out; the job as it starts. Problem `overloaded` when too many run."""
        if self._hosts.get(host).is_test:
            raise Problem("unsupported", "A made-up host holds no data: nothing was done.")
        if not self._places.acquire(blocking=False):
            raise Problem("overloaded", "Too many downloads and conversions run.", cure="Wait until one has ended.")

        def work(handle: JobHandle) -> Any:
            try:
                return self.within(kind, handle, params, unkept or {})
            finally:
                self._places.release()

        return self._jobs.start(
            kind, host=host, target=target, target_name=target_name, user=user, work=work, params=params
        )

    def within(self, kind: str, handle: JobHandle, params: dict[str, Any], unkept: dict[str, Any]) -> Any:
        """Send a runner out for a job, or a part of one, and wait for it; what the runner tells."""
        self._send(handle.job.model_copy(update={"kind": kind}), params | unkept)
        return self._follow(kind, handle, params)

    def again(self, kind: str, handle: JobHandle, params: dict[str, Any]) -> Any:
        """Go on with what an earlier web process sent a runner out for; what the runner tells."""
        slip, pause = Slip(self._config.errand_dir, handle.id), threading.Event()
        for _ in range(int(LATE_SECONDS / LOOK_SECONDS)):
            if slip.read():
                break
            pause.wait(LOOK_SECONDS)
        return self._follow(kind, handle, params)

    def abandon(self, kind: str, handle: JobHandle, params: dict[str, Any]) -> None:
        """End the runner that an earlier web process sent out for a part of a job, and remove what it made."""
        slip, pause = Slip(self._config.errand_dir, handle.id), threading.Event()
        slip.ask_to_stop()
        while slip.alive:
            pause.wait(LOOK_SECONDS)
        slip.remove()
        self._clean(kind, handle, params)

    def _send(self, job: Job, params: dict[str, Any]) -> None:
        spec = self._hosts.get(job.host).spec
        order = Order(job=job, spec=asdict(spec), params=params)
        network = self._kinds[job.kind].network or spec.transport != "local"
        path = self._config.download_socket if network else self._config.job_socket
        answer = b""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(str(path))
                connection.sendall(order.model_dump_json().encode() + b"\n")
                answer = connection.recv(len(ACCEPTED))
        except OSError as error:
            raise _no_runner(str(error)) from error
        if answer != ACCEPTED:
            raise _no_runner("it closed the connection")

    def _follow(self, kind: str, handle: JobHandle, params: dict[str, Any]) -> Any:
        slip, pause = Slip(self._config.errand_dir, handle.id), threading.Event()
        handle.on_cancel(slip.ask_to_stop)
        while True:
            alive, told = slip.alive, slip.read()  # in this order: what is read of a dead one is its last word
            if told:
                handle.mirror(told)
            if not alive or (told and told.over):
                break
            pause.wait(LOOK_SECONDS)
        if told and told.state == "done":  # before the slip goes, by which the next web process would know
            self._kinds[kind].finish(self._host(handle, "complete what is made"), params)
        try:
            return self._outcome(kind, handle, told, params)
        finally:
            slip.remove()
            self._ended(handle.job.host, params)

    def _outcome(self, kind: str, handle: JobHandle, told: Job | None, params: dict[str, Any]) -> Any:
        if told and told.state == "done":
            return told.result
        if told and told.problem and (told.state != "cancelled" or handle.cancelled):
            raise Problem.from_dict(told.problem)
        if not (told and told.over):
            self._clean(kind, handle, params)
        raise Problem("interrupted", "The process that did this was ended; what it had begun was undone.")

    def _clean(self, kind: str, handle: JobHandle, params: dict[str, Any]) -> None:
        self._kinds[kind].undo(self._host(handle, "remove what was begun"), params)

    def _host(self, handle: JobHandle, to_do: str) -> Host:
        host = self._hosts.get(handle.job.host)
        if not host.wait_connected(HOST_SECONDS):
            raise Problem("interrupted", f"It was interrupted, and the host cannot be reached to {to_do}.")
        return host

    def _tidy(self) -> None:
        """Remove the slips of jobs that are over."""
        self._config.errand_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        going_on = {job.id for job in self._jobs.list() if not job.over}
        for name in {path.name.partition(".")[0] for path in self._config.errand_dir.iterdir()} - going_on:
            Slip(self._config.errand_dir, name).remove()


def _no_runner(why: str) -> Problem:
    return Problem(
        "overloaded",
        "No process could be started for it.",
        cure="See that quarterdeck-job.socket and quarterdeck-download.socket run, and try again.",
        raw=why,
    )


class OneRow:
    """The one job of a runner, for its `Jobs`; what becomes of it the runner writes on the slip."""

    keep = 1

    def __init__(self, order: Order) -> None:
        self._order = order

    def all(self) -> list[dict[str, Any]]:
        """The one row."""
        return [{"body": self._order.job.model_dump_json(), "params": json.dumps(self._order.params)}]

    def put(self, job_id: str, state: str, started: str, body: str, params: dict[str, Any] | None = None) -> None:
        """Nothing: the web process keeps the row."""

    def prune(self) -> None:
        """Nothing: there is but one."""
