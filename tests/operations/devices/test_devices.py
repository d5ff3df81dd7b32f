"""Hardware of machines over the API, on a made-up host: what is saved, and what is refused at its field."""

from __future__ import annotations

from typing import Any

import pytest

from ...conftest import Client
from ..machine import Machine

MAC = "52:54:00:12:34:56"
NIC = "interface-525400123456"


@pytest.fixture
def off(client: Client) -> Machine:
    """A machine that is off and has a CD drive."""
    return Machine(client, "fedora-try")


@pytest.fixture
def on(client: Client) -> Machine:
    return Machine(client, "web-1")


def device(machine: Machine, name: str) -> dict[str, Any]:
    found = next(each for each in machine.now["devices"] if each["id"] == name)
    return found["saved"] or found["running"]


def nic(machine: Machine) -> str:
    return next(each["id"] for each in machine.now["devices"] if each["type"] == "interface")


def add(machine: Machine, query: str = "", **body: Any) -> Any:
    return machine.call("POST", f"/devices{query}", body)


def edit(machine: Machine, name: str, query: str = "", **body: Any) -> Any:
    return machine.call("PATCH", f"/devices/{name}{query}", body)


def pointers(answer: Any) -> list[str]:
    assert answer.status_code in (409, 422, 507), answer.text
    return [each["pointer"] for each in answer.json["errors"]]


def test_the_fixture_is_off(off: Machine) -> None:
    assert off.now["state"] == "shut_off"


def test_an_existing_volume_becomes_a_disk(off: Machine) -> None:
    answer = add(off, type="disk", pool="default", volume="spare.qcow2", cache="none", io="native", discard="unmap")
    assert answer.status_code == 200, answer.text
    disk = device(off, "disk-vdb")
    assert (disk["source"]["file"], disk["format"]) == ("/var/lib/libvirt/images/spare.qcow2", "qcow2")
    assert (disk["bus"], disk["cache"], disk["io"], disk["discard"]) == ("virtio", "none", "native", "unmap")


def test_a_new_volume_is_made_for_a_disk(off: Machine) -> None:
    plan = add(off, "?dry_run=true", type="disk", pool="default", size_gib=2, bus="sata").json
    assert plan["commands"][0].startswith("virsh vol-create-as default fedora-try-1.qcow2 2147483648")
    assert "+      <target" in plan["xml_diff"]
    answer = add(off, type="disk", pool="default", size_gib=2, bus="sata")
    assert answer.status_code == 200, answer.text
    volumes = off.client.get("/api/v1/hosts/local/pools/default/volumes").json
    made = next(volume for volume in volumes if volume["name"] == "fedora-try-1.qcow2")
    assert made["used_by"] == ["fedora-try"]


def test_a_scsi_disk_gets_the_virtio_controller(off: Machine) -> None:
    text = "<disk type='file' device='disk'><source file='/tmp/x'/><target dev='sdx' bus='scsi'/></disk>"
    plan = off.call("POST", "/devices/xml?dry_run=true", {"xml": text}).json
    assert "virtio-scsi" in plan["xml_diff"], "also where it is written by hand"
    add(off, type="disk", pool="default", volume="spare.qcow2", bus="scsi")
    models = {each["saved"]["model"] for each in off.now["devices"] if each["id"].startswith("controller-scsi")}
    assert models == {"virtio-scsi"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "disk", "pool": "default", "volume": "web-1.qcow2"}, "/volume"),
        ({"type": "disk", "pool": "default", "volume": "fedora-try.qcow2"}, "/volume"),
        ({"type": "disk", "pool": "default", "volume": "nothing.qcow2"}, "/volume"),
        ({"type": "disk"}, "/volume"),
        ({"type": "disk", "size_gib": 1}, "/pool"),
        ({"type": "disk", "pool": "default", "size_gib": 0}, "/size_gib"),
        ({"type": "disk", "pool": "default", "size_gib": 1, "volume": "web-1.qcow2"}, "/volume"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "cache": "fast"}, "/cache"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "io": "native"}, "/io"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "detect_zeroes": "unmap"}, "/detect_zeroes"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "shareable": True}, "/shareable"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "format": "raw"}, "/format"),
        ({"type": "disk", "pool": "default", "volume": "spare.qcow2", "bus": "sata", "readonly": True}, "/readonly"),
        ({"type": "disk", "path": "relative"}, "/path"),
        ({"type": "interface", "mac": "01:00:5e:00:00:01"}, "/mac"),
        ({"type": "interface", "mac": "52:54:00"}, "/mac"),
        ({"type": "interface", "source": {"network": "nowhere"}}, "/source/network"),
        ({"type": "interface", "source": {"network": "default", "bridge": "br0"}}, "/source"),
        ({"type": "interface", "mtu": 20}, "/mtu"),
        ({"type": "toaster"}, "/type"),
        ({"colour": "red"}, "/type"),
    ],
)
def test_every_fault_is_told_at_its_field_and_nothing_is_made(off: Machine, body: Any, pointer: str) -> None:
    before = off.now
    assert pointers(off.call("POST", "/devices", body)) == [pointer]
    assert off.now["etag"] == before["etag"]


def test_an_interface_comes_changes_and_goes(off: Machine) -> None:
    add(off, type="interface", mac=MAC, source={"network": "lab"}, link=False)
    assert device(off, NIC)["source"]["network"] == "lab"
    assert device(off, NIC)["link"] == "down"
    edit(off, NIC, source={"network": "default"}, model="e1000e", mtu=1400, link="up")
    now = device(off, NIC)
    assert (now["source"]["network"], now["model"], now["mtu"], now["link"]) == ("default", "e1000e", 1400, "up")
    other = edit(off, NIC, mac="52:54:00:65:43:21")
    assert "interface-525400654321" in [each["id"] for each in other.json["devices"]]
    assert off.call("DELETE", "/devices/interface-525400654321").status_code == 200
    assert "interface-525400654321" not in [each["id"] for each in off.now["devices"]]


def test_an_address_in_use_is_refused(off: Machine, on: Machine) -> None:
    taken = device(on, nic(on))["mac"]
    answer = add(off, type="interface", mac=taken)
    assert pointers(answer) == ["/mac"]
    assert "web-1" in answer.json["detail"]


def test_interfaces_without_an_address_get_different_ones(off: Machine) -> None:
    for _ in range(3):
        add(off, type="interface", source={"network": "default"})
    macs = [each["saved"]["mac"] for each in off.now["devices"] if each["type"] == "interface"]
    assert len(set(macs)) == len(macs) == 4


def test_a_medium_is_inserted_and_ejected(off: Machine) -> None:
    edit(off, "disk-sdc", source={"pool": "isos", "volume": "alpine-virt-3.17.0-x86_64.iso"})
    assert device(off, "disk-sdc")["source"]["file"] == "/srv/isos/alpine-virt-3.17.0-x86_64.iso"
    plan = edit(off, "disk-sdc", "?dry_run=true", source=None).json
    assert plan["commands"] == ["virsh change-media fedora-try sdc --eject --config"]
    edit(off, "disk-sdc", source=None)
    assert device(off, "disk-sdc")["source"]["file"] is None
    assert pointers(edit(off, "disk-vda", source=None)) == ["/source"]


def test_a_disk_changes_its_bus_and_its_name_with_it(off: Machine) -> None:
    plan = edit(off, "disk-vda", "?dry_run=true", bus="sata").json
    words = "bus=sata,target.dev=sda,xpath99.delete=./address"
    assert plan["commands"] == [f"virt-xml fedora-try --edit target=vda --disk {words}"]
    answer = edit(off, "disk-vda", bus="sata", serial="ABC-1", readonly=False, cache="writeback")
    ids = [each["id"] for each in answer.json["devices"] if each["type"] == "disk"]
    assert "disk-vda" not in ids
    moved = device(off, next(name for name in ids if name not in ("disk-sdc",)))
    assert (moved["bus"], moved["serial"], moved["cache"]) == ("sata", "ABC-1", "writeback")


def test_null_gives_a_setting_back_to_libvirt(off: Machine) -> None:
    edit(off, "disk-vda", cache="none", serial="S1")
    edit(off, "disk-vda", cache=None, serial=None)
    assert (device(off, "disk-vda")["cache"], device(off, "disk-vda")["serial"]) == (None, None)


def test_a_password_goes_in_and_never_comes_out(off: Machine) -> None:
    graphics = next(each["id"] for each in off.now["devices"] if each["type"] == "graphics")
    answer = edit(off, graphics, password="s3same&", listen="127.0.0.1")
    assert answer.status_code == 200, answer.text
    assert device(off, graphics)["has_password"] is True
    shown = answer.text + off.call("GET", "/xml").text + off.call("GET", "/history").text
    assert "s3same" not in shown
    text = off.call("GET", "/xml").json["xml"]
    off.call("PUT", "/xml", {"xml": text.replace("<vcpu", "<title>Kept</title><vcpu")})
    assert device(off, graphics)["has_password"] is True
    edit(off, graphics, password=None)
    assert device(off, graphics)["has_password"] is False
    shown = off.call("GET", f"/devices/{graphics}/xml").json["xml"]
    beside = off.call("PUT", f"/devices/{graphics}/xml", {"xml": shown, "change": {"password": "s3same&"}})
    assert (device(off, graphics)["has_password"], "s3same" in beside.text) == (True, False)
    plan = off.call("PUT", "/devices/disk-vda/xml?dry_run=true", {"change": {"size_gib": 30, "cache": "none"}}).json
    assert {each["field"] for each in plan["effects"]} == {"size_gib", "disk-vda.cache"}, plan
    assert any(command.startswith("virsh vol-resize") for command in plan["commands"]), plan
    assert pointers(edit(off, graphics, password="123456789")) == ["/password"]


def test_a_plan_shows_no_password(off: Machine) -> None:
    graphics = next(each["id"] for each in off.now["devices"] if each["type"] == "graphics")
    assert "hunter2" not in edit(off, graphics, "?dry_run=true", password="hunter2").text


def test_the_serial_port_takes_its_console_along(off: Machine) -> None:
    assert off.call("DELETE", "/devices/console-0").status_code == 409
    assert off.call("DELETE", "/devices/serial-0").status_code == 200
    kinds = {each["type"] for each in off.now["devices"]}
    assert not kinds & {"serial", "console"}


def test_what_the_machine_needs_stays(off: Machine) -> None:
    ids = [each["id"] for each in off.now["devices"]]
    controller = next(name for name in ids if name.startswith("controller-sata"))
    assert off.call("DELETE", f"/devices/{controller}").status_code == 409
    assert off.call("DELETE", "/devices/disk-nope").status_code == 404
    assert edit(off, "disk-nope", cache="none").status_code == 404
    assert pointers(edit(off, controller, cache="none")) == ["/cache"]


def test_changes_need_to_know_what_they_change(off: Machine) -> None:
    body = {"type": "interface"}
    assert off.call("POST", "/devices", body, etag=None).status_code == 428
    assert off.call("POST", "/devices", body, etag="0").status_code == 412
    assert off.call("DELETE", "/devices/disk-vda", etag="0").status_code == 412
    assert off.call("PATCH", "/devices/disk-vda", {"cache": "none"}, etag=None).status_code == 428


def test_a_made_up_machine_that_runs_says_that_it_waits(on: Machine) -> None:
    plan = add(on, "?dry_run=true", type="interface").json
    assert plan["effects"] == [{"field": "interface", "when": "next_start"}]
    assert plan["warnings"]
    assert add(on, type="interface").json["changes_pending"]


def test_unknown_fields_of_a_device_are_named(off: Machine) -> None:
    assert pointers(edit(off, "disk-vda", colour="red", mtu=3)) == ["/colour", "/mtu"]
