"""A service on host `a` and one machine there, as a script sees them; and the machine's serial line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libvirt

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config
from tests.conftest import Client
from tests.qemu.bed import Bed, BedHost, wait_for
from tests.waiting import job_done, reached

ALL = "/api/v1/hosts/local/domains"
IMAGES = "/var/lib/libvirt/images"


class Script:
    """A service of its own that knows host `a`."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        config = Config(
            run_dir=folder / "run",
            state_dir=folder / "state",
            local_uri=bed.a.local_uri,
            demo=True,
            accelerator="qemu",
        )
        self.bed, self.folder = bed, folder
        app = create_app(config)
        self.service: Service = app.extensions["quarterdeck"]
        assert self.service.hosts.get("local").wait_connected(60)
        app.test_client_class = Client
        client = app.test_client()
        assert isinstance(client, Client)
        self.client = client.login()

    def stop(self) -> None:
        self.service.close()


class Machine:
    """One machine of host `a`."""

    def __init__(self, script: Script, uuid: str, name: str) -> None:
        self.client, self.host, self.uuid, self.name = script.client, script.bed.a, uuid, name

    @property
    def now(self) -> dict[str, Any]:
        return self.client.get(f"{ALL}/{self.uuid}").json

    def call(self, method: str, suffix: str, body: Any = None) -> Any:
        headers = {"If-Match": self.now["etag"]}
        return self.client.open(f"{ALL}/{self.uuid}{suffix}", method=method, json=body, headers=headers)

    def begin(self, method: str, suffix: str, body: Any = None) -> str:
        """Start a job; its address."""
        answer = self.call(method, suffix, body)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["Location"])

    def end(self, job: str, state: str = "done") -> dict[str, Any]:
        return job_done(self.client, job, state)

    def reached(self, job: str, seen: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The job as soon as this is true of it, which must be before it is over."""
        return dict(reached(lambda: self.client.get(job).json, seen))

    def do(self, method: str, suffix: str, body: Any = None) -> dict[str, Any]:
        return self.end(self.begin(method, suffix, body))

    def take(self, name: str, **body: Any) -> dict[str, Any]:
        return self.do("POST", "/snapshots", {"name": name} | body)

    def revert(self, name: str, **body: Any) -> dict[str, Any]:
        return self.do("POST", f"/snapshots/{name}/revert", body)

    @property
    def snapshots(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.call("GET", "/snapshots").json}

    @property
    def disk(self) -> str:
        """The file that the disk uses now; running and saved definition agree."""
        found = {
            re.search(r"vda +(\S+)", self.host.virsh("domblklist", self.name, *words))[1]  # type: ignore[index]
            for words in ([], ["--inactive"])
        }
        assert len(found) == 1, found
        return found.pop()

    def files(self) -> list[str]:
        return sorted(self.host.space.run("ls", IMAGES).split())

    def put(self, path: str, pattern: int, at: str) -> None:
        """Write a pattern into an image that nobody has open."""
        self.host.space.run("qemu-io", "-c", f"write -P {pattern} {at} 64k", path)

    def holds(self, path: str, pattern: int, at: str) -> bool:
        """Whether the image holds the pattern, read while QEMU may have it open."""
        read = self.host.space.run("qemu-io", "-U", "-r", "-c", f"read -P {pattern} {at} 64k", path, check=False)
        return "65536/65536" in read and "failed" not in read


class Serial:
    """What the guest of a running machine says and is told on its serial line."""

    def __init__(self, host: BedHost, name: str) -> None:
        self._connection = host.open()
        self._stream = self._connection.newStream(0)
        self._connection.lookupByName(name).openConsole(None, self._stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
        self._heard = ""

    def until(self, words: str) -> re.Match[str]:
        """Wait for words in what the guest says from now on; it ticks each second, so reading never hangs."""

        def heard() -> re.Match[str] | None:
            self._heard += self._stream.recv(4096).decode(errors="replace")
            return re.search(words, self._heard)

        found = wait_for(heard, what=f"{words} on the serial line")
        assert isinstance(found, re.Match)
        self._heard = self._heard[found.end() :]
        return found

    def tick(self) -> int:
        """The next number that the guest counts to."""
        return int(self.until(r"tick (\d+)\r")[1])

    def shell(self, command: str) -> None:
        """Let the guest's shell do something, to its end."""
        self.send(f"{command}; echo done-$((6*7))")
        self.until("done-42")

    def send(self, command: str) -> None:
        """Type a line, and do not wait for what comes of it."""
        self._stream.send(f"\r{command}\r".encode())

    def close(self) -> None:
        self._stream.abort()
        self._connection.close()
