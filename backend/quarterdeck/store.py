"""What the service itself remembers, in SQLite: sessions, tokens, jobs, audit, definitions, added hosts.

libvirt owns the truth about machines; nothing here is needed to run one.
Times are UTC as ISO 8601 text.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from .rescue import Reserve, opened, spared

# Each entry brings the schema one number further; entries are never edited once released.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, role TEXT NOT NULL, csrf TEXT NOT NULL, address TEXT NOT NULL,
        created TEXT NOT NULL, seen TEXT NOT NULL, checked TEXT NOT NULL);
    CREATE TABLE tokens (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL,
        created TEXT NOT NULL, expires TEXT NOT NULL, used TEXT);
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, state TEXT NOT NULL, started TEXT NOT NULL, body TEXT NOT NULL, params TEXT NOT NULL);
    CREATE INDEX jobs_started ON jobs (started);
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY, time TEXT NOT NULL, user TEXT NOT NULL, address TEXT NOT NULL, act TEXT NOT NULL,
        host TEXT, target TEXT, result TEXT NOT NULL, detail TEXT);
    CREATE TABLE definitions (
        id INTEGER PRIMARY KEY, time TEXT NOT NULL, host TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL,
        user TEXT, act TEXT, digest TEXT NOT NULL, xml TEXT NOT NULL);
    CREATE INDEX definitions_of ON definitions (host, uuid, id);
    CREATE TABLE hosts (id TEXT PRIMARY KEY, spec TEXT NOT NULL);
    """,
    """
    ALTER TABLE definitions ADD COLUMN accepted TEXT;
    ALTER TABLE audit ADD COLUMN definition INTEGER;
    CREATE TABLE gone (
        host TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL, time TEXT NOT NULL, user TEXT,
        PRIMARY KEY (host, uuid));
    """,
    """
    CREATE TABLE moves (
        id INTEGER PRIMARY KEY, time TEXT NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL,
        uuid TEXT NOT NULL, name TEXT NOT NULL, seconds REAL NOT NULL, pause_ms INTEGER, sent_bytes INTEGER,
        limited INTEGER NOT NULL, raw_seconds REAL, told_seconds REAL, told_pause_ms INTEGER);
    CREATE INDEX moves_between ON moves (source, destination, id);
    """,
    """
    CREATE TABLE ssh_keys (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL, key TEXT NOT NULL,
        created TEXT NOT NULL, UNIQUE (user, name), UNIQUE (user, fingerprint));
    CREATE TABLE presets (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL, UNIQUE (user, name));
    """,
    "ALTER TABLE audit ADD COLUMN inverse TEXT;",
    """CREATE TABLE seen (noun TEXT NOT NULL, host TEXT NOT NULL, uuid TEXT NOT NULL, digest TEXT NOT NULL,
        since TEXT NOT NULL, changed TEXT, PRIMARY KEY (noun, host, uuid));""",
    "ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';",
    """
    CREATE TABLE hosts_seen (host TEXT PRIMARY KEY, time TEXT NOT NULL);
    CREATE TABLE domains_seen (host TEXT, uuid TEXT, body TEXT NOT NULL, PRIMARY KEY (host, uuid));
    CREATE TABLE links (source TEXT, destination TEXT, bytes_s INTEGER, time TEXT, PRIMARY KEY (source, destination));
    """,
    "CREATE TABLE lent (host TEXT NOT NULL, folder TEXT NOT NULL, PRIMARY KEY (host, folder));",
)


Definition = tuple[str, str, str, str]
"""UUID, name, XML without secrets, digest."""
UNWATCHED = "unwatched"
"""The act of a definition that was found on connecting: made while Quarterdeck did not look."""
GONE_DAYS = 30
"""How long the definitions of a machine that is gone are kept."""
ATTRIBUTABLE = timedelta(seconds=10)


def now() -> str:
    """The time in UTC as ISO 8601 text with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _holds(search: str, *values: str | None) -> bool:
    """Whether each word of a search is in one of the values."""
    text = " ".join(value or "" for value in values).casefold()
    return all(word in text for word in search.casefold().split())


def _connection(path: Path | str) -> sqlite3.Connection:
    """A connection to the file, after a look whether it can be read; it keeps 256 KiB of it in memory, not 2 MiB."""
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.create_function("holds", -1, _holds, deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "cache_size=-256"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    return db


class Store:
    """One database file, one connection, one lock. Calls are short."""

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._reserve = Reserve(path)
        self._db = opened(path, partial(_connection, path))
        self._migrate()

    def _migrate(self) -> None:
        with self._lock:
            done = self._db.execute("PRAGMA user_version").fetchone()[0]
            for number, script in enumerate(MIGRATIONS[done:], done + 1):
                self._db.executescript(f"BEGIN;{script};PRAGMA user_version={number};COMMIT;")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen, or none."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._reserve.run(lambda: self._db.execute("COMMIT"))
            except BaseException:
                if self._db.in_transaction:  # SQLite itself takes back what a full disk ended
                    self._db.execute("ROLLBACK")
                raise

    def write(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Rows that the statement changed."""
        with self._lock:
            return self._reserve.run(lambda: self._db.execute(statement, values).rowcount)

    def insert(self, statement: str, values: Sequence[Any]) -> int | None:
        """The number of the row that the statement added."""
        with self._lock:
            return self._reserve.run(lambda: self._db.execute(statement, values).lastrowid)

    def read(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows of the query."""
        with self._lock:
            return [dict(row) for row in self._db.execute(query, values).fetchall()]

    def read_one(self, query: str, values: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row, or None."""
        return next(iter(self.read(query, values)), None)


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
        known = self._store.read("SELECT DISTINCT uuid FROM definitions WHERE host=?", (host,))
        noted = {row["uuid"] for row in self.gone(host)}
        for uuid in {row["uuid"] for row in known} - set(present) - noted:
            self.went(host, uuid)

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


class JobRows:
    """Jobs as they outlive the process: body for people, params for going on after a restart."""

    def __init__(self, store: Store, keep: int) -> None:
        self._store = store
        self.keep = keep

    def put(self, job_id: str, state: str, started: str, body: str, params: dict[str, Any] | None = None) -> None:
        """Insert or replace a row; `params` only at the first time."""
        with self._store.transaction():
            if params is not None:
                self._store.write(
                    "INSERT INTO jobs (id, state, started, body, params) VALUES (?,?,?,?,?)",
                    (job_id, state, started, body, json.dumps(params)),
                )
            else:
                self._store.write("UPDATE jobs SET state=?, body=? WHERE id=?", (state, body, job_id))

    def all(self) -> list[dict[str, Any]]:
        """All rows, newest first."""
        return self._store.read("SELECT * FROM jobs ORDER BY started DESC LIMIT ?", (self.keep,))

    def prune(self) -> None:
        """Drop the oldest finished jobs beyond the number kept."""
        with spared("that old jobs are forgotten"):
            self._store.write(
                "DELETE FROM jobs WHERE state NOT IN ('queued','running') AND id NOT IN "
                "(SELECT id FROM jobs ORDER BY started DESC LIMIT ?)",
                (self.keep,),
            )
