"""Pools that somebody looks at are read anew, each as often as it can bear."""

from __future__ import annotations

import pytest

from quarterdeck.operations.storage import rereads
from quarterdeck.operations.storage.rereads import OPEN_SECONDS, SHARE, Rereads
from quarterdeck.problems import Problem


class Pools:
    """Pools whose reading takes a while on a clock of their own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.takes = 0.0
        self.refusal: str | None = None
        self.read = 0

    def refresh(self, _host: str, _pool: str) -> None:
        """One reading."""
        self.read += 1
        self.now += self.takes
        if self.refusal:
            raise Problem(self.refusal, "It cannot be read.")

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.mark.parametrize(
    ("refusal", "pause"), [(None, SHARE * 5.0), ("libvirt-refused", SHARE * 5.0), ("timed-out", OPEN_SECONDS)]
)
def test_a_slow_pool_is_read_seldom_and_one_that_was_silent_soon_again(
    monkeypatch: pytest.MonkeyPatch, refusal: str | None, pause: float
) -> None:
    pools = Pools()
    pools.takes, pools.refusal = 5.0, refusal
    monkeypatch.setattr(rereads, "time", pools)
    watched = Rereads(pools.refresh)
    watched.opened("local", "share")
    watched.refresh("local")
    pools.now += pause
    watched.refresh("local")
    assert pools.read == 1, "too soon"
    pools.now += 1
    watched.refresh("local")
    assert pools.read == 2
    pools.now += 1e6
    watched.refresh("local")
    watched.opened("local", "other")
    watched.refresh("elsewhere")
    assert pools.read == 2, "nobody looks any more, or at another host"
