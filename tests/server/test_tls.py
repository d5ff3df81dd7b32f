"""What the TLS front gives, and what it does not put up with."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from quarterdeck.server import certificate, tls

from ..waiting import PATIENCE_SECONDS, until
from .conftest import Service


def test_plain_http_is_sent_to_https_on_the_same_port(service: Service) -> None:
    connection = http.client.HTTPConnection("localhost", service.port)
    connection.request("GET", "/domains?state=running")
    answer = connection.getresponse()
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://localhost:{service.port}/domains?state=running"


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", b"GET //x\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"\x80\x00 nonsense"],
)
def test_plain_request_cannot_write_headers_of_the_redirect(request_: bytes) -> None:
    header, _, body = tls.redirect(request_).partition(b"\r\n\r\n")
    assert header.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Type: application/problem+json" in header
    assert json.loads(body)["type"] == "/problems/bad-request"


def test_application_sees_who_is_connected_also_on_a_kept_connection(service: Service) -> None:
    connection = service.connection()
    for _ in range(3):
        connection.request("GET", "/who", headers={"X-Forwarded-For": "6.6.6.6"})
        answer = connection.getresponse().read()
        assert b'"address":"127.0.0.1"' in answer
        assert b'"forwarded":null' in answer
        assert f"https://localhost:{service.port}/who".encode() in answer


def test_silent_and_half_handshakes_do_not_hinder_others(service: Service) -> None:
    attackers = [service.plain() for _ in range(50)]
    for attacker in attackers[25:]:
        attacker.sendall(b"\x16\x03\x01\x02\x00")
    started = time.monotonic()
    assert service.get("/who")[0] == 200
    assert time.monotonic() - started < tls.Limits.handshake
    for attacker in attackers:
        attacker.close()


def test_one_address_cannot_hold_more_than_its_share_of_waiting_connections(service: Service) -> None:
    held = [service.plain() for _ in range(tls.Limits.waiting_per_address)]
    until(lambda: closed(service.plain()))
    for connection in held:
        connection.close()
    until(lambda: can_get(service))


def closed(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    finally:
        connection.close()


def can_get(service: Service) -> bool:
    try:
        return service.get("/who")[0] == 200
    except OSError:
        return False


def test_header_that_never_ends_is_cut(service: Service) -> None:
    connection = service.secure()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    try:
        while True:
            connection.sendall(b"X-Fill: " + b"a" * 8000 + b"\r\n")
    except OSError:
        pass
    assert service.get("/who")[0] == 200


def test_new_certificate_is_served_after_sighup_and_open_connections_live_on(own_service: Service) -> None:
    before = own_service.connection()
    before.request("GET", "/who")
    before.getresponse().read()
    old = ssl.get_server_certificate(("localhost", own_service.port))
    made = certificate.make(Path(own_service.folder, "other"), ("deck.example",))
    made.certificate.rename(own_service.tls / "deck.crt")
    made.key.rename(own_service.tls / "deck.key")
    own_service.front.send_signal(signal.SIGHUP)
    until(lambda: ssl.get_server_certificate(("localhost", own_service.port)) != old)
    before.request("GET", "/who")
    assert before.getresponse().status == 200


def test_download_to_a_slow_reader_costs_no_memory(own_service: Service) -> None:
    connection = own_service.connection()
    connection.request("GET", "/big/256", headers={"Cookie": "sid=good"})
    answer = connection.getresponse()
    answer.read(1)
    before = own_service.memory_mib(own_service.front)
    assert own_service.get("/who")[0] == 200
    assert own_service.memory_mib(own_service.front) - before < 16
    assert len(answer.read()) == 256 * 2**20 - 1
    assert own_service.memory_mib(own_service.front) - before < 32


def test_front_says_so_while_the_web_process_is_away(own_service: Service) -> None:
    own_service.web.send_signal(signal.SIGTERM)
    own_service.web.wait(PATIENCE_SECONDS)
    status, body = own_service.get("/who")
    assert (status, json.loads(body)["type"]) == (503, "/problems/starting")
    own_service.start_web()
    until(lambda: own_service.get("/who")[0] == 200)


def test_front_stops_quickly_with_connections_open(own_service: Service) -> None:
    idle = [own_service.secure() for _ in range(5)]
    started = time.monotonic()
    own_service.front.send_signal(signal.SIGTERM)
    assert own_service.front.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - started < tls.Limits.header
    assert idle[0].recv(1) == b""


def test_self_signed_certificate_names_this_host_and_its_key_is_private(tmp_path: Path) -> None:
    pair = certificate.ensure(tmp_path, ("deck.example", "192.0.2.7"))
    text = subprocess.check_output(["openssl", "x509", "-noout", "-text", "-in", pair.certificate], text=True)
    for name in (
        "DNS:localhost",
        f"DNS:{socket.gethostname()}",
        "IP Address:127.0.0.1",
        "DNS:deck.example",
        "IP Address:192.0.2.7",
    ):
        assert name in text
    assert "id-ecPublicKey" in text
    assert pair.key.stat().st_mode & 0o777 == 0o600
    assert certificate.ensure(tmp_path).certificate.stat().st_mtime == pair.certificate.stat().st_mtime


def test_certificate_near_its_end_is_renewed_unless_it_is_the_administrators(tmp_path: Path) -> None:
    pair = certificate.ensure(tmp_path)
    ending = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "20",
    ]
    subprocess.run(
        [*ending, "-subj", "/CN=old", "-keyout", pair.key, "-out", pair.certificate], check=True, capture_output=True
    )
    old = pair.certificate.read_bytes()
    assert certificate.ensure(tmp_path).certificate.read_bytes() != old
    (tmp_path / "host.crt").write_bytes(old)
    (tmp_path / "host.key").write_bytes(pair.key.read_bytes())
    assert certificate.ensure(tmp_path).certificate == tmp_path / "host.crt"
    assert (tmp_path / "host.crt").read_bytes() == old


def test_addresses_are_told_plainly() -> None:
    assert tls.plain_address(("::ffff:192.0.2.1", 5, 0, 0)) == ("192.0.2.1", 5)
    assert tls.plain_address(("fe80::1%eth0", 5, 0, 2)) == ("fe80::1", 5)
    assert tls.proxy_line(("2001:db8::1", 5), ("2001:db8::2", 9090)) == b"PROXY TCP6 2001:db8::1 2001:db8::2 5 9090\r\n"
