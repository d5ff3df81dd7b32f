"""What the service itself remembers, in SQLite: sessions, tokens, jobs, audit, definitions, added hosts.

libvirt owns the truth about machines; nothing here is needed to run one.
Times are UTC as ISO 8601 text.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
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
    "ALTER TABLE moves ADD COLUMN start_seconds REAL;",
    "CREATE TABLE left_files (host TEXT, uuid TEXT, path TEXT, version INTEGER, PRIMARY KEY (host, uuid, path));",
    "CREATE TABLE pool_days (host TEXT, uuid TEXT, day TEXT, bytes INTEGER, PRIMARY KEY (host, uuid, day));",
    """
    ALTER TABLE presets ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE presets ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE preset_versions (
        preset TEXT NOT NULL, version INTEGER NOT NULL, settings TEXT NOT NULL, until TEXT NOT NULL,
        PRIMARY KEY (preset, version));
    """,
    "ALTER TABLE moves ADD COLUMN was_off INTEGER NOT NULL DEFAULT 0;",
)


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
