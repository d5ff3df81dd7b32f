"""A move as a plan: what libvirt is to do, the equal virsh command, and what to know before."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.migrations import Move
from ...model.domain import DomainRow
from ...model.moving import MovedMachine, destined, moved_machine
from ...plan import Effect, Plan
from ...problems import FieldError, Problem
from .copies import Copy, copies_of
from .request import MigrationRequest, check_request
from .route import destination_uri, transfer_uri


@dataclass(frozen=True)
class Prepared:
    """Everything a move needs, read but not begun."""

    request: MigrationRequest
    source: Host
    destination: Host
    row: DomainRow
    machine: MovedMachine
    move: Move
    copies: list[Copy]
    plan: Plan

    def params(self) -> dict[str, Any]:
        """What follows the move to its end after a restart; holds no secret."""
        return {
            "destination": self.destination.id,
            "ram_bytes": self.row.memory_max_kib * 1024,
            "made": [{"pool": c.pool, "folder": c.folder, "name": c.name} for c in self.copies if not c.existed],
            "post_copy": self.request.post_copy,
        }


def find_hosts(hosts: Hosts, host: str, request: MigrationRequest) -> tuple[Host, Host]:
    """Source and destination, both connected."""
    check_request(request, host)
    source = hosts.get(host)
    try:
        destination = hosts.get(request.destination)
    except Problem as problem:
        fault = FieldError("/destination", problem.detail)
        raise Problem("invalid-input", fault.detail, cure=problem.cure, errors=[fault]) from problem
    if destination.state != "connected":
        raise Problem("host-lost", f"{destination.spec.name} is not connected.", cure="Wait, or reconnect it.")
    return source, destination


def prepare(hosts: Hosts, host: str, uuid: str, request: MigrationRequest) -> Prepared:
    """The move that a request means. Reads both hosts, changes nothing. Problem where it cannot be."""
    source, destination = find_hosts(hosts, host, request)
    row = source.domains.row(uuid)
    if row is None:
        raise Problem("not-found", f"There is no machine {uuid} on {source.spec.name}.")
    _check_state(row, request)
    machine = moved_machine(source.domains.xml(uuid, live=row.active))
    copies = copies_of(source, destination, machine, request)
    move = _move(source, destination, row, request, copies)
    plan = Plan(
        commands=[virsh(source, row.name, move, request), *_after(request, row)],
        effects=[Effect(field="host", when="live")],
        warnings=list(_warnings(source, destination, row, request, copies)),
    )
    return Prepared(request, source, destination, row, machine, move, copies, plan)


def _check_state(row: DomainRow, request: MigrationRequest) -> None:
    if not row.active and request.mode != "offline":
        raise Problem("wrong-state", f"{row.name} is off.", cure="Move it offline, or start it first.")
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


def _move(source: Host, destination: Host, row: DomainRow, request: MigrationRequest, copies: list[Copy]) -> Move:
    paths = {copy.target: copy.new_path for copy in copies if copy.new_path != copy.path}
    live = request.mode != "offline"
    definition = None
    if live and paths:
        definition = destined(source.domains.xml(row.uuid, live=True, secure=True, migratable=True), paths=paths)
    saved = None
    if live and request.persistent:
        kept = source.domains.xml(row.uuid, live=not row.persistent, secure=True, migratable=True)
        saved = destined(kept, rename=request.rename, paths=paths)
    return Move(
        destination_uri=destination_uri(source, destination, request.transfer_address),
        transfer_uri=transfer_uri(source, destination, request.transfer_address),
        live=request.mode == "live",
        offline=not live,
        persistent=request.persistent,
        undefine_source=request.undefine_source,
        leave_paused=request.leave_paused,
        compressed=request.compressed,
        abort_on_error=request.abort_on_error,
        unsafe=request.unsafe,
        auto_converge=request.auto_converge,
        post_copy=request.post_copy,
        tunnelled=request.tunnelled,
        tls=request.tls,
        parallel=request.parallel,
        incremental=request.storage == "incremental",
        copy_disks=tuple(copy.target for copy in copies),
        bandwidth_mib_s=request.bandwidth_mib_s,
        rename=request.rename,
        destination_xml=definition,
        persistent_xml=saved,
    )


def virsh(source: Host, name: str, move: Move, request: MigrationRequest) -> str:
    """The equal virsh command, quoted for a shell."""
    switches = {
        "--live": move.live and not move.offline,
        "--offline": move.offline,
        "--persistent": move.persistent,
        "--undefinesource": move.undefine_source,
        "--suspend": move.leave_paused,
        "--change-protection": not move.offline,
        "--abort-on-error": move.abort_on_error and not move.offline,
        "--unsafe": move.unsafe,
        "--compressed": move.compressed,
        "--auto-converge": move.auto_converge,
        "--postcopy": move.post_copy,
        "--tunnelled": move.tunnelled,
        "--tls": move.tls,
        "--parallel": move.parallel is not None,
        "--copy-storage-all": bool(move.copy_disks) and not move.incremental,
        "--copy-storage-inc": bool(move.copy_disks) and move.incremental,
    }
    words = ["virsh", "-c", source.uri, "migrate", "--p2p", *(word for word, on in switches.items() if on)]
    words += [name, move.destination_uri]
    words += [] if move.tunnelled or not move.transfer_uri else ["--migrateuri", move.transfer_uri]
    words += ["--dname", move.rename] if move.rename else []
    words += ["--parallel-connections", str(move.parallel)] if move.parallel else []
    words += ["--bandwidth", str(move.bandwidth_mib_s)] if move.bandwidth_mib_s else []
    words += ["--migrate-disks", ",".join(move.copy_disks)] if move.copy_disks else []
    words += ["--xml", "destination.xml"] if move.destination_xml else []
    words += ["--persistent-xml", "saved.xml"] if move.destination_xml and move.persistent_xml else []
    line = " ".join(shlex.quote(word) for word in words)
    if request.max_downtime_ms:
        pause = f"virsh -c {shlex.quote(source.uri)} migrate-setmaxdowntime {shlex.quote(name)}"
        line = f"{pause} {request.max_downtime_ms} && {line}"
    return line


def _after(request: MigrationRequest, row: DomainRow) -> list[str]:
    return [f"virsh start {shlex.quote(request.rename or row.name)}"] if request.start else []


def _warnings(
    source: Host, destination: Host, row: DomainRow, request: MigrationRequest, copies: list[Copy]
) -> list[str]:
    said = []
    here, there = source.spec.name, destination.spec.name
    if request.mode == "paused":
        said.append(f"{row.name} stands still until all of its memory has arrived.")
    if request.mode == "offline":
        said.append("Only the definition moves. Its disks must be at the same paths on the destination.")
        if row.active:
            said.append(f"{row.name} runs on at {here}. Never start it on both hosts with the same disks.")
    if request.unsafe:
        said.append("Without libvirt's check of the disks, the machine may lose data if they are not truly shared.")
    if request.post_copy:
        said.append("After the switch to post-copy a broken network ends the machine: half of it is on each host.")
    if not request.persistent:
        said.append(f"It will be temporary on {there}: libvirt forgets it when it stops.")
    if row.persistent and not request.undefine_source:
        said.append(f"Its definition stays on {here} too. Do not start it there while it runs on {there}.")
    if copies:
        said.append(f"The disks on {here} stay as they are; delete them when you no longer need them.")
    said += [
        f"{copy.new_path} on {there} is this machine's old copy and is overwritten." for copy in copies if copy.existed
    ]
    return said
