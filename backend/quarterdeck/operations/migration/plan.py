"""A move as a plan: what libvirt is to do, the equal virsh command, and what to know before."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.migrations import Move
from ...hypervisor.spec import bracketed
from ...model.domain import DomainRow
from ...model.migration import MigrationRequest
from ...model.migration_rules import Versions, faults
from ...model.moving import MovedMachine, destined, graphics_type, moved_machine, with_secrets
from ...model.secrecy import tells_secrets
from ...model.units import human_size
from ...model.xml import canonical, diff, parse
from ...plan import Effect, Plan
from ...problems import FieldError, Problem, field_problem
from .carrying import commands as carry_commands
from .copies import Copy, copies_of
from .follow import Wishes
from .route import destination_uri, transfer_uri
from .stopped import Stopped, commands, notes, stopped
from .virsh import virsh


@dataclass(frozen=True)
class Prepared:
    """Everything a move needs, read but not begun.

    `carried_to_defined`: whether the destination has its definition already; None where no snapshots go along.
    `retype`: whether secrets were typed into its definition, which nobody keeps. `stopped` is for a machine that is
    off and goes with its disks.
    """

    request: MigrationRequest
    source: Host
    destination: Host
    row: DomainRow
    machine: MovedMachine
    move: Move
    copies: list[Copy]
    carried_to_defined: bool | None
    retype: bool
    stopped: Stopped | None
    plan: Plan

    def params(self) -> dict[str, Any]:
        """What follows the move to its end after a restart; holds no secret."""
        return {
            "destination": self.destination.id,
            "ram_bytes": self.row.memory_max_kib * 1024,
            "made": [
                {"pool": c.pool, "folder": c.folder, "name": c.name}
                for c in self.copies
                if self.stopped or not c.existed
            ],
            "stopped": self.stopped.params() if self.stopped else None,
            "wishes": asdict(self.wishes),
            "carried_to_defined": self.carried_to_defined,
            "limited": self.request.bandwidth_mib_s is not None,
            "changed_xml": None if self.request.xml is None else canonical(self.request.xml),
            "retype": self.retype,
        }

    def asked(self) -> dict[str, Any]:
        """What was asked for, to ask the same again, but for a changed definition."""
        return self.request.model_dump(mode="json", include={*self.request.model_fields_set, "mode"} - {"xml"})

    @property
    def wishes(self) -> Wishes:
        """What matters while it runs."""
        return Wishes(self.request.post_copy, self.request.auto_converge, live=self.request.mode == "live")


def find_hosts(hosts: Hosts, host: str, request: MigrationRequest) -> tuple[Host, Host]:
    """Source and destination, both connected."""
    if request.destination == host:
        raise field_problem("/destination", "The machine is on this host already; choose another one.")
    source = hosts.get(host)
    try:
        destination = hosts.get(request.destination)
    except Problem as problem:
        fault = FieldError("/destination", problem.detail)
        raise Problem("invalid-input", fault.detail, cure=problem.cure, errors=[fault]) from problem
    if destination.state != "connected":
        raise Problem("host-lost", f"{destination.spec.name} is not connected.", cure="Wait, or reconnect it.")
    errors = faults(request, versions(source, destination))
    if errors:
        raise Problem("invalid-input", errors[0].detail, errors=errors)
    return source, destination


def prepare(hosts: Hosts, host: str, uuid: str, request: MigrationRequest) -> Prepared:
    """The move that a request means. Reads both hosts, changes nothing. Problem where it cannot be."""
    source, destination = find_hosts(hosts, host, request)
    row = source.domains.row(uuid)
    if row is None:
        raise Problem("not-found", f"There is no machine {uuid} on {source.spec.name}.")
    _check_state(row, request)
    machine = moved_machine(source.domains.xml(uuid, live=row.active))
    copies = [] if request.resume_post_copy else copies_of(source, destination, machine, request)
    _check_networks(machine, request)
    move, changed = _move(source, destination, row, request, copies)
    retype = request.xml is not None and _tells_secrets(source, row, request.xml)
    carries = request.carry_snapshots and row.snapshots and not request.resume_post_copy
    carried = destination.domains.row(uuid) is not None if carries else None
    before = [] if carried is None else carry_commands(source, destination, row, defined=carried)
    acts, said, kept = [*virsh(source.uri, row.name, move), *_after(request, row)], [], None
    if request.takes_disks_off:
        kept = stopped(source, destination, uuid, request, copies, move.persistent_xml or "")
        acts = commands(source, destination, row.name, request.rename or row.name, copies, kept)
        said = notes(destination, copies, kept)
    plan = Plan(
        xml_diff=changed,
        commands=[*before, *acts],
        effects=[Effect(field="host", when="live")],
        warnings=list(_warnings(source, destination, row, request, copies)),
        notes=said,
    )
    return Prepared(request, source, destination, row, machine, move, copies, carried, retype, kept, plan)


def versions(source: Host, destination: Host) -> Versions:
    """Of both hosts, as far as they tell."""
    found = [host.capabilities.last for host in (source, destination)]
    return Versions(
        qemu=tuple(parsed for each in found if (parsed := version(each.hypervisor_version))),
        libvirt=tuple(parsed for each in found if (parsed := version(each.libvirt_version))),
    )


def version(text: str) -> tuple[int, ...]:
    """A dotted version in numbers."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _check_networks(machine: MovedMachine, request: MigrationRequest) -> None:
    here = {*machine.networks, *machine.bridges}
    errors = [
        FieldError(f"/networks/{number}/source", f"It is plugged into no network or bridge “{wish.source}”.")
        for number, wish in enumerate(request.networks)
        if wish.source not in here
    ]
    if errors:
        raise Problem("invalid-input", errors[0].detail, errors=errors)


def _check_state(row: DomainRow, request: MigrationRequest) -> None:
    broken = row.reason == "postcopy_failed"
    if broken and not request.resume_post_copy:
        cure = "Mend the network between both hosts, then go on with that move (resume_post_copy)."
        raise Problem("post-copy-broken", f"The move of {row.name} broke in post-copy.", cure=cure)
    if request.resume_post_copy and not broken:
        raise Problem("wrong-state", f"No move of {row.name} broke in post-copy.", cure="Move it as usual.")
    if not row.active and request.mode != "offline":
        raise Problem("wrong-state", f"{row.name} is off.", cure="Move it offline, or start it first.")
    if row.active and request.takes_disks_off:
        cure = "Move it live, or shut it down first."
        raise Problem("wrong-state", f"{row.name} is running: its disks cannot be copied offline.", cure=cure)
    if row.active and request.mode == "offline" and request.undefine_source:
        raise Problem(
            "wrong-state",
            f"{row.name} is running; offline only its definition would move.",
            cure="Move it live, shut it down first, or keep its definition here.",
        )
    if row.active and request.mode == "offline" and request.start:
        raise Problem("wrong-state", f"{row.name} is still running here.", cure="Move it live, or shut it down first.")
    if not row.persistent and request.mode == "offline":
        raise Problem("wrong-state", f"{row.name} is temporary: it has no definition to move.", cure="Move it live.")


def _move(
    source: Host, destination: Host, row: DomainRow, request: MigrationRequest, copies: list[Copy]
) -> tuple[Move, str]:
    """What libvirt is to do, and what differs in the definition there."""
    if request.takes_disks_off:
        own = source.domains.xml(row.uuid, secure=True, migratable=True)
        saved_there = _definitions(source, row, request, copies, own).saved if _differs(request, copies) else None
        return Move(request, destination.uri, persistent_xml=saved_there or own), diff(
            own, saved_there or own, ("here", "there")
        )
    differs = request.mode != "offline" and _differs(request, copies)
    own = ""
    if differs or request.graphics_address:
        own = source.domains.xml(row.uuid, live=row.active, secure=True, migratable=True)
    there, saved = _definitions(source, row, request, copies, own) if differs else _Definitions(None, None)
    screen = graphics_type(own) if request.graphics_address else None
    move = Move(
        request,
        destination_uri=destination_uri(source, destination, request.transfer_address),
        transfer_uri=transfer_uri(source, destination, request.transfer_address),
        graphics_uri=f"{screen}://{bracketed(request.graphics_address or '')}" if screen else None,
        copy_disks=tuple(copy.target for copy in copies),
        destination_xml=there,
        persistent_xml=saved,
    )
    return move, diff(own, there, ("here", "there")) if there else ""


def _differs(request: MigrationRequest, copies: list[Copy]) -> bool:
    """Whether its definition there is another than here; what does not differ libvirt takes along by itself."""
    moved = any(copy.new_path != copy.path for copy in copies)
    return not request.resume_post_copy and bool(moved or request.networks or request.xml or request.rename)


class _Definitions(NamedTuple):
    """The running definition at the destination where it differs from here, and the one to be saved there."""

    running: str | None
    saved: str | None


def _definitions(
    source: Host, row: DomainRow, request: MigrationRequest, copies: list[Copy], running: str
) -> _Definitions:
    """Both from the MIGRATABLE and SECURE form: another would lose passwords or bring what belongs to this host."""
    paths = {copy.target: copy.new_path for copy in copies if copy.new_path != copy.path}
    networks = {wish.source: wish for wish in request.networks}
    kept = source.domains.xml(row.uuid, live=not row.persistent, secure=True, migratable=True)
    if request.xml is not None:
        running = kept = _changed(request.xml, running, row)
    differs = bool(paths or networks or request.xml is not None)
    return _Definitions(
        destined(running, paths=paths, networks=networks) if differs else None,
        destined(kept, rename=request.rename, paths=paths, networks=networks) if request.persistent else None,
    )


def _tells_secrets(source: Host, row: DomainRow, text: str) -> bool:
    stored = source.domains.xml(row.uuid, live=row.active, secure=True, migratable=True)
    return tells_secrets(parse(text), parse(stored))


def _changed(text: str, stored: str, row: DomainRow) -> str:
    xml = with_secrets(text, stored)
    found = moved_machine(xml)
    if (found.uuid.lower(), found.name) != (row.uuid, row.name):
        raise field_problem(
            "/xml", f"Name and UUID must stay {row.name} and {row.uuid}.", cure="Name it in “New name there” instead."
        )
    return xml


def _after(request: MigrationRequest, row: DomainRow) -> list[str]:
    return [f"virsh start {shlex.quote(request.rename or row.name)}"] if request.start else []


def _warnings(
    source: Host, destination: Host, row: DomainRow, request: MigrationRequest, copies: list[Copy]
) -> list[str]:
    if request.resume_post_copy:
        return ["Only the rest of its memory is sent. It may break again, and go on again."]
    said = []
    here, there = source.spec.name, destination.spec.name
    if request.mode == "paused":
        said.append(f"{row.name} stands still until all of its memory has arrived.")
    if request.mode == "offline" and not request.takes_disks_off:
        said.append("Only the definition moves. Its disks must be at the same paths on the destination.")
        if row.active:
            said.append(f"{row.name} runs on at {here}. Never start it on both hosts with the same disks.")
    if request.unsafe:
        said.append("Without libvirt's check of the disks, the machine may lose data if they are not truly shared.")
    if request.post_copy:
        said.append(
            "After the switch to post-copy half of it is on each host: where the network breaks it stands still until "
            "that is mended, and where a host ends it is lost as after a power cut."
        )
    if not request.persistent:
        said.append(f"It will be temporary on {there}: libvirt forgets it when it stops.")
    if row.persistent and not request.undefine_source:
        said.append(f"Its definition stays on {here} too. Do not start it there while it runs on {there}.")
    if request.carry_snapshots and row.snapshots:
        said.append(f"{there} knows its snapshots then, and {here} no more; they come back where the move fails.")
    if copies:
        said.append(f"The disks on {here} stay as they are; delete them when you no longer need them.")
    said += [
        f"{copy.new_path} on {there} is this machine's old copy and is overwritten." for copy in copies if copy.existed
    ]
    said += [
        f"{copy.target} may grow to {human_size(copy.size)}, more than {copy.pool} on {there} has free."
        for copy in copies
        if copy.tight
    ]
    return said
