"""Hardware of a real running machine: what changes live, what waits, and what happens on a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config
from tests.conftest import Client
from tests.qemu.bed import Bed, BedHost, wait_for
from tests.waiting import job_done

NAME = "vm1"
ALL = "/api/v1/hosts/local/domains"
MAC = "52:54:00:12:34:56"
CARD = "interface-525400123456"


def machine_xml(bed: Bed, *, ports: int = 6, memory_mib: int = 256, **more: object) -> str:
    """The bed's machine with a CD drive, room to grow, and ports for what is plugged in."""
    root = ET.fromstring(bed.guest_xml(NAME, memory_mib=memory_mib, **more))
    vcpu = root.find("vcpu")
    assert vcpu is not None
    vcpu.text = "4"
    vcpu.set("current", "1")
    devices, serial = root.find("devices"), root.find("devices/serial")
    assert devices is not None
    assert serial is not None
    ET.SubElement(serial, "log", file=f"/var/log/libvirt/qemu/{NAME}.serial", append="off")
    ET.SubElement(devices, "controller", type="pci", index="0", model="pcie-root")
    for index in range(1, ports + 1):
        ET.SubElement(devices, "controller", type="pci", index=str(index), model="pcie-root-port")
    drive = ET.SubElement(devices, "disk", type="file", device="cdrom")
    ET.SubElement(drive, "target", dev="sda", bus="sata")
    ET.SubElement(drive, "readonly")
    return ET.tostring(root, encoding="unicode")


class Machine:
    """A real machine on host `a`, seen by a script and by virsh."""

    def __init__(self, host: BedHost, client: Client, uuid: str) -> None:
        self.host, self.client, self.uuid = host, client, uuid

    @property
    def now(self) -> dict[str, Any]:
        return self.client.get(f"{ALL}/{self.uuid}").json

    def ids(self, side: str) -> list[str]:
        return [device["id"] for device in self.now["devices"] if device[side]]

    def device(self, name: str) -> dict[str, Any]:
        return next(device for device in self.now["devices"] if device["id"] == name)

    def call(self, method: str, suffix: str, body: Any = None, status: int = 200) -> Any:
        headers = {"If-Match": self.now["etag"]}
        answer = self.client.open(f"{ALL}/{self.uuid}{suffix}", method=method, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def add(self, query: str = "", status: int = 200, **body: Any) -> Any:
        return self.call("POST", f"/devices{query}", body, status)

    def edit(self, device: str, query: str = "", status: int = 200, **body: Any) -> Any:
        return self.call("PATCH", f"/devices/{device}{query}", body, status)

    def xml(self, *, saved: bool) -> ET.Element:
        return ET.fromstring(self.host.virsh("dumpxml", NAME, *(["--inactive"] if saved else [])))

    def both(self, path: str, attribute: str) -> tuple[str | None, str | None]:
        """A value as it runs and as it is saved, read by virsh."""
        found = [self.xml(saved=saved).find(path) for saved in (False, True)]
        return tuple(node.get(attribute) if node is not None else None for node in found)  # type: ignore[return-value]

    def ready(self) -> None:
        """Wait until the guest runs: before that nobody answers unplug requests."""
        log = self.host.space.folder / "log" / "qemu" / f"{NAME}.serial"
        wait_for(lambda: log.exists() and "guest ready" in log.read_text(errors="replace"))

    def remove(self, device: str) -> Any:
        return self.client.delete(f"{ALL}/{self.uuid}/devices/{device}", headers={"If-Match": self.now["etag"]})


def serve(bed: Bed, folder: Path) -> tuple[Client, Service]:
    """A service on host `a`, and somebody who is logged in there."""
    config = Config(
        run_dir=folder / "run", state_dir=folder / "state", local_uri=bed.a.local_uri, demo=True, accelerator="qemu"
    )
    app = create_app(config)
    service: Service = app.extensions["quarterdeck"]
    assert service.hosts.get("local").wait_connected(60)
    app.test_client_class = Client
    made = app.test_client()
    assert isinstance(made, Client)
    return made.login(), service


@pytest.fixture
def client(bed: Bed, tmp_path: Path) -> Iterator[Client]:
    made, service = serve(bed, tmp_path)
    yield made
    service.close()


@pytest.fixture
def machine(bed: Bed, client: Client) -> Machine:
    return Machine(bed.a, client, bed.a.define(machine_xml(bed), start=True))


def test_a_new_disk_is_plugged_in_at_once_and_saved(machine: Machine) -> None:
    plan = machine.add("?dry_run=true", type="disk", pool="default", size_gib=0.1)
    assert any(command.startswith("virsh vol-create-as default vm1-1.qcow2") for command in plan["commands"])
    assert plan["effects"] == [{"field": "disk", "when": "live"}]
    assert "disk-vda" not in machine.ids("running")
    now = machine.add(type="disk", pool="default", size_gib=0.1, serial="DATA1", cache="none", io="native")
    assert not now["changes_pending"], now["pending"]
    assert machine.both("devices/disk/target[@dev='vda']", "bus") == ("virtio", "virtio")
    assert machine.device("disk-vda")["running"]["serial"] == "DATA1"
    assert "vm1-1.qcow2" in machine.host.virsh("vol-list", "default")


def encrypted(machine: Machine, ask: dict[str, Any]) -> bool:
    """Whether the disk is there; qemu-img 7.2 cannot encrypt on a host that is too busy, and then nothing is left."""
    headers = {"If-Match": machine.now["etag"]}
    answer = machine.client.post(f"{ALL}/{machine.uuid}/devices", json=ask, headers=headers)
    assert answer.status_code == 200 or answer.json["type"].endswith("/busy"), answer.text
    assert len(machine.host.virsh("secret-list").split()) // 2 == (1 if answer.status_code == 200 else 0)
    return answer.status_code == 200


def test_a_disk_is_encrypted_by_a_passphrase_that_nobody_reads_again(machine: Machine, tmp_path: Path) -> None:
    ask: dict[str, Any] = {"type": "disk", "pool": "default", "size_gib": 0.01, "passphrase": "correct horse battery"}
    plan = machine.add("?dry_run=true", **ask)
    assert plan["commands"][0].startswith("virsh secret-define /dev/stdin")
    assert machine.host.virsh("secret-list").split() == []
    ask |= {"format": "raw", "virtio": {"packed": True, "iommu": True}, "io_event_fd": True}
    wait_for(lambda: encrypted(machine, ask), 300)
    now = machine.now
    assert not now["changes_pending"], now["pending"]
    disk = machine.device("disk-vda")["running"]
    assert (disk["encryption"]["format"], disk["virtio"]["packed"]) == ("luks", True)
    assert disk["encryption"]["secret"] == machine.host.virsh("secret-list").split()[0]
    assert machine.host.space.run("head", "-c", "4", disk["source"]["file"]) == "LUKS"
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert kept and not any(b"correct horse" in each for each in kept)
    assert "correct horse" not in str(now) + str(plan) + machine.client.get("/api/v1/audit").text
    machine.host.virsh("secret-undefine", disk["encryption"]["secret"])


def test_a_disk_on_scsi_brings_its_controller(machine: Machine) -> None:
    machine.host.make_disk("extra.qcow2")
    machine.host.virsh("pool-refresh", "default")
    now = machine.add(type="disk", pool="default", volume="extra.qcow2", bus="scsi")
    assert not now["changes_pending"], now["pending"]
    assert machine.both("devices/controller[@type='scsi']", "model") == ("virtio-scsi", "virtio-scsi")
    assert machine.both("devices/disk/target[@dev='sdb']", "bus") == ("scsi", "scsi")


def test_a_guest_that_does_not_let_go_is_waited_for_as_long_as_somebody_wants(machine: Machine) -> None:
    machine.add(type="disk", pool="default", size_gib=0.1)
    machine.host.virsh("suspend", NAME)
    answer = machine.remove("disk-vda")
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    wait_for(lambda: machine.client.get(place).json["phase"] == "wait")
    job = machine.client.get(place).json
    assert (job["state"], job["can_cancel"], job["details"]["device"]) == ("running", True, "disk-vda")
    now = machine.device("disk-vda")
    assert (now["saved"], now["running"]["target"]) == (None, "vda")
    asked = machine.remove("disk-vda")
    assert (asked.status_code, asked.headers["Location"]) == (202, place), "one job waits, however often it is asked"
    machine.add("?apply=next_start", type="watchdog")  # it keeps nobody from other changes
    machine.client.delete(place)  # nobody needs to wait
    over = job_done(machine.client, place, "cancelled")
    assert "may still let go" in over["problem"]["detail"], over
    machine.call("POST", f"/history/{job['details']['definition']}/undo")  # the job leads to its way back
    assert machine.device("disk-vda")["saved"]["target"] == "vda"


def test_a_network_interface_comes_changes_and_goes(machine: Machine) -> None:
    before = {name for name in machine.ids("running") if name.startswith("interface")}
    machine.add(type="interface", source={"network": "default"}, mac=MAC, link="down")
    name = "interface-525400123456"
    assert machine.both(f"devices/interface/mac[@address='{MAC}']/../link", "state") == ("down", "down")
    machine.edit(name, link="up")
    assert "up" in machine.host.virsh("domif-getlink", NAME, MAC)
    text = machine.client.get(f"{ALL}/{machine.uuid}/devices/{name}/xml").json["xml"]
    by_hand = {"xml": text.replace('state="up"', 'state="down"'), "change": {"mtu": 1300}}
    plan = machine.call("PUT", f"/devices/{name}/xml?dry_run=true", by_hand)
    assert {each["field"]: each["when"] for each in plan["effects"]} == {
        f"{name}.link": "live",
        f"{name}.mtu": "next_start",
    }
    machine.call("PUT", f"/devices/{name}/xml", by_hand)
    assert machine.both(f"devices/interface/mac[@address='{MAC}']/../link", "state") == ("down", "down")
    assert machine.edit(name, model="e1000e", mtu=1400)["changes_pending"]
    assert machine.both(f"devices/interface/mac[@address='{MAC}']/../model", "type") == ("virtio", "e1000e")
    assert machine.add(status=409, type="interface", mac=MAC)["errors"][0]["pointer"] == "/mac"
    assert {name for name in machine.ids("running") if name.startswith("interface")} == {*before, name}


def test_a_medium_is_inserted_changed_and_ejected(machine: Machine) -> None:
    for name in ("one.iso", "two.iso"):
        machine.host.make_disk(name, "1M", kind="raw")
    machine.host.virsh("pool-refresh", "default")
    machine.edit("disk-sda", source={"pool": "default", "volume": "one.iso"})
    path = "devices/disk[@device='cdrom']/source"
    assert machine.both(path, "file") == ("/var/lib/libvirt/images/one.iso",) * 2
    plan = machine.edit("disk-sda", "?dry_run=true", source={"path": "/var/lib/libvirt/images/two.iso"})
    assert plan["commands"] == ["virsh change-media vm1 sda /var/lib/libvirt/images/two.iso --update --live --config"]
    machine.edit("disk-sda", source={"path": "/var/lib/libvirt/images/two.iso"}, force=True)
    assert machine.both(path, "file") == ("/var/lib/libvirt/images/two.iso",) * 2
    text = machine.call("GET", "/devices/disk-sda/xml")["xml"]
    forced = {"xml": text.replace("two.iso", "one.iso"), "change": {"force": True}}
    plan = machine.call("PUT", "/devices/disk-sda/xml?dry_run=true", forced)
    assert any("update-device vm1 /dev/stdin --live --force" in each for each in plan["commands"]), plan
    back = machine.call("PUT", "/devices/disk-sda/xml", forced)
    assert machine.both(path, "file") == ("/var/lib/libvirt/images/one.iso",) * 2
    assert not back["changes_pending"], back["pending"]
    now = machine.edit("disk-sda", source=None, force=True)
    assert machine.both(path, "file") == (None, None)
    assert not now["changes_pending"], now["pending"]


def test_vcpus_and_memory_grow_and_shrink_live(machine: Machine) -> None:
    machine.call("PATCH", "", {"vcpus": 2, "memory_mib": 192})
    assert machine.both("vcpu", "current") == ("2", "2")
    assert machine.xml(saved=True).findtext("currentMemory") == str(192 * 1024)
    text = machine.client.get(f"{ALL}/{machine.uuid}/settings/cpu/xml").json["xml"]
    machine.call("PUT", "/settings/cpu/xml", {"xml": text.replace('current="2"', 'current="3"')})
    assert machine.both("vcpu", "current") == ("3", "3")
    late = machine.call("PATCH", "", {"vcpus_max": 6, "memory_max_mib": 512})
    assert {each["field"] for each in late["pending"]} == {"vcpus_max", "memory_max_mib"}
    machine.add("?apply=next_start", type="memory", size_mib=128)
    more = machine.call("PATCH", "", {"memory_max_mib": 1024, "autostart": True})
    saved = machine.xml(saved=True)
    cell = saved.find("cpu/numa/cell")
    assert (saved.findtext("memory"), cell is not None and cell.get("memory")) == ("1048576", "917504"), more
    assert "Autostart:      enable" in machine.host.virsh("dominfo", NAME)
    named = next(each for each in machine.client.get(f"{ALL}/{machine.uuid}/settings").json if each["id"] == "cpu")
    assert '"value": "hypervisor"' in json.dumps(named), "flags are proposed"


def test_a_disk_grows_while_it_runs_and_never_shrinks(machine: Machine) -> None:
    machine.add(type="disk", pool="default", size_gib=0.1)
    machine.edit("disk-vda", size_gib=0.2)
    assert f"{int(0.2 * (1 << 30)) + 308}" in machine.host.virsh("domblkinfo", NAME, "vda")
    assert machine.edit("disk-vda", status=422, size_gib=0.05)["errors"][0]["pointer"] == "/size_gib"


def test_what_cannot_change_live_is_saved_for_the_next_start(machine: Machine) -> None:
    machine.add(type="disk", pool="default", size_gib=0.1)
    now = machine.edit("disk-vda", cache="writethrough", detect_zeroes="on")
    assert {each["field"] for each in now["pending"]} == {"cache", "detect_zeroes"}
    refused = machine.edit("disk-vda", "?apply=live", 409, cache="none")
    assert refused["errors"][0]["pointer"] == "/cache"
    machine.host.virsh("destroy", NAME)
    machine.host.virsh("start", NAME)
    assert not machine.now["changes_pending"]


def test_when_the_running_half_fails_the_saved_half_is_put_back(machine: Machine) -> None:
    before = machine.xml(saved=True)
    network = "<network><name>bare</name><bridge name='qdbare0'/></network>"
    (machine.host.space.folder / "log" / "bare.xml").write_text(network)
    machine.host.virsh("net-define", "/var/log/libvirt/bare.xml")
    machine.host.virsh("net-start", "bare")
    machine.host.space.run("ip", "link", "delete", "qdbare0")
    answer = machine.add(status=409, type="interface", source={"network": "bare"}, mac=MAC)
    assert "put back" in answer["detail"]
    assert ET.tostring(machine.xml(saved=True)) == ET.tostring(before)
    assert "interface-525400123456" not in machine.ids("running")


def test_a_failed_new_disk_leaves_no_volume(machine: Machine) -> None:
    machine.host.virsh("destroy", NAME)
    machine.host.virsh("start", NAME, "--paused")
    for port in range(1, 7):  # somebody fills the ports behind libvirt's back
        machine.host.virsh("qemu-monitor-command", NAME, "--hmp", f"device_add virtio-rng-pci,bus=pci.{port}")
    refused = machine.add(status=409, type="disk", pool="default", size_gib=0.1)
    assert "put back" in refused["detail"]
    assert "vm1-1.qcow2" not in machine.host.virsh("vol-list", "default")
    assert "disk-vda" not in machine.ids("saved")


def test_no_free_port_is_told_before_anything_happens(bed: Bed, client: Client) -> None:
    machine = Machine(bed.a, client, bed.a.define(machine_xml(bed, ports=1), start=True))
    while True:
        etag = machine.now["etag"]
        answer = client.post(f"{ALL}/{machine.uuid}/devices", json={"type": "interface"}, headers={"If-Match": etag})
        if answer.status_code != 200:
            break
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/type")
    assert "next_start" in answer.json["cure"]
    assert machine.add("?apply=next_start", type="interface")["changes_pending"]


def test_one_disk_is_not_given_to_two_machines(machine: Machine, bed: Bed) -> None:
    disk = bed.a.make_disk("taken.qcow2")
    bed.a.virsh("pool-refresh", "default")
    bed.a.define(bed.guest_xml("other", disk=disk))
    refused = machine.add(status=409, type="disk", pool="default", volume="taken.qcow2")
    assert "other" in refused["detail"]


def test_xml_that_libvirt_does_not_know_is_refused_whole(machine: Machine) -> None:
    text = machine.client.get(f"{ALL}/{machine.uuid}/xml").json["xml"]
    answer = machine.call("PUT", "/xml", {"xml": text.replace("<devices>", "<devices><disc/>", 1)}, 422)
    assert answer["type"].endswith("invalid-xml")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "<devices>" in each)
    assert answer["errors"] == [{"pointer": "/xml", "detail": f"Line {line}: <disc> does not belong here like this."}]


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("disk-vda", {"iotune": {"read_bytes_sec": 1 << 20, "write_bytes_sec": 1 << 21, "read_bytes_sec_max": 1 << 22}}),
    ("rng-0", {"source": "/dev/random", "rate_bytes": 99}),
    ("watchdog-0", {"action": "poweroff"}),
    ("memballoon-0", {"stats_period_s": 3, "free_page_reporting": True}),
    ("video-0", {"model": "virtio", "heads": 2}),
]


def test_every_change_is_taken_by_libvirt(bed: Bed, client: Client) -> None:
    machine = Machine(bed.a, client, bed.a.define(machine_xml(bed)))
    machine.add(type="disk", pool="default", size_gib=0.1)
    for body in (
        {"type": "rng"},
        {"type": "watchdog"},
        {"type": "video"},
    ):
        if body["type"] not in {device["type"] for device in machine.now["devices"]}:
            machine.add(**body)
    if "memballoon-0" not in machine.ids("saved"):
        machine.add(type="memballoon")
    known = machine.ids("saved")
    assert "disk-vda" in known, known
    for device, changes in CHANGES:
        assert device in known
        machine.edit(device, **changes)
        assert {name: machine.device(device)["saved"][name] for name in changes} != {}
    limits = machine.device("disk-vda")["saved"]["iotune"] if "disk-vda" in known else {}
    assert limits["write_bytes_sec"] == 1 << 21
