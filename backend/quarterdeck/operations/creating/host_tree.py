"""An installation tree in a folder of the host, read as if a server had it."""

from __future__ import annotations

import posixpath
from typing import Self
from urllib.parse import unquote

from ...hypervisor.host import Host
from ...model.moving import lent_pool
from ...model.storage import read_pool
from ...problems import Problem
from ..fetching.fence import failed
from ..fetching.reply import Reply
from ..storage.lending import NO_FILES, lend, stop_lending_below

SCHEME = "file://"
ABSENT = 404


def folder_of(url: str) -> str | None:
    """The folder of the host that a file:// address names; None for an address of a server."""
    return unquote(url.removeprefix(SCHEME)).rstrip("/") if url.startswith(SCHEME) else None


def check_folder(folder: str) -> str | None:
    """Why this cannot be the folder of a tree; None where it can."""
    if not folder.startswith("/") or posixpath.normpath(folder) != folder or folder.startswith("//"):
        return "Give the whole path of a folder, without “..” and “//”."
    return "No installation tree lies there." if f"{folder}/".startswith(NO_FILES) else None


class HostTree:
    """Reads files of one folder of the host through libvirt, which sees what this process may not.

    Folders in no pool get one lent for as long as the block is open.
    """

    def __init__(self, host: Host, root: str) -> None:
        self._host = host
        self._root = root

    def __enter__(self) -> Self:
        try:
            self._pool(self._root)
        except Problem as problem:
            raise failed(f"The host has no folder {self._root} that can be read.", problem.raw) from problem
        return self

    def __exit__(self, *_error: object) -> None:
        stop_lending_below(self._host, self._root)

    def open(self, url: str, start: int = 0, version: str = "") -> Reply:
        """The file at an address below the tree; a .treeinfo could name any other."""
        folder, name = posixpath.split(folder_of(url) or "")
        if not f"{folder}/".startswith(f"{self._root}/"):
            raise failed(f"The tree names {url}, which lies outside of it.")
        try:
            pool = self._pool(folder)
            size = self._host.volumes.physical(pool, name)
        except Problem as problem:
            raise failed(f"The host has no file {folder}/{name}.", problem.raw, status_code=ABSENT) from problem
        return Reply(start, size, version, certain=True, stream=_Volume(self._host, pool, name, start, size))

    def try_open(self, url: str) -> Reply | None:
        """The same; None where there is none."""
        try:
            return self.open(url)
        except Problem as problem:
            if problem.extra.get("status_code") == ABSENT:
                return None
            raise

    def _pool(self, folder: str) -> str:
        """The pool of a folder: libvirt has no second one for the same."""
        for row in self._host.pools.rows():
            if row.state == "running" and read_pool(self._host.pools.xml(row.uuid)).path == folder:
                return row.name
        lend(self._host, [folder])
        return lent_pool(folder)[0]


class _Volume:
    """The bytes of a volume."""

    def __init__(self, host: Host, pool: str, name: str, at: int, size: int) -> None:
        self._host = host
        self._place = (pool, name)
        self._at = at
        self._size = size

    def read(self, size: int, /) -> bytes:
        """At most so many; none at the end."""
        data = self._host.volumes.piece(*self._place, self._at, min(size, self._size - self._at))
        self._at += len(data)
        return data
