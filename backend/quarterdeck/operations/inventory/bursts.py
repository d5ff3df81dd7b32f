"""News in bursts: what comes close together about one object is handled once, and again after a refusal."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from ...hypervisor.watch import News
from ...problems import Problem

log = logging.getLogger(__name__)
Key = tuple[str, str, str]
BURST_SECONDS = 0.05
PAUSES_SECONDS = (0.2, 1.0, 5.0)
"""How long after a refusal it is tried again: no other event may come, and the next sweep is a minute away."""
CLOSE_SECONDS = 5.0


class Bursts:
    """One thread that takes all news, joins those of one object, and hands the last one to `handle`.

    `after` is called when all of a burst were handled.
    """

    def __init__(self, name: str, handle: Callable[[News], None], *, after: Callable[[], None] = lambda: None) -> None:
        self._handle = handle
        self._after = after
        self._queue: queue.SimpleQueue[News | None] = queue.SimpleQueue()
        self._again: dict[Key, tuple[float, int, News]] = {}
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to drain news."""
        self._thread.start()

    def put(self, news: News) -> None:
        """Take note that something happened; returns at once. Called from libvirt's event thread."""
        self._queue.put(news)

    def close(self) -> None:
        """End the thread; what it keeps in the store must be in before that closes."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while (due := self._burst()) is not None:
            clock = time.monotonic()
            late = {key: (tries, news) for key, (when, tries, news) in self._again.items() if when <= clock}
            for key, (tries, news) in ({key: (0, news) for key, news in due.items()} | late).items():
                self._again.pop(key, None)
                self._try(key, tries, due.get(key, news))
            try:
                self._after()
            except Exception:  # it is done again after the next burst
                log.exception("what follows a burst of %s", self._thread.name)

    def _burst(self) -> dict[Key, News] | None:
        """The last news of each object within a short while, perhaps none where something is to be tried again."""
        due: dict[Key, News] = {}
        until = min((when for when, _tries, _news in self._again.values()), default=None)
        while True:
            try:
                news = self._queue.get(timeout=None if until is None else max(until - time.monotonic(), 0))
            except queue.Empty:
                return due
            if news is None:
                return None
            if not due:
                until = time.monotonic() + BURST_SECONDS
            due[news.kind, news.host, news.id] = news

    def _try(self, key: Key, tries: int, news: News) -> None:
        try:
            self._handle(news)
        except Problem as problem:
            log.info("could not read %s %s of %s: %s", news.kind, news.id, news.host, problem)
            if tries < len(PAUSES_SECONDS):
                self._again[key] = (time.monotonic() + PAUSES_SECONDS[tries], tries + 1, news)
        except Exception:  # one piece of news must not end the thread that reads all others
            log.exception("news %s of %s %s on %s", news.event, news.kind, news.id, news.host)
