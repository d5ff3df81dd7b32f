"""News that libvirt could not tell more of is tried again, the newest of each object, until it is told."""

from __future__ import annotations

from quarterdeck.hypervisor.watch import News
from quarterdeck.operations.inventory.bursts import Bursts
from quarterdeck.problems import Problem
from tests.waiting import until


def test_what_is_refused_is_tried_again_and_others_are_not_kept_waiting() -> None:
    handled: list[str] = []

    def handle(news: News) -> None:
        handled.append(f"{news.id} {news.event}")
        if news.id == "stopping" and len(handled) < 3:
            raise Problem("wrong-state", "The machine is not running.")

    bursts = Bursts("test", handle)
    for event, machine in (("started", "stopping"), ("stopped", "stopping"), ("started", "other")):
        bursts.put(News("domain", "local", machine, event))
    bursts.start()
    until(lambda: len(handled) == 3)
    bursts.close()
    assert handled == ["stopping stopped", "other started", "stopping stopped"]


def test_what_comes_next_counts_anew() -> None:
    tries: list[News] = []

    def handle(news: News) -> None:
        tries.append(news)
        raise Problem("not-found", "There is no such machine on this host.")

    bursts = Bursts("test", handle)
    bursts.start()
    bursts.put(News("domain", "local", "gone", "stopped"))
    until(lambda: len(tries) == 2)
    bursts.put(News("domain", "local", "gone", "undefined"))
    until(lambda: len(tries) == 3)
    assert tries[-1].event == "undefined"
    bursts.close()
