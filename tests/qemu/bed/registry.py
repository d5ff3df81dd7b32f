"""Which beds stand on this machine: a number for each, and the removal of those whose owner is gone."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from .waiting import wait_for

GROUPS = Path("/sys/fs/cgroup")
BEDS = Path("/run/quarterdeck-beds")


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has this number now."""
        return cls(pid, _started(pid))

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return bool(self.started) and _started(self.pid) == self.started

    def kill(self) -> None:
        """End it at once, if it still is the same one."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _started(pid: int) -> str:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


@dataclass(frozen=True)
class Entry:
    """What is known of a bed to everybody on the machine."""

    number: int
    folder: str
    owner: Process | None
    inside: tuple[Process, ...] = ()

    @property
    def path(self) -> Path:
        """Where this entry is kept."""
        return BEDS / f"{self.number}.json"

    def save(self) -> None:
        """Keep it."""
        self.path.write_text(json.dumps(asdict(self)))

    def stale(self) -> bool:
        """Tell whether nobody uses this bed any more."""
        keeper = [self.owner] if self.owner else list(self.inside)
        return not any(process.alive() for process in keeper)

    def remove(self) -> None:
        """End the bed's processes; remove its link and its folder."""
        for process in self.inside:
            process.kill()
        # The link goes with the network namespace of its other end; only a bed that was cut off early still has it.
        subprocess.run(["ip", "link", "del", f"qdbed{self.number}"], capture_output=True, check=False)
        with suppress(AssertionError):  # then its processes are still ending
            wait_for(self._without_groups, 5, "control groups gone")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.path.unlink(missing_ok=True)

    def _without_groups(self) -> bool:
        """Remove its control groups; they stay for as long as processes are in them."""
        found = list(GROUPS.glob(f"*/{Path(self.folder).name}-*"))
        for group in found:
            for inner in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
                with suppress(OSError):
                    inner.rmdir()
            with suppress(OSError):
                group.rmdir()
        return not any(group.exists() for group in found)


def entries() -> list[Entry]:
    """All beds of this machine."""
    found = []
    for path in BEDS.glob("*.json"):
        with suppress(ValueError, OSError):
            raw = json.loads(path.read_text())
            owner = Process(**raw["owner"]) if raw["owner"] else None
            found.append(Entry(raw["number"], raw["folder"], owner, tuple(Process(**one) for one in raw["inside"])))
    return found


def claim(folder: Path, owner: int | None) -> Entry:
    """A number that no other bed has; beds that nobody uses any more are removed first."""
    with _alone():
        _remove_stale()
        taken = {entry.number for entry in entries()}
        number = next(number for number in range(1, 250) if number not in taken)
        entry = Entry(number, str(folder), Process.of(owner) if owner else None)
        entry.save()
    return entry


def remove_stale() -> None:
    """Remove the beds that nobody uses any more."""
    with _alone():
        _remove_stale()


def _remove_stale() -> None:
    for entry in entries():
        if entry.stale() and (entry.owner or entry.inside):
            entry.remove()


@contextmanager
def _alone() -> Iterator[None]:
    BEDS.mkdir(parents=True, exist_ok=True)
    with (BEDS / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
