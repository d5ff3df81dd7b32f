"""Hardware that changes while the machine runs, as its guest sees it: one real guest that is asked by its agent."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_hotplug import ALL, CARD, MAC, NAME, Machine, machine_xml, serve
from tests.waiting import PATIENCE_SECONDS, job_done, job_end

MIB = 1 << 20
CPUS = "/sys/devices/system/cpu"


class Guest(Machine):
    """A running machine whose guest can be asked."""

    def ask(self, command: str, **arguments: Any) -> Any:
        text = json.dumps({"execute": command, "arguments": arguments})
        answer = self.host.virsh("qemu-agent-command", NAME, text, check=False)
        return json.loads(answer)["return"] if answer.strip() else None

    def sees(self, command: str) -> str:
        """What a command in the guest prints."""
        begun = self.ask("guest-exec", path="/bin/sh", arg=["-c", command], **{"capture-output": True})
        over = wait_for(
            lambda: (now := self.ask("guest-exec-status", pid=begun["pid"]))["exited"] and now, what=command
        )
        return base64.b64decode(over.get("out-data", "")).decode().strip()

    def comes_to_see(self, command: str, text: str) -> None:
        """Wait until the command prints exactly this."""

        def look() -> bool:
            seen = self.sees(command)
            assert seen == text, f"{command}: {seen!r}, not {text!r}"
            return True

        wait_for(look, what=command)

    def take_out(self, device: str) -> None:
        answer = self.remove(device)
        if answer.status_code == 202:
            job_done(self.client, answer.headers["Location"])


def guest_definition(bed: Bed) -> str:
    """The machine of the other tests with an agent, a display with a password, and slots for memory."""
    root = ET.fromstring(machine_xml(bed, ports=10, agent=True, vnc=False))
    root.insert(0, ET.fromstring("<maxMemory slots='2' unit='MiB'>1024</maxMemory>"))
    cpu, devices = root.find("cpu"), root.find("devices")
    assert cpu is not None
    assert devices is not None
    for drive in devices.findall("disk/target"):  # the guest's kernel knows no SATA
        drive.set("bus", "scsi")
    devices.append(ET.fromstring("<controller type='scsi' model='virtio-scsi'/>"))
    cpu.append(ET.fromstring("<numa><cell id='0' cpus='0-3' memory='256' unit='MiB'/></numa>"))
    devices.append(ET.fromstring("<graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='first'/>"))
    return ET.tostring(root, encoding="unicode")


@pytest.fixture(scope="module")
def guest(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    bed, (client, service) = session_bed, serve(session_bed, tmp_path_factory.mktemp("service"))
    found = Guest(bed.a, client, bed.a.define(guest_definition(bed), start=True))
    wait_for(lambda: found.ask("guest-ping") == {}, what="the guest's agent")
    yield found
    service.close()
    bed.reset()


def test_a_disk_comes_grows_and_goes(guest: Guest) -> None:
    guest.add(type="disk", pool="default", size_gib=0.125, serial="DATA1")
    guest.comes_to_see("cat /sys/block/vda/serial", "DATA1")
    guest.comes_to_see("cat /sys/block/vda/size", str(128 * MIB // 512))
    text = guest.client.get(f"{ALL}/{guest.uuid}/devices/disk-vda/xml").json["xml"]
    guest.call("PUT", "/devices/disk-vda/xml", {"xml": text, "change": {"size_gib": 0.25}})
    guest.comes_to_see("cat /sys/block/vda/size", str(256 * MIB // 512))
    guest.take_out("disk-vda")
    guest.comes_to_see("ls /sys/block | grep vda", "")


def test_limits_slow_a_disk_down_until_they_go(guest: Guest) -> None:
    guest.add(type="disk", pool="default", size_gib=0.125, format="raw")

    def seconds() -> float:
        read = "dd if=/dev/vda of=/dev/null bs=128k count=16 iflag=direct 2>/dev/null"
        begun, ended = guest.sees(f"cat /proc/uptime; {read}; cat /proc/uptime").splitlines()
        return float(ended.split()[0]) - float(begun.split()[0])

    guest.edit("disk-vda", iotune={"total_bytes_sec": MIB})
    slow = seconds()
    assert slow > 1, f"2 MiB of a disk that gives 1 MiB in a second were read in {slow} s"
    guest.edit("disk-vda", iotune=None)
    wait_for(lambda: seconds() < 1, what="a disk without limits")
    guest.take_out("disk-vda")


def test_a_network_card_comes_its_cable_is_pulled_and_it_goes(guest: Guest) -> None:
    guest.add(type="interface", source={"network": "default"}, mac=MAC)
    guest.comes_to_see("cat /sys/class/net/eth0/address", MAC)
    guest.sees("ip link set eth0 up")
    for link, carrier in (("up", "1"), ("down", "0"), ("up", "1")):
        guest.edit(CARD, link=link)
        guest.comes_to_see("cat /sys/class/net/eth0/carrier", carrier)
    guest.take_out(CARD)
    guest.comes_to_see("ls /sys/class/net", "lo")


def undo(machine: Machine) -> None:
    """Take back what was done last, by the log."""
    newest = machine.client.get("/api/v1/audit").json[0]
    assert newest["undo"] is None
    answer = machine.client.post(f"/api/v1/audit/{newest['id']}/undo", json={})
    assert answer.status_code in (200, 202), answer.text
    if answer.status_code == 202:
        job_done(machine.client, answer.headers["Location"])


def test_a_card_of_the_running_machine_alone_has_ways_back(guest: Guest) -> None:
    added = guest.add("?apply=live", type="interface", source={"network": "default"}, mac=MAC)
    assert (added["inverse"]["act"], added["inverse"]["device"]) == ("remove", CARD)
    undo(guest)
    guest.comes_to_see("ls /sys/class/net", "lo")
    text = f"<mac address='{MAC}'/><source network='default'/><model type='virtio'/>"
    again = guest.call("POST", "/devices/xml?apply=live", {"xml": f"<interface type='network'>{text}</interface>"})
    assert CARD in guest.ids("running") and CARD not in guest.ids("saved")
    assert again["inverse"]["act"] == "remove"
    answer = guest.remove(f"{CARD}?apply=live")
    job = job_end(guest.client, answer.headers["Location"]) if answer.status_code == 202 else None
    way = job["details"]["inverse"] if job else answer.json["inverse"]
    assert (way["act"], way["apply"]) == ("add", "live")
    back = guest.call("POST", "/devices/xml?apply=live", {"xml": way["xml"]})
    assert CARD in guest.ids("running") and CARD not in guest.ids("saved")
    assert [each["field"] for each in back["pending"]] == ["device"]
    guest.comes_to_see("cat /sys/class/net/eth0/address", MAC)
    guest.take_out(CARD)


def test_a_line_and_random_numbers_come_and_go(guest: Guest) -> None:
    for body in (
        {"type": "rng"},
        {"type": "channel", "name": "org.example.live"},
        {"type": "input", "kind": "mouse", "bus": "virtio"},
    ):
        plan = guest.add("?dry_run=true", **body)
        assert plan["effects"] == [{"field": body["type"], "when": "live"}], plan
        guest.add(**body)
    assert not guest.now["changes_pending"], guest.now["pending"]
    guest.comes_to_see("cat /sys/class/misc/hw_random/rng_available", "virtio_rng.0")
    guest.comes_to_see("cat /sys/class/virtio-ports/*/name | grep example", "org.example.live")
    guest.take_out("rng-0")
    guest.comes_to_see("cat /sys/class/misc/hw_random/rng_available", "")


def test_a_medium_is_inserted_changed_and_ejected(guest: Guest) -> None:
    for name in ("one", "two"):
        (guest.host.images / f"{name}.iso").write_bytes(name.encode().ljust(MIB, b"."))
    guest.host.virsh("pool-refresh", "default")
    for name in ("one", "two"):
        guest.edit("disk-sda", source={"pool": "default", "volume": f"{name}.iso"}, force=True)
        guest.comes_to_see("head -c 4 /dev/sr0", f"{name}.")
    guest.edit("disk-sda", source=None, force=True)
    guest.comes_to_see("head -c 4 /dev/sr0 || echo none", "none")


def test_memory_is_taken_given_back_plugged_in_and_out(guest: Guest) -> None:
    def total() -> int:
        return int(guest.sees("grep MemTotal /proc/meminfo").split()[1]) // 1024

    whole, blocks = total(), int(guest.sees("ls -d /sys/devices/system/memory/memory* | grep -c ."))
    guest.call("PATCH", "", {"memory_mib": 192})
    wait_for(lambda: total() <= whole - 60, what=f"fewer than {whole} MiB in the guest")
    guest.call("PATCH", "", {"memory_mib": 256})
    wait_for(lambda: total() == whole, what=f"{whole} MiB in the guest again")
    guest.add(type="memory", size_mib=128)
    guest.comes_to_see("ls -d /sys/devices/system/memory/memory* | grep -c .", str(blocks + 1))
    guest.take_out("memory-0")
    guest.comes_to_see("ls -d /sys/devices/system/memory/memory* | grep -c .", str(blocks))


def lets_in(guest: Guest, password: str) -> bool:
    """Whether the display lets a viewer in with this password (RFB 3.8, the security type VNC)."""
    connection = guest.host.open()
    with socket.socket(fileno=connection.lookupByName(NAME).openGraphicsFD(0, 0)) as line, line.makefile("rb") as told:
        line.settimeout(PATIENCE_SECONDS)
        line.sendall(told.read(12))
        assert 2 in told.read(told.read(1)[0]), "it asks for no password"
        line.sendall(b"\x02")
        key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0"))
        line.sendall(Cipher(TripleDES(3 * key), modes.ECB()).encryptor().update(told.read(16)))
        answer = told.read(4)
    connection.close()
    return answer == bytes(4)


def test_a_viewer_logs_in_with_the_new_password(guest: Guest) -> None:
    assert (lets_in(guest, "first"), lets_in(guest, "second")) == (True, False)
    assert guest.edit("graphics-0", password="second")["changes_pending"] is False
    assert (lets_in(guest, "first"), lets_in(guest, "second")) == (False, True)


def test_processors_come_and_a_guest_that_seems_to_keep_one_is_told(guest: Guest) -> None:
    """QEMU without KVM never says that a processor is gone, though the guest let go of it."""
    assert guest.sees(f"cat {CPUS}/online") == "0"
    guest.call("PATCH", "", {"vcpus": 2})
    guest.comes_to_see(f"cat {CPUS}/present", "0-1")
    guest.sees(f"echo 1 > {CPUS}/cpu1/online")
    guest.comes_to_see(f"cat {CPUS}/online", "0-1")
    plan = guest.call("PATCH", "?dry_run=true", {"vcpus": 1})
    assert plan["warnings"] == ["The guest must give vCPUs back; what it keeps waits for the next start."]
    kept = guest.call("PATCH", "", {"vcpus": 1})
    assert [(each["field"], each["running"], each["saved"]) for each in kept["pending"]] == [("vcpus", 2, 1)]
    guest.comes_to_see(f"cat {CPUS}/online", "0")
    text = guest.client.get(f"{ALL}/{guest.uuid}/settings/cpu/xml").json["xml"]
    more = guest.call("PUT", "/settings/cpu/xml", {"xml": text.replace('current="1"', 'current="2"')})
    assert not more["changes_pending"], more["pending"]
