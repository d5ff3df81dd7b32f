"""The snapshots of one host's domains. Each method is one act of libvirt, by the domain's UUID.

libvirt tells no event of any of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal

import libvirt

from ..model.snapshot import Kept
from .domains import refuse_if_busy
from .parts import Connections

Resume = Literal["running", "paused"]
_RESUME: dict[Resume | None, int] = {
    None: 0,
    "running": libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING,
    "paused": libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED,
}


class Snapshots:
    """All snapshots of a host."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    @contextlib.contextmanager
    def _domain(self, uuid: str, *, long: bool = False) -> Iterator[libvirt.virDomain]:
        if long:
            self._host.questions.settle(uuid)
        with self._host.fresh() if long else self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            if long:
                refuse_if_busy(domain, self._host.questions)
            yield domain

    def all(self, uuid: str) -> list[Kept]:
        """The snapshots of a domain, oldest first. Their texts hold secrets and must not leave the server."""
        with self._domain(uuid) as domain:
            current = domain.snapshotCurrent().getName() if domain.hasCurrentSnapshot() else None
            found = [
                Kept(str(each.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)), each.getName() == current)
                for each in domain.listAllSnapshots()
            ]
        return sorted(found, key=lambda each: (each.xml.created, each.name))

    def create(
        self, uuid: str, xml: str, *, disk_only: bool = False, live: bool = False, quiesce: bool = False
    ) -> None:
        """Take a snapshot: of all disks or none. `live`: the guest runs on while its memory is written."""
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY if disk_only else 0
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_LIVE if live else 0
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE if quiesce else 0
        with self._domain(uuid, long=True) as domain, self._host.agents.asked_to_freeze(domain, quiesce=quiesce):
            domain.snapshotCreateXML(xml, flags)

    def redefine(self, uuid: str, xml: str, *, current: bool) -> None:
        """Change what libvirt knows of a snapshot; no file is touched."""
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT if current else 0
        with self._domain(uuid) as domain:
            domain.snapshotCreateXML(xml, flags)

    def revert(self, uuid: str, name: str, resume: Resume | None) -> None:
        """Go back to an internal snapshot; None lets the machine be in the state that it had."""
        flags = _RESUME[resume] | libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
        with self._domain(uuid, long=True) as domain:
            domain.revertToSnapshot(domain.snapshotLookupByName(name), flags)

    def delete(self, uuid: str, name: str, *, children: bool) -> None:
        """Delete an internal snapshot, with those that grew from it or without."""
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN if children else 0
        with self._domain(uuid, long=True) as domain:
            domain.snapshotLookupByName(name).delete(flags)

    def forget(self, uuid: str, name: str) -> None:
        """Let libvirt forget a snapshot; its files stay."""
        with self._domain(uuid) as domain:
            domain.snapshotLookupByName(name).delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY)

    def memory_definition(self, path: str) -> str:
        """The definition inside a file of saved memory; it must not leave the server."""
        with self._host.connection() as conn:
            return str(conn.saveImageGetXMLDesc(path, libvirt.VIR_DOMAIN_SAVE_IMAGE_XML_SECURE))

    def restore_memory(self, path: str, xml: str, *, paused: bool) -> None:
        """Let a domain go on from a file of saved memory, with this definition; the file stays."""
        flags = libvirt.VIR_DOMAIN_SAVE_PAUSED if paused else libvirt.VIR_DOMAIN_SAVE_RUNNING
        with self._host.fresh() as conn:
            conn.restoreFlags(path, xml, flags)
