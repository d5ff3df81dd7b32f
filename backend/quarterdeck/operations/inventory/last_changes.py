"""When pools and networks were changed last and by whom; libvirt keeps no such thing.

What is made with Quarterdeck stands in the audit log, and what came of it is kept. What is made outside shows by a
saved definition (or autostart, which has no event) that is not the one that was seen before; events tell when.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...audit import Audit
from ...hypervisor.watch import News
from ...model.last_change import LastChange
from ...model.network import Network
from ...model.storage import Pool
from ...rescue import spared
from ...store import ATTRIBUTABLE, Store, now

Key = tuple[str, str, str]
"""Kind of thing, host, UUID."""
KEEPING = (" refresh", " start", " stop")
"""Acts that leave the definition as it is."""


class LastChanges:
    """The last change of each pool and network."""

    def __init__(self, audit: Audit, store: Store) -> None:
        self._audit = audit
        self._store = store
        self._told: dict[Key, str] = {}

    def news(self, news: News) -> None:
        """Take note of what happened; returns at once."""
        if news.kind in ("pool", "network") and news.event == "defined":
            self._told[news.kind, news.host, news.id] = now()

    def of_pool(self, pool: Pool) -> Pool:
        """The pool with its last change."""
        return pool.model_copy(update={"changed": self._last(("pool", pool.host, pool.uuid), pool)})

    def of_network(self, network: Network) -> Network:
        """The network with its last change."""
        return network.model_copy(update={"changed": self._last(("network", network.host, network.uuid), network)})

    def ours(self, thing: Pool | Network, act: str) -> None:
        """Take note of what an act of ours made: only what differs from it is somebody else's."""
        key = ("pool" if isinstance(thing, Pool) else "network", thing.host, thing.uuid)
        self._see(key, thing, self._outside(key, thing, "") if act.endswith(KEEPING) else None)

    def _last(self, key: Key, thing: Pool | Network) -> LastChange | None:
        noun, host, uuid = key
        ours = self._audit.last(noun, host, thing.name, uuid)
        seen = self._seen(key)
        outside = self._outside(key, thing, ours["time"] if ours else "")
        if not seen or seen["digest"] != _digest(thing):
            self._see(key, thing, outside)
        if outside and (ours is None or outside > ours["time"]):
            return LastChange(time=outside, user=None, act=None)
        return LastChange(time=ours["time"], user=ours["user"], act=ours["act"]) if ours else None

    def _outside(self, key: Key, thing: Pool | Network, ours: str) -> str | None:
        """When somebody else changed it last as far as comparing tells; `ours` is when we changed it last."""
        event, seen = self._told.pop(key, None), self._seen(key)
        if seen and seen["digest"] == _digest(thing):
            return str(seen["changed"]) if seen["changed"] else None
        if seen and ours <= seen["since"]:
            return event or now()
        return event if event and _is_later(event, ours) else None  # nobody looked since ours, which may have done it

    def _seen(self, key: Key) -> dict[str, Any] | None:
        return self._store.read_one("SELECT * FROM seen WHERE noun=? AND host=? AND uuid=?", key)

    def _see(self, key: Key, thing: Pool | Network, changed: str | None) -> None:
        """Keep what it is now, for the next comparison. Without room on the disk that one compares with the last."""
        with spared(f"what {thing.name!r} on {thing.host!r} is now"):
            self._store.write(
                "INSERT OR REPLACE INTO seen (noun, host, uuid, digest, since, changed) VALUES (?,?,?,?,?,?)",
                (*key, _digest(thing), now(), changed),
            )


def _digest(thing: Pool | Network) -> str:
    return f"{thing.etag} {thing.autostart}"


def _is_later(outside: str, ours: str) -> bool:
    """Whether it was not our own change that libvirt told of."""
    return not ours or datetime.fromisoformat(outside) - datetime.fromisoformat(ours) > ATTRIBUTABLE
