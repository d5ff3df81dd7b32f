"""A machine that is off moves with its disks, in whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from quarterdeck.model.xml import dump, parse
from tests.deck import Deck
from tests.qemu.bed import Bed, BedHost, wait_for
from tests.qemu.moves import DOMAINS, SECRET, Site, on_locked, taken_mib
from tests.waiting import until

IMAGES = "/var/lib/libvirt/images"
NAME = "sleeper"
FILES = ("sleeper.qcow2", "sleeper-data.img")


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def sleeper(bed: Bed, *, mib: int = 4, more: str = "", firmware: str = "") -> str:
    """A machine on host a that is off, with a thin qcow2 and a thin raw disk that hold so much each."""
    first, second = bed.a.make_disk(FILES[0], "64M"), bed.a.make_disk(FILES[1], "64M", kind="raw")
    bed.a.space.run("qemu-io", "-f", "qcow2", "-c", f"write -P 0x5a 1M {mib}M", first)
    bed.a.space.run("qemu-io", "-f", "raw", "-c", f"write -P 0x3c 40M {mib}M", second)
    bed.a.virsh("pool-refresh", "default")
    root = parse(
        bed.guest_xml(NAME, disk=first)
        .replace("</os>", f"{firmware}</os>", 1)
        .replace("</devices>", f"{more}</devices>", 1)
    )
    disk = etree.SubElement(root.find("devices"), "disk", type="file", device="disk")
    etree.SubElement(disk, "driver", name="qemu", type="raw")
    etree.SubElement(disk, "source", file=str(second))
    etree.SubElement(disk, "target", dev="vdb", bus="virtio")
    return bed.a.define(dump(root))


def sums(host: BedHost, *paths: str) -> list[str]:
    """Checksums of the content of files."""
    return [host.space.run("sha256sum", path).split()[0] for path in paths]


def here(bed: Bed) -> list[str]:
    return sums(bed.a, *(f"{IMAGES}/{name}" for name in FILES))


def names(host: BedHost, folder: str = IMAGES) -> list[str]:
    return sorted(host.space.run("ls", folder).split())


@contextmanager
def pool(bed: Bed, name: str, size: str = "200m") -> Iterator[str]:
    """A pool of its own size on host b; gives its folder."""
    folder = f"/var/lib/libvirt/{name}"
    bed.b.space.run("mkdir", "-p", folder)
    bed.b.space.run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder)
    bed.b.virsh("pool-create-as", name, "dir", "--target", folder)
    try:
        yield folder
    finally:
        bed.b.virsh("pool-destroy", name)
        bed.b.space.run("umount", folder)


ASKED: dict[str, Any] = {"mode": "offline", "storage": "copy", "undefine_source": True}


def test_it_arrives_whole_and_thin_in_the_pools_that_were_chosen(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed)
    was = here(bed)
    with pool(bed, "second") as second:
        asked = ASKED | {"disks": [{"target": "vdb", "pool": "second"}], "start": True, "rename": "awake"}
        seen = site.check(uuid, **asked)
        assert seen["possible"], seen
        assert 8 << 20 <= seen["forecast"]["data_bytes"] < 10 << 20, seen
        plan = site.client.post(f"{DOMAINS}/{uuid}/migration?dry_run=true", json={"destination": "b"} | asked).json
        assert f"+      <source file='{second}/sleeper-data.img'/>" in plan["xml_diff"].replace('"', "'"), plan
        assert any("thin as here" in note for note in plan["notes"]), plan
        assert any("vol-upload --sparse" in command for command in plan["commands"]), plan
        assert names(bed.b) == []
        job = site.begin(uuid, **asked, bandwidth_mib_s=4)
        flowing = site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))["details"]
        assert flowing["total_bytes"] == seen["forecast"]["data_bytes"]
        started = site.client.post(f"{DOMAINS}/{uuid}/start", json={})
        assert "A job works on it (migration)" in started.json["detail"], started.text
        site.tune(job, bandwidth_mib_s=0)
        done = site.end(job)
        there = [f"{IMAGES}/{FILES[0]}", f"{second}/{FILES[1]}"]
        assert (done["result"]["state"], done["result"]["source"]) == ("running", "undefined"), done
        assert (bed.a.state(NAME), bed.b.state("awake")) == ("", "running")
        bed.b.virsh("destroy", "awake")
        assert sums(bed.b, there[1]) == was[1:]
        assert all(taken_mib(bed.b, path) < 8 for path in there)
        assert "failed" not in bed.b.space.run("qemu-io", "-r", "-f", "qcow2", "-c", "read -P 0x5a 1M 4M", there[0])
        assert here(bed) == was, "what was here stays as it is"
        bed.b.virsh("undefine", "awake")


def test_a_disk_in_no_pool_and_one_that_its_pool_does_not_know_yet_go_too(site: Site, bed: Bed) -> None:
    folder = Path("/devel-images")  # only looks as if it lay below /dev
    bed.a.space.run("mkdir", "-p", folder)
    outside = bed.a.make_disk("outside.img", "8M", kind="raw", folder=folder)
    bed.a.space.run("qemu-io", "-f", "raw", "-c", "write -P 0x3c 1M 1M", outside)
    xml = bed.guest_xml(NAME, disk=outside, disk_format="raw")
    uuid = bed.a.define(xml)
    assert "quarterdeck-" not in bed.a.virsh("pool-list", "--all", "--name")
    site.end(site.begin(uuid, **ASKED, pool="default"))
    assert sums(bed.b, f"{IMAGES}/outside.img") == sums(bed.a, str(outside))
    bed.a.space.run("rm", "-r", folder)
    bed.a.make_disk("late.img", "8M", kind="raw")  # the pool was not read since
    late = bed.a.define(bed.guest_xml("late", disk=f"{IMAGES}/late.img", disk_format="raw"))
    site.end(site.begin(late, **ASKED))
    assert sums(bed.b, f"{IMAGES}/late.img") == sums(bed.a, f"{IMAGES}/late.img")
    for host in (bed.a, bed.b):
        assert "quarterdeck-" not in host.virsh("pool-list", "--all", "--name")


def test_what_it_keeps_outside_of_its_disks_goes_along(site: Site, bed: Bed) -> None:
    code = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    nvram = "/var/lib/libvirt/qemu/nvram/sleeper_VARS.fd"
    tpm = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
    uuid = sleeper(bed, firmware=f"{code}<nvram>{nvram}</nvram>", more=tpm)
    bed.a.virsh("start", NAME)
    bed.a.virsh("destroy", NAME)
    states = [nvram, f"/var/lib/libvirt/swtpm/{uuid}/tpm2/tpm2-00.permall"]
    was = sums(bed.a, *states)
    assert site.check(uuid, **ASKED)["possible"]
    site.end(site.begin(uuid, **ASKED))
    assert (bed.a.state(NAME), bed.b.state(NAME)) == ("", "shut off")
    assert sums(bed.b, *states) == was
    bed.b.virsh("start", NAME)
    bed.b.virsh("destroy", NAME)


@contextmanager
def partition(host: BedHost, name: str, folder: Path) -> Iterator[str]:
    """A partition of a pool of its own on a host; gives its name. The kernel of the bed may have no logical volumes."""
    file = folder / name
    file.touch()
    os.truncate(file, 64 << 20)
    device = host.space.run("losetup", "--find", "--show", "--partscan", file).strip()
    host.virsh("pool-define-as", name, "disk", "--source-dev", device, "--source-format", "gpt", "--target", "/dev")
    try:
        host.virsh("pool-build", name, "--overwrite")
        host.virsh("pool-start", name)
        host.virsh("vol-create-as", name, f"{Path(device).name}p1", "12M")
        yield f"{Path(device).name}p1"
    finally:
        host.virsh("pool-destroy", name, check=False)
        host.virsh("pool-undefine", name)
        host.space.run("losetup", "--detach", device)


def test_block_devices_are_copied_byte_for_byte(site: Site, bed: Bed, tmp_path: Path) -> None:
    with partition(bed.a, "here", tmp_path) as origin, partition(bed.b, "there", tmp_path) as copy:
        bed.a.space.run("dd", "if=/dev/urandom", f"of=/dev/{origin}", "bs=1M", "count=12", "conv=fsync")
        here, there = (site.service.hosts.get(each).volumes for each in ("local", "b"))
        went: list[int] = []
        length = here.row("here", origin).capacity
        here.copy(("here", origin), ("there", copy), length, went.append, there)
        assert went[-1] == length == 12 << 20
        assert sums(bed.b, f"/dev/{copy}") == sums(bed.a, f"/dev/{origin}")
        xml = bed.guest_xml(NAME, disk=f"/dev/{origin}", disk_format="raw")
        uuid = bed.a.define(xml.replace('type="file"', 'type="block"').replace("<source file=", "<source dev="))
        assert "volume group only" in site.refused(uuid, 409, **ASKED, pool="default")["detail"]


def test_an_encrypted_disk_stays_so_and_its_secret_goes_first(site: Site, bed: Bed) -> None:
    uuid = on_locked(bed, NAME, "correct horse", private=False)
    bed.a.virsh("destroy", NAME)
    asked = ASKED | {"destination": "b", "disks": [{"target": "vda", "pool": "default"}]}
    assert "A secret is missing" in site.refused(uuid, 409, **asked)["detail"]
    repair = {"kind": "carry-secret", "about": SECRET, "move": asked}
    assert site.client.post(f"{DOMAINS}/{uuid}/migration/repair", json=repair).status_code == 200
    site.end(site.begin(uuid, **asked, start=True))
    assert (bed.a.state(NAME), bed.b.state(NAME)) == ("", "running")
    bed.b.virsh("destroy", NAME)
    assert sums(bed.b, f"{IMAGES}/{NAME}.luks") == sums(bed.a, str(bed.shared / f"{NAME}.luks"))


def test_what_cannot_go_is_told_before(site: Site, bed: Bed) -> None:
    base = bed.a.make_disk("base.qcow2", "8M")
    top = f"{IMAGES}/top.qcow2"
    bed.a.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, top)
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("linked", disk=top))
    seen = site.check(uuid, **ASKED)
    assert "differs from another image" in seen["findings"][0]["fact"], seen
    assert site.refused(uuid, 409, **ASKED)["type"] == "/problems/unsupported"
    assert (names(bed.b), bed.b.state("linked")) == ([], "")
    bed.a.virsh("start", "linked")
    assert site.refused(uuid, 409, **ASKED | {"undefine_source": False})["type"] == "/problems/wrong-state"
    other = sleeper(bed)
    with pool(bed, "small", "6m"):
        assert "6 MiB free" in site.refused(other, 507, **ASKED, pool="small")["detail"]


def test_what_is_left_there_of_an_earlier_stay_is_replaced_and_its_definition_stays_where_the_move_ends(
    site: Site, bed: Bed
) -> None:
    uuid = sleeper(bed)
    was = here(bed)
    bed.b.make_disk(FILES[0], "8M")
    bed.b.virsh("pool-refresh", "default")
    older = bed.folder / "older.xml"
    older.write_text(bed.a.virsh("dumpxml", NAME).replace("<memory ", "<title>older</title><memory ", 1))
    bed.b.virsh("define", str(older))
    job = site.begin(uuid, **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    site.client.delete(f"/api/v1/jobs/{job}")
    site.end(job, "cancelled")
    assert "older" in bed.b.virsh("desc", NAME, "--title")
    assert (bed.a.state(NAME), names(bed.b)) == ("shut off", [])
    done = site.end(site.begin(uuid, **ASKED | {"undefine_source": False}))
    assert "older" not in bed.b.virsh("desc", NAME, "--title")
    assert (bed.a.state(NAME), done["result"]["source"]) == ("shut off", "off")
    assert sums(bed.b, *(f"{IMAGES}/{name}" for name in FILES)) == was


def test_a_machine_that_does_not_start_there_comes_back_in_whole(site: Site, bed: Bed) -> None:
    code = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    nvram = "/var/lib/libvirt/qemu/nvram/sleeper_VARS.fd"
    uuid = sleeper(bed, firmware=f"{code}<nvram>{nvram}</nvram>")
    bed.a.virsh("start", NAME)
    bed.a.virsh("destroy", NAME)
    was = here(bed)
    with pool(bed, "second"):
        # What host b cannot open keeps it from starting, and nothing else.
        bed.b.space.run("mount", "-t", "tmpfs", "none", "/usr/share/OVMF")
        try:
            over = site.end(site.begin(uuid, **ASKED, pool="second", start=True), "failed")
        finally:
            bed.b.space.run("umount", "/usr/share/OVMF")
        left_nothing(bed, folder="/var/lib/libvirt/second")
    assert over["problem"]["detail"].endswith("It is off on local, as before."), over
    assert bed.b.space.run("sh", "-c", f"ls {nvram} || true") == ""
    startable(bed, was)


def test_a_start_past_this_service_ends_it(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed, mib=24)
    job = site.begin(uuid, **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    bed.a.virsh("start", NAME)
    over = site.end(job, "failed")
    assert over["problem"]["detail"] == "It was started while it moved. It is running on local.", over
    left_nothing(bed, "running")


def left_nothing(bed: Bed, state: str = "shut off", folder: str = IMAGES) -> None:
    """Assert that host b has nothing of it, and host a has it as it was."""
    assert (bed.a.state(NAME), bed.b.state(NAME)) == (state, "")
    assert not set(FILES) & set(names(bed.b, folder))
    for host in (bed.a, bed.b):
        assert "quarterdeck-" not in host.virsh("pool-list", "--all", "--name")


def startable(bed: Bed, was: list[str]) -> None:
    """Assert that its disks here are as they were, and that it starts."""
    assert here(bed) == was
    bed.a.virsh("start", NAME)


def test_a_cancel_in_mid_copy_leaves_nothing(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed)
    was = here(bed)
    with bed.narrow(4, "port-b"):  # 8 MiB take a quarter of a minute
        job = site.begin(uuid, **ASKED)
        site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
        assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
        over = site.end(job, "cancelled")
    assert over["problem"]["detail"] == "The move was cancelled. It is off on local, as before.", over
    left_nothing(bed)
    startable(bed, was)


def test_a_destination_that_fills_in_mid_copy_ends_it(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed)
    was = here(bed)
    with pool(bed, "small", "12m") as small:
        job = site.begin(uuid, **ASKED, pool="small", bandwidth_mib_s=1)
        site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
        bed.b.space.run("sh", "-c", f"cat /dev/zero > {small}/other", check=False)
        site.tune(job, bandwidth_mib_s=0)
        over = site.end(job, "failed")
        left_nothing(bed, folder=small)
    assert over["problem"]["type"].endswith("no-space"), over
    assert over["problem"]["detail"].endswith("It is off on local, as before."), over
    startable(bed, was)


def test_a_destination_that_ends_in_mid_copy_is_tidied_when_it_is_back(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed, mib=24)
    was = here(bed)
    job = site.begin(uuid, **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    bed.b.stop_libvirtd("KILL")
    over = site.end(job, "failed")
    assert over["problem"]["detail"] == "The connection to b broke. It is off on local, as before.", over
    bed.b.start_libvirtd()
    wait_for(lambda: site.service.hosts.get("b").state == "connected")
    wait_for(lambda: not set(FILES) & set(names(bed.b)), what="its files are gone")
    left_nothing(bed)
    startable(bed, was)


def test_who_cancels_the_tidying_of_a_lost_destination_is_told_what_is_left_there(site: Site, bed: Bed) -> None:
    job = site.begin(sleeper(bed, mib=24), **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    bed.b.stop_libvirtd("KILL")
    site.end(job, "failed")
    (tidying,) = [each["id"] for each in site.client.get("/api/v1/jobs").json if each["kind"] == "migration-tidy"]
    assert site.client.delete(f"/api/v1/jobs/{tidying}").status_code == 202
    over = site.end(tidying, "cancelled")
    assert over["problem"]["detail"] == f"{IMAGES}/{FILES[0]}, {IMAGES}/{FILES[1]} may be left on b.", over
    bed.b.start_libvirtd()


def test_a_service_that_is_killed_in_mid_copy_undoes_it_when_it_is_back(
    bed: Bed, begin_deck: Callable[..., Deck]
) -> None:
    uuid = sleeper(bed, mib=24)
    was = here(bed)
    deck = begin_deck(bed, allow_tcp_hosts="true")
    deck.ask("POST", "/hosts", {"name": "b", "transport": "tcp", "address": bed.b.address})
    path = f"/hosts/local/domains/{uuid}"
    wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] == "connected")
    wait_for(lambda: deck.ask("GET", path).status == 200)
    job = deck.begin("POST", f"{path}/migration", {"destination": "b", "bandwidth_mib_s": 1} | ASKED)
    until(lambda: deck.job(job)["phase"] == "disks" and deck.job(job)["details"].get("rate_bytes_s"))
    assert set(FILES) <= set(names(bed.b))
    deck.kill()
    deck.start()
    deck.login("demo", "demo")
    over = until(lambda: (seen := deck.job(job))["ended"] and seen)
    assert over["problem"]["type"] == "/problems/interrupted", json.dumps(over)
    left_nothing(bed)
    startable(bed, was)
