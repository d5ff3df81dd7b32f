"""What keeps the parts running tells how they fare."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE_SECONDS

SUPERVISOR = (
    "import sys; from pathlib import Path; from quarterdeck.server import supervise; supervise.READY_SECONDS = 0.1; "
    "sys.exit(supervise.Supervisor([], 'it serves', [Path(sys.argv[1])]).run())"
)


def test_service_that_takes_long_to_start_says_so_and_then_that_it_serves(tmp_path: Path) -> None:
    path = str(tmp_path / "web.sock")
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, path], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert "does not answer yet" in process.stdout.readline()
    with socket.socket(socket.AF_UNIX) as web:
        web.bind(path)
        web.listen()
        connection, _ = web.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        assert process.stdout.readline() == "it serves\n"
        connection.close()
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
