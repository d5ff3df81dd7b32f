"""`quarterdeck doctor` says what is wrong with a host, and the cure."""

from __future__ import annotations

from pathlib import Path

from quarterdeck.server import certificate

from ..deck import Deck

HOST = Path(__file__).parents[1] / "hosts/demo.xml"


def examine(deck: Deck) -> tuple[int, str]:
    done = deck.command("doctor")
    return done.returncode, done.stdout + done.stderr


def test_host_that_lacks_something_is_told_the_cures(tmp_path: Path) -> None:
    uri = f"qemu:///system?socket={tmp_path}/none"
    status, said = examine(Deck(tmp_path, {"local_uri": uri, "administrator_groups": "nobodies"}))
    assert status == 1
    assert ["look", "libvirt"] in [line.split()[:2] for line in said.splitlines()]
    assert "usermod -aG nobodies NAME" in said
    assert "systemctl start quarterdeck.target" in said


def test_host_that_serves_is_good(tmp_path: Path) -> None:
    deck = Deck(tmp_path, {"demo": "true", "local_uri": f"test://{HOST}"}).start()
    _status, said = examine(deck)
    deck.stop()
    good = {line.split()[1] for line in said.splitlines() if line.startswith("good")}
    assert {"libvirt", "KVM", "storage", "networks", "people", "qemu-img", "systems", "certificate", "service"} <= good


def test_certificate_that_cannot_be_read_is_renewed(tmp_path: Path) -> None:
    pair = certificate.make(tmp_path)
    assert certificate.ends(pair.certificate) is not None
    pair.certificate.write_text("")
    assert certificate.ends(pair.certificate) is None
    assert certificate.ends(certificate.ensure(tmp_path).certificate) is not None
