"""Asking the login helper, which alone may check the passwords of system accounts."""

from __future__ import annotations

import json
import logging
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..problems import Problem

log = logging.getLogger(__name__)
ANSWER_SECONDS = 30.0
ANSWER_BYTES = 65536

WORDS = {
    "expired": ("The account has expired.", "Ask an administrator of the host to extend it (chage)."),
    "password-change": (
        "The password must be changed first.",
        "Log in to the host itself, by ssh or at its screen, and set a new one.",
    ),
    "nologin": ("The host lets nobody in just now.", "It says so in /etc/nologin or /run/nologin."),
    "not-allowed": ("The account may not log in here.", "The host's PAM rules refuse it."),
}
"""What is told to somebody whose password was right. Everything else stays the same for all."""


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt: the canonical account name, or in one word why not."""

    name: str | None
    why: str = ""


class Authenticator(Protocol):
    """Checks a name and a password."""

    def attempt(self, name: str, password: str, address: str) -> Verdict:
        """The verdict. Raises Problem `internal` when nobody can check."""


class HelperAuthenticator:
    """Asks the helper behind a UNIX socket: one connection, one attempt, one JSON line each way."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def attempt(self, name: str, password: str, address: str) -> Verdict:
        """The helper's verdict."""
        question = json.dumps({"user": name, "password": password, "address": address}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as helper:
                helper.settimeout(ANSWER_SECONDS)
                helper.connect(str(self._path))
                helper.sendall(question)
                answer = json.loads(_line(helper))
        except (OSError, ValueError) as error:
            log.error("the login helper at %s does not answer: %s", self._path, error)
            raise Problem(
                "internal",
                "The login helper does not answer, so nobody can log in just now.",
                cure="On the host: systemctl status quarterdeck-auth.socket, or start quarterdeck serve with sudo.",
            ) from error
        if answer.get("ok"):
            return Verdict(str(answer["user"]))
        return Verdict(None, str(answer.get("why", "credentials")))


class DemoAuthenticator:
    """Knows one account: demo with the password demo."""

    def attempt(self, name: str, password: str, address: str) -> Verdict:
        """The verdict."""
        return Verdict("demo") if (name, password) == ("demo", "demo") else Verdict(None, "credentials")


def _line(helper: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n") and len(received) < ANSWER_BYTES:
        part = helper.recv(4096)
        if not part:
            break
        received += part
    return received
