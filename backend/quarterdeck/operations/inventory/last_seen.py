"""Machines as they were last seen, written down: a host that is away stays known when the service is restarted."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from ...model.domain import DomainRow, DomainSummary
from ...rescue import spared
from ...store import Store, now
from .kept import Kept
from .refusals import Facts

log = logging.getLogger(__name__)


class LastSeen:
    """What a list shows of each machine; its definition stands in the history."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, machines: Mapping[tuple[str, str], Kept | None], seen: Mapping[str, str]) -> None:
        """Write down machines by host and UUID, None for those that are gone, and when hosts were seen last."""
        times = {host: now() for host, _uuid in machines} | dict(seen)
        if not times:
            return
        with spared(f"what is known of {len(machines)} machines"), self._store.transaction():
            for (host, uuid), kept in machines.items():
                self._put(host, uuid, kept)
            for host, time in times.items():
                self._store.write("INSERT OR REPLACE INTO hosts_seen (host, time) VALUES (?,?)", (host, time))

    def _put(self, host: str, uuid: str, kept: Kept | None) -> None:
        if kept is None:
            self._store.write("DELETE FROM domains_seen WHERE host=? AND uuid=?", (host, uuid))
            return
        summary = kept.bare.model_copy(update={"job": None, "revision": 0}).model_dump(mode="json")
        body = json.dumps({"row": asdict(kept.row), "summary": summary})
        self._store.write("INSERT OR REPLACE INTO domains_seen (host, uuid, body) VALUES (?,?,?)", (host, uuid, body))

    def of(self, host: str) -> tuple[str | None, dict[str, Kept]]:
        """When a host was seen last, and its machines then by UUID; None where it never was."""
        found = self._store.read_one("SELECT time FROM hosts_seen WHERE host=?", (host,))
        rows = self._store.read("SELECT * FROM domains_seen WHERE host=?", (host,)) if found else []
        machines = {}
        for row in rows:
            try:
                machines[row["uuid"]] = _kept(json.loads(row["body"]))
            except (ValidationError, TypeError) as error:  # another version wrote it
                log.warning("what was last seen of %s on %s cannot be read: %s", row["uuid"], host, error)
        return (found["time"] if found else None), machines

    def forget(self, host: str) -> None:
        """Forget a host and its machines."""
        with self._store.transaction():
            self._store.write("DELETE FROM domains_seen WHERE host=?", (host,))
            self._store.write("DELETE FROM hosts_seen WHERE host=?", (host,))


def _kept(body: dict[str, Any]) -> Kept:
    row = DomainRow(**body["row"])
    return Kept(row, DomainSummary.model_validate(body["summary"]), Facts(row), ("", ""))
