"""The login helper: root, one connection, one attempt, one JSON line each way, and out.

The web process may not check passwords of other accounts, and should not be able to. It tells this helper
name, password and the caller's address; the helper tells the canonical name, or in one word why not.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import pam

NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,127}\$?")
QUESTION_BYTES = 16 * 1024
PASSWORD_LENGTH = 4096
PATIENCE_SECONDS = 20
OWN_SERVICE = Path("/etc/pam.d/quarterdeck")
ACCOUNT_WORDS = {pam.EXPIRED: "expired", pam.PASSWORD_CHANGE: "password-change"}


def service() -> str:
    """The PAM service to ask.

    Without our own file it is `login`, which asks for as much as the text console of this host does. Services such as
    `su` let root in without a password, and we are root here; `other` refuses everybody on some systems.
    """
    return "quarterdeck" if OWN_SERVICE.exists() else "login"


def peer(connection: socket.socket) -> int:
    """The numeric account at the other end."""
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(uid)


def allowed() -> set[int]:
    """Who may ask: root, and the account of the web process."""
    found = {0}
    with contextlib.suppress(KeyError):
        found.add(pwd.getpwnam(os.environ.get("QUARTERDECK_WEB_USER", "quarterdeck")).pw_uid)
    return found


def judge(question: bytes) -> dict[str, Any]:
    """The answer to one question."""
    try:
        asked = json.loads(question)
        user, password, address = (str(asked[key]) for key in ("user", "password", "address"))
    except (ValueError, KeyError, TypeError):
        return {"ok": False, "why": "syntax"}
    if not NAME.fullmatch(user) or "\0" in password + address or len(password) > PASSWORD_LENGTH:
        return {"ok": False, "why": "credentials"}
    result = pam.Attempt(service()).run(user, password, address)
    answer = {"ok": True, "user": result.user} if result.user else {"ok": False, "why": reason(result)}
    print(f"login of {user!r} from {address[:64]!r}: {answer.get('why', 'ok')}", file=sys.stderr)
    return answer


def reason(result: pam.Result) -> str:
    """In one word why an account may not log in; more than `credentials` only after the right password."""
    if result.stage != "account":
        return "credentials"
    if any(Path(folder, "nologin").exists() for folder in ("/etc", "/run")):
        return "nologin"
    # Debian's stack turns the code of an expired account into a plain refusal, but lets the words through
    if any("account has expired" in words for words in result.words):
        return "expired"
    return ACCOUNT_WORDS.get(result.code, "not-allowed")


def serve(connection: socket.socket, may_ask: set[int], answer: Callable[[bytes], dict[str, Any]] = judge) -> None:
    """Answer the one question on this connection."""
    connection.settimeout(PATIENCE_SECONDS)
    if peer(connection) not in may_ask:
        connection.sendall(b'{"ok": false, "why": "peer"}\n')
        return
    question = b""
    while not question.endswith(b"\n"):
        part = connection.recv(4096)
        if not part or len(question) > QUESTION_BYTES:
            return
        question += part
    connection.sendall(json.dumps(answer(question)).encode() + b"\n")


def main(answer: Callable[[bytes], dict[str, Any]] = judge) -> None:
    """Serve the connection that systemd or the listener put on descriptor 0."""
    os.environ["LC_ALL"] = "C"  # PAM's words are looked at, and those of programs
    with socket.socket(fileno=os.dup(0)) as connection, contextlib.suppress(OSError):
        serve(connection, allowed(), answer)


if __name__ == "__main__":
    main()
