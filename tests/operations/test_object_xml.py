"""XML of single devices, pools and networks, on a made-up host."""

from __future__ import annotations

from typing import Any

from quarterdeck.app import Service

from ..conftest import Client
from .machine import Machine

OFF = "fedora-try"
HOST = "/api/v1/hosts/local"


def test_one_device_is_read_and_replaced(client: Client) -> None:
    box = Machine(client, OFF)
    disk = next(d["id"] for d in box.now["devices"] if d["type"] == "disk")
    text = box.call("GET", f"/devices/{disk}/xml").json
    assert text["xml"].startswith("<disk ")
    assert text["etag"] == box.now["etag"]
    new = text["xml"].replace("</disk>", "<serial>BYHAND</serial></disk>")
    plan = box.call("PUT", f"/devices/{disk}/xml?dry_run=true", {"xml": new}).json
    assert "+      <serial>BYHAND</serial>" in plan["xml_diff"]
    answer = box.call("PUT", f"/devices/{disk}/xml", {"xml": new})
    assert answer.status_code == 200, answer.text
    assert next(d for d in answer.json["devices"] if d["id"] == disk)["saved"]["serial"] == "BYHAND"
    assert answer.json["undo"]


def test_faults_of_a_device_are_told_at_their_line(client: Client) -> None:
    box = Machine(client, OFF)
    disk = next(d["id"] for d in box.now["devices"] if d["type"] == "disk")
    text = box.call("GET", f"/devices/{disk}/xml").json["xml"]
    bad = text.replace("</disk>", "<colour/>\n</disk>")
    line = bad[: bad.index("<colour/>")].count("\n") + 1
    plan = box.call("PUT", f"/devices/{disk}/xml?dry_run=true", {"xml": bad}).json
    assert f"Line {line}: <colour>" in plan["warnings"][0]
    assert box.call("PUT", f"/devices/{disk}/xml", {"xml": "<rng/>"}).json["errors"][0]["pointer"] == "/xml"
    assert box.call("PUT", f"/devices/{disk}/xml", {"xml": text}, "0").status_code == 412
    assert box.call("GET", "/devices/disk-nope/xml").status_code == 404


def put(client: Client, path: str, xml: str, etag: str, query: str = "") -> Any:
    return client.put(f"{HOST}/{path}/xml{query}", json={"xml": xml}, headers={"If-Match": etag})


def test_a_pool_gets_another_definition_and_keeps_its_name(client: Client) -> None:
    # Of one that is on the test driver tells only what runs.
    assert client.post(f"{HOST}/pools/isos/stop", json={}).status_code == 200
    now = client.get(f"{HOST}/pools/isos/xml").json
    new = now["xml"].replace("</path>", "/deeper</path>")
    plan = put(client, "pools/isos", new, now["etag"], "?dry_run=true").json
    assert "/deeper</path>" in plan["xml_diff"]
    assert plan["commands"][0].startswith("virsh pool-define --validate")
    assert client.get(f"{HOST}/pools/isos/xml").json == now
    assert put(client, "pools/isos", new, "0").status_code == 412
    assert put(client, "pools/isos", new, now["etag"]).status_code == 200
    assert "/deeper</path>" in client.get(f"{HOST}/pools/isos/xml").json["xml"]
    other = put(client, "pools/isos", now["xml"].replace("<name>isos", "<name>others"), "*")
    assert (other.status_code, other.json["errors"][0]["pointer"]) == (422, "/xml")
    assert "Line 2" in other.json["detail"]


def saved(service: Service) -> str:
    return service.hosts.get("local").networks.xml("lab", saved=True)


def test_a_network_gets_another_definition(client: Client, service: Service) -> None:
    service.hosts.get("local").networks.stop("lab")
    before = saved(service)
    new = before.replace("</network>", "<mtu size='1400'/></network>")
    plan = put(client, "networks/lab", new, "*", "?dry_run=true")
    assert "mtu" in plan.json["xml_diff"]
    assert saved(service) == before
    done = put(client, "networks/lab", new, "*")
    assert done.status_code == 200, done.text
    assert "<mtu size='1400'/>" in saved(service)
    assert put(client, "networks/lab", "<pool/>", "*").status_code == 422
