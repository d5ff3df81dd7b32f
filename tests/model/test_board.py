"""Another machine type or firmware: what changes in the definition, and what people are told."""

from __future__ import annotations

import pytest

from quarterdeck.model.board import change_firmware, change_machine, family, known, newest
from quarterdeck.model.capabilities import Guest, Machine
from quarterdeck.model.definition import describe
from quarterdeck.model.devices import Disk, devices
from quarterdeck.model.xml import Element, parse
from tests.model.goldens import DATA
from tests.model.libvirt_schema import assert_fits

GUEST = Guest(
    arch="x86_64",
    os_type="hvm",
    machines=[Machine(name="q35", canonical="pc-q35-9.0"), Machine(name="pc-q35-7.2"), Machine(name="isapc")],
)


def root(name: str) -> Element:
    return parse((DATA / f"{name}.xml").read_text())


@pytest.mark.parametrize(
    ("machine", "of"),
    [("q35", "q35"), ("pc-q35-7.2", "q35"), ("pc", "pc"), ("pc-i440fx-9.0", "pc"), ("virt-8.0", "virt")],
)
def test_families(machine: str, of: str) -> None:
    assert family(machine) == of


def test_the_newest_of_a_family() -> None:
    assert newest(GUEST, "pc-q35-7.2") == "pc-q35-9.0"
    assert newest(GUEST, "pc-q35-9.0") is None
    assert newest(GUEST, "q35") is None
    assert newest(None, "pc-q35-7.2") is None
    assert known(GUEST, "isapc")
    assert not known(GUEST, "microvm")
    assert known(None, "microvm")


def test_from_i440fx_to_q35_disks_leave_ide_and_old_addresses_go() -> None:
    element = root("i440fx")
    before = [disk.target for disk in devices(element) if isinstance(disk, Disk) and disk.bus == "ide"]
    assert before
    told = change_machine(element, "q35")
    assert not [disk for disk in devices(element) if isinstance(disk, Disk) and disk.bus == "ide"]
    assert element.find("devices/*/address[@type='pci']") is None
    assert not element.findall("devices/controller[@model='pci-root']")
    assert len(element.findall("devices/controller[@model='pcie-root-port']")) == 8
    assert all(f"{name} becomes" in told[1] for name in before)
    targets = [disk.target for disk in devices(element) if isinstance(disk, Disk)]
    assert len({*targets}) == len(targets)
    assert_fits("domain", element)


def test_a_newer_version_of_the_same_family_changes_nothing_else() -> None:
    element, before = root("debian"), root("debian")
    change_machine(element, "pc-q35-9.0")
    assert describe(element).machine == "pc-q35-9.0"
    describe(before)
    assert len(element.findall("devices/*")) == len(before.findall("devices/*"))


def test_uefi_is_left_to_libvirt_and_secure_boot_brings_what_it_needs() -> None:
    element = root("debian")
    told = change_firmware(element, "uefi", True)
    now = describe(element)
    assert (now.firmware.auto, now.firmware.secure_boot, now.features and now.features.smm) == ("efi", True, True)
    assert "does not start" in told[0]
    assert_fits("domain", element)


def test_back_to_bios_leaves_nothing_of_uefi() -> None:
    element = root("uefi")
    change_firmware(element, "bios", None)
    now = describe(element)
    assert (now.firmware.kind, now.firmware.loader, now.firmware.nvram) == ("bios", None, None)
    assert element.find("os/firmware") is None
    assert_fits("domain", element)
