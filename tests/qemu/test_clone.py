"""Clones on real QEMU: of machines that are off and that run, in full and linked, and nothing left where one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from quarterdeck.jobs import Job, JobHandle
from quarterdeck.model.xml import Element, dump, parse
from quarterdeck.operations.storage.disk_copies import Overlay
from quarterdeck.operations.storage.still import thaw
from tests.deck import Deck
from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.test_create import LOCAL, Site
from tests.waiting import job_done

FOLDER = "/var/lib/libvirt/images"
MARK = "the quick brown fox"
MIB = 1 << 20
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGOsn3DzJm0wHq6oEpTbDrQvOkYRmEHyJvHZWeOkVYQF ann"


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def write(bed: Bed, name: str, text: str = MARK, kind: str = "qcow2", at: int = MIB) -> None:
    """Put a text into a disk."""
    block = bed.folder / "block"
    block.write_bytes(text.encode().ljust(4096))
    bed.a.space.run("qemu-io", "-f", kind, "-c", f"write -s {block} {at} 4096", f"{FOLDER}/{name}")


def read(bed: Bed, name: str, kind: str = "qcow2", at: int = MIB) -> str:
    """The text in a disk, through all that it stands on."""
    words = (
        f"qemu-img convert -U -f {kind} -O raw {FOLDER}/{name} /run/look && tail -c +{at + 1} /run/look | head -c 4096"
    )
    return bed.a.space.run("sh", "-c", words).strip()


def disk(bed: Bed, name: str, size: str = "64M", kind: str = "qcow2") -> str:
    """A disk with a text in it: its path on the host."""
    path = bed.a.make_disk(name, size, kind=kind)
    write(bed, name, kind=kind)
    bed.a.virsh("pool-refresh", "default")
    return str(path)


def clone(site: Site, uuid: str, **asked: Any) -> dict[str, Any]:
    """The job that made a clone, once it is done."""
    answer = site.client.post(f"{LOCAL}/domains/{uuid}/clone", json=asked)
    assert answer.status_code == 202, answer.text
    return job_done(site.client, answer.headers["Location"])


def sources(bed: Bed, name: str) -> list[str]:
    return [
        line.split()[-1].removeprefix(FOLDER + "/") for line in bed.a.virsh("domblklist", name).splitlines() if line
    ]


def files(bed: Bed) -> list[str]:
    return sorted(path.name for path in bed.a.images.iterdir())


def test_full_clone_of_a_machine_that_is_off_is_another_machine_with_the_same_content(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.qcow2"), nic=Nic()))
    job = clone(site, uuid, start=True)
    assert job["result"]["name"] == "web-clone"
    assert (bed.a.state("web"), bed.a.state("web-clone")) == ("shut off", "running")
    assert sources(bed, "web-clone") == ["web-clone.qcow2"]
    assert read(bed, "web-clone.qcow2") == MARK
    assert site.client.domain("web-clone")["uuid"] == job["result"]["uuid"] != uuid
    write(bed, "web.qcow2", "changed later")
    assert read(bed, "web-clone.qcow2") == MARK


def test_running_machine_is_cloned_without_a_trace_on_it(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.qcow2")), start=True)
    plan = site.client.post(f"{LOCAL}/domains/{uuid}/clone?dry_run=true", json={}).json
    assert any("as after a power cut" in warning for warning in plan["warnings"])
    clone(site, uuid, name="copy")
    assert bed.a.state("web") == "running"
    assert sources(bed, "web") == ["web.qcow2"]
    assert files(bed) == ["copy.qcow2", "web.qcow2"]
    assert read(bed, "copy.qcow2") == MARK
    bed.a.virsh("start", "copy")


@pytest.mark.parametrize("running", [False, True])
def test_linked_clone_and_its_original_do_not_see_what_the_other_writes(site: Site, bed: Bed, running: bool) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.img", kind="raw"), disk_format="raw"), start=running)
    _first, _second = clone(site, uuid, mode="linked"), clone(site, uuid, mode="linked", name="two")
    assert bed.a.state("web") == ("running" if running else "shut off")
    top = sources(bed, "web")[0]
    assert top.startswith("web-top-")
    write(bed, "web-clone.qcow2", "of the clone")
    if not running:
        write(bed, top, "of the original")
    texts = [read(bed, name) for name in ("web-clone.qcow2", "two.qcow2", top)]
    assert texts == ["of the clone", MARK, MARK if running else "of the original"]
    assert read(bed, "web.img", kind="raw") == MARK
    assert (bed.a.images / "web-clone.qcow2").stat().st_size < 2 * MIB
    for name in ("web-clone", "two", *([] if running else ["web"])):
        bed.a.virsh("start", name)


def test_disks_are_copied_converted_shared_or_left_out_as_asked(site: Site, bed: Bed) -> None:
    bed.a.make_disk("base.qcow2")
    write(bed, "base.qcow2")
    bed.a.space.run(
        "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", f"{FOLDER}/base.qcow2", f"{FOLDER}/web.qcow2"
    )
    bed.a.space.run("mkdir", "-p", "/srv/outside")
    outside = bed.a.make_disk("data.img", kind="raw", folder=Path("/srv/outside"))
    root = parse(bed.guest_xml("web", disk=f"{FOLDER}/web.qcow2"))
    for target, path, extra in (("vdb", outside, ""), ("vdc", disk(bed, "shared.img", kind="raw"), "shareable")):
        add_disk(root, target, str(path), "raw", extra)
    add_disk(root, "vdd", disk(bed, "left.qcow2"), "qcow2")
    uuid = bed.a.define(dump(root))
    asked = [
        {"target": "vda", "act": "copy", "volume": "flat.qcow2"},
        {"target": "vdb", "pool": "default", "volume": "data-copy.img"},
        {"target": "vdd", "act": "skip"},
    ]
    clone(site, uuid, disks=asked)
    assert sources(bed, "web-clone") == ["flat.qcow2", "data-copy.img", "shared.img"]
    assert "backing" not in bed.a.space.run("qemu-img", "info", f"{FOLDER}/flat.qcow2"), "it stands on nothing"
    assert read(bed, "flat.qcow2") == MARK
    assert bed.a.virsh("pool-list", "--all", "--name").split() == ["default", "shared"], "the lent pool is gone"
    bed.a.virsh("start", "web-clone")


def add_disk(root: Element, target: str, path: str, kind: str, *extra: str) -> None:
    element = etree.SubElement(root.find("devices"), "disk", type="file", device="disk")
    etree.SubElement(element, "driver", name="qemu", type=kind)
    etree.SubElement(element, "source", file=path)
    etree.SubElement(element, "target", dev=target, bus="virtio")
    for tag in filter(None, extra):
        etree.SubElement(element, tag)


def test_uefi_variables_and_tpm_go_along(site: Site, bed: Bed) -> None:
    root = parse(bed.guest_xml("web", disk=disk(bed, "web.qcow2")))
    root.find("os").set("firmware", "efi")  # type: ignore[union-attr]
    for tag in ("kernel", "initrd", "cmdline"):
        root.find("os").remove(root.find(f"os/{tag}"))  # type: ignore[union-attr, arg-type]
    tpm = etree.SubElement(root.find("devices"), "tpm", model="tpm-crb")
    etree.SubElement(tpm, "backend", type="emulator", version="2.0")
    uuid = bed.a.define(dump(root), start=True)
    bed.a.virsh("destroy", "web")
    stored = bed.a.space.run("sh", "-c", f"md5sum < /var/lib/libvirt/swtpm/{uuid}/tpm2/tpm2-00.permall")
    job = clone(site, uuid, tpm_state="copy")
    own = job["result"]["uuid"]
    variables = bed.a.space.run("sh", "-c", "cd /var/lib/libvirt/qemu/nvram && md5sum web_VARS.fd web-clone_VARS.fd")
    assert len({line.split()[0] for line in variables.splitlines()}) == 1, variables
    assert bed.a.space.run("sh", "-c", f"md5sum < /var/lib/libvirt/swtpm/{own}/tpm2/tpm2-00.permall") == stored
    bed.a.virsh("start", "web-clone")
    bed.a.virsh("start", "web")
    assert bed.a.virsh("pool-list", "--name").split() == ["default", "shared"]


def test_cancelled_clone_leaves_nothing(bed: Bed, begin_deck: Callable[..., Deck]) -> None:
    bed.a.space.run("sh", "-c", f"head -c 100M /dev/urandom > {FOLDER}/web.img")
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("web", disk=f"{FOLDER}/web.img", disk_format="raw"), start=True)
    far = begin_deck(bed, local_uri=bed.a.uri)
    wait_for(lambda: far.ask("GET", f"/hosts/local/domains/{uuid}").status == 200)
    with bed.narrow(40, "port-a", "outside"):
        job = far.begin("POST", f"/hosts/local/domains/{uuid}/clone", {})
        far.reached(job, lambda seen: seen["details"].get("done_bytes", 0) > 0)
        assert far.ask("DELETE", f"/jobs/{job}").status == 202
        far.ended(job, "cancelled")
    assert bed.a.virsh("list", "--all", "--name").split() == ["web"]
    assert files(bed) == ["web.img"]
    assert sources(bed, "web") == ["web.img"]
    assert bed.a.state("web") == "running"


def test_machine_that_ends_while_its_overlay_is_merged_keeps_what_it_wrote(site: Site, bed: Bed) -> None:
    below, top = disk(bed, "web.qcow2"), f"{FOLDER}/web-writes.qcow2"
    bed.a.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", below, top)
    bed.a.space.run("qemu-io", "-c", "write -P 5 2M 20M", top)
    write(bed, "web-writes.qcow2", "written meanwhile")
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("web", disk=top), start=True)
    bed.a.virsh("blockcommit", "web", "vda", "--active", "--shallow", "--bandwidth", "1")

    def end(job: Job, _important: bool) -> None:
        if job.phase == "merge":
            bed.a.virsh("destroy", "web", check=False)

    about = {"id": "j", "kind": "clone", "host": "local", "target": uuid, "user": "demo", "started": ""}
    handle = JobHandle(Job.model_validate(about | {"state": "running"}), end)
    overlay = Overlay("vda", "default", "web-writes.qcow2", top, below, "qcow2", block=False, lent=None)
    thaw(site.service.hosts.get("local"), uuid, [overlay], handle)
    assert "vda stays on" in handle.job.log[-1].text
    assert (sources(bed, "web"), bed.a.state("web")) == (["web-writes.qcow2"], "shut off")
    assert read(bed, "web-writes.qcow2") == "written meanwhile"


def test_several_clones_for_which_a_pool_is_too_small_together_are_refused_before(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.qcow2")))
    bed.a.space.run("qemu-io", "-c", "write -P 5 2M 7M", f"{FOLDER}/web.qcow2")
    bed.a.virsh("pool-refresh", "default")
    bed.a.space.run("mkdir", "-p", "/srv/small")
    bed.a.space.run("mount", "-t", "tmpfs", "-o", "size=20M", "small", "/srv/small")
    bed.a.virsh("pool-create-as", "small", "dir", "--target", "/srv/small")
    asked = {"name": "c", "disks": [{"target": "vda", "pool": "small"}]}
    address = f"{LOCAL}/domains/{uuid}/clone?dry_run=true"
    two, three = (site.client.post(address, json=asked | {"count": count}) for count in (2, 3))
    assert (two.status_code, three.status_code) == (200, 507), three.text
    assert three.json["errors"][0]["pointer"] == "/disks/0"
    bed.a.virsh("pool-destroy", "small")
    bed.a.space.run("umount", "/srv/small")


def test_machines_are_deployed_from_a_template_that_nothing_writes(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("golden", disk=disk(bed, "golden.qcow2")))
    made = site.client.post(f"{LOCAL}/domains/{uuid}/template")
    assert (made.status_code, made.json["template"]) == (200, True), made.text
    assert "template" in site.client.post(f"{LOCAL}/domains/{uuid}/start").json["detail"]
    job = clone(site, uuid, mode="linked", name="node-{n}", count=3)
    assert [one["name"] for one in job["result"]["all"]] == ["node-1", "node-2", "node-3"], job
    assert files(bed) == ["golden.qcow2", "node-1.qcow2", "node-2.qcow2", "node-3.qcow2"]
    assert sources(bed, "golden") == ["golden.qcow2"]
    node = site.client.domain("node-2")
    assert node["template"] is False
    assert "<transient" not in bed.a.virsh("dumpxml", "node-2")
    assert node["origin"]["version"] == 1
    first = {"user": "anna", "ssh_keys": [KEY]}
    job = clone(site, uuid, mode="linked", name="set", cloud_init=first, start=True)
    assert "set-seed.iso" in bed.a.virsh("domblklist", "set")
    content = (bed.a.images / "set-seed.iso").read_bytes()
    assert KEY.encode() in content and f'"instance-id": "{job["result"]["uuid"]}"'.encode() in content
    bed.a.space.run("sh", "-c", "kill -TERM $(cat /run/libvirt/qemu/set.pid)")
    wait_for(lambda: "quarterdeck-install" not in bed.a.virsh("dumpxml", "set"), what="the first start's end")
    assert "set-seed.iso" not in files(bed)
    wait_for(lambda: site.client.domain("set")["state"] == "shut_off", what="the news of its end")
    gone = site.client.delete(f"{LOCAL}/domains/{job['result']['uuid']}?volumes=all")
    assert gone.status_code < 300, gone.text
    write(bed, "node-2.qcow2", "of the second")
    assert [read(bed, f"node-{n}.qcow2") for n in (1, 2, 3)] == [MARK, "of the second", MARK]
    bed.a.virsh("start", "node-2")
    bed.a.virsh("destroy", "node-2")
    before = (bed.a.images / "golden.qcow2").read_bytes()
    bed.a.virsh("start", "golden")
    bed.a.virsh("destroy", "golden")
    assert (bed.a.images / "golden.qcow2").read_bytes() == before, "somebody else's start writes nothing into it"
    volumes = site.client.get(f"{LOCAL}/domains/{uuid}/volumes").json
    assert volumes[0]["deletable"] is False, "others stand on it, though they are off"
    assert site.client.delete(f"{LOCAL}/domains/{uuid}/template").json["template"] is False
    assert sources(bed, "golden") == ["golden-v2.qcow2"]
    bed.a.virsh("start", "golden")
    bed.a.virsh("destroy", "golden")
    write(bed, "golden-v2.qcow2", "of version 2")
    assert site.client.post(f"{LOCAL}/domains/{uuid}/template").json["template_version"] == 2
    job = clone(site, uuid, mode="linked", name="late")
    (late,) = sources(bed, "late")
    assert (read(bed, late), site.client.domain("late")["origin"]["version"]) == ("of version 2", 2)
    assert read(bed, "node-1.qcow2") == MARK, "version 1 is as it was"
    versions = f"{LOCAL}/domains/{uuid}/template/versions"
    told = {each["version"]: each for each in site.client.get(versions).json}
    assert (told[1]["machines"], told[2]["machines"]) == (["node-1", "node-2", "node-3"], ["late"])
    made = site.client.post(f"{versions}/1/clone", json={"name": "old", "mode": "linked"})
    job = job_done(site.client, made.headers["Location"])
    assert read(bed, *sources(bed, "old")) == MARK, "what version 1 held"
    site.client.delete(f"{versions}/1")
    assert [each["version"] for each in site.client.get(versions).json] == [2]
    bed.a.virsh("snapshot-create-as", "golden", "inside")
    cured = site.client.delete(f"{LOCAL}/domains/{uuid}/template").json
    assert cured["cure"].startswith("Delete the snapshots inside first"), cured
    bed.a.virsh("snapshot-delete", "golden", "inside")
    taken = site.client.post(f"{LOCAL}/domains/{uuid}/snapshots", json={"name": "outside", "kind": "external"})
    job_done(site.client, taken.headers["Location"])
    clone(site, uuid, mode="linked", name="newest")
    assert site.client.delete(f"{LOCAL}/domains/{uuid}/template").json["template"] is False
    assert sources(bed, "golden") == ["golden-vda-outside-v2.qcow2"]
    back = site.client.post(f"{LOCAL}/domains/{uuid}/snapshots/outside/revert", json={})
    assert back.status_code == 202, back.text
    job_done(site.client, back.headers["Location"])
    assert [read(bed, name) for name in (*sources(bed, "golden"), *sources(bed, "newest"))] == ["of version 2"] * 2
    refused = site.client.delete(f"{LOCAL}/pools/default/volumes/golden.qcow2")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use")
    made = clone(site, node["uuid"], count=2)["result"]["all"]
    assert [each["name"] for each in made] == [f"{node['name']}-clone-{number}" for number in (1, 2)], made


def test_versions_of_a_template_go_with_their_files(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("golden", disk=disk(bed, "golden.qcow2")))
    one = f"{LOCAL}/domains/{uuid}"
    for version in (1, 2, 3):  # each goes on in a file of its own, since a machine stands on the one before
        assert site.client.post(f"{one}/template").json["template_version"] == version
        if version < 3:
            assert clone(site, uuid, mode="linked", name=f"of-{version}")["state"] == "done"
            assert site.client.delete(f"{one}/template").json["template"] is False
    assert sources(bed, "golden") == ["golden-v3.qcow2"]
    newest = f"{one}/template/versions/3"
    plan = site.client.delete(f"{newest}?dry_run=true").json
    assert "virsh vol-delete --pool default golden-v3.qcow2" in plan["commands"], plan
    assert "The template goes back to what version 2 holds." in plan["warnings"]
    assert site.client.delete(newest).status_code == 204
    assert (sources(bed, "golden"), "golden-v3.qcow2" in files(bed)) == (["golden-v2.qcow2"], False)
    told = [(each["version"], each["current"]) for each in site.client.get(f"{one}/template/versions").json]
    assert told == [(4, True), (2, False), (1, False)]
    held = {each["target"]: each for each in site.client.get(f"{one}/volumes").json}
    assert [(held[key]["volume"], held[key]["deletable"]) for key in ("vda", "version-1")] == [
        ("golden-v2.qcow2", False), ("golden.qcow2", False),
    ], held  # fmt: skip
    removed = f"{one}/template/versions/1"
    told = site.client.delete(f"{removed}?dry_run=true").json["warnings"]
    assert any("golden.qcow2 stays" in words and "offers to delete it" in words for words in told), told
    assert site.client.delete(removed).status_code == 204
    for name in ("of-1", "of-2"):
        gone = site.client.delete(f"{LOCAL}/domains/{site.client.domain(name)['uuid']}?volumes=all")
        assert gone.status_code < 300, gone.text
    offered = {each["target"]: each["preselected"] for each in site.client.get(f"{one}/volumes").json}
    assert offered == {"vda": True, "version-1": True}, (
        "also of the version that is removed, since version 2 stands on it"
    )
    assert site.client.delete(f"{one}?volumes=all").status_code < 300
    assert files(bed) == [], "nothing of any version is left"
