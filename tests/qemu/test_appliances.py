"""Disks and machines of other products, taken over and made, through the whole service and the real qemu-img."""

from __future__ import annotations

import hashlib
import os
import signal
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.model.ovf import read_manifest, read_ovf
from tests.deck import Deck
from tests.images import hiding_vmdk
from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.test_clone import FOLDER, MARK, disk, files, read, sources, write
from tests.qemu.test_downloads import runner

LOCAL = "/hosts/local"
VMDK = ("monolithicSparse", "streamOptimized", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "monolithicFlat")
SECTOR = (
    # xor ax,ax; mov ds,ax; sti; again: hlt; mov si,text; next: lodsb; test al,al; jz again; mov dx,3f8h; out dx,al; jmp
    bytes.fromhex("31c08ed8fbf4be147cac84c074f7baf803eeebf5") + b"it boots\r\n\0"
).ljust(510, b"\0") + b"\x55\xaa"
"""A boot sector that says so on the serial line, again and again."""
SOURCES = [("raw", ""), ("qcow2", ""), ("vdi", ""), ("vpc", ""), ("vhdx", ""), *(("vmdk", kind) for kind in VMDK)]


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    made = Deck(tmp_path, {"local_uri": bed.a.local_uri, "demo": "true", "accelerator": "qemu"}).start()
    assert made.login("demo", "demo").status == 200
    wait_for(lambda: made.ask("GET", "/hosts/local/pools").status == 200)
    yield made
    made.stop()


@pytest.fixture
def far(bed: Bed, begin_deck: Callable[..., Deck]) -> Deck:
    """A service that reads and writes disks over a network, which can be made slow."""
    deck = begin_deck(bed, local_uri=bed.a.uri, accelerator="qemu")
    wait_for(lambda: deck.ask("GET", "/hosts/local/pools").status == 200)
    return deck


def foreign(bed: Bed, name: str, form: str, kind: str = "") -> None:
    """A disk of another product with a text in it, as a volume of the pool."""
    options = ["-o", f"subformat={kind}"] if kind else []
    line = ["qemu-img", "convert", "-f", "raw", "-O", form, *options, f"{FOLDER}/origin.img", f"{FOLDER}/{name}"]
    bed.a.space.run(*line)
    bed.a.virsh("pool-refresh", "default")


def follow(deck: Deck, answer: Any, state: str = "done") -> dict[str, Any]:
    assert answer.status == 202, answer.json
    return deck.ended(answer.json["id"], state)


def end_early(deck: Deck, job: str, way: str) -> None:
    """Cancel a conversion, or kill its runner, and wait for the end of the job."""
    if way == "cancel":
        assert deck.ask("DELETE", f"/jobs/{job}").status == 202
    else:
        os.kill(runner(deck), signal.SIGKILL)
    deck.ended(job, "cancelled" if way == "cancel" else "failed")


def take(deck: Deck, volume: str, **more: Any) -> dict[str, Any]:
    body = {"pool": "default", "volume": volume, "to_pool": "default", **more}
    return follow(deck, deck.ask("POST", f"{LOCAL}/imports", body))


def test_disks_of_every_format_arrive_with_their_content(deck: Deck, bed: Bed) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    for form, kind in SOURCES:
        name = f"{form}{kind}.x"
        foreign(bed, name, form, kind)
        report = deck.ask("POST", f"{LOCAL}/imports/check", {"pool": "default", "volume": name}).json
        assert (report["kind"], report["possible"]) == (form, True), report
        job = take(deck, name, name=f"got-{form}{kind}")
        (made,) = job["result"]["volumes"]
        assert read(bed, made["volume"]) == MARK, (form, kind)
    assert not [name for name in files(bed) if name.startswith(".partial")]


def test_disk_alone_gets_a_card_where_there_is_a_network_for_it_and_what_is_said_of_its_machine(
    deck: Deck, bed: Bed
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "alone.vdi", "vdi")
    body = {"pool": "default", "volume": "alone.vdi", "to_pool": "default"}
    assert deck.ask("POST", f"{LOCAL}/imports", body | {"os": "no-such"}).json["errors"][0]["pointer"] == "/os"
    plan = deck.ask("POST", f"{LOCAL}/imports?dry_run=true", body | {"network": None}).json
    assert any("gets no network card" in each for each in plan["warnings"]), plan
    create = take(deck, "alone.vdi", os="debian12", firmware="uefi")["result"]["create"]
    assert (create["os"], create["firmware"], create["nics"]) == ("debian12", "uefi", [{"network": "default"}])
    made = deck.ask("POST", f"{LOCAL}/domains", create)
    assert made.status == 201, made.json
    text = bed.a.virsh("dumpxml", "alone")
    for words in ("<source network='default'/>", "<model type='virtio'/>", "bus='virtio'", "debian/12", "='efi'"):
        assert words in text, text


def test_machine_of_vmware_becomes_one_of_ours(deck: Deck, bed: Bed) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "shop.vmdk", "vmdk", "twoGbMaxExtentSparse")
    foreign(bed, "plain.vmdk", "vmdk", "monolithicFlat")
    images = bed.a.images  # as a server of VMware writes it, in another country
    (images / "plain-flat.vmdk").rename(images / "büro-flat.vmdk")
    text = (images / "plain.vmdk").read_text().replace("monolithicFlat", "vmfs")
    text = text.replace("version=1", 'version=1\nencoding="windows-1252"')
    text = text.replace('FLAT "plain-flat.vmdk" 0', 'VMFS "büro-flat.vmdk"')
    (images / "büro.vmdk").write_bytes(text.encode("cp1252"))
    vmx = [
        '.encoding = "windows-1252"',
        'config.version = "8"',
        'displayName = "The shöp"',
        'guestOS = "debian11-64"',
        'memsize = "192"',
        'numvcpus = "2"',
        'scsi0.present = "TRUE"',
        'scsi0:0.fileName = "shop.vmdk"',
        'scsi0:0.present = "TRUE"',
        'scsi0:1.fileName = "/vmfs/volumes/x/büro.vmdk"',
        'ide1:0.deviceType = "cdrom-image"',
        'ide1:0.fileName = "/isos/x.iso"',
        'ethernet0.present = "TRUE"',
        'ethernet0.virtualDev = "vmxnet3"',
        'ethernet0.generatedAddress = "00:0C:29:11:22:33"',
        'sound.present = "TRUE"',
    ]
    (images / "shop.vmx").write_bytes("\n".join(vmx).encode("cp1252"))
    bed.a.virsh("pool-refresh", "default")
    report = deck.ask("POST", f"{LOCAL}/imports/check", {"pool": "default", "volume": "shop.vmx"}).json
    assert (report["kind"], report["machine"]["name"], report["possible"]) == ("vmx", "The shöp", True), report
    notes = " ".join(note["text"] for note in report["machine"]["notes"])
    assert "CD-ROM" in notes
    assert "sound" in notes
    assert "Its disk lies at /vmfs/volumes/x/büro.vmdk there" in notes, report
    job = take(deck, "shop.vmx")
    made = deck.ask("POST", f"{LOCAL}/domains", job["result"]["create"])
    assert made.status == 201, made.json
    assert (made.json["memory_mib"], made.json["vcpus"]) == (192, 2)
    assert "00:0c:29:11:22:33" in bed.a.virsh("dumpxml", "The shöp")
    assert [read(bed, each["volume"]) for each in job["result"]["volumes"]] == [MARK, MARK], job
    bed.a.virsh("start", "The shöp")
    answer = deck.ask("POST", f"{LOCAL}/imports", {"pool": "default", "volume": "shop.vmx", "to_pool": "default"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/name"), answer.json


def test_exported_package_comes_back_as_the_same_machine(deck: Deck, bed: Bed, tmp_path: Path) -> None:
    base = disk(bed, "base.qcow2", "8M")
    (bed.folder / "sector").write_bytes(SECTOR)
    bed.a.space.run("qemu-io", "-f", "qcow2", "-c", f"write -s {bed.folder}/sector 0 512", base)
    top = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, f"{FOLDER}/web.qcow2"]
    bed.a.space.run(*top)
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("web", disk=f"{FOLDER}/web.qcow2", nic=Nic(), memory_mib=160, vcpus=2))
    wait_for(lambda: deck.ask("GET", f"{LOCAL}/domains/{uuid}").status == 200)
    job = follow(deck, deck.ask("POST", f"{LOCAL}/domains/{uuid}/export", {"format": "ova", "pool": "default"}))
    with tarfile.open(bed.a.images / "web.ova") as package:
        held = {name: package.extractfile(name).read() for name in package.getnames()}  # type: ignore[union-attr]
    assert list(held) == ["web.ovf", "web.mf", "web-disk1.vmdk"]
    sums = read_manifest(held.pop("web.mf").decode())
    assert sums == {name: ("sha256", hashlib.sha256(data).hexdigest()) for name, data in held.items()}
    text = held["web.ovf"].decode()
    machine = read_ovf(text)
    assert (machine.name, machine.memory_mib, machine.vcpus, len(machine.nics)) == ("web", 160, 2, 1)
    assert machine.disks[0].capacity_bytes == 8 << 20
    job = take(deck, "web.ova", name="back")
    made = deck.ask("POST", f"{LOCAL}/domains", job["result"]["create"])
    assert (made.status, made.json["memory_mib"], made.json["vcpus"]) == (201, 160, 2), made.json
    assert read(bed, "back.qcow2") == MARK
    assert deck.ask("POST", f"{LOCAL}/domains/{made.json['uuid']}/start").status == 200
    deck.console("local", made.json["uuid"], "serial").read_until(b"it boots")
    for form, name in (("raw", "web.img"), ("vmdk", "web.vmdk")):
        job = follow(deck, deck.ask("POST", f"{LOCAL}/domains/{uuid}/export", {"format": form, "pool": "default"}))
        assert job["result"]["volumes"][0]["volume"] == name
        assert read(bed, name, kind=form) == MARK
    disk(bed, "shared.img", "4M", kind="raw")
    shared = f"<driver name='qemu' type='raw' cache='none'/><source file='{FOLDER}/shared.img'/><shareable/>"
    (bed.a.images / "shared.xml").write_text(f"<disk type='file'>{shared}<target dev='vdb' bus='virtio'/></disk>")
    bed.a.virsh("attach-device", "web", f"{FOLDER}/shared.xml", "--config")
    bed.a.virsh("pool-refresh", "default")
    bed.a.virsh("start", "web")
    before, path, body = files(bed), f"{LOCAL}/domains/{uuid}/export", {"format": "raw", "pool": "default"}
    plan = deck.ask("POST", f"{path}?dry_run=true", body).json
    assert "as after a power cut" in plan["warnings"][0]
    assert "shared.img is shared, and web may write it" in plan["warnings"][1]
    assert [line.split()[1] for line in plan["commands"]] == ["snapshot-create-as", "convert", "convert", "blockcommit"]
    assert not any("shared.img" in line for line in plan["commands"] if "convert" not in line)
    job = follow(deck, deck.ask("POST", path, body))
    made = [each["volume"] for each in job["result"]["volumes"]]
    assert made == ["web-1.img", "web-2.img"], job
    assert [read(bed, name, kind="raw") for name in made] == [MARK, MARK]
    assert (bed.a.state("web"), sources(bed, "web")) == ("running", ["web.qcow2", "shared.img"])
    assert sorted({*files(bed)} - {*before}) == made


@pytest.mark.parametrize(("way", "folder"), [("cancel", FOLDER), ("kill", "/var/lib/libvirt/outside")])
def test_export_of_a_running_machine_that_ends_early_leaves_no_trace_on_it(
    far: Deck, bed: Bed, way: str, folder: str
) -> None:
    bed.a.space.run("sh", "-c", f"mkdir -p {folder} && head -c 100M /dev/urandom > {folder}/web.img")
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("web", disk=f"{folder}/web.img", disk_format="raw"), start=True)
    wait_for(lambda: far.ask("GET", f"{LOCAL}/domains/{uuid}").status == 200)
    before, pools = files(bed), bed.a.virsh("pool-list", "--all", "--name")
    path, body = f"{LOCAL}/domains/{uuid}/export", {"format": "raw", "pool": "default", "name": "out"}
    with bed.narrow(40, "port-a", "outside"):
        job = far.begin("POST", path, body)
        wait_for(lambda: ".partial-out.img" in files(bed), what="the half-made volume")
        assert Path(sources(bed, "web")[0]).name.startswith("web-writes-")
        end_early(far, job, way)
    assert (bed.a.state("web"), Path(sources(bed, "web")[0]).name, files(bed)) == ("running", "web.img", before)
    assert bed.a.virsh("pool-list", "--all", "--name") == pools
    if folder != FOLDER:
        far.ended(far.begin("POST", path, body))
        assert (bed.a.images / "out.img").stat().st_size == 100 << 20
        assert bed.a.space.run("ls", "-A", folder).split() == ["web.img"]


def test_disk_outside_of_all_pools_is_taken_over_by_its_path(deck: Deck, bed: Bed) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    folder = bed.a.images.parent / "handed-over"
    folder.mkdir()
    foreign(bed, "../handed-over/disk.vdi", "vdi")
    (folder / "link.vdi").symlink_to("disk.vdi")
    pools = bed.a.virsh("pool-list", "--all", "--name")
    source = {"path": "/var/lib/libvirt/handed-over/disk.vdi"}
    report = deck.ask("POST", f"{LOCAL}/imports/check", source).json
    assert (report["kind"], report["possible"]) == ("vdi", True), report
    job = follow(deck, deck.ask("POST", f"{LOCAL}/imports", source | {"to_pool": "default"}))
    assert read(bed, job["result"]["volumes"][0]["volume"]) == MARK
    for wrong in ("images/../handed-over/disk.vdi", "handed-over/none.vdi", "nowhere/disk.vdi", "../../../dev/sda"):
        answer = deck.ask("POST", f"{LOCAL}/imports/check", {"path": f"/var/lib/libvirt/{wrong}"})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/path"), answer.json
    assert bed.a.virsh("pool-list", "--all", "--name") == pools


def test_volume_is_converted_into_another_format(deck: Deck, bed: Bed) -> None:
    disk(bed, "data.qcow2", "8M")
    path = f"{LOCAL}/pools/default/volumes/data.qcow2/convert"
    job = follow(deck, deck.ask("POST", path, {"format": "raw"}))
    assert job["result"]["volumes"] == [{"pool": "default", "volume": "data.img"}]
    assert read(bed, "data.img", kind="raw") == MARK
    with (bed.a.images / "data.img").open("r+b") as file:
        file.write(b"# Disk DescriptorFile")  # a guest may write anything
    path = f"{LOCAL}/pools/default/volumes/data.img/convert"
    follow(deck, deck.ask("POST", path, {"format": "qcow2", "name": "whole.qcow2"}))
    assert read(bed, "whole.qcow2") == MARK


def test_raw_image_that_looks_like_another_stays_raw_below_one_that_says_so(deck: Deck, bed: Bed) -> None:
    create = ["qemu-img", "create", "-q", "-f", "qcow2"]
    bed.a.space.run(*create, f"{FOLDER}/below.img", "64M")
    bed.a.space.run(*create, "-F", "raw", "-b", f"{FOLDER}/below.img", f"{FOLDER}/upper.qcow2")
    bed.a.virsh("pool-refresh", "default")
    job = follow(deck, deck.ask("POST", f"{LOCAL}/pools/default/volumes/upper.qcow2/convert", {"format": "raw"}))
    made = bed.a.images / job["result"]["volumes"][0]["volume"]
    assert made.read_bytes()[:4] == b"QFI\xfb", (job, made.stat())


def test_new_machine_grows_from_a_snapshot_inside_a_disk_while_the_old_one_runs(deck: Deck, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.qcow2", "16M")))
    bed.a.virsh("snapshot-create-as", "web", "then, before")
    write(bed, "web.qcow2", "changed later")
    bed.a.virsh("start", "web")
    wait_for(lambda: deck.ask("GET", f"{LOCAL}/domains/{uuid}").status == 200)
    path = f"{LOCAL}/domains/{uuid}/snapshots/then%2C%20before/clone"
    assert deck.ask("POST", path, {"mode": "linked"}).json["errors"][0]["pointer"] == "/mode"
    follow(deck, deck.ask("POST", path, {"name": "old"}))
    assert (read(bed, "old.qcow2"), read(bed, "web.qcow2")) == (MARK, "changed later")
    assert (bed.a.state("web"), files(bed)) == ("running", ["old.qcow2", "web.qcow2"])
    bed.a.virsh("start", "old")


def test_images_that_reach_for_other_files_are_refused(deck: Deck, bed: Bed) -> None:
    secret = bed.a.images.parent / "secret"
    secret.write_bytes(b"secret" * 4096)
    inside = "/var/lib/libvirt/secret"
    create = ["qemu-img", "create", "-q", "-f", "qcow2"]
    bed.a.space.run(*create, "-u", "-F", "raw", "-b", inside, f"{FOLDER}/backed.qcow2", "8M")
    bed.a.space.run(*create, "-o", f"data_file={FOLDER}/out.dat,data_file_raw=on", f"{FOLDER}/split.qcow2", "8M")
    text = (
        f'# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 48 FLAT "{inside}" 0\n'
    )
    (bed.a.images / "flat.vmdk").write_text(text)
    (bed.a.images / "delta.vmdk").write_text(text.replace("ffffffff", "12345678").replace(inside, "a.vmdk"))
    (bed.a.images / "hides.vmdk").write_bytes(hiding_vmdk(inside))
    (bed.a.images / "part.img").write_bytes(bytes(512))
    odd = text.replace("RW", 'RW 1 FLAT "part.img" 0\n\vRW')  # QEMU skips more than we do
    odd = odd.replace(inside, str(secret))  # where qemu-img runs
    (bed.a.images / "odd.vmdk").write_text(odd)
    (bed.a.images / "bad.vmx").write_text('config.version = "8"\nscsi0:0.fileName = "../../secret"\n')
    bed.a.virsh("pool-refresh", "default")
    before = files(bed)
    for name in ("backed.qcow2", "split.qcow2", "flat.vmdk", "delta.vmdk", "hides.vmdk", "bad.vmx"):
        report = deck.ask("POST", f"{LOCAL}/imports/check", {"pool": "default", "volume": name}).json
        assert report["possible"] is False, report
        assert all(one["problem"] for one in report["disks"])
        answer = deck.ask("POST", f"{LOCAL}/imports", {"pool": "default", "volume": name, "to_pool": "default"})
        assert answer.status == 422, answer.json
    answer = deck.ask("POST", f"{LOCAL}/imports", {"pool": "default", "volume": "odd.vmdk", "to_pool": "default"})
    job = follow(deck, answer, "failed")
    assert "outside of its folder" in job["problem"]["detail"], job
    answer = deck.ask("POST", f"{LOCAL}/pools/default/volumes/split.qcow2/convert", {"format": "raw"})
    assert answer.status in (202, 403)
    if answer.status == 202:
        assert follow(deck, answer, "failed")["problem"]["type"] == "/problems/leads-elsewhere"
    assert files(bed) == before


@pytest.mark.parametrize("way", ["cancel", "kill"])
def test_conversion_that_ends_early_leaves_nothing(far: Deck, bed: Bed, way: str) -> None:
    bed.a.space.run("sh", "-c", f"head -c 100M /dev/urandom > {FOLDER}/web.img")
    bed.a.virsh("pool-refresh", "default")
    before = files(bed)
    path = f"{LOCAL}/pools/default/volumes/web.img/convert"
    with bed.narrow(40, "port-a", "outside"):
        job = far.begin("POST", path, {"format": "raw", "name": "copy.img"})
        wait_for(lambda: ".partial-copy.img" in files(bed), what="the half-made volume")
        end_early(far, job, way)
    assert files(bed) == before
    assert not list((far.folder / "state_dir" / "errands").iterdir())
