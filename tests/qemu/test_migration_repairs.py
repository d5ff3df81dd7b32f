"""Each repair that the check before a move offers clears its finding, on real hosts; its plan touches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.config import HostSetting
from quarterdeck.operations.migration.carrying import Carrying
from tests.qemu.bed import Bed, BedHost, Nic
from tests.qemu.moves import DOMAINS, SECRET, Site, keep_secret, on_locked, on_own_disk, on_shared, slow


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def finding(seen: dict[str, Any], id: str) -> dict[str, Any] | None:
    return next((each for each in seen["findings"] if each["id"] == id), None)


def repaired(site: Site, uuid: str, id: str, kind: str, **asked: Any) -> dict[str, Any]:
    """Look at the plan, see that it did nothing, apply it, and give the check that came back without the finding."""
    offered = finding(site.check(uuid, **asked), id)
    assert offered, site.check(uuid, **asked)["findings"]
    repair = next(each for each in offered["repairs"] if each["kind"] == kind)
    body = {"kind": kind, "about": repair["about"], "move": {"destination": "b"} | asked}
    plan = site.client.post(f"{DOMAINS}/{uuid}/migration/repair?dry_run=true", json=body)
    assert plan.status_code == 200, plan.text
    assert plan.json["commands"]
    assert finding(site.check(uuid, **asked), id)
    answer = site.client.post(f"{DOMAINS}/{uuid}/migration/repair", json=body)
    assert answer.status_code == 200, answer.text
    assert finding(answer.json, id) is None, answer.json
    again = site.client.post(f"{DOMAINS}/{uuid}/migration/repair", json=body)
    assert again.status_code == 409
    return dict(answer.json)


def lab(bed: Bed, *hosts: Any) -> None:
    net = bed.folder / "lab.xml"
    net.write_text("<network><name>lab</name><bridge name='virbr7'/></network>")
    for host in hosts:
        host.virsh("net-define", str(net))


@contextmanager
def bridge(host: BedHost, name: str) -> Iterator[None]:
    """A bridge of the host's own, that libvirt did not make."""
    host.space.run("ip", "link", "add", name, "type", "bridge")
    host.space.run("ip", "link", "set", name, "up")
    yield
    host.space.run("ip", "link", "del", name)


def test_networks_are_made_and_started_there_or_another_is_taken(site: Site, bed: Bed) -> None:
    lab(bed, bed.a)
    bed.a.virsh("net-start", "lab")
    uuid = on_shared(bed, "guest", nic=Nic("lab"))
    missing = finding(site.check(uuid), "network-lab")
    assert missing
    wish = next(each["wish"] for each in missing["repairs"] if each["kind"] == "map-network")
    assert wish == {"networks": [{"source": "lab", "network": "default", "bridge": None}]}
    assert finding(site.check(uuid, **wish), "network-lab") is None
    repaired(site, uuid, "network-lab", "make-network")
    assert "yes" in bed.b.virsh("net-info", "lab").split("Autostart:")[1]
    bed.b.virsh("net-destroy", "lab")
    seen = repaired(site, uuid, "network-lab", "start-network")
    assert seen["possible"], seen["findings"]
    assert {"Its networks are there.", "The ports of the transfer are open."} <= set(seen["passed"])
    assert "The ports of the transfer are open." not in site.check(uuid, mode="offline")["passed"], "it needs none"
    with bridge(bed.a, "br7"):
        bed.a.virsh("attach-interface", "guest", "bridge", "br7", "--model", "virtio", "--live", "--config")
        missing = finding(site.check(uuid), "bridge-br7")
        assert missing
        assert [each["kind"] for each in missing["repairs"]] == ["map-network", "make-bridge"], missing
        wish = missing["repairs"][0]["wish"]
        assert wish == {"networks": [{"source": "br7", "network": "default", "bridge": None}]}
        assert finding(site.check(uuid, **wish), "bridge-br7") is None
        seen = repaired(site, uuid, "bridge-br7", "make-bridge")
        assert [each["id"] for each in seen["findings"] if each["severity"] != "info"] == ["bridge-out-br7"], seen
        over = site.end(site.begin(uuid))
    assert bed.b.state("guest") == "running", over
    assert "br7" in bed.b.virsh("domiflist", "guest"), over


def test_a_network_that_cannot_start_there_leaves_nothing_behind(site: Site, bed: Bed) -> None:
    lab(bed, bed.a)
    bed.a.virsh("net-start", "lab")
    bed.b.space.run("ip", "link", "add", "virbr7", "type", "bridge")
    uuid = on_shared(bed, "guest", nic=Nic("lab"))
    body = {"kind": "make-network", "about": "lab", "move": {"destination": "b"}}
    assert site.client.post(f"{DOMAINS}/{uuid}/migration/repair", json=body).status_code == 409
    bed.b.space.run("ip", "link", "del", "virbr7")
    assert bed.b.virsh("net-list", "--all", "--name").split() == ["default"]


def test_a_shared_pool_is_set_up_there_and_started(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "guest")
    bed.b.virsh("pool-destroy", "shared")
    repaired(site, uuid, "disk-vda", "start-pool")
    bed.b.virsh("pool-destroy", "shared")
    bed.b.virsh("pool-undefine", "shared")
    seen = repaired(site, uuid, "disk-vda", "make-pool")
    assert seen["possible"], seen["findings"]
    assert "yes" in bed.b.virsh("pool-info", "shared").split("Autostart:")[1]
    bed.b.space.run("umount", "--lazy", bed.shared)
    repaired(site, uuid, "disk-file-vda", "remount-pool")
    site.end(site.begin(uuid))
    assert bed.b.state("guest") == "running"


def test_a_medium_is_ejected_and_a_cache_made_safe(site: Site, bed: Bed) -> None:
    iso = bed.a.make_disk("cd.iso", "1M", kind="raw")
    drive = f"<disk type='file' device='cdrom'><source file='{iso}'/><target dev='sda' bus='sata'/><readonly/></disk>"
    xml = bed.guest_xml("reader", disk=bed.a.make_disk("reader.qcow2", folder=bed.shared))
    uuid = bed.a.define(xml.replace("</devices>", f"{drive}</devices>"), start=True)
    repaired(site, uuid, "media-sda", "eject")
    assert "cd.iso" not in bed.a.virsh("domblklist", "reader") + bed.a.virsh("domblklist", "reader", "--inactive")
    disk = bed.a.make_disk("cached.qcow2", folder=bed.shared)
    cached = bed.a.define(bed.guest_xml("cached", disk=disk).replace('type="qcow2"', 'type="qcow2" cache="writeback"'))
    bed.a.virsh("start", "cached")
    body = {"kind": "cache-none", "about": "vda", "move": {"destination": "b"}}
    assert site.client.post(f"{DOMAINS}/{cached}/migration/repair", json=body).status_code == 200
    assert "cache='none'" in bed.a.virsh("dumpxml", "cached", "--inactive")
    assert finding(site.check(cached), "cache-vda"), "it runs with the old one until its next start"
    bed.a.virsh("destroy", "cached")
    bed.a.virsh("start", "cached")
    assert finding(site.check(cached), "cache-vda") is None


def test_the_secret_of_an_encrypted_disk_is_carried_over_and_told_to_nobody(site: Site, bed: Bed) -> None:
    word = "correct horse battery"
    uuid = on_locked(bed, "locked", word, private=False)
    (named,) = site.refused(uuid, 409)["findings"]
    assert (named["id"], named["title"]) == (f"secret-{SECRET}", "A secret is missing")
    assert "The disk vda opens with" in named["fact"]
    repaired(site, uuid, named["id"], "carry-secret")
    for host in (bed.a, bed.b):
        host.virsh("secret-undefine", SECRET)
    keep_secret(bed, word, private=True)
    body = {"kind": "carry-secret", "about": SECRET, "move": {"destination": "b"}}
    url = f"{DOMAINS}/{uuid}/migration/repair"
    refused = site.client.post(url, json=body)
    assert [error["pointer"] for error in refused.json["errors"]] == ["/secret_value"], refused.text
    assert finding(site.check(uuid), named["id"])
    done = site.client.post(url, json=body | {"secret_value": word})
    assert done.status_code == 200, done.text
    over = site.end(site.begin(uuid))
    assert bed.b.state("locked") == "running", over
    assert word not in done.text + str(over) + site.client.get("/api/v1/audit").text + refused.text


def test_a_device_of_the_host_is_taken_out_and_a_saved_state_dropped(site: Site, bed: Bed) -> None:
    xml = bed.guest_xml("bound", disk=bed.a.make_disk("bound.qcow2", folder=bed.shared))
    key = "<source startupPolicy='optional'><vendor id='0x1234'/><product id='0xbeef'/></source>"
    stick = f"<hostdev mode='subsystem' type='usb'>{key}</hostdev>"
    uuid = bed.a.define(xml.replace("</devices>", f"{stick}</devices>"))
    bound = next(each["id"] for each in site.check(uuid)["findings"] if each["id"].startswith("host-device"))
    repaired(site, uuid, bound, "remove-device")
    assert "hostdev" not in bed.a.virsh("dumpxml", "bound", "--inactive")
    bed.a.virsh("start", "bound")
    bed.a.virsh("managedsave", "bound")
    repaired(site, uuid, "saved-state", "discard-save", mode="offline")
    assert bed.a.virsh("list", "--all", "--with-managed-save", "--name").split() == []
    too_large_and_with_state_of_its_own(site, bed)


def test_what_ties_a_machine_to_its_host_is_told_before_and_taken_out(site: Site, bed: Bed) -> None:
    memory = "<shmem name='lab'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>"
    folder = "<filesystem type='mount'><source dir='/var/tmp'/><target dir='share'/></filesystem>"
    xml = bed.guest_xml("tied", disk=bed.a.make_disk("tied.qcow2", folder=bed.shared))
    uuid = bed.a.define(xml.replace("</devices>", f"{memory}{folder}</devices>"), start=True)
    seen = {each["id"]: each for each in site.check(uuid)["findings"] if each["id"].startswith("tie-")}
    assert {id: each["severity"] for id, each in seen.items()} == {
        "tie-shmem-0": "danger",
        "tie-filesystem-0": "warning",
    }
    assert seen["tie-filesystem-0"]["repairs"] == [], "QEMU does not give it back while it runs"
    assert [each["id"] for each in site.refused(uuid, 409)["findings"]] == ["tie-shmem-0"]
    with pytest.raises(AssertionError, match="shmem"):  # libvirt's own word for it
        bed.a.virsh("migrate", "--live", "--p2p", "tied", bed.b.uri)
    bed.a.virsh("destroy", "tied")
    repaired(site, uuid, "tie-shmem-0", "remove-device")
    card = "<interface type='direct'><source dev='card7' mode='bridge'/></interface>"
    sitting = bed.a.define(bed.guest_xml("sitting").replace("</devices>", f"{card}</devices>"))
    missing = finding(site.check(sitting), "card-card7")
    assert missing
    assert (missing["severity"], missing["fact"]) == ("danger", "b has no interface card7.")
    with bridge(bed.b, "card7"):
        assert finding(site.check(sitting), "card-card7") is None


def test_what_runs_there_already_and_what_the_other_host_lacks_is_told_before(
    site: Site, bed: Bed, tmp_path: Path
) -> None:
    uuid = bed.a.define(bed.guest_xml("double"), start=True)
    bed.b.define(bed.a.virsh("dumpxml", "double", "--inactive"), start=True)
    assert [each["id"] for each in site.refused(uuid, 409)["findings"]] == ["uuid-taken"]
    code = "<loader readonly='yes' type='pflash'>/usr/share/elsewhere/CODE.fd</loader></os>"
    strange = bed.a.define(bed.guest_xml("strange").replace("</os>", code, 1))
    assert "/usr/share/elsewhere/CODE.fd" in (finding(site.check(strange), "firmware") or {})["fact"]
    again = Site(bed, tmp_path / "again", HostSetting(name="b", transport="tcp", address=bed.a.address))
    try:
        assert finding(again.check(uuid), "same-host"), again.check(uuid)
    finally:
        again.stop()


def too_large_and_with_state_of_its_own(site: Site, bed: Bed) -> None:
    """Assert what is told of a machine that is larger than the other host, and keeps firmware settings and a TPM."""
    code = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    own = f"{code}<nvram>/var/lib/libvirt/qemu/nvram/giant_VARS.fd</nvram></os>"
    tpm = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices>"
    xml = bed.guest_xml("giant", memory_mib=1 << 22).replace("</os>", own, 1).replace("</devices>", tpm, 1)
    uuid = bed.a.define(xml)
    live = site.check(uuid)
    short = finding(live, "memory")
    assert short, live
    assert (short["severity"], live["possible"]) == ("danger", False), live
    assert "It needs 4194304 MiB; b has " in short["fact"], live
    assert finding(live, "kept-state") is None, live
    stays = finding(site.check(uuid, mode="offline"), "kept-state")
    assert stays, site.check(uuid, mode="offline")
    assert (stays["severity"], stays["fact"]) == ("warning", "Files on this host keep its firmware settings and TPM.")


def test_snapshots_go_along_and_come_back_where_the_move_does_not_come_to_its_end(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "layered")
    bed.a.virsh("snapshot-create-as", "layered", "first")
    bed.a.virsh("snapshot-create-as", "layered", "second")
    assert finding(site.check(uuid, storage="copy"), "snapshots")["repairs"] == []  # type: ignore[index]  # it is there
    (offered,) = (finding(site.check(uuid), "snapshots") or {})["repairs"]
    wish = offered["wish"]
    seen = site.check(uuid, **wish)
    assert (seen["possible"], (finding(seen, "snapshots") or {})["severity"]) == (True, "info"), seen
    plan = site.client.post(f"{DOMAINS}/{uuid}/migration?dry_run=true", json={"destination": "b"} | wish).json
    assert sum("snapshot-create layered" in command for command in plan["commands"]) == 2, plan
    assert (snapshots(bed.a), bed.b.state("layered")) == (TREE, "")

    job = slow(site, uuid, **wish)
    site.until(job, lambda e: e["phase"] == "memory")
    assert (snapshots(bed.a), snapshots(bed.b)) == ([], TREE)
    site.client.delete(f"/api/v1/jobs/{job}")
    over = site.end(job, "cancelled")
    assert (snapshots(bed.a), bed.b.state("layered")) == (TREE, ""), over
    assert bed.a.virsh("snapshot-current", "layered", "--name").strip() == "second"

    ends = (site.service.hosts.get("local"), site.service.hosts.get("b"), uuid)
    Carrying(*ends, defined=False).carry()
    assert (snapshots(bed.a), snapshots(bed.b)) == ([], TREE)
    Carrying(*ends, defined=False).put_back()  # as after a restart of the service: nothing is known but the hosts
    assert (snapshots(bed.a), bed.b.state("layered")) == (TREE, "")

    site.end(site.begin(uuid, undefine_source=True, **wish))
    assert snapshots(bed.b) == TREE
    assert bed.b.virsh("snapshot-current", "layered", "--name").strip() == "second"
    bed.b.virsh("snapshot-revert", "layered", "first")
    assert bed.b.state("layered") == "running"


TREE = ["first", "|", "+-", "second"]


def snapshots(host: BedHost) -> list[str]:
    """The tree of those of the machine `layered`."""
    return host.virsh("snapshot-list", "layered", "--tree").split()


def test_a_leftover_is_removed_and_a_taken_name_gets_another(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "twin")
    xml = bed.folder / "twin.xml"
    xml.write_text(bed.a.virsh("dumpxml", "twin", "--inactive"))
    bed.b.virsh("define", str(xml))
    repaired(site, uuid, "replaced", "forget-leftover")
    assert bed.b.state("twin") == ""
    bed.b.define(bed.guest_xml("twin"))
    taken = finding(site.check(uuid), "name-taken")
    assert taken
    assert taken["repairs"][0]["wish"] == {"rename": "twin-2"}
    assert finding(site.check(uuid, rename="twin-2"), "name-taken") is None


def test_the_cpu_that_both_hosts_have_is_set_for_the_next_start(site: Site, bed: Bed) -> None:
    xml = bed.guest_xml("modern", disk=bed.a.make_disk("modern.qcow2", folder=bed.shared))
    cpu = "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>EPYC-Milan</model></cpu>"
    uuid = bed.a.define(xml.replace("</os>", f"</os>{cpu}", 1))
    named = (finding(site.check(uuid, mode="offline"), "cpu") or {})["fact"]
    assert "lacks features" in named, named
    assert "nrip-save" in named, named
    repaired(site, uuid, "cpu", "common-cpu", mode="offline")
    bed.a.virsh("start", "modern")
    assert "EPYC-Milan" not in bed.a.virsh("dumpxml", "modern")
    assert site.check(uuid)["possible"]


def test_a_destination_that_the_source_cannot_reach_is_found_before(site: Site, bed: Bed) -> None:
    uuid = on_own_disk(bed, "far")
    bed.a.space.run("ip", "route", "add", "prohibit", bed.b.address)
    try:
        seen = finding(site.check(uuid), "reach")
        assert seen
        assert seen["severity"] == "danger"
        assert "local tried b" in seen["fact"]
    finally:
        bed.a.space.run("ip", "route", "delete", "prohibit", bed.b.address)
    assert finding(site.check(uuid), "reach") is None
    assert bed.a.state("far") == "running"
