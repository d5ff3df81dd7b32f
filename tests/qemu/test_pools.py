"""Pools of many types on a real libvirtd: made, edited, refused and removed, with nothing left behind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.operations.storage.guard import UNREACHED
from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import Site
from tests.qemu.test_replacing import put
from tests.waiting import job_done, job_end

LOCAL = "/api/v1/hosts/local"
POOLS = f"{LOCAL}/pools"
IQN = "iqn.2026-01.org.example:disks"
SHARE = "/var/lib/libvirt/share"
Loop = Callable[[str], str]


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    """Make block devices out of files."""
    devices: list[str] = []

    def make(name: str) -> str:
        file = tmp_path / name
        file.touch()
        with file.open("r+b") as opened:
            opened.truncate(64 << 20)
        line = ["losetup", "--find", "--show", "--partscan", str(file)]
        devices.append(subprocess.run(line, check=True, capture_output=True, text=True).stdout.strip())
        return devices[-1]

    yield make
    for device in devices:
        subprocess.run(["losetup", "--detach", device], check=True)


def make(site: Site, **asked: Any) -> dict[str, Any]:
    """A new pool; the job's problem where it failed."""
    answer = site.client.post(POOLS, json={"name": "new"} | asked)
    if answer.status_code != 202:
        assert answer.status_code == 201, answer.text
        return dict(answer.json)
    job = job_end(site.client, answer.headers["Location"])
    return dict(job["problem"] or site.client.get(f"{POOLS}/new").json)


def names(site: Site) -> list[str]:
    return sorted(site.bed.a.virsh("pool-list", "--all", "--name").split())


def test_folder_becomes_a_pool_is_edited_and_goes_with_what_it_holds(site: Site) -> None:
    made = make(site, type="dir", path="/var/lib/libvirt/new", mode="0711")
    assert (made["active"], made["autostart"], made["changes_pending"]) == (True, True, False)
    folder = site.bed.a.space.folder / "lib/new"
    assert folder.stat().st_mode & 0o777 == 0o711
    asked = made["settings"] | {"path": "/var/lib/libvirt/other"}
    edited = site.client.put(f"{POOLS}/new", json=asked, headers={"If-Match": made["etag"]})
    assert (edited.status_code, edited.json["path"]) == (200, "/var/lib/libvirt/new"), edited.text
    assert edited.json["changes_pending"] and edited.json["settings"]["path"] == "/var/lib/libvirt/other"
    site.client.post(f"{POOLS}/new/stop")
    site.client.post(f"{POOLS}/new/build", json={})
    again = site.client.post(f"{POOLS}/new/start").json
    assert (again["path"], again["changes_pending"]) == ("/var/lib/libvirt/other", False)
    site.client.post(f"{POOLS}/new/volumes", json={"name": "a.qcow2", "size_gib": 1})
    assert site.client.delete(f"{POOLS}/new?contents=true").status_code == 204
    assert not (site.bed.a.space.folder / "lib/other").exists()
    assert "new" not in names(site)


def test_device_becomes_a_file_system_and_is_not_overwritten_unasked(site: Site, loop: Loop) -> None:
    asked = {"type": "fs", "path": "/var/lib/libvirt/fs", "source_device": loop("fs"), "source_format": "ext4"}
    made = make(site, **asked, build_device=True)
    assert made["active"] and 30 << 20 < made["capacity_bytes"] < 64 << 20
    assert site.client.delete(f"{POOLS}/new").status_code == 204
    refused = site.client.post(POOLS, json={"name": "new", "build_device": True} | asked)
    assert refused.status_code == 409 and refused.json["type"] == "/problems/in-use", refused.text
    assert refused.json["errors"][0]["pointer"] == "/source_device", refused.text
    assert "new" not in names(site)
    again = make(site, **asked, build_device=True, overwrite=True)
    assert again["active"]


def test_what_a_pool_is_to_stand_on_and_is_not_there_is_told_at_its_field(site: Site) -> None:
    folder = {"type": "fs", "path": "/var/lib/libvirt/fs", "source_device": "/dev/nope"}
    asked: list[tuple[dict[str, str], str, str]] = [
        (folder, "/source_device", "no device /dev/nope"),
        ({"type": "logical", "source_name": "nogroup"}, "/source_name", "no LVM volume group “nogroup”"),
        ({"type": "scsi", "adapter_name": "scsi_host99"}, "/adapter_name", "no SCSI adapter host99"),
    ]
    for values, pointer, told in asked:
        refused = site.client.post(POOLS, json={"name": "new"} | values)
        assert (refused.status_code, refused.json["type"]) == (404, "/problems/not-found"), refused.text
        assert told in refused.json["detail"] and refused.json["errors"][0]["pointer"] == pointer, refused.text
    both = {"hosts": ["b", "local"], "pool": {"name": "new"} | folder}
    job = job_end(site.client, site.client.post("/api/v1/pools", json=both).headers["Location"])
    assert job["problem"]["errors"][0]["pointer"] == "/pool/source_device", job
    assert "new" not in names(site)


def test_device_becomes_a_volume_group(site: Site, loop: Loop) -> None:
    device = loop("lvm")
    made = make(site, type="logical", source_name="qdvg", source_devices=[device], build_device=True)
    assert made["active"] and made["path"] == "/dev/qdvg" and made["capacity_bytes"] > 50 << 20
    found = site.client.get(f"{LOCAL}/pool-sources?type=logical").json
    assert "qdvg" in [source["settings"]["source_name"] for source in found]
    fails = fails_once(site.bed, "lvm")
    assert site.client.post(f"{POOLS}/new/refresh").status_code == 200
    assert not fails.exists()
    assert site.client.get(f"{POOLS}/new").json["active"], "libvirt turned it off"
    assert site.client.delete(f"{POOLS}/new?contents=true").status_code == 204
    assert "qdvg" not in subprocess.run(["vgs"], capture_output=True, text=True, check=True).stdout


def fails_once(bed: Bed, name: str) -> Path:
    """Let a system command of host a fail the next time; the file that is there until then."""
    folder, seen = bed.a.space.folder / "lib", "/var/lib/libvirt"
    real = Path(shutil.which(name) or name).resolve()
    shutil.copy(real, folder / name)
    wrapper = folder / f"{name}.sh"
    wrapper.write_text(
        f'#!/bin/bash\nrm {seen}/{name}.fails 2>/dev/null && exit 5\nexec -a "${{0##*/}}" {seen}/{name} "$@"\n'
    )
    wrapper.chmod(0o755)
    bed.a.space.run("mount", "--bind", f"{seen}/{wrapper.name}", real)
    fails = folder / f"{name}.fails"
    fails.touch()
    return fails


def test_disk_is_cut_into_partitions(site: Site, loop: Loop) -> None:
    made = make(site, type="disk", source_device=loop("disk"), source_format="gpt", build_device=True)
    assert made["active"] and made["type"] == "disk"
    assert site.bed.a.virsh("pool-dumpxml", "new").count("gpt") == 1
    partition = with_partition(site, made["settings"]["source_device"])
    answer = put(site, b"content", to=f"{POOLS}/new/volumes/one.img")
    assert (answer.status_code, "parted" in answer.json["detail"]) == (409, True), answer.text
    into = f"{POOLS}/new/volumes/{partition.name}"
    assert (
        "overwritten from the first byte" in put(site, b"content", to=into, query="?dry_run=true").json["warnings"][0]
    )
    assert put(site, b"content", to=into).status_code == 200
    answer = put(site, b"wrong", to=into, query=f"?sha256={'0' * 64}")
    assert (answer.status_code, "overwritten" in answer.json["detail"]) == (422, True), answer.text
    assert partition.read_bytes()[:7] == b"wrongnt"
    answer = put(site, bytes(9 << 20), to=into)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/size"), answer.text


def with_partition(site: Site, device: str) -> Path:
    """The one partition that the host makes on a disk."""
    subprocess.run(["parted", "--script", device, "mkpart", "primary", "1MiB", "9MiB"], check=True)
    assert site.client.post(f"{POOLS}/new/refresh").status_code == 200
    [volume] = site.client.get(f"{POOLS}/new/volumes").json
    return Path(volume["path"])


def test_gluster_folder_is_mounted_on_both_hosts_in_one_act(site: Site, bed: Bed) -> None:
    values = {"source_host": bed.a.storage, "source_path": "/shared", "source_format": "glusterfs"}
    pool = {"type": "netfs", "name": "both", "path": "/var/lib/libvirt/both"} | values
    answer = site.client.post("/api/v1/pools", json={"hosts": ["local", "b"], "pool": pool})
    assert answer.status_code == 202, answer.text
    job = job_done(site.client, answer.headers["Location"])
    assert job["details"]["hosts"] == {"local": "done", "b": "done"}
    site.client.post(f"{POOLS}/both/volumes", json={"name": "seen.qcow2", "size_gib": 0.1})
    site.client.post("/api/v1/hosts/b/pools/both/refresh")
    seen = site.client.get("/api/v1/hosts/b/pools/both/volumes").json
    assert "seen.qcow2" in [volume["name"] for volume in seen]
    uuid = bed.b.define(bed.guest_xml("there", disk="/var/lib/libvirt/both/seen.qcow2"))
    wait_for(lambda: "there" in [each["name"] for each in site.client.get("/api/v1/hosts/b/domains").json])
    answer = site.client.delete(f"{POOLS}/both/volumes/seen.qcow2")
    assert (answer.status_code, "there on b" in answer.json["detail"]) == (409, True), answer.text
    assert "seen.qcow2" not in [volume["name"] for volume in site.client.get(f"{LOCAL}/unused-volumes").json]
    here = bed.a.define(bed.guest_xml("here", disk="/var/lib/libvirt/both/seen.qcow2"))
    wait_for(lambda: "here" in [each["name"] for each in site.client.get(f"{LOCAL}/domains").json])
    kept_with_its_machine(site, here, "there on b")
    bed.b.virsh("undefine", uuid)
    xml = bed.guest_xml("named", disk="/var/lib/libvirt/both/seen.qcow2").replace('type="file"', 'type="volume"')
    by_name = xml.replace('file="/var/lib/libvirt/both/seen.qcow2"', 'pool="both" volume="seen.qcow2"')
    uuid = bed.b.define(by_name)
    wait_for(lambda: "named" in [each["name"] for each in site.client.get("/api/v1/hosts/b/domains").json])
    kept_with_its_machine(site, here, "named on b")
    bed.b.virsh("undefine", uuid)
    wait_for(lambda: site.client.get(f"{LOCAL}/domains/{here}/volumes").json[0]["deletable"])
    site.service.hosts.get("b").close()
    warnings = site.client.delete(f"{LOCAL}/domains/{here}?volumes=all&dry_run=true").json["warnings"]
    assert warnings[1:] == [UNREACHED.format("b")], warnings
    bed.a.virsh("undefine", here)
    wait_for(lambda: site.client.delete(f"{POOLS}/both/volumes/seen.qcow2").status_code == 204)


def kept_with_its_machine(site: Site, uuid: str, user: str) -> None:
    """The disk of a machine does not go with it, since another host's machine has it too."""
    (disk,) = site.client.get(f"{LOCAL}/domains/{uuid}/volumes").json
    assert (disk["deletable"], disk["shared_by"]) == (False, [user]), disk
    refused = site.client.delete(f"{LOCAL}/domains/{uuid}?volumes=vda")
    assert refused.status_code in (409, 422), refused.text


def test_shared_pool_that_fails_on_one_host_is_left_on_none(site: Site, bed: Bed) -> None:
    (bed.b.space.folder / "lib/spoiled").write_text("a file where the folder is to be")
    pool = {"type": "dir", "name": "both", "path": "/var/lib/libvirt/spoiled"}
    answer = site.client.post("/api/v1/pools", json={"hosts": ["local", "b"], "pool": pool})
    job = job_done(site.client, answer.headers["Location"], "failed")
    assert job["problem"]["detail"].startswith("b: ")
    assert "both" not in names(site) and not (bed.a.space.folder / "lib/spoiled").exists()
    assert "both" not in bed.b.virsh("pool-list", "--all", "--name").split()


def test_server_that_does_not_answer_is_told_within_seconds_and_nothing_is_left(site: Site, bed: Bed) -> None:
    folder = {"type": "netfs", "path": "/var/lib/libvirt/nfs", "source_path": "/export"}
    refused = make(site, **folder, source_host=bed.a.address)
    assert (refused["type"], refused["errors"][0]["pointer"]) == ("/problems/unreachable", "/source_host")
    assert "nothing serves there" in refused["detail"]
    unknown = make(site, **folder, source_host="no-such-server.invalid")
    assert "has no address" in unknown["detail"]
    bed.cut_network("b")
    silent = make(site, **folder, source_host=bed.b.address)
    assert "does not answer" in silent["detail"]
    assert "new" not in names(site) and not (site.bed.a.space.folder / "lib/nfs").exists()


def test_folder_that_a_server_does_not_export_leaves_no_pool(site: Site, bed: Bed) -> None:
    values = {"source_host": bed.a.storage, "source_path": "/nothing", "source_format": "glusterfs"}
    problem = make(site, type="netfs", path="/var/lib/libvirt/none", **values)
    assert problem["type"] == "/problems/libvirt-refused" and problem["raw"]
    assert "new" not in names(site) and not (site.bed.a.space.folder / "lib/none").exists()


def test_disks_of_an_iscsi_target_are_volumes(site: Site, bed: Bed, tmp_path: Path) -> None:
    (tmp_path / "lun").write_bytes(bytes(16 << 20))
    target = Target(bed, tmp_path / "lun")
    try:
        values = {"source_host": bed.a.storage, "source_device": IQN, "source_initiator": f"{IQN}-me"}
        made = make(site, type="iscsi-direct", **values)
        assert made.get("active"), made
        volumes = site.client.get(f"{POOLS}/new/volumes").json
        # LUN 0 is the target's own; libvirt takes the last block's number for the number of blocks
        assert [volume["capacity_bytes"] for volume in volumes][1:] == [(16 << 20) - 512]
        site.client.delete(f"{POOLS}/new")
        target.ask_for("me", "twelve-letters")
        refused = make(site, type="iscsi-direct", **values, username="me", password="wrong-letters")
        assert (refused["type"], secrets(bed)) == ("/problems/libvirt-refused", [])
        made = make(site, type="iscsi-direct", **values, username="me", password="twelve-letters")
        assert made.get("active"), made
        (secret,) = secrets(bed)
        assert made["settings"]["secret"] == secret
        text = bed.a.virsh("secret-dumpxml", secret)
        assert "ephemeral='no' private='yes'" in text
        kept = made["settings"] | {"password": "other-letters"}
        plan = site.client.put(f"{POOLS}/new?dry_run=true", json=kept, headers={"If-Match": made["etag"]})
        assert plan.json["commands"] == [f"virsh secret-set-value {secret} --interactive"]
        assert site.client.put(f"{POOLS}/new", json=kept, headers={"If-Match": made["etag"]}).status_code == 200
        site.client.post(f"{POOLS}/new/stop")
        assert site.client.post(f"{POOLS}/new/start").json["type"] == "/problems/libvirt-refused"
        assert site.client.delete(f"{POOLS}/new").status_code == 204
        assert secrets(bed) == []
        assert "letters" not in site.client.get("/api/v1/jobs").text + site.client.get("/api/v1/audit").text
        assert not any(b"letters" in path.read_bytes() for path in tmp_path.rglob("*.sqlite*"))
    finally:
        target.stop()


def secrets(bed: Bed) -> list[str]:
    """The secrets that libvirt keeps on host `a`."""
    return re.findall(r"^ *([0-9a-f-]{36})", bed.a.virsh("secret-list"), re.MULTILINE)


class Target:
    """An iSCSI target on the bed's storage server."""

    def __init__(self, bed: Bed, file: Path) -> None:
        self._run = bed.storage.run
        self._run("mkdir", "-p", "/run/tgtd")
        self._run("tgtd")
        wait_for(lambda: "State: ready" in self._run("tgtadm", "-m", "sys", "-o", "show", check=False), what="tgtd")
        self._run("tgtadm", "-L", "iscsi", "-o", "new", "-m", "target", "-t", "1", "-T", IQN)
        self._run("tgtadm", "-L", "iscsi", "-o", "new", "-m", "logicalunit", "-t", "1", "-l", "1", "-b", str(file))
        self._run("tgtadm", "-L", "iscsi", "-o", "bind", "-m", "target", "-t", "1", "-I", "ALL")

    def ask_for(self, user: str, password: str) -> None:
        """Let nobody in without these from now on."""
        words = ["tgtadm", "-L", "iscsi", "-m", "account", "--user", user]
        self._run(*words, "-o", "new", "--password", password)
        self._run(*words, "-o", "bind", "-t", "1")

    def stop(self) -> None:
        self._run("sh", "-c", "kill -9 $(pidof tgtd)")


def test_types_that_this_libvirt_lacks_say_so(site: Site) -> None:
    types = {kind["type"]: kind for kind in site.client.get(f"{LOCAL}/pool-types").json}
    assert types["dir"]["available"] and types["logical"]["available"]
    assert not types["zfs"]["available"] and "no driver" in types["zfs"]["reason"]
    refused = site.client.post(POOLS, json={"type": "zfs", "name": "new", "source_name": "tank"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (409, "/type")


@pytest.fixture
def share(bed: Bed, tmp_path: Path) -> Iterator[Path]:
    """A pool `share` on a network share of host `a`; its server is silent while the file at the path exists."""
    sign, program = tmp_path / "silent", Path(__file__).with_name("silent_fs.py")
    bed.a.space.run("mkdir", "-p", SHARE)
    line = ["nsenter", "--target", str(bed.a.space.first_pid), "--all", sys.executable, str(program), SHARE, str(sign)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout and server.stdout.readline() == "mounted\n"
        bed.a.virsh("pool-create-as", "share", "dir", "--target", SHARE)
        yield sign
        sign.unlink(missing_ok=True)
        bed.a.virsh("pool-destroy", "share")
        bed.a.space.run("umount", SHARE)
        server.kill()


def test_server_that_falls_silent_is_told_and_hangs_nothing_else(
    site: Site, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = site.client.get

    def states() -> dict[str, str]:
        return {pool["name"]: pool["state"] for pool in get(POOLS).json}

    assert states() == {"default": "running", "share": "running", "shared": "running"}
    share.touch()
    with monkeypatch.context() as hurried:
        hurried.setattr("quarterdeck.hypervisor.silent.SECONDS", 0.5)
        (silent,) = {get(f"{POOLS}/share/volumes").json["type"] for _ in range(8)}
        assert silent == "/problems/timed-out"
    for _ in range(8):  # more than the connection to libvirt takes at once
        refused = site.client.post(f"{POOLS}/share/refresh")
        assert (refused.status_code, "pool share" in refused.json["detail"]) == (504, True), refused.text
    assert states() == {"default": "running", "share": "inaccessible", "shared": "running"}
    made = site.client.post(f"{POOLS}/default/volumes", json={"name": "other.img", "size_gib": 0.01})
    assert made.status_code == 201, made.text
    assert get(f"{LOCAL}/unused-volumes").status_code == 200
    refused = site.client.post(POOLS, json={"type": "dir", "name": "new", "path": "/var/lib/libvirt/new"})
    assert (refused.status_code, "pool share" in refused.json["detail"]) == (504, True), refused.text
    share.unlink()
    wait_for(lambda: states()["share"] == "running", what="the share that answers again")
    assert [volume["name"] for volume in get(f"{POOLS}/share/volumes").json] == ["a.img"]
