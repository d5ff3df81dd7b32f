"""What a machine keeps outside of its disks: UEFI variables and the content of its TPM."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...model.moving import lent_pool
from ...model.storage import owned_volume_xml
from ...problems import Problem

TPM_FOLDERS = ("tpm2", "tpm1.2")
TPM_ROOT = "/var/lib/libvirt/swtpm"
TPM_STATES = ("tpm2-00.permall", "tpm-00.permall")
"""swtpm's names for what a TPM keeps (swtpm(8), directory back end)."""


@contextlib.contextmanager
def _folder(host: Host, folder: str, *, make: bool = False) -> Iterator[str | None]:
    """The pool of a folder, or one lent to it; None where there is no such folder."""
    known = {row.name for row in host.pools.rows()}
    name, xml = lent_pool(folder)
    lent = name not in known
    try:
        if lent:
            host.pools.lend(xml, build=make)
        else:
            host.pools.refresh(name)
    except Problem as problem:
        if make or problem.slug in ("host-lost", "busy"):
            raise
        yield None
        return
    try:
        yield name
    finally:
        if lent:
            host.pools.stop(name)


def _copy(host: Host, origin: tuple[str, str], to: tuple[str, str]) -> None:
    """Copy a small file with its owner; its size need be no multiple of anything."""
    volumes = host.volumes
    data, xml = b"".join(volumes.download(*origin)), volumes.xml(*origin)
    volumes.create(to[0], owned_volume_xml(to[1], len(data), xml))
    with volumes.upload(*to, len(data)) as writer:
        writer.write(data)


def copy_nvram(host: Host, origin: str, copy: str) -> None:
    """Copy the UEFI variables, where the machine has been started so that there are any."""
    folder, name = posixpath.split(origin)
    with _folder(host, folder) as pool:
        if pool and name in host.volumes.names(pool):
            _copy(host, (pool, name), (pool, posixpath.basename(copy)))


def remove_nvram(host: Host, path: str) -> None:
    """Delete UEFI variables that a job made."""
    folder, name = posixpath.split(path)
    with _folder(host, folder) as pool:
        if pool and name in host.volumes.names(pool):
            host.volumes.delete(pool, name)


def copy_tpm(host: Host, original: str, clone: str) -> None:
    """Copy what the TPM of a machine keeps; nothing where it was never started."""
    for version in TPM_FOLDERS:
        with _folder(host, posixpath.join(TPM_ROOT, original, version)) as source:
            names = [name for name in host.volumes.names(source) if name in TPM_STATES] if source else []
            if not names or source is None:
                continue
            with _folder(host, posixpath.join(TPM_ROOT, clone, version), make=True) as target:
                for name in names:
                    _copy(host, (source, name), (target or "", name))


__all__ = ["copy_nvram", "copy_tpm", "remove_nvram"]
