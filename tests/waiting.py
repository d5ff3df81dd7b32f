"""Waiting for what can be seen, instead of sleeping."""

from __future__ import annotations

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


def job_end(client: Any, location: str, seconds: float = 1.5 * PATIENCE_SECONDS) -> dict[str, Any]:
    """The job at this address once it is over."""
    return until(lambda: (job := client.get(location).json)["state"] not in ("queued", "running") and job, seconds)
