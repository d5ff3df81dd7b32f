"""Waiting for what can be seen, instead of sleeping."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

TICK = 0.05
PATIENCE_SECONDS = 60.0
"""How long anything may take. Only what fails waits so long, and a machine that runs other things too is slow."""


def until(condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """The first true value of the condition; fails when there is none in time."""
    tick, end = threading.Event(), time.monotonic() + seconds
    while True:
        in_time = time.monotonic() < end  # looked at before: the last look is after the end
        if value := condition():
            return value
        assert in_time, f"did not come true within {seconds} s"
        tick.wait(TICK)


def ended(look: Callable[[], dict[str, Any]], state: str = "done", seconds: float = 2 * PATIENCE_SECONDS) -> Any:
    """The job that `look` gives once it is over; it must have ended in this state, else the whole of it is shown."""
    job = until(lambda: (seen := look())["state"] not in ("queued", "running") and seen, seconds)
    assert job["state"] == state, json.dumps(job)
    return job


def reached(
    look: Callable[[], dict[str, Any]], seen: Callable[[dict[str, Any]], Any], seconds: float = PATIENCE_SECONDS
) -> Any:
    """The job as soon as this is true of it; fails at once, and shows the whole of it, where it is over before."""

    def there() -> dict[str, Any] | None:
        job = look()
        if seen(job):
            return job
        assert job["state"] in ("queued", "running"), "it is over"
        return None

    try:
        return until(there, seconds)
    except AssertionError as late:
        raise AssertionError(f"{late}: {json.dumps(look())}") from late


def job_done(client: Any, location: str, state: str = "done") -> dict[str, Any]:
    """The job at this address once it is over, which it must be in this state."""
    return ended(lambda: client.get(location).json, state)  # type: ignore[no-any-return]  # it is JSON


def job_end(client: Any, location: str, seconds: float = 1.5 * PATIENCE_SECONDS) -> dict[str, Any]:
    """The job at this address once it is over."""
    return until(lambda: (job := client.get(location).json)["state"] not in ("queued", "running") and job, seconds)
