"""The package in a Debian that systemd boots: units, sandbox and sockets, with a real libvirtd and real accounts."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.file_server import FileServer
from tests.packaging.conftest import Clean
from tests.server.conftest import free_port
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.qemu
PASSWORD = "Right-in-the-booted-one"
SIZE = 8 << 20
POOL = "<pool type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path></target></pool>"


@dataclass
class Booted:
    """A running container and the service in it."""

    leader: int
    deck: Deck

    def run(self, *command: str, text: str | None = None, check: bool = True) -> str:
        line = ["nsenter", "-t", str(self.leader), "-m", "-p", "-i", "-u", "-C", *command]
        done = subprocess.run(line, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout.strip()

    def show(self, unit: str, value: str) -> str:
        return self.run("systemctl", "show", "--value", f"--property={value}", unit)

    def running(self, pattern: str) -> list[str]:
        lines = self.run("systemctl", "list-units", "--plain", "--no-legend", "--state=running", pattern)
        return [line.split()[0] for line in lines.splitlines()]


@pytest.fixture(scope="module")
def booted(clean: Clean, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    folder = tmp_path_factory.mktemp("booted")
    (folder / "log.txt").touch()
    deck = Deck(folder, port=free_port())
    port = clean.folder / "etc/systemd/system/quarterdeck-tls.socket.d/port.conf"
    port.parent.mkdir(parents=True, exist_ok=True)
    port.write_text(f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{deck.port}\n")
    settings = clean.folder / "etc/quarterdeck/quarterdeck.toml"
    allowed = 'download_allow = ["127.0.0.1/32"]\n'
    settings.write_text(allowed + settings.read_text().removeprefix(allowed))
    # neither registered with a machined nor moved to another cgroup: there may be no systemd here
    words = ["--quiet", "--register=no", "--keep-unit", "--capability=all", "--console=pipe", "--boot"]
    with (folder / "boot.txt").open("w") as log:
        line = ["systemd-nspawn", *words, "--directory", str(clean.folder)]
        container = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: first_process(container) or container.poll() is not None)
        assert container.poll() is None, (folder / "boot.txt").read_text()[-3000:]
        made = Booted(first_process(container), deck)
        until(
            lambda: made.run("systemctl", "is-system-running", check=False) in ("running", "degraded"),
            3 * PATIENCE_SECONDS,
        )
        made.run("useradd", "--groups", "libvirt", "booter")
        made.run("chpasswd", text=f"booter:{PASSWORD}\n")
        yield made
    finally:
        if container.poll() is None:
            os.kill(first_process(container), signal.SIGRTMIN + 3)  # systemd's word for: halt
            container.wait(PATIENCE_SECONDS)


def first_process(container: subprocess.Popen[bytes]) -> int:
    """The container's first process as it is numbered here; 0 before there is one.

    For a moment systemd-nspawn has a child outside of the container, which ends when it has forked the first process.
    """
    for child in Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError):
            if re.search(r"^NSpid:.*\t1$", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
                return int(child)
    return 0


@pytest.fixture
def deck(booted: Booted) -> Deck:
    assert booted.deck.login("booter", PASSWORD).status == 200
    until(lambda: booted.deck.ask("GET", "/hosts/local").json["state"] == "connected")
    return booted.deck


def test_all_units_start_and_none_fails(booted: Booted, deck: Deck) -> None:
    assert booted.run("systemctl", "--failed", "--plain", "--no-legend") == ""
    units = {"quarterdeck-tls.service", "quarterdeck-web.service"}
    # The helper of the login just now may not have ended yet.
    until(lambda: set(booted.running("quarterdeck-*.service")) == units)
    assert booted.show("quarterdeck-web.service", "NRestarts") == "0"


def test_account_of_the_system_logs_in_through_the_socket(booted: Booted) -> None:
    assert booted.deck.login("booter", "wrong").status == 401
    assert booted.deck.login("booter", PASSWORD).json["role"] == "administrator"
    assert "login of 'booter'" in booted.run("journalctl", "--no-pager", "-u", "quarterdeck-auth@*")


def test_sandboxed_web_process_works_with_libvirt(booted: Booted, deck: Deck) -> None:
    booted.run("tee", "/root/pool.xml", text=POOL)
    booted.run("virsh", "pool-define", "/root/pool.xml")
    booted.run("virsh", "pool-start", "default")
    made = deck.ask("POST", "/hosts/local/pools/default/volumes", {"name": "new.qcow2", "size_gib": 1})
    assert made.status == 201, made.json
    web = booted.show("quarterdeck-web.service", "MainPID")
    assert booted.run("nsenter", "-t", web, "-n", "ls", "/sys/class/net") != ""
    own = booted.run("readlink", f"/proc/{web}/ns/net")
    assert own != booted.run("readlink", "/proc/1/ns/net"), "it has the network of the host"


def test_download_outlives_a_restart_of_the_page(booted: Booted, deck: Deck) -> None:
    with FileServer(os.urandom(SIZE), hold=SIZE // 2).running() as server:
        begun = deck.ask("POST", "/hosts/local/pools/default/volumes", {"url": server.url("/big.img")})
        assert begun.status == 202, begun.json
        job = f"/jobs/{begun.json['id']}"
        until(lambda: deck.ask("GET", job).json["details"].get("received_bytes", 0) >= SIZE // 2)
        (runner,) = booted.running("quarterdeck-download@*")
        booted.run("systemctl", "restart", "quarterdeck.target")
        until(lambda: answers(deck))
        assert booted.running("quarterdeck-download@*") == [runner]
        server.go_on.set()
        until(lambda: deck.ask("GET", job).json["state"] == "done")
        assert booted.run("sha256sum", "/var/lib/libvirt/images/big.img").split()[0] in str(deck.ask("GET", job).json)
    assert booted.run("systemctl", "--failed", "--plain", "--no-legend") == ""
    assert booted.show("quarterdeck-web.service", "NRestarts") == "0"


def answers(deck: Deck) -> bool:
    try:
        return deck.login("booter", PASSWORD).status == 200
    except (OSError, AssertionError):
        return False


def test_locking_is_switched_on_by_the_page_and_off_by_a_command_and_systemd_restarts_libvirt_for_it(
    booted: Booted, deck: Deck
) -> None:
    """The web process may neither read nor write libvirt's settings: a helper does."""
    at, before = "/hosts/local/locking", booted.show("libvirtd.service", "MainPID")
    seen = deck.ask("GET", at).json
    assert (seen["manager"], seen["changeable"]) == ("none", True), seen
    plan = deck.ask("POST", f"{at}?dry_run=true", {"manager": "lockd"})
    assert '+lock_manager = "lockd"' in plan.json["file_diff"], plan.json
    assert booted.show("libvirtd.service", "MainPID") == before
    done = deck.ask("POST", at, {"manager": "lockd"})
    assert (done.json.get("manager"), done.json.get("in_force")) == ("lockd", True), done.json
    assert "asked by the page: quarterdeck locking enable" in booted.run(
        "journalctl", "--no-pager", "-u", "quarterdeck-lock@*"
    )
    assert booted.show("libvirtd.service", "MainPID") not in ("0", before)
    assert "G_SLICE=always-malloc" in booted.show("libvirtd.service", "Environment")
    assert booted.show("virtlockd.socket", "ActiveState") == "active"
    assert booted.run("quarterdeck", "locking", "status").startswith("lockd")
    until(lambda: booted.deck.ask("GET", "/hosts/local").json["state"] == "connected")
    booted.run("quarterdeck", "locking", "disable", "--yes")
    assert "G_SLICE" not in booted.show("libvirtd.service", "Environment")
    assert booted.run("quarterdeck", "locking", "status").startswith("none")
    assert booted.run("systemctl", "--failed", "--plain", "--no-legend") == ""
    until(lambda: booted.deck.ask("GET", "/hosts/local").json["state"] == "connected")


def test_web_process_that_is_killed_comes_back(booted: Booted, deck: Deck) -> None:
    before = booted.show("quarterdeck-web.service", "MainPID")
    booted.run("systemctl", "kill", "--signal=KILL", "quarterdeck-web.service")
    until(lambda: booted.show("quarterdeck-web.service", "MainPID") not in ("0", before))
    until(lambda: answers(deck))
