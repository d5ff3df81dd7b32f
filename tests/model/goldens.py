"""Edits of real definitions, and what each does to libvirt's text: the golden diffs.

A new device needs an edit in `hardware_goldens.py` that changes every value that its model declares; `uncovered` tells
what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel

from quarterdeck.model.definition import Definition
from quarterdeck.model.devices import KINDS, find
from quarterdeck.model.xml import Element, Place, XmlModel, dump, parse
from tests.model.finetuned_goldens import FINETUNED
from tests.model.hardware_goldens import CHANGES
from tests.model.settings_goldens import SETTINGS
from tests.model.wild_goldens import WILD

DATA = Path(__file__).parent.parent / "data" / "domain"


@dataclass(frozen=True)
class Edit:
    """A change of one real machine: of a device, or of the definition where `device` is empty."""

    machine: str
    what: str
    device: str
    changes: Mapping[str, Any]

    @property
    def golden(self) -> Path:
        """Where the result is kept."""
        return DATA / f"{self.machine}.edit-{self.what}.diff"

    @property
    def target_model(self) -> type[XmlModel]:
        """The model that is changed."""
        return KINDS[self.device.partition("-")[0]] if self.device else Definition

    def target(self, root: Element) -> tuple[type[XmlModel], Element]:
        """The model and the element that are changed."""
        if not self.device:
            return Definition, root
        found = find(root, self.device)
        assert found is not None, f"{self.machine} has no {self.device}"
        return found.kind, found.element

    def done(self) -> tuple[Element, XmlModel]:
        """The definition after it, and what is read from the part that it changed."""
        root = parse((DATA / f"{self.machine}.xml").read_text())
        model, element = self.target(root)
        model.read(element)
        model.patch(element, self.changes)
        return root, model.read(element)

    def run(self) -> tuple[str, XmlModel]:
        """The difference that it makes to the text, and what is read from it."""
        before = dump(parse((DATA / f"{self.machine}.xml").read_text()))
        root, read = self.done()
        old, new = (f"{text}\n".splitlines(keepends=True) for text in (before, dump(root)))
        return "".join(unified_diff(old, new, f"{self.machine}.xml", f"{self.machine}.edit-{self.what}", n=2)), read


RATE = {"average": 1000, "peak": 2000, "burst": 64}
EDITS = [
    Edit(
        "debian",
        "names",
        "",
        {"title": None, "description": "Shop", "name": "shop", "metadata": {"tags": ("web", "a & b")}},
    ),
    Edit("debian", "size", "", {"vcpus": 2, "vcpus_max": 8, "memory_mib": 1024, "memory_max_mib": 2048}),
    Edit("debian", "type", "", {"type": "kvm", "uuid": "11111111-1111-4111-8111-222222222222", "arch": "i686"}),
    Edit("uefi", "topology", "", {"cpu": {"topology": None, "model": "qemu32"}}),
    Edit(
        "uefi",
        "firmware",
        "",
        {
            "firmware": {"auto": "efi", "secure_feature": False, "keys_feature": False},
            "metadata": {"system": "http://fedoraproject.org/fedora/40"},
        },
    ),
    Edit(
        "debian",
        "loader",
        "",
        {
            "firmware": {
                "loader": "/usr/share/OVMF/code.fd",
                **{"loader_type": "pflash", "loader_secure": True, "nvram": "/var/lib/vars.fd"},
            },
            "features": {"smm": True},
        },
    ),
    Edit("numa", "anonymous", "", {"memory_backing": None, "vcpus": 4}),
    Edit(
        "disks",
        "everything",
        "disk-sda",
        {
            **{"device": "disk", "target": "sdz", "driver": "qemu", "format": "raw", "cache": "none"},
            **{"io": "io_uring", "discard": "unmap", "detect_zeroes": "on", "readonly": True},
            **{"shareable": True, "serial": "A-B", "wwn": "5000c50015ea71ff", "boot_order": 3},
            "iotune": {
                **{"total_bytes_sec": None, "read_bytes_sec": 1000, "write_bytes_sec": 2000},
                **{"total_iops_sec": None, "read_iops_sec": 10, "write_iops_sec": 20},
            },
        },
    ),
    Edit("disks", "stick", "disk-sdb", {"bus": "usb", "removable": False, "shareable": False}),
    Edit("disks", "less", "disk-sda", {"cache": None, "serial": None, "wwn": None, "boot_order": None}),
    Edit("disks", "block", "disk-vda", {"readonly": False, "source": {"dev": "/dev/vg0/other"}, "io": None}),
    Edit("disks", "blocks", "disk-vdb", {"logical_block_bytes": 4096, "physical_block_bytes": 4096}),
    Edit("disks", "transient", "disk-sda", {"transient": True, "transient_shares": True}),
    Edit("disks", "lasting", "disk-sdc", {"transient": False, "transient_shares": None}),
    Edit("disks", "volume", "disk-vdb", {"source": {"pool": "fast", "volume": "new.qcow2"}, "discard": "unmap"}),
    Edit(
        "disks", "floppy", "disk-fda", {"source": {"type": "file", "file": "/srv/b.img"}, "startup_policy": "optional"}
    ),
    Edit(
        "numa",
        "limits",
        "disk-vda",
        {"iotune": {"total_bytes_sec": 5, "total_iops_sec": 6, "read_iops_sec": None}, "iothread": 2},
    ),
    Edit("debian", "eject", "disk-sda", {"source": {"file": None}}),
    Edit("debian", "insert", "disk-sdb", {"source": {"file": "/srv/iso/two & three.iso"}}),
    Edit(
        "network-disks",
        "servers",
        "disk-vda",
        {"source": {"protocol": "rbd", "name": "pool/other", "hosts": ({"name": "mon9.example.org", "port": 3300},)}},
    ),
    Edit(
        "debian",
        "link",
        "interface-525400aabb01",
        {"link": "down", "mac": "52:54:00:aa:bb:ff", "model": "e1000e"},
    ),
    Edit(
        "uefi",
        "network",
        "interface-525400aabb02",
        {"source": {"network": "web", "portgroup": "dmz"}, "link": None, "mtu": 9000, "target": "web0", "queues": 4},
    ),
    Edit(
        "windows",
        "bridge",
        "interface-525400aabb03",
        {"source": {"type": "bridge", "bridge": "br1"}, "boot_order": 2, "isolated": True},
    ),
    Edit("passthrough", "macvtap", "interface-525400aabb05", {"source": {"dev": "eth1", "mode": "vepa"}}),
    Edit(
        "passthrough",
        "limits",
        "interface-525400aabb06",
        {"filter": "no-ip-spoofing", "vlans": (7, 8), "inbound": RATE, "outbound": None},
    ),
    Edit("passthrough", "outbound", "interface-525400aabb05", {"outbound": RATE}),
    Edit(
        "passthrough",
        "display",
        "graphics-0",
        {
            **{"kind": "spice", "port": 5999, "autoport": False, "has_password": False, "password_valid_to": None},
            "keymap": "de",
            "listens": ({"type": "network", "network": "default"},),
        },
    ),
    Edit("hardware", "reached", "graphics-0", {"listens": ({"type": "address", "address": "::1"},)}),
    Edit(
        "finetuned",
        "drawn",
        "graphics-0",
        {"gl": True, "render_node": "/dev/dri/renderD129", "listens": ({"type": "none"},)},
    ),
    Edit("passthrough", "expiry", "graphics-0", {"has_password": True, "password_valid_to": "2031-01-01T00:00:00"}),
    Edit(
        "passthrough",
        "video",
        "video-0",
        {"model": "qxl", "vram_kib": 65536, "heads": 1, "accel3d": False, "width": 800, "height": 600},
    ),
    Edit("windows", "sound", "sound-0", {"model": "ac97"}),
    Edit("i440fx", "input", "input-0", {"kind": "tablet", "bus": "usb"}),
    Edit(
        "cloud",
        "serial",
        "serial-0",
        {
            **{"kind": "file", "path": "/tmp/out", "log": None, "log_append": None, "port": 1},
            "model": "isa-serial",
        },
    ),
    Edit("i440fx", "geometry", "disk-hda", {"geometry": {"cylinders": 1024, "translation": "none"}}),
    Edit("i440fx", "log", "serial-1", {"log": "/var/log/vm.log", "log_append": True}),
    Edit(
        "passthrough", "console", "console-0", {"kind": "pty", "port": 3, "target": "virtio", "log": "/x", "path": None}
    ),
    Edit("passthrough", "console-log", "console-0", {"path": "/dev/pts/9", "log": "/var/log/c", "log_append": True}),
    Edit(
        "passthrough",
        "channel",
        "channel-0",
        {
            "kind": "unix",
            "path": "/run/a",
            "target": "virtio",
            "name": "org.example",
            "state": "connected",
            "clipboard": False,
        },
    ),
    Edit("debian", "channel-log", "channel-0", {"log": "/var/log/a", "log_append": True}),
    Edit(
        "disks",
        "controller",
        "controller-scsi-0",
        {"kind": "scsi", "index": 1, "model": "lsilogic", "slot": "0x00", "function": "0x0"},
    ),
    Edit(
        "cloud",
        "rng",
        "rng-0",
        {
            "model": "virtio-transitional",
            "backend": "builtin",
            "source": None,
            "rate_bytes": 2048,
            "rate_period_ms": 500,
        },
    ),
    Edit("debian", "rng", "rng-0", {"source": "/dev/hwrng"}),
    Edit(
        "passthrough",
        "tpm",
        "tpm-0",
        {"model": "tpm-crb", "device": "/dev/tpm1"},
    ),
    Edit("passthrough", "watchdog", "watchdog-0", {"model": "i6300esb", "action": "dump"}),
    Edit(
        "passthrough",
        "balloon",
        "memballoon-0",
        {"model": "virtio", "free_page_reporting": True, "autodeflate": True, "stats_period_s": 5},
    ),
    Edit("passthrough", "panic", "panic-0", {"model": "hyperv"}),
    Edit("passthrough", "vsock", "vsock-0", {"model": "virtio", "auto": True, "cid": 9}),
    Edit(
        "passthrough",
        "folder",
        "filesystem-0",
        {
            **{"kind": "mount", "access_mode": "mapped", "driver": "path", "source": "/srv/other", "target": "other"},
            **{"readonly": True, "queue_size": None},
        },
    ),
    Edit(
        "passthrough",
        "usb",
        "hostdev-0",
        {
            "vendor": "0x1234",
            "product": "0xabcd",
            "startup_policy": "mandatory",
            "managed": False,
            "address": {"bus": "1", "device": "4"},
        },
    ),
    Edit(
        "passthrough",
        "pci",
        "hostdev-1",
        {
            **{"mode": "subsystem", "kind": "pci", "rom_bar": True, "boot_order": 4},
            "address": {"domain": "0x0000", "bus": "0x02", "slot": "0x01", "function": "0x7"},
        },
    ),
    Edit(
        "passthrough",
        "mdev",
        "hostdev-2",
        {"model": "vfio-pci", "address": {"uuid": "00000000-f1bb-47f0-914d-32a22e3a8804"}},
    ),
    *(Edit("hardware", what, device, changes) for what, device, changes in CHANGES),
    Edit(
        "shares",
        "passt",
        "interface-5254000a0004",
        {"backend_log": None, "port_forwards": ({"proto": "udp", "device": "eth1", "ranges": ({"start": 53},)},)},
    ),
    *(Edit("finetuned", what, device, changes) for what, device, changes in FINETUNED),
    *[Edit(machine, what, "", changes) for machine, what, changes in SETTINGS],
    *(Edit(*wild) for wild in WILD),
]


def since(model: type[XmlModel], changes: Any) -> tuple[int, ...]:
    """The libvirt that these changes need, as a version; nothing where any does."""
    found: tuple[int, ...] = ()
    for name, value in changes.items() if isinstance(changes, Mapping) else ():
        place = model.places[name]
        if value not in (None, ()):
            found = max(found, tuple(int(part) for part in place.at.since.split(".") if part))
        for inner in value if place.many and place.child else [value]:
            found = max(found, since(place.child, inner) if place.child else ())
    return found


def models() -> Iterator[type[XmlModel]]:
    """Every model that a definition or a device is made of."""
    todo: list[type[XmlModel]] = [Definition, *KINDS.values()]
    seen: set[type[XmlModel]] = set()
    while todo:
        model = todo.pop()
        if model not in seen:
            seen.add(model)
            yield model
            todo += [place.child for place in model.places.values() if place.child]


def uncovered() -> list[str]:
    """Declared values that no golden edit reads, or that none changes."""
    read: set[tuple[type, str]] = set()
    written: set[tuple[type, str]] = set()
    do_read, do_write = Place.read, Place.write

    def reading(place: Place, element: Element) -> Any:
        value = do_read(place, element)
        if value not in (None, False, ()):
            read.add((place.owner, place.name))
        return value

    def writing(place: Place, element: Element, value: Any) -> None:
        written.add((place.owner, place.name))
        do_write(place, element, value)

    with patch.object(Place, "read", reading), patch.object(Place, "write", writing):
        for edit in EDITS:
            edit.run()
    places = [place for model in models() for place in model.places.values()]
    return sorted(
        f"{place.owner.__name__}.{place.name} is not {word}"
        for word, known in (("read", read), ("changed", written))
        for place in places
        if (place.owner, place.name) not in known
    )


def agrees(value: Any, asked: Any) -> bool:
    """Whether what was read is what was asked for (an inner value may hold more; a group of nothing is none)."""
    if asked in ({}, ()):
        return value is None or isinstance(value, BaseModel) or value == asked
    if value is None and isinstance(asked, Mapping):
        return all(inner in ((), False) for inner in asked.values())
    if isinstance(value, BaseModel) and isinstance(asked, Mapping):
        return all(agrees(getattr(value, name), inner) for name, inner in asked.items())
    if isinstance(value, tuple) and isinstance(asked, tuple) and len(value) == len(asked):
        return all(agrees(*pair) for pair in zip(value, asked, strict=True))
    return bool(value == asked)
