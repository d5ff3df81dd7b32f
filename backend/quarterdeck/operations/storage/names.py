"""Which names stand for one and the same file of a host: by links, bind mounts, or several names of one file."""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from ...hypervisor.host import Host
from ...hypervisor.shell import run_there
from ...problems import Problem
from .in_time import in_time

STAT = "LC_ALL=C; export LC_ALL; tr '\\n' '\\000' | xargs -0 timeout 5 stat -L -c '= %d:%i %t:%T %f %n' 2>&1 || :"
GONE = "': No such file or directory"


@dataclass(frozen=True)
class Names:
    """What names of files stand for, by device and inode; of others only their text tells.

    `gone` are those that stand for nothing there, which this server may also be too confined to see.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """All that were looked at."""

    def of(self, path: str) -> str:
        """The same for all names of a file."""
        return self.files.get(path) or posixpath.normpath(path)

    def doubted(self, path: str, other: str) -> bool:
        """Whether two names that seem to differ may be those of one file by a link of a folder, which nobody sees."""
        if self.of(path) == self.of(other) or posixpath.basename(path) != posixpath.basename(other):
            return False
        return path not in self.files or not (other in self.files or other in self.gone)


def names_of(host: Host, paths: Iterable[str]) -> Names:
    """What these paths of a host stand for, as far as this server sees its files, or has a shell there."""
    asked = frozenset(paths)
    files = sorted(path for path in asked if path.startswith("/") and path.splitlines() == [path])
    if not files or host.is_test:
        return Names(asked=asked)
    return replace(_seen_here(files) if host.is_here else _seen_there(host, files), asked=asked)


def _seen_here(paths: list[str]) -> Names:
    files, gone = dict[str, str](), set[str]()
    for folder, inside in groupby(paths, posixpath.dirname):
        with contextlib.suppress(Problem, OSError):  # of a silent server, or a folder closed to this one
            found = in_time(folder, lambda those=list(inside): {path: _key(path) for path in those})  # type: ignore[misc]
            files |= {path: key for path, key in found.items() if key}
            gone |= {path for path, key in found.items() if key == ""}
    return Names(files, frozenset(gone))


def _key(path: str) -> str | None:
    """What a name stands for; empty where that is nothing, None where this server may not see it."""
    try:
        found = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None
    device = found.st_rdev
    return _told(f"{found.st_dev}:{found.st_ino}", f"{os.major(device):x}:{os.minor(device):x}", found.st_mode)


def _seen_there(host: Host, paths: list[str]) -> Names:
    for root in (True, False):
        try:
            told = run_there(host, STAT, text_in="\n".join(paths), root=root)
        except Problem as problem:
            if problem.slug == "forbidden":
                continue
            break
        return _read(told, set(paths))
    return Names()


def _read(told: str, asked: set[str]) -> Names:
    files, gone = dict[str, str](), set[str]()
    for line in told.splitlines():
        if line.startswith("= "):
            _mark, file, device, mode, path = line.split(" ", 4)
            files[path] = _told(file, device, int(mode, 16))
        elif line.endswith(GONE):
            gone.add(line.partition("'")[2].removesuffix(GONE))
    return Names({path: key for path, key in files.items() if path in asked}, frozenset(gone))


def _told(file: str, device: str, mode: int) -> str:
    """A device has many names with numbers of their own."""
    return f"device {device}" if stat.S_ISBLK(mode) else f"file {file}"
