"""Machines over the API, on a made-up host."""

from __future__ import annotations

import re

import libvirt
import pytest

from quarterdeck.app import Service

from ..conftest import Client
from ..waiting import job_done, until

LIST = "/api/v1/hosts/local/domains"


def act(client: Client, name: str, verb: str, **more):
    return client.post(f"{LIST}/{client.domain(name)['uuid']}/{verb}", json={}, **more)


def test_the_list_tells_state_reason_sizes_and_what_is_possible(client: Client) -> None:
    rows = {row["name"]: row for row in client.get(LIST).json}
    assert list(rows) == sorted(rows)
    web = rows["web-1"]
    assert (web["state"], web["persistent"], web["consoles"]) == ("running", True, ["vnc", "serial"])
    assert web["memory_mib"] > 0
    assert web["os"]["name"].startswith("Debian")
    assert "prod" in web["tags"]
    assert web["actions"]["shutdown"] is None
    assert "already" in web["actions"]["start"]


@pytest.mark.parametrize(
    ("verbs", "state", "reason"),
    [
        (["destroy"], "shut_off", "destroyed"),
        (["destroy", "start"], "running", "booted"),
        (["suspend"], "paused", "user"),
        (["suspend", "resume"], "running", "unpaused"),
        (["shutdown"], "shut_off", "shutdown"),
    ],
)
def test_acts_answer_the_machine_as_it_then_is(client: Client, verbs: list[str], state: str, reason: str) -> None:
    for verb in verbs:
        answer = act(client, "web-1", verb)
        assert answer.status_code == 200, answer.text
    assert (answer.json["state"], answer.json["reason"]) == (state, reason)
    assert client.domain("web-1")["state"] == state


def test_an_act_that_is_not_possible_says_why(client: Client) -> None:
    answer = act(client, "web-1", "start")
    assert answer.status_code == 409
    assert "already" in answer.json["detail"]


def test_a_dry_run_tells_the_command_and_does_nothing(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    answer = client.post(f"{LIST}/{uuid}/destroy?dry_run=true", json={})
    assert answer.json["commands"] == ["virsh destroy web-1"]
    assert answer.json["warnings"]
    assert client.domain("web-1")["state"] == "running"


def test_keys_are_checked_by_name(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    assert client.post(f"{LIST}/{uuid}/send-key", json={"keys": ["KEY_LEFTCTRL", "KEY_C"]}).status_code == 200
    answer = client.post(f"{LIST}/{uuid}/send-key", json={"keys": ["KEY_NOPE"]})
    assert answer.json["errors"][0]["pointer"] == "/keys"


def test_a_saved_machine_goes_on_from_its_state(client: Client, service: Service) -> None:
    uuid = client.domain("web-1")["uuid"]
    answer = client.post(f"{LIST}/{uuid}/save", json={})
    assert answer.status_code == 202
    job_done(client, answer.headers["Location"])
    saved = client.domain("web-1")
    assert (saved["state"], saved["has_saved_image"]) == ("shut_off", True)
    assert client.post(f"{LIST}/{uuid}/restore", json={}).json["state"] == "running"


def test_what_others_do_with_libvirt_is_seen(client: Client, service: Service) -> None:
    seen = []
    changed = service.live.changed
    service.inventory.listen(lambda change: (seen.append(change), changed(change)))
    uuid = client.domain("web-1")["uuid"]
    with service.hosts.get("local").connection() as conn:
        conn.lookupByUUIDString(uuid).suspend()
    until(lambda: any(c.id == uuid and c.kept and c.kept.row.state == "paused" for c in seen))
    row = next(r for r in client.get(LIST).json if r["uuid"] == uuid)
    assert row["state"] == "paused"


def test_a_machine_that_others_made_just_now_can_be_acted_on(client: Client, service: Service) -> None:
    client.domain("web-1")  # the list is read
    with service.hosts.get("local").connection() as conn:
        xml = conn.lookupByName("web-1").XMLDesc().replace("web-1", "new-1")
        xml = re.sub("<uuid>.*?</uuid>|<mac .*?/>", "", xml)
        service.inventory.close()  # no event arrives any more
        uuid = conn.defineXML(xml).UUIDString()
    assert client.delete(f"{LIST}/{uuid}?dry_run=true").status_code == 200


def test_a_picture_of_the_screen(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    answer = client.get(f"{LIST}/{uuid}/screenshot")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data.startswith(b"\x89PNG")


def test_deleting_leaves_the_disks_unless_they_are_named(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    volumes = client.get(f"{LIST}/{uuid}/volumes").json
    assert volumes and volumes[0]["deletable"]
    assert client.delete(f"{LIST}/{uuid}").status_code == 204
    assert client.get(f"{LIST}/{uuid}").status_code == 404
    names = [v["name"] for v in client.get("/api/v1/hosts/local/pools/default/volumes").json]
    assert volumes[0]["volume"] in names


def test_deleting_with_all_disks_takes_those_that_nobody_else_uses(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    volumes = client.get(f"{LIST}/{uuid}/volumes").json
    plan = client.delete(f"{LIST}/{uuid}?volumes=all&dry_run=true").json
    assert any("vol-delete" in command for command in plan["commands"])
    assert client.delete(f"{LIST}/{uuid}?volumes=all").status_code == 204
    names = [v["name"] for v in client.get("/api/v1/hosts/local/pools/default/volumes").json]
    assert volumes[0]["volume"] not in names


def test_an_unknown_machine_or_host_is_not_found(client: Client) -> None:
    assert client.get(f"{LIST}/00000000-0000-0000-0000-00000000dead").status_code == 404
    assert client.get("/api/v1/hosts/nowhere/domains").status_code == 404


def test_what_was_done_is_in_the_audit_log(client: Client) -> None:
    act(client, "web-1", "destroy")
    entry = client.get("/api/v1/audit").json[0]
    assert (entry["user"], entry["act"], entry["host"], entry["result"]) == ("demo", "domain destroy", "local", "ok")
    act(client, "web-1", "destroy")
    assert client.get("/api/v1/audit").json[0]["result"] == "wrong-state"


def test_the_log_calls_a_change_by_its_name_says_what_of_the_machine_and_leaves_out_questions(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    where = f"{LIST}/{uuid}"
    assert client.post(f"{where}/migration/options", json={"destination": "local"}).status_code == 200
    assert client.post("/api/v1/audit/1/undo").status_code != 200
    assert client.get("/api/v1/audit").json[0]["act"] == "audit undo"
    assert client.post(f"{where}/migration", json={"destination": "local"}).status_code != 202
    assert client.get("/api/v1/audit").json[0]["act"] == "domain migrate"
    etag = client.get(where).json["etag"]
    assert (
        client.patch(f"{where}/devices/disk-vda", json={"cache": "none"}, headers={"If-Match": etag}).status_code == 200
    )
    entry = client.get("/api/v1/audit?search=web-1").json[0]
    assert client.get("/api/v1/audit?search=web-1&host=local").json[0] == entry
    assert client.get("/api/v1/audit?host=elsewhere").json == []
    assert (entry["act"], entry["name"], entry["detail"]) == ("device edit", "web-1", "device disk-vda")
    wish = {"name": "made", "memory_mib": 64, "vcpus": 1, "install": {"method": "none"}, "disks": [], "nics": []}
    made = client.post(LIST, json=wish)
    assert client.get("/api/v1/audit").json[0]["target"] == made.json["uuid"]
    volume = {"name": "x.img", "size_gib": 1, "format": "raw"}
    assert client.post("/api/v1/hosts/local/pools/default/volumes", json=volume).status_code == 201
    entry = client.get("/api/v1/audit").json[0]
    assert (entry["act"], entry["target"], entry["detail"]) == ("volume create", "x.img", "pool default")


def test_a_definition_made_elsewhere_is_kept_without_a_user(client: Client, service: Service) -> None:
    uuid = client.domain("web-1")["uuid"]
    with service.hosts.get("local").connection() as conn:
        domain = conn.lookupByUUIDString(uuid)
        xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        conn.defineXML(xml.replace("<description>", "<description>New "))
    history = f"{LIST}/{uuid}/history"
    until(lambda: len(client.get(history).json) == 2)
    assert client.get(history).json[0]["user"] is None
