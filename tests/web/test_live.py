"""News for the page: rooms, values, and who may enter."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from quarterdeck.app import Service

from ..conftest import ORIGIN, Client
from ..waiting import until


def connect(service: Service, app: flask.Flask, client: Client | None, **auth: Any):
    headers = {"Origin": ORIGIN, "Host": "localhost"}
    return service.socketio.test_client(app, flask_test_client=client, headers=headers, auth=auth or None)


@pytest.fixture
def page(service: Service, app: flask.Flask, client: Client):
    socket = connect(service, app, client)
    assert socket.is_connected()
    yield socket
    if socket.is_connected():
        socket.disconnect()


def enter(socket: Any, room: str, **more: str) -> Any:
    return socket.emit("subscribe", {"room": room, **more}, callback=True)


def received(socket: Any, name: str) -> list[dict[str, Any]]:
    return [message["args"][0] for message in socket.get_received() if message["name"] == name]


def test_nobody_listens_without_a_login(service: Service, app: flask.Flask) -> None:
    assert not connect(service, app, None).is_connected()


def test_entering_a_room_gives_its_value(page: Any) -> None:
    assert [host["id"] for host in enter(page, "hosts")] == ["local"]
    names = [row["name"] for row in enter(page, "host:local")]
    assert "web-1" in names
    assert enter(page, "jobs") == []


def test_a_list_that_the_page_has_is_told_again_only_when_it_changed(page: Any, client: Client) -> None:
    listed = client.get("/api/v1/hosts/local/domains")
    assert enter(page, "host:local", known=listed.headers["ETag"].strip('"')) == []
    client.post(f"/api/v1/hosts/local/domains/{client.domain('web-1')['uuid']}/suspend", json={})
    told = enter(page, "host:local", known=listed.headers["ETag"].strip('"'))
    assert next(row["state"] for row in told if row["name"] == "web-1") == "paused"


def test_an_unknown_room_is_refused(page: Any) -> None:
    assert enter(page, "host:../etc")["type"] == "/problems/invalid-input"
    assert enter(page, "domain:local:00000000-0000-0000-0000-00000000dead")["type"] == "/problems/not-found"


def test_a_change_reaches_the_list_and_the_machine_with_its_new_value(page: Any, client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    enter(page, "host:local")
    enter(page, f"domain:local:{uuid}")
    client.post(f"/api/v1/hosts/local/domains/{uuid}/suspend", json={})
    news: list[dict[str, Any]] = []

    def paused() -> list[dict[str, Any]]:
        news.extend(m for m in received(page, "changed") if m["id"] == uuid and m["value"]["state"] == "paused")
        return news if len({"devices" in m["value"] for m in news}) == 2 else []

    seen = until(paused)
    assert any("devices" in m["value"] for m in seen) and any("devices" not in m["value"] for m in seen)
    assert all(m["value"]["revision"] == m["revision"] for m in seen)


def test_what_virsh_would_do_reaches_the_page(page: Any, client: Client, service: Service) -> None:
    uuid = client.domain("web-1")["uuid"]
    enter(page, "host:local")
    with service.hosts.get("local").connection() as conn:
        conn.lookupByUUIDString(uuid).destroy()
    news = until(
        lambda: [m for m in received(page, "changed") if m["id"] == uuid and m["value"]["state"] == "shut_off"]
    )
    assert news[-1]["value"]["actions"]["start"] is None


def test_a_removed_machine_is_told_as_null(page: Any, client: Client) -> None:
    uuid = client.domain("old-wiki")["uuid"]
    enter(page, "host:local")
    client.delete(f"/api/v1/hosts/local/domains/{uuid}")
    until(lambda: [m for m in received(page, "changed") if m["id"] == uuid and m["value"] is None])


def test_figures_come_only_while_somebody_is_in_the_room(page: Any, client: Client) -> None:
    enter(page, "stats:local")
    stats = until(lambda: received(page, "stats"))[-1]
    uuid = client.domain("web-1")["uuid"]
    kept = client.get(f"/api/v1/hosts/local/domains/{uuid}/stats").json
    mine = [each for each in kept if each["time"] == stats["time"]]
    assert [each["domains"] for each in mine] == [{uuid: stats["domains"][uuid]}]
    assert stats["host"] == "local"
    assert all(0 <= figures["cpu_percent"] <= 100 for figures in stats["domains"].values())
    load = until(lambda: next((each["load"] for each in received(page, "stats") if each["load"]), None))
    assert 0 < load["cpu_percent"] <= 100
    assert 0 < load["memory_used_mib"] <= load["memory_mib"]
    page.emit("unsubscribe", {"room": "stats:local"}, callback=True)
    assert page.get_received() is not None


def test_a_job_is_told_as_it_goes(page: Any, client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    enter(page, "jobs")
    client.post(f"/api/v1/hosts/local/domains/{uuid}/save", json={})
    jobs: list[dict[str, Any]] = []
    until(lambda: jobs.extend(received(page, "job")) or any(j["state"] == "done" for j in jobs))
    assert {j["target"] for j in jobs} == {uuid}


def test_logout_cuts_the_sockets_of_the_session(page: Any, client: Client) -> None:
    assert client.delete("/api/v1/session").status_code == 204
    until(lambda: not page.is_connected())
