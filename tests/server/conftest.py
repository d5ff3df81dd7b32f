"""The real front and the real worker, as processes of their own, with a small application behind."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from quarterdeck.server import certificate
from tests.failing import has_failed
from tests.waiting import PATIENCE_SECONDS, until

HERE = Path(__file__).parent
FRONT = (
    "import sys; from pathlib import Path; from quarterdeck.server import tls; "
    "tls.run(sys.argv[1], int(sys.argv[2]), *map(Path, sys.argv[3:]))"
)


PORTS = range(20_000, 32_000)  # below those that the kernel gives to whoever asks for any
TAKEN: list[socket.socket] = []


def free_port() -> int:
    """A port for this process alone until it ends, even while nothing listens there; other runs take others."""
    for port in random.sample(PORTS, len(PORTS)):
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind(f"\0quarterdeck-test-port-{port}")
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            mark.close()
        else:
            TAKEN.append(mark)
            return port
    raise AssertionError("no port is free")


def accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True


@dataclass
class Service:
    """A front on `port` and a web process behind it."""

    folder: Path
    threads: int = 12
    port: int = field(default_factory=free_port)

    def start(self) -> None:
        self.tls = self.folder / "tls"
        certificate.make(self.tls)
        self.log = (self.folder / "log").open("w+")
        self.start_web()
        self.start_front()

    def start_web(self) -> None:
        path = self.folder / "web.sock"
        command = [sys.executable, str(HERE / "tiny_web.py"), str(path), str(self.threads)]
        self.web = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        until(path.exists)
        until(lambda: "Booting worker" in Path(self.folder, "log").read_text())

    def start_front(self) -> None:
        command = [
            sys.executable,
            "-c",
            FRONT,
            "127.0.0.1",
            str(self.port),
            str(self.folder / "web.sock"),
            str(self.tls),
        ]
        self.front = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        until(lambda: accepts(("127.0.0.1", self.port)))

    def stop(self) -> None:
        for process in (self.front, self.web):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.front, self.web):
            process.wait(PATIENCE_SECONDS)
        self.log.close()

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.tls / "0-self-signed.crt"))

    def plain(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)

    def secure(self) -> ssl.SSLSocket:
        return self.context().wrap_socket(self.plain(), server_hostname="localhost")

    def connection(self, timeout: float = PATIENCE_SECONDS) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, context=self.context(), timeout=timeout)

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        connection = self.connection()
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def upgrade(self, headers: str) -> tuple[ssl.SSLSocket, bytes]:
        """Ask for an Engine.IO WebSocket: the connection, and the status line answered."""
        connection = self.secure()
        request = (
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n"
        )
        connection.sendall(request.encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
        return connection, answer

    @property
    def own(self) -> str:
        return f"Origin: https://localhost:{self.port}\r\nCookie: sid=good\r\n"

    def memory_mib(self, process: subprocess.Popen[bytes]) -> float:
        """Resident memory of a process and its children."""
        pids = [str(process.pid), *Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        lines = [line for p in pids for line in Path("/proc", p, "status").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    service = Service(folder)
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def service(module_service: Service, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that others use too."""
    yield module_service
    if has_failed(request.node):
        module_service.stop()
        module_service.start()


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    """Another one, for a test that ends it, changes it, counts what it holds, or weighs it."""
    with running(tmp_path) as service:
        yield service


@pytest.fixture(scope="session")
def as_root() -> None:
    assert os.geteuid() == 0, "these tests make system accounts: run them as root"
