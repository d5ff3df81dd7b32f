"""Machines of a host that is away: what was known of them is told, over a restart of the service too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config

from ..conftest import Client
from ..waiting import PATIENCE_SECONDS, until
from .test_domains import LIST, act


def opened(config: Config) -> tuple[Service, Client]:
    app = create_app(config)
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    return app.extensions["quarterdeck"], client.login()


def seen(config: Config) -> None:
    """Let a service see the machines, one of them paused, and end."""
    service, client = opened(config)
    assert service.hosts.get("local").wait_connected(PATIENCE_SECONDS)
    assert act(client, "web-1", "suspend").status_code == 200
    service.close()


@pytest.fixture
def away(config: Config, tmp_path: Path) -> Iterator[tuple[Service, Client]]:
    """The service started anew, while its host does not answer."""
    seen(config)
    again, visitor = opened(config.model_copy(update={"local_uri": f"test://{tmp_path}/there-is-none.xml"}))
    until(lambda: again.hosts.get("local").problem)
    yield again, visitor
    again.close()


def test_machines_of_a_host_that_is_away_are_told_as_they_were_last_seen(away: tuple[Service, Client]) -> None:
    service, visitor = away
    rows = {row["name"]: row for row in visitor.get(LIST).json}
    web = rows["web-1"]
    assert (web["state"], web["reason"], web["vcpus"] > 0) == ("paused", "user", True), web
    assert web["last_seen"] and not web["job"], web
    found = visitor.get(f"{LIST}/{web['uuid']}").json
    assert found["last_seen"] == web["last_seen"]
    assert [device["type"] for device in found["devices"] if device["type"] == "disk"], found["devices"]
    assert found["etag"]
    assert all("local is not connected" in reason for reason in found["actions"].values()), found["actions"]
    at = f"{LIST}/{web['uuid']}"
    sections = visitor.get(f"{at}/settings")
    assert {"cpu", "memory", "boot"} <= {section["id"] for section in sections.json}, sections.text
    xml = visitor.get(f"{at}/xml").json
    assert ("<name>web-1</name>" in xml["xml"], xml["etag"]) == (True, found["etag"]), xml
    assert visitor.get(f"{at}/xml?live=true").status_code >= 400
    assert act(visitor, "web-1", "resume").json["detail"] == service.hosts.get("local").problem.detail


def test_nothing_is_made_up_of_machines_and_hosts_that_were_never_seen(
    config: Config, tmp_path: Path, away: tuple[Service, Client]
) -> None:
    _service, visitor = away
    unknown = visitor.get(f"{LIST}/00000000-0000-4000-8000-000000000000")
    assert unknown.status_code >= 400, unknown.text
    elsewhere = {"state_dir": tmp_path / "other", "local_uri": f"test://{tmp_path}/there-is-none.xml"}
    fresh, other = opened(config.model_copy(update=elsewhere))
    until(lambda: fresh.hosts.get("local").problem)
    assert other.get(LIST).json["detail"] == fresh.hosts.get("local").problem.detail
    fresh.close()


def test_what_was_last_seen_gives_way_to_what_is_there_when_the_host_is_back(config: Config, host_file: Path) -> None:
    seen(config)
    aside = host_file.rename(host_file.with_suffix(".aside"))
    again, visitor = opened(config)
    until(lambda: again.hosts.get("local").problem)
    assert {row["state"] for row in visitor.get(LIST).json if row["name"] == "web-1"} == {"paused"}
    aside.rename(host_file)
    again.hosts.get("local").retry()
    web = until(lambda: [d for d in visitor.get(LIST).json if d["name"] == "web-1" and not d["last_seen"]])[0]
    assert web["state"] == "running", web
    assert visitor.domain("web-1")["actions"]["suspend"] is None
    again.close()
