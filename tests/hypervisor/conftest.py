"""A host of libvirt's test driver, and the news it tells."""

import queue
import time
from collections.abc import Iterator

import pytest

from quarterdeck.hypervisor.host import Host
from quarterdeck.hypervisor.hosts import Hosts
from quarterdeck.hypervisor.watch import News
from tests.hosts import DEMO, uri
from tests.waiting import PATIENCE_SECONDS


class Inbox:
    """News in the order they came."""

    def __init__(self) -> None:
        self._queue: queue.Queue[News] = queue.Queue()

    def put(self, news: News) -> None:
        self._queue.put(news)

    def take(self, kind: str, event: str, seconds: float = PATIENCE_SECONDS) -> News:
        """The next news of this sort; others before it are dropped."""
        until = time.monotonic() + seconds
        while True:
            news = self._queue.get(timeout=max(until - time.monotonic(), 0.001))
            if (news.kind, news.event) == (kind, event):
                return news


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def host(inbox: Inbox) -> Iterator[Host]:
    """The made-up host of the demo, connected."""
    hosts = Hosts([], uri(DEMO), inbox.put)
    hosts.start()
    local = hosts.get("local")
    assert local.wait_connected(PATIENCE_SECONDS)
    yield local
    hosts.close()


@pytest.fixture
def uuids(host: Host) -> dict[str, str]:
    """UUID by name."""
    return {row.name: row.uuid for row in host.domains.rows()}
