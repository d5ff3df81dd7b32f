"""Looks at files that may never come back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from quarterdeck.operations.storage.in_time import in_time
from quarterdeck.problems import Problem
from tests.waiting import until


def test_many_look_at_one_file_at_once_and_each_gets_what_it_holds() -> None:
    with ThreadPoolExecutor(16) as many:
        assert list(many.map(lambda number: in_time("/a", lambda: number), range(200))) == list(range(200))


def test_what_a_look_raises_is_raised_where_it_was_asked_for() -> None:
    def fail() -> None:
        raise FileNotFoundError("none")

    with pytest.raises(FileNotFoundError):
        in_time("/a", fail)


def test_one_that_does_not_come_back_is_told_and_no_second_one_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.operations.storage.in_time.PATIENCE_SECONDS", 0.1)
    answers, sent = threading.Event(), []

    def look() -> str:
        sent.append("one")
        answers.wait()
        return "there"

    for _ in range(3):
        with pytest.raises(Problem, match="/b lies does not answer") as caught:
            in_time("/b", look)
        assert [error.pointer for error in caught.value.errors] == ["/path"]
    assert sent == ["one"]
    answers.set()
    monkeypatch.undo()
    until(lambda: "/b" not in [thread.name for thread in threading.enumerate()])
    assert in_time("/b", look) == "there"
