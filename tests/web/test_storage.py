"""Pools, volumes, networks and devices over the API, on a made-up host."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service

from ..conftest import Client

LOCAL = "/api/v1/hosts/local"


def test_pools_tell_what_is_left(client: Client) -> None:
    pools = {pool["name"]: pool for pool in client.get(f"{LOCAL}/pools").json}
    assert list(pools) == sorted(pools)
    default = pools["default"]
    assert (default["type"], default["active"], default["formats"]) == ("dir", True, ["qcow2", "raw"])
    assert default["path"] == "/var/lib/libvirt/images"
    assert default["available_bytes"] == default["capacity_bytes"] - default["allocation_bytes"]
    assert pools["fast"]["formats"] == ["raw"]


def test_pool_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get(f"{LOCAL}/pools/nowhere").status_code == 404


def test_volumes_tell_which_machines_use_them(client: Client) -> None:
    volumes = {volume["name"]: volume for volume in client.get(f"{LOCAL}/pools/default/volumes").json}
    assert volumes["web-1.qcow2"]["used_by"] == volumes["web-1.qcow2"]["written_by"] == ["web-1"]
    assert volumes["spare.qcow2"]["used_by"] == []
    isos = client.get(f"{LOCAL}/pools/isos/volumes").json
    assert all(volume["is_iso"] for volume in isos)


def test_new_volume_is_made_and_can_be_deleted(client: Client) -> None:
    made = client.post(f"{LOCAL}/pools/default/volumes", json={"name": "new.qcow2", "size_gib": 1.5})
    assert made.status_code == 201, made.text
    assert made.json["capacity_bytes"] == 1536 << 20
    assert client.delete(f"{LOCAL}/pools/default/volumes/new.qcow2").status_code == 204
    assert client.get(f"{LOCAL}/pools/default/volumes/new.qcow2").status_code == 404


def test_plan_of_a_new_volume_shows_the_command_and_makes_nothing(client: Client) -> None:
    asked = {"name": "new.qcow2", "size_gib": 1}
    plan = client.post(f"{LOCAL}/pools/default/volumes?dry_run=true", json=asked).json
    assert plan["commands"] == ["virsh vol-create-as default new.qcow2 1073741824 --format qcow2 --allocation 0"]
    assert "+<volume>" in plan["xml_diff"]
    assert client.get(f"{LOCAL}/pools/default/volumes/new.qcow2").status_code == 404


@pytest.mark.parametrize(
    ("pool", "asked", "status", "pointer"),
    [
        ("default", {"name": "web-1.qcow2", "size_gib": 1}, 409, "/name"),
        ("default", {"name": "a/b", "size_gib": 1}, 422, "/name"),
        ("default", {"name": "-o", "size_gib": 1}, 422, "/name"),
        ("default", {"name": ".a", "size_gib": 1}, 422, "/name"),
        ("default", {"name": "a\nb", "size_gib": 1}, 422, "/name"),
        ("default", {"name": "ü" * 200, "size_gib": 1}, 422, "/name"),
        ("default", {"name": "a", "size_gib": 0}, 422, "/size_gib"),
        ("default", {"name": "a", "size_gib": 1 << 20, "allocate": True}, 507, "/size_gib"),
        ("default", {"name": "a", "size_gib": 1, "formt": "raw"}, 422, "/formt"),
        ("fast", {"name": "a", "size_gib": 1, "format": "qcow2"}, 422, "/format"),
        ("fast", {"name": "a", "size_gib": 1 << 20, "format": "raw"}, 507, "/size_gib"),
    ],
)
def test_unusable_volumes_are_refused_at_their_field(
    client: Client, pool: str, asked: dict[str, Any], status: int, pointer: str
) -> None:
    answer = client.post(f"{LOCAL}/pools/{pool}/volumes", json=asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (status, pointer), answer.text


def test_disk_that_may_outgrow_its_pool_is_warned_of(client: Client) -> None:
    plan = client.post(f"{LOCAL}/pools/default/volumes?dry_run=true", json={"name": "a", "size_gib": 1 << 20}).json
    assert "may grow" in plan["warnings"][0]


def test_volume_of_a_machine_is_not_deleted(client: Client) -> None:
    answer = client.delete(f"{LOCAL}/pools/default/volumes/web-1.qcow2")
    assert (answer.status_code, answer.json["used_by"]) == (409, ["web-1"])


def test_pool_is_started_and_refreshed(client: Client, service: Service) -> None:
    service.hosts.get("local").pools.stop("isos")
    refused = client.get(f"{LOCAL}/pools/isos/volumes")
    assert (refused.status_code, refused.json["cure"]) == (409, "Start the pool first.")
    assert client.post(f"{LOCAL}/pools/isos/start").json["active"]
    assert client.post(f"{LOCAL}/pools/isos/refresh").status_code == 200


def test_upload_without_a_length_or_with_half_a_checksum_is_refused(client: Client) -> None:
    answer = client.put(f"{LOCAL}/pools/default/volumes/a.iso/content")
    assert answer.status_code == 411
    answer = client.put(f"{LOCAL}/pools/default/volumes/a.iso/content?sha256=abc", data=b"abc")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/sha256"), answer.text


def test_plan_of_an_upload_is_told_by_its_size_and_an_empty_file_is_refused(client: Client) -> None:
    content = f"{LOCAL}/pools/default/volumes/a.iso/content"
    plan = client.put(f"{content}?dry_run=true&size=1024")
    assert plan.json["commands"] == ["virsh vol-upload --pool default a.iso FILE"], plan.text
    for answer in (
        client.put(content, data=b"", content_length=0),
        client.put(f"{content}?dry_run=true&size=0"),
        client.put(f"{content}?dry_run=true&size={1 << 60}"),
    ):
        assert answer.json["errors"][0]["pointer"] == "/size", answer.text
    assert client.get(content.removesuffix("/content")).status_code == 404


def test_networks_tell_mode_bridge_and_ranges(client: Client) -> None:
    networks = {network["name"]: network for network in client.get(f"{LOCAL}/networks").json}
    default = networks["default"]
    assert (default["mode"], default["active"]) == ("nat", True)
    assert default["ranges"][0]["address"].startswith("192.168.")


def test_network_is_started(client: Client, service: Service) -> None:
    service.hosts.get("local").networks.stop("default")
    assert client.post(f"{LOCAL}/networks/default/start?dry_run=true").json["commands"] == ["virsh net-start default"]
    assert not client.get(f"{LOCAL}/networks/default").json["active"]
    assert client.post(f"{LOCAL}/networks/default/start").json["active"]


def test_devices_of_the_host_have_names_for_people(client: Client) -> None:
    devices = client.get(f"{LOCAL}/nodedevs?capability=pci").json
    assert devices
    assert all(device["type"] == "pci" and device["address"] for device in devices)
    assert {device["type"] for device in client.get(f"{LOCAL}/nodedevs").json} > {"pci"}


def test_systems_are_found_and_media_known_by_name_where_they_cannot_be_read(client: Client) -> None:
    found = client.get(f"{LOCAL}/osinfo?query=debian").json
    fetched = client.get(f"{LOCAL}/osinfo?query=debian&cloud_image=true").json
    assert {"debian13"} <= {system["short_id"] for system in fetched if system["cloud_image"]}
    assert len(fetched) < len(found)
    assert found[0]["short_id"] == "debian13"
    assert "debian7" not in [system["short_id"] for system in found]
    detected = client.get(f"{LOCAL}/osinfo/detect?pool=isos&volume=debian-12.7.0-amd64-netinst.iso").json
    assert (detected["system"]["short_id"], detected["by_name"]) == ("debian12", True)
    told = {each["volume"]: each["system"] for each in client.get(f"{LOCAL}/pools/isos/systems").json}
    assert told["debian-12.7.0-amd64-netinst.iso"] == "Debian 12", told


def test_capabilities_say_what_machines_can_have(client: Client) -> None:
    offers = client.get(f"{LOCAL}/capabilities").json
    assert offers["domain"]["assumed"]
    assert offers["types"]
