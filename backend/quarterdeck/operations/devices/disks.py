"""Disks and drives of a machine: added, changed, resized, media inserted and ejected."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ...hypervisor.hosts import Hosts
from ...model.bodies import wanted
from ...model.devices import Controller, Disk, Placed, devices
from ...model.devices.disk_source import DiskSource
from ...model.edits import MediaSource, NetworkSource
from ...model.forms import met
from ...model.order import insert
from ...model.slots import free_target, has_controller, put_device
from ...model.storage import VolumeCreate, read_volume
from ...model.units import GIB, human_size
from ...model.virt_xml import device_words
from ...problems import Problem
from ..changing.changing import Draft
from ..changing.fit import Values, is_nothing
from ..storage.images import Images
from ..storage.storage import Storage
from .disk_rules import DRIVES, check_settings, complete
from .disk_secrets import encryption
from .parts import Parts, plain
from .plugging import check_port, plug, running_pair, update_live
from .rules import check_thread

SECTOR = 512
GONE: dict[str, Any] = dict.fromkeys(name for name in DiskSource.places if name != "type") | {"hosts": ()}
EMPTY = GONE | {"type": "file"}
OF_CONTENT = ("encryption", "slice")
"""What belongs to the content, and goes with it."""
OWN = ("source", "device", "target", "driver", "format")
SETTINGS = frozenset(name for name in Disk.places if name not in OWN)


@dataclass(frozen=True)
class Content:
    """What a disk shows to the guest."""

    path: str
    format: str
    block: bool = False
    encrypted: bool = False
    secret: str | None = None

    @property
    def source(self) -> dict[str, Any]:
        """The values of a disk's source."""
        return GONE | ({"type": "block", "dev": self.path} if self.block else {"type": "file", "file": self.path})


@dataclass(frozen=True)
class Remote:
    """What lies at a server; only QEMU at the start sees whether it is there."""

    wish: NetworkSource
    format: str = "raw"
    block: bool = False

    @property
    def source(self) -> dict[str, Any]:
        """The values of a disk's source."""
        return GONE | {"type": "network"} | wanted(self.wish)


class Disks:
    """Plans changes of disks. Every method notes faults in the draft."""

    def __init__(self, hosts: Hosts, storage: Storage, parts: Parts) -> None:
        self._hosts = hosts
        self._storage = storage
        self._parts = parts
        self._images = Images(hosts, storage)

    # -- adding

    def add(self, draft: Draft, body: Any) -> None:
        """A new disk or drive."""
        bus = body.bus or _usual_bus(draft, body.device)
        locked = encryption(draft, self._hosts.get(draft.host), body, {}, free_target(bus, draft.saved, draft.running))
        content = self._content(draft, body, (locked or {}).get("secret"))
        given = {name: value for name, value in wanted(body).items() if value is not None and name in SETTINGS}
        locked = locked or _opened(draft, content)
        given |= {"encryption": locked} if locked else {}
        complete(given)
        values: dict[str, Any] = {
            **{"device": body.device, "bus": bus, "target": free_target(bus, draft.saved, draft.running)},
            **{"driver": "qemu", "format": content.format if content and body.device == "disk" else "raw"},
            **{"discard": "unmap" if body.size_gib and not (content and content.block) else None},
            **given,
            "readonly": body.readonly or body.device == "cdrom",
            "source": content.source if content else EMPTY,
        }
        told = given | ({"source": wanted(body.source)} if body.source else {})
        check_settings(draft, values, told)
        check_thread(draft, given)
        add_controller(draft, bus)
        self._parts.place(draft, Disk, values, told)

    def _content(self, draft: Draft, body: Any, secret: str | None) -> Content | Remote | None:
        if body.source is not None:
            return Remote(body.source, body.format or "raw")
        if body.size_gib is not None:
            return self._new_volume(draft, body, secret)
        if body.path is None and body.volume is None:
            if body.device == "disk":
                draft.fault("/volume", "Name a volume or a path, or a size for a new volume.")
            return None
        source = MediaSource.model_construct(pool=body.pool, volume=body.volume, path=body.path)
        content = self._existing(draft, source, "/path" if body.path else "/volume", body.format)
        if content and body.device in ("disk", "lun"):
            self._look_into(draft, content, "/path" if body.path else "/volume")
            self._check_users(draft, content.path, "/path" if body.path else "/volume", shared=body.shareable)
        return content

    def _new_volume(self, draft: Draft, body: Any, secret: str | None) -> Content | None:
        if not body.pool or body.device != "disk" or body.path:
            draft.fault("/pool", "A new volume needs a pool, and only disks get one.")
            return None
        pool = self._storage.pool(draft.host, body.pool)
        form = body.format or ("qcow2" if "qcow2" in pool.formats else "raw")
        name = body.volume or self._free_name(draft, body.pool, form)
        try:
            request = VolumeCreate(name=name, size_gib=body.size_gib or 0, format=form)
            change = self._storage.create(draft.host, body.pool, request, secret=secret)
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
            facts = read_volume(volumes.xml(pool, row.name))
            known = facts.format
        except Problem as problem:
            slug = "invalid-input" if problem.slug == "not-found" else problem.slug
            draft.fault(pointer, problem.detail, slug=slug, cure=problem.cure)
            return None
        if form and form != known and known in ("raw", "qcow2"):
            draft.fault("/format", f"The volume is {known}; showing it as {form} would damage it.")
        shown = known if known in ("qcow2", "qcow", "qed", "vmdk", "vdi", "vpc") else "raw"
        return Content(row.path, shown, row.type == "block", facts.encrypted, facts.secret)

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

    # -- changing

    def edit(self, draft: Draft, placed: Placed, body: Any) -> None:
        """Change a disk."""
        disk = Disk.read(placed.element)
        changes = {name: value for name, value in wanted(body).items() if name in SETTINGS}
        bus = changes.pop("bus", None)
        old = {**(disk.encryption.model_dump() if disk.encryption else {}), "protocol": disk.source.protocol}
        if locked := encryption(draft, self._hosts.get(draft.host), body, old, disk.target):
            changes["encryption"] = locked
        complete(changes)
        check_settings(draft, disk.model_dump() | changes, changes)
        check_thread(draft, changes)
        self._parts.change(draft, placed, changes)
        if bus and bus != disk.bus:
            self._move(draft, placed, bus)
        if "source" in body.model_fields_set:
            self._media(draft, placed, body)
        if body.size_gib is not None:
            self._resize(draft, disk, -(-int(body.size_gib * GIB) // SECTOR) * SECTOR)

    def _move(self, draft: Draft, placed: Placed, bus: str) -> None:
        draft.late("bus", "/bus")
        old, target = Disk.read(placed.element), free_target(bus, draft.saved)
        add_controller(draft, bus, now=False)
        gone = {name: plain(Disk.places[name], None) for name in _senseless(old, bus)}
        Disk.patch(placed.element, {"bus": bus, "target": target, **gone})
        for address in placed.element.findall("address"):
            placed.element.remove(address)
        more = device_words(Disk, gone, old.model_dump())[1]
        words = f"bus={bus},target.dev={target},xpath99.delete=./address{',' if more else ''}{more}"
        draft.commands.append(
            shlex.join(["virt-xml", draft.row.name, "--edit", f"target={old.target}", "--disk", words])
        )
        draft.warnings.append("The guest finds the disk under another name; it must have a driver for the new bus.")

    def _media(self, draft: Draft, placed: Placed, body: Any) -> None:
        disk = Disk.read(placed.element)
        drive = disk.device in DRIVES
        if body.source is None and not drive:
            draft.fault("/source", "A disk needs a source.", cure="Choose another one, or remove the disk.")
            return
        content = self._other(draft, body.source, disk) if body.source else None
        changes: Values = {
            "source": content.source if content else EMPTY,
            "format": _format(content) if not drive else "raw",
        }
        changes |= dict.fromkeys(name for name in OF_CONTENT if name not in body.model_fields_set)
        Disk.patch(placed.element, changes)
        for left in placed.element.findall("backingStore"):
            placed.element.remove(left)
        if not drive:
            draft.late("source", "/source")
            draft.with_file("update-device", placed.element, "--config")
            return
        pair = running_pair(draft, placed.id)
        if pair:
            old, new = pair
            for known in new.findall("source"):
                known.attrib.pop("index", "")
            Disk.patch(new, changes)
            update_live(draft, old.element, new, force=body.force)
        draft.virsh(
            "change-media", disk.target, *_medium_words(content), *draft.flags, *_how(content, force=body.force)
        )
        draft.effect("source", live=pair is not None)

    def take_over(self, draft: Draft, before: Placed, after: Placed, force: bool) -> set[str]:
        """Bring to the running disk what differs between two forms of it: what any takes, and the medium of a drive."""
        now, pair = self._parts.take_over(draft, before, after), running_pair(draft, before.id)
        old, new = Disk.read(before.element), Disk.read(after.element)
        if pair is None or old.source == new.source or old.device not in DRIVES or before.id != after.id:
            return now
        running, medium = pair
        for left in (*medium.findall("source"), *medium.findall("backingStore")):
            medium.remove(left)
        for source in after.element.findall("source"):
            insert(medium, deepcopy(source))
        medium.set("type", after.element.get("type", "file"))
        update_live(draft, running.element, medium, force=force)
        draft.with_file("update-device", medium, "--live", *_how(None, force=force))
        return now | {"source"}

    def _other(self, draft: Draft, source: Any, disk: Disk) -> Content | Remote | None:
        if isinstance(source, NetworkSource):
            self._parts.look(draft, DiskSource, wanted(source), "/source")
            return Remote(source)
        content = self._existing(draft, source, "/source")
        if content and disk.device not in DRIVES:
            self._look_into(draft, content, "/source")
            self._check_users(draft, content.path, "/source", shared=disk.shareable)
        return content

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
            try:
                self._storage.refuse_link(draft.host, row.path)
            except Problem as problem:
                draft.fault("/size_gib", problem.detail, slug=problem.slug, cure=problem.cure)
            draft.acts.append((lambda: volumes.resize(pool, row.name, size), None))
            draft.commands.append(shlex.join(["virsh", "vol-resize", "--pool", pool, row.name, f"{size}B"]))
        draft.warnings.append("The guest must grow its partition and file system by itself.")
        draft.effect("size_gib", live=True)


def add_controller(draft: Draft, bus: str, *, now: bool = True) -> None:
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


def _senseless(disk: Disk, bus: str) -> Iterator[str]:
    """What a disk has that only makes sense on other buses."""
    values = disk.model_dump()
    for name, place in Disk.places.items():
        bound = place.at.when.startswith("bus=") and not met(place.at.when, {"bus": bus})
        if bound and not is_nothing(place, values[name]):
            yield name


def _opened(draft: Draft, content: Content | Remote | None) -> Values | None:
    """How an encrypted volume opens: by the secret that libvirt knows for it."""
    if not isinstance(content, Content) or not content.encrypted:
        return None
    if not content.secret:
        draft.fault("/passphrase", "It is encrypted: give its passphrase, or name libvirt's secret with it.")
    return {"format": "luks", "secret_type": "passphrase", "secret": content.secret}


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


def _format(content: Content | Remote | None) -> str:
    return content.format if content else "raw"


def _medium_words(content: Content | Remote | None) -> list[str]:
    if content is None:
        return ["--eject"]
    return [content.path if isinstance(content, Content) else content.wish.name or "", "--update"]


def _how(content: Content | Remote | None, *, force: bool) -> list[str]:
    return [*(["--force"] if force else []), *(["--block"] if content and content.block else [])]
