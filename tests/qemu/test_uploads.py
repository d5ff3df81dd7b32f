"""Uploads through the whole service: its TLS front, its web process, libvirt's streams."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.tiny_iso import tiny_iso

SIZE = 24 << 20
CONTENT = "/hosts/local/pools/default/volumes/big.iso/content"
VOLUME = CONTENT.removesuffix("/content")


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    made = Deck(tmp_path, {"local_uri": bed.a.local_uri, "demo": "true"}).start()
    assert made.login("demo", "demo").status == 200
    wait_for(lambda: made.ask("GET", "/hosts/local/pools").status == 200)
    yield made
    made.stop()


@pytest.fixture
def iso(tmp_path: Path) -> bytes:
    data = tiny_iso(tmp_path / "big.iso", size=SIZE).read_bytes()
    return data[: SIZE // 3] + bytes(SIZE // 3) + data[-(SIZE // 3) :]


def put(deck: Deck, data: bytes, start: int = 0, total: int = SIZE, query: str = "") -> tuple[int, Any]:
    """Announce everything from `start` on; a shorter `data` ends the connection where it ends."""
    connection = http.client.HTTPSConnection("localhost", deck.port, context=deck.context(), timeout=60)
    headers = {"Cookie": deck.cookie, "X-CSRF-Token": deck.csrf, "Content-Length": str(total - start)}
    headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
    connection.putrequest("PUT", f"/api/v1{CONTENT}{query}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(data)
    if len(data) < total - start:
        assert connection.sock is not None
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()
        return 0, None
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def volume(deck: Deck) -> Any:
    answer = deck.ask("GET", VOLUME)
    return answer.json if answer.status == 200 else None


def uploads_over(deck: Deck) -> bool:
    jobs = [job for job in deck.ask("GET", "/jobs").json if job["kind"] == "upload"]
    return bool(jobs) and all(job["state"] not in ("running", "queued") for job in jobs)


def test_whole_upload_arrives_byte_for_byte(deck: Deck, bed: Bed, iso: bytes) -> None:
    status, answer = put(deck, iso, query=f"?sha256={'0' * 64}")
    assert (status, answer["errors"][0]["pointer"]) == (422, "/sha256"), answer
    assert (deck.job(answer["job"])["log"], bed.a.virsh("vol-list", "default")) == ([], ""), deck.job(answer["job"])
    status, answer = put(deck, iso, query=f"?sha256={hashlib.sha256(iso).hexdigest()}")
    assert (status, answer["capacity_bytes"], answer["is_iso"]) == (200, SIZE, True)
    file = bed.a.images / "big.iso"
    assert file.read_bytes() == iso
    assert file.stat().st_blocks * 512 < 0.7 * SIZE, "zeros take no space"

    def get(**headers: str) -> tuple[int, Any, bytes]:
        return deck.raw("GET", CONTENT, **headers)

    _status, headers, whole = get()
    assert (whole, headers["Accept-Ranges"]) == (iso, "bytes")
    status, told, rest = get(Range="bytes=20000-", If_Range=headers["ETag"])
    assert (status, told["Content-Range"]) == (206, f"bytes 20000-{SIZE - 1}/{SIZE}")
    assert rest == iso[20000:]
    assert get(Range="bytes=32768-32777")[2] == iso[32768:32778]
    status, _headers, again = get(Range="bytes=20000-", If_Range='"what it was once"')
    assert (status, len(again)) == (200, SIZE)
    assert deck.ask("GET", CONTENT, Range=f"bytes={SIZE}-").status == 416


def test_cut_connection_is_noticed_and_the_rest_follows(deck: Deck, bed: Bed, iso: bytes) -> None:
    put(deck, iso[: SIZE // 2], query="?keep_partial=true")
    wait_for(lambda: uploads_over(deck))
    received = volume(deck)["partial"]["received_bytes"]
    assert 0 < received <= SIZE // 2
    status, answer = put(deck, iso[received:], received, query="?keep_partial=true")
    assert (status, answer["partial"]) == (200, None)
    assert (bed.a.images / "big.iso").read_bytes() == iso


def test_cut_connection_without_wish_to_go_on_leaves_nothing(deck: Deck, bed: Bed, iso: bytes) -> None:
    put(deck, iso[: SIZE // 2])
    wait_for(lambda: uploads_over(deck))
    assert bed.a.virsh("vol-list", "default").split() == []


def test_service_that_dies_in_the_middle_goes_on_after_its_return(deck: Deck, bed: Bed, iso: bytes) -> None:
    connection = http.client.HTTPSConnection("localhost", deck.port, context=deck.context(), timeout=60)
    connection.putrequest("PUT", f"/api/v1{CONTENT}?keep_partial=true")
    for name, value in {"Cookie": deck.cookie, "X-CSRF-Token": deck.csrf, "Content-Length": str(SIZE)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(iso[: SIZE // 2])
    wait_for(lambda: (volume(deck) or {}).get("partial"))
    deck.stop()
    connection.close()
    deck.start()
    deck.login("demo", "demo")
    wait_for(lambda: volume(deck))
    wait_for(lambda: uploads_over(deck))
    received = volume(deck)["partial"]["received_bytes"]
    assert received <= SIZE // 2
    status, _answer = put(deck, iso[received:], received, query="?keep_partial=true")
    assert status == 200
    assert (bed.a.images / "big.iso").read_bytes() == iso


def test_running_upload_can_be_deleted(deck: Deck, bed: Bed, iso: bytes) -> None:
    connection = http.client.HTTPSConnection("localhost", deck.port, context=deck.context(), timeout=60)
    connection.putrequest("PUT", f"/api/v1{CONTENT}?keep_partial=true")
    for name, value in {"Cookie": deck.cookie, "X-CSRF-Token": deck.csrf, "Content-Length": str(SIZE)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(iso[: SIZE // 2])
    wait_for(lambda: (volume(deck) or {}).get("partial"))
    connection.close()
    assert deck.ask("DELETE", VOLUME).status == 204
    assert bed.a.virsh("vol-list", "default").split() == []
