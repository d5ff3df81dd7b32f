"""Waiting for something that can be seen."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


def wait_for(seen: Callable[[], T], seconds: float = 90, what: str = "") -> T:
    """First true answer of `seen`; fails after `seconds` with its last answer or error."""
    pause, end = Event(), monotonic() + seconds
    last: object = None
    while monotonic() < end:
        try:
            last = seen()
        except (AssertionError, OSError) as problem:
            last = problem
        else:
            if last:
                return last
        pause.wait(0.05)
    raise AssertionError(f"not within {seconds} s: {what or getattr(seen, '__name__', seen)} (last: {last!r})")
