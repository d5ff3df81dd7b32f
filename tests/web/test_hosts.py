"""Hosts as a person adds, edits and forgets them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config, HostSetting
from quarterdeck.jobs import JobHandle
from quarterdeck.operations.hosts.hosts import HostRows
from quarterdeck.store import Store
from tests.conftest import Client
from tests.waiting import PATIENCE_SECONDS, until

HOSTS = "/api/v1/hosts"
AWAY = {"name": "away", "transport": "ssh", "address": "127.0.0.1", "port": 1, "user": "root"}


def test_a_host_is_reached_in_another_way_and_that_outlives_a_restart(client: Client, config: Config) -> None:
    assert client.post(HOSTS, json=AWAY).status_code == 201
    one = f"{HOSTS}/away"
    seen = {"If-Match": client.get(one).headers["ETag"]}
    plan = client.patch(f"{one}?dry_run=true", json={"port": 2, "user": "ops"}, headers=seen).json
    assert "ops@127.0.0.1:2" in plan["commands"][0], plan
    assert [effect["field"] for effect in plan["effects"]] == ["port", "user"], plan
    assert client.get(one).json["port"] == 1
    assert client.patch(one, json={"port": 2, "user": "ops"}).status_code == 428
    assert client.patch(one, json={"port": 2, "user": "ops"}, headers=seen).json["port"] == 2
    late = client.patch(one, json={"port": 3}, headers=seen)
    assert (late.status_code, "somebody changed it" in late.json["detail"]) == (412, True), late.text
    tried = until(lambda: "port 2" in str((host := client.get(one).json)["problem"]) and host)
    assert (tried["state"], tried["user"], tried["transport"]) == ("lost", "ops", "ssh"), tried
    assert "nothing listens" in tried["problem"]["cure"], tried
    wrong = client.patch(one, json={"address": "-oProxyCommand=id"}, headers={"If-Match": "*"})
    assert [error["pointer"] for error in wrong.json["errors"]] == ["/address"], wrong.text
    tcp = client.patch(one, json={"transport": "tcp", "port": None}, headers={"If-Match": "*"})
    assert [error["pointer"] for error in tcp.json["errors"]] == ["/transport"], tcp.text
    kept = HostRows(Store(config.database)).all()
    assert kept == [AWAY | {"port": 2, "user": "ops"}], kept


@pytest.mark.parametrize("asked", [{"destination": "away"}, {"move": {"destination": "away"}}], ids=["one", "several"])
def test_a_host_neither_goes_nor_moves_while_a_job_works_with_it(
    client: Client, service: Service, asked: dict[str, Any]
) -> None:
    client.post(HOSTS, json=AWAY)
    end = threading.Event()

    def work(handle: JobHandle) -> None:
        handle.progress(0.5, asked=asked)
        assert end.wait(PATIENCE_SECONDS)

    job = service.jobs.start("migration", host="local", target="", user="demo", work=work)
    until(lambda: service.jobs.get(job.id).details)
    edited = client.patch(f"{HOSTS}/away", json={"port": 3}, headers={"If-Match": "*"})
    for refused in (client.delete(f"{HOSTS}/away"), edited):
        assert (refused.status_code, refused.json["job"]) == (409, job.id), refused.text
    end.set()
    service.jobs.wait(job.id, PATIENCE_SECONDS)
    assert client.delete(f"{HOSTS}/away").status_code == 204


def test_a_key_is_trusted_while_a_host_is_reached_at_its_address(client: Client, service: Service) -> None:
    """Port 22 is the same whether it is said or not."""
    trust = service.directory.ssh
    for name, port in (("said", 22), ("unsaid", None)):
        assert client.post(HOSTS, json=AWAY | {"name": name, "port": port}).status_code == 201
    trust.prepare()
    trust.pin("127.0.0.1", None, ["127.0.0.1 ssh-ed25519 AAAA"])
    for name, kept in (("said", ["127.0.0.1 ssh-ed25519 AAAA"]), ("unsaid", [])):
        assert client.delete(f"{HOSTS}/{name}").status_code == 204
        assert trust.pinned_lines("127.0.0.1", 22) == kept, name


def test_a_host_of_the_settings_says_that_it_stays(config: Config) -> None:
    given = config.model_copy(update={"hosts": (HostSetting(name="fixed", transport="ssh", address="127.0.0.1"),)})
    app = create_app(given)
    app.test_client_class = Client
    client: Any = app.test_client()
    client.login()
    host = client.get(f"{HOSTS}/fixed").json
    assert "quarterdeck.toml" in host["actions"]["edit"], host
    assert "quarterdeck.toml" in client.delete(f"{HOSTS}/fixed").json["detail"]
    app.extensions["quarterdeck"].close()
