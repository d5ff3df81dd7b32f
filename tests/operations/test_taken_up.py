"""Jobs that a restart of the service cut off in their middle are taken up by the next one, on a made-up host.

Those of which libvirt or QEMU carries on a part are killed with `kill -9` on real hosts, in `tests/qemu`.
"""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config
from quarterdeck.jobs import JobHandle
from quarterdeck.model.storage import volume_xml
from quarterdeck.model.xml import parse
from quarterdeck.operations.domains.power_cycle import Cycle
from quarterdeck.problems import Problem

from ..conftest import Client
from ..waiting import PATIENCE_SECONDS, job_done

RUNS, OFF, GONE = "web-1", "fedora-try", "moved away"


def uuid_of(service: Service, name: str) -> str:
    known = {name: uuid for uuid, (name, _) in service.inventory.versions("local").items()}
    return known.get(name, "1f0a8ab4-6a3b-4d3a-8a6e-5f1f5ec9d8c2")


def begin(service: Service, ended: threading.Event, kind: str, name: str, **params: Any) -> str:
    """A job that does nothing until the service ends, as a thread does whose host is gone; its id."""

    def cut(_handle: JobHandle) -> None:
        ended.wait(PATIENCE_SECONDS)
        raise Problem("host-lost", "The service ended.")

    about = {"host": "local", "target": uuid_of(service, name), "target_name": name, "user": "demo"}
    return service.jobs.start(kind, **about, params=params, work=cut, holds=False).id


def test_each_goes_on_where_it_was(config: Config) -> None:
    service: Service = create_app(config).extensions["quarterdeck"]
    host, ended = service.hosts.get("local"), threading.Event()
    assert host.wait_connected(PATIENCE_SECONDS)
    before = parse(host.domains.xml(uuid_of(service, RUNS), live=True)).get("id", "")
    left = {"pool": "default", "folder": "/var/lib/libvirt/images", "name": "left.qcow2"}
    host.volumes.create("default", volume_xml("left.qcow2", 1 << 20, "qcow2"))
    jobs = [
        begin(service, ended, "power-cycle", RUNS, **asdict(Cycle(before, 1e12, 300, force=False))),
        begin(service, ended, "boot-installed", OFF),
        begin(service, ended, "migration-tidy", GONE, source="local", destination="local", made=[left]),
    ]
    service.close()
    ended.set()
    second = create_app(config)
    later: Service = second.extensions["quarterdeck"]
    second.test_client_class = Client
    client = second.test_client()
    assert isinstance(client, Client)
    try:
        host = later.hosts.get("local")
        client.login()
        for job in jobs:
            job_done(client, f"/api/v1/jobs/{job}")
        states = {name: host.domains.row(uuid_of(later, name)).state for name in (RUNS, OFF)}  # type: ignore[union-attr]
        assert states == {RUNS: "running", OFF: "running"}
        assert parse(host.domains.xml(uuid_of(later, RUNS), live=True)).get("id") != before
        assert "left.qcow2" not in host.volumes.names("default")
    finally:
        later.close()
