"""Installations without questions from media: what their kernels are told, and where they find the answers."""

from __future__ import annotations

import gzip
import io
import subprocess
from pathlib import Path
from typing import Any

import pycdlib
import pytest

from quarterdeck.problems import Problem
from tests.medium import medium
from tests.qemu.bed import wait_for
from tests.qemu.bed.guest import guest_files
from tests.qemu.test_create import LOCAL, Site, site

__all__ = ["site"]

INIT = """#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
exec > /dev/ttyS0
cat /proc/cmdline
[ -f /preseed.cfg ] && grep passwd/username /preseed.cfg
echo installer ended
reboot -f
"""


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A kernel and an initrd that tells what it was given, and ends."""
    folder, made = tmp_path_factory.mktemp("installer"), guest_files()
    (folder / "init").write_text(INIT)
    (folder / "init").chmod(0o755)
    pack = ["cpio", "-o", "-H", "newc", "--quiet"]
    archive = subprocess.run(pack, cwd=folder, input=b"init\n", check=True, capture_output=True).stdout
    return made.kernel.read_bytes(), made.initrd.read_bytes() + gzip.compress(archive)


def put(site: Site, tmp_path: Path, name: str, label: str, files: dict[str, bytes]) -> None:
    assert site.put_iso(medium(tmp_path / name, label, files), name).status_code == 200


def begin(site: Site, iso: str, unattended: dict[str, str], **more: Any) -> Any:
    install = {"method": "iso", "pool": "default", "volume": iso, "unattended": unattended}
    body = {"name": "vm1", "memory_mib": 128, "vcpus": 1, "nics": [], "disks": [{"size_gib": 0.1}], "install": install}
    plan = site.client.post(f"{LOCAL}/domains?dry_run=true", json=body | more).json
    made = site.client.post(f"{LOCAL}/domains", json=body | more)
    assert made.status_code == 202, made.text
    return plan


def test_debian_finds_its_script_in_the_initrd_of_its_medium_and_nothing_stays(
    site: Site, tmp_path: Path, installer: tuple[bytes, bytes]
) -> None:
    files = dict(zip(("install.amd/vmlinuz", "install.amd/initrd.gz"), installer, strict=True))
    put(site, tmp_path, "debian.iso", "Debian 12.5.0 amd64 n", files)
    plan = begin(site, "debian.iso", {"user": "ann", "password": "geheim"}, boot_from_disk_after=False)
    assert "geheim" not in str(plan) and "username string ann" in plan["answers"]["preseed.cfg"]
    assert "kernel=install.amd/vmlinuz,initrd=install.amd/initrd.gz" in plan["commands"][0]
    wait_for(lambda: "installer ended" in site.serial(), what="the installer")
    assert "priority=critical" in site.serial()
    assert "d-i passwd/username string ann" in site.serial()
    wait_for(lambda: "quarterdeck-install" not in site.host.virsh("dumpxml", "vm1"), what="the installation's end")
    assert site.volumes() == ["debian.iso", "vm1.qcow2"], "no answers stay"


def test_answers_for_ubuntu_lie_on_a_disc_that_only_its_owner_reads(site: Site, tmp_path: Path) -> None:
    label, parts = "Ubuntu-Server 24.04 LTS amd64", {"casper/vmlinuz": b"k" * 9, "casper/initrd": b"i" * 9}
    outside = medium(tmp_path / "u.iso", label, parts)
    answers = {"answer_file": "version: 1\nidentity: {username: ann}\n"}
    install = {"method": "iso", "path": str(outside), "kernel_args": "console=ttyS0"}
    plan = begin(site, "", {}, install=install | {"unattended": answers}, start=False)
    asking = begin(site, "", {}, install=install, start=False, name="vm2")
    assert "<cmdline>console=ttyS0</cmdline>" in asking["xml_diff"]
    _saved, _, first = plan["xml_diff"].partition("first boot")
    assert "+    <cmdline>autoinstall noprompt console=ttyS0</cmdline>" in first
    assert "vm1-seed.iso" in first and "u.iso" in first
    wait_for(lambda: "vm1" in site.domains())
    seed = site.host.images / "vm1-seed.iso"
    assert seed.stat().st_mode & 0o077 == 0
    disc, read = pycdlib.PyCdlib(), io.BytesIO()
    disc.open(str(seed))
    disc.get_file_from_iso_fp(read, rr_path="/user-data")
    disc.close()
    assert read.getvalue().decode().startswith("#cloud-config\nautoinstall:\n  version: 1\n")
    assert (site.host.images / "vm1-kernel").read_bytes() == b"k" * 9
    wait_for(lambda: "vm2" in site.domains())
    assert (site.host.images / "vm2-initrd").read_bytes() == b"i" * 9
    assert "quarterdeck-" not in site.host.virsh("pool-list", "--name"), "the folder is lent for the copying alone"


def test_folder_that_is_lent_when_the_service_ends_is_given_back_by_the_next_one(site: Site, tmp_path: Path) -> None:
    lending = site.service.lending
    medium(tmp_path / "x.iso", "X", {"x": b"x"})
    with lending.look("local", str(tmp_path)) as pool:
        volumes = site.service.hosts.get("local").volumes
        assert volumes.at(str(tmp_path / "x.iso")) is not None
        assert volumes.kept_at(str(tmp_path / "x.iso")) is None, "nobody else's place for a medium"
    assert pool not in site.host.virsh("pool-list", "--name")
    with pytest.raises(Problem), lending.look("local", str(tmp_path)):
        site.stop()
    assert pool in site.host.virsh("pool-list", "--name")
    site.start()
    wait_for(lambda: pool not in site.host.virsh("pool-list", "--name"), what="the end of what was lent")


def test_medium_without_a_known_kernel_is_refused(site: Site, tmp_path: Path) -> None:
    put(site, tmp_path, "d.iso", "Debian 12.5.0 amd64 n", {"boot/vmlinuz": b"k"})
    install = {"method": "iso", "pool": "default", "volume": "d.iso", "unattended": {"user": "a", "password": "b"}}
    answer = site.create(409, install=install, disks=[{"size_gib": 0.1}])
    assert [error["pointer"] for error in answer["errors"]] == ["/install/unattended"]
    assert site.volumes() == ["d.iso"]
