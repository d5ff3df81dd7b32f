"""The checks themselves. Each rule is a fact of libvirt or QEMU that was tried; see the words of its reason."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Literal

from ...model.moving import MovedDisk
from ...problems import Problem
from .checks import MigrationFinding, Rule, Situation
from .copies import copies_of, is_shared, place_of
from .plan import version
from .route import transfer_uri

FIRST_DATA_PORT = 49152
PORT_SECONDS = 2.0
Severity = Literal["danger", "warning", "info"]


def _found(
    id: str, severity: Severity, title: str, fact: str, reason: str, cure: str | None = None
) -> MigrationFinding:
    return MigrationFinding(id=id, severity=severity, title=title, fact=fact, reason=reason, cure=cure)


def state(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the machine is in a state that the way of moving needs."""
    if at.moves_memory and not at.row.active:
        yield _found(
            "off", "danger", "The machine is off", f"{at.row.name} is off.",
            "A live move needs a running machine.", "Move it offline, or start it first.",
        )  # fmt: skip
    if at.row.active and at.source.domains.is_busy(at.row.uuid):
        yield _found(
            "busy", "danger", "Another job works on it", f"libvirt does something else with {at.row.name} just now.",
            "libvirt does one long job per machine at a time.", "Wait for that job to end.",
        )  # fmt: skip
    if not at.moves_memory and at.row.has_saved_image:
        yield _found(
            "saved-state", "warning", "Its saved state stays behind", f"{at.row.name} has a saved state.",
            "An offline move sends only the definition.", "Start it and move it live, or discard the state.",
        )  # fmt: skip


def same_host(at: Situation) -> Iterator[MigrationFinding]:
    """Whether both connections lead to one host."""
    mine = at.source.capabilities.host_uuid()
    if mine and mine == at.offers.uuid:
        yield _found(
            "same-host", "danger", "Both hosts are the same", f"Both have the host UUID {mine}.",
            "libvirt refuses to move a machine to its own host.",
            "Choose another destination; copied hosts need a host_uuid of their own in libvirtd.conf.",
        )  # fmt: skip


def names(at: Situation) -> Iterator[MigrationFinding]:
    """Whether name and UUID are free at the destination."""
    wanted = at.request.rename or at.row.name
    for other in at.there:
        if other.uuid == at.row.uuid and other.active:
            yield _found(
                "uuid-taken", "danger", "It runs there already",
                f"{at.destination.spec.name} runs a machine of this UUID.",
                "One identity can run once only.", "Stop that one first, if it is not the same machine by mistake.",
            )  # fmt: skip
        elif other.uuid == at.row.uuid:
            yield _found(
                "replaced", "info", "An older definition is replaced",
                f"{at.destination.spec.name} has a definition of this machine, off.",
                "libvirt replaces it with the one that moves.",
            )  # fmt: skip
        elif other.name == wanted:
            yield _found(
                "name-taken", "danger", "The name is taken",
                f"{at.destination.spec.name} has another machine “{wanted}”.",
                "Names are unique on a host.", "Give it another name with the move (rename).",
            )  # fmt: skip


def machine(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination has the architecture, machine type and accelerator."""
    guest = at.offers.guest(at.machine.arch)
    there = at.destination.spec.name
    if guest is None:
        yield _found(
            "arch", "danger", "Another architecture", f"{there} does not run {at.machine.arch} machines.",
            "QEMU for that architecture is not installed there.", "Install it on the destination.",
        )  # fmt: skip
        return
    known = {name for each in guest.machines for name in (each.name, each.canonical)}
    if at.machine.machine not in known:
        yield _found(
            "machine-type", "danger", "Unknown machine type", f"{there}'s QEMU does not know {at.machine.machine}.",
            "A machine type is a version of virtual hardware; older QEMUs lack newer ones.",
            "Update QEMU there, or give the machine an older type and start it anew.",
        )  # fmt: skip
    if at.machine.type not in guest.types or (
        at.machine.type == "kvm" and "kvm" not in at.destination.capabilities.accelerators()
    ):
        yield _found(
            "accelerator", "danger", "No hardware virtualisation there", f"{there} does not offer {at.machine.type}.",
            "The machine is of that type.", "Enable virtualisation in that host's firmware, and load its KVM module.",
        )  # fmt: skip
    if version(at.destination.facts.hypervisor_version) < version(at.source.facts.hypervisor_version):
        yield _found(
            "older-qemu", "warning", "The destination's QEMU is older",
            f"{at.source.facts.hypervisor_version} here, {at.destination.facts.hypervisor_version} there.",
            "Moving to an older QEMU works only when the machine uses nothing newer.", "Update the destination.",
        )  # fmt: skip


def cpu(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination's CPU has what the running machine uses."""
    if not (at.moves_memory and at.row.active and at.machine.cpu_xml):
        return
    if at.machine.cpu_mode == "host-passthrough":
        yield _found(
            "cpu-passthrough", "warning", "It sees the host's own CPU", "Its CPU mode is host-passthrough.",
            "It can move only between hosts of equal CPU, microcode and kernel.",
            "Choose host-model or a named CPU model, and start it anew.",
        )  # fmt: skip
        return
    m = at.machine
    problem = at.destination.migrations.compare_cpu(m.emulator, m.arch, m.machine, m.type, m.cpu_xml or "")
    if problem is not None:
        yield _found("cpu", "danger", "The CPU does not fit", problem.detail, problem.kind.help, problem.cure)


def networks(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the networks and bridges are there."""
    known = {row.name: row.active for row in at.destination.networks.rows()}
    there = at.destination.spec.name
    for name in at.plugs("network"):
        if name not in known:
            yield _found(
                f"network-{name}", "danger", "A network is missing", f"{there} has no network “{name}”.",
                "The machine's interface is connected to it.",
                "Create the network there, or connect the machine to another one.",
            )  # fmt: skip
        elif not known[name]:
            yield _found(
                f"network-{name}", "danger", "A network is not running", f"The network “{name}” is off on {there}.",
                "The machine's interface is connected to it.", "Start it there.",
            )  # fmt: skip
    links = at.destination.networks.host_interfaces() if at.plugs("bridge") else None
    for bridge in at.plugs("bridge"):
        if links is None or bridge not in links:
            yield _found(
                f"bridge-{bridge}", "info" if links is None else "danger", "A bridge may be missing",
                f"{there} shows no interface {bridge}.", "The machine's interface is plugged into that bridge.",
                "Create the bridge there.",
            )  # fmt: skip


def disks(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the disks are on both hosts, or can be copied."""
    if at.request.storage != "shared" and at.moves_memory:
        try:
            copies = copies_of(at.source, at.destination, at.machine, at.request) if at.row.active else []
        except Problem as problem:
            yield _found(
                "copy", "danger", "The disks cannot be copied", problem.detail, problem.kind.help, problem.cure
            )
            return
        for copy in copies:
            if copy.existed:
                yield _found(
                    f"disk-{copy.target}", "warning", "An older copy is overwritten",
                    f"{at.destination.spec.name} has {copy.new_path} of this machine's earlier stay.",
                    "The move writes over it.", "Keep it elsewhere, if its content is still needed.",
                )  # fmt: skip
        return
    for disk in at.machine.disks:
        if disk.is_data and not at.request.unsafe and not is_shared(disk, at.pools_here, at.pools_there):
            yield _not_shared(at, disk)


def _not_shared(at: Situation, disk: MovedDisk) -> MigrationFinding:
    if at.moves_memory:
        return _found(
            f"disk-{disk.target}", "danger", "A disk is not on shared storage",
            f"{disk.path} is in no pool that both hosts share.",
            "The destination would see other data, so libvirt refuses the move as unsafe.",
            "Move it with a copy of its disks (storage: copy), or put the disk into a pool that both hosts share.",
        )  # fmt: skip
    return _found(
        f"disk-{disk.target}", "warning", "A disk does not move along",
        f"{disk.path} is in no pool that both hosts share.", "An offline move sends only the definition.",
        "Copy the file to the same path there before you start it.",
    )  # fmt: skip


def media(at: Situation) -> Iterator[MigrationFinding]:
    """Whether CDs and boot files are there too; they are never copied."""
    for disk in at.machine.disks:
        if disk.is_data or disk.path is None or is_shared(disk, at.pools_here, at.pools_there):
            continue
        if at.destination.volumes.at(disk.path) is None:
            sure = place_of(disk, at.pools_there) is not None
            yield _found(
                f"media-{disk.target}", "danger" if sure else "warning", "A medium may be missing",
                f"{at.destination.spec.name} shows no {disk.path}.",
                "CDs are not copied, and libvirt needs the file there.",
                "Eject it, or put the file at the same path there.",
            )  # fmt: skip
    if at.machine.files:
        yield _found(
            "boot-files", "info", "It boots from files of the host", ", ".join(at.machine.files),
            "They are not copied; without them it cannot start there.", "Have them at the same paths there.",
        )  # fmt: skip


def snapshots(at: Situation) -> Iterator[MigrationFinding]:
    """Whether it has snapshots, which libvirt does not move."""
    number = at.source.domains.snapshot_count(at.row.uuid)
    if number:
        yield _found(
            "snapshots", "danger", "It has snapshots", f"{number} snapshot(s).",
            "libvirt does not move machines with snapshots.", "Delete the snapshots first; their changes are merged.",
        )  # fmt: skip


def host_devices(at: Situation) -> Iterator[MigrationFinding]:
    """Whether devices of this host are passed through."""
    if at.moves_memory:
        for title in at.machine.host_devices:
            yield _found(
                "host-device", "danger", "A device of this host is passed through", title,
                "Real hardware cannot move with a running machine.", "Remove it, or move the machine while it is off.",
            )  # fmt: skip


def memory(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination has the memory."""
    free = at.destination.facts.memory_free_mib
    if at.moves_memory and free is not None and free < at.machine.memory_mib:
        yield _found(
            "memory", "danger", "Not enough memory there",
            f"It needs {at.machine.memory_mib} MiB; {at.destination.spec.name} has {free} MiB free.",
            "The destination would have to swap, or would kill a machine.",
            "Stop something there, or choose another host.",
        )  # fmt: skip


def data_port(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the ports of the transfer are open: a refusal means open, silence means a firewall."""
    if not at.moves_memory or at.request.tunnelled or at.source.spec.transport != "local":
        return  # only this server's own way to the destination can be tried from here
    address = transfer_uri(at.source, at.destination, at.request.transfer_address).removeprefix("tcp://")
    address = address.removeprefix("[").removesuffix("]")
    try:
        socket.create_connection((address, FIRST_DATA_PORT), PORT_SECONDS).close()
    except ConnectionRefusedError:
        return
    except TimeoutError:
        yield _found(
            "data-port", "danger", "A firewall swallows the transfer",
            f"{address} gives no answer at port {FIRST_DATA_PORT}.",
            "The memory goes to ports 49152-49215; libvirt would hang for two minutes and could not be cancelled.",
            "Open these ports on the destination, or name another transfer address.",
        )  # fmt: skip
    except OSError as error:
        yield _found(
            "data-port", "warning", "The destination is not reachable from here",
            f"{address}: {error.strerror or error}.",
            "The memory is sent to that address.", "Name a transfer address that this host can reach.",
        )  # fmt: skip


RULES: dict[str, Rule] = {
    "state": state,
    "same-host": same_host,
    "names": names,
    "machine": machine,
    "cpu": cpu,
    "networks": networks,
    "disks": disks,
    "media": media,
    "snapshots": snapshots,
    "host-devices": host_devices,
    "memory": memory,
    "data-port": data_port,
}
