"""Every kind of hardware over the API, on a made-up host: forms, rules, and what is refused at its field."""

from __future__ import annotations

from typing import Any

import pytest

from ...conftest import Client
from ..machine import Machine
from .test_devices import add, device, edit, pointers

LOCKED = {"secret_usage": "a"}


@pytest.fixture
def off(client: Client) -> Machine:
    return Machine(client, "fedora-try")


def forms(machine: Machine) -> dict[str, Any]:
    return {form["id"]: form for form in machine.call("GET", "/forms", etag=None).json}


def fields(form: Any) -> dict[str, Any]:
    return {field["name"]: field for field in form["fields"]}


def test_forms_tell_choices_ranges_and_when_it_takes_effect(off: Machine) -> None:
    known = forms(off)
    assert {"disk", "cdrom", "floppy", "interface", "hostdev", "tpm", "memory", "iommu"} <= set(known)
    disk, nic = fields(known["disk"]), fields(known["interface"])
    assert "virtio" in [choice["value"] for choice in disk["bus"]["choices"]]
    assert (nic["mtu"]["minimum"], nic["mtu"]["maximum"], nic["mtu"]["advanced"]) == (68, 65535, True)
    assert (nic["link"]["apply"], nic["mtu"]["apply"]) == ("live", "next_start")
    assert fields(known["graphics"])["password"]["control"] == "secret"
    assert known["memballoon"]["reason"] == "The machine has one already."


def test_a_folder_switches_shared_memory_on_in_the_same_plan(off: Machine) -> None:
    plan = add(off, "?dry_run=true", type="filesystem", source="/srv/a", target="a").json
    assert '+    <access mode="shared"/>' in plan["xml_diff"]
    assert {"field": "memory_backing", "when": "live"} in plan["effects"]
    add(off, type="filesystem", source="/srv/a", target="a")
    assert device(off, "filesystem-0")["access_mode"] == "passthrough"
    assert pointers(add(off, type="filesystem", source="/srv/b", target="a")) == ["/target"]


def test_a_memory_module_brings_slots_and_a_cell(off: Machine) -> None:
    plan = add(off, "?dry_run=true", type="memory", size_mib=512).json
    assert "<maxMemory" in plan["xml_diff"]
    assert "<cell" in plan["xml_diff"]
    assert len(plan["warnings"]) == 2


def test_a_team_of_cards_is_named_for_the_person_and_stays_whole(off: Machine) -> None:
    card = {"type": "hostdev", "kind": "pci", "address": {"domain": "0", "bus": "9", "slot": "0", "function": "0"}}
    leaves = {"role": "transient"}
    assert pointers(add(off, **card, teaming=leaves)) == ["/teaming/role"]
    nic = next(each["id"] for each in off.now["devices"] if each["type"] == "interface")
    assert pointers(edit(off, nic, model="e1000e", teaming={"role": "persistent"})) == ["/teaming/role"]
    edit(off, nic, model="virtio", teaming={"role": "persistent"})
    plan = add(off, "?dry_run=true", **card, teaming=leaves).json
    assert f'<teaming type="transient" persistent="ua-{nic.removeprefix("interface-")}"/>' in plan["xml_diff"]
    assert pointers(add(off, **card, teaming=leaves | {"partner": "ua-nobody"})) == ["/teaming/partner"]
    add(off, **card, teaming=leaves)
    answer = off.call("DELETE", f"/devices/{nic}")
    assert (answer.status_code, answer.json["detail"]) == (409, "Host device pci 0000:09:00.0 stands in for it.")


def test_options_of_virtio_come_and_go_beside_what_is_there(off: Machine) -> None:
    edit(off, "disk-vda", cache="none", virtio={"iommu": True, "packed": True})
    assert device(off, "disk-vda")["virtio"] == {"iommu": True, "ats": None, "packed": True, "page_per_vq": None}
    plan = edit(off, "disk-vda", "?dry_run=true", virtio=None).json
    assert "./driver/@iommu=" in plan["commands"][0]
    edit(off, "disk-vda", virtio=None)
    assert (device(off, "disk-vda")["cache"], device(off, "disk-vda")["virtio"]["packed"]) == ("none", None)
    edit(off, "disk-vda", virtio={"packed": True})
    plan = edit(off, "disk-vda", "?dry_run=true", bus="sata").json
    assert [effect["field"] for effect in plan["effects"]] == ["bus"]
    edit(off, "disk-vda", bus="sata")
    moved = next(
        each["saved"]
        for each in off.now["devices"]
        if each["id"].startswith("disk-sd") and each["saved"]["bus"] == "sata" and each["saved"]["device"] == "disk"
    )
    assert moved["virtio"]["packed"] is None
    assert pointers(add(off, type="controller", kind="scsi", model="lsilogic", virtio={"packed": True})) == ["/virtio"]


def test_what_stands_for_none_makes_room(off: Machine) -> None:
    off.call("DELETE", "/devices/memballoon-0")
    assert device(off, "memballoon-0")["model"] == "none"
    assert forms(off)["memballoon"]["reason"] is None
    add(off, type="memballoon", model="virtio")
    balloons = [each for each in off.now["devices"] if each["type"] == "memballoon"]
    assert [each["saved"]["model"] for each in balloons] == ["virtio"]


def test_what_a_new_choice_leaves_without_sense_goes(off: Machine) -> None:
    add(off, type="rng", source="/dev/hwrng", rate_bytes=10, rate_period_ms=5)
    rng = [each["id"] for each in off.now["devices"] if each["type"] == "rng"][-1]
    edit(off, rng, rate_bytes=None)
    assert (device(off, rng)["rate_bytes"], device(off, rng)["rate_period_ms"]) == (None, None)
    edit(off, rng, backend="builtin")
    assert (device(off, rng)["backend"], device(off, rng)["source"]) == ("builtin", None)
    assert pointers(edit(off, rng, source="/dev/hwrng")) == ["/source"]


def test_host_devices_are_named_and_not_given_twice(off: Machine) -> None:
    body = {"type": "hostdev", "kind": "usb", "vendor": "0x046d", "product": "0xc31c"}
    plan = off.call("POST", "/devices?dry_run=true", body).json
    assert plan["commands"][0].startswith("virsh attach-device fedora-try")
    off.call("POST", "/devices", body)
    assert pointers(off.call("POST", "/devices", body)) == ["/address"]
    assert pointers(add(off, type="hostdev", node_device="no_such_device")) == ["/node_device"]


def test_what_comes_with_a_host_device_and_who_else_has_it_is_told(off: Machine) -> None:
    def warnings(name: str) -> Any:
        return add(off, "?dry_run=true", type="hostdev", node_device=name).json["warnings"]

    assert warnings("pci_0000_01_00_0") == [
        "It shares IOMMU group 14 with NVIDIA Corporation GA106 High Definition Audio Controller: they go with it.",
        "gpu-worker has it too; only one of them can run.",
    ]
    assert warnings("pci_0000_04_00_0") == [
        "The host tells no IOMMU group for it: its IOMMU is probably off, so the machine cannot start.",
        "The host loses enp4s0 while the machine has it.",
    ]


def test_the_equal_command_is_one_that_libvirt_takes(off: Machine) -> None:
    add(off, type="watchdog")
    plan = edit(off, "watchdog-0", "?dry_run=true", action="poweroff").json
    assert plan["commands"] == ["virt-xml fedora-try --edit 1 --watchdog xpath0.set=./@action,xpath0.value=poweroff"]
    rule = {"allow": True, "usb_class": "0x08"}
    plan = add(off, "?dry_run=true", type="redirfilter", rules=[rule]).json
    way = "./devices/redirfilter/usbdev[1]/@"
    assert plan["commands"] == [f"virt-xml fedora-try --edit --xml '{way}allow=yes' --xml '{way}class=0x08'"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "filesystem", "source": "srv", "target": "a"}, "/source"),
        ({"type": "filesystem", "source": "/srv", "target": "-rf"}, "/target"),
        ({"type": "filesystem", "source": "/srv\n", "target": "a"}, "/source"),
        ({"type": "filesystem", "target": "a"}, "/source"),
        ({"type": "filesystem", "source": "/a", "target": "a", "access_mode": "mapped"}, "/access_mode"),
        ({"type": "hostdev"}, "/kind"),
        ({"type": "hostdev", "kind": "pci", "vendor": "0x1"}, "/vendor"),
        ({"type": "serial", "kind": "tcp"}, "/source_host"),
        ({"type": "serial", "kind": "pty", "path": "/tmp/x"}, "/path"),
        ({"type": "channel", "kind": "spicevmc", "name": "com.redhat.spice.0"}, "/kind"),
        ({"type": "tpm", "version": "1.2"}, "/version"),
        ({"type": "vsock", "auto": False, "cid": 2}, "/cid"),
        ({"type": "shmem", "name": "../a"}, "/name"),
        ({"type": "shmem", "name": "a", "size_mib": 3}, "/size_mib"),
        ({"type": "memory", "size_mib": 0}, "/size_mib"),
        ({"type": "sound", "audio": 9}, "/audio"),
        ({"type": "controller", "kind": "usb", "queues": 2}, "/queues"),
        ({"type": "video", "model": "vga", "heads": 2}, "/heads"),
        ({"type": "interface", "source": {"type": "direct", "network": "default"}}, "/source/network"),
        ({"type": "interface", "source": {"type": "bridge", "bridge": "-x"}}, "/source/bridge"),
        ({"type": "interface", "vlans": [9999]}, "/vlans/0"),
        ({"type": "interface", "port_forwards": [{"proto": "icmp"}]}, "/port_forwards/0/proto"),
        ({"type": "disk", "source": {"protocol": "smb", "name": "x"}}, "/source/protocol"),
        ({"type": "disk", "path": "/srv/a.img", "passphrase": "correct horse"}, "/passphrase"),
        ({"type": "disk", "path": "/srv/a.img", "encryption": {"engine": "qemu"}}, "/encryption/secret"),
        (
            {"type": "disk", "path": "/srv/a.img", "encryption": LOCKED | {"format": "luks2"}},
            "/encryption/format",
        ),
        (
            {"type": "disk", "path": "/srv/a.img", "encryption": LOCKED | {"engine": "librbd"}},
            "/encryption/engine",
        ),
        ({"type": "disk", "path": "/srv/a.img", "metadata_cache_kib": 64}, "/metadata_cache_kib"),
        ({"type": "disk", "path": "/srv/a.img", "raw_io": True}, "/raw_io"),
        ({"type": "disk", "path": "/srv/a.img", "geometry": {"cylinders": 1}}, "/geometry"),
        ({"type": "disk", "source": {"protocol": "nbd", "name": "x", "timeout_seconds": 5}}, "/source/timeout_seconds"),
        ({"type": "disk", "path": "/srv/a.img", "discard_no_unref": True}, "/discard_no_unref"),
        ({"type": "disk", "path": "/srv/a.img", "iothreads": [{"id": 1}]}, "/iothreads"),
        ({"type": "disk", "path": "/srv/a.img", "iothreads": [{"id": 9}]}, "/iothreads/0/id"),
        ({"type": "disk", "path": "/srv/a.img", "iothreads": [{"id": 1, "queues": [1]}]}, "/iothreads/0/queues"),
        ({"type": "video", "blob": True}, "/blob"),
        ({"type": "filesystem", "source": "/srv", "target": "b", "readonly": True}, "/readonly"),
        ({"type": "graphics", "kind": "vnc"}, "/kind"),
        ({"type": "graphics", "kind": "spice", "listen": "everywhere"}, "/listen"),
        ({"type": "iommu", "model": "intel", "eim": True}, "/eim"),
        ({"type": "memballoon"}, "/type"),
        ({"type": "audio", "kind": "alsa", "input": {"fixed": False, "channels": 2}}, "/input/channels"),
        ({"type": "audio", "kind": "file", "path": "/tmp/a", "output": {"device": "hw:0"}}, "/output/device"),
        ({"type": "redirfilter"}, "/rules"),
        ({"type": "redirfilter", "rules": [{"allow": True, "usb_class": "123"}]}, "/rules/0/usb_class"),
        ({"type": "lease", "lockspace": "a", "resource": "-b", "path": "/srv/a"}, "/resource"),
        ({"type": "controller", "kind": "pci", "hole64_kib": 1024}, "/hole64_kib"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(off: Machine, body: Any, pointer: str) -> None:
    before = off.now["etag"]
    assert pointer in pointers(off.call("POST", "/devices", body))
    assert off.now["etag"] == before


def test_limits_of_a_total_and_of_its_parts_exclude_each_other(off: Machine) -> None:
    answer = edit(off, "disk-vda", iotune={"total_bytes_sec": 1000, "read_bytes_sec": 500})
    assert pointers(answer) == ["/iotune/read_bytes_sec"]
    edit(off, "disk-vda", iotune={"total_bytes_sec": 1000, "total_bytes_sec_max": 2000})
    assert device(off, "disk-vda")["iotune"]["total_bytes_sec_max_length_s"] == 1
    edit(off, "disk-vda", iotune={"total_bytes_sec": 0, "total_bytes_sec_max": 0})
    assert device(off, "disk-vda")["iotune"] is None


def test_a_place_in_the_boot_order_moves_the_others(off: Machine) -> None:
    add(off, type="interface", boot_order=1)
    assert off.now["boot"]["order"][0].startswith("interface-")
    assert len(off.now["boot"]["order"]) == 3
    edit(off, "disk-vda", boot_order=1)
    assert off.now["boot"]["order"][0] == "disk-vda"
    edit(off, "disk-vda", boot_order=None)
    assert "disk-vda" not in off.now["boot"]["order"]
