"""What somebody with bad intentions tries, and how it ends."""

from __future__ import annotations

import io
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
import pytest
import socketio

from quarterdeck.access import Role
from quarterdeck.app import Service
from quarterdeck.model.xml import parse
from quarterdeck.operations.changing import changing
from quarterdeck.operations.storage.storage import Storage
from quarterdeck.problems import Problem
from quarterdeck.server.gate import STRANGER_SOCKETS, STRANGERS, STRANGERS_PER_ADDRESS, Engine, Gate, Names
from quarterdeck.web.console import ConsoleRequest
from quarterdeck.web.throttle import Throttle

from ..conftest import ORIGIN, Client
from ..waiting import PATIENCE_SECONDS

API = "/api/v1"


@pytest.fixture
def viewer(app: flask.Flask, service: Service) -> Client:
    made = service.sessions.tokens.create("look", "demo", Role.VIEWER, 1)
    client: Client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.token}"
    return client


# -- strangers and memory


class Flood(io.RawIOBase):
    """A body without an end that tells how much of it was taken."""

    taken = 0

    def seek(self, *where: int) -> int:
        return 0

    def tell(self) -> int:
        return 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        assert self.taken < 64 << 20, "all of it is read into memory"
        self.taken += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


def test_stranger_cannot_fill_the_memory_with_a_body_that_does_not_say_how_long_it_is(stranger: Client) -> None:
    flood = Flood()
    answer = stranger.post(
        API + "/session",
        input_stream=flood,
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 413
    assert flood.taken < 8 << 20


def test_stranger_cannot_send_more_than_a_name_and_a_password_need(stranger: Client) -> None:
    body = '{"username": [' + "[]," * 30_000 + '[]], "password": ""}'
    answer = stranger.post(API + "/session", data=body, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["[" * 60_000, '{"a":' * 10_000, "1" * 60_000, '"\\ud800"'])
def test_body_that_upsets_parsers_is_a_fault_of_the_sender(stranger: Client, body: str) -> None:
    assert stranger.post(API + "/session", data=body, content_type="application/json").status_code == 422


@pytest.mark.parametrize("path", ["/%00", "/assets/%00.js", "/" + "x" * 5000, "/%ff%fe", "/..%2f..%2fetc/passwd"])
def test_strange_addresses_are_no_faults_of_the_service(stranger: Client, path: str) -> None:
    assert stranger.get(path).status_code in (200, 404)


def test_refused_attempts_to_log_in_do_not_fill_the_disk(stranger: Client, service: Service) -> None:
    for _ in range(40):
        stranger.post(API + "/session", json={"username": "root", "password": "x"})
    kept = [entry["result"] for entry in service.audit.entries(limit=1000)]
    assert 0 < len(kept) <= 12


def test_addresses_of_one_network_count_as_one() -> None:
    throttle = Throttle(lambda: 1000.0)
    with pytest.raises(Problem):
        for number in range(20):
            with throttle.attempt(f"name{number}", f"2001:db8::{number:x}"):
                pass


# -- the gate


class Crowd:
    """A gate, and requests of strangers that stay inside until they are let go."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go = threading.Event()
        self.server = socketio.Server(async_mode="threading")
        self.engine = Engine(self.server)
        self.gate = Gate(self.app, lambda environ: False, Names(), 200, self.engine)
        self.threads: list[threading.Thread] = []

    def app(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.inside.release()
        self.go.wait(PATIENCE_SECONDS)
        start_response("200 OK", [])
        return [b""]

    def ask(self, path: str, query: str = "", address: str = "192.0.2.1", **more: str) -> str:
        said: list[str] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost"}
        environ |= {"REMOTE_ADDR": address, **more}
        self.gate(environ, lambda status, headers: said.append(status))
        return said[0]

    def enter(self, *words: str, **more: str) -> None:
        thread = threading.Thread(target=self.ask, args=words, kwargs=more, daemon=True)
        thread.start()
        self.threads.append(thread)
        assert self.inside.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.go.set()
    for thread in crowd.threads:
        thread.join(PATIENCE_SECONDS)


@pytest.mark.parametrize("query", ["EIO=4&transport=polling", "EIO=4&transport=polling&sid=x"])
def test_polls_of_one_stranger_do_not_take_all_threads(crowd: Crowd, query: str) -> None:
    for _ in range(STRANGERS_PER_ADDRESS):
        crowd.enter("/socket.io/", query)
    assert crowd.ask("/socket.io/", query).startswith("503")


def test_sockets_of_one_stranger_do_not_take_all_threads(crowd: Crowd) -> None:
    for _ in range(STRANGERS_PER_ADDRESS):
        crowd.enter("/socket.io/", "EIO=4&transport=websocket&sid=x", HTTP_UPGRADE="websocket")
    assert crowd.ask("/socket.io/", "EIO=4&transport=websocket&sid=x", HTTP_UPGRADE="websocket").startswith("503")


def test_strangers_from_many_addresses_leave_threads_for_who_is_logged_in(crowd: Crowd) -> None:
    for number in range(STRANGERS):
        crowd.enter("/", "", f"192.0.2.{number}")
    assert crowd.ask("/", "", "198.51.100.7").startswith("503")


def test_stranger_with_many_addresses_of_one_network_is_one(crowd: Crowd) -> None:
    for number in range(STRANGERS_PER_ADDRESS):
        crowd.enter("/", "", f"2001:db8::{number:x}")
    assert crowd.ask("/", "", "2001:db8::ffff").startswith("503")


def test_word_that_only_looks_like_a_session_does_not_pass_the_limit_of_sockets(crowd: Crowd) -> None:
    for number in range(STRANGER_SOCKETS):
        crowd.server.eio.sockets[f"s{number}"] = object()
    assert crowd.ask("/socket.io/", "EIO=4&transport=polling&xsid=1").startswith("503")


# -- sessions and sockets


def test_ended_session_cannot_come_back_on_the_socket_it_had(
    service: Service, app: flask.Flask, client: Client
) -> None:
    headers = {"Origin": ORIGIN, "Host": "localhost"}
    page = service.socketio.test_client(app, flask_test_client=client, headers=headers)
    environ = page.environ if hasattr(page, "environ") else None
    assert page.is_connected()
    with app.request_context({**client_environ(client)}) as context:
        service.sessions.known(context.request.environ)  # the gate's look when the socket began
        assert service.sessions.socket_user(context.request, None) is not None
        assert client.delete(API + "/session").status_code == 204
        assert service.sessions.socket_user(context.request, None) is None
    assert environ is None or environ


def client_environ(client: Client) -> dict[str, Any]:
    from werkzeug.test import EnvironBuilder

    cookie = client.get_cookie("__Host-quarterdeck")
    assert cookie is not None
    builder = EnvironBuilder("/socket.io/", ORIGIN, headers={"Cookie": f"__Host-quarterdeck={cookie.value}"})
    return builder.get_environ()


# -- viewers


def test_viewer_cannot_look_at_files_of_the_host(viewer: Client, client: Client, tmp_path: Path) -> None:
    (tmp_path / "file.iso").write_bytes(bytes(65536))
    ask = API + f"/hosts/local/osinfo/detect?path={tmp_path / 'file.iso'}"
    assert viewer.get(ask).status_code == 403
    assert client.get(ask).status_code == 200


def test_pipe_named_as_a_medium_does_not_keep_a_thread(client: Client, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    answers: list[int] = []
    ask = API + f"/hosts/local/osinfo/detect?path={tmp_path / 'pipe'}"
    thread = threading.Thread(target=lambda: answers.append(client.get(ask).status_code), daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    assert answers == [200]


@pytest.mark.parametrize("path", ["/hosts/local/domains/{}/history/99999999999999999999", "/audit?before=9" + "9" * 30])
def test_numbers_too_large_for_the_database_are_faults_of_the_sender(client: Client, path: str) -> None:
    uuid = client.domain("web-1")["uuid"]
    assert client.get(API + path.format(uuid)).status_code in (404, 422)


@pytest.mark.parametrize("text", ["\x1b[31m", "a\0", "\ud800", "a\uffff"])
def test_control_characters_are_refused_at_their_field(client: Client, text: str) -> None:
    device = {"type": "watchdog", "model": text, "action": "reset"}
    body = {"name": "vm1", "memory_mib": 512, "vcpus": 1, "install": {"method": "none"}, "devices": [device]}
    answer = client.post(API + "/hosts/local/domains", json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/devices/0/model")
    assert client.post(API + "/tokens", json={"name": "a\nb"}).json["errors"][0]["pointer"] == "/name"


def test_viewer_downloads_no_volume(viewer: Client) -> None:
    for method in ("GET", "HEAD"):
        answer = viewer.open(API + "/hosts/local/pools/default/volumes/x/content", method=method)
        assert answer.status_code == 403


# -- records that cannot be written or read


def test_full_disk_of_the_records_keeps_nobody_from_an_act(client: Client, service: Service) -> None:
    address = f"{API}/hosts/local/domains/{client.domain('web-1')['uuid']}"
    service.store.write("PRAGMA max_page_count = 1")  # SQLite's own way to be full: no page more than there are
    entry = "INSERT INTO audit (time, user, address, act, result) VALUES ('', '', '', '', '')"
    with pytest.raises(sqlite3.OperationalError, match="full"):
        while True:
            service.store.write(entry)
    for act in ("suspend", "resume"):
        assert client.post(f"{address}/{act}").status_code == 200
    answer = client.post(API + "/presets", json={"name": "x", "settings": {"title": "x" * 10_000}})
    assert (answer.status_code, answer.json["type"]) == (507, "/problems/no-space")
    assert "Make room" in answer.json["cure"]
    service.store.write("PRAGMA max_page_count = 1000000")
    assert client.post(address + "/suspend").status_code == 200


# -- plans and what they show


def test_misspelt_dry_run_changes_nothing(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    assert client.post(API + f"/hosts/local/domains/{uuid}/suspend?dry_run=1", json={}).status_code == 422
    assert client.domain("web-1")["state"] == "running"


def test_text_in_a_shown_command_cannot_end_its_document() -> None:
    text = changing.here_document("virsh define /dev/stdin", "<a>\nEOF\nrm -rf /\n</a>")
    lines = text.splitlines()
    mark = lines[0].rpartition("<<")[2].strip("'")
    assert lines.index(mark) == len(lines) - 1 and lines[-1] != "EOF"


def test_shown_command_holds_no_password(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    found = client.get(API + f"/hosts/local/domains/{uuid}/xml").json
    root = parse(found["xml"])
    for graphics in root.iter("graphics"):
        graphics.set("passwd", "topsecret")
    from quarterdeck.model.xml import dump

    answer = client.put(
        API + f"/hosts/local/domains/{uuid}/xml", json={"xml": dump(root)}, headers={"If-Match": found["etag"]}
    )
    assert answer.status_code == 200, answer.json
    told = client.delete(
        API + f"/hosts/local/domains/{uuid}/devices/graphics-0?dry_run=true&apply=next_start",
        headers={"If-Match": answer.headers["ETag"]},
    )
    assert told.status_code == 200, told.json
    assert "topsecret" not in told.text and "topsecret" not in answer.text


def test_console_of_somebody_who_may_only_look_from_now_on_is_closed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, login = service.sessions.enter("demo", "demo", "192.0.2.1")
    made = service.sessions.tokens.create("script", "demo", None, 1)
    script = service.sessions.login({"HTTP_AUTHORIZATION": f"Bearer {made.token}", "PATH_INFO": "/"})
    assert script is not None and service.sessions.still(login) and service.sessions.still(script)
    monkeypatch.setattr(service.sessions.roles, "of", lambda name, fresh=False: Role.VIEWER)
    assert not service.sessions.still(login) and not service.sessions.still(script)


def test_one_login_cannot_open_consoles_without_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [socket.socketpair() for _ in range(40)]
    targets = iter(pairs)
    monkeypatch.setattr(service.consoles, "_connect", lambda *_: next(targets)[0])
    _, login = service.sessions.enter("demo", "demo", "192.0.2.1")
    with pytest.raises(Problem) as refused:
        for _ in pairs:
            service.consoles.prepare(login, "local", UUID(int=1), ConsoleRequest())
    assert refused.value.slug == "overloaded"
    for pair in pairs:
        for each in pair:
            each.close()


def test_session_that_ends_while_its_socket_connects_gets_none(
    service: Service, app: flask.Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = service.live._login

    def ends_meanwhile(request: flask.Request, auth: Any) -> Any:
        user = login(request, auth)
        found = service.sessions.login(request.environ)
        if found is not None:
            service.sessions.leave(found, everywhere=True)
        return user

    monkeypatch.setattr(service.live, "_login", ends_meanwhile)
    headers = {"Origin": ORIGIN, "Host": "localhost"}
    assert not service.socketio.test_client(app, flask_test_client=client, headers=headers).is_connected()


def test_link_in_a_pool_is_refused_but_a_logical_volume_is_none(service: Service, tmp_path: Path) -> None:
    storage = Storage(service.hosts, service.inventory, service.jobs, service.store)
    (tmp_path / "link.img").symlink_to("/etc/hostname")
    with pytest.raises(Problem):
        storage.refuse_link("local", str(tmp_path / "link.img"))
    storage.refuse_link("local", "/dev/stdin")
