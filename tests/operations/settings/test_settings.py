"""All declared settings over the API, on a made-up host: changed, checked, told, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from ...conftest import Client
from ..machine import LIST, Machine

WINDOWS = {"relaxed": True, "vapic": True, "spinlocks": True, "spinlock_retries": 8191}


@pytest.fixture
def off(client: Client) -> Machine:
    machines = client.get(LIST).json
    name = next(
        m["name"] for m in machines if m["state"] == "shut_off" and not m["has_saved_image"] and m["persistent"]
    )
    return Machine(client, name)


@pytest.fixture
def on(client: Client) -> Machine:
    return Machine(client, "web-1")


def changed(machine: Machine, **body: Any) -> Any:
    answer = machine.patch(body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_sections_are_read_and_changed_value_by_value(off: Machine) -> None:
    changed(off, features={"pmu": False, "hyperv": WINDOWS}, events={"on_crash": "preserve"})
    now = changed(off, features={"hyperv": {"vapic": None}}, clock={"offset": "localtime"})
    assert now["features"]["pmu"] is False
    assert (now["features"]["hyperv"]["vapic"], now["features"]["hyperv"]["relaxed"]) == (None, True)
    assert (now["events"]["on_crash"], now["clock"]["offset"]) == ("preserve", "localtime")


def test_null_takes_a_whole_section_away(off: Machine) -> None:
    changed(off, memtune={"hard_limit_mib": 1 << 20, "soft_limit_mib": 1 << 19}, genid=None)
    assert changed(off, memtune=None)["memtune"]["soft_limit_mib"] is None
    assert "memtune" not in off.call("GET", "/xml").json["xml"]


def test_a_plan_says_field_by_field_when_and_with_which_command(on: Machine) -> None:
    body = {"cputune": {"shares": 2048}, "features": {"pmu": False}, "clock": {"offset": "localtime"}}
    plan = on.patch(body, "?dry_run=true").json
    assert {each["field"]: each["when"] for each in plan["effects"]} == {
        "cputune.shares": "live",
        "features.pmu": "next_start",
        "clock.offset": "next_start",
    }
    assert plan["commands"] == [
        "virsh schedinfo web-1 --live --config cpu_shares=2048",
        "virt-xml web-1 --edit --features pmu.state=off",
        "virt-xml web-1 --edit --clock offset=localtime",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cputune": {"vcpu_pins": [{"vcpu": 99, "cpuset": "0"}]}}, "/cputune/vcpu_pins/0/vcpu"),
        ({"cputune": {"vcpu_pins": [{"vcpu": 0, "cpuset": "3-1"}]}}, "/cputune/vcpu_pins/0/cpuset"),
        ({"cputune": {"vcpu_pins": [{"cpuset": "0"}]}}, "/cputune/vcpu_pins/0/vcpu"),
        ({"cputune": {"emulator_cpuset": "0;1"}}, "/cputune/emulator_cpuset"),
        ({"cputune": {"shares": 1}}, "/cputune/shares"),
        ({"cpuset": "5-1"}, "/cpuset"),
        ({"memtune": {"hard_limit_mib": 1}}, "/memtune/hard_limit_mib"),
        ({"memory_backing": {"hugepages": True, "pages": [{"size_kib": 4711}]}}, "/memory_backing/pages/0/size_kib"),
        ({"memory_slots": 4}, "/memory_hotplug_max_mib"),
        ({"features": {"ras": True}}, "/features/ras"),
        ({"memory_max_mib": 512, "cpu": {"cells": [{"id": 0, "cpus": "0", "memory_mib": 1}]}}, "/cpu/cells"),
        ({"cpu": {"features": [{"name": "aes", "policy": "require"}] * 2}}, "/cpu/features/1/name"),
        ({"cpu": {"features": [{"name": "-x y"}]}}, "/cpu/features/0/name"),
        ({"clock": {"timezone": "Europe/Paris"}}, "/clock/timezone"),
        ({"clock": {"offset": "timezone"}}, "/clock/timezone"),
        ({"clock": {"timers": [{"name": "pit", "frequency_hz": 5}]}}, "/clock/timers/0/frequency_hz"),
        ({"features": {"hyperv": {"synic": True}}}, "/features/hyperv/synic"),
        ({"features": {"hyperv": {"vendor_id": True}}}, "/features/hyperv/vendor_id_value"),
        ({"features": {"kvm": {"dirty_ring": True, "dirty_ring_size": 5000}}}, "/features/kvm/dirty_ring_size"),
        ({"features": {"pony": True}}, "/features/pony"),
        ({"boot": {"initrd": "/boot/initrd"}}, "/boot/initrd"),
        ({"boot": {"kernel": "boot/vmlinuz"}}, "/boot/kernel"),
        ({"boot": {"smbios": "sysinfo"}}, "/boot/smbios"),
        ({"events": {"on_poweroff": "restart", "on_reboot": "destroy"}}, "/events/on_reboot"),
        ({"events": {"on_crash": "explode"}}, "/events/on_crash"),
        ({"security_labels": [{"type": "static", "model": "testSecurity"}]}, "/security_labels/0/label"),
        ({"security_labels": [{"type": "none", "model": "selinux"}]}, "/security_labels/0/model"),
        ({"launch_security": {"type": "sev"}}, "/launch_security/policy"),
        (
            {"qemu_commandline": {"environment": [{"name": "A=B", "value": "x"}]}},
            "/qemu_commandline/environment/0/name",
        ),
        ({"secure_boot": True, "firmware": "bios"}, "/secure_boot"),
        ({"machine": "isapc"}, "/machine"),
        ({"genid": "x"}, "/genid"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_changes(off: Machine, body: Any, pointer: str) -> None:
    before = off.now["etag"]
    assert pointer in off.faults(body)
    assert off.now["etag"] == before


def test_cells_say_how_much_memory_there_is_and_a_single_one_grows_with_it(off: Machine) -> None:
    cells = [{"id": number, "cpus": str(number), "memory_mib": 512} for number in range(2)]
    plan = off.patch({"vcpus_max": 2, "vcpus": 2, "cpu": {"cells": cells}}, "?dry_run=true").json
    assert any("1024 MiB, not " in warning for warning in plan["warnings"]), plan
    two = off.patch({"vcpus_max": 2, "vcpus": 2, "cpu": {"cells": cells}}).json
    assert (two["memory_max_mib"], two["memory_mib"]) == (1024, 1024), two
    assert "2 NUMA cells" in off.faults({"memory_max_mib": 2048})["/memory_max_mib"]
    off.patch({"cpu": {"cells": [{"id": 0, "cpus": "0-1", "memory_mib": 1024}]}})
    body = {"memory_max_mib": 2048, "memory_mib": 2048}
    assert (
        f"virt-xml {off.name} --edit --cpu numa.cell0.memory=2097152"
        in off.patch(body, "?dry_run=true").json["commands"]
    )
    one = off.patch(body).json
    assert (one["memory_mib"], one["cpu"]["cells"][0]["memory_mib"]) == (2048, 2048), one


def test_arguments_of_qemu_come_with_a_warning(off: Machine) -> None:
    plan = off.patch({"qemu_commandline": {"arguments": ["-s"]}}, "?dry_run=true").json
    assert "tainted" in plan["warnings"][0]
    assert plan["commands"] == [f"virt-xml {off.name} --edit --qemu-commandline args=-s"]


def test_a_change_that_waits_is_discarded_alone(on: Machine) -> None:
    changed(on, features={"pmu": False}, vcpus_max=on.now["vcpus_max"] + 2)
    before = [each["field"] for each in on.now["pending"]]
    assert {"features.pmu", "vcpus_max"} <= {*before}
    answer = on.call("POST", "/pending/discard", {"field": "features.pmu"})
    assert answer.status_code == 200, answer.text
    assert [each["field"] for each in answer.json["pending"]] == [name for name in before if name != "features.pmu"]
    again = on.call("POST", "/pending/discard", {"field": "features.pmu"})
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "/field")


def test_a_new_device_that_waits_is_discarded(on: Machine) -> None:
    added = on.call("POST", "/devices?apply=next_start", {"type": "interface", "mac": "52:54:00:00:00:01"})
    assert added.status_code == 200, added.text
    waiting = [(each["field"], each["device"]) for each in added.json["pending"]]
    assert waiting == [("device", "interface-525400000001")]
    after = on.call("POST", "/pending/discard", {"field": "device", "device": "interface-525400000001"}).json
    assert not after["changes_pending"]


def test_the_form_of_each_section_names_members_of_the_change(off: Machine) -> None:
    forms = off.call("GET", "/settings").json
    known = {"cpu", "memory", "boot", "clock", "features", "events", "tuning", "security", "identity", "qemu"}
    assert {form["id"] for form in forms} == known
    cpu = next(field for form in forms for field in form["fields"] if field["name"] == "cpu")
    mode = next(field for field in cpu["fields"] if field["name"] == "mode")
    assert [choice["value"] for choice in mode["choices"]] == ["host-passthrough", "host-model", "maximum", "custom"]
    assert not any(field["name"] == "kinds" for form in forms for field in form["fields"])


def test_workers_of_threads_and_counters_change_at_once_with_their_commands(on: Machine) -> None:
    body = {
        "iothreads": 2,
        "iothread_ids": [{"id": 2, "thread_pool_min": 1, "thread_pool_max": 8}],
        "perf": {"events": [{"name": "cpu_cycles", "enabled": True}]},
        "memory_dump_core": False,
        "fw_cfg": {"entries": [{"name": "opt/org.example/hello", "value": "hi"}]},
    }
    plan = on.patch(body, "?dry_run=true").json
    when = {each["field"]: each["when"] for each in plan["effects"]}
    assert {name for name, at in when.items() if at == "live"} == {"iothreads", "iothread_ids", "perf.events"}
    assert [line for line in plan["commands"] if "iothreadadd" not in line] == [
        "virsh iothreadset web-1 2 --thread-pool-min=1 --thread-pool-max=8 --live --config",
        "virsh perf web-1 --enable cpu_cycles --live --config",
        "virt-xml web-1 --edit --memory xpath0.set=./memory/@dumpCore,xpath0.value=off",
    ]


@pytest.mark.parametrize(
    ("body", "pointer", "told"),
    [
        ({"iothread_ids": [{"id": 1}]}, "/iothread_ids", "has no I/O threads"),
        (
            {"iothreads": 1, "iothread_ids": [{"id": 1, "thread_pool_min": 9, "thread_pool_max": 8}]},
            "/iothread_ids/0/thread_pool_min",
            "The most is 8.",
        ),
        ({"fw_cfg": {"entries": [{"name": "opt/a"}]}}, "/fw_cfg/entries/0/value", "either a text or a file"),
        ({"fw_cfg": {"entries": [{"name": "etc/a", "value": "b"}]}}, "/fw_cfg/entries/0/name", "It must be opt/"),
        ({"cpu": {"topology": {"clusters": 2, "cores": 1}}, "vcpus_max": 2}, "/cpu/topology/clusters", "needs libvirt"),
        ({"features": {"hyperv": {"xmm_input": True}}}, "/features/hyperv/xmm_input", "needs libvirt 10.7.0"),
        ({"features": {"async_teardown": True}}, "/features/async_teardown", "needs libvirt 9.6.0"),
    ],
)
def test_what_cannot_be_of_threads_and_firmware_is_told_at_its_field(
    off: Machine, body: dict[str, Any], pointer: str, told: str
) -> None:
    assert told in off.faults(body)[pointer]
