"""The log of who did what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .rescue import spared
from .store import Store, now


class Audit:
    """Who did what, when and from where, and how it ended; kept for so many days."""

    def __init__(self, store: Store, days: int = 400) -> None:
        self._store = store
        self._days = days
        self._pruned = datetime.min.replace(tzinfo=UTC)
        with spared("that old entries of the log are forgotten"):
            self._prune()

    def _prune(self) -> None:
        """Drop what is older than is kept, at most once a day."""
        time = datetime.now(UTC)
        if time - self._pruned >= timedelta(days=1):
            self._pruned = time
            limit = (time - timedelta(days=self._days)).isoformat(timespec="milliseconds")
            self._store.write("DELETE FROM audit WHERE time < ?", (limit,))

    def add(
        self,
        user: str,
        act: str,
        result: str,
        *,
        address: str = "",
        host: str | None = None,
        target: str | None = None,
        detail: str | None = None,
        definition: int | None = None,
        inverse: str | None = None,
    ) -> int | None:
        """Keep one entry; its number, None where there was no room. `result` is `ok` or the slug of the problem.

        `definition` is what it made of a machine, `inverse` what takes back what no definition tells, as JSON.
        """
        with spared(f"{user!r} did {act} on {host!r} {target!r}: {result}"):
            self._prune()
            return self._store.insert(
                "INSERT INTO audit (time, user, address, act, host, target, result, detail, definition, inverse) "
                "VALUES (?,?,?,?,?,?,?,?,?,?)",
                (now(), user, address, act, host, target, result, detail, definition, inverse),
            )
        return None

    def entry(self, number: int) -> dict[str, Any] | None:
        """One entry."""
        return self._store.read_one("SELECT * FROM audit WHERE id=?", (number,))

    def entries(
        self,
        *,
        before: int | None = None,
        limit: int = 100,
        host: str | None = None,
        target: str | None = None,
        search: str = "",
        failed: bool = False,
    ) -> list[dict[str, Any]]:
        """Entries, newest first, older than the id `before`, each with the name that its machine had last.

        Each word of `search` is in who, what, on what or the detail; `failed` gives only what was refused or failed.
        """
        return self._store.read(
            "SELECT * FROM (SELECT audit.*, (SELECT name FROM definitions AS kept WHERE kept.host = audit.host "
            "AND kept.uuid = audit.target ORDER BY kept.id DESC LIMIT 1) AS name FROM audit) "
            "WHERE (? IS NULL OR id < ?) AND (? IS NULL OR host = ?) AND (? IS NULL OR target = ?) "
            "AND (NOT ? OR result <> 'ok') AND (? = '' OR holds(?, user, address, act, replace(act, 'domain', "
            "'machine'), result, host, target, name, detail)) ORDER BY id DESC LIMIT ?",
            (before, before, host, host, target, target, failed, search, search, limit),
        )

    def last(self, noun: str, host: str, name: str, uuid: str) -> dict[str, Any] | None:
        """The newest change, such as `pool edit`, of one thing on a host that went well."""
        return self._store.read_one(
            "SELECT time, user, act FROM audit WHERE host = ? AND target IN (?, ?) AND act LIKE ? "
            "AND act NOT LIKE '% refresh' AND result = 'ok' ORDER BY id DESC LIMIT 1",
            (host, name, uuid, f"{noun} %"),
        )
