"""Images that name other files of the host: a guest can write such a header into a disk that it was given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed
from tests.qemu.test_create import LOCAL, Site


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def image(site: Site, name: str, *words: str) -> None:
    line = ["qemu-img", "create", "-q", "-f", "qcow2", *words, str(site.host.images / name)]
    subprocess.run([*line, "8M"], check=True)
    site.host.virsh("pool-refresh", "default")


def inside(site: Site, name: str) -> str:
    """Where the host sees a volume."""
    return site.host.virsh("vol-path", "--pool", "default", name).strip()


def asked(site: Site, name: str, **more: str) -> int:
    disk = {"pool": "default", "volume": name, **more}
    body = {"name": "vm1", "memory_mib": 64, "nics": [], "install": {"method": "import"}, "disks": [disk]}
    return int(site.client.post(f"{LOCAL}/domains?dry_run=true", json=body).status_code)


def test_machine_gets_no_image_that_shows_files_outside_the_pools(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret" * 4096)
    image(site, "backed.qcow2", "-u", "-F", "raw", "-b", str(secret))
    image(site, "climbing.qcow2", "-u", "-F", "raw", "-b", f"../../../../../../../../../..{secret}")
    image(site, "split.qcow2", "-o", f"data_file={tmp_path / 'data'},data_file_raw=on")
    image(site, "json.qcow2", "-u", "-F", "raw", "-b", f'json:{{"driver":"file","filename":"{secret}"}}')
    image(site, "server.qcow2", "-u", "-F", "raw", "-b", "nbd://192.0.2.1/x")
    names = ["backed.qcow2", "climbing.qcow2", "split.qcow2", "json.qcow2", "server.qcow2"]
    assert {name: asked(site, name) for name in names} == dict.fromkeys(names, 403)
    image(site, "second.qcow2", "-u", "-F", "qcow2", "-b", inside(site, "backed.qcow2"))
    assert asked(site, "second.qcow2") == 403


def test_image_on_another_of_a_pool_is_fine(site: Site) -> None:
    image(site, "base.qcow2")
    image(site, "top.qcow2", "-u", "-F", "qcow2", "-b", inside(site, "base.qcow2"))
    image(site, "beside.qcow2", "-u", "-F", "qcow2", "-b", "base.qcow2")
    assert [asked(site, name) for name in ("base.qcow2", "top.qcow2", "beside.qcow2")] == [200] * 3


def test_machine_that_is_there_gets_none_either(site: Site, tmp_path: Path) -> None:
    image(site, "base.qcow2")
    image(site, "backed.qcow2", "-u", "-F", "raw", "-b", "/etc/hostname")
    site.create(install={"method": "import"}, disks=[{"pool": "default", "volume": "base.qcow2"}], start=False)
    machine = site.client.domain("vm1")
    answer = site.client.post(
        f"{LOCAL}/domains/{machine['uuid']}/devices?dry_run=true",
        json={"type": "disk", "pool": "default", "volume": "backed.qcow2"},
        headers={"If-Match": machine["etag"]},
    )
    assert answer.status_code == 403, answer.text
    assert "/etc/hostname" in answer.json["detail"]
