"""Looks from jobs outlive a host that does not answer for a moment, and acts what came about by itself."""

from __future__ import annotations

import pytest

from quarterdeck.app import Service
from quarterdeck.jobs import Job, JobHandle
from quarterdeck.operations.patience import patiently, unless_over
from quarterdeck.problems import Problem


@pytest.fixture
def handle() -> JobHandle:
    about = {"id": "j", "kind": "test", "host": "local", "target": "t", "user": "demo", "started": ""}
    return JobHandle(Job.model_validate(about | {"state": "running"}), lambda job, important: None)


class Look:
    """Says one thing after the other."""

    def __init__(self, *says: str) -> None:
        self._says = iter(says)

    def __call__(self) -> str:
        word = next(self._says)
        if word in ("busy", "host-lost", "not-found"):
            raise Problem(word, word)
        return word


def test_a_host_that_does_not_answer_is_asked_again(service: Service, handle: JobHandle) -> None:
    host = service.hosts.get("local")
    assert patiently(handle, host, Look("busy", "host-lost", "running")) == "running"
    with pytest.raises(Problem, match="not-found"):
        patiently(handle, host, Look("not-found", "running"))
    handle.cancel()
    with pytest.raises(Problem, match="busy"):
        patiently(handle, host, Look("busy", "running"))


def test_a_refusal_counts_only_where_it_is_still_to_be_done() -> None:
    def refused() -> None:
        raise Problem("wrong-state", "The machine is not running.")

    unless_over(refused, lambda: True)
    with pytest.raises(Problem, match="not running"):
        unless_over(refused, lambda: False)

    def unknown() -> bool:
        raise Problem("host-lost", "The connection to the host broke.")

    with pytest.raises(Problem, match="not running"):
        unless_over(refused, unknown)
