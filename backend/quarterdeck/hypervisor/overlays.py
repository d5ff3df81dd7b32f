"""Disks that stand still: what a machine writes goes into an overlay for a time. By UUID of the machine.

An external snapshot of which libvirt keeps no record: all disks stop at the same moment (virDomainSnapshotCreateXML
with DISK_ONLY, ATOMIC and NO_METADATA), and an active block commit puts all back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import libvirt
from lxml import etree

from ..model.xml import dump, parse
from .parts import Connections

DISK_ONLY = (
    libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
    | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA
)
MergeState = Literal["none", "running", "ready"]


class Overlays:
    """The overlays of one host's machines."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def freeze(self, uuid: str, overlays: Mapping[str, str], *, quiesce: bool = False) -> None:
        """Let each disk (`vda`) go on in a new qcow2 file at this path; what was its file is written no more."""
        with self._host.fresh() as conn:
            domain = conn.lookupByUUIDString(uuid)
            root = etree.Element("domainsnapshot")
            disks = etree.SubElement(root, "disks")
            for target in parse(domain.XMLDesc(0)).iterfind("devices/disk/target"):
                name = target.get("dev", "")
                disk = etree.SubElement(disks, "disk", name=name, snapshot="external" if name in overlays else "no")
                if name in overlays:
                    etree.SubElement(disk, "driver", type="qcow2")
                    etree.SubElement(disk, "source", file=overlays[name])
            flags = DISK_ONLY | (libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE if quiesce else 0)
            with self._host.agents.asked_to_freeze(domain, quiesce=quiesce):
                domain.snapshotCreateXML(dump(root), flags)

    def merge(self, uuid: str, target: str) -> None:
        """Begin to write the overlay of a disk of a running machine back into the file below it."""
        flags = libvirt.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE | libvirt.VIR_DOMAIN_BLOCK_COMMIT_SHALLOW
        with self._host.connection() as conn:
            conn.lookupByUUIDString(uuid).blockCommit(target, None, None, 0, flags)

    def merge_state(self, uuid: str, target: str) -> tuple[MergeState, float]:
        """Whether a merge runs on a disk, is ready to end, or there is none; and how far it is, 0 to 1."""
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            job = domain.blockJobInfo(target, 0)
            if not job:
                return "none", 0.0
            for disk in parse(domain.XMLDesc(0)).iterfind("devices/disk"):
                name, mirror = disk.find("target"), disk.find("mirror")
                if name is not None and name.get("dev") == target and mirror is not None and mirror.get("ready"):
                    return "ready", 1.0
            return "running", job["cur"] / job["end"] if job["end"] else 0.0

    def end_merge(self, uuid: str, target: str) -> None:
        """Let the disk go on in the file below; the overlay is no longer used."""
        with self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            domain.blockJobAbort(target, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
