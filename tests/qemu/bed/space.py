"""Namespaces with a first process of their own: everything in them ends with it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path


class Space:
    """One small system of the bed: own network, mounts, host name and processes.

    With `dies_with_us` the kernel ends it when this process ends, in whatever way that happens.
    """

    def __init__(self, script: Path, folder: Path, *arguments: str, dies_with_us: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        bond = ["setpriv", "--pdeathsig", "KILL", "--"] if dies_with_us else ["setsid"]
        separate = ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with (folder / "start.log").open("w") as log:
            self._process = subprocess.Popen(
                [*bond, *separate, "bash", script, folder, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout
        if self._process.stdout.readline() != "ready\n":
            raise AssertionError(f"{folder.name} did not come up: {(folder / 'start.log').read_text()}")
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """Process id of the outermost process; ending it ends the system."""
        return self._process.pid

    @property
    def first_pid(self) -> int:
        """Process id, seen from outside, of the system's own first process."""
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()[0])

    def go_on(self) -> None:
        """Tell the first process that its network cards are there."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.close()

    def enter(self, *command: str | Path) -> list[str]:
        """Command line that runs `command` inside."""
        return ["nsenter", "--target", str(self.first_pid), "--all", "--", *map(str, command)]

    def run(self, *command: str | Path, check: bool = True, text_in: str | None = None) -> str:
        """Standard output of a command that runs inside; its error output becomes the text of the failure."""
        done = subprocess.run(self.enter(*command), capture_output=True, text=True, input=text_in, check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def stop(self) -> None:
        """End everything inside."""
        self._process.kill()
        self._process.wait()


def ip(*words: str) -> None:
    """Run iproute2 outside of the bed."""
    run(["ip", *words])


def run(command: Sequence[str]) -> None:
    """Run a command that must go well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")
