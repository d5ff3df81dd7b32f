"""Jobs: work that takes long, with progress, cancel, undo, and a life beyond a restart.

Knows nothing of libvirt. A row is written before the first side effect of the work.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from .problems import Problem
from .rescue import spared
from .store import now

log = logging.getLogger(__name__)
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
LOG_LINES = 500


class Rows(Protocol):
    """Where jobs are written down, so that they outlive the process."""

    keep: int

    def put(self, job_id: str, state: str, started: str, body: str, params: dict[str, Any] | None = None) -> None:
        """Insert or replace a row; `params` only at the first time."""

    def all(self) -> list[dict[str, Any]]:
        """All rows, newest first."""

    def prune(self) -> None:
        """Drop the oldest finished jobs beyond the number kept."""


class JobLogLine(BaseModel):
    """One line of a job's log."""

    time: str
    text: str


class Job(BaseModel):
    """A long act: what it works on, how far it is, and how it ended. `progress` runs from 0 to 1.

    `holds` is false where it only waits and keeps no other act away from its target.
    """

    id: str
    kind: str
    host: str
    target: str
    target_name: str = ""
    user: str
    state: JobState
    phase: str = ""
    progress: float | None = None
    message: str = ""
    can_cancel: bool = True
    holds: bool = True
    problem: dict[str, Any] | None = None
    result: Any = None
    started: str
    ended: str | None = None
    eta_seconds: float | None = None
    details: dict[str, Any] = {}
    log: list[JobLogLine] = []

    @property
    def over(self) -> bool:
        """Whether it ended, in whatever way."""
        return self.state not in ("queued", "running")


class JobHandle:
    """What the work of a job gets: it tells its progress here, and asks whether it should stop."""

    def __init__(self, job: Job, changed: Callable[[Job, bool], None]) -> None:
        self.undo = ExitStack()
        """Callbacks that run, last first, when the work fails or is cancelled."""
        self._job = job
        self._changed = changed
        self._lock = threading.RLock()
        self._cancelled = threading.Event()
        self._on_cancel: list[Callable[[], None]] = []
        self._on_tune: Callable[[dict[str, Any]], None] | None = None
        self._clock = time.monotonic()

    @property
    def id(self) -> str:
        """The job's id."""
        return self._job.id

    @property
    def job(self) -> Job:
        """The job as it is now."""
        with self._lock:
            return self._job.model_copy(deep=True)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to cancel."""
        return self._cancelled.is_set()

    def wait(self, seconds: float) -> bool:
        """Pause; True at once when somebody cancels."""
        return self._cancelled.wait(seconds)

    def check(self) -> None:
        """Raise Problem `cancelled` when somebody asked to cancel."""
        if self.cancelled:
            raise Problem("cancelled", "The job was cancelled.")

    def progress(self, fraction: float | None, message: str = "", *, phase: str = "", **details: Any) -> None:
        """Tell how far the work is (0 to 1, None for unknown). Details are joined to those told before."""
        with self._lock:
            job = self._job
            job.progress = None if fraction is None else min(max(fraction, 0.0), 1.0)
            job.message = message or job.message
            job.phase = phase or job.phase
            job.details = job.details | details
            job.eta_seconds = details.get("eta_seconds", self._estimate())
        self._changed(job, False)

    def _estimate(self) -> float | None:
        done, spent = self._job.progress, time.monotonic() - self._clock
        return round(spent * (1 - done) / done, 1) if done and spent > 1 else None

    def mirror(self, other: Job) -> None:
        """Tell what another process tells of the same job."""
        with self._lock:
            job = self._job
            news = (job.log, job.can_cancel) != (other.log, other.can_cancel)
            for name in ("progress", "message", "phase", "details", "eta_seconds", "log"):
                setattr(job, name, getattr(other, name))
            if not other.over:
                job.can_cancel = other.can_cancel
        self._changed(job, news)

    def log(self, text: str, *, final: bool = False) -> None:
        """Add a line to the log that people see; `final` where it cannot be cancelled from now on."""
        with self._lock:
            self._job.log = [*self._job.log, JobLogLine(time=now(), text=text)][-LOG_LINES:]
            self._job.can_cancel &= not final
        self._changed(self._job, True)

    def can_cancel(self, possible: bool) -> None:
        """Say that from now on the job can, or cannot, be cancelled."""
        with self._lock:
            self._job.can_cancel = possible
        self._changed(self._job, True)

    def on_cancel(self, act: Callable[[], None]) -> None:
        """What ends the work at once when somebody cancels; called in the canceller's thread."""
        with self._lock:
            self._on_cancel.append(act)
        if self.cancelled:
            act()

    def on_tune(self, act: Callable[[dict[str, Any]], None]) -> None:
        """What takes new settings while the work runs."""
        self._on_tune = act

    def cancel(self) -> None:
        """Ask the work to stop."""
        with self._lock:
            self._cancelled.set()
            acts = list(self._on_cancel)
        for act in acts:
            act()

    def tune(self, settings: dict[str, Any]) -> None:
        """Hand new settings to the work; Problem `unsupported` when it takes none."""
        if self._on_tune is None:
            raise Problem("unsupported", "This job has no settings that can change while it runs.")
        self._on_tune(settings)


Work = Callable[[JobHandle], Any]
Adopter = Callable[[Job, JobHandle, dict[str, Any]], Any]


def _adopted(adopter: Adopter, job: Job, params: dict[str, Any], handle: JobHandle) -> Any:
    return adopter(job, handle, params)


class Jobs:
    """All jobs of the service."""

    def __init__(self, rows: Rows, on_change: Callable[[Job], None] = lambda job: None) -> None:
        self._rows = rows
        self._on_change = on_change
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._jobs: dict[str, Job] = {}
        self._handles: dict[str, JobHandle] = {}
        self._adopters: dict[str, Adopter] = {}
        self._saved: dict[str, float] = {}
        self._closing = False
        self._orphans: list[tuple[Job, dict[str, Any]]] = []
        for row in reversed(rows.all()):
            try:
                job, params = Job.model_validate_json(row["body"]), json.loads(row["params"])
            except ValueError as error:  # one damaged row must not keep the service from starting
                log.error("job %s cannot be read and is left out: %s", row["id"], error)
                continue
            self._jobs[job.id] = job
            if not job.over:
                self._orphans.append((job, params))

    def listen(self, on_change: Callable[[Job], None]) -> None:
        """Call this with each job that changed."""
        self._on_change = on_change

    def adopt(self, kind: str, adopter: Adopter) -> None:
        """What follows a job of this kind to its end when a restart left it running: (job, handle, params)."""
        self._adopters[kind] = adopter

    def resume(self) -> None:
        """Take up what the last process left: adopted kinds go on, the others are told as interrupted."""
        orphans, self._orphans = self._orphans, []
        for job, params in orphans:
            adopter = self._adopters.get(job.kind)
            if adopter is None:
                self._end(job, "failed", problem=Problem("interrupted", "Quarterdeck was restarted while this ran."))
            else:
                self._run(job, partial(_adopted, adopter, job, params))

    def start(
        self,
        kind: str,
        *,
        host: str,
        target: str,
        user: str,
        work: Work,
        target_name: str = "",
        can_cancel: bool = True,
        holds: bool = True,
        params: dict[str, Any] | None = None,
    ) -> Job:
        """Begin the work in a thread of its own; the job as it starts. Problem `busy` where another holds the target.

        `params` is what an adopter needs to go on after a restart; it must hold no secret.
        """
        job = Job(
            id=secrets.token_hex(8),
            kind=kind,
            host=host,
            target=target,
            target_name=target_name,
            user=user,
            state="running",
            can_cancel=can_cancel,
            holds=holds,
            started=now(),
        )
        with self._lock:
            other = self.of(host, target) if holds else None
            if other is not None:
                raise Problem("busy", f"Another job works on {target_name or target}.", job=other.id)
            self._rows.put(job.id, job.state, job.started, job.model_dump_json(), params or {})
            self._saved[job.id] = time.monotonic()
            self._jobs[job.id] = job
        self._run(job, work)
        return job.model_copy(deep=True)

    def _run(self, job: Job, work: Work) -> None:
        handle = JobHandle(job, self._changed)
        with self._lock:
            self._handles[job.id] = handle
        self._changed(job, False)
        threading.Thread(
            target=self._till_the_end, args=(job, handle, work), name=f"job-{job.kind}-{job.id}", daemon=True
        ).start()

    def _till_the_end(self, job: Job, handle: JobHandle, work: Work) -> None:
        try:
            self._work(job, handle, work)
        except sqlite3.ProgrammingError:  # it ended when the records were closed; the next process finds out how
            if not self._closing:
                raise

    def _work(self, job: Job, handle: JobHandle, work: Work) -> None:
        try:
            result = work(handle)
        except Exception as error:  # whatever the work raises ends the job, never the service
            if self._closing and job.kind in self._adopters:
                return  # it goes on without this process, so nothing is undone; the next one adopts the row
            self._undo(handle)
            if self._closing:
                return
            if isinstance(error, Problem):
                state: JobState = "cancelled" if error.slug == "cancelled" or handle.cancelled else "failed"
                self._end(job, state, problem=error)
            else:
                log.exception("job %s of kind %s failed", job.id, job.kind)
                self._end(job, "failed", problem=Problem("internal", f"{type(error).__name__} in job {job.id}"))
        else:
            handle.undo.pop_all()
            self._end(job, "done", result=result)

    def _undo(self, handle: JobHandle) -> None:
        try:
            handle.undo.close()
        except Exception:  # the job has its end to tell, whatever its undo raises
            log.exception("undo of job %s failed", handle.id)
            handle.log("Not everything could be undone; the service's log says what.")

    def _end(self, job: Job, state: JobState, *, problem: Problem | None = None, result: Any = None) -> None:
        with self._lock:  # nobody sees it over without its result
            job.state = state
            job.ended = now()
            job.can_cancel = False
            job.eta_seconds = None
            job.problem = problem.as_dict() if problem else None
            job.result = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
            if state == "done":
                job.progress = 1.0
            self._handles.pop(job.id, None)
        self._changed(job, True)
        with self._ended:
            self._ended.notify_all()
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        self._rows.prune()
        with self._lock:
            over = sorted((j for j in self._jobs.values() if j.over), key=lambda j: j.started, reverse=True)
            for job in over[self._rows.keep :]:
                self._jobs.pop(job.id)
                self._saved.pop(job.id, None)

    def _changed(self, job: Job, important: bool) -> None:
        clock = time.monotonic()
        if important or clock - self._saved.get(job.id, 0) > 5:
            self._saved[job.id] = clock
            with spared(f"job {job.id} of kind {job.kind}: {job.state}"):
                self._rows.put(job.id, job.state, job.started, job.model_dump_json())
        self._on_change(job.model_copy(deep=True))

    def list(self) -> list[Job]:
        """Running and recent jobs, newest first."""
        with self._lock:
            return sorted((j.model_copy(deep=True) for j in self._jobs.values()), key=lambda j: j.started, reverse=True)

    def get(self, job_id: str) -> Job:
        """One job; Problem `not-found`."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise Problem("not-found", f"There is no job {job_id}.")
        return job.model_copy(deep=True)

    def wait(self, job_id: str, seconds: float | None = None) -> Job:
        """The job when it is over, or as it is after so many seconds."""
        with self._ended:
            self._ended.wait_for(lambda: self.get(job_id).over, seconds)
            return self.get(job_id)

    def of(self, host: str, target: str) -> Job | None:
        """The job that runs on this target now and keeps other acts away."""
        with self._lock:
            running = (job for job in self._jobs.values() if job.holds and not job.over)
            return next((job for job in running if (job.host, job.target) == (host, target)), None)

    def _handle(self, job_id: str) -> JobHandle:
        job = self.get(job_id)
        with self._lock:
            handle = self._handles.get(job_id)
        if handle is None:
            raise Problem("not-cancellable", f"The job is over: {job.state}.")
        return handle

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; it ends in its own time. Problem `not-cancellable` when it cannot."""
        if not self.get(job_id).can_cancel:
            raise Problem("not-cancellable", "This job is past the point where it could be cancelled.")
        self._handle(job_id).cancel()
        return self.get(job_id)

    def tune(self, job_id: str, settings: dict[str, Any]) -> Job:
        """Change settings of a running job, such as a migration's bandwidth."""
        self._handle(job_id).tune(settings)
        return self.get(job_id)

    def close(self) -> None:
        """Stop telling; work that libvirt carries on is adopted by the next process."""
        self._closing = True
