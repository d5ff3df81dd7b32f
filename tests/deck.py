"""The whole service as processes of its own, as `quarterdeck serve` starts it, and a client like a script."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockify.websocket import WebSocket, WebSocketWantReadError

from tests.server.conftest import free_port
from tests.waiting import PATIENCE_SECONDS, ended, reached, until


@dataclass
class Answer:
    status: int
    json: Any
    headers: http.client.HTTPMessage


@dataclass
class Deck:
    """A service with folders and a port of its own. `settings` become QUARTERDECK_* variables."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    prefix: list[str] = field(default_factory=list)
    """Starts the command that follows it, under another account for instance."""
    address: str = "127.0.0.1"
    cookie: str = ""
    csrf: str = ""

    @property
    def environ(self) -> dict[str, str]:
        own = {name: str(self.folder / name) for name in ("run_dir", "state_dir", "log_dir", "certificate_dir")}
        given = {"config": os.devnull, "address": self.address, "port": str(self.port)} | own | self.settings
        kept = {k: v for k, v in os.environ.items() if not k.startswith("QUARTERDECK_")}
        return kept | {f"QUARTERDECK_{name.upper()}": value for name, value in given.items()}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "quarterdeck.cli", *words]
        return subprocess.run(line, env=self.environ, capture_output=True, text=True, check=False)

    def start(self) -> Deck:
        self.folder.chmod(0o755)
        self.log = (self.folder / "log.txt").open("w")
        line = [*self.prefix, sys.executable, "-m", "quarterdeck.cli", "serve"]
        self.process = subprocess.Popen(line, env=self.environ, stdout=self.log, stderr=self.log)
        until(lambda: "Ctrl-C ends it" in self.output or self.process.poll() is not None, 2 * PATIENCE_SECONDS)
        assert self.process.poll() is None, self.output[-2000:]
        return self

    @property
    def output(self) -> str:
        return (self.folder / "log.txt").read_text()

    def stop(self) -> int:
        if self.process.poll() is None:
            os.kill(self.supervisor(), signal.SIGTERM)
        self.log.close()
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """kill -9 to the service and every process that it started."""
        pids = [self.process.pid]
        for pid in pids:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):  # that thread has just ended
                    pids += [int(child) for child in children.read_text().split()]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)
        self.log.close()

    def supervisor(self) -> int:
        """The process that serves: ours, or the child of an `unshare` or `nsenter`, which take no signals."""
        own = self.process.pid
        words = Path(f"/proc/{own}/cmdline").read_text().split("\0")
        if not words[0].endswith(("unshare", "nsenter")):
            return own
        return int(Path(f"/proc/{own}/task/{own}/children").read_text().split()[0])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request to the API, with the session's cookie and token where there is one."""
        status, got, text = self.raw(method, path, body, **headers)
        assert not text or "json" in got["Content-Type"], (status, text, self.output[-2000:])
        return Answer(status, json.loads(text) if text else None, got)

    def raw(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """The same, for answers that are no JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.cookie:
            sent |= {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        connection = http.client.HTTPSConnection(
            self.address, self.port, context=self.context(), timeout=PATIENCE_SECONDS
        )
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, sent)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, response.headers, text

    def begin(self, method: str, path: str, body: Any = None, **headers: str) -> str:
        """Ask for what is a job; its id."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status == 202, answer.json
        return str(answer.json["id"])

    def job(self, job: str) -> dict[str, Any]:
        """A job by its id."""
        return dict(self.ask("GET", f"/jobs/{job}").json)

    def ended(self, job: str, state: str = "done") -> dict[str, Any]:
        """The job once it is over, which it must be in this state."""
        return dict(ended(lambda: self.job(job), state))

    def reached(self, job: str, seen: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The job as soon as this is true of it, which must be before it is over."""
        return dict(reached(lambda: self.job(job), seen))

    def login(self, username: str, password: str) -> Answer:
        self.cookie = ""
        answer = self.ask("POST", "/session", {"username": username, "password": password})
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
            self.csrf = answer.json["csrf_token"]
        return answer

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def console(self, host: str, uuid: str, kind: str = "vnc", **headers: str) -> Console:
        answer = self.ask("POST", f"/hosts/{host}/domains/{uuid}/consoles", {"type": kind}, **headers)
        assert answer.status == 200, answer.json
        return self.open(answer.json["url"], **headers)

    def open(self, path: str, **headers: str) -> Console:
        """The WebSocket at a path, as a browser with the session would open it, or a script with a token."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if "Authorization" not in sent:
            sent |= {"Cookie": self.cookie}
            sent.setdefault("Origin", f"https://localhost:{self.port}")
        return Console(self, path, sent)


class Console:
    """A console over its WebSocket."""

    def __init__(self, deck: Deck, path: str, headers: dict[str, str]) -> None:
        plain = socket.create_connection(("127.0.0.1", deck.port), PATIENCE_SECONDS)
        self.connection = deck.context().wrap_socket(plain, server_hostname="localhost")
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{deck.port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        lines += ["Sec-WebSocket-Protocol: binary", *(f"{k}: {v}" for k, v in headers.items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = self.connection.recv(1)
            assert part, answer
            answer += part
        self.status = int(answer.split()[1])
        self.framing = WebSocket()
        self.framing.client = True
        self.framing.socket = self.connection
        self.unread = b""

    def send(self, data: bytes) -> None:
        header = bytes((0x82, 0x80 | len(data))) if len(data) < 126 else bytes((0x82, 0xFE)) + len(data).to_bytes(2)
        self.connection.sendall(header + bytes(4) + data)

    def read(self, count: int, seconds: float = PATIENCE_SECONDS) -> bytes:
        """So many bytes; EOFError when it closed before."""
        self.connection.settimeout(seconds)
        while len(self.unread) < count:
            self.unread += self._message()
        data, self.unread = self.unread[:count], self.unread[count:]
        return data

    def read_until(self, text: bytes, seconds: float = PATIENCE_SECONDS) -> bytes:
        self.connection.settimeout(seconds)
        while text not in self.unread:
            self.unread += self._message()
        data, self.unread = self.unread, b""
        return data

    def close_code(self, seconds: float = PATIENCE_SECONDS) -> int:
        """The code with which the server closes."""
        self.connection.settimeout(seconds)
        try:
            while True:
                self._message()
        except (EOFError, OSError):
            return int(self.framing.close_code)

    def _message(self) -> bytes:
        while True:
            try:
                message = self.framing.recvmsg()
            except WebSocketWantReadError:
                continue
            if message is None:
                raise EOFError
            return bytes(message)

    def handshake(self) -> tuple[int, int]:
        """Speak RFB up to the first message; width and height."""
        assert self.read(12).startswith(b"RFB 003.")
        self.send(b"RFB 003.008\n")
        kinds = self.read(self.read(1)[0])
        assert 1 in kinds, "it asks for a password"
        self.send(b"\x01")
        assert self.read(4) == bytes(4)
        self.send(b"\x01")
        size = self.read(24)
        self.read(int.from_bytes(size[20:24]))
        return int.from_bytes(size[0:2]), int.from_bytes(size[2:4])
