"""Which images a machine may be given: a guest can write a header that names any file of the host."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import PurePosixPath

from ...hypervisor.hosts import Hosts
from ...model.image import HEAD_BYTES, OFTEN_SPLIT, read_qcow2
from ...problems import Problem
from .in_time import in_time
from .storage import Storage

DEEPEST = 16
ELSEWHERE = re.compile(r"[^/]*:")
"""How QEMU tells a protocol, or a description of one in JSON, from a path."""


class Images:
    """Looks into images before machines get them."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage

    def check(self, host: str, pool: str, name: str, form: str) -> None:
        """Problem `leads-elsewhere` where a volume, read in this format, would show what lies in no pool."""
        if not self._hosts.get(host).is_test:
            self._check(host, pool, name, form, DEEPEST)

    def check_path(self, host: str, path: str, form: str) -> None:
        """The same for a file outside the pools, as far as this process may read it."""
        if form == "qcow2" and self._hosts.get(host).spec.transport == "local":
            with contextlib.suppress(OSError, ValueError):
                head = in_time(path, lambda: head_of_file(path, HEAD_BYTES))
                self._below(host, path, head, DEEPEST)

    def _check(self, host: str, pool: str, name: str, form: str, depth: int) -> None:
        if form in OFTEN_SPLIT:
            raise Problem(
                "unsupported",
                f"{name} is of the format {form}, which may name other files of the host.",
                cure="Convert it to qcow2 first (qemu-img convert -O qcow2).",
            )
        if form != "qcow2":
            return
        volumes = self._hosts.get(host).volumes
        row = volumes.row(pool, name)
        self._storage.refuse_link(host, row.path)
        length = min(HEAD_BYTES, row.capacity)
        head = b"".join(volumes.download(pool, name, 0, length)) if length else b""
        self._below(host, row.path, head, depth)

    def _below(self, host: str, path: str, head: bytes, depth: int) -> None:
        """Follow what an image stands on."""
        header = read_qcow2(head)
        if header is None:
            raise Problem("invalid-input", f"{path} is no qcow2 image.", cure="Say its real format.")
        if header.external_data:
            raise _foreign(path, "keeps its data in another file of the host")
        if header.backing is None:
            return
        below = os.path.normpath(PurePosixPath(path).parent / header.backing)
        known = header.backing and not ELSEWHERE.match(header.backing)
        found = self._hosts.get(host).volumes.kept_at(below) if known and "\0" not in below else None
        if found is None or not depth:
            raise _foreign(path, f"stands on “{header.backing}”, which lies in no pool")
        pool, row = found
        self._storage.refuse_link(host, row.path)
        base = b"".join(self._hosts.get(host).volumes.download(pool, row.name, 0, min(HEAD_BYTES, row.capacity or 1)))
        if read_qcow2(base) is not None:  # what is no qcow2 stands on nothing
            self._below(host, row.path, base, depth - 1)


def _foreign(path: str, why: str) -> Problem:
    return Problem(
        "leads-elsewhere",
        f"The image {path} {why}: the machine could read that.",
        cure="If you trust it, put that file into a pool, or make one image of both (qemu-img convert -O qcow2).",
    )


def head_of_file(path: str, size: int) -> bytes:
    """The first bytes of a file or block device; nothing of what would wait for somebody, such as a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        kind = os.fstat(descriptor).st_mode
        return file.read(size) if stat.S_ISREG(kind) or stat.S_ISBLK(kind) else b""
