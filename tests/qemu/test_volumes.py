"""Volumes on a real libvirtd: resized, copied between pools, wiped; chains; files that come from outside."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quarterdeck.jobs import Job, Jobs, now
from quarterdeck.model.storage import volume_xml
from quarterdeck.operations.storage.encrypted import EncryptedVolumes
from quarterdeck.operations.storage.storage import Storage
from quarterdeck.problems import Problem
from quarterdeck.store import JobRows
from tests.conftest import Client
from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import Site
from tests.waiting import job_done, job_end, until

POOLS = "/api/v1/hosts/local/pools"
VOLUMES = f"{POOLS}/default/volumes"
GIB = 1 << 30


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def fill(site: Site, name: str, size: int = 8 << 20) -> bytes:
    """A raw volume full of something."""
    data = bytes(range(256)) * (size // 256)
    (site.bed.a.images / name).write_bytes(data)
    site.bed.a.virsh("pool-refresh", "default")
    return data


def test_an_encrypted_volume_that_a_restart_cut_off_goes_but_nobody_elses_of_that_name(site: Site) -> None:
    asked = {"name": "mine.img", "size_gib": 4 / 1024, "format": "raw", "passphrase": "open sesame"}
    assert job_done(site.client, site.client.post(VOLUMES, json=asked).headers["Location"])
    secret = site.client.get(f"{VOLUMES}/mine.img").json["secret"]
    fill(site, "theirs.img")
    service, started = site.service, now()
    rows = JobRows(service.store, 10)
    for name in ("mine.img", "theirs.img"):
        about = {"id": name, "kind": "volume-encrypt", "host": "local", "target": f"default/{name}", "user": "demo"}
        job = Job.model_validate(about | {"state": "running", "started": started})
        params = {"pool": "default", "volume": name, "secret": secret}
        rows.put(name, job.state, started, job.model_dump_json(), params)
    jobs = Jobs(rows)
    storage = Storage(service.hosts, service.inventory, jobs, service.store)
    EncryptedVolumes(service.hosts, storage, jobs)
    jobs.resume()
    over = {
        name: until(lambda name=name: (seen := jobs.get(name)).over and seen) for name in ("mine.img", "theirs.img")
    }
    assert [each.problem["type"] for each in over.values() if each.problem] == ["/problems/interrupted"] * 2, over
    assert [path.name for path in site.bed.a.images.iterdir()] == ["theirs.img"], over


def test_volume_grows_and_shrinks_only_when_that_is_said(site: Site) -> None:
    answer = site.client.post(f"{VOLUMES}", json={"name": "a.qcow2", "size_gib": 1})
    made = site.client.get(f"{VOLUMES}/a.qcow2").json
    grown = site.client.patch(f"{VOLUMES}/a.qcow2", json={"size_gib": 2}, headers={"If-Match": made["etag"]})
    assert (grown.status_code, grown.json["capacity_bytes"]) == (200, 2 * GIB), grown.text
    stale = site.client.patch(f"{VOLUMES}/a.qcow2", json={"size_gib": 3}, headers={"If-Match": made["etag"]})
    assert stale.status_code == 412
    way = answer.headers["Link"].split(";")[0].strip("<>")
    resized = site.client.post(way, json={})
    assert (resized.status_code, resized.json["type"]) == (409, "/problems/not-undoable"), resized.text
    fill(site, "full.img")
    full = site.client.patch(f"{VOLUMES}/full.img", json={"size_gib": 4 / 1024, "shrink": True})
    assert (full.status_code, full.json["detail"]) == (409, "It holds more data than would be left."), full.text
    site.bed.a.make_disk("b.img", "8M", kind="raw")
    site.bed.a.virsh("pool-refresh", "default")
    smaller = site.client.patch(f"{VOLUMES}/b.img", json={"size_gib": 4 / 1024, "shrink": True})
    assert (smaller.status_code, smaller.json["capacity_bytes"]) == (200, 4 << 20), smaller.text


@pytest.mark.parametrize("form", ["qcow2", "raw"])
def test_a_volume_takes_all_its_space_at_once_only_where_that_is_said(site: Site, form: str) -> None:
    asked = {"name": "new", "size_gib": 8 / 1024, "format": form}
    for more in ({}, {"allocate": True}, {"allocate": True, "passphrase": "correct horse battery"}):
        plan = site.client.post(f"{VOLUMES}?dry_run=true", json=asked | more).json
        if form == "raw" and "passphrase" in more:
            assert plan["errors"][0]["pointer"] == "/allocate", plan
            break
        assert any("prealloc" in each for each in plan["commands"]) == (more != {} and form == "qcow2"), plan
        made = site.client.post(VOLUMES, json=asked | more)
        if "passphrase" in more:
            job_done(site.client, made.headers["Location"])
        taken = (site.bed.a.images / "new").stat().st_blocks * 512
        assert (taken >= 8 << 20) == bool(more), (more, taken)
        gone = site.client.delete(f"{VOLUMES}/new{'?secret=true' if 'passphrase' in more else ''}")
        assert gone.status_code == 204, gone.text


def test_volume_of_a_running_machine_grows_there_at_once(site: Site) -> None:
    host = site.bed.a
    host.make_disk("vm1.qcow2", "64M")
    host.virsh("pool-refresh", "default")
    uuid = host.define(site.bed.guest_xml("vm1", disk="/var/lib/libvirt/images/vm1.qcow2"))
    host.virsh("start", "vm1")
    site.service.inventory.refresh_host("local")
    larger = {"size_gib": 0.125}
    plan = site.client.patch(f"{VOLUMES}/vm1.qcow2?dry_run=true", json=larger).json
    assert plan["commands"] == ["virsh blockresize vm1 vda 134217728B"], plan
    grown = site.client.patch(f"{VOLUMES}/vm1.qcow2", json=larger)
    assert (grown.status_code, grown.json["capacity_bytes"]) == (200, 128 << 20), grown.text
    assert "134217728" in host.virsh("domblkinfo", "vm1", "vda"), uuid
    smaller = site.client.patch(f"{VOLUMES}/vm1.qcow2", json={"size_gib": 0.0625, "shrink": True})
    assert smaller.json["errors"][0]["pointer"] == "/size_gib", smaller.text


def test_a_new_volume_is_undone_only_while_nothing_was_written_to_it(site: Site) -> None:
    for name, form, write in (("a.qcow2", "qcow2", "write 0 64k"), ("b.img", "raw", "write 1M 64k")):
        made = site.client.post(f"{VOLUMES}", json={"name": name, "size_gib": 1, "format": form})
        way = made.headers["Link"].split(";")[0].strip("<>")
        path = site.bed.a.images / name
        subprocess.run(["qemu-io", "-r", "-f", form, "-c", "read 0 64k", path], check=True, capture_output=True)
        assert site.client.post(f"{way}?dry_run=true", json={}).status_code == 200
        subprocess.run(["qemu-io", "-f", form, "-c", write, path], check=True, capture_output=True)
        written = site.client.post(way, json={})
        assert (written.status_code, written.json["type"]) == (409, "/problems/not-undoable"), written.text
        assert path.exists()
    untouched = site.client.post(f"{VOLUMES}", json={"name": "c.img", "size_gib": 1, "format": "raw"})
    gone = site.client.post(untouched.headers["Link"].split(";")[0].strip("<>"), json={})
    assert (gone.status_code, (site.bed.a.images / "c.img").exists()) == (200, False), gone.text


def test_copy_has_the_content_in_another_pool_and_another_format(site: Site) -> None:
    data = fill(site, "a.img")
    for asked in ({"name": "b.img"}, {"name": "b.img", "pool": "shared"}, {"name": "c.qcow2", "format": "qcow2"}):
        answer = site.client.post(f"{VOLUMES}/a.img/clone", json=asked)
        assert answer.status_code == 202, answer.text
        job_done(site.client, answer.headers["Location"])
    assert (site.bed.a.images / "b.img").read_bytes() == data
    shared = site.client.get(f"{POOLS}/shared/volumes/b.img/content")
    assert shared.data == data
    line = ["qemu-img", "convert", "-O", "raw", str(site.bed.a.images / "c.qcow2"), str(site.bed.a.images / "c.img")]
    subprocess.run(line, check=True)
    assert (site.bed.a.images / "c.img").read_bytes() == data


SHARING = {"xfs": "mkfs.xfs -qf -m reflink=1", "btrfs": "mkfs.btrfs -qf"}


@pytest.fixture
def sharing(site: Site) -> Iterator[tuple[Path, bool]]:
    """The folder of a pool `files`, and whether files in it can share blocks.

    It lies on the first of these file systems that this kernel has, else on one that cannot.
    """
    space, folder = site.bed.a.space, "/run/files"
    space.run("sh", "-ec", f"mkdir -p {folder}; truncate -s 320M {folder}.img")

    def mounted(kind: str) -> bool:
        line = f"{SHARING[kind]} {folder}.img && mount -t {kind} -o loop {folder}.img {folder} && echo mounted"
        return "mounted" in space.run("sh", "-c", line, check=False).split()

    can = any(mounted(kind) for kind in SHARING)
    if not can:
        space.run("mount", "-t", "tmpfs", "tmpfs", folder)
    space.run("dd", "if=/dev/urandom", f"of={folder}/a.img", "bs=64k", "count=16", "status=none")
    site.bed.a.virsh("pool-create-as", "files", "dir", "--target", folder)
    yield Path(folder), can
    site.bed.a.virsh("pool-destroy", "files")
    space.run("umount", "-l", folder)
    space.run("rm", f"{folder}.img")


def test_copy_shares_its_blocks_where_the_file_system_can_and_tells(site: Site, sharing: tuple[Path, bool]) -> None:
    folder, can = sharing
    answer = site.client.post(f"{POOLS}/files/volumes/a.img/clone", json={"name": "b.img"})
    job = job_done(site.client, answer.headers["Location"])
    site.bed.a.space.run("cmp", str(folder / "a.img"), str(folder / "b.img"))
    assert job["result"]["shares_blocks"] is can, job
    told = "shares its blocks with the original" if can else "cannot share them"
    assert told in str(job["log"]), job
    if can:
        extents = site.bed.a.space.run("filefrag", "-v", str(folder / "b.img"))
        assert "shared" in extents, extents


def test_clone_of_a_machine_shares_its_blocks_where_the_file_system_can(site: Site, sharing: tuple[Path, bool]) -> None:
    folder, can = sharing
    xml = site.bed.guest_xml("whole", disk=folder / "a.img", disk_format="raw")
    uuid = site.bed.a.define(xml, start=True)
    asked = {"name": "twin", "disks": [{"target": "vda", "volume": "twin.img"}]}
    made = site.client.post(f"/api/v1/hosts/local/domains/{uuid}/clone", json=asked)
    job = job_done(site.client, made.headers["Location"])
    site.bed.a.space.run("cmp", str(folder / "a.img"), str(folder / "twin.img"))
    assert ("vda: The copy shares its blocks" in str(job["log"])) is can, job
    if can:
        extents = site.bed.a.space.run("filefrag", "-v", str(folder / "twin.img"))
        assert "shared" in extents, extents
    site.bed.a.virsh("destroy", "whole")


def test_wiped_volume_holds_zeros_or_says_what_it_holds_then(site: Site) -> None:
    fill(site, "a.img")
    answer = site.client.post(f"{VOLUMES}/a.img/wipe", json={})
    job_done(site.client, answer.headers["Location"])
    assert set((site.bed.a.images / "a.img").read_bytes()) == {0}
    job = job_end(
        site.client, site.client.post(f"{VOLUMES}/a.img/wipe", json={"algorithm": "random"}).headers["Location"]
    )
    if shutil.which("scrub"):
        assert job["state"] == "done" and len(set((site.bed.a.images / "a.img").read_bytes())) == 256, job
    else:
        assert (job["state"], "lacks the program scrub" in job["problem"]["detail"]) == ("failed", True), job
    site.bed.a.make_disk("thin.img", "8M", kind="raw")
    site.bed.a.virsh("pool-refresh", "default")
    for name, told in (("a.img", "is overwritten"), ("thin.img", "lost, but not overwritten")):
        plan = site.client.post(f"{VOLUMES}/{name}/wipe?dry_run=true", json={}).json
        assert told in plan["warnings"][0], plan


def test_a_link_to_a_file_elsewhere_is_not_written_or_read_in_its_place(site: Site, tmp_path: Path) -> None:
    host, files = site.bed.a, tmp_path / "files"
    secret, data = tmp_path / "secret", b"secret" * 4096
    secret.write_bytes(data)
    files.mkdir()
    (files / "link.img").symlink_to(secret)
    (files / "disk.img").write_bytes(data)
    (tmp_path / "pool").symlink_to(files)
    host.virsh("pool-create-as", "linked", "dir", "--target", f"{tmp_path}/pool")
    try:
        uuid = host.define(site.bed.guest_xml("off", disk=f"{tmp_path}/pool/link.img", disk_format="raw"))
        site.service.inventory.refresh_host("local")
        machine = f"/api/v1/hosts/local/domains/{uuid}"
        etag = {"If-Match": site.client.get(machine).json["etag"]}
        linked = f"{POOLS}/linked/volumes"
        disk = site.client.patch(f"{machine}/devices/disk-vda", json={"size_gib": 1}, headers=etag)
        assert (disk.status_code, disk.json["errors"][0]["pointer"]) == (403, "/size_gib"), disk.text
        host.virsh("undefine", "off")
        site.service.inventory.refresh_host("local")
        for answer in (
            site.client.patch(f"{linked}/link.img", json={"size_gib": 1}),
            site.client.patch(f"{linked}/link.img", json={"size_gib": 1 / 1024, "shrink": True}),
            site.client.post(f"{linked}/link.img/clone", json={"name": "copy.qcow2", "format": "qcow2"}),
            site.client.post(f"{linked}/link.img/wipe", json={}),
        ):
            assert (answer.status_code, "a symbolic link" in answer.json["detail"]) == (403, True), answer.text
        volumes = site.service.hosts.get("local").volumes
        copy = volume_xml("copy.img", 1 << 20, "raw")
        for act in (
            lambda: volumes.resize("linked", "link.img", 1 << 30),
            lambda: volumes.wipe("linked", "link.img"),
            lambda: volumes.create_from("linked", copy, "linked", "link.img"),
        ):
            with pytest.raises(Problem, match="a symbolic link"):
                act()
        assert secret.read_bytes() == data
        assert site.client.patch(f"{linked}/disk.img", json={"size_gib": 1 / 1024}).status_code == 200
        copied = site.client.post(f"{linked}/disk.img/clone", json={"name": "copy.qcow2", "format": "qcow2"})
        job_done(site.client, copied.headers["Location"])
        job_done(site.client, site.client.post(f"{linked}/disk.img/wipe", json={}).headers["Location"])
        assert set((files / "disk.img").read_bytes()) == {0}
    finally:
        host.virsh("pool-destroy", "linked")


def test_image_stands_on_another_and_that_one_is_kept(site: Site) -> None:
    site.client.post(VOLUMES, json={"name": "base.qcow2", "size_gib": 1})
    asked = {"name": "top.qcow2", "size_gib": 2, "backing": {"volume": "base.qcow2"}}
    made = site.client.post(VOLUMES, json=asked)
    assert made.status_code == 201, made.text
    small = site.client.post(VOLUMES, json=asked | {"name": "small.qcow2", "size_gib": 0.5})
    assert small.json["errors"][0]["pointer"] == "/size_gib"
    chain = site.client.get(f"{VOLUMES}/top.qcow2/chain").json
    assert [link["volume"] for link in chain] == ["top.qcow2", "base.qcow2"]
    for answer in (
        site.client.patch(f"{VOLUMES}/base.qcow2", json={"size_gib": 3}),
        site.client.post(f"{VOLUMES}/base.qcow2/wipe", json={}),
        site.client.delete(f"{VOLUMES}/base.qcow2"),
    ):
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/in-use"), answer.text
    unused = [volume["name"] for volume in site.client.get("/api/v1/hosts/local/unused-volumes").json]
    assert unused == ["top.qcow2"]


def test_a_deletion_tells_of_disks_of_which_nobody_can_tell_what_they_stand_on(site: Site) -> None:
    host, machines = site.bed.a, "/api/v1/hosts/local/domains"
    host.make_disk("base.qcow2")
    host.make_disk("mine.qcow2")
    host.make_disk("top.qcow2", folder=Path("/var/lib/libvirt"))
    host.virsh("pool-refresh", "default")
    host.define(site.bed.guest_xml("off", disk="/var/lib/libvirt/top.qcow2"))
    mine = host.define(site.bed.guest_xml("mine", disk="/var/lib/libvirt/images/mine.qcow2"))
    site.service.inventory.refresh_host("local")
    for way in (f"{VOLUMES}/base.qcow2?dry_run=true", f"{machines}/{mine}?volumes=all&dry_run=true"):
        deleted, told = site.client.delete(way).json["warnings"]
        assert "is deleted" in deleted
        assert told.startswith("off has the disk /var/lib/libvirt/top.qcow2, which lies in no running pool"), told
    wiped = site.client.post(f"{VOLUMES}/base.qcow2/wipe?dry_run=true", json={}).json["warnings"]
    assert told in wiped, wiped
    assert site.client.delete(f"{machines}/{mine}?dry_run=true").json["warnings"] == []


def test_twenty_volumes_are_deleted_at_once_while_their_pool_is_read(site: Site) -> None:
    images, pools, over = site.bed.a.images, site.service.hosts.get("local").pools, threading.Event()
    for number in range(20):
        (images / f"{number}.img").write_bytes(b"content")
    pools.refresh("default")

    def read() -> None:
        while not over.is_set():
            pools.refresh("default")

    def delete(number: int) -> tuple[int, str]:
        client = site.app.test_client()
        assert isinstance(client, Client)
        answer = client.login().delete(f"{VOLUMES}/{number}.img")
        return answer.status_code, answer.text

    with ThreadPoolExecutor(21) as threads:
        reading = threads.submit(read)
        try:
            answers = list(threads.map(delete, range(20)))
        finally:
            over.set()
        reading.result()
    assert {status for status, _text in answers} == {204}, answers
    assert list(images.iterdir()) == []


def test_file_that_comes_from_outside_appears_while_somebody_looks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.operations.storage.rereads.OPEN_SECONDS", 0.0)
    site.client.get(VOLUMES)
    (site.bed.a.images / "outside.img").write_bytes(bytes(1 << 20))
    site.page.emit("subscribe", {"room": "host:local"}, callback=True)
    names = lambda: [volume["name"] for volume in site.client.get(VOLUMES).json]  # noqa: E731
    wait_for(lambda: "outside.img" in names(), what="the file in the list")


def test_an_encrypted_volume_has_its_secret_and_both_go_together(site: Site, tmp_path: Path) -> None:
    word, host = "correct horse battery", site.bed.a
    asked = {"name": "locked.img", "size_gib": 0.01, "format": "raw", "passphrase": word}
    site.bed.a.make_disk("taken", "1M", kind="raw")  # a file that the pool does not know yet: the making fails
    failed = site.client.post(VOLUMES, json=asked | {"name": "taken"})
    job_done(site.client, failed.headers["Location"], "failed")
    assert host.virsh("secret-list").split() == []
    plan = site.client.post(f"{VOLUMES}?dry_run=true", json=asked)
    assert plan.json["commands"][0].startswith("virsh secret-define /dev/stdin"), plan.text
    made = site.client.post(VOLUMES, json=asked)
    assert made.status_code == 202, made.text
    job = job_done(site.client, made.headers["Location"])
    host.virsh("pool-refresh", "default")
    volume = site.client.get(f"{VOLUMES}/locked.img").json
    assert (volume["encrypted"], volume["secret"]) == (True, host.virsh("secret-list").split()[0]), volume
    assert (host.images / "locked.img").read_bytes()[:4] == b"LUKS"
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert kept and not any(word.encode() in each for each in kept)
    assert word not in plan.text + made.text + str(job) + site.client.get("/api/v1/audit").text
    copy = site.client.post(f"{VOLUMES}/locked.img/clone", json={"name": "copy.img"})
    job_done(site.client, copy.headers["Location"])
    assert (host.images / "copy.img").read_bytes() == (host.images / "locked.img").read_bytes()
    refusals = {
        "clone": ({"name": "clear.qcow2", "format": "qcow2"}, "copied as it is"),
        "convert": ({"format": "vmdk"}, "only its machine reads it"),
    }
    for act, (body, words) in refusals.items():
        assert words in site.client.post(f"{VOLUMES}/locked.img/{act}", json=body).json["detail"]
    uuid = host.define(site.bed.guest_xml("vm1"))
    machine = f"/api/v1/hosts/local/domains/{uuid}"
    etag = {"If-Match": site.client.get(machine).json["etag"]}
    disk = {"type": "disk", "pool": "default", "volume": "locked.img"}
    opened = site.client.post(f"{machine}/devices?dry_run=true", json=disk, headers=etag)
    assert f'<secret type="passphrase" uuid="{volume["secret"]}"/>' in opened.json["xml_diff"], opened.text
    closed = site.client.post(f"{machine}/devices", json=disk | {"volume": "copy.img"}, headers=etag)
    assert closed.json["errors"][0]["pointer"] == "/passphrase", closed.text
    chosen = disk | {"volume": "copy.img", "encryption": {"secret": volume["secret"]}}
    added = site.client.post(f"{machine}/devices", json=chosen, headers=etag)
    assert added.status_code == 200, added.text
    in_use = site.client.delete(f"{VOLUMES}/locked.img?secret=true")
    assert in_use.json["used_by"] == ["vm1"], in_use.text
    stays = site.client.delete(f"{VOLUMES}/locked.img?dry_run=true").json
    assert volume["secret"] in stays["warnings"][-1]
    grown = site.client.patch(f"{VOLUMES}/locked.img", json={"size_gib": 0.02})
    assert grown.status_code == 200, grown.text
    assert grown.json["capacity_bytes"] == -(-int(0.02 * (1 << 30)) // 512) * 512, grown.text
    stuck = site.client.patch(f"{VOLUMES}/copy.img", json={"size_gib": 1})
    assert "does not know its passphrase" in stuck.json["detail"], stuck.text
    cloned_with_its_encryption(site, uuid, volume["secret"])
    gone = site.client.delete(f"{VOLUMES}/locked.img?secret=true")
    assert (gone.status_code, host.virsh("secret-list").split()) == (204, []), gone.text


def cloned_with_its_encryption(site: Site, uuid: str, secret: str) -> None:
    """A clone reads its disk by the same secret, which goes with the last machine that needs it."""
    domains, images = "/api/v1/hosts/local/domains", site.bed.a.images
    linked = site.client.post(f"{domains}/{uuid}/clone", json={"name": "vm2", "mode": "linked"})
    assert "would lie in clear" in linked.json["errors"][0]["detail"], linked.text
    begun = site.client.post(f"{domains}/{uuid}/clone", json={"name": "vm2"})
    clone = job_done(site.client, begun.headers["Location"])["result"]["uuid"]
    (disk,) = (each for each in site.client.get(f"{domains}/{clone}").json["devices"] if each["type"] == "disk")
    assert disk["saved"]["encryption"]["secret"] == secret, disk
    copy = images / disk["saved"]["source"]["file"].rpartition("/")[2]
    assert copy.read_bytes() == (images / "copy.img").read_bytes()
    for machine, others, query in ((uuid, True, "&secrets=true"), (clone, False, "")):
        (told,) = site.client.get(f"{domains}/{machine}/volumes").json
        assert told["secret"] == (None if others else secret), "it goes only where no other machine needs it"
        gone = site.client.delete(f"{domains}/{machine}?volumes=all{query}", headers={"If-Match": "*"})
        assert (gone.status_code, site.bed.a.virsh("secret-list").split()[:1]) == (204, [secret]), gone.text
    assert not copy.exists()


def test_a_new_machine_has_an_encrypted_disk(site: Site) -> None:
    word, host, domains = "correct horse battery", site.bed.a, "/api/v1/hosts/local/domains"
    asked = {"name": "vm3", "memory_mib": 64, "vcpus": 1, "install": {"method": "none"}, "start": False}
    disk = {"pool": "default", "size_gib": 0.01, "format": "raw", "passphrase": word}
    plan = site.client.post(f"{domains}?dry_run=true", json=asked | {"disks": [disk]}).json
    assert plan["commands"][0].startswith("virsh secret-define /dev/stdin"), plan
    made = site.client.post(domains, json=asked | {"disks": [disk]})
    assert made.status_code == 202, made.text
    job = job_done(site.client, made.headers["Location"])
    one = f"{domains}/{job['result']['uuid']}"
    (volume,) = site.client.get(f"{one}/volumes").json
    assert [volume["secret"]] == host.virsh("secret-list").split()[:1], volume
    assert (host.images / volume["volume"]).read_bytes()[:4] == b"LUKS"
    assert word not in str(plan) + made.text + str(job) + site.client.get("/api/v1/audit").text
    kept = site.client.delete(f"{one}?volumes=all&dry_run=true").json
    assert volume["secret"] in kept["warnings"][-1], kept
    host.virsh("pool-refresh", "default")
    existing = {"pool": "default", "volume": volume["volume"], "shareable": True}
    again = site.client.post(f"{domains}?dry_run=true", json=asked | {"name": "vm4", "disks": [existing]})
    assert f'<secret type="passphrase" uuid="{volume["secret"]}"/>' in again.json["xml_diff"], again.text
    twice = site.client.post(f"{domains}?dry_run=true", json=asked | {"disks": [existing | {"passphrase": word}]})
    assert "/disks/0/passphrase" in [each["pointer"] for each in twice.json["errors"]], twice.text
    gone = site.client.delete(f"{one}?volumes=all&secrets=true", headers={"If-Match": "*"})
    assert (gone.status_code, host.virsh("secret-list").split()) == (204, []), gone.text
    assert not (host.images / volume["volume"]).exists()
