"""What becomes of the service's own records when their disk is full, or their file damaged.

Somebody must be able to log in and make room, and an act that is done stays done although nobody can write it down.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")
RESERVE_BYTES = 4 << 20
"""Enough for thousands of entries, and for the longest time in which nobody looks."""
NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR")
"""Both are what SQLite says of a full disk: the second where the file that its readers share cannot grow."""


def lacks_room(error: BaseException) -> bool:
    """Whether SQLite could not write for want of room."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith(NO_ROOM)


class Reserve:
    """Room on the disk, held for the day on which there is none else."""

    def __init__(self, database: Path | str) -> None:
        self._file = None if database == ":memory:" else Path(f"{database}.reserve")
        self._hold()

    def _hold(self) -> None:
        if self._file is None or self._file.exists():
            return
        try:
            with self._file.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        except OSError as error:
            log.warning("no room can be held for the service's own records: %s", error)
            self._file.unlink(missing_ok=True)

    def run(self, act: Callable[[], T]) -> T:
        """What a write gives; where there is no room for it the reserve is given up, and it is tried again."""
        try:
            return act()
        except sqlite3.OperationalError as error:
            if not lacks_room(error) or self._file is None or not self._file.exists():
                raise
            log.error("the disk is full: %s is given up; make room and restart the service", self._file)
            self._file.unlink()
            return act()


@contextlib.contextmanager
def spared(what: str) -> Iterator[None]:
    """Inside, what there is no room for goes to the log of the service, and whoever wanted it kept goes on."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not lacks_room(error):
            raise
        log.error("not kept, since the disk is full: %s", what)


def opened(database: Path | str, opening: Callable[[], T]) -> T:
    """What opening gives; a file that is damaged is put aside first, and a new one begun."""
    try:
        return opening()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or database == ":memory:":
            raise
        kept = f"{database}.damaged-{int(time.time())}"
        log.error("%s is damaged (%s): it is kept as %s, and a new one is begun", database, error, kept)
        Path(database).rename(kept)
        for more in ("-wal", "-shm"):
            Path(f"{database}{more}").unlink(missing_ok=True)
        return opening()
