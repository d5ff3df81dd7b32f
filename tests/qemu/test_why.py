"""Why a real machine stopped, and the way out; a change of it undone while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import libvirt
import pytest

from tests.conftest import Client
from tests.qemu.bed import Bed, wait_for
from tests.waiting import job_done

from .test_hotplug import ALL, MAC, NAME, Machine, client, machine_xml

__all__ = ["client"]
SMALL = Path("/var/lib/libvirt/small")


def serve_disk(bed: Bed) -> None:
    """Let a server offer a disk on host `a`, until `stop_serving`."""
    run = bed.a.space.run
    server = ("qemu-nbd", "--fork", "--persistent", "--pid-file", SMALL / "nbd.pid", "--bind", "127.0.0.1")
    run(*server, "--format", "raw", SMALL / "far.raw")


def stop_serving(bed: Bed) -> None:
    bed.a.space.run("sh", "-c", f"kill -KILL $(cat {SMALL}/nbd.pid)", check=False)


@pytest.fixture
def machine(bed: Bed, client: Client) -> Iterator[Machine]:
    """A running machine with a disk in a file system of 8 MiB, and one at a server."""
    run = bed.a.space.run
    run("mkdir", "-p", SMALL)
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", SMALL)
    bed.a.make_disk("far.raw", "1M", folder=SMALL, kind="raw")
    serve_disk(bed)
    bed.a.make_disk("data.qcow2", "64M", folder=SMALL)
    bed.a.virsh("pool-create-as", "small", "dir", "--target", str(SMALL))
    root = ET.fromstring(machine_xml(bed))
    devices = root.find("devices")
    assert devices is not None
    disk = ET.SubElement(devices, "disk", type="file", device="disk")
    ET.SubElement(disk, "driver", name="qemu", type="qcow2")
    ET.SubElement(disk, "source", file=str(SMALL / "data.qcow2"))
    ET.SubElement(disk, "target", dev="vda", bus="virtio")
    far = ET.SubElement(devices, "disk", type="network", device="disk")
    ET.SubElement(far, "driver", name="qemu", type="raw", error_policy="stop")
    ET.SubElement(ET.SubElement(far, "source", protocol="nbd"), "host", name="127.0.0.1")
    ET.SubElement(far, "target", dev="vdb", bus="virtio")
    made = Machine(bed.a, client, bed.a.define(ET.tostring(root, encoding="unicode"), start=True))
    yield made
    bed.a.virsh("destroy", NAME, check=False)
    bed.a.virsh("pool-destroy", "small", check=False)
    stop_serving(bed)
    run("umount", SMALL, check=False)


@pytest.fixture
def keyboard(bed: Bed, machine: Machine) -> Iterator[Callable[[str], None]]:
    """Types lines into the guest's shell."""
    conn = bed.a.open()
    stream = conn.newStream()
    conn.lookupByUUIDString(machine.uuid).openConsole(None, stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
    yield lambda line: stream.send(line.encode() + b"\n")
    stream.abort()
    conn.close()


def test_a_full_file_system_pauses_it_says_which_disk_and_resume_cures_it(
    bed: Bed, machine: Machine, keyboard: Callable[[str], None]
) -> None:
    machine.ready()
    keyboard("dd if=/dev/urandom of=/dev/vda bs=1M count=32")
    wait_for(lambda: bed.a.state(NAME) == "paused")
    card = next(each for each in machine.now["findings"] if each["id"] == "paused-full-vda")
    assert (card["action"], card["pool"], card["severity"]) == ("resume", "small", "danger")
    assert "the pool small is full" in card["text"]
    bed.a.space.run("mount", "-o", "remount,size=80m", SMALL)
    now = machine.call("POST", "/resume")
    assert now["state"] == "running"
    wait_for(lambda: int(bed.a.space.run("stat", "-c", "%s", SMALL / "data.qcow2")) > 32 << 20)
    assert not any(each["id"].startswith("paused") for each in machine.now["findings"])
    bed.a.virsh("suspend", NAME)
    assert told(machine, "paused-user")["action"] == "resume"
    machine.call("POST", "/resume")
    stop_serving(bed)
    keyboard("dd if=/dev/urandom of=/dev/vdb bs=4k count=1")
    assert told(machine, "paused-ioerror-vdb")["action"] == "resume"


def told(machine: Machine, name: str) -> dict[str, Any]:
    """The finding of this name, once the machine has it."""

    def there() -> dict[str, dict[str, Any]]:
        found = {each["id"]: each for each in machine.now["findings"]}
        assert name in found, (machine.now["state"], sorted(found))
        return found

    return wait_for(there, what=name)[name]


def test_a_change_is_undone_in_the_running_machine(machine: Machine) -> None:
    machine.ready()
    made = machine.add(type="interface", source={"network": "default"}, mac=MAC, link="down")
    device = f"interface-{MAC.replace(':', '')}"
    edited = machine.edit(device, link="up")
    assert machine.both("devices/interface/link", "state")[0] == "up"
    plan = machine.call("POST", f"/history/{edited['undo']}/undo?dry_run=true")
    assert plan["effects"][0]["when"] == "live"
    machine.call("POST", f"/history/{edited['undo']}/undo")
    assert machine.both("devices/interface/link", "state") == ("down", "down")
    machine.call("POST", f"/history/{made['undo']}/undo")
    wait_for(lambda: device not in machine.ids("running") + machine.ids("saved"))


def test_a_guest_that_does_not_listen_is_turned_off_after_its_time_and_started(bed: Bed, machine: Machine) -> None:
    before = machine.xml(saved=False).get("id")
    answer = machine.client.post(f"{ALL}/{machine.uuid}/power-cycle", json={"timeout_seconds": 5, "force": True})
    job = job_done(machine.client, answer.headers["Location"])
    assert "turned off" in job["log"][0]["text"]
    assert machine.xml(saved=False).get("id") != before
    assert bed.a.state(NAME) == "running"
    answer = machine.client.post(f"{ALL}/{machine.uuid}/power-cycle", json={"timeout_seconds": 5})
    job = job_done(machine.client, answer.headers["Location"], "failed")
    assert job["problem"]["type"] == "/problems/timed-out"
    answer = machine.client.post(f"{ALL}/{machine.uuid}/power-cycle", json={"timeout_seconds": 300})
    machine.client.delete(answer.headers["Location"])
    job = job_done(machine.client, answer.headers["Location"], "cancelled")
    assert job["problem"]["detail"] == "It was asked to shut down, and is not started again.", job
    assert bed.a.state(NAME) == "running"


# At each key its program does the next: the watchdog gets no time (port 443h), the panic device is told (505h).
KEY, REST = b"\xb4\x00\xcd\x16", b"\xf4\xeb\xfd"
PROGRAM = b"\xfb" + KEY + b"\xba\x43\x04\xb0\x0f\xee" + KEY + b"\xba\x05\x05\xb0\x01\xee" + REST
HANGS = """<domain type="qemu">
  <name>vm1</name><memory unit="MiB">32</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os><on_crash>preserve</on_crash>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="raw"/>
      <source file="/var/lib/libvirt/images/hangs.raw"/><target dev="hda" bus="ide"/></disk>
    <watchdog model="ib700" action="pause"/><panic model="isa"/>
  </devices>
</domain>"""


def test_a_watchdog_that_bites_and_a_panic_are_told_and_a_reset_lets_it_run_again(bed: Bed, client: Client) -> None:
    (bed.a.images / "hangs.raw").write_bytes(PROGRAM.ljust(510, b"\x00") + b"\x55\xaa")
    machine = Machine(bed.a, client, bed.a.define(HANGS, start=True))

    def stops(state: str) -> bool:
        bed.a.virsh("send-key", NAME, "KEY_ENTER", check=False)  # its firmware loses what comes too early
        return bed.a.state(NAME) == state

    wait_for(lambda: stops("paused"), what="its watchdog bites")
    assert "did not report to its watchdog" in told(machine, "paused-watchdog")["text"]
    machine.call("POST", "/resume")
    assert "what was done: pause" in told(machine, "watchdog")["text"]
    wait_for(lambda: stops("crashed"), what="it panics")
    assert told(machine, "panicked")["action"] == "reset"
    plan = machine.call("POST", "/reset?dry_run=true")
    assert plan["commands"] == [f"virsh reset {NAME}", f"virsh resume {NAME}"], plan
    now = machine.call("POST", "/reset")
    assert now["state"] == "running", now
    assert "panicked" not in [each["id"] for each in now["findings"]], now
    bed.a.virsh("destroy", NAME)


OLD = """<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>old</name><memory unit="MiB">64</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc-i440fx-1.7">hvm</type></os>
  <qemu:commandline><qemu:arg value="-name"/><qemu:arg value="guest=old"/></qemu:commandline>
</domain>"""


def test_what_is_old_or_past_libvirt_is_told_and_a_crash_with_the_way_out(bed: Bed, client: Client) -> None:
    machine = Machine(bed.a, client, bed.a.define(OLD, start=True))
    cards = {each["id"]: each for each in machine.now["findings"]}
    assert {"deprecated", "tainted-qemu-gets-parameters-of-its-own"} <= cards.keys(), cards
    assert "pc-i440fx-1.7" in cards["deprecated"]["text"], cards
    run = bed.a.space.run
    run("kill", "-KILL", run("cat", "/run/libvirt/qemu/old.pid"))
    wait_for(lambda: machine.now["state"] == "shut_off")
    (first, *_) = machine.now["findings"]
    assert (first["id"], first["action"], first["severity"]) == ("crashed", "start", "danger"), machine.now
    assert machine.call("POST", "/start")["state"] == "running"
    assert "crashed" not in [each["id"] for each in machine.now["findings"]], machine.now
    bed.a.virsh("destroy", "old")
