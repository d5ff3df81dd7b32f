"""The library of SSH keys: one's own, public parts only."""

from __future__ import annotations

import subprocess
from pathlib import Path

import flask
import pytest

from quarterdeck.access import Role
from quarterdeck.app import Service

from ..conftest import Client

KEYS = "/api/v1/ssh-keys"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGOsn3DzJm0wHq6oEpTbDrQvOkYRmEHyJvHZWeOkVYQF"


def test_key_is_kept_under_its_comment_with_the_fingerprint_that_ssh_tells(client: Client, tmp_path: Path) -> None:
    made = client.post(KEYS, json={"key": f"  {KEY}   ann@desk\n"})
    assert (made.status_code, made.json["name"], made.json["key"]) == (201, "ann@desk", f"{KEY} ann@desk")
    (tmp_path / "key.pub").write_text(made.json["key"])
    told = subprocess.run(["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True)
    assert made.json["fingerprint"] == told.stdout.split()[1]
    assert client.get(KEYS).json == [made.json]
    assert client.delete(f"{KEYS}/{made.json['id']}").status_code == 204
    assert client.get(KEYS).json == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"key": KEY}, "/name"),
        ({"key": KEY, "name": "a\nb"}, "/name"),
        ({"key": "-----BEGIN OPENSSH PRIVATE KEY-----", "name": "a"}, "/key"),
        ({"key": KEY[:-5], "name": "a"}, "/key"),
    ],
)
def test_what_is_no_key_is_refused_at_its_field(client: Client, body: dict[str, str], pointer: str) -> None:
    answer = client.post(KEYS, json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_name_and_key_are_there_once(client: Client) -> None:
    client.post(KEYS, json={"key": KEY, "name": "one"})
    assert client.post(KEYS, json={"key": KEY, "name": "two"}).json["errors"][0]["pointer"] == "/key"
    assert client.post(f"{KEYS}/made", json={"name": "one"}).json["errors"][0]["pointer"] == "/name"


def test_private_part_of_a_pair_is_given_once_and_kept_nowhere(
    client: Client, service: Service, tmp_path: Path
) -> None:
    plan = client.post(f"{KEYS}/made?dry_run=true", json={"name": "-laptop"}).json
    assert plan["commands"] == ["ssh-keygen -t ed25519 -C -laptop -N '' -f id_ed25519"]
    assert client.get(KEYS).json == []
    made = client.post(f"{KEYS}/made", json={"name": "-laptop"}).json
    (tmp_path / "key").write_text(made["private_key"])
    (tmp_path / "key").chmod(0o600)
    told = subprocess.run(["ssh-keygen", "-yf", tmp_path / "key"], capture_output=True, text=True, check=True)
    assert told.stdout.split()[:2] == made["key"].split()[:2]
    (kept,) = client.get(KEYS).json
    assert kept == {name: value for name, value in made.items() if name != "private_key"}
    secret = made["private_key"].splitlines()[1].encode()
    files = [path.read_bytes() for path in service.config.state_dir.rglob("*") if path.is_file()]
    assert files and not any(secret in each for each in files)


def test_each_account_has_its_own(client: Client, service: Service, app: flask.Flask) -> None:
    made = client.post(KEYS, json={"key": KEY, "name": "mine"}).json
    other = app.test_client()
    token = service.sessions.tokens.create("look", "demo", Role.VIEWER, 1).token
    assert (
        other.get(KEYS, headers={"Authorization": f"Bearer {token}"}, base_url="https://localhost").status_code == 403
    )
    service.store.write("UPDATE ssh_keys SET user = 'bob'")
    assert client.get(KEYS).json == []
    assert client.delete(f"{KEYS}/{made['id']}").status_code == 404
