"""Machines and volumes as files of other products: converted by an errand into a volume, which is then downloaded.

A machine that runs writes elsewhere meanwhile, as when it is cloned; the errand itself sees to that, so that neither
its own end nor one of the web process leaves the machine on its overlays.
"""

from __future__ import annotations

import posixpath
import secrets
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Literal

from pydantic import Field

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job
from ...model.appliance import MEMBER_BYTES, file_stem
from ...model.create import VolumeName
from ...model.definition import describe
from ...model.devices import Disk, Filesystem, HostDev, Interface, RedirDev, Smartcard, Tpm, Vsock, devices
from ...model.image_kinds import ImageFormat
from ...model.storage import FILE_POOLS, read_pool
from ...model.strict import Strict
from ...model.xml import Element, XmlText, parse
from ...plan import Change, Plan
from ...problems import Problem, at_field, field_problem
from ..errands import Errands
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..inventory.refusals import Facts
from ..storage.disk_copies import Overlay, origin_of, overlay_of
from ..storage.lending import NO_FILES, Lending
from ..storage.still import freeze_command, has_agent, moment, thaw_commands
from ..storage.storage import Storage
from .conversion import CONVERT, EXPORT
from .layers import layers_of

ENDS = {"qcow2": ".qcow2", "raw": ".img", "vmdk": ".vmdk", "vdi": ".vdi", "vpc": ".vhd", "vhdx": ".vhdx", "ova": ".ova"}
EXPORT_OPTIONS = {
    "ova": ["-O", "vmdk", "-o", "subformat=streamOptimized"],
    "vpc": ["-O", "vpc", "-o", "force_size=on"],
}
LEFT_BEHIND = (HostDev, Filesystem, RedirDev, Tpm, Smartcard, Vsock)


class ExportRequest(Strict):
    """Into which format, and into which pool: one package of all (ova), or a file for each disk.

    `skip` names disks by their target that are left out.
    """

    format: Literal["ova", "qcow2", "raw", "vmdk", "vdi", "vpc", "vhdx"] = "ova"
    pool: XmlText
    name: VolumeName | None = None
    skip: list[XmlText] = Field([], description="Targets of disks that are left out")


class ConvertRequest(Strict):
    """Into which format and pool; `source_format` forces what the volume is read as."""

    format: ImageFormat
    pool: XmlText | None = None
    name: VolumeName | None = None
    source_format: ImageFormat | None = None


class Exports:
    """Sends errands out that convert disks."""

    def __init__(
        self,
        hosts: Hosts,
        inventory: Inventory,
        storage: Storage,
        errands: Errands,
        lending: Lending,
        os_name: Callable[[str], str | None],
    ) -> None:
        self._os_name = os_name
        self._hosts = hosts
        self._inventory = inventory
        self._storage = storage
        self._errands = errands
        self._lending = lending

    def export(self, host: str, uuid: str, request: ExportRequest, user: User) -> Change[Job]:
        """Put the disks of a machine into files of a pool; the job's result names them."""
        facts, found = self._allowed(host, uuid, user), self._hosts.get(host)
        with at_field("/pool"):
            self._storage.running(host, request.pool, "create")
        root, saved = parse(found.domains.xml(uuid, live=facts.row.active)), parse(found.domains.xml(uuid))
        disks = _chosen(root, request.skip)
        stem, outside = file_stem(request.name or facts.row.name, "machine"), _outside(found, disks)
        with ExitStack() as looks:
            for folder in outside:
                looks.enter_context(self._lending.look(host, folder))
            chains = [self._layers(host, disk) for disk in disks]
            kind, params = self._order(found, request, stem, disks, chains)
            overlays = self._overlays(found, request.pool, disks, chains) if facts.row.active else []
        params |= {"lent": outside} if outside else {}
        quiesce = bool(overlays) and has_agent(root)
        if overlays:
            params["still"] = {"uuid": uuid, "overlays": [each.params() for each in overlays], "quiesce": quiesce}
        if kind == EXPORT:
            params |= {"stem": file_stem(stem, "machine", MEMBER_BYTES), "machine": _machine(saved, self._os_name)}
        files = params["disks"] * (len(chains) if kind == EXPORT else 1)
        commands = [_command(chain[0], request.format, file) for chain, file in zip(chains, files, strict=True)]
        if overlays:
            name = facts.row.name
            commands = [freeze_command(name, overlays), *commands, *thaw_commands(name, overlays)]

        def apply() -> Job:
            if found.domains.is_busy(uuid):
                raise Problem("busy", f"Another job works on {facts.row.name}.")
            start = partial(self._errands.start, kind, host=host, target=uuid, user=user.name, params=params)
            return self._start(host, outside, partial(start, target_name=facts.row.name))

        warnings = [*([moment(quiesce=quiesce)] if overlays else []), *self._moving(found, disks)]
        if kind == EXPORT:
            warnings += _left_behind(saved)
        return Change(Plan(commands=commands, warnings=warnings), apply)

    def _start(self, host: str, outside: list[str], start: Callable[[], Job]) -> Job:
        """The job, which lends these folders."""
        for folder in outside:
            start = partial(self._lending.start, host, folder, start)
        return start()

    def _allowed(self, host: str, uuid: str, user: User) -> Facts:
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        why = reason(BY_ID["export"], facts, user.role)
        if why:
            raise Problem("wrong-state", why)
        return facts

    def _order(
        self, host: Host, request: ExportRequest, stem: str, disks: list[Disk], chains: list[list[dict[str, Any]]]
    ) -> tuple[str, dict[str, Any]]:
        """The kind of errand, and what it is told of the disks."""
        package = request.format == "ova"
        targets = self._targets(host, request.pool, stem, 1 if package else len(disks), ENDS[request.format])
        orders: list[dict[str, Any]] = [
            {"layers": chain, "extents": [], "bus": disk.bus or "virtio"}
            for chain, disk in zip(chains, disks, strict=True)
        ]
        if package:
            return EXPORT, {"pool": request.pool, "disks": targets, "layers": orders}
        files = [order | target | {"to_format": request.format} for order, target in zip(orders, targets, strict=True)]
        return CONVERT, {"pool": request.pool, "disks": files}

    def _overlays(self, host: Host, pool: str, disks: list[Disk], chains: list[list[dict[str, Any]]]) -> list[Overlay]:
        """Where a running machine writes while its disks are read, those that it shares with others apart."""
        facts, token = read_pool(host.pools.xml(pool)), secrets.token_hex(16)
        room = (pool, facts.path) if facts.type in FILE_POOLS and facts.path else None
        overlays = []
        for disk, chain in zip(disks, chains, strict=True):
            top = chain[0]
            if not (disk.readonly or disk.shareable):  # libvirt lets nobody write a shared disk elsewhere
                origin = origin_of(host, top["pool"], host.volumes.row(top["pool"], top["volume"]), top["format"])
                overlays.append(overlay_of(disk.target, origin, room, token, lasting=False))
        return overlays

    def _moving(self, host: Host, disks: list[Disk]) -> Iterator[str]:
        """What should be known of shared disks that running machines write while they are read."""
        writers, running = self._storage.usage.writers(host.id), {row.name for row in host.domains.rows() if row.active}
        for disk in disks:
            key = disk.path or f"{disk.source.pool}/{disk.source.volume}"
            names = [name for name in writers.get(key, []) if name in running]
            if disk.shareable and names:
                yield (
                    f"{disk.title} is shared, and {', '.join(names)} may write it while it is read: its copy may not "
                    "be whole. Export it while they are off, or leave it out."
                )

    def convert(self, host: str, pool: str, name: str, request: ConvertRequest, user: User) -> Change[Job]:
        """A new volume with the content of another in another format."""
        found = self._hosts.get(host)
        self._storage.running(host, pool)
        volume = self._storage.volume(host, pool, name)
        if volume.partial:
            raise Problem("wrong-state", f"The upload of {name} is not complete.")
        if volume.encrypted:
            raise Problem("unsupported", f"{name} is encrypted: only its machine reads it.", cure="Copy it as it is.")
        running = [row.name for row in found.domains.rows() if row.active and row.name in volume.used_by]
        if running:
            raise Problem("in-use", f"{name} is in use by {', '.join(running)}.", cure="Turn it off, or clone it.")
        self._storage.refuse_link(host, volume.path)
        form = request.source_format or (volume.format if volume.format in ENDS else "raw")
        to_pool = request.pool or pool
        with at_field("/pool"):
            self._storage.running(host, to_pool, "create")
        if request.name:
            self._storage.check_free(host, to_pool, request.name)
        target = self._targets(
            found, to_pool, file_stem(posixpath.splitext(name)[0], "machine"), 1, ENDS[request.format]
        )[0]
        if request.name:
            target["to_name"] = request.name
        layers = layers_of(found, pool, name, form)
        order = {"layers": layers, "extents": [], "to_format": request.format} | target

        def apply() -> Job:
            return self._errands.start(
                CONVERT,
                host=host,
                target=f"{to_pool}/{target['to_name']}",
                target_name=target["to_name"],
                user=user.name,
                params={"pool": to_pool, "disks": [order]},
            )

        return Change(Plan(commands=[_command(layers[0], request.format, target)]), apply)

    def _layers(self, host: str, disk: Disk) -> list[dict[str, Any]]:
        found = self._hosts.get(host)
        if disk.source.pool and disk.source.volume:
            return layers_of(found, disk.source.pool, disk.source.volume, disk.format or "raw")
        at = found.volumes.at(disk.path or "")
        if at is None:
            raise Problem("unsupported", f"{disk.title} lies in no pool.", cure="Make a pool of its folder.")
        return layers_of(found, at[0], at[1].name, disk.format or "raw")

    def _targets(self, host: Host, pool: str, stem: str, count: int, end: str) -> list[dict[str, Any]]:
        taken, made = set(host.volumes.names(pool)), []
        for number in range(count):
            base = stem if count == 1 else f"{stem}-{number + 1}"
            name = next(n for k in range(len(taken) + 1) if (n := base + (f"-{k}" if k else "") + end) not in taken)
            taken.add(name)
            made.append({"to_pool": pool, "to_name": name})
        return made


def _chosen(root: Element, skip: Sequence[str]) -> list[Disk]:
    """The disks that are exported; Problem where there is none, or `skip` names what is none."""
    disks = [each for each in devices(root) if isinstance(each, Disk) and each.device == "disk" and each.content]
    if not disks:
        raise Problem("wrong-state", "It has no disks that could be exported.")
    targets = [each.target for each in disks]
    unknown = next((number for number, target in enumerate(skip) if target not in targets), None)
    if unknown is not None:
        raise field_problem(f"/skip/{unknown}", f"The machine has no disk {skip[unknown]}.")
    chosen = [each for each in disks if each.target not in skip]
    if not chosen:
        raise field_problem("/skip", "All disks are left out. Leave at least one in.")
    return chosen


def _outside(host: Host, disks: list[Disk]) -> list[str]:
    """The folders outside of all pools in which disks lie; devices need a pool."""
    paths = [disk.path for disk in disks if disk.path and not disk.path.startswith(NO_FILES)]
    return sorted({posixpath.dirname(path) for path in paths if host.volumes.at(path) is None})


def _command(layer: dict[str, Any], form: str, target: dict[str, Any]) -> str:
    wanted = EXPORT_OPTIONS.get(form, ["-O", form])
    return shlex.join(["qemu-img", "convert", "-p", "-f", layer["format"], *wanted, layer["volume"], target["to_name"]])


def _machine(root: Element, os_name: Callable[[str], str | None]) -> dict[str, Any]:
    found = describe(root)
    system = found.metadata.system if found.metadata else None
    cards = [each.source for each in devices(root) if isinstance(each, Interface)]
    topology = found.cpu.topology if found.cpu else None
    return {
        "name": found.name,
        "description": found.description or "",
        "memory_mib": found.memory_max_mib,
        "vcpus": found.vcpus or found.vcpus_max,
        "networks": [source.network or source.bridge or "network" for source in cards],
        "uefi": found.firmware.kind == "uefi",
        "secure_boot": found.firmware.secure_boot,
        "cores": topology.cores if topology and topology.cores > 1 else None,
        "system": (os_name(system) if system else None) or "",
    }


def _left_behind(root: Element) -> Iterator[str]:
    """What of a machine no package carries."""
    if describe(root).firmware.kind == "uefi":
        yield "Its UEFI variables stay here: where it does not start by itself, choose its boot loader in the firmware."
    titles = [each.title for each in devices(root) if isinstance(each, LEFT_BEHIND)]
    if titles:
        yield f"A package cannot hold {', '.join(dict.fromkeys(titles))}: such devices stay out of it."
    if any(isinstance(each, Tpm) for each in devices(root)):
        yield "What the keys of its TPM protect (BitLocker) will ask for its recovery key."
