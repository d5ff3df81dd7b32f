"""Acts on a network and the job that restarts it, one after the other."""

from __future__ import annotations

import threading

import pytest

from quarterdeck.app import Service
from quarterdeck.jobs import JobHandle
from quarterdeck.operations.networks.turns import Turns, target
from quarterdeck.problems import Problem
from tests.waiting import PATIENCE_SECONDS


def test_a_restart_waits_for_the_act_that_has_begun_and_holds_off_the_next(service: Service) -> None:
    turns, order = Turns(service.jobs), list[str]()
    row = service.hosts.get("local").networks.row("default")
    begun, done = threading.Event(), threading.Event()

    def work(handle: JobHandle) -> None:
        begun.set()
        with turns.of_job("local", row):
            order.append("restart")
            done.wait(PATIENCE_SECONDS)

    with turns.short("local", row):
        job = service.jobs.start("network-restart", host="local", target=target(row), user="demo", work=work)
        assert begun.wait(PATIENCE_SECONDS)
        order.append("act")
    with pytest.raises(Problem, match="restarted just now"):
        turns.check("local", row)
    done.set()
    service.jobs.wait(job.id)
    with turns.short("local", row):
        order.append("next")
    assert order == ["act", "restart", "next"]
