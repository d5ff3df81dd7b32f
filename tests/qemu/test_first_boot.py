"""A real first boot: Debian's cloud-init reads the disc that was made for it, and does what was asked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.debian import debian_files

IMAGES = "/var/lib/libvirt/images"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGOsn3DzJm0wHq6oEpTbDrQvOkYRmEHyJvHZWeOkVYQF ann@desk"
SETTINGS = {"user": "anna", "password": "geheim-1", "ssh_keys": [KEY], "hostname": "shop"}
ARGUMENTS = "root=/dev/vda rw console=ttyS0 quiet mitigations=off"
BOOT_SECONDS = 400.0
"""A whole Debian in emulation takes half a minute on an idle machine, and many times that beside other work."""


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    made = debian_files()
    for name, path in (("debian.raw", made.disk), ("vmlinuz", made.kernel), ("initrd", made.initrd)):
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", path, bed.a.images / name], check=True)
    bed.a.virsh("pool-refresh", "default")
    settings = {"local_uri": bed.a.local_uri, "demo": "true", "accelerator": "qemu"}
    running = Deck(tmp_path, settings).start()
    assert running.login("demo", "demo").status == 200
    wait_for(lambda: running.ask("GET", "/hosts/local/pools").status == 200)
    yield running
    running.stop()


def test_guest_is_set_up_as_asked_and_the_disc_goes_afterwards(deck: Deck, bed: Bed) -> None:
    image = {"method": "cloud_image", "pool": "default", "volume": "debian.raw", "cloud_init": SETTINGS}
    asked = {
        "name": "vm1",
        "memory_mib": 512,
        "vcpus": 1,
        "nics": [],
        "disks": [{"size_gib": 1.25}],
        "start": False,
        "os": "debian12",
    }
    made = deck.ask("POST", "/hosts/local/domains", asked | {"install": image})
    assert made.status == 201, made.json
    one = f"/hosts/local/domains/{made.json['uuid']}"
    kernel = {"kernel": f"{IMAGES}/vmlinuz", "initrd": f"{IMAGES}/initrd", "cmdline": ARGUMENTS}
    changed = deck.ask("PATCH", one, {"boot": kernel}, If_Match=made.json["etag"])
    assert changed.status == 200, changed.json
    assert deck.ask("POST", f"{one}/start").status == 200
    serial = deck.console("local", made.json["uuid"], "serial")
    serial.read_until(b"shop login:", BOOT_SECONDS)
    serial.send(b"anna\r")
    serial.read_until(b"Password:", BOOT_SECONDS)
    serial.send(b"geheim-1\r")
    serial.read_until(b"anna@shop", BOOT_SECONDS)
    serial.send(b"cat ~/.ssh/authorized_keys; sudo -n true || id -nG; echo is''done\r")
    told = serial.read_until(b"isdone", BOOT_SECONDS).decode()
    assert KEY in told
    assert "vm1-seed.iso" in bed.a.virsh("domblklist", "vm1")
    serial.send(b"exit\r")
    bed.a.virsh("shutdown", "vm1")
    wait_for(lambda: "vm1-seed.iso" not in bed.a.virsh("vol-list", "default"), BOOT_SECONDS, "the disc is gone")
    assert "quarterdeck-install" not in bed.a.virsh("dumpxml", "vm1")
