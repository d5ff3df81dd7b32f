"""What scripts outside the project rely on, and what keeps their slips from doing harm."""

from __future__ import annotations

import pytest

from ..conftest import Client

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


def test_a_machine_that_changed_meanwhile_is_not_deleted(client: Client) -> None:
    address = f"{LIST}/{client.domain('web-1')['uuid']}"
    assert client.delete(address, headers={"If-Match": '"old"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": client.get(address).headers["ETag"]}).status_code == 204
