"""Start a part under another account where its program lies in a folder closed to others, such as /root.

The part gets a view of the file system of its own, in which the closed folder holds nothing but the program.
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

import quarterdeck

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_SLAVE = 4096, 16384, 1 << 19
MS_NOSUID, MS_NODEV = 2, 4


def program_folders() -> list[Path]:
    """The folders that running Quarterdeck needs besides the system's."""
    package = Path(quarterdeck.__file__).resolve().parent.parent
    return [Path(p).resolve() for p in dict.fromkeys((sys.prefix, sys.base_prefix, str(package)))]


def closed(folders: Iterable[Path]) -> dict[Path, list[Path]]:
    """The outermost folders that others may not pass, each with what is needed behind it."""
    found: dict[Path, list[Path]] = {}
    for folder in folders:
        for above in [*reversed(folder.parents), folder]:
            if not above.stat().st_mode & stat.S_IXOTH:
                found.setdefault(above, []).append(folder)
                break
    return found


def open_up(folders: dict[Path, list[Path]]) -> None:
    """Cover each closed folder, for this process and its children, by one that holds the needed folders only.

    Raises OSError where the kernel does not let us, as in some containers.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _do(libc.unshare(CLONE_NEWNS))
    _do(libc.mount(None, b"/", None, MS_REC | MS_SLAVE, None))
    for cover, needed in folders.items():
        handles = [os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in needed]
        _do(libc.mount(b"tmpfs", os.fsencode(cover), b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=755,size=1m"))
        for folder, handle in zip(needed, handles, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            _do(libc.mount(b"/proc/self/fd/%d" % handle, os.fsencode(folder), None, MS_BIND | MS_REC, None))
            os.close(handle)


def _do(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(arguments: list[str]) -> None:
    """Become the account and run the command: `{"uid", "gid", "groups"}` as JSON, then the command."""
    account, command = json.loads(arguments[0]), arguments[1:]
    folders = closed(program_folders())
    try:
        open_up(folders)
    except OSError as error:
        names = " ".join(map(str, folders))
        sys.exit(f"quarterdeck: {names}: other accounts may not enter, and showing them the program failed: {error}")
    os.setgroups(account["groups"])
    os.setgid(account["gid"])
    os.setuid(account["uid"])
    os.execv(command[0], command)  # noqa: S606 - the supervisor's own argument list


if __name__ == "__main__":
    main(sys.argv[1:])
