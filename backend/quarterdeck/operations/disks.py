"""Disks and drives of a machine: added, changed, resized, media inserted and ejected."""

from __future__ import annotations

import re
import shlex
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ..hypervisor.hosts import Hosts
from ..model.devices import Controller, Disk, Placed, devices
from ..model.edits import DiskAdd, DiskEdit, MediaSource
from ..model.slots import free_target, has_controller, put_device
from ..model.storage import VolumeCreate, read_volume
from ..model.units import human_size
from ..problems import Problem
from .changing import Draft
from .images import Images
from .media import GIB, Storage
from .plugging import check_port, plug, running_pair, update_live

DRIVES = ("cdrom", "floppy")
LATE = ("cache", "io", "discard", "detect_zeroes", "serial", "readonly", "shareable")
DIRECT = ("none", "directsync")
SECTOR = 512


@dataclass(frozen=True)
class Content:
    """What a disk shows to the guest."""

    path: str
    format: str
    block: bool = False

    @property
    def source(self) -> dict[str, Any]:
        """The values of a disk's source."""
        gone: dict[str, Any] = dict.fromkeys(("file", "dev", "pool", "volume", "protocol", "name"))
        return gone | ({"type": "block", "dev": self.path} if self.block else {"type": "file", "file": self.path})


EMPTY = {"type": "file", "file": None, "dev": None, "pool": None, "volume": None, "protocol": None, "name": None}


class Disks:
    """Plans changes of disks. Every method notes faults in the draft."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage
        self._images = Images(hosts, storage)

    # -- adding

    def add(self, draft: Draft, body: DiskAdd) -> None:
        """A new disk or drive."""
        bus = body.bus or _usual_bus(draft, body.device)
        content = self._content(draft, body)
        values: dict[str, Any] = {
            **{name: getattr(body, name) for name in ("cache", "io", "discard", "detect_zeroes", "serial")},
            **{"device": body.device, "bus": bus, "target": free_target(bus, draft.saved, draft.running)},
            **{"driver": "qemu", "format": content.format if content and body.device == "disk" else "raw"},
            **{"readonly": body.readonly or body.device == "cdrom", "shareable": body.shareable},
            "source": content.source if content else EMPTY,
        }
        if body.size_gib and values["discard"] is None and not (content and content.block):
            values["discard"] = "unmap"
        element = Disk.build(values)
        disk = Disk.read(element)
        _check_settings(draft, disk, values)
        self._controller(draft, bus)
        cold = None if disk.hot else f"The {bus} bus takes no new drives while the machine runs."
        if bus == "virtio":
            check_port(draft, "/bus")
        plug(draft, element, cold=cold)

    def _content(self, draft: Draft, body: DiskAdd) -> Content | None:
        if body.size_gib is not None:
            return self._new_volume(draft, body)
        if body.path is None and body.volume is None:
            if body.device == "disk":
                draft.fault("/volume", "Name a volume or a path, or a size for a new volume.")
            return None
        source = MediaSource.model_construct(pool=body.pool, volume=body.volume, path=body.path)
        content = self._existing(draft, source, "/path" if body.path else "/volume", body.format)
        if content and body.device == "disk":
            self._look_into(draft, content, "/path" if body.path else "/volume")
            self._check_users(draft, content.path, "/path" if body.path else "/volume", shared=body.shareable)
        return content

    def _new_volume(self, draft: Draft, body: DiskAdd) -> Content | None:
        if not body.pool or body.device != "disk" or body.path:
            draft.fault("/pool", "A new volume needs a pool, and only disks get one.")
            return None
        pool = self._storage.pool(draft.host, body.pool)
        form = body.format or ("qcow2" if "qcow2" in pool.formats else "raw")
        name = body.volume or self._free_name(draft, body.pool, form)
        try:
            request = VolumeCreate(name=name, size_gib=body.size_gib or 0, format=form)
            change = self._storage.create(draft.host, body.pool, request)
        except Problem as problem:
            faults = problem.errors or ()
            for fault in faults:
                draft.fault(fault.pointer.replace("/name", "/volume"), fault.detail, slug=problem.slug)
            if not faults:
                draft.fault("/pool", problem.detail, slug=problem.slug, cure=problem.cure)
            return None
        pool_name, volumes = body.pool, self._hosts.get(draft.host).volumes
        draft.first.append((lambda: _ignore(change.apply()), lambda: volumes.delete(pool_name, name)))
        draft.commands += change.plan.commands
        draft.warnings += change.plan.warnings
        return Content(f"{(pool.path or '').rstrip('/')}/{name}", form, pool.type in ("logical", "disk", "zfs"))

    def _free_name(self, draft: Draft, pool: str, form: str) -> str:
        taken = {row.name for row in self._hosts.get(draft.host).volumes.rows(pool)}
        stem = re.sub(r"[^\w.-]", "_", draft.row.name).lstrip("-.") or "disk"
        end = ".qcow2" if form == "qcow2" else ".img"
        return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}-{n}{end}") not in taken)

    def _existing(self, draft: Draft, source: MediaSource, pointer: str, form: str | None = None) -> Content | None:
        volumes = self._hosts.get(draft.host).volumes
        try:
            if source.path:
                found = volumes.at(source.path)
                if found is None:
                    return Content(source.path, form or "raw", source.path.startswith("/dev/"))
                pool, row = found
            else:
                pool, row = source.pool or "", volumes.row(source.pool or "", source.volume or "")
            known = read_volume(volumes.xml(pool, row.name)).format
        except Problem as problem:
            slug = "invalid-input" if problem.slug == "not-found" else problem.slug
            draft.fault(pointer, problem.detail, slug=slug, cure=problem.cure)
            return None
        if form and form != known and known in ("raw", "qcow2"):
            draft.fault("/format", f"The volume is {known}; showing it as {form} would damage it.")
        return Content(
            row.path, known if known in ("qcow2", "qcow", "qed", "vmdk", "vdi", "vpc") else "raw", row.type == "block"
        )

    def _look_into(self, draft: Draft, content: Content, pointer: str) -> None:
        found = self._hosts.get(draft.host).volumes.at(content.path)
        try:
            if found:
                self._images.check(draft.host, found[0], found[1].name, content.format)
            else:
                self._images.check_path(draft.host, content.path, content.format)
        except Problem as problem:
            draft.fault(pointer, problem.detail, slug=problem.slug, cure=problem.cure)

    def _check_users(self, draft: Draft, path: str, pointer: str, *, shared: bool) -> None:
        users = self._storage.usage.paths(draft.host).get(path, [])
        if draft.row.name in users:
            draft.fault(pointer, "This machine has it already.", slug="in-use")
        elif users and not shared:
            draft.fault(
                pointer,
                f"It is a disk of {', '.join(users)}; two machines that write one disk destroy it.",
                slug="in-use",
                cure="Choose another volume, or mark it shareable where the guests know how to share it.",
            )

    def _controller(self, draft: Draft, bus: str, *, now: bool = True) -> None:
        """Libvirt's own choice for SCSI is a controller of 1995, so the virtio one is added."""
        if bus != "scsi":
            return
        element = Controller.build({"kind": "scsi", "index": 0, "model": "virtio-scsi"})
        if draft.save and not has_controller(draft.saved, "scsi"):
            put_device(draft.saved, deepcopy(element))
        running = draft.running if draft.live and now and not draft.made_up else None
        if running is not None and not has_controller(running, "scsi"):
            check_port(draft, "/bus")
            plug(draft, element, save=False)

    # -- changing

    def edit(self, draft: Draft, placed: Placed, body: DiskEdit) -> None:
        """Change a disk."""
        disk, given = Disk.read(placed.element), body.model_fields_set
        changes = {name: getattr(body, name) for name in LATE if name in given}
        for name in ("readonly", "shareable"):
            if name in changes:
                changes[name] = bool(changes[name])
        if changes:
            _check_settings(draft, disk, changes)
            Disk.patch(placed.element, changes)
            for name in changes:
                draft.late(name, f"/{name}")
            draft.with_file("update-device", placed.element, "--config")
        if body.bus and body.bus != disk.bus:
            self._move(draft, placed, body.bus)
        if "source" in given:
            self._media(draft, placed, body)
        if body.size_gib is not None:
            self._resize(draft, disk, -(-int(body.size_gib * GIB) // SECTOR) * SECTOR)

    def _move(self, draft: Draft, placed: Placed, bus: str) -> None:
        draft.late("bus", "/bus")
        disk_target = Disk.read(placed.element).target
        self._controller(draft, bus, now=False)
        Disk.patch(placed.element, {"bus": bus, "target": free_target(bus, draft.saved), "removable": None})
        for address in placed.element.findall("address"):
            placed.element.remove(address)
        words = ["virt-xml", draft.row.name, "--edit", f"target={disk_target}", "--disk", f"bus={bus}"]
        draft.commands.append(shlex.join(words))
        draft.warnings.append("The guest finds the disk under another name; it must have a driver for the new bus.")

    def _media(self, draft: Draft, placed: Placed, body: DiskEdit) -> None:
        disk = Disk.read(placed.element)
        if disk.device not in DRIVES:
            draft.fault("/source", "Only CD-ROM and floppy drives take other media.")
            return
        content = self._existing(draft, body.source, "/source") if body.source else None
        source = content.source if content else EMPTY
        Disk.patch(placed.element, {"source": source, "format": "raw"})
        pair = running_pair(draft, placed.id)
        if pair:
            old, new = pair
            for known in new.findall("source"):
                known.attrib.pop("index", "")
            Disk.patch(new, {"source": source, "format": "raw"})
            update_live(draft, old.element, new, force=body.force)
        word = "--eject" if content is None else "--update"
        flags = [*(["--force"] if body.force else []), *(["--block"] if content and content.block else [])]
        draft.virsh("change-media", disk.target, *([content.path] if content else []), word, *draft.flags, *flags)
        draft.effect("source", live=pair is not None)

    def _resize(self, draft: Draft, disk: Disk, size: int) -> None:
        volumes = self._hosts.get(draft.host).volumes
        found = volumes.at(disk.path) if disk.path else None
        if found is None:
            draft.fault("/size_gib", "It lies in no pool, so its size is not known here.", slug="unsupported")
            return
        pool, row = found
        if size < row.capacity:
            draft.fault("/size_gib", f"It has {human_size(row.capacity)}; making it smaller would cut data off.")
        if size <= row.capacity:
            return
        if draft.row.active and not draft.live:
            draft.fault("/size_gib", "A disk in use grows while the machine runs, not later.", slug="unsupported")
        if draft.row.active:
            draft.acts.append((lambda: draft.domains.block_resize(draft.uuid, disk.target, size), None))
            draft.virsh("blockresize", disk.target, f"{size}B")
        else:
            draft.acts.append((lambda: volumes.resize(pool, row.name, size), None))
            draft.commands.append(shlex.join(["virsh", "vol-resize", "--pool", pool, row.name, f"{size}B"]))
        draft.warnings.append("The guest must grow its partition and file system by itself.")
        draft.effect("size_gib", live=True)


def _ignore(_value: object) -> None:
    pass


def _usual_bus(draft: Draft, device: str) -> str:
    q35 = has_model(draft, "pcie-root")
    if device == "cdrom":
        return "sata" if q35 else "ide"
    disks = [each for each in devices(draft.saved) if isinstance(each, Disk) and each.device == "disk"]
    buses = [each.bus or "" for each in disks]
    return buses[0] if buses and "virtio" not in buses and buses[0] in ("scsi", "sata", "ide", "usb") else "virtio"


def has_model(draft: Draft, model: str) -> bool:
    """Whether a PCI controller of this model is there."""
    return any(each.get("model") == model for each in draft.saved.iterfind("devices/controller"))


def _check_settings(draft: Draft, disk: Disk, changes: dict[str, Any]) -> None:
    """Combinations that QEMU refuses at start, told before."""
    after = {name: changes.get(name, getattr(disk, name)) for name in LATE}
    if after["io"] == "native" and after["cache"] not in DIRECT:
        draft.fault("/io", "native needs the cache mode none or directsync.", cure="Set cache to none.")
    if after["detect_zeroes"] == "unmap" and after["discard"] != "unmap":
        draft.fault("/detect_zeroes", "unmap needs discard unmap as well.", cure="Set discard to unmap.")
    if after["shareable"] and disk.format not in (None, "raw"):
        draft.fault("/shareable", f"Only raw disks can be shared; this one is {disk.format}.")
    if after["readonly"] and disk.device == "disk" and (changes.get("bus") or disk.bus) in ("ide", "sata"):
        draft.fault("/readonly", "IDE and SATA disks cannot be read-only.")
    if disk.device == "cdrom" and changes.get("readonly") is False:
        draft.fault("/readonly", "A CD-ROM is always read-only.")
