"""Logins against the real PAM of this host, with accounts that are made for the test."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from quarterdeck.server.supervise import STOP_SECONDS
from quarterdeck.web.authentication import HelperAuthenticator, Verdict
from tests.deck import Deck
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.usefixtures("as_root")
PASSWORD = "Right-" + secrets.token_hex(6)


@dataclass
class Account:
    name: str

    def change(self, *words: str) -> None:
        subprocess.run([*words, self.name], check=True, capture_output=True)


@contextmanager
def system_account() -> Iterator[Account]:
    made = Account("qdtest" + secrets.token_hex(3))
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", made.name], check=True)
    subprocess.run(["chpasswd"], input=f"{made.name}:{PASSWORD}", text=True, check=True)
    yield made
    subprocess.run(["userdel", made.name], check=False, capture_output=True)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """A system account in no group that Quarterdeck knows."""
    with system_account() as made:
        yield made


@pytest.fixture
def changed() -> Iterator[Account]:
    """Another one, for a test that changes it."""
    with system_account() as made:
        yield made


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelperAuthenticator]:
    """The login socket with its helpers, without systemd."""
    folder = tmp_path_factory.mktemp("run")
    path = folder / "auth.sock"
    environ = {
        "QUARTERDECK_RUN_DIR": str(folder),
        "QUARTERDECK_CONFIG": "/dev/null",
        "PATH": "/usr/sbin:/usr/bin:/bin",
    }
    process = subprocess.Popen([sys.executable, "-m", "quarterdeck.cli", "auth"], env=environ)
    until(path.exists)
    until(lambda: connects(path))
    yield HelperAuthenticator(path)
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_right_password_lets_in(helper: HelperAuthenticator, account: Account) -> None:
    assert helper.attempt(account.name, PASSWORD, "192.0.2.1") == Verdict(account.name)


def test_wrong_passwords_and_names_that_are_no_accounts_do_not(helper: HelperAuthenticator, account: Account) -> None:
    names = ("no-such-account", "-o", "a b", "a\nb", "", "root\0", "../x", "a" * 300)
    attempts = [(name, PASSWORD) for name in names]
    attempts += [(account.name, password) for password in ("wrong", "", "x" * 4000, PASSWORD + "\0")]
    with ThreadPoolExecutor(4) as at_once:  # each takes its two seconds
        verdicts = at_once.map(lambda attempt: helper.attempt(*attempt, "192.0.2.1"), attempts)
        assert dict(zip(attempts, verdicts, strict=True)) == dict.fromkeys(attempts, Verdict(None, "credentials"))


def test_locked_account_looks_like_a_wrong_password(helper: HelperAuthenticator, changed: Account) -> None:
    changed.change("passwd", "--lock")
    assert helper.attempt(changed.name, PASSWORD, "192.0.2.1") == Verdict(None, "credentials")


def test_expired_account_is_told_to_who_knows_the_password(helper: HelperAuthenticator, changed: Account) -> None:
    changed.change("chage", "--expiredate", "2020-01-01")
    assert helper.attempt(changed.name, PASSWORD, "192.0.2.1").why == "expired"
    assert helper.attempt(changed.name, "wrong", "192.0.2.1").why == "credentials"


def test_password_that_must_be_changed_is_told(helper: HelperAuthenticator, changed: Account) -> None:
    changed.change("chage", "--lastday", "0")
    assert helper.attempt(changed.name, PASSWORD, "192.0.2.1").why == "password-change"


def test_helper_knows_who_asks_and_answers_nobody_else() -> None:
    ask = (
        "import os, socket; from quarterdeck.server import auth_helper as h; os.setuid(65534); "
        "a, b = socket.socketpair(); h.serve(a, {0}); print(b.recv(100).decode())"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert "peer" in done.stdout


@contextmanager
def service_of_root(account: Account) -> Iterator[Deck]:
    # pytest's own folders are closed to other accounts
    with tempfile.TemporaryDirectory() as folder:
        deck = Deck(Path(folder), {"local_uri": "test:///default", "viewer_groups": account.name}).start()
        yield deck
        deck.stop()


@pytest.fixture(scope="module")
def deck(account: Account) -> Iterator[Deck]:
    """The whole service, started by root, on the test driver; the account may look."""
    with service_of_root(account) as deck:
        yield deck


@pytest.fixture
def ending(account: Account) -> Iterator[Deck]:
    """Another one, for a test that ends it."""
    with service_of_root(account) as deck:
        yield deck


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def part(deck: Deck, word: str) -> int:
    """The process of a part, by a word of its command line."""
    found = {p for p in children(deck.process.pid) if word in Path(f"/proc/{p}/cmdline").read_text().split("\0")}
    assert len(found) == 1, word
    return found.pop()


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_person_logs_in_to_a_service_whose_web_process_is_not_root(deck: Deck, account: Account) -> None:
    answer = deck.login(account.name, PASSWORD)
    assert answer.status == 200, answer.json
    assert answer.json["role"] == "viewer"
    assert user_of(part(deck, "auth_helper")) == 0
    web, front = user_of(part(deck, "quarterdeck.server.web_process")), user_of(part(deck, "quarterdeck.server.tls"))
    assert 0 not in (web, front)
    assert user_of(part(deck, "job_runner")) == web
    assert web != front


def test_wrong_password_takes_as_long_as_an_unknown_name(deck: Deck, account: Account) -> None:
    for name in (account.name, "no-such-account"):
        started = time.monotonic()
        answer = deck.login(name, "wrong")
        assert answer.status == 401
        assert answer.json["detail"] == "The name or the password is not right."
        assert time.monotonic() - started >= 2


def test_root_and_people_without_group_are_told_why(deck: Deck, account: Account) -> None:
    assert "root" in deck.login("root", "x").json["detail"]
    other = deck.command("token", "create", "--user", "nobody")
    assert other.returncode == 1
    assert account.name in other.stderr


def test_token_from_the_command_line_works_at_once(deck: Deck, account: Account) -> None:
    token = deck.command("token", "create", "--user", account.name, "--role", "viewer", "--quiet").stdout.strip()
    answer = deck.ask("GET", "/session", Authorization=f"Bearer {token}")
    assert answer.json["user"] == account.name
    assert answer.json["role"] == "viewer"
    assert deck.command("token", "revoke", token.split("_")[1]).returncode == 0
    assert deck.ask("GET", "/session", Authorization=f"Bearer {token}").status == 401


def test_part_that_dies_comes_back_and_sessions_live_on(deck: Deck, account: Account) -> None:
    deck.login(account.name, PASSWORD)
    web = part(deck, "quarterdeck.server.web_process")
    subprocess.run(["kill", "-9", str(web)], check=True)
    until(lambda: web not in children(deck.process.pid))
    until(lambda: deck.ask("GET", "/session").status == 200)


def test_ctrl_c_ends_all_parts_and_the_port_is_free(ending: Deck) -> None:
    parts = children(ending.process.pid)
    assert len(parts) == 5
    started = time.monotonic()
    assert ending.stop() == 0
    assert time.monotonic() - started < STOP_SECONDS
    assert not any(Path(f"/proc/{p}").exists() for p in parts)
    socket.create_server(("127.0.0.1", ending.port)).close()


@pytest.fixture
def personal(account: Account) -> Iterator[Deck]:
    """The service started by a person who is not root, but may use sudo."""
    allowed = Path("/etc/sudoers.d") / account.name
    allowed.write_text(f"{account.name} ALL=(ALL) NOPASSWD: ALL\n")
    entry = pwd.getpwnam(account.name)
    words = json.dumps({"uid": entry.pw_uid, "gid": entry.pw_gid, "groups": []})
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        settings = {"local_uri": "test:///default", "viewer_groups": account.name}
        prefix = [sys.executable, "-m", "quarterdeck.server.launch", words]
        deck = Deck(Path(folder), settings, prefix=prefix).start()
        yield deck
        deck.stop()
    allowed.unlink()


def test_person_without_root_serves_as_themselves_and_only_the_helper_is_root(personal: Deck, account: Account) -> None:
    assert personal.login(account.name, PASSWORD).status == 200
    own = pwd.getpwnam(account.name).pw_uid
    assert user_of(part(personal, "quarterdeck.server.web_process")) == own
    assert user_of(part(personal, "quarterdeck.server.tls")) == own
    sudo = part(personal, "sudo")
    (listener,) = children(sudo)
    assert user_of(listener) == 0
    assert personal.stop() == 0
    until(lambda: not Path(f"/proc/{listener}").exists())


def test_nothing_is_left_when_the_supervisor_is_killed(ending: Deck) -> None:
    parts = children(ending.process.pid)
    ending.process.kill()
    ending.process.wait()
    until(lambda: not any(Path(f"/proc/{p}").exists() for p in parts))


def test_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        deck = Deck(tmp_path, {"demo": "true", "local_uri": "test:///default"}, port=taken.getsockname()[1])
        done = deck.command("serve")
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "--port" in done.stderr
