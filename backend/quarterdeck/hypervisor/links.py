"""Files of this host that libvirt opens by name, as root and along every link: watched while it does.

A name is looked at before and after. Who may write a folder may exchange what its names stand for, and put it back in
between; that changes the time of the folder, so a name holds only if no such folder on its way changed meanwhile.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..problems import Problem

T = TypeVar("T")
MEMORY = "/dev/shm/"  # noqa: S108 - named because everybody may write there
TRIES = 60
MOST_LINKS = 40
"""As the kernel has it (path_resolution(7))."""
TICK_SECONDS = 0.03
"""More than a tick of the kernel's clock: two changes within one leave the same time."""


class Sight(NamedTuple):
    """What a name stands for by the numbers of all files on its way, and when one that others may write changed."""

    parts: tuple[tuple[int, int, int], ...]
    changed_ns: int


def refuse_link(path: str) -> Sight | None:
    """What a name stands for, None where this process cannot see that; Problem `leads-elsewhere` for a link.

    A hard link is refused where its maker need not own the file: in the folder of another account, or of all.
    """
    is_device = path.startswith("/dev/") and not path.startswith(MEMORY)  # logical volumes are links by nature
    if is_device or not path.startswith("/"):  # the latter is no file
        return None
    try:
        file, folder = os.lstat(path), Path(path).parent.stat()
        if stat.S_ISLNK(file.st_mode):
            raise _forbidden(path, "a symbolic link to a file elsewhere on the host")
        strange = _is_open(folder) or (_is_foreign(folder) and file.st_uid != folder.st_uid)
        if stat.S_ISREG(file.st_mode) and file.st_nlink > 1 and strange:
            raise _forbidden(path, "one of several names of a file (a hard link), in a folder that others may write")
        return _sight(path)
    except (PermissionError, FileNotFoundError):
        return None


def steadily(path: str, begin: Callable[[], T], end: Callable[[T], object]) -> T:
    """What `begin` gives, which opens the file of this name; what it gave in vain goes to `end`.

    Problem `leads-elsewhere` where the name stands for a link, `busy` where changes leave no moment to tell that.
    """
    pause = threading.Event()
    for _ in range(TRIES):
        before = refuse_link(path)
        if before and 0 <= time.time_ns() - before.changed_ns < TICK_SECONDS * 1e9:
            pause.wait(TICK_SECONDS)
            continue
        made, held = begin(), False
        try:
            held = before is None or refuse_link(path) == before
        finally:
            if not held:
                end(made)
        if held:
            return made
    raise Problem(
        "busy",
        f"The folder of {Path(path).name} changes all the time, so that it cannot be told what is read.",
        cure="Leave the folder alone for that time, or move the file into a pool that only root may write.",
    )


def known(path: str, act: Callable[[], T], end: Callable[[T], object] | None = None) -> T:
    """What `act` gives, which works on the file of this name for as long as it takes; `end` takes it back.

    Problem `leads-elsewhere` where the name stands for a link, or for another file afterwards than before.
    """
    before = refuse_link(path)
    made = act()
    try:
        if before is None or _files(refuse_link(path)) == _files(before):
            return made
    except Problem:
        pass
    if end:
        end(made)
    raise Problem(
        "leads-elsewhere",
        f"Somebody put another file in the place of {Path(path).name} meanwhile, so it cannot be told which was used.",
        cure="Look who may write its folder, or move the file into a pool that only root may write.",
    )


def _files(sight: Sight | None) -> list[tuple[int, int]]:
    return [part[:2] for part in sight.parts] if sight else []


def _sight(path: str) -> Sight:
    parts, changed = [], 0
    for folder, entry in _way(path):
        sticky = folder.st_mode & stat.S_ISVTX and not _is_foreign(entry)
        when = folder.st_ctime_ns if _is_foreign(folder) or (_is_open(folder) and not sticky) else 0
        parts.append((entry.st_dev, entry.st_ino, when))
        changed = max(changed, when)
    return Sight(tuple(parts), changed)


def _way(path: str) -> Iterator[tuple[os.stat_result, os.stat_result]]:
    """Each folder in which something of a path is looked up, along every link, and what stands there."""
    at, rest, links = Path("/"), list(reversed(Path(path).parts[1:])), 0
    while rest:
        entry = at / rest.pop()
        if entry.name == "..":  # of a link: what came before it is the folder itself
            at = at.parent
            continue
        found = entry.lstat()
        yield at.stat(), found
        if not stat.S_ISLNK(found.st_mode):
            at = entry
            continue
        links += 1
        if links > MOST_LINKS:
            raise FileNotFoundError(path)
        target = entry.readlink()
        at = Path("/") if target.is_absolute() else at
        rest += reversed(target.parts[1:] if target.is_absolute() else target.parts)


def _is_open(folder: os.stat_result) -> bool:
    return bool(folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _is_foreign(found: os.stat_result) -> bool:
    """Whether it belongs to another account than root and this process'."""
    return found.st_uid not in (0, os.geteuid())


def _forbidden(path: str, what: str) -> Problem:
    return Problem(
        "leads-elsewhere", f"{Path(path).name} is {what}.", cure="Use the file itself, in a pool of its own."
    )
