"""Long work: progress, cancel, undo, and a life beyond a restart."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from quarterdeck.jobs import Job, JobHandle, Jobs
from quarterdeck.problems import Problem
from quarterdeck.store import JobRows, Store
from tests.waiting import PATIENCE_SECONDS


class Watched:
    """Jobs whose changes a test can wait for."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self.seen: list[Job] = []
        self._news = threading.Condition()
        self.jobs = Jobs(JobRows(self.store, 50), self._note)

    def _note(self, job: Job) -> None:
        with self._news:
            self.seen.append(job)
            self._news.notify_all()

    def wait(self, job: Job, state: str) -> Job:
        with self._news:
            assert self._news.wait_for(
                lambda: any(j.id == job.id and j.state == state for j in self.seen), PATIENCE_SECONDS
            )
        return self.jobs.get(job.id)

    def start(self, work, **more) -> Job:
        return self.jobs.start("copy", host="local", target="u", user="ann", work=work, **more)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "q.sqlite")


def test_work_that_ends_well_is_done_with_its_result(watched: Watched) -> None:
    def work(handle: JobHandle) -> dict:
        handle.progress(0.5, "half", phase="copy", bytes=5)
        handle.log("started")
        return {"volume": "a"}

    job = watched.wait(watched.start(work), "done")
    assert (job.progress, job.result, job.phase, job.details) == (1.0, {"volume": "a"}, "copy", {"bytes": 5})
    assert [line.text for line in job.log] == ["started"]
    assert any(seen.progress == 0.5 and seen.message == "half" for seen in watched.seen)


def test_who_waits_for_a_job_gets_it_with_its_result_or_as_it_is_in_time(watched: Watched) -> None:
    go_on = threading.Event()
    job = watched.start(lambda handle: go_on.wait(PATIENCE_SECONDS) and "made")
    early = watched.jobs.wait(job.id, 0.01)
    go_on.set()
    over = watched.jobs.wait(job.id, PATIENCE_SECONDS)
    assert (early.state, over.state, over.result) == ("running", "done", "made"), (early, over)


def test_failed_work_is_undone_last_first_and_tells_its_problem(watched: Watched) -> None:
    undone: list[str] = []

    def work(handle: JobHandle) -> None:
        handle.undo.callback(undone.append, "volume")
        handle.undo.callback(undone.append, "domain")
        raise Problem("no-space", "The pool is full.")

    job = watched.wait(watched.start(work), "failed")
    assert undone == ["domain", "volume"]
    assert job.problem and job.problem["type"] == "/problems/no-space"


def test_work_that_succeeds_is_not_undone(watched: Watched) -> None:
    undone: list[str] = []
    watched.wait(watched.start(lambda handle: handle.undo.callback(undone.append, "x") and None), "done")
    assert undone == []


def test_cancel_ends_waiting_work_and_undoes_it(watched: Watched) -> None:
    undone: list[str] = []

    def work(handle: JobHandle) -> None:
        handle.undo.callback(undone.append, "x")
        handle.wait(PATIENCE_SECONDS)
        handle.check()

    job = watched.start(work)
    watched.jobs.cancel(job.id)
    assert watched.wait(job, "cancelled").problem is not None
    assert undone == ["x"]


def test_what_cannot_be_cancelled_says_so(watched: Watched) -> None:
    release = threading.Event()
    job = watched.start(lambda handle: release.wait(PATIENCE_SECONDS), can_cancel=False)
    with pytest.raises(Problem, match="past the point"):
        watched.jobs.cancel(job.id)
    release.set()
    watched.wait(job, "done")
    with pytest.raises(Problem):
        watched.jobs.cancel(job.id)


def test_a_fault_in_the_work_is_told_without_its_inside(watched: Watched) -> None:
    job = watched.wait(watched.start(lambda handle: 1 / 0), "failed")
    assert job.problem and job.problem["type"] == "/problems/internal"


def test_settings_reach_running_work(watched: Watched) -> None:
    got: list[dict] = []
    ready, release = threading.Event(), threading.Event()

    def work(handle: JobHandle) -> None:
        handle.on_tune(got.append)
        ready.set()
        release.wait(PATIENCE_SECONDS)

    job = watched.start(work)
    assert ready.wait(PATIENCE_SECONDS)
    watched.jobs.tune(job.id, {"bandwidth_mib_s": 5})
    release.set()
    watched.wait(job, "done")
    assert got == [{"bandwidth_mib_s": 5}]


def test_after_a_restart_adopted_work_goes_on_and_the_rest_is_told(tmp_path: Path) -> None:
    before = Watched(tmp_path / "q.sqlite")
    hold = threading.Event()
    kept = before.jobs.start(
        "migration",
        host="local",
        target="other",
        user="ann",
        work=lambda h: hold.wait(PATIENCE_SECONDS),
        params={"to": "b"},
    )
    lost = before.start(lambda handle: hold.wait(PATIENCE_SECONDS))
    before.jobs.close()

    after = Watched(tmp_path / "q.sqlite")
    after.jobs.adopt("migration", lambda job, handle, params: {"went": params["to"], "was": job.id})
    after.jobs.resume()
    assert after.wait(kept, "done").result == {"went": "b", "was": kept.id}
    problem = after.wait(lost, "failed").problem
    assert problem and problem["type"] == "/problems/interrupted"
    hold.set()


def test_work_that_ends_after_the_service_is_quiet_and_left_to_the_next_one(tmp_path: Path) -> None:
    watched, may_end = Watched(tmp_path / "q.sqlite"), threading.Event()
    job = watched.start(lambda _handle: may_end.wait(PATIENCE_SECONDS))
    watched.jobs.close()
    watched.store.close()
    (thread,) = (each for each in threading.enumerate() if each.name.endswith(job.id))
    may_end.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    after = Watched(tmp_path / "q.sqlite")
    after.jobs.resume()
    after.wait(job, "failed")


def test_two_jobs_never_hold_one_target_however_close_they_begin(watched: Watched) -> None:
    together, began = threading.Barrier(4), []

    def work(handle: JobHandle) -> None:
        assert handle.wait(PATIENCE_SECONDS)
        handle.check()

    def begin() -> None:
        together.wait()
        try:
            began.append(watched.start(work))
        except Problem as problem:
            began.append(problem.slug)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job,) = [each for each in began if isinstance(each, Job)]
    assert [each for each in began if not isinstance(each, Job)] == ["busy"] * 3
    watched.wait(watched.start(lambda handle: None, holds=False), "done")
    watched.jobs.cancel(job.id)
    watched.wait(job, "cancelled")
    watched.wait(watched.start(lambda handle: None), "done")


def test_full_disk_ends_no_work_and_hides_no_end(watched: Watched) -> None:
    full = threading.Event()

    def work(handle: JobHandle) -> str:
        assert full.wait(PATIENCE_SECONDS)
        for number in range(50):
            handle.log(f"step {number} " + "x" * 1000)
        return "arrived"

    job = watched.start(work)
    watched.store.write("PRAGMA max_page_count = 1")  # no page more than there are
    full.set()
    assert watched.wait(job, "done").result == "arrived"
