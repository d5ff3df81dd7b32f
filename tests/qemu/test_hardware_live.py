"""Hardware of a running machine that needs more than a free port, and boards that change: on real QEMU."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import libvirt
import pytest

from tests.conftest import Client
from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_hotplug import ALL, NAME, Machine, client, machine_xml
from tests.waiting import job_done

__all__ = ["client"]


def test_shared_folder_memory_and_redirection_come_change_and_go(bed: Bed, client: Client) -> None:
    machine = Machine(bed.a, client, bed.a.define(machine_xml(bed, ports=10)))
    folder = "/var/lib/libvirt/images/share"
    bed.a.space.run("mkdir", "-p", folder)
    shared = {"source": "memfd", "access": "shared"}
    machine.call("PATCH", "", {"memory_backing": shared})
    machine.add(type="controller", kind="usb")
    machine.add(type="memory", model="virtio-mem", size_mib=256, requested_mib=0)
    bed.a.virsh("start", NAME)
    machine.ready()
    grown = machine.edit("memory-0", requested_mib=128)
    assert not grown["changes_pending"], grown["pending"]
    assert "requested-size: 134217728" in bed.a.virsh("qemu-monitor-command", NAME, "--hmp", "info memory-devices")
    assert machine.edit("memory-0", status=422, requested_mib=512)["errors"][0]["pointer"] == "/requested_mib"
    if bed.a.control_groups:
        plan = machine.add("?dry_run=true", type="filesystem", source=folder, target="share")
        assert (plan["effects"], plan["warnings"]) == ([{"field": "filesystem", "when": "live"}], [])
        now = machine.add(type="filesystem", source=folder, target="share")
        assert "virtiofsd" in bed.a.space.run("ps", "ax")
    else:
        refused_without_groups(machine)
        now = machine.call("GET", "")
    assert not now["changes_pending"], now["pending"]
    plugged = machine.add(type="redirdev", kind="tcp", source_mode="bind", source_host="127.0.0.1", source_service=4444)
    assert not plugged["changes_pending"], plugged["pending"]
    for name in {"redirdev-0", "filesystem-0"} & set(machine.ids("running")):
        answer = machine.remove(name)
        if answer.status_code == 202:
            job_done(client, answer.headers["Location"])
        assert name not in machine.ids("running") + machine.ids("saved")
    wait_for(lambda: "virtiofsd" not in bed.a.space.run("ps", "ax"))
    if Path("/dev/vhost-vsock").exists():
        assert not machine.add(type="vsock")["changes_pending"]
    else:  # a kernel without it: the reason is told, and nothing of the device stays
        refused = machine.add(status=409, type="vsock")
        assert "vhost-vsock" in refused["detail"]
        assert "put back" in refused["detail"]
        assert "vsock-0" not in machine.ids("running") + machine.ids("saved")


def refused_without_groups(machine: Machine) -> None:
    """Libvirt 9.0 dies of a folder that is plugged in where it has no control groups."""
    share = {"type": "filesystem", "source": "/var/lib/libvirt/images/share", "target": "share"}
    refused = machine.add("?apply=live", status=409, **share)
    assert "no control groups" in refused["detail"], refused
    later = machine.add("?dry_run=true", **share)
    assert later["effects"] == [{"field": "filesystem", "when": "next_start"}], later


@pytest.fixture
def without_groups(bed: Bed) -> Iterator[None]:
    """Libvirt of host `a` gives machines no control groups."""
    edit = "s/^cgroup_controllers.*/cgroup_controllers = []/"
    bed.a.space.run("sed", "-i.groups", edit, "/etc/libvirt/qemu.conf")
    bed.a.stop_libvirtd()
    bed.a.start_libvirtd()
    yield
    bed.a.space.run("mv", "/etc/libvirt/qemu.conf.groups", "/etc/libvirt/qemu.conf")
    bed.a.stop_libvirtd()
    bed.a.start_libvirtd()


def test_a_folder_that_would_bring_libvirt_down_is_refused(bed: Bed, without_groups: None, client: Client) -> None:
    bed.a.space.run("mkdir", "-p", "/var/lib/libvirt/images/share")
    machine = Machine(bed.a, client, bed.a.define(machine_xml(bed)))
    machine.call("PATCH", "", {"memory_backing": {"source": "memfd", "access": "shared"}})
    bed.a.virsh("start", NAME, "--paused")
    refused_without_groups(machine)
    bed.a.virsh("destroy", NAME)


PARTS = {
    "/backend": "<interface type='user'><backend type='passt'/></interface>",
    "/model": "<panic model='pvpanic'/>",
}
BODIES: dict[str, dict[str, Any]] = {
    "/backend": {"type": "interface", "source": {"type": "user"}, "port_forwards": [{"proto": "tcp"}]},
    "/model": {"type": "panic", "model": "pvpanic"},
}


@pytest.mark.parametrize("pointer", PARTS)
def test_a_word_that_this_libvirt_does_not_know_is_refused_at_its_field(bed: Bed, client: Client, pointer: str) -> None:
    machine = Machine(bed.a, client, bed.a.define(machine_xml(bed)))
    connection = bed.a.open()
    try:
        connection.defineXML(bed.guest_xml("other").replace("</devices>", f"{PARTS[pointer]}</devices>"))
        known = pointer != "/backend" or shutil.which("passt") is not None
    except libvirt.libvirtError:
        known = False
    connection.close()
    answer = client.post(
        f"{ALL}/{machine.uuid}/devices?dry_run=true", json=BODIES[pointer], headers={"If-Match": machine.now["etag"]}
    )
    assert answer.status_code == (200 if known else 409), answer.text
    if not known:
        assert [each["pointer"] for each in answer.json["errors"]] == [pointer]
    kind = BODIES[pointer]["type"]
    form = next(each for each in client.get(f"{ALL}/{machine.uuid}/forms").json if each["id"] == kind)
    (field,) = (each for each in form["fields"] if each["name"] == pointer[1:])
    reasons = {each["value"]: each["reason"] for each in field["choices"]}
    assert (reasons["passt" if kind == "interface" else "pvpanic"] is None) == known


def test_an_old_board_becomes_a_new_one_and_boots_and_uefi_forgets(bed: Bed, client: Client) -> None:
    root = ET.fromstring(bed.guest_xml(NAME, machine="pc-i440fx-6.2"))
    serial, devices = root.find("devices/serial"), root.find("devices")
    assert serial is not None
    assert devices is not None
    ET.SubElement(serial, "log", file=f"/var/log/libvirt/qemu/{NAME}.serial", append="off")
    drive = ET.SubElement(devices, "disk", type="file", device="cdrom")
    ET.SubElement(drive, "target", dev="hda", bus="ide")
    machine = Machine(bed.a, client, bed.a.define(ET.tostring(root, encoding="unicode"), start=True))
    waiting = machine.call("PATCH", "", {"machine": "pc-q35-6.2"})
    assert "machine" in {each["field"] for each in waiting["pending"]}
    bed.a.virsh("destroy", NAME)
    bed.a.virsh("start", NAME)
    machine.ready()
    assert machine.both("os/type", "machine") == ("pc-q35-6.2",) * 2
    assert machine.both("devices/disk/target", "bus") == ("sata",) * 2
    assert machine.now["pending"] == []
    newest = re.search(r"canonical='(pc-q35-[0-9.]+)'", bed.a.virsh("capabilities"))[1]  # type: ignore[index]
    machine.call("PATCH", "", {"machine": newest})
    bed.a.virsh("destroy", NAME)
    bed.a.virsh("start", NAME)
    machine.ready()
    assert machine.both("os/type", "machine") == (newest, newest)
    bed.a.virsh("destroy", NAME)
    machine.call("PATCH", "", {"firmware": "uefi"})
    bed.a.virsh("start", NAME)
    store = machine.xml(saved=False).findtext("os/nvram")
    assert store
    bed.a.virsh("destroy", NAME)
    seen = "od -A n -t x1 -j 65600 -N 4 " + store
    clean = bed.a.space.run("sh", "-c", seen)
    bed.a.space.run("sh", "-c", f"printf DIRT | dd of={store} bs=1 seek=65600 conv=notrunc status=none")
    assert bed.a.space.run("sh", "-c", seen) != clean
    machine.call("POST", "/reset-nvram")
    assert bed.a.state(NAME) == "running"
    assert "44 49 52 54" not in bed.a.space.run("sh", "-c", seen)


def test_waiting_for_a_guest_goes_on_after_the_service_was_killed(bed: Bed, begin_deck: Callable[..., Deck]) -> None:
    uuid = bed.a.define(machine_xml(bed), start=True)
    bed.a.virsh("suspend", NAME)
    deck = begin_deck(bed)
    domain = f"/hosts/local/domains/{uuid}"
    etag = wait_for(lambda: deck.ask("GET", domain).json.get("etag"))
    added = deck.ask("POST", f"{domain}/devices", {"type": "interface"}, If_Match=str(etag))
    assert added.status == 200, added.json
    name = next(each["id"] for each in added.json["devices"] if each["type"] == "interface")
    answer = deck.ask("DELETE", f"{domain}/devices/{name}", If_Match=added.json["etag"])
    assert answer.status == 202, answer.json
    deck.kill()
    deck.start()
    deck.login("demo", "demo")
    again = deck.reached(answer.json["id"], lambda job: job["phase"] == "wait")
    assert (again["state"], again["details"]["device"]) == ("running", name)
    bed.a.virsh("destroy", NAME)
    deck.ended(answer.json["id"])
