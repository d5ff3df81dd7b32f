"""The checks of devices that tie a running machine to its host."""

from __future__ import annotations

from collections.abc import Iterator

from .plan import version
from .situation import MigrationFinding, Repair, Severity, Situation, found

Told = tuple[Severity, str, str]
VIRTIOFS_SINCE = (10, 5)
"""Before this libvirt refuses every folder by virtiofs (qemuMigrationSrcIsAllowed).

Since a patch of summer 2024 it asks the virtiofsd that it runs (`migrate-precopy`, which 1.11 has); in October of that
year libvirt's own tests moved such machines (tp-libvirt 5940). Where it does not move one, it refuses at once.
"""
TIES: dict[str, Told] = {
    "virtiofs": (
        "danger", "A folder of this host is shared with it",
        "This host's libvirt does not move a machine with a folder by virtiofs.",
    ),
    "9p": (
        "warning", "A folder of this host is shared with it",
        "QEMU refuses the move while the guest has it mounted, and the destination needs a folder at the same path.",
    ),
    "shmem": ("danger", "It shares memory on this host", "That memory stays here, so libvirt refuses the move."),
    "tpm": ("danger", "It uses this host's own TPM", "What such a chip keeps cannot leave it."),
    "vdpa": ("danger", "Its interface is hardware of this host", "libvirt does not move a vDPA device."),
    "transient": (
        "danger", "A disk forgets its changes at shutdown", "What changed lies in a file that libvirt does not move.",
    ),
    "line": (
        "warning", "It is connected to a device of this host",
        "The destination's QEMU opens a device of the same name there; without one the move fails.",
    ),
}  # fmt: skip


def told(kind: str, libvirt_version: str) -> Told:
    """How bad a tie is for the libvirt of the source, its title and its reason."""
    severity, title, reason = TIES[kind]
    if kind == "virtiofs" and version(libvirt_version) >= VIRTIOFS_SINCE:
        severity = "warning"
        reason = "It needs virtiofsd 1.11 or later on both hosts, and the same content in a folder of that path there."
    return severity, title, reason


def host_devices(at: Situation) -> Iterator[MigrationFinding]:
    """Whether devices of this host are passed through."""
    if at.moves_memory:
        for device, title in at.machine.host_devices:
            yield found(
                f"host-device-{device}", "danger", "A device of this host is passed through", title,
                "Real hardware cannot move with a running machine.", "Remove it, or move the machine while it is off.",
                _removed(device, title),
            )  # fmt: skip


def ties(at: Situation) -> Iterator[MigrationFinding]:
    """Whether other devices tie the running machine to this host."""
    if not at.moves_memory:
        return
    for tie in at.machine.ties:
        severity, title, reason = told(tie.kind, at.source.facts.libvirt_version)
        cure = "Remove it, or move the machine while it is off."
        repairs = [_removed(tie.id, tie.title)] if tie.hot and tie.kind != "transient" else []
        if not repairs:
            cure = "Shut the machine down to change that, or move it while it is off."
        yield found(f"tie-{tie.id}", severity, title, tie.title, reason, cure, *repairs)


def cards(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination has the interfaces of the host on which those of the machine sit."""
    links = at.destination.networks.host_interfaces() if at.machine.cards else None
    there = at.destination.spec.name
    for card in at.machine.cards:
        if links is not None and card not in links:
            yield found(
                f"card-{card}", "danger" if at.moves_memory else "warning", "A network card is missing",
                f"{there} has no interface {card}.",
                "The machine's interface sits directly on it (macvtap).",
                "Put another name for it into the definition, under Advanced; or connect the machine to a network that "
                "both hosts have.",
            )  # fmt: skip


def _removed(device: str, title: str) -> Repair:
    return Repair(kind="remove-device", about=device, title=f"Remove {title} from the machine")
