"""Volumes that are there: copied, looked at and refused, on a made-up host."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.model.moving import lent_pool
from quarterdeck.model.storage import volume_xml
from tests.waiting import job_done

from ..conftest import Client
from ..operations.machine import Machine

POOLS = "/api/v1/hosts/local/pools"
VOLUMES = f"{POOLS}/default/volumes"


def test_volume_is_copied(client: Client) -> None:
    answer = client.post(f"{VOLUMES}/spare.qcow2/clone", json={"name": "copy.qcow2"})
    assert answer.status_code == 202, answer.text
    job_done(client, answer.headers["Location"])
    spare, copy = (client.get(f"{VOLUMES}/{name}").json for name in ("spare.qcow2", "copy.qcow2"))
    assert copy["capacity_bytes"] == spare["capacity_bytes"]


@pytest.mark.parametrize(
    ("act", "volume", "asked", "status", "pointer"),
    [
        ("clone", "spare.qcow2", {"name": "web-1.qcow2"}, 409, "/name"),
        ("clone", "spare.qcow2", {"name": "../a"}, 422, "/name"),
        ("clone", "spare.qcow2", {"name": "a", "pool": "nowhere"}, 404, "/pool"),
        ("clone", "spare.qcow2", {"name": "a", "pool": "fast", "format": "qcow2"}, 422, "/format"),
        ("wipe", "spare.qcow2", {"algorithm": "fire"}, 422, "/algorithm"),
        ("", "spare.qcow2", {"size_gib": 0.001}, 422, "/shrink"),
        ("", "spare.qcow2", {"size_gib": -1}, 422, "/size_gib"),
    ],
)
def test_unusable_wishes_are_refused_at_their_field(
    client: Client, act: str, volume: str, asked: dict[str, Any], status: int, pointer: str
) -> None:
    address = f"{VOLUMES}/{volume}/{act}".rstrip("/")
    answer = client.post(address, json=asked) if act else client.patch(address, json=asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (status, pointer), answer.text


@pytest.mark.parametrize(("method", "act"), [("PATCH", ""), ("POST", "/clone"), ("POST", "/wipe")])
def test_disk_of_a_running_machine_is_left_alone(client: Client, method: str, act: str) -> None:
    body: dict[str, Any] = {"PATCH": {"size_gib": 100}, "/clone": {"name": "a.qcow2"}, "/wipe": {}}[act or method]
    answer = client.open(f"{VOLUMES}/web-1.qcow2{act}", method=method, json=body)
    assert (answer.status_code, answer.json["used_by"]) == (409, ["web-1"])


def test_plans_say_what_is_lost(client: Client) -> None:
    spare = client.get(f"{VOLUMES}/spare.qcow2").json
    half = spare["capacity_bytes"] / 2 / (1 << 30)
    plan = client.patch(f"{VOLUMES}/spare.qcow2?dry_run=true", json={"size_gib": half, "shrink": True}).json
    assert "are cut off" in plan["warnings"][0] and plan["commands"][0].endswith("--shrink")
    wiped = client.post(f"{VOLUMES}/spare.qcow2/wipe?dry_run=true", json={"algorithm": "random"}).json
    assert "cannot be brought back" in wiped["warnings"][0]
    assert wiped["commands"] == ["virsh vol-wipe --pool default spare.qcow2 --algorithm random"]
    assert client.get(f"{VOLUMES}/spare.qcow2").json == spare


def test_unused_images_are_found_and_media_are_not_among_them(client: Client, service: Service) -> None:
    host, folder = service.hosts.get("local"), "/srv/others"
    host.pools.lend(folder, "somebody")
    host.volumes.create(lent_pool(folder)[0], volume_xml("others.img", 1 << 20, "raw"))
    unused = client.get("/api/v1/hosts/local/unused-volumes").json
    names = [volume["name"] for volume in unused]
    assert "spare.qcow2" in names and not {"web-1.qcow2", "others.img"} & {*names}
    assert not any(volume["is_iso"] or volume["used_by"] for volume in unused)


def test_what_libvirt_knows_of_a_volume_is_shown(client: Client) -> None:
    assert client.get(f"{VOLUMES}/spare.qcow2/xml").json["xml"].startswith("<volume")
    chain = client.get(f"{VOLUMES}/spare.qcow2/chain").json
    assert [link["volume"] for link in chain] == ["spare.qcow2"]


def test_a_new_volume_is_undone_as_long_as_it_is_what_was_made(client: Client) -> None:
    made = client.post(VOLUMES, json={"name": "slip.qcow2", "size_gib": 1})
    way = made.headers["Link"].split(";")[0].strip("<>")
    entry = client.get("/api/v1/audit").json[0]
    assert (way, entry["undo"], entry["target"]) == (f"/api/v1/audit/{entry['id']}/undo", None, "slip.qcow2"), entry
    plan = client.post(f"{way}?dry_run=true", json={}).json
    assert plan["commands"] == ["virsh vol-delete --pool default slip.qcow2"]
    machine = Machine(client, "fedora-try")
    disk = {"type": "disk", "path": "/var/lib/libvirt/images/slip.qcow2"}
    added = machine.call("POST", "/devices", disk)
    assert added.status_code == 200, added.text
    used = client.post(way, json={})
    assert (used.status_code, used.json["used_by"]) == (409, ["fedora-try"]), used.text
    assert machine.call("DELETE", "/devices/disk-vdb").status_code == 200
    gone = client.post(way, json={})
    assert (gone.status_code, gone.json["name"]) == (200, "slip.qcow2"), gone.text
    assert client.get(f"{VOLUMES}/slip.qcow2").status_code == client.post(way, json={}).status_code == 404
    assert client.get("/api/v1/audit").json[1]["target"] == "slip.qcow2"  # what undid it names what it undid
