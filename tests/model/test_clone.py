"""What of a definition is made unique in a clone."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.model.clone import Cloned, Identity, Placement, clone_name, cloned, copy_name, put_back
from quarterdeck.model.template import Origin, origin_of
from quarterdeck.model.xml import Element, parse

OLD = "b4b6c9c0-1111-4222-8333-000000000001"
NEW = "b4b6c9c0-1111-4222-8333-000000000002"
MACHINE = f"""
<domain type="kvm">
  <name>web</name><uuid>{OLD}</uuid><genid>{OLD}</genid><title>The shop</title><description>Ask first</description>
  <metadata><t:template xmlns:t="https://quarterdeck.invalid/xmlns/template/1" version="3"/></metadata>
  <memory unit="KiB">1048576</memory>
  <sysinfo type="smbios"><system><entry name="uuid">{OLD}</entry><entry name="product">Shop</entry></system></sysinfo>
  <os firmware="efi">
    <type arch="x86_64" machine="pc-q35-7.2">hvm</type>
    <loader readonly="yes" type="pflash">/usr/share/OVMF/OVMF_CODE.fd</loader>
    <nvram template="/usr/share/OVMF/OVMF_VARS.fd">/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>
  </os>
  <devices>
    <disk type="block" device="disk">
      <driver name="qemu" type="raw" cache="none"/>
      <source dev="/dev/vg/web" startupPolicy="optional" index="1"><encryption format="luks"/><reservations/></source>
      <backingStore/>
      <target dev="vda" bus="virtio"/>
      <serial>AB12</serial><wwn>5000c50015ea71aa</wwn>
      <x:own xmlns:x="urn:x"/>
    </disk>
    <disk type="file" device="disk"><source file="/a/data.img"/><target dev="vdb" bus="virtio"/></disk>
    <disk type="file" device="cdrom"><source file="/a/x.iso"/><target dev="sda" bus="sata"/><readonly/></disk>
    <interface type="network">
      <mac address="52:54:00:00:00:01"/><source network="default"/><target dev="web0"/>
    </interface>
    <interface type="hostdev"><mac address="52:54:00:00:00:02"/></interface>
    <serial type="file"><source path="/log/web.log"/><log file="/log/serial.txt"/></serial>
    <serial type="unix"><source mode="bind" path="/run/line.sock"/></serial>
    <serial type="tcp"><source mode="bind" host="::" service="4555"/></serial>
    <channel type="unix"><source mode="bind" path="/run/domain-1-web/agent"/><target type="virtio" name="a"/></channel>
    <graphics type="vnc" port="5907" websocket="5707" passwd="geheim" passwdValidTo="2030-01-01T00:00:00"/>
    <tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>
    <hostdev mode="subsystem" type="usb"><source><vendor id="0x1234"/><product id="0x5678"/></source></hostdev>
    <vsock model="virtio"><cid auto="no" address="7"/></vsock>
  </devices>
</domain>
"""


def made(**more: Any) -> tuple[Element, Cloned]:
    values: dict[str, Any] = {
        "name": "web-clone",
        "uuid": NEW,
        "genid": NEW,
        "macs": ("52:54:00:00:00:0a", "52:54:00:00:00:0b"),
        "disks": {"vda": Placement("/pool/web-clone.qcow2", "qcow2")},
        "seed": "s",
        "skipped": frozenset({"vdb"}),
    }
    found = cloned(MACHINE, Identity(**values | more))
    return parse(found.xml), found


def test_identity_is_new_everywhere() -> None:
    root, found = made()
    assert [root.findtext(tag) for tag in ("name", "uuid", "genid", "title")] == ["web-clone", NEW, NEW, None]
    assert found.xml.count(OLD) == 1, "only to name what it was made of"
    assert root.findtext("description") == "Ask first"
    assert "xmlns/template" not in found.xml
    assert origin_of(root) == Origin(uuid=OLD, name="web", version=3)
    assert root.findtext("sysinfo/system/entry[@name='product']") == "Shop"


def test_disk_lies_elsewhere_with_a_number_of_its_own_and_what_is_not_known_stays() -> None:
    root, _found = made()
    disk = root.find("devices/disk")
    assert disk is not None
    source = disk.find("source")
    assert source is not None
    assert (disk.get("type"), dict(source.attrib)) == (
        "file",
        {"startupPolicy": "optional", "file": "/pool/web-clone.qcow2"},
    )
    assert [child.tag for child in source] == ["encryption"]
    assert disk.find("backingStore") is None
    assert dict(disk.find("driver").attrib) == {"name": "qemu", "type": "qcow2", "cache": "none"}  # type: ignore[union-attr]
    assert len(disk.findtext("serial") or "") == 8
    assert (disk.findtext("serial"), disk.findtext("wwn")) != ("AB12", "5000c50015ea71aa")
    assert disk.find("{urn:x}own") is not None
    assert [target.get("dev") for target in root.iterfind("devices/disk/target")] == ["vda", "sda"]


def test_lines_and_screens_collide_with_nothing() -> None:
    root, found = made()
    screen = root.find("devices/graphics")
    assert screen is not None
    assert [screen.get(name) for name in ("port", "autoport", "websocket")] == ["-1", "yes", "-1"]
    assert len(screen.get("passwd", "")) == 8
    assert "geheim" not in found.xml
    assert screen.get("passwdValidTo") is None
    paths = [source.get("path") for source in root.iterfind("devices/serial/source")]
    assert paths == ["/log/web-clone.log", "/run/line-web-clone.sock", None]
    assert root.find("devices/serial/log").get("file") == "/log/serial-web-clone.txt"  # type: ignore[union-attr]
    assert root.find("devices/channel/source") is None
    assert any("4555" in warning for warning in found.warnings)
    assert dict(root.find("devices/vsock/cid").attrib) == {"auto": "yes"}  # type: ignore[union-attr]
    assert root.find("devices/interface/target") is None


@pytest.mark.parametrize(("choice", "left"), [("drop", 0), ("keep", 2)])
def test_devices_of_the_host_stay_with_the_original_or_are_warned_about(choice: str, left: int) -> None:
    root, found = made(host_devices=choice)
    devices = [*root.findall("devices/hostdev"), *root.findall("devices/interface[@type='hostdev']")]
    assert len(devices) == left
    assert sum("only one of them can run" in warning for warning in found.warnings) == left
    assert sum("stays with the original" in change.detail for change in found.changes if change.field == "hostdev") == (
        2 - left
    )


def test_uefi_variables_are_named_after_the_clone() -> None:
    _root, found = made()
    folder = "/var/lib/libvirt/qemu/nvram"
    assert found.nvram == (f"{folder}/web_VARS.fd", f"{folder}/web-clone_VARS.fd")
    assert found.tpm


@pytest.mark.parametrize(
    ("original", "taken", "name"),
    [
        ("web", {"web"}, "web-clone"),
        ("web", {"web", "web-clone"}, "web-clone1"),
        ("web-clone", {"web-clone"}, "web-clone1"),
        ("web-clone7", {"web-clone7", "web-clone"}, "web-clone8"),
    ],
)
def test_names_follow_virt_clone(original: str, taken: set[str], name: str) -> None:
    assert clone_name(original, taken) == name


@pytest.mark.parametrize(
    ("volume", "taken", "name"),
    [
        ("web.qcow2", set(), "new.qcow2"),
        ("web.qcow2", {"new.qcow2"}, "new-1.qcow2"),
        ("web-top-a1b2c3-top-0123ab.qcow2", set(), "new.qcow2"),
        ("data.img", set(), "data-clone.img"),
        ("data.of.2024-long", set(), "data.of.2024-long-clone"),
    ],
)
def test_copies_of_disks_follow_virt_clone(volume: str, taken: set[str], name: str) -> None:
    assert copy_name(volume, "web", "new", taken) == name


def test_disks_go_back_to_where_they_were() -> None:
    moved = put_back(MACHINE, {"/a/data.img": Placement("/dev/vg/data", "raw", block=True)})
    disk = parse(moved).findall("devices/disk")[1]
    assert (disk.get("type"), disk.find("source").get("dev")) == ("block", "/dev/vg/data")  # type: ignore[union-attr]
