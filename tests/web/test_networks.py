"""Networks made, edited, refused and removed over the API, on a made-up host."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from lxml import etree

from quarterdeck.app import Service
from quarterdeck.model.xml import dump, parse

from ..conftest import Client
from ..waiting import PATIENCE_SECONDS, until

LOCAL = "/api/v1/hosts/local"
NETWORKS = f"{LOCAL}/networks"
SECOND = {"address": "10.70.0.1", "prefix": 24}
ROUTE = {"address": "10.80.0.0", "prefix": 24, "gateway": "10.60.0.9"}
OVS = {"mode": "bridge", "bridge": "br0", "virtualport": "openvswitch"}
IP = {"address": "10.60.0.1", "prefix": 22, "ranges": [{"start": "10.60.1.1", "end": "10.60.2.9"}]}
WIDE = {"address": "10.0.0.1", "prefix": 8}
IP6 = {"family": "ipv6", "address": "fd00:60::1", "prefix": 64}
NAT = {"mode": "nat", "ips": [IP]}
EACH_MODE: list[dict[str, Any]] = [
    {"mode": "nat", "ips": [IP, IP6], "nat_port_start": 1024, "nat_port_end": 65535, "domain": "lab.lan"},
    {"mode": "route", "ips": [IP], "forward_device": "eth0"},
    {"mode": "open", "ips": [IP]},
    {"mode": "isolated"},
    {"mode": "isolated", "ips": [IP], "mtu": 1400, "stp": True},
    {"mode": "bridge", "bridge": "br0", "portgroups": [{"name": "office", "default": True, "inbound": {"average": 9}}]},
    {"mode": "private", "interfaces": ["eth0"]},
    {"mode": "vepa", "interfaces": ["eth0", "eth1"]},
    {"mode": "passthrough", "interfaces": ["eth0"]},
    {"mode": "hostdev", "physical_function": "eth0", "managed": True, "vlan_tags": [{"id": 42}]},
]


def make(client: Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(NETWORKS, json={"name": "new"} | asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


@pytest.mark.parametrize("asked", EACH_MODE, ids=lambda asked: asked["mode"])
def test_each_mode_is_made_and_read_back_as_it_was_asked(client: Client, asked: dict[str, Any]) -> None:
    made = make(client, **asked)
    assert (made["active"], made["autostart"]) == (True, True)
    settings = made["settings"]
    for name, value in asked.items():
        assert agrees(settings[name], value), (name, settings[name])


def agrees(got: Any, asked: Any) -> bool:
    """Whether what was asked is in what was got."""
    if isinstance(asked, dict):
        return all(agrees(got[name], value) for name, value in asked.items())
    if isinstance(asked, list):
        return len(got) == len(asked) and all(map(agrees, got, asked))
    return bool(got == asked)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"name": "default"}, "/name"),
        ({"name": "a/b"}, "/name"),
        ({"name": "-a"}, "/name"),
        ({"mode": "nat"}, "/ips"),
        ({"mode": "magic"}, "/mode"),
        ({"mode": "isolated", "ips": [IP | {"address": "10.60.0.0"}]}, "/ips/0/address"),
        ({"mode": "isolated", "ips": [IP | {"address": "10.60.0"}]}, "/ips/0/address"),
        ({"mode": "isolated", "ips": [IP | {"prefix": 33}]}, "/ips/0/prefix"),
        ({"mode": "isolated", "ips": [IP | {"prefix": 24}]}, "/ips/0/ranges/0/start"),
        (
            {"mode": "nat", "ips": [IP, SECOND | {"ranges": [{"start": "10.70.0.5", "end": "10.70.0.6"}]}]},
            "/ips/1/ranges",
        ),
        ({"mode": "nat", "ips": [IP], "routes": [ROUTE | {"address": "10.80.0.1"}]}, "/routes/0/address"),
        ({"mode": "nat", "ips": [IP], "routes": [ROUTE | {"gateway": "10.90.0.1"}]}, "/routes/0/gateway"),
        ({"mode": "nat", "ips": [IP], "routes": [ROUTE | {"prefix": 33}]}, "/routes/0/prefix"),
        ({"mode": "nat", "ips": [IP], "vlan_tags": [{"id": 5}]}, "/vlan_tags"),
        ({"mode": "bridge", "bridge": "br0", "vlan_tags": [{"id": 5}]}, "/vlan_tags"),
        ({"mode": "vepa", "interfaces": ["eth0"], "vlan_tags": [{"id": 5}]}, "/vlan_tags"),
        (
            {"mode": "nat", "ips": [IP], "portgroups": [{"name": "a", "vlan_tags": [{"id": 5}]}]},
            "/portgroups/0/vlan_tags",
        ),
        ({"mode": "private", "interfaces": ["eth0"], "inbound": {"average": 9}}, "/inbound"),
        (
            {"mode": "hostdev", "physical_function": "eth0", "portgroups": [{"name": "a", "outbound": {"average": 9}}]},
            "/portgroups/0/outbound",
        ),
        (
            {"mode": "nat", "ips": [WIDE | {"ranges": [{"start": "10.128.0.0", "end": "10.129.0.0"}]}]},
            "/ips/0/ranges/0/end",
        ),
        (
            {"mode": "nat", "ips": [IP6 | {"prefix": 48, "ranges": [{"start": "fd00:60::5", "end": "fd00:60::9"}]}]},
            "/ips/0/ranges",
        ),
        (OVS | {"vlan_tags": [{"id": 5}, {"id": 5}]}, "/vlan_tags/1/id"),
        (OVS | {"vlan_tags": [{"id": 5, "native_mode": "tagged"}], "vlan_trunk": False}, "/vlan_trunk"),
        (OVS | {"vlan_trunk": True}, "/vlan_trunk"),
        ({"mode": "isolated", "domain_local_only": True}, "/domain"),
        (OVS | {"type_id": 5}, "/type_id"),
        ({"mode": "private", "interfaces": ["eth0"], "virtualport": "802.1Qbh"}, "/profile_id"),
        ({"mode": "private", "interfaces": ["eth0"], "virtualport": "openvswitch"}, "/virtualport"),
        (
            {"mode": "isolated", "ips": [IP | {"ranges": [{"start": "10.60.0.9", "end": "10.60.0.2"}]}]},
            "/ips/0/ranges/0/end",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"ranges": [IP["ranges"][0] | {"lease_seconds": 119}]}]},
            "/ips/0/ranges/0/lease_seconds",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"hosts": [{"name": "a", "address": "10.60.0.5", "lease_seconds": -1}]}]},
            "/ips/0/hosts/0/lease_seconds",
        ),
        ({"mode": "isolated", "ips": [IP, IP]}, "/ips/1/address"),
        ({"mode": "isolated", "ips": [{"address": "127.0.0.1", "prefix": 24}]}, "/ips/0/address"),
        ({"mode": "isolated", "ips": [IP6 | {"address": "ff02::1"}]}, "/ips/0/address"),
        (
            {"mode": "isolated", "ips": [IP | {"ranges": [{"start": "10.60.3.9", "end": "10.60.3.255"}]}]},
            "/ips/0/ranges/0/end",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"hosts": [{"name": "a", "address": "10.60.0.1"}]}]},
            "/ips/0/hosts/0/address",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"hosts": [{"name": "a", "address": "10.60.0.0"}]}]},
            "/ips/0/hosts/0/address",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"hosts": [{"mac": "01:00:5e:00:00:01", "address": "10.60.0.5"}]}]},
            "/ips/0/hosts/0/mac",
        ),
        (
            {"mode": "isolated", "ips": [IP | {"hosts": [{"duid": "00:03:00:01", "address": "10.60.0.5"}]}]},
            "/ips/0/hosts/0/duid",
        ),
        ({"mode": "isolated", "ips": [IP | {"boot_server": "10.60.0.5"}]}, "/ips/0/boot_file"),
        ({"mode": "isolated", "ips": [IP6 | {"boot_file": "pxe.0"}]}, "/ips/0/boot_file"),
        ({"mode": "isolated", "ips": [IP6 | {"tftp_root": "/srv"}]}, "/ips/0/tftp_root"),
        ({"mode": "isolated", "ips": [IP6], "mtu": 1279}, "/mtu"),
        (NAT | {"nat_address_start": "192.0.2.9", "nat_address_end": "192.0.2.4"}, "/nat_address_end"),
        (NAT | {"nat_address_start": "fd00::4", "nat_address_end": "fd00::9"}, "/nat_address_start"),
        (NAT | {"nat_port_start": 3000, "nat_port_end": 2000}, "/nat_port_end"),
        (NAT | {"routes": [ROUTE | {"gateway": "10.60.0.1"}]}, "/routes/0/gateway"),
        (NAT | {"dns": False, "dns_txts": [{"name": "a", "value": "b"}]}, "/dns"),
        (NAT | {"dns_txts": [{"name": "a", "value": "b\nserver=192.0.2.1"}]}, "/dns_txts/0/value"),
        (NAT | {"dns_srvs": [{"service": "ldap", "protocol": "tcp", "port": 389}]}, "/dns_srvs/0/target"),
        (
            {"mode": "isolated", "ips": [IP | {"address": "192.168.122.9", "prefix": 24, "ranges": []}]},
            "/ips/0/address",
        ),
        ({"mode": "isolated", "ips": [IP | {"hosts": [{"address": "10.60.0.5"}]}]}, "/ips/0/hosts/0/mac"),
        ({"mode": "bridge"}, "/bridge"),
        ({"mode": "bridge", "bridge": "br0", "domain": "x.lan"}, "/domain"),
        ({"mode": "vepa"}, "/interfaces"),
        ({"mode": "vepa", "interfaces": ["-o"]}, "/interfaces/0"),
        ({"mode": "hostdev"}, "/physical_function"),
        ({"mode": "route", "ips": [IP], "nat_port_start": 5, "nat_port_end": 9}, "/nat_port_start"),
        ({"mode": "isolated", "bridge": "virbr0"}, "/bridge"),
        ({"mode": "isolated", "portgroups": [{"name": "a"}, {"name": "a"}]}, "/portgroups/1/name"),
    ],
)
def test_unusable_networks_are_refused_at_their_field(client: Client, asked: dict[str, Any], pointer: str) -> None:
    answer = client.post(NETWORKS, json={"name": "new"} | asked)
    assert answer.status_code in (409, 422), answer.text
    assert pointer in [error["pointer"] for error in answer.json["errors"]], answer.text
    assert "new" not in [network["name"] for network in client.get(NETWORKS).json]


def test_plan_of_a_network_makes_nothing(client: Client) -> None:
    plan = client.post(f"{NETWORKS}?dry_run=true", json={"name": "new", "mode": "nat", "ips": [IP]}).json
    assert plan["commands"][0].startswith("virsh net-define --validate /dev/stdin")
    assert plan["commands"][1:] == ["virsh net-start new", "virsh net-autostart new"]
    assert '+  <forward mode="nat"/>' in plan["xml_diff"]
    assert client.get(f"{NETWORKS}/new").status_code == 404


def test_edit_says_what_reaches_the_running_network_and_what_waits(client: Client) -> None:
    made = make(client, mode="nat", ips=[IP])
    host = {"mac": "52:54:00:00:00:01", "name": "web", "address": "10.60.3.1"}
    asked = made["settings"] | {"domain": "lab.lan", "dns_hosts": [{"address": "10.60.0.1", "names": ["gate"]}]}
    asked["ips"] = [asked["ips"][0] | {"hosts": [host]}]
    assert client.put(f"{NETWORKS}/new", json=asked).status_code == 428
    assert client.put(f"{NETWORKS}/new", json=asked, headers={"If-Match": '"x"'}).status_code == 412
    plan = client.put(f"{NETWORKS}/new?dry_run=true", json=asked, headers={"If-Match": made["etag"]}).json
    assert {effect["field"]: effect["when"] for effect in plan["effects"]} == {
        "dns_hosts": "live",
        "ips.hosts": "live",
        "domain": "next_start",
    }
    reservation = '<host mac="52:54:00:00:00:01" name="web" ip="10.60.3.1"/>'
    assert f"virsh net-update new add-last ip-dhcp-host '{reservation}' --parent-index 0 --live" in plan["commands"]
    assert client.get(f"{NETWORKS}/new").json | {"changed": None} == made


def test_network_that_is_off_is_edited(client: Client) -> None:
    made = make(client, mode="nat", ips=[IP], start=False)
    again = client.post(NETWORKS, json={"name": "new", "mode": "nat", "ips": [IP]})
    assert (again.status_code, again.json["type"]) == (409, "/problems/name-taken"), again.text
    asked = made["settings"] | {"mode": "isolated", "ips": [], "autostart": False}
    answer = client.put(f"{NETWORKS}/new", json=asked, headers={"If-Match": made["etag"]})
    assert answer.status_code == 200, answer.text
    assert (answer.json["mode"], answer.json["ranges"], answer.json["autostart"]) == ("isolated", [], False)
    renamed = client.put(f"{NETWORKS}/new", json=asked | {"name": "b"}, headers={"If-Match": answer.json["etag"]})
    assert renamed.json["errors"][0]["pointer"] == "/name"


def test_network_is_stopped_and_deleted_only_when_no_machine_is_on_it(client: Client) -> None:
    default = client.get(f"{NETWORKS}/default").json
    assert "web-1" in default["used_by"]
    plan = client.post(f"{NETWORKS}/default/stop?dry_run=true").json
    assert "lose their cable" in plan["warnings"][0]
    refused = client.delete(f"{NETWORKS}/default")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use")
    make(client, mode="isolated")
    assert client.patch(f"{NETWORKS}/new", json={"autostart": False}).json["autostart"] is False
    assert client.post(f"{NETWORKS}/new/stop").json["active"] is False
    assert client.delete(f"{NETWORKS}/new").status_code == 204
    assert client.get(f"{NETWORKS}/new").status_code == 404


def test_nothing_else_is_done_with_a_network_while_a_job_restarts_it(client: Client, service: Service) -> None:
    made, done = make(client, mode="isolated"), threading.Event()
    about = {"host": "local", "target": "network/new", "user": "demo"}
    job = service.jobs.start("network-restart", **about, work=lambda handle: done.wait(PATIENCE_SECONDS))
    put = {"json": made["settings"] | {"mtu": 1400}, "headers": {"If-Match": made["etag"]}}
    calls: list[tuple[Any, str, dict[str, Any]]] = [
        (client.post, f"{NETWORKS}/new/start", {}),
        (client.post, f"{NETWORKS}/new/stop", {}),
        (client.post, f"{NETWORKS}/new/restart", {}),
        (client.put, f"{NETWORKS}/new", put),
        (client.delete, f"{NETWORKS}/new", {}),
    ]
    for call, place, body in calls:
        refused = call(place, **body)
        assert (refused.status_code, refused.json["type"], refused.json["job"]) == (409, "/problems/busy", job.id)
    assert client.get(f"{NETWORKS}/new").json["etag"] == made["etag"]
    done.set()
    service.jobs.wait(job.id)
    assert client.post(f"{NETWORKS}/new/stop").json["active"] is False


def test_who_is_on_a_network_is_told(client: Client) -> None:
    clients = {each["machine"]: each for each in client.get(f"{NETWORKS}/default/clients").json}
    assert clients["web-1"]["running"] and clients["web-1"]["mac"]
    assert client.get(f"{NETWORKS}/default/xml").json["xml"].startswith("<network")


def test_a_card_that_is_saved_with_another_filter_is_told_once_as_it_is_now(client: Client, service: Service) -> None:
    domains = service.hosts.get("local").domains
    uuid = next(row.uuid for row in domains.rows() if row.name == "web-1")
    before, saved = client.get(f"{LOCAL}/domains/{uuid}").json["etag"], parse(domains.xml(uuid))
    card = saved.find("devices/interface")
    assert card is not None
    etree.SubElement(card, "filterref", filter="clean-traffic")
    domains.define(dump(saved))
    until(lambda: client.get(f"{LOCAL}/domains/{uuid}").json["etag"] != before)
    told = [each for each in client.get(f"{NETWORKS}/default/clients").json if each["machine"] == "web-1"]
    assert [(each["running"], each["waits"]) for each in told] == [(True, False)], told


def test_interfaces_of_the_host_are_shown(client: Client) -> None:
    interfaces = {each["name"]: each for each in client.get(f"{LOCAL}/interfaces").json}
    assert interfaces["virbr0"]["network"] == "default"


def test_bridge_that_the_host_does_not_have_is_told_before_and_after_the_network_is_made(client: Client) -> None:
    asked = {"name": "new", "mode": "bridge", "bridge": "br0"}
    told = ["The host has no interface br0 now."]
    assert client.post(f"{NETWORKS}?dry_run=true", json=asked).json["warnings"] == told
    made = make(client, **asked)
    put = {"json": made["settings"], "headers": {"If-Match": made["etag"]}}
    assert client.put(f"{NETWORKS}/new?dry_run=true", **put).json["warnings"] == told
    assert "br0" not in {each["name"] for each in client.get(f"{LOCAL}/interfaces").json}


def test_host_without_filters_has_an_empty_list(client: Client) -> None:
    assert client.get(f"{LOCAL}/nwfilters").json == []
    assert client.get(f"{LOCAL}/nwfilters/none").status_code == 404


def test_a_network_and_a_pool_tell_who_changed_them_last(client: Client) -> None:
    assert client.get(f"{NETWORKS}/default").json["changed"] is None
    make(client, mode="isolated")
    assert client.get(f"{NETWORKS}/new").json["changed"]["act"] == "network create"
    assert client.patch(f"{NETWORKS}/new", json={"autostart": False}).status_code == 200
    changed = client.get(f"{NETWORKS}/new").json["changed"]
    assert (changed["user"], changed["act"]) == ("demo", "network set autostart")
    assert client.post(f"{LOCAL}/pools/default/refresh").status_code == 200
    assert client.get(f"{LOCAL}/pools/default").json["changed"] is None
    assert client.patch(f"{LOCAL}/pools/default", json={"autostart": False}).status_code == 200
    assert client.get(f"{LOCAL}/pools/default").json["changed"]["act"] == "pool set autostart"
    assert client.get("/api/v1/audit?target=default").json[0]["act"] == "pool set autostart"


def test_a_network_that_is_changed_outside_tells_when_in_the_list_too(client: Client, service: Service) -> None:
    networks = service.hosts.get("local").networks
    (before,) = (each for each in client.get(NETWORKS).json if each["name"] == "default")
    assert before["changed"] is None
    networks.set_autostart("default", not before["autostart"])
    until(lambda: client.get(f"{NETWORKS}/default").json["changed"])
    (seen,) = (each["changed"] for each in client.get(NETWORKS).json if each["name"] == "default")
    assert seen["time"] and (seen["user"], seen["act"]) == (None, None)
    networks.set_autostart("default", before["autostart"])
    until(lambda: client.get(f"{NETWORKS}/default").json["changed"]["time"] > seen["time"])


def test_a_change_from_outside_right_after_ours_is_told_as_such(client: Client, service: Service) -> None:
    networks, asked = service.hosts.get("local").networks, {"autostart": False}
    assert client.patch(f"{NETWORKS}/default", json=asked).status_code == 200
    networks.define(networks.xml("default", saved=True))
    assert client.get(f"{NETWORKS}/default").json["changed"]["user"] == "demo", "it is what it was"
    assert client.post(f"{NETWORKS}/default/stop").status_code == 200
    assert client.get(f"{NETWORKS}/default").json["changed"]["act"] == "network stop"
    networks.define(networks.xml("default", saved=True).replace("<bridge ", "<domain name='out'/><bridge ", 1))
    outside = client.get(f"{NETWORKS}/default").json["changed"]
    assert (outside["user"], outside["act"]) == (None, None), outside


def test_changes_of_networks_are_undone_from_the_log_as_long_as_nobody_changed_the_same(client: Client) -> None:
    def newest() -> dict[str, Any]:
        return dict(client.get("/api/v1/audit").json[0])

    def undo(number: int, query: str = "") -> Any:
        return client.post(f"/api/v1/audit/{number}/undo{query}", json={})

    made = make(client, mode="nat", ips=[IP], start=False)  # the test driver keeps no saved one beside a running one
    asked = made["settings"] | {"name": "new", "mtu": 1400, "autostart": False}
    edited = client.put(f"{NETWORKS}/new", json=asked, headers={"If-Match": made["etag"]})
    assert edited.status_code == 200, edited.text
    entry = newest()
    assert (entry["act"], entry["undo"]) == ("network edit", None)
    assert "-  <mtu" in undo(entry["id"], "?dry_run=true").json["xml_diff"]
    back = undo(entry["id"]).json
    assert (back["settings"]["mtu"], back["autostart"], back["etag"]) == (None, True, made["etag"])
    again = undo(newest()["id"]).json  # what was undone is done again in the same way
    assert (again["settings"]["mtu"], again["autostart"]) == (1400, False)
    assert client.post(f"{NETWORKS}/new/start").json["active"] is True
    started = newest()["id"]
    assert undo(started).json["active"] is False
    told = undo(started)
    assert (told.status_code, "whether it runs" in told.json["detail"]) == (409, True)
