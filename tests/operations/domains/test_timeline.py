"""The time machine over the API, on a made-up host: who, what, back in whole and in part, undo, drift."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask
import libvirt
import pytest

from quarterdeck.access import Role
from quarterdeck.app import Service
from quarterdeck.history import UNWATCHED, History
from quarterdeck.store import Store

from ...conftest import Client
from ...waiting import until
from ..machine import Machine

OFF, ON = "fedora-try", "db-1"


@pytest.fixture
def box(client: Client) -> Machine:
    """A machine that is off."""
    found = Machine(client, OFF)
    assert found.now["state"] == "shut_off"
    return found


@pytest.fixture
def viewer(app: flask.Flask, service: Service, client: Client) -> Client:
    """Somebody who may only look."""
    made = service.sessions.tokens.create("look", "demo", Role.VIEWER, 1)
    found = app.test_client()
    assert isinstance(found, Client)
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.token}"
    return found


def outside(service: Service, uuid: str, old: str, new: str) -> None:
    """Change the definition as virsh would."""
    with service.hosts.get("local").connection() as conn:
        conn.defineXML(conn.lookupByUUIDString(uuid).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE).replace(old, new, 1))


def entries(machine: Machine) -> list[dict[str, Any]]:
    return machine.call("GET", "/history").json


def undo(machine: Machine, number: int, query: str = "") -> Any:
    return machine.call("POST", f"/history/{number}/undo{query}")


def test_what_changed_is_told_in_words_with_who(box: Machine) -> None:
    most = box.now["vcpus_max"]
    box.patch({"vcpus_max": most + 1, "vcpus": most + 1, "title": "Post"})
    newest = entries(box)[0]
    told = {change["field"]: (change["before"], change["after"]) for change in newest["changes"]}
    assert told == {"vcpus_max": (most, most + 1), "title": (None, "Post")}
    assert (newest["user"], newest["act"], newest["undo"]) == ("demo", "domain edit", None)


def test_any_two_definitions_are_compared(box: Machine) -> None:
    for title in ("one", "two", "three"):
        box.patch({"title": title})
    third, _second, first, *_ = entries(box)
    answer = box.call("GET", f"/history/{third['id']}?against={first['id']}").json
    assert [(c["field"], c["before"], c["after"]) for c in answer["changes"]] == [("title", "one", "three")]
    assert "-  <title>one</title>" in answer["diff"]
    back = box.call("GET", f"/history/{first['id']}?against={third['id']}").json
    assert "+  <title>one</title>" in back["diff"]
    assert box.call("GET", f"/history/{third['id']}?against=999999").status_code == 404


def test_one_field_goes_back_and_the_others_stay(box: Machine) -> None:
    box.patch({"title": "old", "description": "old"})
    old = entries(box)[0]["id"]
    box.patch({"title": "new", "description": "new"})
    plan = box.call("POST", f"/history/{old}/restore?dry_run=true", {"only": [{"field": "title"}]}).json
    assert "+  <title>old</title>" in plan["xml_diff"]
    assert "description" not in [line for line in plan["xml_diff"].splitlines() if line[:1] in "+-"][-1]
    now = box.call("POST", f"/history/{old}/restore", {"only": [{"field": "title"}]}).json
    assert (now["title"], now["description"]) == ("old", "new")


def test_one_device_goes_back(box: Machine) -> None:
    disk = next(d["id"] for d in box.now["devices"] if d["type"] == "disk")
    before = entries(box)[0]["id"]
    assert box.call("DELETE", f"/devices/{disk}").status_code == 200
    box.patch({"title": "later"})
    now = box.call("POST", f"/history/{before}/restore", {"only": [{"device": disk}]}).json
    assert disk in [d["id"] for d in now["devices"]]
    assert now["title"] == "later"


def test_what_does_not_differ_cannot_go_back(box: Machine) -> None:
    number = entries(box)[0]["id"]
    for part in ({"field": "title"}, {"device": "disk-zz"}, {}):
        answer = box.call("POST", f"/history/{number}/restore", {"only": [part]})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/only/0")


def test_answer_of_a_change_names_the_way_to_undo_it(box: Machine) -> None:
    before = box.now["title"]
    number = box.patch({"title": "Wrong"}).json["undo"]
    assert number == entries(box)[0]["id"]
    assert box.now["undo"] is None
    assert "-  <title>Wrong</title>" in undo(box, number, "?dry_run=true").json["xml_diff"]
    assert box.now["title"] == "Wrong"
    back = undo(box, number).json
    assert back["title"] == before
    assert undo(box, back["undo"]).json["title"] == "Wrong"


def test_undo_keeps_what_was_changed_since_elsewhere(box: Machine, service: Service) -> None:
    number = box.patch({"vcpus_max": box.now["vcpus_max"] + 2}).json["undo"]
    most = box.now["vcpus_max"]
    box.patch({"title": "Mine"})
    now = undo(box, number).json
    assert (now["vcpus_max"], now["title"]) == (most - 2, "Mine")


def test_undo_is_refused_when_the_same_was_changed_again_and_says_by_whom(box: Machine, service: Service) -> None:
    number = box.patch({"title": "first"}).json["undo"]
    outside(service, box.now["uuid"], "first", "second")
    answer = undo(box, number)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/not-undoable")
    assert "outside Quarterdeck: title" in answer.json["detail"]
    assert [entry["undo"] is None for entry in entries(box)[:2]] == [True, False]
    assert box.now["title"] == "second"


def test_a_change_of_a_running_machine_is_undone_in_it_too(client: Client) -> None:
    on = Machine(client, ON)
    before = on.now["vcpus"]
    assert before < on.now["vcpus_max"]
    number = on.patch({"vcpus": before + 1}).json["undo"]
    plan = undo(on, number, "?dry_run=true").json
    assert plan["effects"] == [{"field": "vcpus", "when": "live"}]
    assert f"virsh setvcpus {ON} {before} --live" in plan["commands"]
    now = undo(on, number).json
    assert (now["vcpus"], now["pending"]) == (before, [])


def test_a_name_is_undone_by_renaming(box: Machine) -> None:
    uuid = box.now["uuid"]
    answer = box.patch({"name": "renamed"})
    headers = {"If-Match": answer.json["etag"]}
    back = box.client.post(
        f"/api/v1/hosts/local/domains/{uuid}/history/{answer.json['undo']}/undo", json={}, headers=headers
    )
    assert back.json["name"] == OFF, back.text


def test_the_oldest_definition_has_nothing_before_it(box: Machine) -> None:
    oldest = entries(box)[-1]
    assert oldest["undo"]
    assert undo(box, oldest["id"]).status_code == 409


def test_what_is_changed_outside_is_drift_until_somebody_takes_it(box: Machine, service: Service) -> None:
    box.patch({"title": "Ours"})
    assert box.now["drift"] is None
    outside(service, box.now["uuid"], "<title>Ours</title>", "<title>Theirs</title>")
    drift = until(lambda: box.now["drift"])
    assert [(c["field"], c["before"], c["after"]) for c in drift["changes"]] == [("title", "Ours", "Theirs")]
    assert entries(box)[0]["user"] is None
    assert box.call("POST", f"/history/{drift['number']}/accept").json["accepted"] == "demo"
    assert box.now["drift"] is None
    outside(service, box.now["uuid"], "<title>Theirs</title>", "<title>Again</title>")
    assert until(lambda: box.now["drift"])["changes"][0]["before"] == "Theirs"
    box.patch({"description": "ours again"})
    assert box.now["drift"] is None


def test_audit_entry_leads_to_what_it_made(box: Machine) -> None:
    number = box.patch({"title": "Seen"}).json["undo"]
    newest = box.client.get(f"/api/v1/audit?target={box.now['uuid']}").json[0]
    assert (newest["act"], newest["definition"]) == ("domain edit", number)


def log(machine: Machine) -> Any:
    return machine.client.get(f"/api/v1/audit?target={machine.now['uuid']}").json


def take_back(machine: Machine, entry: Any, query: str = "") -> Any:
    return machine.client.post(f"/api/v1/audit/{entry['id']}/undo{query}", json={})


def test_entries_of_the_log_are_undone_until_somebody_changes_the_same_again(box: Machine) -> None:
    box.patch({"title": "A slip"})
    entry = log(box)[0]
    assert entry["undo"] is None
    assert "A slip" in take_back(box, entry, "?dry_run=true").json["xml_diff"]
    assert take_back(box, entry).json["title"] is None
    newest, old = log(box)[:2]
    assert (newest["act"], newest["undo"]) == ("audit undo", None)
    assert "changed again since, by demo: title" in old["undo"]
    box.call("POST", "/start", {})
    assert "no definition" in log(box)[0]["undo"]
    assert take_back(box, log(box)[0]).json["type"] == "/problems/not-undoable"


def test_what_no_definition_tells_is_undone_by_its_inverse(client: Client) -> None:
    on = Machine(client, ON)
    was = on.now["autostart"]
    assert on.patch({"autostart": not was}).json["inverse"]["body"] == {"autostart": was}
    entry = log(on)[0]
    assert take_back(on, entry).json["autostart"] is was
    assert take_back(on, entry).json["detail"] == "It was changed again since: autostart."
    count = on.now["vcpus"]
    assert on.patch({"vcpus": count - 1}, "?apply=live").json["vcpus"] == count - 1
    assert take_back(on, log(on)[0]).json["vcpus"] == count


def test_a_machine_that_is_gone_is_listed_and_defined_again(box: Machine, viewer: Client) -> None:
    box.patch({"title": "Missed"})
    uuid, gone = box.now["uuid"], "/api/v1/hosts/local/deleted-domains"
    assert box.call("DELETE").status_code == 204
    listed = box.client.get(gone).json
    assert [(m["name"], m["user"], m["moved_to"]) for m in listed] == [(OFF, "demo", [])]
    history = box.client.get(f"/api/v1/hosts/local/domains/{uuid}/history").json
    assert history[0]["id"] == listed[0]["number"]
    plan = box.client.post(f"{gone}/{uuid}/define?dry_run=true", json={}).json
    assert "+  <title>Missed</title>" in plan["xml_diff"]
    assert viewer.post(f"{gone}/{uuid}/define", json={}).status_code == 403
    answer = box.client.post(f"{gone}/{uuid}/define", json={"number": history[1]["id"]})
    assert (answer.status_code, answer.json["title"]) == (201, None)
    assert box.client.get(gone).json == []
    assert box.client.post(f"{gone}/{uuid}/define", json={}).json["type"] == "/problems/name-taken"


def test_what_went_outside_is_found_too(box: Machine, service: Service) -> None:
    uuid = box.now["uuid"]
    with service.hosts.get("local").connection() as conn:
        conn.lookupByUUIDString(uuid).undefine()
    gone = until(lambda: box.client.get("/api/v1/hosts/local/deleted-domains").json)
    assert [(m["uuid"], m["user"]) for m in gone] == [(uuid, None)]


def test_what_went_while_nobody_watched_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.sqlite")
    history = History(store, keep=10)
    history.add_many("local", [("u", "vm", "<a/>", "1"), ("v", "vm2", "<a/>", "1")])
    history.missing("local", ["v"])
    assert [row["uuid"] for row in history.gone("local")] == ["u"]
    assert history.known_lately("local") == {"u", "v"}
    store.write("UPDATE gone SET time='2020-01-01T00:00:00.000+00:00'")
    assert history.known_lately("local") == {"v"}
    history.add_many("local", [("u", "vm", "<b/>", "2")], act=UNWATCHED)
    assert history.gone("local") == []
    assert history.entries("local", "u")[0]["act"] == UNWATCHED
