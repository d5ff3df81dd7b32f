"""A service that knows both hosts of the bed, and the machines that it moves."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config, HostSetting
from tests.conftest import ORIGIN, Client
from tests.qemu.bed import Bed, BedHost, wait_for
from tests.waiting import ended, reached

DOMAINS = "/api/v1/hosts/local/domains"
MIB = 1 << 20


class Site:
    """A service on host `a` that knows host `b` too, and a page that listens to its jobs."""

    def __init__(self, bed: Bed, folder: Path, other: HostSetting | None = None) -> None:
        self.bed = bed
        self.app = create_app(
            Config(
                run_dir=folder / "run",
                state_dir=folder / "state",
                local_uri=bed.a.local_uri,
                demo=True,
                accelerator="qemu",
                hosts=(other or HostSetting(name="b", transport="tcp", address=bed.b.address),),
                allow_tcp_hosts=True,
            )
        )
        self.service: Service = self.app.extensions["quarterdeck"]
        for host in self.service.hosts.all():
            assert host.wait_connected(60)
        self.app.test_client_class = Client
        client = self.app.test_client()
        assert isinstance(client, Client)
        self.client = client.login()
        headers = {"Origin": ORIGIN, "Host": "localhost"}
        self.page = self.service.socketio.test_client(self.app, flask_test_client=self.client, headers=headers)
        assert isinstance(self.page.emit("subscribe", {"room": "jobs"}, callback=True), list)
        self.heard: list[dict[str, Any]] = []

    def stop(self) -> None:
        self.page.disconnect()
        self.service.close()

    def begin(self, uuid: str, **asked: Any) -> str:
        """Start a move; the id of its job."""
        answer = self.client.post(f"{DOMAINS}/{uuid}/migration", json={"destination": "b"} | asked)
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"].endswith(answer.json["id"])
        return str(answer.json["id"])

    def refused(self, uuid: str, status: int, **asked: Any) -> dict[str, Any]:
        answer = self.client.post(f"{DOMAINS}/{uuid}/migration", json={"destination": "b"} | asked)
        assert answer.status_code == status, answer.text
        return dict(answer.json)

    def events(self, job: str) -> list[dict[str, Any]]:
        """What the page heard of a job, in order."""
        self.heard += [m["args"][0] for m in self.page.get_received() if m["name"] == "job"]
        return [each for each in self.heard if each["id"] == job]

    def job(self, job: str) -> dict[str, Any]:
        return dict(self.client.get(f"/api/v1/jobs/{job}").json)

    def end(self, job: str, state: str = "done") -> dict[str, Any]:
        """The job when it is over, in this state."""
        return dict(ended(lambda: self.job(job), state))

    def until(self, job: str, seen: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first event of a job that fits, which must come before it is over."""

        def first():
            return next((each for each in self.events(job) if seen(each)), None)

        return dict(reached(lambda: first() or self.job(job), lambda _job: first()) and first())

    def tune(self, job: str, **settings: Any) -> Any:
        answer = self.client.patch(f"/api/v1/jobs/{job}", json=settings)
        assert answer.status_code in (200, 202), answer.text
        return answer.json

    def check(self, uuid: str, **asked: Any) -> dict[str, Any]:
        answer = self.client.post(f"{DOMAINS}/{uuid}/migration/check", json={"destination": "b"} | asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)


LOCK = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
"""What libvirt does to a disk before a start."""


def on_shared(bed: Bed, name: str, **settings: Any) -> str:
    """A running machine whose disk both hosts see: host b too, which may still know one of that name that is gone."""
    disk = bed.a.make_disk(f"{name}.qcow2", folder=bed.shared)
    seen_there(bed, disk)
    return bed.a.define(bed.guest_xml(name, disk=disk, **settings), start=True)


def stand_still(host: BedHost, name: str) -> None:
    """Pause a machine once its processor has done something."""
    wait_for(lambda: re.search(r"CPU time: +0*[1-9.]", host.virsh("vcpuinfo", name)), what=f"{name} has run")
    host.virsh("suspend", name)


def seen_there(bed: Bed, disk: Path) -> None:
    """Return when host b sees a disk on shared storage."""
    wait_for(lambda: not bed.b.space.run("/usr/bin/python3", "-c", LOCK, disk), what="host b sees the disk")


SECRET = "5e000000-1111-4222-8333-944445555666"


def on_locked(bed: Bed, name: str, word: str, *, private: bool, **settings: Any) -> str:
    """A running machine whose disk both hosts see, and only host a's libvirt can open, with the secret `SECRET`."""
    path = bed.shared / f"{name}.luks"
    keys = ("--object", f"secret,id=k,data={word}", "-o", "key-secret=k,iter-time=10")
    # On a busy processor QEMU 7.2 fails to measure how long a passphrase takes, and says so.
    wait_for(lambda: not bed.a.space.run("qemu-img", "create", "-q", "-f", "luks", *keys, path, "8M"))
    seen_there(bed, path)
    keep_secret(bed, word, private=private)
    xml = bed.guest_xml(name, disk=path, disk_format="raw", **settings)
    lock = f"<encryption format='luks'><secret type='passphrase' uuid='{SECRET}'/></encryption></disk>"
    return bed.a.define(xml.replace("</disk>", lock, 1), start=True)


def keep_secret(bed: Bed, word: str, *, private: bool) -> None:
    """Let host a's libvirt know the secret `SECRET`; what is private it gives to nobody."""
    file = bed.folder / "secret.xml"
    file.write_text(f"<secret ephemeral='no' private='{'yes' if private else 'no'}'><uuid>{SECRET}</uuid></secret>")
    bed.a.virsh("secret-define", str(file))
    bed.a.virsh("secret-set-value", SECRET, b64encode(word.encode()).decode())


def on_own_disk(
    bed: Bed, name: str, folder: Path | None = None, *, form: str = "qcow2", reserved: bool = False, **settings: Any
) -> str:
    """A running machine whose disk only host a has, with a pattern on it; thin, or `reserved` in full."""
    disk = bed.a.make_disk(f"{name}.{form}", "32M", kind=form, folder=folder)
    bed.a.space.run("qemu-io", "-f", form, "-c", "write -P 0x5a 1M 2M", disk)
    bed.a.space.run("fallocate", "-l", "32M", disk) if reserved else None
    bed.a.virsh("pool-refresh", "default")
    return bed.a.define(bed.guest_xml(name, disk=disk, disk_format=form, **settings), start=True)


def pattern(bed: Bed, path: str, form: str = "qcow2") -> bool:
    """Whether host b's image holds the pattern, read while QEMU has it open."""
    return "failed" not in bed.b.space.run("qemu-io", "-U", "-r", "-f", form, "-c", "read -P 0x5a 1M 2M", path)


def taken_mib(host: BedHost, path: str) -> float:
    """MiB that a file really takes on a host."""
    return int(host.space.run("stat", "-c", "%b", path)) / 2048


def slow(site: Site, uuid: str, mib_s: int = 2, **asked: Any) -> str:
    """A move that will not end by itself for a while; the id of its job once memory flows."""
    job = site.begin(uuid, bandwidth_mib_s=mib_s, **asked)
    site.until(job, lambda e: e["phase"] == "memory" and e["details"]["rate_bytes_s"] > 0)
    return job
