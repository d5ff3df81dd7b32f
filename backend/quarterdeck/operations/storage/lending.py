"""Folders outside of all pools, lent for a time: a pool of which nothing is saved, and whose end leaves all files."""

from __future__ import annotations

import contextlib
import logging
import posixpath
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.watch import News
from ...jobs import Job, Jobs
from ...model.image_kinds import is_plain
from ...model.moving import is_lent, lent_pool
from ...model.storage import read_pool
from ...problems import Problem, field_problem
from ...store import Store

log = logging.getLogger(__name__)
NO_FILES = ("/dev/", "/proc/", "/sys/")


def lend(host: Host, folders: Iterable[str], holder: str = "") -> None:
    """Give these folders a pool each where they have none yet; `holder` is whose end of it they wait for."""
    for folder in folders:
        host.pools.lend(folder, holder)


def stop_lending(host: Host, folders: Iterable[str], holder: str = "") -> None:
    """End the pools that were lent, and that no other holder needs; their files stay."""
    for folder in folders:
        host.pools.end_lending(folder, holder)


def stop_lending_below(host: Host, folder: str) -> None:
    """End the pools that were lent to this folder and to those in it."""
    paths = {row.name: read_pool(host.pools.xml(row.uuid)).path or "" for row in host.pools.rows()}
    below = {name: path for name, path in paths.items() if f"{path}/".startswith(f"{folder}/")}
    stop_lending(host, [path for name, path in below.items() if is_lent(name, path)])


def split_path(path: str) -> tuple[str, str]:
    """Folder and name of a file that may be read; Problem at `/path` where it is none."""
    folder, name = posixpath.split(path)
    if posixpath.normpath(path) != path or path.startswith("//") or not is_plain(name):
        raise field_problem("/path", "Give the whole path of a file, without “..” and “//”.")
    if path.startswith(NO_FILES):
        raise field_problem("/path", "This is no file: make a pool of the device instead.")
    return folder, name


class Lending:
    """Lends folders to looks and to jobs, one job for each folder at a time.

    A look is noted before it begins, so that the next process ends what this one could not.
    """

    def __init__(self, hosts: Hosts, jobs: Jobs, store: Store) -> None:
        self._hosts = hosts
        self._jobs = jobs
        self._store = store
        self._locks: dict[str, threading.RLock] = {}
        self._lent: dict[tuple[str, str], str] = {}

    def _lock(self, host: str) -> threading.RLock:
        """One for each host, so that a silent one holds up no other; one look may need several folders."""
        return self._locks.setdefault(host, threading.RLock())

    @contextlib.contextmanager
    def look(self, host: str, folder: str, *, build: bool = False) -> Iterator[str]:
        """The pool that lends a folder within this block; `build` makes the folder."""
        pools, look = self._hosts.get(host).pools, secrets.token_hex(8)
        with self._lock(host), self._noted(host, folder):
            try:
                fresh = pools.lend(folder, look, build=build)
            except Problem as problem:
                raise field_problem("/path", f"{folder} cannot be read: {problem.detail}") from problem
            if not fresh:
                self._forget(host, folder)
            known = fresh or pools.is_held(folder, besides=look)  # else a process of its own has it
            try:
                yield lent_pool(folder)[0]
            finally:
                pools.end_lending(folder, look, stop=known and self._running(host, folder) is None)

    @contextlib.contextmanager
    def _noted(self, host: str, folder: str) -> Iterator[None]:
        self._store.write("INSERT OR IGNORE INTO lent (host, folder) VALUES (?,?)", (host, folder))
        try:
            yield
        except Problem as problem:
            if problem.slug in ("host-lost", "host-refused"):  # the pool is there when the host is
                raise
            self._forget(host, folder)
            raise
        self._forget(host, folder)

    def _forget(self, host: str, folder: str) -> None:
        self._store.write("DELETE FROM lent WHERE host=? AND folder=?", (host, folder))

    def news(self, news: News) -> None:
        """End what a look left on a host, once it is connected; returns at once."""
        if news.kind == "host" and news.event == "connected" and self._left(news.host):
            threading.Thread(target=self._end_left, args=(news.host,), name="lending", daemon=True).start()

    def _left(self, host: str) -> list[str]:
        return [row["folder"] for row in self._store.read("SELECT folder FROM lent WHERE host=?", (host,))]

    def _end_left(self, host: str) -> None:
        with self._lock(host):
            for folder in self._left(host):
                try:
                    stop_lending(self._hosts.get(host), [folder])
                except Problem as problem:
                    log.info("%s on %s stays lent: %s", folder, host, problem)
                    continue
                self._forget(host, folder)

    def lent(self, host: str, folder: str | None) -> contextlib.AbstractContextManager[str | None]:
        """The same, where a folder must be lent at all."""
        return self.look(host, folder) if folder else contextlib.nullcontext()

    def start(self, host: str, folder: str, start: Callable[[], Job]) -> Job:
        """A job that lends the folder itself, and ends that; Problem `busy` while another one does."""
        with self._lock(host):
            other = self._running(host, folder)
            if other:
                raise Problem("busy", f"Another job reads {folder}.", cure="Wait for its end.", job=other)
            job = start()
            self._lent[host, folder] = job.id
            return job

    def _running(self, host: str, folder: str) -> str | None:
        job = self._lent.get((host, folder), "")
        with contextlib.suppress(Problem):  # one that ended long ago is forgotten
            return None if self._jobs.get(job).over else job
        return None
