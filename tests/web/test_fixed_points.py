"""What scripts outside the project rely on, and what keeps their slips from doing harm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quarterdeck import app as factory
from quarterdeck.app import Service
from quarterdeck.jobs import JobHandle

from ..conftest import Client
from ..waiting import PATIENCE_SECONDS, job_done

API = "/api/v1"
LIST = f"{API}/hosts/local/domains"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{API}/nothing", 404),
        ("POST", f"{API}/nothing", 404),
        ("GET", "/api", 404),
        ("PUT", f"{API}/hosts", 405),
        ("GET", f"{LIST}/00000000-0000-0000-0000-000000000000/start", 405),
        ("POST", "/machines", 405),
        ("DELETE", "/healthz", 405),
    ],
)
def test_an_address_or_method_that_is_not_there_is_told_as_a_problem(
    client: Client, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert path in answer.json["detail"]
    assert "GET" not in answer.headers.get("Allow", "") or not path.endswith("/start")


def test_a_host_is_never_reached_by_a_uri_given_as_text(client: Client) -> None:
    host = {"name": "other", "transport": "ssh", "address": "other.example", "port": None, "user": None}
    assert client.post(f"{API}/hosts?dry_run=true", json=host).status_code == 200
    answer = client.post(f"{API}/hosts?dry_run=true", json=host | {"uri": "qemu:///system"})
    assert [error["pointer"] for error in answer.json["errors"]] == ["/uri"]


def test_a_host_that_does_not_answer_and_a_choice_of_no_machine_are_told_at_their_field(client: Client) -> None:
    silent = client.post(f"{API}/hosts/keys", json={"address": "127.0.0.1", "port": 1})
    assert [error["pointer"] for error in silent.json["errors"]] == ["/address"], silent.text
    none = client.post(f"{API}/hosts/local/evacuation", json={"machines": [], "move": {"destination": "b"}})
    assert [error["pointer"] for error in none.json["errors"]] == ["/machines"], none.text


def test_a_machine_that_changed_meanwhile_is_not_deleted(client: Client) -> None:
    address = f"{LIST}/{client.domain('web-1')['uuid']}"
    assert client.delete(address, headers={"If-Match": '"old"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": client.get(address).headers["ETag"]}).status_code == 204


@pytest.mark.parametrize("slip", ["dryrun=true", "dry_run=yes", "volume=all"])
def test_a_slip_in_a_parameter_does_not_end_in_a_change(client: Client, slip: str) -> None:
    uuid = client.domain("web-1")["uuid"]
    assert client.delete(f"{LIST}/{uuid}?{slip}").status_code == 422
    assert client.post(f"{LIST}/{uuid}/destroy?{slip}").status_code == 422
    assert client.domain("web-1")["state"] == "running"


def test_plans_of_tokens_jobs_and_hosts_touch_nothing(client: Client) -> None:
    plan = client.post(f"{API}/tokens?dry_run=true", json={"name": "a b", "days": 3})
    assert plan.json["commands"] == ["quarterdeck token create --user demo --name 'a b' --days 3"]
    assert client.get(f"{API}/tokens").json == []
    made = client.post(f"{API}/tokens", json={"name": "a"}).json
    assert client.delete(f"{API}/tokens/{made['id']}?dry_run=true").status_code == 200
    assert [token["id"] for token in client.get(f"{API}/tokens").json] == [made["id"]]
    assert client.delete(f"{API}/tokens/{made['id']}").status_code == 204
    assert client.delete(f"{API}/tokens/{made['id']}?dry_run=true").status_code == 404
    assert client.post(f"{API}/hosts/local/retry?dry_run=true").json["effects"] == [{"field": "state", "when": "live"}]


def test_a_running_job_is_neither_tuned_nor_ended_by_its_plan(client: Client, service: Service) -> None:
    settings: list[dict[str, Any]] = []

    def work(handle: JobHandle) -> None:
        handle.on_tune(settings.append)
        assert handle.wait(PATIENCE_SECONDS), "nobody cancelled it"
        handle.check()

    job = service.jobs.start("migration", host="local", target="", target_name="web 1", user="demo", work=work)
    address = f"{API}/jobs/{job.id}"
    limits = {"bandwidth_mib_s": 5, "max_downtime_ms": 90, "post_copy": True}
    plan = client.patch(f"{address}?dry_run=true", json=limits).json
    name = "'web 1'"
    assert plan["commands"] == [
        f"virsh migrate-setspeed {name} 5",
        f"virsh migrate-setmaxdowntime {name} 90",
        f"virsh migrate-postcopy {name}",
    ]
    assert client.delete(f"{address}?dry_run=true").json["commands"] == [f"virsh domjobabort {name}"]
    assert (settings, client.get(address).json["state"]) == ([], "running")
    assert client.delete(address).status_code == 202
    job_done(client, address, "cancelled")


def test_a_definition_is_read_and_saved_as_plain_xml_too(client: Client) -> None:
    address = f"{LIST}/{client.domain('web-1')['uuid']}/xml"
    answer = client.get(address, headers={"Accept": "application/xml"})
    assert (answer.mimetype, answer.text) == ("application/xml", client.get(address).json["xml"])
    new = answer.data.replace(b"<description>", "<description>Größer ".encode())
    headers = {"If-Match": answer.headers["ETag"], "Content-Type": "application/xml"}
    assert "Größer" in client.put(f"{address}?dry_run=true", data=new, headers=headers).json["xml_diff"]
    assert client.put(address, data=new, headers=headers).json["description"].startswith("Größer")
    headers["If-Match"] = client.get(address).headers["ETag"]
    assert client.put(address, data=b"<domain>\xff", headers=headers).status_code == 422
    assert client.put(address, data=b"<domain", headers=headers).json["type"] == "/problems/invalid-xml"


def test_the_document_tells_what_is_not_json() -> None:
    paths = json.loads(factory.openapi())["paths"]
    content = paths["/hosts/{host}/pools/{pool}/volumes/{volume}/content"]
    assert list(content["get"]["responses"]["200"]["content"]) == ["application/octet-stream"]
    assert list(content["put"]["requestBody"]["content"]) == ["application/octet-stream"]
    xml = paths["/hosts/{host}/domains/{uuid}/xml"]
    assert set(xml["put"]["requestBody"]["content"]) == {"application/json", "application/xml"}
    assert set(xml["get"]["responses"]["200"]["content"]) == {"application/json", "application/xml"}


def test_a_download_that_cannot_begin_is_told_as_a_problem(client: Client) -> None:
    answer = client.get(f"{API}/hosts/local/pools/default/volumes/web-1.qcow2/content")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
