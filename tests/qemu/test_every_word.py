"""Every word, switch and number that a device declares, asked on a real libvirt: taken, or refused at its field."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import libvirt

from quarterdeck.app import Service
from quarterdeck.model.bodies import asked, choices_of, simple_type
from quarterdeck.model.devices import KINDS, Device
from quarterdeck.model.edits import ADDS
from quarterdeck.model.xml import Element, Place, dump, parse
from quarterdeck.operations.changing.changing import Draft
from quarterdeck.operations.changing.offered import Offered
from quarterdeck.operations.devices.devices import kinds
from quarterdeck.operations.storage.storage import Storage
from tests.conftest import Client
from tests.model.goldens import DATA, EDITS, Edit, since
from tests.qemu.bed import Bed
from tests.qemu.test_hotplug import client, machine_xml

__all__ = ["client"]
KEEP_NOTHING = libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
EVERYTHING: list[dict[str, Any]] = [
    {"type": "disk", "device": "cdrom", "bus": "scsi"},
    {"type": "disk", "source": {"protocol": "nbd", "name": "x", "hosts": [{"name": "127.0.0.1", "port": 10809}]}},
    {"type": "disk", "source": {"protocol": "rbd", "name": "pool/image", "hosts": [{"name": "mon.example.org"}]}},
    {
        "type": "disk",
        "source": {"protocol": "iscsi", "name": "iqn.2020-01.org.example:a/1", "hosts": [{"name": "san"}]},
    },
    {"type": "disk", "source": {"protocol": "https", "name": "a.iso", "query": "a=b", "hosts": [{"name": "web"}]}},
    {
        **{"type": "disk", "path": "/tmp/b.img", "io_event_fd": True, "event_index": True},
        **{"slice": {"offset_bytes": 0, "size_bytes": 4096}, "encryption": {"secret_usage": "a"}, "snapshots": "no"},
    },
    {
        **{"type": "disk", "bus": "sata", "path": "/tmp/c.img"},
        "geometry": {"cylinders": 1024, "heads": 16, "sectors": 63},
    },
    {"type": "disk", "device": "lun", "bus": "scsi", "path": "/dev/mapper/lun", "reserved": True, "raw_io": True},
    *(
        {"type": "disk", "source": {"name": "a", "hosts": [{"name": "server.example.org"}], **more}}
        for more in (
            {"protocol": "https", "verify": False, "timeout_seconds": 5, "readahead_bytes": 4096},
            {"protocol": "rbd", "name": "a/b", "snapshot": "b", "config": "/etc/ceph/c.conf"},
            {"protocol": "nbd", "tls": True, "tls_name": "other.example.org"},
            {"protocol": "nfs", "name": "/a", "nfs_user": "+107", "nfs_group": "kvm"},
        )
    ),
    {
        **{"type": "disk", "encryption": {"format": "luks2", "engine": "librbd", "secret_usage": "a"}},
        "source": {"protocol": "rbd", "name": "a/b", "hosts": [{"name": "server.example.org"}]},
    },
    {"type": "interface", "source": {"type": "user"}},
    {"type": "interface", "source": {"type": "direct", "dev": "lo"}, "inbound": {"average": 100}, "boot_order": 1},
    {
        "type": "interface",
        "source": {"type": "ethernet"},
        "target": "tap7",
        "queues": 2,
        "trust_guest_rx_filters": True,
    },
    {"type": "interface", "source": {"type": "vhostuser", "socket": "/run/a.sock"}},
    {
        **{"type": "interface", "model": "virtio", "teaming": {"role": "persistent"}, "coalesced_frames": 32},
        **{"rss": True, "rss_hash_report": True, "virtio": {"iommu": True, "ats": True, "packed": True}},
    },
    {
        "type": "interface",
        "source": {"type": "hostdev", "address": {"domain": "0", "bus": "1", "slot": "2", "function": "0"}},
    },
    {"type": "filesystem", "source": "/srv", "target": "fast", "queue_size": 512},
    {"type": "filesystem", "driver": "path", "source": "/srv", "target": "slow", "readonly": True},
    {"type": "hostdev", "kind": "usb", "vendor": "0x1234", "product": "0xabcd", "startup_policy": "optional"},
    {
        "type": "hostdev",
        "kind": "pci",
        "address": {"domain": "0", "bus": "9", "slot": "0", "function": "0"},
        "rom_bar": False,
    },
    {"type": "hostdev", "kind": "scsi", "adapter": "scsi_host0", "address": {"bus": "0", "target": "0", "unit": "0"}},
    {"type": "redirdev", "kind": "tcp", "source_host": "127.0.0.1", "source_service": 4000},
    {"type": "video", "model": "virtio", "heads": 2},
    {"type": "input", "kind": "tablet", "bus": "usb"},
    {"type": "input", "kind": "passthrough", "bus": "virtio", "evdev": "/dev/input/event1"},
    {"type": "input", "kind": "evdev", "device": "/dev/input/event2", "grab": "all"},
    {"type": "sound", "model": "ich9", "codecs": ["duplex"]},
    {"type": "audio", "kind": "file", "path": "/tmp/a.wav"},
    {"type": "serial", "kind": "tcp", "source_host": "127.0.0.1", "source_service": 4001},
    {"type": "parallel", "kind": "file", "path": "/tmp/printed"},
    {"type": "console"},
    {"type": "channel"},
    {"type": "controller", "kind": "usb", "index": 5},
    {"type": "controller", "kind": "pci"},
    {"type": "rng", "rate_bytes": 1024, "rate_period_ms": 1000},
    {"type": "tpm"},
    {"type": "watchdog"},
    {"type": "panic"},
    {"type": "vsock"},
    {"type": "smartcard", "mode": "host"},
    {"type": "memory", "size_mib": 128},
    {"type": "shmem", "name": "lab"},
    {"type": "iommu", "model": "intel", "intremap": True},
    {"type": "redirfilter", "rules": [{"allow": True, "usb_class": "0x08"}, {"allow": False}]},
    {"type": "lease", "lockspace": "shop", "resource": "a", "path": "/srv/leases"},
]
"""Each kind as people ask for it, with values that belong together."""
ALSO: dict[str, dict[str, Any]] = {
    "hostdev": {"kind": "usb", "vendor": "0x1234", "product": "0x5678"},
    "filesystem": {"source": "/srv", "target": "a"},
    "memory": {"size_mib": 128},
    "shmem": {"name": "a"},
    "channel": {"name": "org.example.word"},
    "redirfilter": {"rules": [{"allow": True}]},
    "lease": {"lockspace": "a", "resource": "a", "path": "/srv/leases"},
}
"""What a new device of a kind cannot be without."""
TEXTS = {
    **{"profile": "local:restricted", "hostname": "bob", "fqdn": "bob.example.org"},
    **{"path": "/tmp/a", "log": "/tmp/log", "source_host": "127.0.0.1", "device": "/dev/input/event1"},
    **{
        "source_path": "/tmp/a",
        "target": "tap7",
        "filter": "clean-traffic",
        "password_valid_to": "2031-01-01T00:00:00",
    },
    **{"evdev": "/dev/input/event1", "server": "/tmp/a", "spice_channel": "org.example.a", "source": "/dev/urandom"},
    "source_path": "/tmp/a",
}

GROUPS = ("virtio", "host_offloads", "guest_offloads")
"""Groups whose values stand by themselves."""
LISTS = {"vlans": [42]}


def asks(kind: type[Device]) -> Iterator[dict[str, Any]]:
    """Bodies that name one value each, with what it needs beside it."""
    for name, place in asked(kind):
        for number, value in enumerate(values(place)):
            path = {"path": f"/tmp/{name}-{number}.img"} if kind.tag == "disk" else {}  # each is given once only
            body = {**ALSO.get(kind.tag, {}), **path, name: value}
            beside(kind, name, body)
            yield {"type": kind.tag, **body}


def values(place: Place) -> list[Any]:
    annotation = place.owner.model_fields[place.name].annotation
    if place.name in GROUPS and place.child:
        return [{inner: value} for inner, deep in place.child.places.items() for value in values(deep)]
    if place.child or place.many:
        return []
    if words := choices_of(annotation):
        return list(words)
    if simple_type(annotation) is bool:
        return [True] if place.at.words == "present" else [True, False]
    if simple_type(annotation) is int:
        return [max(place.at.minimum or 0, 1)]
    return [TEXTS[place.name]] if place.name in TEXTS else []


def beside(kind: type[Device], name: str, body: dict[str, Any]) -> None:
    """Add what a value needs: the value that its declaration names, and what that one needs in its turn."""
    needed, _, words = kind.places[name].at.when.partition("=")
    if needed and "." not in needed and needed not in body and kind.usual.get(needed) not in words.split(","):
        body[needed] = words.split(",")[0] if words else LISTS.get(needed) or next(iter(values(kind.places[needed])))
        if body[needed] in ("yes", "no"):
            body[needed] = body[needed] == "yes"
        beside(kind, needed, body)
    for other, place in asked(kind):
        if place.at.needed and other not in body and place.at.when == f"{name}={body.get(name)}":
            body[other] = next(iter(values(place)), "a")


def test_what_passes_our_checks_is_taken_by_libvirt(bed: Bed, client: Client) -> None:
    bed.a.make_disk("a.img", "1M", kind="raw")
    bed.a.virsh("pool-refresh", "default")
    service: Service = client.application.extensions["quarterdeck"]
    storage = Storage(service.hosts, service.inventory, service.jobs, service.store)
    known, domains = kinds(service.hosts, storage, Offered(service.hosts)), service.hosts.get("local").domains
    connection = bed.a.open()
    xml = machine_xml(bed).replace("</devices>", "<graphics type='spice'/></devices>")
    machine = connection.defineXML(xml)
    base, row = machine.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), domains.row(machine.UUIDString())
    assert row
    taken, refused = 0, []
    for body in [*EVERYTHING, *(body for kind in KINDS.values() for body in asks(kind))]:
        draft = Draft("local", row.uuid, row, domains, base, parse(base), None, live=False, save=True)
        known.add.get(body["type"], known.parts.add)(draft, ADDS[body["type"]].model_validate(body))
        if draft.errors:
            refused += [f"{body}: {draft.errors}"] if body in EVERYTHING else []
            continue
        try:
            connection.defineXMLFlags(dump(draft.saved), libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
            taken += 1
        except libvirt.libvirtError as error:
            refused.append(f"{body}: {error}")
    connection.close()
    assert refused == []
    assert taken > 200


ELSEWHERE = {
    "debian.edit-emulator": "Cannot check QEMU binary /usr/local/bin/qemu: No such file",
    **dict.fromkeys(
        ("arm.edit-acpi", "arm.edit-card", "mainframe.edit-kernel", "mainframe.edit-disk"), "Cannot check QEMU binary"
    ),
    "debian.edit-security": "SEV launch security is not supported with this QEMU binary",
}
"""Goldens that only another host takes, and what libvirt says of them here."""
PASST = ("hardware.edit-newer-passt", "shares.edit-passt")
"""Goldens of a card by passt, with which not every libvirt is built."""
TOO_NEW = "failed to validate against schema"


def fitted(root: Element, *, passt: bool) -> Element:
    """The definition without what depends on how a host was built and set up."""
    for card in root.findall("devices/interface[backend]"):
        if not passt:
            root.find("devices").remove(card)  # type: ignore[union-attr]  # it has devices
    for display in root.findall("devices/graphics[@tlsPort]"):
        del display.attrib["tlsPort"]  # qemu.conf must name certificates first
    return root


def batches(edits: list[Edit]) -> Iterator[list[Edit]]:
    """The edits by machine, so many together as touch different things."""
    for _, of_machine in groupby(sorted(edits, key=attrgetter("machine")), key=attrgetter("machine")):
        left = list(of_machine)
        while left:
            batch: dict[str, Edit] = {}
            for edit in left:
                things = [edit.device] if edit.device else [f"{name}!" for name in edit.changes]
                if batch.keys().isdisjoint(things):
                    batch |= dict.fromkeys(things, edit)
            chosen = {edit.what for edit in batch.values()}
            yield [edit for edit in left if edit.what in chosen]
            left = [edit for edit in left if edit.what not in chosen]


def test_every_golden_is_taken_by_libvirt(bed: Bed) -> None:
    connection = bed.a.open()
    number = connection.getLibVersion()
    version = (number // 1_000_000, number // 1000 % 1000, number % 1000)

    def refusal(edits: list[Edit]) -> str:
        root = parse((DATA / f"{edits[0].machine}.xml").read_text())
        for (model, element), edit in [(edit.target(root), edit) for edit in edits]:
            model.patch(element, edit.changes)
        try:
            xml = dump(fitted(root, passt=passt or edits[0].golden.stem in PASST))
            connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE).undefineFlags(KEEP_NOTHING)
        except libvirt.libvirtError as error:
            return str(error)
        return ""

    passt = True
    passt = "'passt'" not in refusal([next(edit for edit in EDITS if edit.machine == "shares")])
    told = {edit.golden.stem: ELSEWHERE.get(edit.golden.stem, "") for edit in EDITS}
    told |= {} if passt else dict.fromkeys(PASST, "'passt'")
    told |= {edit.golden.stem: TOO_NEW for edit in EDITS if since(edit.target_model, edit.changes) > version}
    assert {*ELSEWHERE, *PASST} <= {edit.golden.stem for edit in EDITS}
    taken = [edit for edit in EDITS if not told[edit.golden.stem]]
    # Two edits may not go together; then each is asked for alone.
    alone = [edit for batch in batches(taken) if refusal(batch) for edit in batch]
    alone += [edit for edit in EDITS if edit not in taken]
    said = {edit.golden.stem: refusal([edit]) for edit in alone}
    connection.close()
    wrong = {name: text for name, text in said.items() if told[name] not in text or (text and not told[name])}
    assert wrong == {}
    assert len(alone) < len(EDITS) // 5, "most go together"
