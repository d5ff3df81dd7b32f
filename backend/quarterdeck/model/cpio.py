"""A file for the first file system of a Linux: the kernel unpacks all archives that an initrd holds, one after another.

The format is "newc" (the kernel's documentation, driver-api/early-userspace/buffer-format).
"""

from __future__ import annotations

ALIGNED = 4
LAST = "TRAILER!!!"


def archive(name: str, content: bytes) -> bytes:
    """An archive with this one file, which only root can read."""
    return _entry(name, content, 0o100600) + _entry(LAST, b"", 0)


def padding(length: int) -> bytes:
    """What must stand between the end of something so long and an archive."""
    return bytes(-length % ALIGNED)


def _entry(name: str, content: bytes, mode: int) -> bytes:
    label = name.encode() + b"\0"
    numbers = (1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(label), 0)
    head = b"070701" + b"".join(b"%08X" % number for number in numbers) + label
    return head + padding(len(head)) + content + padding(len(content))
