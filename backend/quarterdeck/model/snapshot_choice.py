"""Which kinds of snapshot a machine can have now, and which is the better one. Pure.

Rules, tried on libvirt 9.0 and QEMU 7.2: an internal snapshot needs qcow2 for every disk that the guest writes; that
of a running machine holds its memory and is refused with UEFI, whose variables are a raw file; an external one needs
files. In one machine both kinds do not go together: libvirt then can neither go back nor delete.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from .definition import describe
from .devices import Channel, Disk, Filesystem, HostDev, Interface, Shmem, Tpm, devices
from .devices.base import Device
from .firmware import Firmware
from .strict import Value
from .xml import Element

AGENT = "org.qemu.guest_agent.0"
Kind = Literal["internal", "external"]
NO_FILE = {
    "block": "is a device, beside which no file can lie. Move it into a pool of files first: Hardware, the disk, Move.",
    "nvme": "is an NVMe device that belongs to the guest alone, so nothing can be kept of it. Leave it out.",
    "network": "lies on another server, which has snapshots of its own. Take it there, or move it to a pool of files.",
    "volume": "names a pool and volume, above which libvirt lays no file. Give it the path of the same file instead.",
}


@dataclass(frozen=True)
class SnapshotFacts:
    """What decides it. `pooled` are the files that lie in a running pool of files."""

    active: bool
    disks: tuple[Disk, ...]
    pooled: Collection[str]
    uefi: bool
    tpm: bool
    stuck: str | None
    memory_mib: int
    agent: Channel | None
    has: Collection[str]

    @property
    def targets(self) -> list[str]:
        """The disks that a snapshot can hold."""
        return [disk.target for disk in self.disks]


def facts_of(definition: Element, *, active: bool, pooled: Collection[str], has: Collection[str]) -> SnapshotFacts:
    """The facts in a definition: running, or saved where it is off. `has` are the kinds of its snapshots."""
    found = devices(definition)
    disks = [each for each in found if isinstance(each, Disk) and each.device in ("disk", "lun")]
    stuck = [each.title for each in found if _is_stuck(each)]
    firmware = definition.find("os")
    agents = [each for each in found if isinstance(each, Channel) and each.name == AGENT]
    return SnapshotFacts(
        active=active,
        disks=tuple(disk for disk in disks if not disk.readonly),
        pooled=pooled,
        uefi=firmware is not None and Firmware.read(firmware).kind == "uefi",
        tpm=any(isinstance(each, Tpm) for each in found),
        stuck=stuck[0] if stuck else None,
        memory_mib=describe(definition).memory_max_mib,
        agent=agents[0] if agents else None,
        has=has,
    )


def _is_stuck(device: Device) -> bool:
    """Whether QEMU saves no memory beside it: what lies outside of QEMU cannot be brought back."""
    if isinstance(device, Interface):
        return device.source.type in ("hostdev", "vdpa")
    if isinstance(device, Shmem | Tpm):
        return device.role != "master" if isinstance(device, Shmem) else device.backend == "passthrough"
    return isinstance(device, HostDev | Filesystem)


class SnapshotDiskOption(Value):
    """A disk that a snapshot can hold; the reasons say why it cannot be in one of a kind."""

    target: str
    title: str
    internal: str | None = None
    external: str | None = None


class SnapshotOptions(Value):
    """What can be asked of a snapshot now: for each wish None, or why it is not possible. `kind` is the better one."""

    name: str
    kind: Kind | None
    internal: str | None
    external: str | None
    memory: str | None
    quiesce: str | None
    memory_mib: int
    disks: list[SnapshotDiskOption]


def internal_refusal(facts: SnapshotFacts, *, memory: bool, targets: Collection[str] | None = None) -> str | None:
    """Why no internal snapshot is possible; None where it is."""
    if "external" in facts.has or "mixed" in facts.has:
        return "It has external snapshots already, and one machine keeps to one kind."
    if not facts.disks:
        return "It has no disk that could hold it."
    if targets is not None and set(targets) != set(facts.targets):
        return "An internal snapshot is always of all disks."
    inside = next((why for disk in facts.disks if (why := _not_inside(disk))), None)
    return inside or (_running_refusal(facts, memory=memory) if facts.active else None)


def _running_refusal(facts: SnapshotFacts, *, memory: bool) -> str | None:
    if facts.uefi:
        return "It runs with UEFI, whose variables cannot be part of it. Shut it down first, or take an external one."
    return memory_refusal(facts) if memory else "An internal snapshot of a running machine always holds its memory."


def _not_inside(disk: Disk) -> str | None:
    if disk.source.type == "network" or disk.format != "qcow2":
        return f"Disk {disk.target} is {disk.format or 'raw'}; only qcow2 can hold snapshots inside."
    return f"Disk {disk.target} is shared with other machines." if disk.shareable else None


def external_refusal(facts: SnapshotFacts, *, targets: Collection[str] | None = None) -> str | None:
    """Why no external snapshot is possible; None where it is."""
    if "internal" in facts.has or "mixed" in facts.has:
        return "It has internal snapshots already, and one machine keeps to one kind."
    chosen = [disk for disk in facts.disks if targets is None or disk.target in targets]
    if not chosen:
        return "It has no disk that could be frozen."
    return next((why for disk in chosen if (why := _not_above(disk, facts.pooled))), None)


def _not_above(disk: Disk, pooled: Collection[str]) -> str | None:
    if disk.source.file is None:
        return f"Disk {disk.target} {NO_FILE.get(disk.source.type or '', NO_FILE['block'])}"
    if disk.shareable:
        return f"Disk {disk.target} is shared with other machines."
    if disk.source.file not in pooled:
        return f"The folder of disk {disk.target} is in no running pool. Start its pool, or make one of it."
    return None


def memory_refusal(facts: SnapshotFacts) -> str | None:
    """Why its memory cannot be kept; None where it can."""
    if not facts.active:
        return "It is off, so there is no memory to keep."
    if facts.stuck:
        return f"QEMU cannot save the memory while it has {facts.stuck}."
    return None


def quiesce_refusal(facts: SnapshotFacts) -> str | None:
    """Why the guest cannot be asked to write everything to its disks first; None where it can."""
    if not facts.active:
        return "It is off: everything is on its disks."
    if facts.agent is None:
        return f"It has no guest agent: add the channel {AGENT}."
    if facts.agent.state != "connected":
        return "Its guest agent does not answer: install qemu-guest-agent in the guest, or start it there."
    return None


def better(facts: SnapshotFacts, *, memory: bool, targets: Collection[str] | None = None) -> tuple[Kind | None, str]:
    """The kind to take, and why; None with the reason where none is possible."""
    inside = internal_refusal(facts, memory=memory, targets=targets)
    outside = external_refusal(facts, targets=targets)
    if inside is None:
        same = "as its other snapshots" if facts.has else "everything stays in the disks' own files"
        return "internal", f"Internal: {same}."
    if outside is None:
        return "external", f"External, with new files beside the disks: {inside}"
    return None, inside if "internal" in facts.has else outside


def options(facts: SnapshotFacts, names: Collection[str]) -> SnapshotOptions:
    """What the page offers."""
    memory = memory_refusal(facts)
    kind, _why = better(facts, memory=memory is None)
    number = len(names) + 1
    while f"snapshot-{number}" in names:
        number += 1
    return SnapshotOptions(
        name=f"snapshot-{number}",
        kind=kind,
        internal=internal_refusal(facts, memory=memory is None),
        external=external_refusal(facts),
        memory=memory,
        quiesce=quiesce_refusal(facts),
        memory_mib=facts.memory_mib,
        disks=[
            SnapshotDiskOption(
                target=disk.target,
                title=disk.title,
                internal=_not_inside(disk),
                external=_not_above(disk, facts.pooled),
            )
            for disk in facts.disks
        ],
    )
