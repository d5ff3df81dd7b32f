"""Machines from cloud images on real QEMU: the disk stands on the image, and the guest finds its first settings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.qemu.bed import Bed, wait_for
from tests.qemu.cloud_init import check_schema, read_seed
from tests.qemu.test_clone import files, read, write
from tests.qemu.test_create import LOCAL, Site
from tests.waiting import job_done

FIRST = {
    "user": "anna",
    "password": "geheim",
    "hostname": "shop",
    "packages": ["nginx"],
    "network": {"address": "192.0.2.5/24", "gateway": "192.0.2.1", "dns": ["192.0.2.2"]},
}


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    bed.a.make_disk("cloud.qcow2", "64M")
    write(bed, "cloud.qcow2", "the system")
    bed.a.virsh("pool-refresh", "default")
    yield made
    made.stop()


def install(**more: Any) -> dict[str, Any]:
    return {"method": "cloud_image", "pool": "default", "volume": "cloud.qcow2", "cloud_init": FIRST} | more


def seed(bed: Bed, folder: Path) -> dict[str, str]:
    """The files of the disc."""
    path = bed.a.images / "vm1-seed.iso"
    label = subprocess.run(["blkid", "-o", "value", "-s", "LABEL", path], capture_output=True, text=True, check=True)
    assert label.stdout.strip() == "cidata"
    subprocess.run(
        ["xorriso", "-osirrox", "on", "-indev", path, "-extract", "/", folder], capture_output=True, check=True
    )
    return {each.name: each.read_text() for each in folder.iterdir()}


def test_linked_machine_finds_its_settings_and_loses_them_when_it_is_off(site: Site, bed: Bed, tmp_path: Path) -> None:
    made = site.create(install=install(), disks=[{"size_gib": 0.25}], nics=[{"network": "default"}])
    assert (made["state"], made["installation"]) == ("running", "running")
    assert files(bed) == ["cloud.qcow2", "vm1-seed.iso", "vm1.qcow2"]
    info = json.loads(bed.a.space.run("qemu-img", "info", "-U", "--output=json", "/var/lib/libvirt/images/vm1.qcow2"))
    assert (info["virtual-size"], info["backing-filename"]) == (1 << 28, "/var/lib/libvirt/images/cloud.qcow2")
    assert read(bed, "vm1.qcow2") == "the system"
    found = seed(bed, tmp_path / "disc")
    assert "Valid" in check_schema(tmp_path / "disc/user-data")
    assert read_seed(tmp_path / "disc") == {
        "meta": {"instance-id": made["uuid"], "local-hostname": "shop"},
        "cards": [["first", ["192.0.2.5"]]],
    }
    assert "$6$" in found["user-data"]
    assert "geheim" not in found["user-data"]
    assert "vm1-seed.iso" in bed.a.virsh("domblklist", "vm1")
    assert "vm1-seed.iso" not in bed.a.virsh("domblklist", "vm1", "--inactive")
    assert (bed.a.images / "vm1-seed.iso").stat().st_mode & 0o077 == 0
    site.host.space.run("sh", "-c", "kill -TERM $(cat /run/libvirt/qemu/vm1.pid)")
    wait_for(lambda: "quarterdeck-install" not in bed.a.virsh("dumpxml", "vm1"), what="the first start's end")
    assert files(bed) == ["cloud.qcow2", "vm1.qcow2"], "the seed went with it"


@pytest.mark.parametrize(("image", "disk"), [("cloud.qcow2", {}), ("cloud.img", {"format": "qcow2"})])
def test_full_copy_is_a_job_and_needs_the_image_no_more(site: Site, bed: Bed, image: str, disk: dict[str, str]) -> None:
    if image == "cloud.img":  # a raw one, which becomes what is asked for
        move = "qemu-img convert -O raw cloud.qcow2 cloud.img && rm cloud.qcow2"
        bed.a.space.run("sh", "-c", f"cd /var/lib/libvirt/images && {move}")
        bed.a.virsh("pool-refresh", "default")
    whole = install(copy_mode="full", volume=image)
    asked = {"name": "vm1", "memory_mib": 128, "nics": [], "install": whole, "start": False}
    answer = site.client.post(f"{LOCAL}/domains", json=asked | {"disks": [{"size_gib": 0.5} | disk]})
    assert answer.status_code == 202, answer.text
    job = job_done(site.client, answer.headers["Location"])
    assert job["result"]["name"] == "vm1"
    assert "geheim" not in answer.text + json.dumps(job)
    info = json.loads(bed.a.space.run("qemu-img", "info", "--output=json", "/var/lib/libvirt/images/vm1.qcow2"))
    assert (info["format"], info["virtual-size"], info.get("backing-filename")) == ("qcow2", 1 << 29, None)
    assert read(bed, "vm1.qcow2") == "the system"
    uuid = job["result"]["uuid"]
    assert site.client.post(f"{LOCAL}/domains/{uuid}/start").json["state"] == "running"
    assert "vm1-seed.iso" in bed.a.virsh("domblklist", "vm1")
    assert site.client.delete(f"{LOCAL}/domains/{uuid}?volumes=all").status_code == 204
    assert files(bed) == [image], "the seed goes with the machine"


def test_faults_are_told_at_their_fields_and_leave_nothing(site: Site, bed: Bed) -> None:
    wrong = install(cloud_init={"password": "x"})
    answer = site.client.post(f"{LOCAL}/domains", json={"name": "vm1", "install": wrong, "disks": [{"size_gib": 0.01}]})
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/install/cloud_init/user", "/disks/0/size_gib"}
    site.create(
        name="user", install={"method": "import"}, disks=[{"pool": "default", "volume": "cloud.qcow2"}], start=False
    )
    answer = site.client.post(f"{LOCAL}/domains", json={"name": "vm1", "install": install()})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/install/volume")
    assert files(bed) == ["cloud.qcow2"]
