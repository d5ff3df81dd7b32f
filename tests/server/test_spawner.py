"""What ends with the service is waited for, however often it is told to end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import until

SPAWNER = """
import sys
from pathlib import Path
from quarterdeck.server import listeners
from quarterdeck.server.spawner import Spawner
Spawner(listeners.bind_unix(Path(sys.argv[1])), sys.argv[2:], 1).run()
"""
TIDIES_UP = """
import signal, sys, threading
from pathlib import Path
folder, told = Path(sys.argv[1]), threading.Event()
signal.signal(signal.SIGTERM, lambda *_: told.set())
(folder / "begun").touch()
told.wait()
(folder / "tidying").touch()
while not (folder / "go").exists():
    threading.Event().wait(0.05)
(folder / "tidy").touch()
"""


def test_what_still_tidies_up_is_waited_for_also_when_told_to_end_twice(tmp_path: Path) -> None:
    work = [sys.executable, "-c", TIDIES_UP, str(tmp_path)]
    path = tmp_path / "socket"
    with subprocess.Popen([sys.executable, "-c", SPAWNER, str(path), *work]) as spawner:
        until(path.exists)
        with socket.socket(socket.AF_UNIX) as connection:
            until(lambda: connection.connect_ex(str(path)) == 0)
            until((tmp_path / "begun").exists)
        spawner.send_signal(signal.SIGTERM)
        until((tmp_path / "tidying").exists)
        spawner.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            spawner.wait(1)
        (tmp_path / "go").touch()
        assert spawner.wait(30) == 0
    assert (tmp_path / "tidy").exists()
