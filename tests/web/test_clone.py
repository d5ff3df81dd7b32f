"""Clones over the API, on a made-up host."""

from __future__ import annotations

from typing import Any

from tests.waiting import job_done

from ..conftest import Client

LOCAL = "/api/v1/hosts/local"


def ask(client: Client, machine: str, query: str = "", **asked: Any) -> Any:
    return client.post(f"{LOCAL}/domains/{client.domain(machine)['uuid']}/clone{query}", json=asked)


def names(client: Client) -> list[str]:
    return [row["name"] for row in client.get(f"{LOCAL}/domains").json]


def test_clone_is_a_machine_of_its_own_with_a_disk_of_its_own(client: Client) -> None:
    answer = ask(client, "old-wiki", name="wiki", macs=["52:54:00:aa:bb:cc"])
    assert answer.status_code == 202, answer.text
    job = job_done(client, answer.headers["Location"])
    copy = client.domain("wiki")
    assert (copy["uuid"], copy["state"]) == (job["result"]["uuid"], "shut_off")
    assert "52:54:00:aa:bb:cc" in client.get(f"{LOCAL}/domains/{copy['uuid']}/xml").text
    assert client.get(f"{LOCAL}/pools/default/volumes/wiki.qcow2").json["used_by"] == ["wiki"]


def test_plan_tells_all_that_differs_and_touches_nothing(client: Client) -> None:
    before = names(client)
    plan = ask(client, "old-wiki", "?dry_run=true").json
    assert plan["name"] == "old-wiki-clone"
    assert [disk["volume"] for disk in plan["disks"]] == ["old-wiki-clone.qcow2"]
    assert {change["field"] for change in plan["changes"]} >= {"name", "uuid", "disk vda", "mac 1"}
    assert plan["commands"][0].startswith("virt-clone --original old-wiki --name old-wiki-clone")
    assert names(client) == before


def test_clone_does_not_write_the_variables_of_a_machine_that_was_called_so_once(client: Client) -> None:
    now = client.domain("fedora-try")
    renamed = client.patch(f"{LOCAL}/domains/{now['uuid']}", json={"name": "fedora"}, headers={"If-Match": now["etag"]})
    assert renamed.status_code == 200, renamed.text
    refused = ask(client, "fedora", name="fedora-try")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/name"], refused.text
    assert "fedora-try_VARS.fd" in refused.json["detail"]
    assert ask(client, "fedora", "?dry_run=true", name="fedora-2").status_code == 200


def test_clone_is_kept_as_a_template_in_the_same_act(client: Client) -> None:
    refused = ask(client, "old-wiki", template=True, start=True, cloud_init={"hostname": "wiki"})
    assert {error["pointer"] for error in refused.json["errors"]} == {"/start", "/cloud_init"}, refused.text
    plan = ask(client, "old-wiki", "?dry_run=true", name="wiki", template=True).json
    assert "template" in {change["field"] for change in plan["changes"]}
    assert plan["commands"][1:] == ["virsh define wiki.xml"]
    assert "template" in plan["notes"][0]
    assert "+      <transient/>" in plan["xml_diff"]
    job_done(client, ask(client, "old-wiki", name="wiki", template=True).headers["Location"])
    made = client.domain("wiki")
    assert (made["template_version"], made["state"]) == (1, "shut_off")
    assert "It is a template" in made["actions"]["start"], made["actions"]
    assert client.domain("old-wiki")["template_version"] is None


def test_size_and_networks_are_filled_in_when_it_is_made(client: Client) -> None:
    asked: dict[str, Any] = {"name": "wiki", "memory_mib": 2048, "vcpus": 3, "networks": ["lab"]}
    plan = ask(client, "old-wiki", "?dry_run=true", **asked).json
    assert (plan["memory_mib"], plan["vcpus"]) == (2048, 3)
    told = {change["field"]: change["detail"] for change in plan["changes"]}
    assert (told["memory"], told["vcpus"], told["network 1"]) == ("2 GiB", "3", "lab")
    assert plan["commands"][1:] == ["virsh define wiki.xml"]
    job_done(client, ask(client, "old-wiki", **asked).headers["Location"])
    made, original = client.domain("wiki"), client.domain("old-wiki")
    assert (made["memory_mib"], made["vcpus"], made["vcpus_max"]) == (2048, 3, 3)
    card = next(each for each in made["devices"] if each["type"] == "interface")
    assert card["saved"]["source"]["network"] == "lab"
    usual = ask(client, "old-wiki", "?dry_run=true").json
    assert (usual["memory_mib"], usual["vcpus"]) == (original["memory_mib"], original["vcpus"])
    refused = ask(client, "old-wiki", memory_mib=1 << 30, networks=["nowhere", "lab"])
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert pointers == {"/memory_mib", "/networks/0", "/networks"}, refused.text


def test_all_faults_are_told_at_once(client: Client) -> None:
    answer = ask(
        client,
        "old-wiki",
        name="web-1",
        disks=[{"target": "vdz"}, {"target": "vda", "pool": "nowhere"}],
        macs=["52:54:00:34:d6:be"],
    )
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/name", "/disks/0/target", "/disks/1", "/macs/0"}


def test_made_up_host_says_what_it_cannot_do(client: Client) -> None:
    answer = ask(client, "old-wiki", mode="linked")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/mode")


def test_each_definition_of_a_template_is_a_version_that_machines_made_of_it_note(client: Client) -> None:
    machine = client.domain("old-wiki")
    one = f"{LOCAL}/domains/{machine['uuid']}"
    assert machine["template_version"] is None
    assert client.post(f"{one}/template").json["template_version"] == 1
    first = client.get(f"{one}/history").json[0]
    assert first["template_version"] == 1

    def change(method: str, path: str, **body: Any) -> Any:
        answer = client.open(one + path, method=method, json=body, headers={"If-Match": client.get(one).json["etag"]})
        assert answer.status_code == 200, answer.text
        return answer.json

    assert change("PATCH", "", description="for shops")["template_version"] == 2
    assert change("PATCH", "", description="for shops")["template_version"] == 2, "nothing changed"
    back = change("POST", f"/history/{first['id']}/restore")
    assert (back["template_version"], back["description"]) == (3, machine["description"])
    job_done(client, client.post(f"{one}/clone", json={"name": "made"}).headers["Location"])
    assert client.domain("made")["origin"] == {"uuid": machine["uuid"], "name": "old-wiki", "version": 3}
    versions = client.get(f"{one}/template/versions").json
    assert [(each["version"], each["current"], each["machines"]) for each in versions] == [
        (3, True, ["made"]), (2, False, []), (1, False, []),
    ]  # fmt: skip
    assert [[(c["field"], c["after"]) for c in each["changes"]] for each in versions[1:]] == [
        [("description", "for shops")],
        [],
    ]
    old = f"{one}/template/versions/2"
    job_done(client, client.post(f"{old}/clone", json={"name": "older"}).headers["Location"])
    older = client.domain("older")
    assert (older["origin"]["version"], older["description"]) == (2, "for shops")
    told = client.delete(f"{old}?dry_run=true").json
    assert told["commands"] == [], "its disk is that of the other versions"
    assert client.delete(old).status_code == 204
    assert [each["version"] for each in client.get(f"{one}/template/versions").json] == [3, 1]
    assert client.post(f"{old}/clone", json={}).status_code == 404
    assert client.delete(f"{one}/template/versions/3").status_code == 204
    versions = client.get(f"{one}/template/versions").json
    assert [(each["version"], each["current"]) for each in versions] == [(4, True), (1, False)]
    assert client.domain("old-wiki")["description"] == machine["description"]
    assert client.delete(f"{one}/template/versions/1").status_code == 204
    refused = client.delete(f"{one}/template/versions/4")
    assert (refused.status_code, refused.json["detail"].split(".")[0]) == (409, "It is the only version")
    assert client.delete(f"{one}/template").json["template_version"] is None
    assert "writes its disk" in client.get(f"{one}/template/versions").json[0]["deploy"]
    assert client.delete(f"{one}/template/versions/4").status_code == 204
    assert client.get(f"{one}/template/versions").json == []
    assert client.post(f"{one}/template").json["template_version"] == 4, "since a machine says that it is of 3"


def test_all_that_several_clones_cannot_share_is_told_at_once(client: Client) -> None:
    first = {"hostname": "wiki", "network": {"address": "192.0.2.9/24"}}
    refused = ask(client, "old-wiki", name="wiki-{n}", count=2, macs=["52:54:00:aa:bb:cc"], cloud_init=first)
    pointers = ["/macs", "/cloud_init/hostname", "/cloud_init/network/address"]
    assert [error["pointer"] for error in refused.json["errors"]] == pointers, refused.text
