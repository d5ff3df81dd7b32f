"""What other products make of their machines, whole, odd and damaged: taken over, or refused in words."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import shutil
import signal
import struct
import tarfile
from pathlib import Path
from typing import Any

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_appliances import LOCAL, deck, follow, foreign, take
from tests.qemu.test_clone import FOLDER, MARK, disk, files, read
from tests.qemu.test_downloads import spawner

__all__ = ["deck"]
HEAD = (
    '<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" '
    'xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:r="urn:r" xmlns:v="http://www.vmware.com/schema/ovf">'
)


def item(kind: int, **values: str) -> str:
    told = "".join(f"<r:{name}>{value}</r:{name}>" for name, value in values.items())
    return f"<Item><r:ResourceType>{kind}</r:ResourceType>{told}</Item>"


def envelope(disks: dict[str, str]) -> str:
    """Two machines; the second has these files, packed as told, and an empty disk."""
    numbers = dict(enumerate(disks, 1))
    listed = "".join(
        f'<File ovf:id="f{n}" ovf:href="{name}" ovf:compression="{disks[name]}"/>' for n, name in numbers.items()
    )
    described = "".join(f'<Disk ovf:diskId="d{n}" ovf:fileRef="f{n}" ovf:capacity="8388608"/>' for n in numbers)
    empty = '<Disk ovf:diskId="new" ovf:capacity="16" ovf:capacityAllocationUnits="MegaBytes"/>'
    items = [
        item(3, VirtualQuantity="2"),
        item(4, AllocationUnits="KiloBytes", VirtualQuantity="196608"),
        item(6, InstanceID="3", ResourceSubType="lsilogic"),
        *(item(17, Parent="3", HostResource=f"ovf:/disk/d{n}") for n in numbers),
        item(17, Parent="3", HostResource="ovf:/disk/new"),
        item(10, Connection="VM Network", ResourceSubType="VmxNet3"),
        item(10, Connection="Other", ResourceSubType="E1000"),
        item(35),
    ]
    efi = '<v:Config v:key="firmware" v:value="efi"/>'
    guest = (
        '<OperatingSystemSection v:osType="debian12_64Guest"><Description>Debian</Description></OperatingSystemSection>'
    )
    hardware = f"{guest}<VirtualHardwareSection>{''.join(items)}{efi}</VirtualHardwareSection>"
    return (
        f"{HEAD}<References>{listed}</References><DiskSection>{described}{empty}</DiskSection>"
        '<VirtualSystemCollection ovf:id="all"><VirtualSystem ovf:id="first"/>'
        f'<VirtualSystem ovf:id="second"><Name>Shop 2</Name>{hardware}</VirtualSystem>'
        "</VirtualSystemCollection></Envelope>"
    )


def pack(path: Path, members: dict[str, bytes], **wrong: bytes) -> None:
    """A package of these files with a manifest; of `wrong` names it says the checksum of something else."""
    sums = {name: hashlib.sha256(wrong.get(name.replace(".", "_"), data)).hexdigest() for name, data in members.items()}
    text = "".join(f"SHA256({name})= {checksum}\n" for name, checksum in sums.items())
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in [*members.items(), ("shop.mf", text.encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def check(deck: Deck, volume: str, **more: str) -> dict[str, Any]:
    answer = deck.ask("POST", f"{LOCAL}/imports/check", {"pool": "default", "volume": volume, **more})
    assert answer.status == 200, answer.json
    return dict(answer.json)


def notes(report: dict[str, Any]) -> str:
    return " ".join(note["text"] for note in report["machine"]["notes"])


def test_package_of_several_machines_with_packed_disks_arrives_unless_its_manifest_says_no(
    deck: Deck, bed: Bed
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "a.vmdk", "vmdk", "streamOptimized")
    foreign(bed, "b.vhdx", "vhdx")
    packed = gzip.compress((bed.a.images / "a.vmdk").read_bytes())
    members = {"shop.ovf": b"", "a.vmdk.gz": packed, "b.vhdx": (bed.a.images / "b.vhdx").read_bytes()}
    members["shop.ovf"] = envelope({"a.vmdk.gz": "gzip", "b.vhdx": "identity"}).encode()
    pack(bed.a.images / "shop.ova", members)
    pack(bed.a.images / "bad.ova", members, b_vhdx=b"other", shop_ovf=b"other")
    for name in ("origin.img", "a.vmdk", "b.vhdx"):
        (bed.a.images / name).unlink()
    bed.a.virsh("pool-refresh", "default")
    report = check(deck, "shop.ova")
    assert [each["name"] for each in report["machines"]] == ["first", "Shop 2"], report
    assert (report["possible"], report["machine"]["name"]) == (False, "first"), report
    report = check(deck, "shop.ova", machine="second")
    assert report["possible"], report
    assert [(each["file"], each["format"]) for each in report["disks"]] == [("a.vmdk.gz", "vmdk"), ("b.vhdx", "vhdx")]
    told = notes(report)
    for words in ("taken for Debian 12", "empty: a new one", "vmxnet3: becomes virtio", "boots by UEFI", "Sound card"):
        assert words in told, report
    job = take(deck, "shop.ova", machine="second")
    made = deck.ask("POST", f"{LOCAL}/domains", job["result"]["create"])
    assert made.status == 201, (made.json, job)
    assert (made.json["memory_mib"], made.json["vcpus"]) == (192, 2), made.json
    assert [read(bed, each["volume"]) for each in job["result"]["volumes"]] == [MARK, MARK], job
    text = bed.a.virsh("dumpxml", "Shop 2")
    assert (text.count("device='disk'"), text.count("<interface "), "efi" in text.lower()) == (3, 2, True), text
    before = files(bed)
    report = check(deck, "bad.ova", machine="second")
    assert "shop.ovf is not as its manifest says" in notes(report), report
    body = {"pool": "default", "volume": "bad.ova", "machine": "second", "to_pool": "default", "name": "bad"}
    job = follow(deck, deck.ask("POST", f"{LOCAL}/imports", body), "failed")
    assert "b.vhdx is damaged or was changed" in job["problem"]["detail"], job
    assert files(bed) == before


def damaged(bed: Bed) -> dict[str, str]:
    """Images that are not whole or not alone, with words of why each is refused when it is looked at."""
    images, run = bed.a.images, bed.a.space.run
    made = {"vmdk": "monolithicSparse", "vdi": "", "vpc": "", "vhdx": "", "qcow2": ""}
    for form, kind in made.items():
        foreign(bed, f"whole.{form}", form, kind)
    run("qemu-img", "convert", "-O", "vpc", "-o", "subformat=fixed", f"{FOLDER}/origin.img", f"{FOLDER}/fixed.vhd")
    whole = {form: (images / f"whole.{form}").read_bytes() for form in made}
    part = {name: data[: len(data) // 2] for name, data in whole.items()}
    images.joinpath("cut.vdi").write_bytes(part["vdi"])
    images.joinpath("cut.vhd").write_bytes(images.joinpath("fixed.vhd").read_bytes()[:-4096])
    images.joinpath("cut.vpc").write_bytes(part["vpc"])
    images.joinpath("part.vdi").write_bytes(_with(whole["vdi"], 0x4C, struct.pack("<I", 4)))
    images.joinpath("part.vhd").write_bytes(_with(whole["vpc"], len(whole["vpc"]) - 512 + 60, struct.pack(">I", 4)))
    images.joinpath("delta.vmdk").write_bytes(whole["vmdk"].replace(b"parentCID=ffffffff", b"parentCID=12345678"))
    images.joinpath("old.qcow2").write_bytes(_with(whole["qcow2"], 4, struct.pack(">I", 1)))
    images.joinpath("none.img").write_bytes(b"")
    images.joinpath("all.zip").write_bytes(b"PK\x03\x04" + bytes(600))
    member = tarfile.TarInfo("a.ovf")
    member.size = 5000
    images.joinpath("cut.ova").write_bytes(member.tobuf() + b"<Env")
    images.joinpath("packed.ova.gz").write_bytes(gzip.compress(member.tobuf()))
    images.joinpath("it's packed.ova.xz").write_bytes(lzma.compress(member.tobuf()))
    images.joinpath("packed.vmx.bz2").write_bytes(bz2.compress(b'config.version = "8"\n'))
    images.joinpath("locked.vmx").write_text('config.version = "8"\nencryption.keySafe = "vmware:key"\n')
    images.joinpath("bad.ovf").write_text("<Envelope><ovf")
    run("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", f"{FOLDER}/short.vmdk", "8M")
    run("truncate", "-s", "1M", f"{FOLDER}/short-flat.vmdk")
    images.joinpath("locked.qcow2").write_bytes(_with(whole["qcow2"], 32, struct.pack(">I", 2)))
    return {
        "cut.vdi": "bytes of it are missing",
        "cut.vhd": "ends in .vhd",
        "cut.vpc": "ends too early",
        "part.vdi": "only what differs",
        "part.vhd": "only what differs",
        "delta.vmdk": "only what differs",
        "old.qcow2": "version 1",
        "none.img": "empty",
        "all.zip": "Unpack it",
        "cut.ova": "damaged or not complete",
        "packed.ova.gz": "is an OVA package, packed with gzip. Unpack it there (gunzip packed.ova.gz)",
        "it's packed.ova.xz": "packed with xz. Unpack it there (unxz ",
        "packed.vmx.bz2": "is a VMware machine, packed with bzip2. Unpack it there (bunzip2 packed.vmx.bz2)",
        "locked.vmx": "encrypted",
        "bad.ovf": "Line 1",
        "short.vmdk": "short-flat.vmdk ends too early",
        "short-flat.vmdk": "choose short.vmdk",
        "locked.qcow2": "encrypted",
    }


def test_link_among_its_files_gives_nothing_away_also_where_it_comes_after_the_report(
    deck: Deck, bed: Bed, tmp_path: Path
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "shop.vmdk", "vmdk", "monolithicFlat")
    folder, secret = tmp_path / "handed", tmp_path / "secret"
    folder.mkdir()
    secret.write_bytes(b"secret".ljust(8 << 20))
    for name in ("shop.vmdk", "shop-flat.vmdk"):
        (bed.a.images / name).rename(tmp_path / name)
        shutil.copy(tmp_path / name, folder)
    for each in (folder, *folder.iterdir()):
        os.chown(each, 65534, 65534)
    part = folder / "shop-flat.vmdk"
    (folder / "shop.vmx").write_text('config.version = "8"\nscsi0:0.fileName = "shop.vmdk"\n')
    body, before = {"path": f"{folder}/shop.vmx", "to_pool": "default", "name": "got"}, files(bed)
    for make in (part.symlink_to, part.hardlink_to):
        part.unlink()
        make(secret)
        answer = deck.ask("POST", f"{LOCAL}/imports", body)
        assert (answer.status, "link" in answer.json["errors"][0]["detail"]) == (403, True), answer.json
    part.unlink()
    (tmp_path / part.name).rename(part)
    starter = spawner(deck)  # which stands still, so that nothing is read before it goes on
    os.kill(starter, signal.SIGSTOP)
    try:
        answer = deck.ask("POST", f"{LOCAL}/imports", body)
        part.unlink()
        part.symlink_to(secret)
    finally:
        os.kill(starter, signal.SIGCONT)
    job = follow(deck, answer, "failed")
    assert "shop-flat.vmdk is a symbolic link" in job["problem"]["detail"], job
    assert files(bed) == before
    (folder / "away.ovf").write_text(envelope({"away.vmdk": "identity"}))
    with tarfile.open(bed.a.images / "away.ova", "w") as archive:
        archive.add(folder / "away.ovf", "away.ovf")
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo("away.vmdk")
            member.type, member.linkname = kind, str(secret)
            archive.addfile(member)
    bed.a.virsh("pool-refresh", "default")
    report = check(deck, "away.ova", machine="second")
    assert "The package does not hold it" in report["disks"][0]["problem"], report


def test_machine_keeps_its_cards_on_a_host_without_a_network(deck: Deck, bed: Bed) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "shop.vmdk", "vmdk")
    cards = [
        line
        for n in (0, 1)
        for line in (f'ethernet{n}.present = "TRUE"', f'ethernet{n}.generatedAddress = "00:0C:29:11:22:3{n}"')
    ]
    lines = ['config.version = "8"', 'memsize = "192"', 'ide0:0.fileName = "shop.vmdk"', *cards]
    (bed.a.images / "shop.vmx").write_text("\n".join(lines))
    bed.a.virsh("pool-refresh", "default")
    network = bed.a.virsh("net-dumpxml", "default")
    bed.a.virsh("net-destroy", "default")
    body = {"pool": "default", "volume": "shop.vmx", "to_pool": "default", "name": "shop"}
    imports = f"{LOCAL}/imports?dry_run=true"
    wait_for(lambda: any("is off: start it" in each for each in deck.ask("POST", imports, body).json["warnings"]))
    bed.a.virsh("net-undefine", "default")
    try:
        wait_for(lambda: "This host has no network for its cards" in notes(check(deck, "shop.vmx")))
        for wrong in ({}, {"network": None, "bridge": "br-none"}):
            answer = deck.ask("POST", imports, body | wrong)
            assert answer.status == 422, answer.json
            assert answer.json["errors"][0]["pointer"] == ("/bridge" if wrong else "/network"), answer.json
        plan = deck.ask("POST", imports, body | {"network": None}).json
        assert any("2 network cards: kept, but cut off" in each for each in plan["warnings"]), plan
        job = take(deck, "shop.vmx", name="shop", network=None)
        made = deck.ask("POST", f"{LOCAL}/domains", job["result"]["create"])
        assert made.status == 201, made.json
        bed.a.virsh("start", "shop")
        assert bed.a.virsh("domif-getlink", "shop", "00:0c:29:11:22:31").split()[-1] == "down"
        text = bed.a.virsh("dumpxml", "shop", "--inactive")
        assert (text.count("<interface type='ethernet'>"), "00:0c:29:11:22:30" in text) == (2, True), text
    finally:
        (bed.a.images / "network.xml").write_text(network)
        bed.a.virsh("net-define", f"{FOLDER}/network.xml")
        bed.a.virsh("net-autostart", "default")
        bed.a.virsh("net-start", "default")


def _with(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def test_what_is_not_whole_is_refused_in_words_and_leaves_nothing(deck: Deck, bed: Bed) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    with (bed.a.images / "origin.img").open("r+b") as file:
        file.write(bytes(range(256)) * (4 << 12))
    wanted = damaged(bed)
    bed.a.virsh("pool-refresh", "default")
    for name, words in wanted.items():
        answer = deck.ask("POST", f"{LOCAL}/imports/check", {"pool": "default", "volume": name})
        told = str(answer.json.get("problem") or [error["detail"] for error in answer.json.get("errors", [])])
        assert words in told, (name, answer.json)
    bed.a.images.joinpath("folder.ovf").write_text(envelope({"../secret": "identity"}))
    bed.a.virsh("pool-refresh", "default")
    assert "A pool has no folders" in check(deck, "folder.ovf", machine="second")["problem"]
    body = {"pool": "default", "volume": "cut.vdi", "to_pool": "default"}
    answer = deck.ask("POST", f"{LOCAL}/imports", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/volume"), answer.json
    for form in ("qcow2", "vmdk"):  # only their reading shows it: QEMU would take zeros for what is missing
        data = (bed.a.images / f"whole.{form}").read_bytes()
        (bed.a.images / f"half.{form}").write_bytes(data[: len(data) * 3 // 5])
    bed.a.virsh("pool-refresh", "default")
    before = files(bed)
    for form in ("qcow2", "vmdk"):
        body = {"pool": "default", "volume": f"half.{form}", "to_pool": "default", "name": f"got-{form}"}
        job = follow(deck, deck.ask("POST", f"{LOCAL}/imports", body), "failed")
        assert f"half.{form}" in job["problem"]["detail"], job
        assert "not complete" in job["problem"]["detail"], job
    assert files(bed) == before
    report = check(deck, "cut.vhd", format="raw")
    assert report["possible"], report
