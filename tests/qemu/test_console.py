"""Consoles of real machines through the whole service: TLS front, worker, bridge, libvirt, QEMU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed
from tests.waiting import until


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    deck = Deck(tmp_path, {"local_uri": bed.a.local_uri, "demo": "true"}).start()
    assert deck.login("demo", "demo").status == 200
    yield deck
    deck.stop()


@pytest.fixture
def uuid(bed: Bed) -> str:
    return bed.a.define(bed.guest_xml("g"), start=True)


def test_screen_speaks_plain_rfb_without_a_password(deck: Deck, uuid: str) -> None:
    width, height = deck.console("local", uuid).handshake()
    assert width >= 640
    assert height >= 400


def test_two_people_look_at_one_screen(deck: Deck, uuid: str) -> None:
    first, second = deck.console("local", uuid), deck.console("local", uuid)
    first.handshake()
    second.handshake()
    first.send(b"\x03\x00" + bytes(4) + b"\x00\x10\x00\x10")
    assert first.read(1) == b"\x00"


def test_script_types_on_the_serial_line_with_a_token(deck: Deck, uuid: str) -> None:
    token = deck.ask("POST", "/tokens", {"name": "script"}).json["token"]
    deck.cookie = ""
    console = deck.console("local", uuid, "serial", Authorization=f"Bearer {token}")
    console.send(b"\r")
    console.read_until(b"# ")
    console.send(b"echo answer-$((6*7))\r")
    console.read_until(b"answer-42")


def test_viewer_sees_the_screen_but_gets_no_serial_line(deck: Deck, uuid: str) -> None:
    token = deck.ask("POST", "/tokens", {"name": "eyes", "role": "viewer"}).json["token"]
    deck.cookie = ""
    eyes = f"Bearer {token}"
    width, _ = deck.console("local", uuid, Authorization=eyes).handshake()
    assert width >= 640
    refused = deck.ask("POST", f"/hosts/local/domains/{uuid}/consoles", {"type": "serial"}, Authorization=eyes)
    assert refused.status == 403


def test_console_of_another_site_is_refused(deck: Deck, uuid: str) -> None:
    url = deck.ask("POST", f"/hosts/local/domains/{uuid}/consoles", {"type": "vnc"}).json["url"]
    assert deck.open(url, Origin="https://evil.example").status == 403
    assert deck.open(url, Authorization="Bearer qd_000000000000_" + "x" * 43).status == 401
    assert deck.open(url).status == 101


def test_console_ends_with_its_session(deck: Deck, uuid: str) -> None:
    console = deck.console("local", uuid)
    console.handshake()
    assert deck.ask("DELETE", "/session").status == 204
    assert console.close_code() == 4401


def test_console_of_a_machine_that_is_off_says_so(deck: Deck, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("off"))
    answer = deck.ask("POST", f"/hosts/local/domains/{uuid}/consoles", {"type": "vnc"})
    assert answer.status == 409
    assert answer.json["type"] == "/problems/wrong-state"


def test_console_closes_when_the_machine_goes_off_and_the_machine_lives_on_when_the_service_stops(
    deck: Deck, uuid: str, bed: Bed
) -> None:
    console = deck.console("local", uuid)
    console.handshake()
    assert deck.stop() == 0
    assert console.close_code() in (1000, 1001, 1006)
    assert bed.a.state("g") == "running"
    until(lambda: bed.a.state("g") == "running")


def test_viewer_file_needs_a_screen_on_the_network(deck: Deck, uuid: str) -> None:
    answer = deck.ask("GET", f"/hosts/local/domains/{uuid}/consoles/vv")
    assert answer.status == 409
    assert "network" in answer.json["detail"]
