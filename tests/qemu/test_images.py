"""Images that name other files of the host: a guest can write such a header into a disk that it was given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_create import LOCAL, Site
from tests.qemu.tiny_iso import tiny_iso


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


def test_server_that_does_not_answer_is_told_in_time(site: Site, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.operations.storage.in_time.PATIENCE_SECONDS", 0.5)
    shared = Path(f"/proc/{bed.a.space.first_pid}/root/var/lib/libvirt/shared")
    file = tiny_iso(shared / "some.iso")
    new = {"name": "vm1", "memory_mib": 64, "install": {"method": "iso", "path": str(file), "kernel_args": "quiet"}}
    pool = {"type": "dir", "name": "cut", "path": str(shared / "folder")}
    clients = bed.a.space.run("pidof", "glusterfs").split()
    bed.a.space.run("kill", "-STOP", *clients)  # as a server that is cut off: who looks waits for good
    try:
        looked = site.client.get(f"{LOCAL}/osinfo/detect?path={file}")
        planned = site.client.post(f"{LOCAL}/domains?dry_run=true", json=new)
        pooled = site.client.post(f"{LOCAL}/pools?dry_run=true", json=pool)
    finally:
        bed.a.space.run("kill", "-CONT", *clients)
    for answer, pointer in ((looked, "/path"), (planned, "/install/path"), (pooled, "/path")):
        told = [(error["pointer"], "does not answer" in error["detail"]) for error in answer.json["errors"]]
        assert (answer.status_code, told) == (504, [(pointer, True)]), answer.text
    again = lambda: site.client.get(f"{LOCAL}/osinfo/detect?path={file}").json.get("label")  # noqa: E731
    wait_for(lambda: again() == "TINY 1.0", what="another look, as soon as the server answers")
