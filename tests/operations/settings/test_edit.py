"""Settings, XML and history of machines over the API, on a made-up host."""

from __future__ import annotations

from typing import Any

import pytest

from ...conftest import Client
from ..machine import LIST, Machine

ON = "web-1"


@pytest.fixture
def off(client: Client) -> Machine:
    machines = client.get(LIST).json
    name = next(
        m["name"] for m in machines if m["state"] == "shut_off" and not m["has_saved_image"] and m["persistent"]
    )
    return Machine(client, name)


@pytest.fixture
def on(client: Client) -> Machine:
    return Machine(client, ON)


def test_settings_of_a_machine_that_is_off_change_at_once(off: Machine) -> None:
    body = {
        "title": "Shop & more",
        "description": "two\nlines",
        "tags": ["prod", "web"],
        "vcpus": 2,
        "vcpus_max": 4,
        "memory_mib": 512,
        "memory_max_mib": 1024,
        "autostart": True,
        "cpu": {"mode": "custom", "model": "qemu64", "topology": {"sockets": 1, "cores": 4}},
        "boot": {"menu": True, "menu_timeout_ms": 5000},
    }
    answer = off.patch(body)
    assert answer.status_code == 200, answer.text
    now = answer.json
    assert (now["title"], now["description"], now["tags"]) == ("Shop & more", "two\nlines", ["prod", "web"])
    assert (now["vcpus"], now["vcpus_max"], now["memory_mib"], now["memory_max_mib"]) == (2, 4, 512, 1024)
    assert now["cpu"]["topology"] == {"sockets": 1, "dies": 1, "clusters": None, "cores": 4, "threads": 1}
    assert (now["autostart"], now["boot"]["menu"], now["changes_pending"]) == (True, True, False)
    assert answer.headers["ETag"].strip('"') == off.now["etag"]


def test_a_dry_run_tells_diff_commands_and_effects_and_touches_nothing(on: Machine) -> None:
    before = on.now
    plan = on.patch({"vcpus_max": 16, "autostart": not before["autostart"], "title": "New"}, "?dry_run=true").json
    assert "+  <title>New</title>" in plan["xml_diff"]
    assert f"virsh setvcpus {ON} 16 --config --maximum" in plan["commands"]
    assert {each["field"]: each["when"] for each in plan["effects"]} == {
        "vcpus_max": "next_start",
        "autostart": "live",
        "title": "live",
    }
    assert on.now["etag"] == before["etag"]


def test_what_runs_changes_live_and_what_cannot_waits(on: Machine) -> None:
    most = on.now["vcpus_max"]
    answer = on.patch({"vcpus_max": most + 2, "memory_max_mib": on.now["memory_max_mib"] + 512})
    assert answer.status_code == 200, answer.text
    assert answer.json["changes_pending"]
    assert {"vcpus_max", "memory_max_mib"} <= {each["field"] for each in answer.json["pending"]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"vcpus": 99}, "/vcpus"),
        ({"vcpus": 0}, "/vcpus"),
        ({"memory_mib": 999_999}, "/memory_mib"),
        ({"cpu": {"mode": "custom"}}, "/cpu/model"),
        ({"cpu": {"mode": "host-passthrough", "model": "EPYC"}}, "/cpu/model"),
        ({"cpu": {"topology": {"sockets": 3, "cores": 7}}}, "/cpu/topology"),
        ({"boot": {"order": ["disk-nope"]}}, "/boot/order/0"),
        ({"boot": {"menu_timeout_ms": 70_000}}, "/boot/menu_timeout_ms"),
        ({"title": "two\nlines"}, "/title"),
        ({"description": "bell \x07"}, "/description"),
        ({"name": "web-1"}, "/name"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_every_fault_is_told_at_its_field_and_nothing_changes(off: Machine, body: Any, pointer: str) -> None:
    before = off.now
    assert list(off.faults(body)) == [pointer]
    assert off.now["etag"] == before["etag"]


def test_several_faults_are_told_together(off: Machine) -> None:
    assert set(off.faults({"vcpus": 99, "memory_mib": 999_999})) == {"/vcpus", "/memory_mib"}


def test_live_only_refuses_what_cannot_change_while_it_runs(on: Machine) -> None:
    assert list(on.faults({"vcpus_max": 32}, "?apply=live")) == ["/vcpus_max"]


def test_a_machine_that_is_off_has_nothing_live(off: Machine) -> None:
    assert off.patch({"vcpus": 1}, "?apply=live").json["status"] == 409


def test_the_order_of_booting_is_by_device(off: Machine) -> None:
    bootable = [d["id"] for d in off.now["devices"] if d["type"] in ("disk", "interface")]
    order = list(reversed(bootable))
    assert off.patch({"boot": {"order": order}}).json["boot"]["order"] == order
    left_to_libvirt = off.patch({"boot": {"order": []}}).json["boot"]["order"]
    assert left_to_libvirt == [each for each in bootable if each.startswith("disk")][:1]


def test_the_cpu_keeps_what_is_not_asked_for(off: Machine) -> None:
    off.patch({"vcpus": 2, "vcpus_max": 2, "cpu": {"mode": "custom", "model": "qemu64", "topology": {"cores": 2}}})
    now = off.patch({"cpu": {"mode": "host-model"}}).json
    assert now["cpu"]["mode"] == "host-model"
    assert now["cpu"]["model"] is None
    assert now["cpu"]["topology"]["cores"] == 2
    now = off.patch({"vcpus_max": 4, "cpu": {"topology": {"sockets": 2}}}).json
    assert now["cpu"]["topology"] == {"sockets": 2, "dies": 1, "clusters": None, "cores": 2, "threads": 1}


def test_renaming_needs_it_off_and_a_free_name(off: Machine, on: Machine) -> None:
    assert on.patch({"name": "other"}).status_code == 409
    answer = off.patch({"name": "fresh name"})
    assert answer.json["name"] == "fresh name"


def test_two_editors_do_not_overwrite_each_other(off: Machine) -> None:
    seen = off.now["etag"]
    assert off.patch({"title": "first"}, etag=seen).status_code == 200
    late = off.patch({"title": "second"}, etag=seen)
    assert (late.status_code, late.json["type"].rsplit("/", 1)[-1]) == (412, "changed-meanwhile")
    assert off.patch({"title": "third"}, etag=None).status_code == 428
    assert off.now["title"] == "first"


def test_the_xml_can_be_replaced_and_is_checked(off: Machine) -> None:
    text = off.call("GET", "/xml").json["xml"]
    answer = off.call("PUT", "/xml", {"xml": text.replace("<vcpu", "<title>By hand</title><vcpu")})
    assert answer.json["title"] == "By hand"
    assert off.call("PUT", "/xml", {"xml": "<domain>"}).json["errors"][0]["pointer"] == "/xml"
    other = off.call("PUT", "/xml", {"xml": text.replace(off.name, "somebody")})
    assert "Line 2" in other.json["detail"]
    assert off.call("PUT", "/xml", {"xml": "<pool/>"}).status_code == 422
    assert off.call("PUT", "/xml", {"xml": text}, etag="0").status_code == 412


def test_a_machine_that_is_off_has_no_running_xml(off: Machine, on: Machine) -> None:
    assert off.call("GET", "/xml?live=true").status_code == 409
    assert "<domain" in on.call("GET", "/xml?live=true").json["xml"]


def test_the_history_knows_who_changed_what_and_takes_it_back(off: Machine) -> None:
    off.patch({"title": "First"})
    off.patch({"title": "Second"})
    entries = off.call("GET", "/history").json
    assert [entries[0]["user"], entries[0]["current"], entries[1]["current"]] == ["demo", True, False]
    assert "+  <title>Second</title>" in entries[0]["diff"]
    assert "First" in off.call("GET", f"/history/{entries[1]['id']}").json["xml"]
    answer = off.call("POST", f"/history/{entries[1]['id']}/restore")
    assert answer.json["title"] == "First"
    assert off.call("POST", "/history/999999/restore").status_code == 404
