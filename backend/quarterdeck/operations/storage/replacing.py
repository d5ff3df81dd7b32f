"""How what was uploaded beside a volume takes its place: libvirt cannot rename a volume."""

from __future__ import annotations

from collections.abc import Callable

from ...hypervisor.host import Host
from ...hypervisor.pools import PoolRow
from ...jobs import JobHandle
from ...model.storage import NEXT, PARTIAL, Volume
from ...model.units import human_size
from ...problems import FieldError, Problem
from . import partial


def check_replaced(row: PoolRow, volume: Volume, size: int, left: Volume | None) -> None:
    """Problem `no-space` where the pool cannot hold what comes beside the volume that it replaces.

    `left` is what came before it and could not take its place: it goes first.
    """
    needed = max(size, 2 * size - volume.allocation_bytes) if volume.type == "file" else size
    if needed > row.available + (left.allocation_bytes if left else 0):
        detail = (
            f"What {volume.name} holds stays until the new content is whole. For that it needs {human_size(needed)}, "
            f"but the pool {row.name} has only {human_size(row.available)} left."
        )
        cure = "Delete the volume first, and upload it anew."
        raise Problem("no-space", detail, cure=cure, errors=[FieldError("/size", detail)])


def replaced_warning(volume: Volume, left: Volume | None) -> str:
    """What becomes of a volume that is replaced, and of what came before and could not take its place."""
    gone = f" {left.name}, which an earlier upload left there, is deleted at once." if left else ""
    return f"What {volume.name} holds is lost once the new content is whole; until then it stays as it is.{gone}"


def in_place_warning(volume: Volume) -> str:
    """What becomes of a volume in a pool that takes no new ones."""
    return (
        f"In such a pool nothing can stand beside {volume.name}, so it is overwritten from the first byte on: "
        "what it holds is lost, also when the upload is cut."
    )


def is_placed(host: Host, pool: str, name: str) -> bool:
    """Whether what came has taken its place already: only its marker may be left."""
    return not {NEXT + name, PARTIAL + name} & set(host.volumes.names(pool))


def replace(host: Host, pool: str, name: str, size: int, handle: JobHandle, refuse: Callable[[], object]) -> None:
    """Put what came whole into the place of a volume. May be repeated where it was cut off.

    A file is made anew, as large as what came, for the same owner; a device keeps its size. `refuse` raises a Problem
    where it cannot be. Where that or anything fails, what came stays, for all to see.
    """
    coming = NEXT + name
    host.volumes.row(pool, coming)  # before anything goes for it
    handle.undo.pop_all()
    handle.can_cancel(False)
    try:
        refuse()
        known = next((row for row in host.volumes.rows(pool) if row.name == name), None)
        is_file = known is None or known.type == "file"
        if is_file:
            like = host.volumes.xml(pool, name if known else coming)
            if known:
                host.volumes.delete(pool, name)
            partial.drop_marker(host, pool, name)  # that of a try before
            partial.make(host, pool, name, size, handle.undo, like=like)
        _copy(host, pool, name, size, handle, sparse=is_file)
    except Problem as problem:
        partial.drop_marker(host, pool, coming)
        raise Problem(
            problem.slug,
            f"All of it came, but it cannot take the place of {name}: {problem.detail}",
            cure=f"It is whole, as the volume {coming}. {problem.cure or ''}".strip(),
            raw=problem.raw,
        ) from problem
    handle.undo.pop_all()
    partial.drop_marker(host, pool, name)
    partial.remove_unfinished(host, pool, coming)


def _copy(host: Host, pool: str, name: str, size: int, handle: JobHandle, *, sparse: bool) -> None:
    done = 0
    with host.volumes.upload(pool, name, size, sparse=sparse) as writer:
        for data in host.volumes.download(pool, NEXT + name, 0, size) if size else ():
            writer.write(data)
            done += len(data)
            handle.progress(done / size)
