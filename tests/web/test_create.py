"""New machines over the API, on a made-up host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.problems import Problem

from ..conftest import Client
from ..waiting import job_done, until

LOCAL = "/api/v1/hosts/local"


def create(client: Client, **asked: Any) -> Any:
    values: dict[str, Any] = {"name": "vm1", "memory_mib": 512, "install": {"method": "none"}}
    return client.post(f"{LOCAL}/domains", json=values | asked)


def test_new_machine_is_there_at_once(client: Client) -> None:
    made = create(client, disks=[{"size_gib": 1}], nics=[{"network": "default"}])
    assert made.status_code == 201, made.text
    assert (made.json["state"], made.json["memory_mib"]) == ("running", 512)
    assert "vm1" in [row["name"] for row in client.get(f"{LOCAL}/domains").json]
    assert client.get(f"{LOCAL}/pools/default/volumes/vm1.qcow2").json["used_by"] == ["vm1"]


def test_machine_from_an_iso_takes_its_system_and_its_needs_from_the_medium(client: Client) -> None:
    made = client.post(
        f"{LOCAL}/domains",
        json={
            "name": "vm1",
            "install": {"method": "iso", "pool": "isos", "volume": "debian-12.7.0-amd64-netinst.iso"},
            "disks": [{"size_gib": 10}],
        },
    )
    assert made.status_code == 201, made.text
    assert (made.json["os"]["name"], made.json["memory_mib"], made.json["vcpus"]) == ("Debian 12", 1024, 2)


def test_machine_that_is_not_started_waits(client: Client) -> None:
    assert create(client, start=False).json["state"] == "shut_off"


def test_all_settings_of_a_machine_can_be_asked_for_with_it(client: Client) -> None:
    settings = {
        "clock": {"offset": "localtime"},
        "features": {"hyperv": {"relaxed": True}},
        "cputune": {"shares": 512},
        "cpu": {"mode": "host-model", "features": [{"name": "vmx", "policy": "disable"}]},
        "boot": {"menu": True, "menu_timeout_ms": 3000},
        "tags": ["lab"],
    }
    asked: dict[str, Any] = {"settings": settings, "disks": [{"size_gib": 1}], "start": False}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json={"name": "vm1", "install": {"method": "pxe"}} | asked).json
    assert '+  <clock offset="localtime">' in plan["xml_diff"], plan
    assert "virt-xml vm1 --edit --clock offset=localtime" in plan["commands"], plan
    assert " --print-xml " in plan["commands"][0], "it must not start before it has them"
    made = create(client, count=2, **asked)
    assert made.status_code == 202, made.text
    assert job_done(client, made.headers["Location"])
    for name in ("vm1-1", "vm1-2"):
        uuid = next(row["uuid"] for row in client.get(f"{LOCAL}/domains").json if row["name"] == name)
        one = client.get(f"{LOCAL}/domains/{uuid}").json
        assert (one["clock"]["offset"], one["cputune"]["shares"], one["tags"]) == ("localtime", 512, ["lab"]), one
        assert (one["boot"]["menu"], one["boot"]["menu_timeout_ms"]) == (True, 3000)


def test_settings_of_a_new_machine_are_checked_at_their_fields(client: Client) -> None:
    pins = {"vcpu_pins": [{"vcpu": 7, "cpuset": "0"}]}
    wrong: dict[str, Any] = {
        "/settings/cputune/vcpu_pins/0/vcpu": {"cputune": pins},
        "/settings/clock/offset": {"clock": {"offset": "noon"}},
        "/settings/boot/order/0": {"boot": {"order": ["disk-vdz"]}},
        "/settings/memory_mib": {"memory_mib": 1024},
    }
    for pointer, settings in wrong.items():
        answer = create(client, settings=settings)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer), answer.json
    assert "vm1" not in [row["name"] for row in client.get(f"{LOCAL}/domains").json]


def test_names_are_free_or_told(client: Client) -> None:
    answer = create(client, name="web-1")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/name-taken")
    assert answer.json["errors"][0]["pointer"] == "/name"


def test_all_faults_are_told_at_once(client: Client) -> None:
    answer = create(
        client,
        name="web-1",
        disks=[{"pool": "nowhere", "size_gib": 1}, {"volume": "web-1.qcow2"}],
        nics=[{"network": "nowhere"}, {"network": "default", "mac": "52:54:00:34:d6:be"}],
    )
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/name", "/disks/0/pool", "/disks/1/volume", "/nics/0/network", "/nics/1/mac"}


def test_stopped_network_and_pool_come_with_their_cure(client: Client, service: Service) -> None:
    service.hosts.get("local").networks.stop("default")
    service.hosts.get("local").pools.stop("default")
    answer = create(client, disks=[{"size_gib": 1}], nics=[{}])
    details = " ".join(error["detail"] for error in answer.json["errors"])
    assert "start it first" in details
    assert "Start the pool first" in details


def test_volumes_made_for_one_machine_get_names_of_their_own(client: Client) -> None:
    create(client, disks=[{"size_gib": 1}, {"size_gib": 1, "format": "raw"}, {"size_gib": 1}], start=False)
    names = {volume["name"] for volume in client.get(f"{LOCAL}/pools/default/volumes").json}
    assert {"vm1.qcow2", "vm1.img", "vm1-1.qcow2"} <= names


def test_failure_half_way_leaves_nothing_behind(client: Client, service: Service) -> None:
    before = [volume["name"] for volume in client.get(f"{LOCAL}/pools/default/volumes").json]
    asked = [{"size_gib": 1}, {"size_gib": 1, "volume": "a.qcow2"}]
    volumes = service.hosts.get("local").volumes
    create_volume = volumes.create

    def late(pool: str, xml: str, **more: Any) -> Any:
        if "a.qcow2" in xml:
            create_volume(pool, xml)  # somebody else was quicker
        return create_volume(pool, xml, **more)

    volumes.create = late  # type: ignore[method-assign]
    answer = create(client, disks=asked)
    assert answer.status_code == 409, answer.text
    after = [volume["name"] for volume in client.get(f"{LOCAL}/pools/default/volumes").json]
    assert set(after) - set(before) == {"a.qcow2"}
    assert "vm1" not in [row["name"] for row in client.get(f"{LOCAL}/domains").json]


def test_plan_of_an_installation_from_a_tree_asks_no_server(client: Client) -> None:
    tree = {"method": "tree", "url": "https://deb.example/debian/dists/bookworm/", "kernel_args": "auto url=x"}
    values = {"name": "vm1", "install": tree, "disks": [{"size_gib": 1}], "os": "debian12"}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=values).json
    assert "--location https://deb.example/debian/dists/bookworm/ --extra-args 'auto url=x'" in plan["commands"][0]
    assert "+    <kernel>/var/lib/libvirt/images/vm1-kernel</kernel>" in plan["xml_diff"]
    values["disks"] = [{"size_gib": 1, "pool": "fast"}]  # of LVM, which holds no kernel
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=values).json
    assert "+    <kernel>/var/lib/libvirt/images/vm1-kernel</kernel>" in plan["xml_diff"], plan


def test_tree_that_cannot_be_is_refused_at_its_field(client: Client) -> None:
    for install, pointer in (
        ({"url": "gopher://a.example/"}, "/install/url"),
        ({"url": "file:///srv/../etc"}, "/install/url"),
        ({"url": "file:///proc/self/"}, "/install/url"),
        ({"url": "https://a.example/", "pool": "fast"}, "/install/pool"),
        ({"url": "https://a.example/", "kernel_args": "a\nb"}, "/install/kernel_args"),
    ):
        answer = create(client, install={"method": "tree", **install})
        assert [error["pointer"] for error in answer.json["errors"]] == [pointer], answer.text


def test_secure_boot_brings_uefi_along_and_is_refused_without_it(client: Client) -> None:
    values = {"name": "vm1", "install": {"method": "none"}, "secure_boot": True}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=values).json
    assert {"firmware": "uefi", "machine": "q35"}.items() <= {c["field"]: c["value"] for c in plan["choices"]}.items()
    assert 'enabled="yes" name="secure-boot"' in plan["xml_diff"]
    for wrong in ({"firmware": "bios"}, {"machine": "pc"}):
        refused = client.post(f"{LOCAL}/domains?dry_run=true", json=values | wrong).json
        assert [error["pointer"] for error in refused["errors"]] == ["/secure_boot"], refused


def test_memory_that_only_the_installer_needs_is_held_against_what_is_free(
    host_file: Path, request: pytest.FixtureRequest
) -> None:
    whole, taken = 128 << 20, 101 << 20  # in KiB: of the made-up host, and about what its machines have
    host_file.write_text(host_file.read_text().replace(f"<memory>{whole}<", f"<memory>{taken}<"))
    client: Client = request.getfixturevalue("client")
    system = {"name": "vm1", "os": "centos7.0", "memory_mib": 512, "disks": [{"size_gib": 1}]}
    warned = {}
    for method in ({"method": "tree", "url": "https://mirror.example/7/"}, {"method": "none"}):
        values = system | {"install": method}
        plan = client.post(f"{LOCAL}/domains?dry_run=true", json=values).json
        warned[method["method"]] = str(plan["warnings"])
    assert "1.2 GiB of free memory, and its installer takes 1.5 GiB" in warned["tree"], warned
    assert "free memory" not in warned["none"]


def test_plan_of_a_new_machine_touches_nothing(client: Client) -> None:
    before = client.get(f"{LOCAL}/domains").json
    values = {"name": "vm1", "install": {"method": "pxe"}, "disks": [{"size_gib": 1}], "os": "fedora37"}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=values).json
    assert "+  <name>vm1</name>" in plan["xml_diff"]
    assert "first boot" in plan["xml_diff"]
    assert "--pxe" in plan["commands"][0]
    assert client.get(f"{LOCAL}/domains").json == before


def test_machine_gets_the_addresses_that_its_plan_proposed(client: Client) -> None:
    values = {"name": "vm1", "install": {"method": "none"}, "nics": [{"network": "default"}, {"network": "default"}]}

    def macs(xml: str) -> list[str]:
        return re.findall(r'mac address="(\S+)"', xml)

    def proposed() -> list[str]:
        return macs(client.post(f"{LOCAL}/domains?dry_run=true", json=values).json["xml_diff"])

    first = proposed()
    assert (len(set(first)), proposed()) == (2, first)
    made = client.post(f"{LOCAL}/domains", json=values).json
    assert macs(client.get(f"{LOCAL}/domains/{made['uuid']}/xml").json["xml"]) == first
    assert client.delete(f"{LOCAL}/domains/{made['uuid']}", headers={"If-Match": "*"}).status_code == 204
    assert not {*proposed()} & {*first}, "a machine that moved away may have them"


def test_further_devices_can_be_asked_for(client: Client) -> None:
    made = create(client, devices=[{"type": "watchdog", "model": "i6300esb", "action": "reset"}], start=False)
    assert "watchdog" in [device["type"] for device in made.json["devices"]]


def test_several_machines_are_made_with_numbers_in_their_names(client: Client) -> None:
    asked = {"name": "web{n}x", "count": 3, "disks": [{"size_gib": 1}], "start": False}
    plan = client.post(
        f"{LOCAL}/domains?dry_run=true", json={"memory_mib": 64, "install": {"method": "none"}, **asked}
    ).json
    assert plan["names"] == ["web1x", "web2x", "web3x"]
    assert create(client, **asked | {"name": "alone{n}", "count": 1}).json["name"] == "alone1"
    begun = create(client, **asked)
    assert begun.status_code == 202
    done = until(lambda: (job := client.get(f"/api/v1/jobs/{begun.json['id']}").json)["ended"] and job)
    assert (done["state"], [each["name"] for each in done["result"]["all"]]) == ("done", plan["names"]), done
    volumes = {volume["name"]: volume["used_by"] for volume in client.get(f"{LOCAL}/pools/default/volumes").json}
    assert [volumes[f"{name}.qcow2"] for name in plan["names"]] == [[name] for name in plan["names"]]


def test_what_only_one_machine_can_have_is_refused_for_several(client: Client) -> None:
    disks = [{"volume": "web-1.qcow2"}, {"size_gib": 1, "volume": "mine"}]
    answer = create(client, count=2, disks=disks, nics=[{"mac": "52:54:00:00:00:01"}])
    pointers = [error["pointer"] for error in answer.json["errors"]]
    assert (answer.status_code, pointers) == (422, ["/disks/0", "/disks/1/volume", "/nics/0/mac"])


def test_several_machines_are_all_made_or_none(client: Client, service: Service) -> None:
    domains = service.hosts.get("local").domains
    define, defined = domains.define, []

    def once(xml: str) -> None:
        if defined:
            raise Problem("libvirt-failed", "no more")
        defined.append(xml)
        define(xml)

    domains.define = once  # type: ignore[method-assign]
    begun = create(client, name="node", count=2, disks=[{"size_gib": 1}], start=False)
    done = until(lambda: (job := client.get(f"/api/v1/jobs/{begun.json['id']}").json)["ended"] and job)
    assert (done["state"], len(defined)) == ("failed", 1)
    assert not {"node-1", "node-2"} & {row["name"] for row in client.get(f"{LOCAL}/domains").json}
    assert not {"node-1.qcow2", "node-2.qcow2"} & {v["name"] for v in client.get(f"{LOCAL}/pools/default/volumes").json}


def test_windows_gets_its_answers_and_the_disc_with_drivers(client: Client) -> None:
    medium = {"method": "iso", "pool": "isos", "volume": "debian-12.7.0-amd64-netinst.iso"}
    answers = {"user": "ann", "password": "geheim"}
    asked = {"os": "win11", "disks": [{"size_gib": 10}], "start": False}
    plan = client.post(
        f"{LOCAL}/domains?dry_run=true", json={"name": "vm1", "install": medium | {"unattended": answers}, **asked}
    ).json
    saved, _, first = plan["xml_diff"].partition("first boot")
    assert "virtio-win-0.1.240.iso" in saved and "vm1-seed.iso" in first
    assert "geheim" not in str(plan)
    assert any("password can be read" in text for text in plan["warnings"])
    linux = create(client, name="vm2", install=medium | {"unattended": answers}, disks=[{"size_gib": 1}])
    assert linux.json["errors"][0]["pointer"] == "/install/unattended"


def test_windows_prepared_by_sysprep_finds_its_answers_at_the_first_start(client: Client) -> None:
    answers = {"unattended": {"user": "ann", "password": "geheim"}}
    made = client.post(f"{LOCAL}/pools/default/volumes", json={"name": "golden.qcow2", "size_gib": 1})
    assert made.status_code in (200, 201), made.text
    disk = {"pool": "default", "volume": "golden.qcow2"}
    asked = {"name": "vm1", "os": "win11", "disks": [disk], "install": {"method": "import"} | answers, "start": False}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=asked).json
    saved, _, first = plan["xml_diff"].partition("first boot")
    disc = '<source file="/var/lib/libvirt/images/vm1-seed.iso"/>'
    assert disc in first and disc not in saved
    assert list(plan["answers"]) == ["unattend.xml"] and "geheim" not in str(plan)
    for wrong, pointer in (
        ({"os": "debian12"}, "/install/unattended"),
        (
            {"count": 2, "install": {"method": "import", "unattended": {"hostname": "one"}}},
            "/install/unattended/hostname",
        ),
    ):
        refused = client.post(f"{LOCAL}/domains", json=asked | wrong).json["errors"]
        assert pointer in [each["pointer"] for each in refused], refused


def test_installation_from_a_tree_gets_a_script_of_the_os_database(client: Client) -> None:
    tree = {"method": "tree", "url": "https://deb.debian.org/debian/dists/bookworm/", "kernel_args": "console=ttyS0"}
    body = {"name": "vm1", "install": tree | {"unattended": {"user": "ann", "password": "geheim"}}}
    plan = client.post(f"{LOCAL}/domains?dry_run=true", json=body | {"disks": [{"size_gib": 10}]}).json
    assert "debconf/priority=critical console=ttyS0" in plan["xml_diff"]
    assert "geheim" not in str(plan)
    wrong = {"name": "vm1", "install": tree | {"unattended": {"user": "ann"}}, "disks": [{"size_gib": 10}]}
    assert client.post(f"{LOCAL}/domains", json=wrong).json["errors"][0]["pointer"] == "/install/unattended/password"
