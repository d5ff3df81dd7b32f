"""Machines and volumes as files of other products: converted by an errand into a volume, which is then downloaded."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import Any, Literal

from ..access import User
from ..hypervisor.host import Host
from ..hypervisor.hosts import Hosts
from ..jobs import Job
from ..model.create import VolumeName
from ..model.definition import describe
from ..model.devices import Disk, Interface, devices
from ..model.image import HEAD_BYTES, read_qcow2
from ..model.image_kinds import ImageFormat
from ..model.storage import read_volume
from ..model.strict import Strict
from ..model.xml import Element, XmlText, parse
from ..plan import Change, Plan
from ..problems import Problem
from .actions import BY_ID, reason
from .conversion import CONVERT, EXPORT
from .errands import Errands
from .inventory import Inventory
from .media import Storage

DEEPEST = 16
ENDS = {"qcow2": ".qcow2", "raw": ".img", "vmdk": ".vmdk", "vdi": ".vdi", "vpc": ".vhd", "vhdx": ".vhdx", "ova": ".ova"}


class ExportRequest(Strict):
    """Into which format, and into which pool: one package of all (ova), or a file for each disk."""

    format: Literal["ova", "qcow2", "raw", "vmdk", "vdi", "vpc", "vhdx"] = "ova"
    pool: XmlText
    name: VolumeName | None = None


class ConvertRequest(Strict):
    """Into which format and pool; `source_format` forces what the volume is read as."""

    format: ImageFormat
    pool: XmlText | None = None
    name: VolumeName | None = None
    source_format: ImageFormat | None = None


class Exports:
    """Sends errands out that convert disks."""

    def __init__(self, hosts: Hosts, inventory: Inventory, storage: Storage, errands: Errands) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._storage = storage
        self._errands = errands

    def export(self, host: str, uuid: str, request: ExportRequest, user: User) -> Change[Job]:
        """Put the disks of a machine that is off into files of a pool; the job's result names them."""
        self._inventory.refresh(host, uuid)
        facts, found = self._inventory.facts(host, uuid), self._hosts.get(host)
        why = reason(BY_ID["export"], facts, user.role)
        if why:
            raise Problem("wrong-state", why, cure="A running machine can be cloned; the clone can be exported.")
        root = parse(found.domains.xml(uuid))
        disks = [each for each in devices(root) if isinstance(each, Disk) and each.device == "disk" and each.content]
        if not disks:
            raise Problem("wrong-state", "It has no disks that could be exported.")
        chains = [self._layers(host, disk) for disk in disks]
        orders: list[dict[str, Any]] = [
            {"layers": chain, "extents": [], "bus": disk.bus or "virtio"}
            for chain, disk in zip(chains, disks, strict=True)
        ]
        self._storage.running(host, request.pool)
        stem = _stem(request.name or facts.row.name)
        count = 1 if request.format == "ova" else len(disks)
        targets = self._targets(found, request.pool, stem, count, ENDS[request.format])
        params: dict[str, Any] = {"pool": request.pool, "disks": targets}
        if request.format == "ova":
            params |= {"layers": orders, "stem": stem, "machine": _machine(root)}
        else:
            params["disks"] = [order | target for order, target in zip(orders, targets, strict=True)]
            for each in params["disks"]:
                each["to_format"] = request.format
        kind = EXPORT if request.format == "ova" else CONVERT
        files = targets if request.format != "ova" else targets * len(chains)
        commands = [_command(chain[0], request.format, file) for chain, file in zip(chains, files, strict=True)]

        def apply() -> Job:
            return self._errands.start(
                kind, host=host, target=uuid, target_name=facts.row.name, user=user.name, params=params
            )

        return Change(Plan(commands=commands), apply)

    def convert(self, host: str, pool: str, name: str, request: ConvertRequest, user: User) -> Change[Job]:
        """A new volume with the content of another in another format."""
        found = self._hosts.get(host)
        self._storage.running(host, pool)
        volume = self._storage.volume(host, pool, name)
        if volume.partial:
            raise Problem("wrong-state", f"The upload of {name} is not complete.")
        running = [row.name for row in found.domains.rows() if row.active and row.name in volume.used_by]
        if running:
            raise Problem("in-use", f"{name} is in use by {', '.join(running)}.", cure="Turn it off, or clone it.")
        self._storage.refuse_link(host, volume.path)
        form = request.source_format or (volume.format if volume.format in ENDS else "raw")
        to_pool = request.pool or pool
        self._storage.running(host, to_pool)
        if request.name:
            self._storage.check_free(host, to_pool, request.name)
        target = self._targets(found, to_pool, _stem(posixpath.splitext(name)[0]), 1, ENDS[request.format])[0]
        if request.name:
            target["to_name"] = request.name
        layers = self._chain(found, pool, name, form)
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
            return self._chain(found, disk.source.pool, disk.source.volume, disk.format or "raw")
        at = found.volumes.at(disk.path or "")
        if at is None:
            raise Problem("unsupported", f"{disk.title} lies in no pool.", cure="Make a pool of its folder.")
        return self._chain(found, at[0], at[1].name, disk.format or "raw")

    def _chain(self, host: Host, pool: str, name: str, form: str) -> list[dict[str, Any]]:
        """An image and all that it stands on, the top first; Problem where that lies in no pool."""
        layers: list[dict[str, Any]] = []
        for _ in range(DEEPEST):
            layers.append({"pool": pool, "volume": name, "format": form})
            if form != "qcow2":
                return layers
            size = host.volumes.physical(pool, name)
            header = read_qcow2(host.volumes.piece(pool, name, 0, min(HEAD_BYTES, size)))
            if header is None or header.backing is None:
                return layers
            facts = read_volume(host.volumes.xml(pool, name))
            below = host.volumes.at(facts.backing or "")
            if below is None:
                raise Problem("unsupported", f"{name} stands on “{header.backing}”, which lies in no pool.")
            pool, name = below[0], below[1].name
            head = host.volumes.piece(pool, name, 0, min(HEAD_BYTES, host.volumes.physical(pool, name)))
            form = "qcow2" if read_qcow2(head) else "raw"
        raise Problem("unsupported", f"More than {DEEPEST} images stand on each other.")

    def _targets(self, host: Host, pool: str, stem: str, count: int, end: str) -> list[dict[str, Any]]:
        taken, made = set(host.volumes.names(pool)), []
        for number in range(count):
            base = stem if count == 1 else f"{stem}-{number + 1}"
            name = next(n for k in range(len(taken) + 1) if (n := base + (f"-{k}" if k else "") + end) not in taken)
            taken.add(name)
            made.append({"to_pool": pool, "to_name": name})
        return made


def _stem(name: str) -> str:
    return re.sub(r"[^\w.+-]", "-", name).lstrip("-.") or "machine"


def _command(layer: dict[str, Any], form: str, target: dict[str, Any]) -> str:
    wanted = ["-O", "vmdk", "-o", "subformat=streamOptimized"] if form == "ova" else ["-O", form]
    return shlex.join(["qemu-img", "convert", "-p", "-f", layer["format"], *wanted, layer["volume"], target["to_name"]])


def _machine(root: Element) -> dict[str, Any]:
    found = describe(root)
    cards = [each.source for each in devices(root) if isinstance(each, Interface)]
    return {
        "name": found.name,
        "description": found.description or "",
        "memory_mib": found.memory_max_mib,
        "vcpus": found.vcpus or found.vcpus_max,
        "networks": [source.network or source.bridge or "network" for source in cards],
        "uefi": found.firmware.kind == "uefi",
    }
