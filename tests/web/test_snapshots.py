"""Snapshots over the API, on a made-up host: taken, gone back to, described, deleted, refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.model.xml import dump, parse

from ..conftest import Client
from ..operations.machine import Machine
from ..waiting import job_done, until


class Snapshots(Machine):
    """The snapshots of one machine as a script sees them."""

    @property
    def all(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.call("GET", "/snapshots").json}

    def done(self, answer: Any) -> dict[str, Any]:
        assert answer.status_code in (200, 202), answer.text  # 200: it is over already
        return job_done(self.client, answer.headers["Location"])

    def take(self, name: str | None = None, **body: Any) -> dict[str, Any]:
        return self.done(self.call("POST", "/snapshots", {"name": name} | body))

    def delete(self, name: str, query: str = "") -> dict[str, Any]:
        return self.done(self.call("DELETE", f"/snapshots/{name}{query}"))

    def revert(self, name: str, **body: Any) -> dict[str, Any]:
        return self.done(self.call("POST", f"/snapshots/{name}/revert", body))

    def plan(self, method: str, suffix: str, body: Any = None) -> dict[str, Any]:
        answer = self.call(method, f"{suffix}{'&' if '?' in suffix else '?'}dry_run=true", body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def faults(self, **body: Any) -> dict[str, str]:  # type: ignore[override]  # of a new snapshot
        answer = self.call("POST", "/snapshots", body)
        assert answer.status_code in (409, 422), answer.text
        return {each["pointer"]: each["detail"] for each in answer.json["errors"]}


@pytest.fixture
def on(client: Client) -> Snapshots:
    return Snapshots(client, "web-1")


@pytest.fixture
def off(client: Client) -> Snapshots:
    return Snapshots(client, "fedora-try")


def test_a_snapshot_of_a_running_machine_holds_its_memory(on: Snapshots) -> None:
    on.take("before-upgrade", description="All well")
    found = on.all["before-upgrade"]
    assert (found["state"], found["kind"], found["memory"], found["current"]) == ("running", "internal", True, True)
    assert found["description"] == "All well"
    assert [disk["target"] for disk in found["disks"]] == ["vda"]
    assert found["disks"][0]["path"].endswith("web-1.qcow2")
    assert found["created"].startswith("20")


def test_a_new_one_is_undone_from_the_log_and_by_its_job(on: Snapshots) -> None:
    job = on.take("slip")
    entry = next(each for each in on.client.get("/api/v1/audit").json if each["act"] == "snapshot take")
    assert (entry["inverse"], entry["undo"]) == ({"noun": "job", "job": job["id"]}, None), entry
    undo = f"/api/v1/audit/{entry['id']}/undo"
    assert "slip" in on.client.post(f"{undo}?dry_run=true", json={}).json["commands"][0]
    on.done(on.client.post(undo, json={}))
    assert on.all == {}
    again = on.client.post(f"/api/v1/jobs/{job['id']}/undo", json={})
    assert (again.status_code, again.json["type"]) == (404, "/problems/not-found"), again.text
    job = on.take("slip")
    on.done(on.client.post(f"/api/v1/jobs/{job['id']}/undo", json={}))
    assert on.all == {}


def test_the_log_tells_beforehand_that_the_machine_of_a_snapshot_is_gone(off: Snapshots) -> None:
    job = off.take("kept")
    machine = off.now["uuid"]
    assert off.call("DELETE").status_code == 204

    def entry() -> Any:
        entries = off.client.get(f"/api/v1/audit?target={machine}").json
        return next(each for each in entries if each["act"] == "snapshot take")

    assert entry()["inverse"] == {"noun": "job", "job": job["id"]}
    told = until(lambda: entry()["undo"])
    assert told == "The machine is not on its host any more.", entry()


def test_the_list_of_machines_tells_how_many_and_the_current_one(on: Snapshots) -> None:
    assert (on.now["snapshots"], on.now["snapshot"]) == (0, None)
    on.take("one")
    on.take("two")
    row = next(each for each in on.client.get("/api/v1/hosts/local/domains").json if each["name"] == "web-1")
    assert (row["snapshots"], row["snapshot"]) == (2, "two")


def test_they_grow_from_one_another_and_going_back_begins_a_branch(on: Snapshots) -> None:
    for name in ("one", "two"):
        on.take(name)
    on.revert("one")
    on.take("three")
    assert {name: each["parent"] for name, each in on.all.items()} == {"one": None, "two": "one", "three": "one"}
    assert [name for name, each in on.all.items() if each["current"]] == ["three"]


def test_a_machine_that_is_off_has_no_memory_to_keep(off: Snapshots) -> None:
    options = off.call("GET", "/snapshot-options").json
    assert options["kind"] == "internal"
    assert options["memory"] == "It is off, so there is no memory to keep."
    assert off.faults(name="x", memory=True)["/memory"] == options["memory"]
    off.take(options["name"])
    assert off.all[options["name"]]["state"] == "shut_off"
    assert off.all[options["name"]]["memory"] is False


def test_a_machine_of_cockpit_whose_disk_names_a_pool_has_one_inside(off: Snapshots, service: Service) -> None:
    domains = service.hosts.get("local").domains
    root = parse(domains.xml(off.now["uuid"]))
    disk, source = root.find("devices/disk"), root.find("devices/disk/source")
    assert disk is not None
    assert source is not None
    disk.set("type", "volume")
    del source.attrib["file"]
    source.attrib.update({"pool": "default", "volume": "fedora-try.qcow2"})
    domains.define(dump(root))
    off.take("s")
    assert off.all["s"]["kind"] == "internal"


def test_the_plan_says_which_kind_why_and_what_it_costs_and_touches_nothing(on: Snapshots) -> None:
    plan = on.plan("POST", "/snapshots", {"name": "s"})
    assert plan["commands"] == ["virsh snapshot-create-as web-1 --name s --atomic"]
    assert "Internal: everything stays in the disks' own files." in plan["notes"]
    assert any("stands still while up to 4 GiB of memory" in warning for warning in plan["warnings"])
    assert on.all == {}


def test_an_external_one_names_its_new_files_first(on: Snapshots) -> None:
    plan = on.plan("POST", "/snapshots", {"name": "s 1", "kind": "external"})
    assert "--live --memspec" in plan["commands"][0]
    assert "file=/var/lib/libvirt/images/web-1-vda-s_1.qcow2" in plan["commands"][0]
    assert '+      <source file="/var/lib/libvirt/images/web-1-vda-s_1.qcow2"/>' in plan["xml_diff"]
    bare = on.plan("POST", "/snapshots", {"name": "s", "kind": "external", "memory": False})
    assert "--disk-only" in bare["commands"][0]
    assert any("power cut" in warning for warning in bare["warnings"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "-rf"}, "/name"),
        ({"name": "a/b"}, "/name"),
        ({"name": "..", "kind": "internal"}, "/name"),
        ({"name": "x\ny"}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x", "disks": ["vdz"]}, "/disks"),
        ({"name": "x", "disks": []}, "/disks"),
        ({"name": "x", "kind": "internal", "memory": False}, "/kind"),
        ({"name": "x", "quiesce": True}, "/quiesce"),
        ({"name": "x", "sort": "internal"}, "/sort"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(on: Snapshots, body: dict[str, Any], pointer: str) -> None:
    assert pointer in on.faults(**body)
    assert on.all == {}


def test_a_name_is_used_once(on: Snapshots) -> None:
    on.take("twice")
    assert "already" in on.faults(name="twice")["/name"]


def test_one_machine_keeps_to_one_kind(on: Snapshots) -> None:
    on.take("inside")
    assert "keeps to one kind" in on.faults(name="outside", kind="external")["/kind"]


def test_the_description_changes_and_the_current_one_stays(on: Snapshots) -> None:
    on.take("one")
    on.take("two")
    answer = on.call("PATCH", "/snapshots/one", {"description": "Known to work"})
    assert answer.json["description"] == "Known to work"
    assert on.call("PATCH", "/snapshots/one", {"description": None}).json["description"] is None
    assert on.now["snapshot"] == "two"


def test_going_back_says_what_is_lost_and_may_keep_it_first(on: Snapshots) -> None:
    on.take("one")
    plan = on.plan("POST", "/snapshots/one/revert", {})
    assert "What changed since the snapshot one is lost: nothing else keeps it." in plan["warnings"]
    kept = on.plan("POST", "/snapshots/one/revert", {"keep": "now"})
    assert not any("is lost" in warning for warning in kept["warnings"])
    on.revert("one", keep="now")
    assert on.all["now"]["parent"] == "one"
    assert on.now["snapshot"] == "one"


@pytest.mark.parametrize("state", ["running", "paused", "shut_off"])
def test_it_is_afterwards_what_was_asked(on: Snapshots, state: str) -> None:
    on.take("one")
    on.revert("one", state=state)
    assert on.now["state"] == state


def test_a_preview_is_dropped_or_kept(on: Snapshots) -> None:
    on.take("one")
    nothing = on.call("POST", "/snapshot-preview/drop")
    assert (nothing.status_code, "Begin one" in nothing.json["cure"]) == (409, True)
    plan = on.plan("POST", "/snapshot-preview", {"snapshot": "one"})
    assert [command.split()[1] for command in plan["commands"]] == ["snapshot-create-as", "snapshot-revert"]
    assert not any("is lost" in warning for warning in plan["warnings"])
    on.done(on.call("POST", "/snapshot-preview", {"snapshot": "one", "state": "paused"}))
    assert {name: each["preview_of"] for name, each in on.all.items()} == {"one": None, "before-preview": "one"}
    assert (on.now["state"], on.now["snapshot"]) == ("paused", "one")
    again = on.call("POST", "/snapshot-preview", {"snapshot": "one"})
    assert again.json["detail"] == "A preview of one stands already."
    plan = on.plan("POST", "/snapshot-preview/drop", None)
    assert [command.split()[1] for command in plan["commands"]] == ["snapshot-revert", "snapshot-delete"]
    on.done(on.call("POST", "/snapshot-preview/drop"))
    assert (on.now["state"], list(on.all), on.now["snapshot"]) == ("running", ["one"], "one")
    on.done(on.call("POST", "/snapshot-preview", {"snapshot": "one", "state": "paused"}))
    on.done(on.call("POST", "/snapshot-preview/keep"))
    assert (on.now["state"], list(on.all)) == ("paused", ["one"])


def test_deleting_lets_children_grow_from_its_parent(on: Snapshots) -> None:
    for name in ("one", "two", "three"):
        on.take(name)
    on.delete("two")
    assert {name: each["parent"] for name, each in on.all.items()} == {"one": None, "three": "one"}


def test_deleting_with_children_takes_the_branch(on: Snapshots) -> None:
    for name in ("one", "two", "three"):
        on.take(name)
    assert len(on.plan("DELETE", "/snapshots/two?children=true")["commands"]) == 2
    on.delete("two", "?children=true")
    assert list(on.all) == ["one"]


def test_libvirt_may_only_forget_one(on: Snapshots) -> None:
    on.take("one")
    plan = on.plan("DELETE", "/snapshots/one?metadata_only=true")
    assert "--metadata" in plan["commands"][0]
    assert "Its files stay" in plan["warnings"][0]


def test_an_unknown_one_is_not_found(on: Snapshots) -> None:
    for method, suffix in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/revert")):
        body = {"description": None} if method == "PATCH" else {} if method == "POST" else None
        assert on.call(method, f"/snapshots/none{suffix}", body).status_code == 404


def test_a_machine_with_a_saved_state_takes_none(on: Snapshots) -> None:
    on.done(on.call("POST", "/save"))
    until(lambda: on.now["has_saved_image"])
    assert "saved state" in on.now["actions"]["snapshot"]
    assert on.call("POST", "/snapshots", {"name": "x"}).status_code == 409


def test_a_temporary_machine_takes_none(client: Client) -> None:
    temporary = Snapshots(client, "throwaway")
    assert "temporary" in temporary.now["actions"]["snapshot"]
    assert temporary.call("POST", "/snapshots", {"name": "x"}).status_code == 409


def test_going_back_is_offered_once_there_is_a_snapshot(on: Snapshots) -> None:
    assert on.now["actions"]["revert"] == "It has no snapshots."
    on.take("one")
    assert on.now["actions"]["revert"] is None


def test_a_disk_that_cannot_move_says_why(client: Client) -> None:
    machine = Snapshots(client, "web-1")
    body = {"pool": "default"}
    assert machine.call("POST", "/devices/disk-none/move", body).status_code == 404
    assert machine.call("POST", "/devices/disk-vda/move", body, etag=None).status_code == 428
    assert machine.call("POST", "/devices/disk-vda/move", body, etag="old").status_code == 412
    card = next(each["id"] for each in machine.now["devices"] if each["type"] == "interface")
    assert "is no disk" in machine.call("POST", f"/devices/{card}/move", body).json["detail"]
    nowhere = machine.call("POST", "/devices/disk-vda/move", {"pool": "nowhere"})
    assert [each["pointer"] for each in nowhere.json["errors"]] == ["/pool"]


def test_a_machine_with_snapshots_keeps_its_name(off: Snapshots) -> None:
    off.take("one")
    assert "snapshots" in off.now["actions"]["rename"]
    assert off.patch({"name": "other"}).status_code == 409
