"""Deadlines, numbers and logins before the application, with real sockets."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import ssl
import struct
import threading
import time
import zlib

import pytest
import socketio

from quarterdeck.server.gate import Names

from ..waiting import PATIENCE_SECONDS, until
from .conftest import Service


def test_dripped_headers_on_kept_connections_do_not_take_the_threads(service: Service) -> None:
    attackers = [service.secure() for _ in range(service.threads + 4)]
    for attacker in attackers:
        attacker.sendall(b"GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")
        read_answer(attacker)
    for attacker in attackers:
        attacker.sendall(b"GET /who HTTP/1.1\r\nX-")
    stop = threading.Event()
    dripping = threading.Thread(target=drip, args=(attackers, stop))
    dripping.start()
    connection = service.connection()
    connection.request("GET", "/who")
    assert connection.getresponse().status == 200
    stop.set()
    dripping.join()


def drip(attackers: list[ssl.SSLSocket], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        for attacker in attackers:
            with contextlib.suppress(OSError):
                attacker.sendall(b"a")


def read_answer(connection: ssl.SSLSocket) -> bytes:
    answer = b""
    while not answer.rstrip().endswith(b"}"):
        part = connection.recv(4096)
        assert part, "closed before the answer"
        answer += part
    return answer


@pytest.mark.parametrize(
    ("request_line", "slug", "status"),
    [
        ("GET /who HTTP/9.7\r\nHost: localhost", "bad-request", 400),
        ("GET /who HTTP/1.1\r\nHost: localhost\r\nNo colon", "bad-request", 400),
        ("GET /" + "x" * 9000 + " HTTP/1.1\r\nHost: localhost", "header-too-large", 431),
        ("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x" * 9000, "header-too-large", 431),
    ],
)
def test_what_is_not_http_is_answered_as_a_problem(service: Service, request_line: str, slug: str, status: int) -> None:
    connection = service.secure()
    connection.sendall(f"{request_line}\r\n\r\n".encode())
    header, _, body = read_answer(connection).partition(b"\r\n\r\n")
    assert header.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in header
    assert json.loads(body)["type"] == f"/problems/{slug}"


def test_body_that_never_comes_frees_its_thread(service: Service) -> None:
    attackers = [service.secure() for _ in range(service.threads)]
    for attacker in attackers:
        attacker.sendall(b"PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
    connection = service.connection()
    connection.request("GET", "/who")
    assert connection.getresponse().status == 200


def test_upload_that_moves_may_take_longer_than_a_stranger_gets(service: Service) -> None:
    connection = service.secure()
    connection.sendall(b"PUT /body HTTP/1.1\r\nHost: localhost\r\nCookie: sid=good\r\nContent-Length: 7\r\n\r\n")
    ends = threading.Event()
    for _ in range(7):
        connection.sendall(b"x")
        ends.wait(1)  # the time that is looked at must pass
    assert b'"bytes":7' in read_answer(connection)


def test_sender_of_a_large_body_that_is_refused_gets_to_read_why(service: Service) -> None:
    connection = service.connection()
    connection.request("PUT", "/who", bytes(8 << 20), {"Cookie": "sid=good"})
    assert connection.getresponse().status == 405


def test_socket_needs_a_login(service: Service) -> None:
    assert b" 401 " in service.upgrade(f"Origin: https://localhost:{service.port}\r\nCookie: sid=bad\r\n")[1]
    assert b" 101 " in service.upgrade(service.own)[1]


def test_socket_of_another_site_is_refused(service: Service) -> None:
    assert b" 403 " in service.upgrade("Origin: https://evil.example\r\nCookie: sid=good\r\n")[1]
    assert b" 403 " in service.upgrade("Origin: null\r\nCookie: sid=good\r\n")[1]
    assert b" 403 " in service.upgrade("Cookie: sid=good\r\n")[1]


def test_socket_that_is_one_too_many_is_told_so_and_the_rest_goes_on(own_service: Service) -> None:
    answers = [own_service.upgrade(own_service.own) for _ in range(own_service.threads - 3)]
    assert sum(b" 101 " in text for _, text in answers) == own_service.threads - 4
    refused = answers[-1][1]
    assert b" 503 " in refused
    assert b"Retry-After" in refused
    assert own_service.get("/who")[0] == 200


def test_socket_that_never_says_who_it_is_is_closed(service: Service) -> None:
    stranger, answer = service.upgrade("")
    assert b" 101 " in answer
    stranger.settimeout(PATIENCE_SECONDS)
    with contextlib.suppress(ssl.SSLError):
        while stranger.recv(4096):
            pass


def test_script_logs_in_with_its_first_packet_and_stays(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # these outweigh ssl_verify
        monkeypatch.delenv(name, raising=False)
    client = socketio.Client(ssl_verify=False)
    client.connect(f"https://localhost:{service.port}", auth={"token": "good"})
    assert client.connected
    client.disconnect()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(f"https://localhost:{service.port}", auth={"token": "bad"})


def test_compression_is_not_negotiated_and_large_messages_end_the_socket(own_service: Service) -> None:
    connection, answer = own_service.upgrade(own_service.own + "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    assert b" 101 " in answer
    assert b"permessage-deflate" not in answer
    before = own_service.memory_mib(own_service.web)
    bomb = zlib.compress(bytes(2**26))
    head = struct.pack(">BBQ", 0x82, 0xFF, 200 * 2**20) + bytes(4)
    with contextlib.suppress(OSError):
        connection.sendall(head)
        for _ in range(200):
            connection.sendall((bomb * 20)[: 2**20].ljust(2**20, b"x"))
    assert own_service.get("/who")[0] == 200
    assert own_service.memory_mib(own_service.web) - before < 40


def test_stop_is_quick_with_sockets_open_and_tells_them(own_service: Service) -> None:
    sockets = [own_service.upgrade(own_service.own)[0] for _ in range(5)]
    for connection in sockets:
        connection.sendall(frame(b"40"))
    until(lambda: sockets[-1].recv(4096))
    started = time.monotonic()
    own_service.web.send_signal(signal.SIGTERM)
    own_service.web.wait(PATIENCE_SECONDS)
    assert time.monotonic() - started < 10, "gunicorn's graceful_timeout ended them"
    for connection in sockets:
        data = b""
        with contextlib.suppress(OSError):
            while part := connection.recv(4096):
                data += part
        assert b"\x88" in data, "no close frame came"


def frame(text: bytes) -> bytes:
    return bytes((0x81, 0x80 | len(text))) + bytes(4) + text


def test_request_under_a_foreign_name_is_refused_with_the_cure(service: Service) -> None:
    status, text = service.get("/who", {"Host": "rebound.example"})
    assert status == 421
    assert "server_names" in json.loads(text)["detail"]
    assert service.get("/who", {"Host": "deck.example"})[0] == 200


def test_own_names_and_addresses_are_answered() -> None:
    names = Names(["deck.example"])
    own = socket.gethostname().partition(".")[0]
    for host in ("localhost:9090", "192.0.2.1", "[2001:db8::1]:9090", "Deck.Example:9090", own, f"{own}.lan:9090"):
        assert names.allows(host), host
    for host in ("", "evil.example", "evil.example:9090", "localhost.evil.example"):
        assert not names.allows(host), host


def test_sizes_of_polled_messages_are_bounded(service: Service) -> None:
    base = {"Cookie": "sid=good", "Origin": f"https://localhost:{service.port}"}
    _, text = service.get("/socket.io/?EIO=4&transport=polling", base)
    sid = json.loads(text[1:])["sid"]
    connection = service.connection()
    connection.request("POST", f"/socket.io/?EIO=4&transport=polling&sid={sid}", b"4" * 2**20, base)
    assert connection.getresponse().status == 413
