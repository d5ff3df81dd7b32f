"""The checks themselves. Each rule is a fact of libvirt or QEMU that was tried; see the words of its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...access import Permission
from ...hypervisor.spec import PORTS
from ...hypervisor.ssh import VERIFICATION
from ...model.locking import Locking
from ...problems import Problem
from .carrying import why_not
from .carrying_secrets import secrets
from .knock import knock
from .link import LinkTest
from .peers import Peers
from .plan import version
from .route import destination_spec, destination_uri, memory_address
from .rules_devices import cards, host_devices, ties
from .rules_hosts import host_name, locks
from .rules_networks import networks
from .rules_places import cache, disk_files, disks, media
from .situation import LINK_KNOWN_DAYS, MigrationFinding, Repair, Rule, Situation, found
from .way_back import WayBack

FIRST_DATA_PORT = 49152
MOST_CLOCK_SECONDS = 2.0


def state(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the machine is in a state that the way of moving needs."""
    if at.moves_memory and not at.row.active:
        yield found(
            "off", "danger", "The machine is off", f"{at.row.name} is off.",
            "A live move needs a running machine.", "Move it offline, or start it first.",
        )  # fmt: skip
    if at.row.active and at.source.domains.is_busy(at.row.uuid):
        yield found(
            "busy", "danger", "Another job works on it", f"libvirt does something else with {at.row.name} just now.",
            "libvirt does one long job per machine at a time.", "Wait for that job to end.",
        )  # fmt: skip
    if at.row.active and at.request.takes_disks_off:
        yield found(
            "on", "danger", "The machine runs", f"{at.row.name} is {at.row.state}.",
            "Its disks change while it runs; offline they are copied of a machine that is off.",
            "Move it live, or shut it down first.",
        )  # fmt: skip
    if not at.moves_memory and at.row.has_saved_image:
        copied = at.request.takes_disks_off  # and half of what the guest had written is in the saved memory
        yield found(
            "saved-state", "danger" if copied else "warning", "Its saved state stays behind",
            f"{at.row.name} has a saved state.", "An offline move sends no memory.",
            "Start it and move it live, or discard the state.",
            Repair(kind="discard-save", title="Discard the saved state"),
        )  # fmt: skip


def stood_still(at: Situation) -> Iterator[MigrationFinding]:
    """Whether a paused machine has run since it came to this host.

    One that arrived paused has not opened its disks for writing; QEMU before 10.0 ends by an assertion in
    `bdrv_inactivate_recurse` where it is to hand them on (seen with 7.2).
    """
    old = version(at.source.facts.hypervisor_version) < (10,)
    if at.moves_memory and at.row.state == "paused" and old and not at.source.migrations.has_run(at.row.uuid):
        yield found(
            "not-run", "danger", "It has not run since it came here", f"{at.row.name} is paused, and was all the time.",
            f"QEMU {at.source.facts.hypervisor_version} would end in such a move, and what it has in memory be lost.",
            "Resume it for a moment, then move it.",
        )  # fmt: skip


def same_host(at: Situation) -> Iterator[MigrationFinding]:
    """Whether both connections lead to one host."""
    mine = at.source.capabilities.host_uuid()
    if mine and mine == at.offers.uuid:
        yield found(
            "same-host", "danger", "Both hosts are the same", f"Both have the host UUID {mine}.",
            "libvirt refuses to move a machine to its own host.",
            "Choose another destination; copied hosts need a host_uuid of their own in libvirtd.conf.",
        )  # fmt: skip


def names(at: Situation) -> Iterator[MigrationFinding]:
    """Whether name and UUID are free at the destination."""
    wanted = at.request.rename or at.row.name
    for other in at.there:
        if other.uuid == at.row.uuid and other.active:
            yield found(
                "uuid-taken", "danger", "It runs there already",
                f"{at.destination.spec.name} runs a machine of this UUID.",
                "One identity can run once only.", "Stop that one first, if it is not the same machine by mistake.",
            )  # fmt: skip
        elif other.uuid == at.row.uuid and other.snapshots:
            yield found(
                "replaced", "info", "Its snapshots wait there",
                f"{at.destination.spec.name} has a definition of this machine, off, with its snapshots.",
                "The one that moves takes its place, and the snapshots stay.",
            )  # fmt: skip
        elif other.uuid == at.row.uuid:
            yield found(
                "replaced", "info", "An older definition is replaced",
                f"{at.destination.spec.name} has a definition of this machine, off.",
                "libvirt replaces it with the one that moves. Started by mistake it would use the same disks.",
                "Remove it there, if it is not wanted back.",
                Repair(kind="forget-leftover", title=f"Remove it from {at.destination.spec.name}"),
            )  # fmt: skip
        elif other.name == wanted:
            yield found(
                "name-taken", "danger", "The name is taken",
                f"{at.destination.spec.name} has another machine “{wanted}”.",
                "Names are unique on a host.", "Give it a new name there.",
                Repair(kind="rename", title=f"Call it {_free(wanted, at)} there", wish={"rename": _free(wanted, at)}),
            )  # fmt: skip


def _free(name: str, at: Situation) -> str:
    taken = {row.name for row in at.there}
    return next(each for number in range(2, len(taken) + 3) if (each := f"{name}-{number}") not in taken)


def machine(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination has the architecture, machine type and accelerator."""
    guest = at.offers.guest(at.machine.arch)
    there = at.destination.spec.name
    if guest is None:
        yield found(
            "arch", "danger", "Another architecture", f"{there} does not run {at.machine.arch} machines.",
            "QEMU for that architecture is not installed there.", "Install it on the destination.",
        )  # fmt: skip
        return
    known = {name for each in guest.machines for name in (each.name, each.canonical)}
    if at.machine.machine not in known:
        yield found(
            "machine-type", "danger", "Unknown machine type", f"{there}'s QEMU does not know {at.machine.machine}.",
            "A machine type is a version of virtual hardware; older QEMUs lack newer ones.",
            "Update QEMU there, or give the machine an older type and start it anew.",
        )  # fmt: skip
    if at.machine.type not in guest.types or (
        at.machine.type == "kvm" and "kvm" not in at.destination.capabilities.accelerators()
    ):
        yield found(
            "accelerator", "danger", "No hardware virtualisation there", f"{there} does not offer {at.machine.type}.",
            "The machine is of that type.", "Enable virtualisation in that host's firmware, and load its KVM module.",
        )  # fmt: skip
    mine, other = at.source.facts, at.destination.facts
    for name, here, far in (
        ("QEMU", mine.hypervisor_version, other.hypervisor_version),
        ("libvirt", mine.libvirt_version, other.libvirt_version),
    ):
        if version(far) < version(here):
            yield found(
                f"older-{name.lower()}", "warning", f"The destination's {name} is older", f"{here} here, {far} there.",
                f"Moving to an older {name} works only when the machine uses nothing newer.", "Update the destination.",
            )  # fmt: skip


def cpu(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination's CPU has what the machine uses, or will use when it starts there."""
    m, moves = at.machine, at.moves_memory and at.row.active
    if not m.cpu_xml or not (moves or m.cpu_mode == "custom"):
        return
    common = Repair(kind="common-cpu", title="Use the CPU that both have from its next start on")
    if m.cpu_mode == "host-passthrough":
        yield found(
            "cpu-passthrough", "warning", "It sees the host's own CPU", "Its CPU mode is host-passthrough.",
            "It can move only between hosts of equal CPU, microcode and kernel.",
            "Choose host-model or a named CPU model, and start it anew.", common,
        )  # fmt: skip
        return
    problem = at.destination.migrations.compare_cpu(m.emulator, m.arch, m.machine, m.type, m.cpu_xml)
    if problem is not None:
        yield found(
            "cpu", "danger" if moves else "warning", "The CPU does not fit", problem.detail, problem.kind.help,
            problem.cure, common,
        )  # fmt: skip


def snapshots(at: Situation) -> Iterator[MigrationFinding]:
    """Whether it has snapshots, which libvirt does not move."""
    if not at.row.snapshots:
        return
    kept = at.source.snapshots.all(at.row.uuid)
    names, reason, there = ", ".join(each.name for each in kept), why_not(at, kept), at.destination.spec.name
    delete = "delete them before; their changes are merged."
    if at.request.carry_snapshots and not reason:
        yield found(
            "snapshots", "info", "Its snapshots go along", f"{names}.",
            f"{there} knows them before it moves. Where the move fails they are put back.",
        )  # fmt: skip
        return
    along = Repair(kind="carry-snapshots", title=f"Take its snapshots along to {there}", wish={"carry_snapshots": True})
    yield found(
        "snapshots", "danger", "It has snapshots", f"{names}.",
        "libvirt does not move a machine while it knows snapshots of it.",
        f"They cannot go along, because {reason}: {delete}" if reason else f"Take them along, or {delete}",
        *([] if reason else [along]),
    )  # fmt: skip


def firmware(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the firmware's file is one that the destination knows, and what is kept beside the definition."""
    there = at.destination.spec.name
    m = at.machine
    known = at.destination.capabilities.domain_xml(
        emulator=m.emulator, arch=m.arch, machine=m.machine, virt_type=m.type
    )
    if m.loader and known and m.loader not in known:
        yield found(
            "firmware", "warning", "Other firmware there", f"{there} does not name {m.loader} among its firmware.",
            "The machine starts with that file; it is not copied.", "Install the same firmware package there.",
        )  # fmt: skip
    if not at.moves_memory and not at.request.takes_disks_off and (m.nvram or m.tpm):
        kept = " and ".join(word for word, held in (("firmware settings", m.nvram), ("TPM", m.tpm)) if held)
        yield found(
            "kept-state", "warning", "Some of its state stays behind", f"Files on this host keep its {kept}.",
            "An offline move sends only the definition; keys in them would be lost to the guest.",
            "Choose “Copy the disks” for the move, or move it live.",
        )  # fmt: skip


def reach(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the source's own libvirtd reaches the destination's: it drives the move, not this server."""
    if not (at.moves_memory and at.row.active) or at.source.is_test:
        return
    silent = _silence(at)
    if silent:
        yield silent
        return
    uri = destination_uri(at.source, at.destination, at.request.transfer_address)
    problem = at.source.migrations.reach(at.row.uuid, uri)
    if problem is not None:
        seen = found(
            "reach", "danger", "The hosts do not reach each other",
            _refusal(at, problem.raw or problem.detail),
            "The source's libvirtd connects to the destination by itself, as the account root.", problem.cure,
        )  # fmt: skip
        yield _with_keys(at, seen) if uri.startswith("qemu+ssh") else seen


def _refusal(at: Situation, raw: str) -> str:
    mine, there = at.source.spec.name, at.destination.spec.name
    if re.search(VERIFICATION, raw):
        return f"The root account of {mine} does not know the host key of {there}, or knows another."
    if "Permission denied (" in raw:  # of ssh's login; a route may deny too
        return f"No key of the root account of {mine} is let in on {there}."
    return f"{mine} tried {there}: {raw}"


def _silence(at: Situation) -> MigrationFinding | None:
    """The finding where nothing answers: libvirt's own try would hold the machine for two minutes."""
    spec = destination_spec(at.source, at.destination, at.request.transfer_address)
    port = spec.port or PORTS[spec.transport]
    try:
        knock(at.source, spec.address, port)
    except TimeoutError:
        return found(
            "reach", "danger", "The hosts do not reach each other",
            f"{spec.address} gives {at.source.spec.name} no answer at port {port}.",
            "The source's libvirtd connects to the destination by itself.",
            f"Open port {port} for {at.source.spec.name} in the destination's firewall, or correct its address.",
        ).model_copy(update={"commands": [_opened(at, str(port))]})  # fmt: skip
    except (OSError, Problem):  # libvirt tells more of it
        pass
    return None


def _with_keys(at: Situation, seen: MigrationFinding) -> MigrationFinding:
    """The finding with what is missing of the trust between both hosts: by a repair, or by hand."""
    missing = Peers(at.source, at.destination, at.request.transfer_address).missing()
    title = f"Let {at.source.spec.name} in to {at.destination.spec.name}"
    cure = "Keys and host keys are in place: see whether sshd and libvirt's ssh helper answer there."
    if missing.by_hand:
        cure = "This server may not write there. Run this by hand, then check again."
    elif missing.files or missing.makes_key:
        cure = "The key or the host key is missing; it can be put there from here."
    own = missing.makes_key or missing.files
    repairs = [Repair(kind="trust-peer", title=title, needs=Permission.HOST_EDIT)] if own else []
    return seen.model_copy(update={"cure": cure, "repairs": repairs, "commands": missing.by_hand})


def clocks(at: Situation) -> Iterator[MigrationFinding]:
    """Whether both clocks are in step, where they can be read."""
    here, there = (host.pulse.clock_seconds for host in (at.source, at.destination))
    if here is not None and there is not None and abs(here - there) > MOST_CLOCK_SECONDS:
        yield found(
            "clocks", "warning", "The clocks differ", f"They are {abs(here - there):.0f} s apart.",
            "The guest's clock jumps by that when it moves, and certificates or logs may confuse.",
            "Let both hosts take their time from the network (NTP).",
        ).model_copy(update={"commands": ["# on both hosts, as root\ntimedatectl set-ntp true"]})  # fmt: skip


def memory(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination has the memory."""
    free = at.destination.facts.memory_free_mib
    if at.moves_memory and free is not None and free < at.machine.memory_mib:
        yield found(
            "memory", "danger", "Not enough memory there",
            f"It needs {at.machine.memory_mib} MiB; {at.destination.spec.name} has {free} MiB free.",
            "The destination would have to swap, or would kill a machine.",
            "Stop something there, or choose another host.",
        )  # fmt: skip


def data_port(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the ports of the transfer are open: a refusal means open, silence means a firewall."""
    if not at.moves_memory or at.request.tunnelled:
        return
    address = memory_address(at.source, at.destination, at.request.transfer_address)
    try:
        knock(at.source, address, FIRST_DATA_PORT)
    except TimeoutError:
        yield found(
            "data-port", "danger", "A firewall swallows the transfer",
            f"{address} gives {at.source.spec.name} no answer at port {FIRST_DATA_PORT}.",
            "The memory goes to ports 49152-49215; libvirt would hang for two minutes and could not be cancelled.",
            "Open these ports on the destination, or name another transfer address.",
        ).model_copy(update={"commands": [_opened(at, "49152-49215")]})  # fmt: skip
    except OSError as error:
        yield found(
            "data-port", "warning", f"The destination is not reachable from {at.source.spec.name}",
            f"{address}: {error.strerror or error}.",
            "The memory is sent to that address.", "Name a transfer address that the source can reach.",
        )  # fmt: skip


def _opened(at: Situation, ports: str) -> str:
    """The command that opens ports of the destination where firewalld guards it, as on most systems with libvirt."""
    opened = f"firewall-cmd --permanent --add-port={ports}/tcp && firewall-cmd --reload"
    return f"# on {at.destination.spec.name}, as root, where firewalld runs\n{opened}"


def link(at: Situation) -> Iterator[MigrationFinding]:
    """Whether it is known how fast the network between both hosts is, where that can be tried."""
    if not at.moves_memory or not at.row.active or at.link_known or at.request.bandwidth_mib_s:
        return
    if LinkTest(at.source, at.destination, at.request.transfer_address).possible:
        yield found(
            "link", "info", "How fast the network is was not seen lately",
            f"No move from {at.source.spec.name} to {at.destination.spec.name} showed it in {LINK_KNOWN_DAYS} days.",
            "The forecast counts with what was seen before, or what the cards can.",
            "Try it by a short stream, or just move.",
            Repair(kind="measure-link", title="Measure the network"),
        )  # fmt: skip


RULES: dict[str, Rule] = {
    "state": state,
    "stood-still": stood_still,
    "same-host": same_host,
    "names": names,
    "machine": machine,
    "cpu": cpu,
    "firmware": firmware,
    "networks": networks,
    "disks": disks,
    "disk-files": disk_files,
    "cache": cache,
    "media": media,
    "secrets": secrets,
    "snapshots": snapshots,
    "host-devices": host_devices,
    "ties": ties,
    "cards": cards,
    "memory": memory,
    "host-name": host_name,
    "clocks": clocks,
    "reach": reach,
    "data-port": data_port,
    "link": link,
}


def rules(protection: Callable[[str], Locking]) -> dict[str, Rule]:
    """All checks in their order; `protection` tells what keeps a host from starting a machine twice."""
    return RULES | {"locks": locks(protection), "way-back": WayBack().rule}
