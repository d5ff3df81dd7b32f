"""A host reached by TLS, with certificates of an authority made for the test; its machines' consoles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.host import BedHost
from tests.qemu.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def serving(bed: Bed, authority: Authority) -> Iterator[BedHost]:
    """Host b, whose libvirtd takes TLS connections of those that have a certificate of the authority."""
    host = bed.b
    folder, file = host.space.folder / "etc/pki", host.space.folder / "etc/libvirtd.conf"
    authority.issue(folder, "server", host.name, f"DNS:{host.name},IP:{host.address}")
    before = file.read_text()
    lines = [
        f'{name} = "{folder / path}"'
        for name, path in (("ca_file", "cacert.pem"), ("cert_file", "servercert.pem"), ("key_file", "serverkey.pem"))
    ]
    file.write_text("\n".join([before.replace("listen_tls = 0", "listen_tls = 1"), *lines, ""]))
    host.stop_libvirtd()
    host.start_libvirtd()
    yield host
    file.write_text(before)
    host.stop_libvirtd()
    host.start_libvirtd()


def deck_with(bed: Bed, folder: Path, certificates: Path) -> Deck:
    settings = {"local_uri": bed.a.local_uri, "demo": "true", "host_certificate_dir": str(certificates)}
    made = Deck(folder, settings).start()
    assert made.login("demo", "demo").status == 200
    return made


def added(deck: Deck, host: BedHost) -> Any:
    answer = deck.ask("POST", "/hosts", {"name": "b", "transport": "tls", "address": host.address})
    assert answer.status == 201, answer.json
    wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] in ("connected", "refused", "lost"))
    return deck.ask("GET", "/hosts/b").json


def test_host_with_fitting_certificates_connects_and_shows_its_consoles(
    bed: Bed, serving: BedHost, authority: Authority, tmp_path: Path
) -> None:
    authority.issue(tmp_path / "own", "client", "quarterdeck", "DNS:quarterdeck")
    near = serving.define(bed.guest_xml("near"), start=True)
    xml = bed.guest_xml("seen").replace('type="vnc"', f'type="vnc" listen="{serving.address}" passwd="secret"')
    seen = serving.define(xml, start=True)
    deck = deck_with(bed, tmp_path, tmp_path / "own")
    try:
        assert added(deck, serving)["state"] == "connected"
        refused = deck.ask("POST", f"/hosts/b/domains/{near}/consoles", {"type": "vnc"})
        assert (refused.status, "SSH" in refused.json["cure"]) == (409, True)
        assert deck.console("b", seen).read(12) == b"RFB 003.008\n"
        serial = deck.console("b", near, "serial")
        serial.send(b"\r")
        serial.read_until(b"# ")
        lines = viewer_file(deck, seen)
        assert {f"host={serving.address}", "password=secret", "type=vnc"} <= set(lines)
    finally:
        deck.stop()


def viewer_file(deck: Deck, uuid: str) -> list[str]:
    status, _headers, body = deck.raw("GET", f"/hosts/b/domains/{uuid}/consoles/vv")
    assert status == 200, body
    return body.decode().splitlines()


def test_host_of_another_authority_is_refused_in_words(bed: Bed, serving: BedHost, tmp_path: Path) -> None:
    Authority(tmp_path / "other").issue(tmp_path / "own", "client", "quarterdeck", "DNS:quarterdeck")
    deck = deck_with(bed, tmp_path, tmp_path / "own")
    try:
        host = added(deck, serving)
        assert host["state"] == "refused"
        assert "authority" in host["problem"]["detail"], host["problem"]
    finally:
        deck.stop()


def test_host_whose_certificate_has_another_name_is_refused_in_words(
    bed: Bed, serving: BedHost, authority: Authority, tmp_path: Path
) -> None:
    authority.issue(tmp_path / "own", "client", "quarterdeck", "DNS:quarterdeck")
    authority.issue(serving.space.folder / "etc/pki", "server", "elsewhere", "DNS:elsewhere.example")
    serving.stop_libvirtd()
    serving.start_libvirtd()
    deck = deck_with(bed, tmp_path, tmp_path / "own")
    try:
        host = added(deck, serving)
        assert host["state"] == "refused"
        assert "name" in host["problem"]["detail"], host["problem"]
    finally:
        deck.stop()


def test_missing_certificate_is_told_with_the_folder(
    bed: Bed, serving: BedHost, authority: Authority, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "cacert.pem").write_bytes(authority.certificate.read_bytes())
    deck = deck_with(bed, tmp_path, own)
    try:
        host = added(deck, serving)
        assert host["state"] == "refused"
        assert "host_certificate_dir" in host["problem"]["cure"], host["problem"]
    finally:
        deck.stop()
