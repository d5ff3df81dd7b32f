"""The definitions that machines had, and which machines are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .rescue import spared
from .store import ATTRIBUTABLE, Store, now

Definition = tuple[str, str, str, str]
"""UUID, name, XML without secrets, digest."""
UNWATCHED = "unwatched"
"""The act of a definition that was found on connecting: made while Quarterdeck did not look."""
GONE_DAYS = 30
"""How long the definitions of a machine that is gone are kept."""


class History:
    """Every definition that a machine ever had since Quarterdeck watches it."""

    def __init__(self, store: Store, keep: int) -> None:
        self._store = store
        self._keep = keep
        self._digests: dict[tuple[str, str], str] = {}

    def add_many(
        self, host: str, definitions: Sequence[Definition], *, user: str | None = None, act: str | None = None
    ) -> None:
        """Keep those of one host that differ from the newest kept of their machine.

        Their XML must hold no secret in clear. `user` None means: made outside Quarterdeck.
        """
        fresh = [d for d in definitions if user or self._digests.get((host, d[0])) != d[3]]
        if not fresh:
            return
        with spared(f"definitions of {len(fresh)} machines on {host}"):
            with self._store.transaction():
                for uuid, name, xml, digest in fresh:
                    self._add(host, uuid, name, xml, digest, user, act)
            self._digests.update({(host, uuid): digest for uuid, _name, _xml, digest in fresh})

    def _add(self, host: str, uuid: str, name: str, xml: str, digest: str, user: str | None, act: str | None) -> None:
        self._store.write("DELETE FROM gone WHERE host=? AND uuid=?", (host, uuid))
        newest = self.newest(host, uuid)
        if newest and newest["digest"] == digest:
            open_ = not newest["user"] or (newest["user"] == user and not newest["act"])
            if user and open_ and _is_new(newest["time"]):
                self._store.write("UPDATE definitions SET user=?, act=? WHERE id=?", (user, act, newest["id"]))
            return
        self._store.write(
            "INSERT INTO definitions (time, host, uuid, name, user, act, digest, xml) VALUES (?,?,?,?,?,?,?,?)",
            (now(), host, uuid, name, user, act if newest or user else None, digest, xml),
        )
        self._store.write(
            "DELETE FROM definitions WHERE host=? AND uuid=? AND id NOT IN "
            "(SELECT id FROM definitions WHERE host=? AND uuid=? ORDER BY id DESC LIMIT ?)",
            (host, uuid, host, uuid, self._keep),
        )

    def entries(self, host: str, uuid: str) -> list[dict[str, Any]]:
        """All kept definitions of a machine, newest first."""
        return self._store.read("SELECT * FROM definitions WHERE host=? AND uuid=? ORDER BY id DESC", (host, uuid))

    def entry(self, host: str, uuid: str, number: int) -> dict[str, Any] | None:
        """One kept definition."""
        return self._store.read_one("SELECT * FROM definitions WHERE host=? AND uuid=? AND id=?", (host, uuid, number))

    def newest(self, host: str, uuid: str) -> dict[str, Any] | None:
        """The definition that was kept last."""
        return self._store.read_one(
            "SELECT * FROM definitions WHERE host=? AND uuid=? ORDER BY id DESC LIMIT 1", (host, uuid)
        )

    def before(self, host: str, uuid: str, number: int) -> dict[str, Any] | None:
        """The definition that a kept one replaced."""
        return self._store.read_one(
            "SELECT * FROM definitions WHERE host=? AND uuid=? AND id<? ORDER BY id DESC LIMIT 1", (host, uuid, number)
        )

    def ours(self, host: str, uuid: str) -> dict[str, Any] | None:
        """The last definition that Quarterdeck made, or that somebody took for good in it."""
        return self._store.read_one(
            "SELECT * FROM definitions WHERE host=? AND uuid=? AND (user IS NOT NULL OR accepted IS NOT NULL "
            "OR act NOT IN (?)) ORDER BY id DESC LIMIT 1",
            (host, uuid, UNWATCHED),
        )

    def accept(self, number: int, user: str) -> None:
        """Take a definition that was made outside for good."""
        self._store.write("UPDATE definitions SET accepted=? WHERE id=?", (user, number))

    # -- machines that are gone

    def went(self, host: str, uuid: str, *, user: str | None = None) -> None:
        """Note that a machine is gone, and who removed it where that is known."""
        newest = self.newest(host, uuid)
        if newest is None:
            return
        self._digests.pop((host, uuid), None)
        with spared(f"that {newest['name']!r} on {host} is gone"):
            self._store.write(
                "INSERT INTO gone (host, uuid, name, time, user) VALUES (?,?,?,?,?) "
                "ON CONFLICT DO UPDATE SET user=COALESCE(user, excluded.user)",
                (host, uuid, newest["name"], now(), user),
            )
            self._forget_old()

    def erase(self, host: str, uuid: str) -> None:
        """Forget all definitions of a machine."""
        self._digests.pop((host, uuid), None)
        with self._store.transaction():
            self._store.write("DELETE FROM definitions WHERE host=? AND uuid=?", (host, uuid))
            self._store.write("DELETE FROM gone WHERE host=? AND uuid=?", (host, uuid))

    def forget(self, host: str, uuid: str, numbers: Sequence[int]) -> None:
        """Forget some definitions of a machine."""
        with self._store.transaction():
            for number in numbers:
                self._store.write("DELETE FROM definitions WHERE host=? AND uuid=? AND id=?", (host, uuid, number))

    def missing(self, host: str, present: Iterable[str]) -> None:
        """Note which machines went while nobody looked: all known ones of a host that are not present."""
        noted = {row["uuid"] for row in self.gone(host)}
        for uuid in self.known(host) - set(present) - noted:
            self.went(host, uuid)

    def known(self, host: str) -> set[str]:
        """The machines of a host that have a history, also those that are gone."""
        return {row["uuid"] for row in self._store.read("SELECT DISTINCT uuid FROM definitions WHERE host=?", (host,))}

    def known_lately(self, host: str) -> set[str]:
        """The same without those of which it has been known for an hour that they are gone."""
        limit = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
        return self.known(host) - {row["uuid"] for row in self.gone(host) if row["time"] < limit}

    def gone(self, host: str) -> list[dict[str, Any]]:
        """Machines of a host that are gone and still have a history, the latest first."""
        return self._store.read("SELECT * FROM gone WHERE host=? ORDER BY time DESC", (host,))

    def _forget_old(self) -> None:
        limit = (datetime.now(UTC) - timedelta(days=GONE_DAYS)).isoformat(timespec="milliseconds")
        with self._store.transaction():
            self._store.write(
                "DELETE FROM definitions WHERE (host, uuid) IN (SELECT host, uuid FROM gone WHERE time < ?)", (limit,)
            )
            self._store.write("DELETE FROM gone WHERE time < ?", (limit,))


def _is_new(time: str) -> bool:
    """Whether a definition is so new that the event was merely quicker than the act that caused it."""
    return datetime.now(UTC) - datetime.fromisoformat(time) < ATTRIBUTABLE
