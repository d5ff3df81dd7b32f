"""Settings of a real machine: what changes in QEMU at once, what waits, and what libvirt takes of random ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import libvirt
from hypothesis import HealthCheck, given, settings

from quarterdeck.model.definition import Definition, describe
from quarterdeck.model.remarks import Fault, Site
from quarterdeck.model.settings_rules import remarks
from quarterdeck.model.xml import dump, parse
from tests.model.asking import settings as some_settings
from tests.qemu.bed import Bed
from tests.qemu.test_hotplug import NAME, Machine, client, machine

__all__ = ["client", "machine"]
TRANSIENT = {"type": "disk", "pool": "default", "size_gib": 0.01, "transient": True, "format": "raw"}


def held(machine: Machine, controller: str, name: str) -> str:
    """What the kernel holds of the running machine."""
    folder = f"/sys/fs/cgroup/{controller}/machine/qemu-*-{NAME}.libvirt-qemu"
    return machine.host.space.run("sh", "-c", f"cat {folder}/{name}").strip()


def change(machine: Machine, query: str = "", status: int = 200, **body: Any) -> Any:
    return machine.call("PATCH", query, body, status)


def test_pins_and_threads_change_while_it_runs_and_are_saved(machine: Machine) -> None:
    now = change(
        machine,
        iothreads=2,
        cputune={"vcpu_pins": [{"vcpu": 0, "cpuset": "1"}], "emulator_cpuset": "0"},
    )
    assert not now["changes_pending"], now["pending"]
    assert machine.host.virsh("vcpupin", NAME, "--live").split()[:2] == ["0", "1"]
    assert machine.host.virsh("emulatorpin", NAME, "--live").split()[-1] == "0"
    threads = machine.host.virsh("iothreadinfo", NAME).splitlines()
    assert sorted(line.split()[0] for line in threads if line) == ["1", "2"]
    sized = change(machine, iothread_ids=[{"id": 2, "thread_pool_min": 1, "thread_pool_max": 8}])
    assert not sized["changes_pending"], sized["pending"]
    pools = [side.find("iothreadids/iothread[@id='2']") for side in (machine.xml(saved=False), machine.xml(saved=True))]
    assert [each is not None and each.get("thread_pool_max") for each in pools] == ["8", "8"]
    plain = change(machine, iothread_ids=[])
    assert not plain["changes_pending"], plain["pending"]
    metadata = {"namespace": "http://example.org/rack", "xml": "<unit>7</unit>"}
    machine.call("PUT", "/metadata", metadata)
    assert machine.host.virsh("metadata", NAME, "http://example.org/rack", "--live").strip() == "<unit>7</unit>"
    assert machine.host.virsh("metadata", NAME, "http://example.org/rack", "--config").strip() == "<unit>7</unit>"
    waits = change(machine, "?apply=next_start", cputune={"vcpu_pins": []})
    assert [each["field"] for each in waits["pending"]] == ["cputune.vcpu_pins"]
    back = machine.call("POST", "/pending/discard", {"field": "cputune.vcpu_pins"})
    assert back["cputune"]["vcpu_pins"] == [{"vcpu": 0, "cpuset": "1"}]
    pinned = change(machine, cputune={"iothread_pins": [{"iothread": 2, "cpuset": "1"}], "vcpu_pins": []})
    assert not pinned["changes_pending"], pinned["pending"]
    assert machine.xml(saved=True).find("cputune/vcpupin") is None
    assert ["2", "1"] in [line.split() for line in machine.host.virsh("iothreadinfo", NAME).splitlines()]
    fewer = change(machine, iothreads=None, cputune={"iothread_pins": []})
    assert fewer["iothreads"] is None
    assert machine.host.virsh("iothreadinfo", NAME).split() in (
        [],
        ["No", "IOThreads", "found", "for", "the", "domain"],
    )


def test_shares_change_while_it_runs_or_nothing_of_the_change_stays(machine: Machine) -> None:
    before = ET.tostring(machine.xml(saved=True))
    tune = {"shares": 512, "period_us": 50000, "quota_us": 25000}
    change(machine, "?dry_run=true", cputune=tune)
    answer = machine.client.patch(
        f"/api/v1/hosts/local/domains/{machine.uuid}",
        json={"iothreads": 1, "cputune": tune},
        headers={"If-Match": machine.now["etag"]},
    )
    if "cpu" in machine.host.control_groups:
        assert not answer.json["changes_pending"], answer.text
        known = [line.split()[::2] for line in machine.host.virsh("schedinfo", NAME, "--live").splitlines()]
        assert {("cpu_shares", "512"), ("vcpu_period", "50000"), ("vcpu_quota", "25000")} <= set(map(tuple, known))
        free = change(machine, cputune=None)
        assert [(each["field"], each["running"]) for each in free["pending"]] == [("cputune.shares", 512)]
    else:  # a host without control groups cannot; then nothing of it may stay
        assert "put back" in answer.json["detail"]
        assert ET.tostring(machine.xml(saved=True)) == before
        assert "1" not in machine.host.virsh("iothreadinfo", NAME).split()


def test_limits_of_memory_and_disks_reach_the_kernel_while_it_runs(machine: Machine) -> None:
    limits = {"hard_limit_mib": 2048, "soft_limit_mib": 1024}
    if not {"memory", "blkio"} <= set(machine.host.control_groups):  # then nothing of it may stay
        refused = machine.call("PATCH", "", {"memtune": limits, "blkiotune": {"weight": 300}}, 409)
        assert "put back" in refused["detail"]
        return
    disks = [each.name for each in Path("/sys/block").iterdir() if each.joinpath("size").read_text() != "0\n"]
    disk = {"path": f"/dev/{max(disks)}", "read_bytes_s": 1048576, "write_iops": 500}
    now = change(machine, memtune=limits, blkiotune={"weight": 300, "devices": [disk]})
    assert not now["changes_pending"], now["pending"]
    assert held(machine, "memory", "memory.limit_in_bytes") == str(2048 << 20)
    assert held(machine, "memory", "memory.soft_limit_in_bytes") == str(1024 << 20)
    assert held(machine, "blkio", "blkio.*weight").split()[-1] == "300"
    assert held(machine, "blkio", "blkio.throttle.read_bps_device").split()[-1] == "1048576"
    assert held(machine, "blkio", "blkio.throttle.write_iops_device").split()[-1] == "500"
    free = change(machine, memtune=None, blkiotune=None)
    assert [(each["field"], each["running"]) for each in free["pending"]] == [("blkiotune.weight", 300)]
    assert int(held(machine, "memory", "memory.limit_in_bytes")) > 1 << 60
    assert held(machine, "blkio", "blkio.throttle.read_bps_device") == ""


def test_what_waits_is_discarded_and_a_new_start_has_the_rest(machine: Machine) -> None:
    waiting = change(machine, features={"pae": True}, clock={"offset": "localtime"}, memory_backing={"source": "memfd"})
    counts = change(machine, perf={"events": [{"name": "page_faults", "enabled": True}]})
    assert "page_faults" in str(counts["perf"])
    assert {each["field"] for each in waiting["pending"]} == {"features.pae", "clock.offset", "memory_backing.source"}
    left = machine.call("POST", "/pending/discard", {"field": "clock.offset"})
    assert {each["field"] for each in left["pending"]} == {"features.pae", "memory_backing.source"}
    machine.call("POST", "/devices?apply=next_start", TRANSIENT)
    machine.host.virsh("destroy", NAME)
    machine.host.virsh("start", NAME)
    assert not machine.now["changes_pending"], machine.now["pending"]
    assert machine.xml(saved=False).find("devices/disk/transient") is not None
    assert machine.both("memoryBacking/source", "type") == ("memfd", "memfd")


def test_what_passes_our_checks_is_taken_by_libvirt(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("random"))
    base = bed.a.virsh("dumpxml", "--inactive", "random")
    connection = bed.a.open()
    refused: list[str] = []

    @given(some_settings())
    @settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def try_one(asked: dict[str, Any]) -> None:
        root = parse(base)
        Definition.patch(root, asked)
        if any(isinstance(each, Fault) for each in remarks(describe(root), asked, Site())):
            return
        try:
            connection.defineXMLFlags(dump(root), libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
        except libvirt.libvirtError as error:
            refused.append(f"{asked}: {error}")

    try_one()
    assert refused == []
