"""Run a command, and again whenever a Python file of a folder changes: reload.py FOLDER -- COMMAND..."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event


def times(folder: Path) -> dict[Path, int]:
    """When each Python file was changed last."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}


def main(folder: Path, command: list[str]) -> int:
    """Run until told to stop; the exit status."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        seen = times(folder)
        with subprocess.Popen(command) as process:
            while not stop.wait(0.5) and times(folder) == seen:
                pass  # a server that fell over waits for the next change
            process.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[3:]))
