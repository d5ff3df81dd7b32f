"""Sockets of the whole service: who gets one, and that it ends with the login behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from quarterdeck.server.supervise import STOP_SECONDS
from tests.deck import Deck
from tests.waiting import PATIENCE_SECONDS, until

MADE_UP = {"demo": "true", "local_uri": "test:///default"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    deck = Deck(tmp_path_factory.mktemp("deck"), MADE_UP).start()
    yield deck
    deck.stop()


@pytest.fixture(autouse=True)
def unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # these outweigh ssl_verify
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def deck(running: Deck) -> Deck:
    assert running.login("demo", "demo").status == 200
    return running


def page(deck: Deck, **more: object) -> socketio.Client:
    """A connected client, with the session's cookie unless something else is given."""
    client = socketio.Client(ssl_verify=False, reconnection=False)
    given = more or {"headers": {"Cookie": deck.cookie, "Origin": f"https://localhost:{deck.port}"}}
    client.connect(f"https://localhost:{deck.port}", wait_timeout=PATIENCE_SECONDS, **given)
    return client


def test_page_gets_the_machines_and_loses_its_socket_at_logout(deck: Deck) -> None:
    client = page(deck)
    answer = client.call("subscribe", {"room": "host:local"})
    assert [domain["name"] for domain in answer] == ["test"]
    assert deck.ask("DELETE", "/session").status == 204
    until(lambda: not client.connected)


def test_logout_everywhere_closes_the_pages_of_other_devices(deck: Deck) -> None:
    client = page(deck)
    deck.login("demo", "demo")
    assert client.connected
    assert deck.ask("DELETE", "/session?everywhere=true").status == 204
    until(lambda: not client.connected)


def test_script_uses_its_token_until_it_is_revoked(deck: Deck) -> None:
    made = deck.ask("POST", "/tokens", {"name": "script"}).json
    first = page(deck, auth={"token": made["token"]})
    second = page(deck, headers={"Authorization": f"Bearer {made['token']}"})
    assert first.call("subscribe", {"room": "jobs"}) == []
    assert deck.ask("DELETE", f"/tokens/{made['id']}").status == 204
    until(lambda: not first.connected and not second.connected)


def test_stranger_gets_no_socket(deck: Deck) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        page(deck, auth={"token": "qd_000000000000_" + "x" * 43})
    with pytest.raises(socketio.exceptions.ConnectionError):
        page(deck, headers={"Cookie": deck.cookie, "Origin": "https://evil.example"})


def test_console_of_a_made_up_machine_is_refused_in_words(deck: Deck) -> None:
    (machine,) = deck.ask("GET", "/hosts/local/domains").json
    answer = deck.ask("POST", f"/hosts/local/domains/{machine['uuid']}/consoles", {"type": "vnc"})
    assert answer.status == 409
    assert answer.json["detail"]
    assert deck.ask("GET", "/hosts/local/domains/{}/consoles/socket".format(machine["uuid"])).status in (
        400,
        404,
        405,
        422,
        426,
    )


def test_service_runs_as_the_first_process_of_a_container_and_stops_quickly_with_pages_open(tmp_path: Path) -> None:
    container = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    deck = Deck(tmp_path, MADE_UP, prefix=container).start()
    assert deck.login("demo", "demo").status == 200
    clients = [page(deck) for _ in range(5)]
    started = time.monotonic()
    assert deck.stop() == 0
    assert time.monotonic() - started < STOP_SECONDS
    until(lambda: not any(client.connected for client in clients))


def test_libraries_that_nobody_uses_take_no_memory(deck: Deck) -> None:
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children(deck.process.pid)}
    master = next(pid for pid, command in commands.items() if b".web_process\0" in command)
    (worker,) = children(master)
    loaded = Path(f"/proc/{worker}/maps").read_text()
    assert "libvirt" in loaded
    assert "numpy" not in loaded


def children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]
