"""A file system with one file whose server falls silent when it is told to, as that of a network share may.

`silent_fs.py FOLDER SIGN` is mounted at FOLDER until it is killed, and answers nothing while the file SIGN exists.
It speaks the kernel's protocol for file systems in user space (linux/fuse.h).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import threading
from pathlib import Path

NAME, SIZE = b"a.img", 1 << 20
LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, INIT, OPENDIR, READDIR, BATCH_FORGET = (
    1, 2, 3, 14, 15, 17, 18, 26, 27, 28, 42,
)  # fmt: skip
QUIET = (RELEASE, 25, 29, 34)  # flush, releasedir, access
TICK = 0.05


def attributes(node: int) -> bytes:
    mode, size = (0o40755, 4096) if node == 1 else (0o100644, SIZE)
    return struct.pack("<6Q10I", node, size, 8, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def entries(offset: int) -> bytes:
    data = b""
    for number, (node, name, kind) in enumerate([(1, b".", 4), (1, b"..", 4), (2, NAME, 8)], 1):
        if number > offset:
            one = struct.pack("<QQII", node, number, len(name), kind) + name
            data += one + bytes(-len(one) % 8)
    return data


def answer(act: int, node: int, body: bytes) -> bytes | None:
    """What the kernel is told; None: there is no such thing."""
    if act == LOOKUP:
        return struct.pack("<QQQQII", 2, 0, 0, 0, 0, 0) + attributes(2) if body.rstrip(b"\0") == NAME else None
    if act == READ:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        return bytes(max(min(size, SIZE - offset), 0))
    answers = {
        INIT: struct.pack("<IIIIHHIIHHIII", 7, 31, 65536, 0, 12, 9, 131072, 1, 32, 0, 0, 0, 0) + bytes(20),
        GETATTR: struct.pack("<QII", 0, 0, 0) + attributes(node),
        OPEN: struct.pack("<QII", 7, 0, 0),
        OPENDIR: struct.pack("<QII", 7, 0, 0),
        STATFS: struct.pack("<5Q4I", 1 << 18, 1 << 17, 1 << 17, 1000, 1000, 4096, 255, 4096, 0) + bytes(24),
    }
    if act == READDIR:
        return entries(struct.unpack_from("<QQ", body)[1])
    return b"" if act in QUIET else answers.get(act)


def serve(device: int, sign: Path, request: bytes) -> None:
    _length, act, unique, node = struct.unpack_from("<IIQQ", request)
    while sign.exists():
        threading.Event().wait(TICK)
    if act in (FORGET, BATCH_FORGET):
        return
    data = answer(act, node, request[40:])
    missing = -2 if act == LOOKUP else -38
    os.write(
        device, struct.pack("<IiQ", 16 + len(data or b""), 0 if data is not None else missing, unique) + (data or b"")
    )


def main(folder: str, sign: Path) -> None:
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    if ctypes.CDLL(None, use_errno=True).mount(b"silent", folder.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), f"{folder} cannot be mounted")
    print("mounted", flush=True)
    while True:
        try:
            request = os.read(device, 1 << 18)
        except OSError:  # it was unmounted
            return
        threading.Thread(target=serve, args=(device, sign, request), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
