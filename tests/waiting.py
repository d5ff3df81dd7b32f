"""Waiting for what can be seen, instead of sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

TICK = 0.05


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true value of the condition; fails when there is none in time."""
    tick = threading.Event()
    for _ in range(int(seconds / TICK)):
        value = condition()
        if value:
            return value
        tick.wait(TICK)
    raise AssertionError(f"did not come true within {seconds} s")


def job_end(client: Any, location: str, seconds: float = 90) -> dict[str, Any]:
    """The job at this address once it is over."""
    return until(lambda: (job := client.get(location).json)["state"] not in ("queued", "running") and job, seconds)
