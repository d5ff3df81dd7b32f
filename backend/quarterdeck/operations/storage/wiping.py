"""Whether libvirt, which tells nothing of it, has overwritten all of a volume."""

from __future__ import annotations

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.storage import read_volume

LOOK_SECONDS = 1.0
LOOKS = 20
"""So often in a row nothing may have gone on; on a busy host seconds pass between two writes."""


def await_zeros(host: Host, pool: str, name: str, handle: JobHandle) -> bool:
    """Whether all of a volume becomes zero; False as soon as that does not go on."""
    size = read_volume(host.volumes.xml(pool, name)).physical or host.volumes.row(pool, name).capacity
    at, idle = 0, 0
    while idle < LOOKS:
        now = _zeros(host, pool, name, at)
        if now >= size:
            return True
        idle = 0 if now > at else idle + 1
        at = now
        handle.progress(at / size)
        handle.wait(LOOK_SECONDS)
    return False


def _zeros(host: Host, pool: str, name: str, at: int) -> int:
    """Where the zeros end that begin here."""
    for piece in host.volumes.download(pool, name, at):
        if piece.count(0) < len(piece):
            return at + len(piece) - len(piece.lstrip(b"\0"))
        at += len(piece)
    return at
