"""What is exported is right in every format, and a machine that boots by UEFI does so again."""

from __future__ import annotations

from lxml import etree

from quarterdeck.model.xml import dump, parse
from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.efi_disk import efi_disk
from tests.qemu.test_appliances import LOCAL, deck, follow, take
from tests.qemu.test_clone import FOLDER, disk

__all__ = ["deck"]
FORMATS = {"qcow2": "qcow2", "vmdk": "vmdk", "vdi": "vdi", "vpc": "vhd", "vhdx": "vhdx", "raw": "img"}
CHECKED = ("qcow2", "vmdk", "vdi", "vhdx")


def test_exported_disk_is_the_same_in_every_format_and_whole(deck: Deck, bed: Bed) -> None:
    origin = disk(bed, "web.qcow2", "9M")  # no whole number of cylinders, which a VHD has by nature
    bed.a.space.run("qemu-io", "-c", "write -P 7 3M 70k", "-c", "write -P 9 9436672 512", origin)
    uuid = bed.a.define(bed.guest_xml("web", disk=origin))
    wait_for(lambda: deck.ask("GET", f"{LOCAL}/domains/{uuid}").status == 200)
    for form, end in FORMATS.items():
        body = {"format": form, "pool": "default", "name": "out"}
        job = follow(deck, deck.ask("POST", f"{LOCAL}/domains/{uuid}/export", body))
        assert job["result"]["volumes"] == [{"pool": "default", "volume": f"out.{end}"}]
        made = f"{FOLDER}/out.{end}"
        said = bed.a.space.run("qemu-img", "compare", "-f", "qcow2", "-F", form, origin, made)
        assert said.strip() == "Images are identical.", (form, said)
        if form in CHECKED:
            bed.a.space.run("qemu-img", "check", "-f", form, made)


def uefi(bed: Bed, name: str, image: str, *, secure: bool) -> str:
    root = parse(bed.guest_xml(name, disk=image, disk_format="raw"))
    system, features = root.find("os"), root.find("features")
    assert system is not None
    assert features is not None
    system.set("firmware", "efi")
    for tag in ("kernel", "initrd", "cmdline"):
        system.remove(system.find(tag))  # type: ignore[arg-type]  # the bed's machines have them
    if secure:
        etree.SubElement(system, "loader", secure="yes")
        etree.SubElement(features, "smm", state="on")
    return bed.a.define(dump(root))


def test_machine_that_boots_by_uefi_does_so_after_exports_and_imports(deck: Deck, bed: Bed) -> None:
    """Its disk goes out alone and then in a package, so that one boot tells of both: emulated firmware takes long."""
    (bed.a.images / "efi.img").write_bytes(efi_disk())
    bed.a.virsh("pool-refresh", "default")
    uuids = {name: uefi(bed, name, f"{FOLDER}/efi.img", secure=name == "locked") for name in ("locked", "open")}
    wait_for(lambda: all(deck.ask("GET", f"{LOCAL}/domains/{uuid}").status == 200 for uuid in uuids.values()))
    body = {"format": "qcow2", "pool": "default", "name": "plain"}
    follow(deck, deck.ask("POST", f"{LOCAL}/domains/{uuids.pop('open')}/export", body))
    alone = {"name": "alone", "install": {"method": "import"}, "firmware": "uefi", "secure_boot": False, "nics": []}
    alone |= {"disks": [{"pool": "default", "volume": "plain.qcow2"}], "memory_mib": 160, "start": False}
    uuids["alone"] = deck.ask("POST", f"{LOCAL}/domains", alone).json["uuid"]
    for name, uuid in uuids.items():
        path, body = f"{LOCAL}/domains/{uuid}/export", {"format": "ova", "pool": "default"}
        assert "UEFI variables stay" in deck.ask("POST", f"{path}?dry_run=true", body).json["warnings"][0]
        follow(deck, deck.ask("POST", path, body))
        job = take(deck, f"{name}.ova", name=f"{name}-again")
        made = deck.ask("POST", f"{LOCAL}/domains", job["result"]["create"]).json
        assert (made["firmware"], made["secure_boot"]) == ("uefi", name == "locked"), made
    assert deck.ask("POST", f"{LOCAL}/domains/{made['uuid']}/start").status == 200
    deck.console("local", made["uuid"], "serial").read_until(b"it boots")
