"""Pools made, edited, stopped and deleted over the API, on a made-up host."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.hypervisor.pools import Pools
from quarterdeck.jobs import Job, Jobs, now
from quarterdeck.model.storage import PARTIAL, volume_xml
from quarterdeck.operations.pools.making import Making, PoolMaking
from quarterdeck.operations.storage.storage import Storage
from quarterdeck.problems import Problem
from quarterdeck.store import JobRows
from tests.waiting import job_done, job_end, until

from ..conftest import Client

LOCAL = "/api/v1/hosts/local"
POOLS = f"{LOCAL}/pools"
IQN = "iqn.2026-01.org.example:disks"
SECRET = "5d1c5a3e-7a0f-4c62-9f0e-2f4f3a3a6a02"
EACH_TYPE: list[dict[str, Any]] = [
    {"type": "dir", "path": "/srv/new", "mode": "0711", "owner": 0, "group": 0},
    {"type": "fs", "path": "/mnt/new", "source_device": "/dev/sdz1", "source_format": "ext4", "build_device": True},
    {"type": "logical", "source_name": "vg-new", "source_devices": ["/dev/sdy", "/dev/sdz"], "build_device": True},
    {"type": "disk", "source_device": "/dev/sdz", "source_format": "dos"},
    {"type": "scsi", "adapter_name": "scsi_host2"},
    {"type": "mpath"},
    {"type": "zfs", "source_name": "tank/new"},
    {"type": "rbd", "source_hosts": ["mon1", "mon2"], "source_name": "rbd", "username": "admin", "secret": SECRET},
    {"type": "vstorage", "path": "/vs/new", "source_name": "cluster"},
    {"type": "netfs", "path": "/mnt/nfs", "source_host": "nas", "source_path": "/export", "source_protocol_ver": "4.1"},
    {"type": "iscsi", "source_host": "san", "source_device": IQN, "username": "me", "secret": SECRET},
    {"type": "iscsi-direct", "source_host": "san", "source_device": IQN, "source_initiator": IQN + "1"},
    {"type": "gluster", "source_host": "g1", "source_name": "vol", "source_path": "/sub"},
]


def make(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    """A pool named `new`, whether it is a job or not."""
    answer = client.post(POOLS, json={"name": "new"} | asked)
    assert answer.status_code in (201, 202), answer.text
    if answer.status_code == 202:
        job_done(client, answer.headers["Location"])
    return client.get(f"{POOLS}/new").json


@pytest.mark.parametrize("asked", EACH_TYPE, ids=lambda asked: asked["type"])
def test_each_type_is_made_and_read_back_as_it_was_asked(client: Client, asked: dict[str, Any]) -> None:
    pool = make(client, asked)
    assert (pool["active"], pool["autostart"], pool["type"]) == (True, True, asked["type"])
    kept = {name: value for name, value in asked.items() if name != "build_device"}
    assert {name: pool["settings"][name] for name in kept} == kept


@pytest.mark.parametrize("whole", [True, False])
def test_pool_that_a_restart_cut_off_is_whole_or_gone(client: Client, service: Service, whole: bool) -> None:
    pool = client.get(f"{POOLS}/isos").json
    if not whole:
        client.post(f"{POOLS}/isos/stop")
    rows, started = JobRows(service.store, 10), now()
    about = {"kind": "pool-create", "host": "local", "target": "pool/isos", "user": "demo"}
    job = Job.model_validate({"id": "cut", "state": "running", "started": started} | about)
    making = Making(pool["uuid"], None, ["local"], [], start=True, autostart=True)
    rows.put(job.id, job.state, started, job.model_dump_json(), asdict(making))
    jobs = Jobs(rows)
    PoolMaking(service.hosts, Storage(service.hosts, service.inventory, service.jobs, service.store), jobs)
    jobs.resume()
    over = until(lambda: (seen := jobs.get("cut")).over and seen)
    assert over.state == ("done" if whole else "failed"), over
    assert (over.problem or {"type": None})["type"] == (None if whole else "/problems/interrupted")
    assert client.get(f"{POOLS}/isos").status_code == (200 if whole else 404)


def test_types_have_the_fields_of_their_forms(client: Client) -> None:
    types = {kind["type"]: kind for kind in client.get(f"{LOCAL}/pool-types").json}
    assert len(types) == 13
    fields = {field["name"]: field for field in types["netfs"]["fields"]}
    assert list(fields)[:4] == ["name", "source_host", "source_path", "path"]
    assert fields["source_format"]["choices"] == ["nfs", "auto", "glusterfs", "cifs"]
    assert fields["source_host"]["required"] and not fields["mode"]["required"]


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({"type": "dir", "name": "default", "path": "/srv/new"}, 409, "/name"),
        ({"type": "dir", "name": "-x", "path": "/srv/new"}, 422, "/name"),
        ({"type": "dir", "name": "a/b", "path": "/srv/new"}, 422, "/name"),
        ({"type": "dir", "name": "new", "path": "srv"}, 422, "/path"),
        ({"type": "dir", "name": "new", "path": "/srv/../etc"}, 422, "/path"),
        ({"type": "dir", "name": "new", "path": "/etc"}, 422, "/path"),
        ({"type": "dir", "name": "new", "path": "/srv/isos/"}, 409, "/path"),
        ({"type": "dir", "name": "new"}, 422, "/path"),
        ({"type": "tape", "name": "new"}, 422, "/type"),
        ({"type": "fs", "name": "new", "path": "/mnt/a", "source_device": "/etc/passwd"}, 422, "/source_device"),
        (
            {"type": "netfs", "name": "new", "path": "/mnt/a", "source_host": "-o", "source_path": "/"},
            422,
            "/source_host",
        ),
        ({"type": "iscsi", "name": "new", "source_host": "san", "source_device": "disks"}, 422, "/source_device"),
        ({"type": "dir", "name": "new", "path": "/srv/new", "pth": 1}, 422, "/pth"),
    ],
)
def test_unusable_pools_are_refused_at_their_field(
    client: Client, asked: dict[str, Any], status: int, pointer: str
) -> None:
    before = client.get(POOLS).json
    answer = client.post(POOLS, json=asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (status, pointer), answer.text
    assert client.get(POOLS).json == before


def test_plan_shows_the_commands_and_makes_nothing(client: Client) -> None:
    asked = {"type": "netfs", "name": "new", "path": "/mnt/nfs", "source_host": "nas", "source_path": "/export"}
    plan = client.post(f"{POOLS}?dry_run=true", json=asked).json
    assert plan["commands"] == [
        "virsh pool-define-as new netfs --source-host nas --target /mnt/nfs --source-path /export --source-format nfs",
        "virsh pool-build new",
        "virsh pool-start new",
        "virsh pool-autostart new",
    ]
    assert '+<pool type="netfs">' in plan["xml_diff"]
    assert client.get(f"{POOLS}/new").status_code == 404


def test_overwriting_a_device_is_warned_of(client: Client) -> None:
    asked = {"type": "disk", "name": "new", "source_device": "/dev/sdz", "build_device": True, "overwrite": True}
    plan = client.post(f"{POOLS}?dry_run=true", json=asked).json
    assert plan["warnings"] == ["What /dev/sdz holds is lost."]
    assert "virsh pool-build new --overwrite" in plan["commands"]


@pytest.mark.parametrize("asked", [EACH_TYPE[0], EACH_TYPE[9]], ids=["now", "job"])
def test_pool_that_cannot_be_started_leaves_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    def refuse(self: Pools, pool: str, wait: str = "") -> None:
        raise Problem("libvirt-refused", "It cannot be mounted.")

    monkeypatch.setattr(Pools, "start", refuse)
    answer = client.post(POOLS, json={"name": "new"} | asked)
    if answer.status_code == 202:
        job = job_end(client, answer.headers["Location"])
        assert (job["state"], job["problem"]["detail"]) == ("failed", "It cannot be mounted.")
    else:
        assert answer.status_code == 409
    assert client.get(f"{POOLS}/new").status_code == 404


def test_pool_is_edited(client: Client) -> None:
    pool = make(client, EACH_TYPE[0])
    asked = {"name": "new"} | EACH_TYPE[0] | {"path": "/srv/other", "autostart": False}
    assert client.put(f"{POOLS}/new", json=asked).status_code == 428
    assert client.put(f"{POOLS}/new", json=asked, headers={"If-Match": '"old"'}).status_code == 412
    plan = client.put(f"{POOLS}/new?dry_run=true", json=asked, headers={"If-Match": pool["etag"]}).json
    assert plan["effects"] == [{"field": "pool", "when": "next_start"}]
    assert "-    <path>/srv/new</path>" in plan["xml_diff"] and "+    <path>/srv/other</path>" in plan["xml_diff"]
    client.post(f"{POOLS}/new/stop")
    edited = client.put(f"{POOLS}/new", json=asked, headers={"If-Match": pool["etag"]})
    assert edited.status_code == 200, edited.text
    assert (edited.json["path"], edited.json["autostart"]) == ("/srv/other", False)


@pytest.mark.parametrize(
    ("change", "pointer"), [({"name": "renamed"}, "/name"), ({"type": "fs", "source_device": "/dev/sdz1"}, "/type")]
)
def test_name_and_type_of_a_pool_stay(client: Client, change: dict[str, str], pointer: str) -> None:
    pool = make(client, {"type": "dir", "path": "/srv/new"})
    asked = {"type": "dir", "name": "new", "path": "/srv/new"} | change
    answer = client.put(f"{POOLS}/new", json=asked, headers={"If-Match": pool["etag"]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_autostart_is_switched(client: Client) -> None:
    assert client.patch(f"{POOLS}/default?dry_run=true", json={"autostart": True}).json["commands"] == [
        "virsh pool-autostart default"
    ]
    assert client.patch(f"{POOLS}/default", json={"autostart": True}).json["autostart"]
    assert not client.patch(f"{POOLS}/default", json={"autostart": False}).json["autostart"]


def test_pool_of_running_machines_says_who_they_are(client: Client) -> None:
    default = client.get(f"{POOLS}/default").json
    assert "web-1" in default["used_by"]
    plan = client.post(f"{POOLS}/default/stop?dry_run=true").json
    assert "web-1" in plan["warnings"][0]
    fast = client.get(f"{POOLS}/fast").json
    if fast["used_by"]:
        refused = client.post(f"{POOLS}/fast/stop")
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use")


def test_pool_is_forgotten_or_deleted_with_what_it_holds(client: Client) -> None:
    make(client, EACH_TYPE[0])
    client.post(f"{POOLS}/new/volumes", json={"name": "a.qcow2", "size_gib": 1})
    plan = client.delete(f"{POOLS}/new?contents=true&dry_run=true").json
    assert plan["commands"][0] == "virsh vol-delete --pool new a.qcow2"
    assert client.delete(f"{POOLS}/new?contents=true").status_code == 204
    assert client.get(f"{POOLS}/new").status_code == 404
    refused = client.delete(f"{POOLS}/default?contents=true")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use")
    assert client.get(f"{POOLS}/default").json["active"]


def test_pool_is_built_only_while_it_is_off(client: Client) -> None:
    make(client, EACH_TYPE[0])
    assert client.post(f"{POOLS}/new/build", json={}).status_code == 409
    client.post(f"{POOLS}/new/stop")
    assert client.post(f"{POOLS}/new/build", json={}).status_code == 200
    refused = client.post(f"{POOLS}/new/build", json={"overwrite": True})
    assert refused.json["errors"][0]["pointer"] == "/overwrite"


def test_what_a_type_cannot_do_is_told_before_and_refused(client: Client) -> None:
    target = {"type": "iscsi", "source_host": "san", "source_device": IQN}
    assert {"create", "copy", "resize", "delete", "build"} == set(make(client, target)["refusals"])
    gib = {"name": "a", "size_gib": 1, "format": "raw"}
    machine = {"name": "a", "install": {"method": "none"}, "disks": [{"pool": "new", "size_gib": 1}]}
    off = next(domain["uuid"] for domain in client.get(f"{LOCAL}/domains").json if domain["name"] == "fedora-try")
    refused = (
        client.post(f"{POOLS}/new/volumes", json=gib),
        client.post(f"{POOLS}/new/volumes?dry_run=true", json={"url": "https://example.org/a.iso"}),
        client.post(f"{POOLS}/default/volumes/spare.qcow2/clone", json={"name": "a", "pool": "new"}),
        client.put(f"{POOLS}/new/volumes/a/content", data=b"a"),
        client.delete(f"{POOLS}/new?contents=true"),
        client.post(f"{LOCAL}/domains?dry_run=true", json=machine),
        client.post(f"{LOCAL}/domains/{off}/clone?dry_run=true", json={"disks": [{"target": "vda", "pool": "new"}]}),
    )
    for answer in refused:
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/unsupported"), answer.text
        assert "on its server, not here" in answer.json["detail"]
    client.post(f"{POOLS}/new/stop")
    assert "nothing to build" in client.post(f"{POOLS}/new/build", json={}).json["detail"]
    trim = client.post(f"{POOLS}/default/volumes/spare.qcow2/wipe?dry_run=true", json={"algorithm": "trim"})
    assert trim.json["errors"][0]["pointer"] == "/algorithm", trim.text
    assert "trim" not in client.get(f"{POOLS}/default").json["wipes"]


def test_changes_of_pools_are_undone_from_the_log(client: Client) -> None:
    path = f"{POOLS}/default"
    before = client.post(f"{path}/stop").json  # the test driver keeps no saved one beside a running one
    for method, place, body in (
        ("PATCH", path, {"autostart": not before["autostart"]}),
        ("PUT", f"{path}/xml", {"xml": client.get(f"{path}/xml").json["xml"].replace("<path>", "<path>/srv")}),
    ):
        changed = client.open(place, method=method, json=body, headers={"If-Match": before["etag"]})
        assert changed.status_code == 200, changed.text
        entry = client.get("/api/v1/audit").json[0]
        assert (entry["undo"], entry["host"], entry["target"]) == (None, "local", "default")
        back = client.post(f"/api/v1/audit/{entry['id']}/undo", json={})
        assert (back.json["autostart"], back.json["etag"]) == (before["autostart"], before["etag"])
        again = client.post(f"/api/v1/audit/{entry['id']}/undo", json={})
        assert (again.status_code, again.json["type"]) == (409, "/problems/not-undoable")
    both = before["settings"] | {"type": "dir", "path": "/srv/other", "autostart": not before["autostart"]}
    changed = client.put(path, json=both, headers={"If-Match": before["etag"]})
    way = changed.headers["Link"].split(";")[0].strip("<>")
    told = client.post(f"{way}?dry_run=true", json={}).json
    assert len(told["commands"]) == 2, told
    back = client.post(way, json={})
    assert (back.json["autostart"], back.json["etag"]) == (before["autostart"], before["etag"]), back.text


def test_definition_is_read_with_its_etag(client: Client) -> None:
    told = client.get(f"{POOLS}/default/xml").json
    assert told["xml"].startswith('<pool type="dir">')
    assert told["etag"] == client.get(f"{POOLS}/default").json["etag"]


def test_what_thin_volumes_may_still_take_is_told(client: Client, service: Service) -> None:
    service.hosts.get("local").volumes.create("default", volume_xml(f"{PARTIAL}a.iso", 1 << 30, "raw"))
    volumes = client.get(f"{POOLS}/default/volumes").json
    promised = sum(max(volume["capacity_bytes"] - volume["allocation_bytes"], 0) for volume in volumes)
    assert client.get(f"{POOLS}/default").json["growth_bytes"] == promised > 0


def test_by_when_a_pool_is_full_is_told_from_what_was_taken_day_by_day(client: Client, service: Service) -> None:
    pool = client.get(f"{POOLS}/default").json

    def taken(ago_days: int, allocation: int) -> None:
        day = (datetime.now(UTC).date() - timedelta(days=ago_days)).isoformat()
        row = ("local", pool["uuid"], day, allocation)
        service.store.write("INSERT OR REPLACE INTO pool_days (host, uuid, day, bytes) VALUES (?,?,?,?)", row)

    now, day = pool["allocation_bytes"], 1 << 20
    taken(40, 0)
    for _ in range(2):
        read = client.post(f"{POOLS}/default/refresh")
        assert (read.status_code, read.json["forecast"]) == (200, None), read.text
    kept = service.store.read("SELECT bytes FROM pool_days WHERE uuid=?", (pool["uuid"],))
    assert [each["bytes"] for each in kept] == [now], "one figure a day, none for ever"
    for ago, told in ((1, False), (2, False), (10, True)):
        taken(ago, now - ago * day)
        forecast = client.get(f"{POOLS}/default").json["forecast"]
        assert (forecast is not None) == told, f"{ago}: {forecast}"
    full = pool["available_bytes"] // day
    assert forecast == {"measured_days": 10, "growth_bytes_day": day, "full_in_days": full}
    taken(10, now + 10 * day)
    assert client.get(f"{POOLS}/default").json["forecast"] is None, "it does not fill"


def test_how_full_a_pool_is_is_kept_once_a_day_though_nobody_looks(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = {pool["uuid"] for pool in client.get(POOLS).json if pool["active"]}
    read: list[str] = []
    monkeypatch.setattr(Pools, "refresh", lambda _pools, pool: read.append(pool))
    monkeypatch.setattr("quarterdeck.operations.inventory.sweep.SETTLE_SECONDS", 0.0)
    kept = lambda: {each["uuid"] for each in service.store.read("SELECT uuid FROM pool_days")}  # noqa: E731
    service.sweep.wake()
    until(lambda: kept() == running)
    assert sorted(read) == sorted(running), "libvirt's own figures are those of its last reading"


def test_shared_pool_is_made_on_all_hosts_or_on_none(client: Client, service: Service) -> None:
    pool = {"type": "dir", "name": "shared", "path": "/srv/shared"}
    plan = client.post("/api/v1/pools?dry_run=true", json={"hosts": ["local"], "pool": pool}).json
    assert plan["commands"][0] == "# on local"
    done = client.post("/api/v1/pools", json={"hosts": ["local"], "pool": pool})
    assert job_end(client, done.headers["Location"])["details"]["hosts"] == {"local": "done"}
    again = client.post("/api/v1/pools", json={"hosts": ["local"], "pool": pool})
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (409, "/pool/name")
    nowhere = client.post("/api/v1/pools", json={"hosts": ["nowhere"], "pool": pool})
    assert (nowhere.status_code, nowhere.json["errors"][0]["pointer"]) == (422, "/hosts/0")
