"""The Debian package in a clean Debian: installs, serves, lets a person of that system in, and goes without a trace."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.packaging.conftest import Clean
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.qemu
PASSWORD = "Right-in-the-clean-one"


@pytest.fixture
def deck(clean: Clean, tmp_path: Path) -> Iterator[Deck]:
    """The installed service on libvirt's test driver."""
    deck = Deck(tmp_path)
    environ = {"QUARTERDECK_LOCAL_URI": "test:///default", "QUARTERDECK_PORT": str(deck.port)}
    deck.log = (tmp_path / "log.txt").open("w")
    line = clean.line("quarterdeck", "serve", **environ)
    deck.process = subprocess.Popen(line, stdout=deck.log, stderr=deck.log)
    until(lambda: "Ctrl-C ends it" in deck.output or deck.process.poll() is not None, 2 * PATIENCE_SECONDS)
    assert deck.process.poll() is None, deck.output[-2000:]
    yield deck
    assert deck.stop() == 0


def test_person_of_that_system_logs_in_and_sees_its_machines(clean: Clean, deck: Deck) -> None:
    clean.run("useradd", "--groups", "libvirt", "keeper")
    clean.run("chpasswd", text=f"keeper:{PASSWORD}\n")
    assert deck.login("keeper", "wrong").status == 401
    assert deck.login("keeper", PASSWORD).json["role"] == "administrator"
    assert [d["name"] for d in deck.ask("GET", "/hosts/local/domains").json] == ["test"]


def test_page_and_manual_come_along(clean: Clean, deck: Deck) -> None:
    page = clean.folder / "usr/lib/quarterdeck/quarterdeck/static/index.html"
    assert "<title>Quarterdeck</title>" in page.read_text()
    assert (clean.folder / "usr/share/man/man1/quarterdeck.1.gz").exists()


def test_files_belong_to_whom_they_should(clean: Clean) -> None:
    owners = clean.run(
        "stat",
        "-c",
        "%U:%G %a",
        "/var/lib/quarterdeck",
        "/etc/quarterdeck/tls",
        "/etc/quarterdeck/tls/0-self-signed.key",
    )
    assert owners.splitlines() == [
        "quarterdeck:quarterdeck 700",
        "root:quarterdeck-tls 750",
        "root:quarterdeck-tls 640",
    ]
    assert "libvirt" in clean.run("id", "-Gn", "quarterdeck").split()
    assert clean.run("id", "-Gn", "quarterdeck-tls").split() == ["quarterdeck-tls"]


def test_units_are_understood_there(clean: Clean) -> None:
    enabled = clean.folder / "etc/systemd/system/multi-user.target.wants/quarterdeck.target"
    assert enabled.is_symlink()


def test_purge_leaves_nothing(clean: Clean) -> None:
    clean.run("apt-get", "purge", "-q", "-y", "quarterdeck")
    for path in ("usr/lib/quarterdeck", "etc/quarterdeck", "var/lib/quarterdeck", "etc/pam.d/quarterdeck"):
        assert not (clean.folder / path).exists(), path
