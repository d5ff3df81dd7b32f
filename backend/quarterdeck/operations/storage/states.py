"""Reads and writes the small files that a machine keeps outside of its disks, through pools lent to their folders.

libvirt has no call for them, and this process may not open them.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from ...hypervisor.host import Host
from ...model.moving import is_lent
from ...model.storage import is_thin, owned_volume_xml, read_pool
from ...problems import Problem
from ..patience import PASSING, reread
from .lending import Lending


@dataclass(frozen=True)
class Content:
    """What a file holds. `like` is the volume XML that tells its owner."""

    data: bytes
    like: str


class States:
    """UEFI variables and contents of TPMs, on any host."""

    def __init__(self, lending: Lending) -> None:
        self._lending = lending

    def read(self, host: Host, path: str) -> Content | None:
        """The content of a file; None where there is none, as before a machine's first start."""
        folder, name = posixpath.split(path)
        with self._pool(host, folder) as pool:
            if pool is None or name not in host.volumes.names(pool):
                return None
            return Content(b"".join(host.volumes.download(pool, name)), host.volumes.xml(pool, name))

    def write(self, host: Host, path: str, content: Content) -> None:
        """Make the file anew with its owner; its size need be no multiple of anything."""
        folder, name = posixpath.split(path)
        with self._pool(host, folder, make=True) as pool:
            if pool is None:
                return
            if name in host.volumes.names(pool):
                host.volumes.delete(pool, name)
            host.volumes.create(pool, owned_volume_xml(name, len(content.data), content.like))
            with host.volumes.upload(pool, name, len(content.data)) as writer:
                writer.write(content.data)

    def copy(self, host: Host, origin: str, copy: str) -> bool:
        """Whether there was something to copy."""
        content = self.read(host, origin)
        if content:
            self.write(host, copy, content)
        return content is not None

    def remove(self, host: Host, path: str) -> None:
        """Delete the file, where it is there."""
        folder, name = posixpath.split(path)
        with self._pool(host, folder) as pool:
            if pool and name in host.volumes.names(pool):
                host.volumes.delete(pool, name)

    @contextlib.contextmanager
    def _pool(self, host: Host, folder: str, *, make: bool = False) -> Iterator[str | None]:
        """The pool of a folder, or one lent to it; None where there is no such folder."""
        with contextlib.ExitStack() as ends:
            try:
                pool = _standing(host, folder) or ends.enter_context(self._lending.look(host.id, folder, build=make))
            except Problem as problem:
                cause = problem.__cause__ if isinstance(problem.__cause__, Problem) else problem
                if make or cause.slug in PASSING:
                    raise cause from problem
                pool = None
            if pool:
                reread(host, pool)
            yield pool


def _standing(host: Host, folder: str) -> str | None:
    """The pool of people in whose folder it is."""
    for row in host.pools.rows():
        if row.state == "running" and not is_lent(row.name, folder):
            facts = read_pool(host.pools.xml(row.uuid))
            if is_thin(facts.type) and (facts.path or "").rstrip("/") == folder:
                return row.name
    return None
