"""XML of single devices, sections of settings, pools and networks, on a made-up host."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.operations.settings.forms import SECTIONS

from ...conftest import Client
from ..machine import Machine

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


def test_the_form_of_a_device_and_its_xml_are_in_step(client: Client) -> None:
    box = Machine(client, OFF)
    nic = next(d["id"] for d in box.now["devices"] if d["type"] == "interface")
    plan = box.call("PUT", f"/devices/{nic}/xml?dry_run=true", {"change": {"mtu": 1400}}).json
    assert '<mtu size="1400"/>' in plan["part"]["xml"].replace("'", '"')
    by_hand = plan["part"]["xml"].replace(
        "</interface>", "  <coalesce><rx><frames max='7'/></rx></coalesce>\n</interface>"
    )
    both = {"xml": by_hand, "change": {"link": "down"}}
    part = box.call("PUT", f"/devices/{nic}/xml?dry_run=true", both).json["part"]
    assert (part["value"]["mtu"], part["value"]["link"]) == (1400, "down")
    assert box.call("GET", f"/devices/{nic}/xml").json["xml"].count("mtu") == 0
    assert box.call("PUT", f"/devices/{nic}/xml", both).status_code == 200
    saved = box.call("GET", f"/devices/{nic}/xml").json["xml"]
    assert all(word in saved for word in ("coalesce", "1400", "down"))
    wrong = box.call("PUT", f"/devices/{nic}/xml?dry_run=true", {"change": {"mtu": 1}}).json
    assert wrong["errors"][0]["pointer"] == "/change/mtu"
    unread = by_hand.replace("1400", "wide")
    assert "Line" in box.call("PUT", f"/devices/{nic}/xml?dry_run=true", {"xml": unread}).json["detail"]


def test_the_form_of_a_new_device_and_its_xml_are_in_step(client: Client) -> None:
    box = Machine(client, OFF)
    before = box.now["devices"]
    part = box.call("POST", "/devices?dry_run=true", {"type": "interface", "mtu": 1400}).json["part"]
    assert part["value"]["mtu"] == 1400
    by_hand = part["xml"].replace("</interface>", "  <coalesce><rx><frames max='7'/></rx></coalesce>\n</interface>")
    both = {"xml": by_hand, "change": {"link": "down"}}
    told = box.call("POST", "/devices/xml?dry_run=true", both).json["part"]
    assert (told["value"]["mtu"], told["value"]["link"], "coalesce" in told["xml"]) == (1400, "down", True)
    assert box.now["devices"] == before
    added = box.call("POST", "/devices/xml", both).json
    new = next(each for each in added["devices"] if each["id"] not in {one["id"] for one in before})
    assert (new["saved"]["mtu"], new["saved"]["link"]) == (1400, "down")
    assert "coalesce" in box.call("GET", f"/devices/{new['id']}/xml").json["xml"]
    wrong = box.call("POST", "/devices/xml?dry_run=true", {"xml": by_hand, "change": {"mtu": 1}}).json
    assert wrong["errors"][0]["pointer"] == "/change/mtu"
    assert "Line 1" in box.call("POST", "/devices/xml?dry_run=true", {"xml": "<colour/>"}).json["detail"]
    unread = box.call("POST", "/devices/xml?dry_run=true", {"xml": by_hand.replace("1400", "wide")}).json
    assert "Line" in unread["detail"]
    folder = "<filesystem><driver type='virtiofs'/><source dir='/srv'/><target dir='share'/></filesystem>"
    plan = box.call("POST", "/devices/xml?dry_run=true", {"xml": folder}).json
    assert "+    <access mode=" in plan["xml_diff"], "what the device needs of the machine comes with it"


def test_a_new_volume_a_password_and_the_boot_order_stand_in_the_xml_of_a_new_device(client: Client) -> None:
    box = Machine(client, OFF)
    disk = {"type": "disk", "pool": "default", "size_gib": 1, "volume": "more.qcow2", "boot_order": 1}
    text = box.call("POST", "/devices?dry_run=true", disk).json["part"]["xml"]
    assert "/var/lib/libvirt/images/more.qcow2" in text and '<boot order="1"/>' in text, text
    body = {"xml": text.replace("</disk>", "  <serial>ours</serial>\n</disk>"), "form": disk}
    plan = box.call("POST", "/devices/xml?dry_run=true", body).json
    assert plan["commands"][0].startswith("virsh vol-create-as default more.qcow2"), plan
    elsewhere = box.call("POST", "/devices/xml?dry_run=true", body | {"xml": text.replace("more", "other")})
    assert (elsewhere.status_code, "more.qcow2" in elsewhere.json["detail"]) == (422, True), elsewhere.text
    large = box.call("POST", "/devices/xml?dry_run=true", body | {"form": disk | {"pool": "nowhere"}})
    assert large.status_code == 404, large.text
    assert client.get("/api/v1/hosts/local/pools/default/volumes/more.qcow2").status_code == 404
    now = box.call("POST", "/devices/xml", body)
    assert now.status_code == 200, now.text
    new = next(each for each in now.json["devices"] if (each["saved"] or {}).get("serial") == "ours")
    assert (new["saved"]["boot_order"], now.json["boot"]["order"][0]) == (1, new["id"])
    assert client.get("/api/v1/hosts/local/pools/default/volumes/more.qcow2").status_code == 200
    gone = box.call("DELETE", "/devices/graphics-0")
    assert gone.status_code == 200, gone.text
    display = {"type": "graphics", "kind": "vnc", "password": "hidden8"}
    told = box.call("POST", "/devices?dry_run=true", display)
    assert told.status_code == 200, told.text
    shown = told.json["part"]["xml"]
    assert 'passwd="*****"' in shown, shown
    made = box.call("POST", "/devices/xml", {"xml": shown.replace("*****", "by hand"), "form": display})
    assert made.status_code == 422, made.text
    made = box.call("POST", "/devices/xml", {"xml": shown, "form": display})
    assert made.status_code == 200, made.text
    vnc = next(each["saved"] for each in made.json["devices"] if each["type"] == "graphics")
    assert vnc["has_password"] and "hidden8" not in made.text, vnc


def test_the_form_of_a_section_and_its_xml_are_in_step(client: Client) -> None:
    box = Machine(client, OFF)
    text = box.call("GET", "/settings/clock/xml").json["xml"]
    assert text.startswith("<domain>\n  <clock ")
    plan = box.call("PUT", "/settings/clock/xml?dry_run=true", {"change": {"clock": {"offset": "localtime"}}}).json
    assert plan["part"]["value"]["clock"]["offset"] == "localtime"
    assert [each["field"] for each in plan["effects"]] == ["clock.offset"]
    timed = plan["part"]["xml"].replace(
        '<clock offset="localtime"/>', "<clock offset='localtime'><timer name='pit' tickpolicy='delay'/></clock>"
    )
    answer = box.call("PUT", "/settings/clock/xml", {"xml": timed})
    assert answer.status_code == 200, answer.text
    assert answer.json["clock"]["timers"][0]["name"] == "pit"
    assert box.call("GET", "/settings/clock/xml").json["xml"].count("<timer") == 1
    empty = box.call("PUT", "/settings/clock/xml?dry_run=true", {"xml": "<domain/>"}).json
    assert "-  <clock" in empty["xml_diff"]
    stranger = box.call("PUT", "/settings/clock/xml", {"xml": "<domain>\n<vcpu>4</vcpu></domain>"}).json
    assert "Line 2: <vcpu> is no part" in stranger["detail"]
    assert (
        box.call("PUT", "/settings/clock/xml", {"change": {"cpuset": "0"}}).json["errors"][0]["pointer"]
        == "/change/cpuset"
    )
    assert box.call("GET", "/settings/nope/xml").status_code == 404


@pytest.mark.parametrize("section", [section.id for section in SECTIONS])
def test_every_section_put_back_as_it_is_changes_nothing(client: Client, section: str) -> None:
    box = Machine(client, "db-1")
    text = box.call("GET", f"/settings/{section}/xml").json["xml"]
    plan = box.call("PUT", f"/settings/{section}/xml?dry_run=true", {"xml": text}).json
    assert (plan["xml_diff"], plan["effects"]) == ("", [])


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
