"""Asking libvirt what it may not answer for minutes: while the network is cut its calls about a move do not return."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Asking(Generic[T]):
    """One call at a time in a thread of its own, so that whoever asks is never stuck in it."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._answer: Future[T] | None = None

    def ask(self, seconds: float, over: Future[Any] | None = None) -> T:
        """The answer, or what the call raised; TimeoutError where there is none yet, then the same call goes on.

        It is waited for no longer than till `over` is there.
        """
        if self._answer is None:
            self._answer = Future()
            threading.Thread(target=self._run, args=(self._answer,), name="asking", daemon=True).start()
        wait({self._answer, over} if over else {self._answer}, seconds, FIRST_COMPLETED)
        try:
            return self._answer.result(0)
        finally:
            if self._answer.done():
                self._answer = None

    def _run(self, answer: Future[T]) -> None:
        try:
            answer.set_result(self._call())
        except Exception as error:  # it is the answer
            answer.set_exception(error)
