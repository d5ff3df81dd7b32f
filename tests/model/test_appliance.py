"""Machines of other products, in files that somebody made to do harm."""

from __future__ import annotations

import io
import tarfile
import time

import pytest

from quarterdeck.model.appliance import MEMBER_BYTES, create_body, file_stem
from quarterdeck.model.guest_names import short_id
from quarterdeck.model.image_facts import ImageFile, image_facts
from quarterdeck.model.image_kinds import TEXT_BYTES, declared_text, kind_of
from quarterdeck.model.ovf import machines_of, ovf_text, read_manifest, read_ovf, unit_bytes
from quarterdeck.model.ovf_writing import OvfDisk, OvfMachine, write_manifest, write_ovf
from quarterdeck.model.vmx import is_encrypted, read_vmx
from quarterdeck.operations.appliances.conversion import tar_format
from quarterdeck.operations.appliances.looking import PackageFile
from tests.images import hiding_vmdk

HEAD = (
    '<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:r="urn:r"'
    ' xmlns:vmw="http://www.vmware.com/schema/ovf">'
)


def item(kind: int, configuration: str = "", bound: str = "", **values: str) -> str:
    marks = f' ovf:configuration="{configuration}"' * bool(configuration) + f' ovf:bound="{bound}"' * bool(bound)
    told = "".join(f"<r:{name}>{value}</r:{name}>" for name, value in values.items())
    return f"<ovf:Item{marks}><r:ResourceType>{kind}</r:ResourceType>{told}</ovf:Item>"


def machine(name: str, *items: str, more: str = "") -> str:
    hardware = f"<ovf:VirtualHardwareSection>{''.join(items)}{more}</ovf:VirtualHardwareSection>"
    return f'<ovf:VirtualSystem ovf:id="{name}"><ovf:Name>The {name}</ovf:Name>{hardware}</ovf:VirtualSystem>'


@pytest.mark.parametrize("line", ["\n", "a\n", 'a = "', '\t=\t"\n'])
def test_file_of_empty_lines_does_not_hold_up_the_service(line: str) -> None:
    began = time.thread_time()
    read_vmx(line * (TEXT_BYTES // len(line)))
    kind_of(line.encode() * 4096, name="a")
    assert time.thread_time() - began < 5


def test_settings_of_a_vmx_are_read_whatever_ends_their_lines() -> None:
    machine = read_vmx('displayName = "web"\r\nmemsize="512"\r\n\r\n  numvcpus = "2"  \n')
    assert (machine.name, machine.memory_mib, machine.vcpus) == ("web", 512, 2)


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "\u00b2", "9" * 5000, ""])
def test_what_is_no_number_in_an_ovf_is_left_out(number: str) -> None:
    items = "".join(
        f"<Item><r:ResourceType>{kind}</r:ResourceType><r:VirtualQuantity>{number}</r:VirtualQuantity>"
        f"<r:CoresPerSocket>{number}</r:CoresPerSocket></Item>"
        for kind in (3, 4)
    )
    envelope = '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:r="r"><VirtualSystem>'
    machine = read_ovf(f"{envelope}{items}</VirtualSystem></Envelope>")
    assert (machine.vcpus, machine.cores, machine.memory_mib) == (1, None, None)


def test_headers_of_a_package_that_never_end_are_not_read_to_their_end() -> None:
    package = PackageFile(io.BytesIO(bytes(64 * TEXT_BYTES)))
    with pytest.raises(tarfile.ReadError, match="larger than any"):
        while package.read(TEXT_BYTES):
            pass


def test_header_of_a_package_that_says_it_is_huge_is_not_read_into_memory() -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    package = PackageFile(io.BytesIO(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)))
    with pytest.raises(tarfile.ReadError, match="larger than any"), tarfile.open(fileobj=package, mode="r:"):
        pass


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("byte * 2^20", 1 << 20),
        ("byte*2^30", 1 << 30),
        ("byte * 10^6", 10**6),
        ("MegaBytes", 1 << 20),
        ("GigaBytes", 1 << 30),
        ("KB", 1 << 10),
        ("byte", 1),
        ("percent", None),
        ("byte * 10^999999999", None),
    ],
)
def test_units_of_every_age_of_the_standard_are_read(unit: str, size: int | None) -> None:
    assert unit_bytes(unit) == size


def test_of_several_machines_and_configurations_the_wanted_one_is_read() -> None:
    configurations = (
        '<ovf:DeploymentOptionSection><ovf:Configuration ovf:id="small"/>'
        '<ovf:Configuration ovf:id="big" ovf:default="true"><ovf:Label>Big</ovf:Label></ovf:Configuration>'
        "</ovf:DeploymentOptionSection>"
    )
    efi = '<vmw:Config vmw:key="firmware" vmw:value="efi"/>'
    two = machine(
        "two",
        item(3, VirtualQuantity="2"),
        item(3, "big", VirtualQuantity="6"),
        item(3, bound="max", VirtualQuantity="99"),
        item(4, "small", AllocationUnits="GigaBytes", VirtualQuantity="1"),
        item(4, "big", AllocationUnits="GigaBytes", VirtualQuantity="3"),
        more=efi,
    )
    text = HEAD + configurations + machine("one", item(3, VirtualQuantity="1")) + two + "</ovf:Envelope>"
    assert kind_of(text.encode()) == "ovf"
    assert machines_of(text) == {"one": "The one", "two": "The two"}
    first, second = read_ovf(text), read_ovf(text, "two")
    assert (first.name, first.vcpus, first.uefi) == ("The one", 1, False)
    assert any("holds 2 machines" in note.text for note in first.notes)
    assert (second.vcpus, second.memory_mib, second.uefi) == (6, 3072, True)
    assert [note.text for note in second.notes] == ["Of its 2 configurations “Big” is taken."]


def test_disks_of_an_ovf_that_cannot_be_taken_say_why_and_empty_ones_are_made_anew() -> None:
    parts = (
        '<ovf:References><ovf:File ovf:id="f1" ovf:href="a.vmdk"/>'
        '<ovf:File ovf:id="f2" ovf:href="b" ovf:chunkSize="9"/>'
        '<ovf:File ovf:id="f3" ovf:href="https://example.com/c"/></ovf:References><ovf:DiskSection>'
        '<ovf:Disk ovf:diskId="a" ovf:fileRef="f1" ovf:capacity="2" ovf:capacityAllocationUnits="byte * 2^30"/>'
        '<ovf:Disk ovf:diskId="b" ovf:fileRef="f2" ovf:capacity="1"/>'
        '<ovf:Disk ovf:diskId="c" ovf:fileRef="f3" ovf:capacity="1"/>'
        '<ovf:Disk ovf:diskId="d" ovf:fileRef="f1" ovf:parentRef="a" ovf:capacity="1"/>'
        '<ovf:Disk ovf:diskId="e" ovf:capacity="1536" ovf:capacityAllocationUnits="byte * 2^20"/></ovf:DiskSection>'
    )
    controller = item(20, InstanceID="3", ResourceSubType="vmware.nvme.controller")
    disks = [item(17, Parent="3", HostResource=f"ovf:/disk/{name}") for name in "eabcd"]
    found = read_ovf(HEAD + parts + machine("m", controller, *disks) + "</ovf:Envelope>")
    assert [(disk.file, disk.bus, disk.of) for disk in found.disks[:2]] == [
        ("", "virtio", "NVMe"),
        ("a.vmdk", "virtio", "NVMe"),
    ]
    problems = [disk.problem or "" for disk in found.disks]
    wanted = ["", "", "cut into pieces", "lies on a server", "differs from another disk"]
    assert all(word in problem and bool(word) == bool(problem) for word, problem in zip(wanted, problems, strict=True))
    found.disks = found.disks[:2]
    body = create_body(found, "default", ["a.qcow2"], None)
    assert body["disks"] == [
        {"pool": "default", "volume": "a.qcow2", "bus": "virtio"},
        {"pool": "default", "size_gib": 1.5, "bus": "virtio"},
    ]


def test_what_is_written_as_ovf_is_read_as_the_same_machine() -> None:
    disks = tuple(OvfDisk(f"web-disk{n}.vmdk", 9, 1 << 30, bus) for n, bus in enumerate(["scsi"] * 8 + ["sata", "ide"]))
    made = OvfMachine("web & <1>", "Text", 2048, 4, ("default",), disks, True, True, 2, "Debian 12")
    text = write_ovf(made)
    found = read_ovf(text)
    assert (found.name, found.description, found.memory_mib, found.vcpus) == ("web & <1>", "Text", 2048, 4)
    assert (found.cores, found.uefi, found.secure_boot, found.system) == (2, True, True, "debian12")
    assert [disk.bus for disk in found.disks] == ["virtio"] * 8 + ["sata", "ide"]
    assert "<rasd:AddressOnParent>7<" not in text, "that place is the controller's own"
    assert "<vssd:VirtualSystemType>vmx-10<" in text
    assert read_manifest(write_manifest({"web.ovf": "ab" * 32})) == {"web.ovf": ("sha256", "ab" * 32)}


def test_package_keeps_to_the_standard_until_a_disk_is_too_large_for_it() -> None:
    assert (tar_format([1, 8 << 30]), tar_format([(8 << 30) - 1])) == (tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)


def test_name_of_a_machine_however_long_becomes_that_of_a_file() -> None:
    assert (file_stem("../Büro 1", "disk"), file_stem("/.", "disk")) == ("Büro-1", "disk")
    member = tarfile.TarInfo(f"{file_stem('ü' * 90, 'machine', MEMBER_BYTES)}-disk99.vmdk")
    assert member.tobuf(tarfile.USTAR_FORMAT), "it refuses names of more than 100 bytes"


def test_texts_are_read_in_the_character_set_that_they_name() -> None:
    text = '.encoding = "windows-1252"\ndisplayName = "Büro"\nguestOS = "debian12-64"\nannotation = "a|22b|0Ac"\n'
    machine = read_vmx(declared_text(text.encode("cp1252")))
    assert (machine.name, machine.description, machine.system) == ("Büro", 'a"b\nc', "debian12")
    assert declared_text(b'encoding="zip"\nx') == 'encoding="zip"\nx'
    assert ovf_text("<a>ü</a>".encode("utf-16")) == "<a>ü</a>"
    assert ovf_text('<?xml version="1.0" encoding="ISO-8859-1"?>ü'.encode("latin-1")).endswith("ü")
    assert ovf_text('<?xml version="1.0" encoding="windows-9999"?>ü'.encode()).endswith("ü")


@pytest.mark.parametrize("before", ["", " ", "\t "])
def test_part_of_a_vmware_disk_outside_of_its_folder_is_seen_as_qemu_sees_it(before: str) -> None:
    kind = 'parentCID=ffffffff\ncreateType="monolithicFlat"\n'
    text = f'# Disk DescriptorFile\n{kind}RW 1 FLAT "a-flat.vmdk" 0\n{before}RW 127 FLAT "/etc/shadow" 0\n'
    image = ImageFile("a.vmdk", text.encode(), b"", len(text), {"a-flat.vmdk": 512})
    assert "outside of its folder" in (image_facts("vmdk", image).problem or "")


def test_whole_vmware_disk_that_hides_names_of_other_files_is_refused() -> None:
    image = ImageFile("a.vmdk", hiding_vmdk("/etc/shadow"), b"", 1 << 20, {})
    assert "no size" in (image_facts("vmdk", image).problem or "")


def test_disks_of_a_vmx_stand_in_the_order_of_their_places_and_name_files_anywhere() -> None:
    lines = [f'scsi0:{n}.fileName = "/vmfs/volumes/x/d{n}.vmdk"' for n in (10, 2, 0)]
    lines += ['scsi1:0.fileName = "C:\\VMs\\e.vmdk"', 'scsi1:1.fileName = "r"', 'scsi1:1.deviceType = "rawDisk"']
    machine = read_vmx("\n".join(lines))
    assert [disk.file for disk in machine.disks] == ["d0.vmdk", "d2.vmdk", "d10.vmdk", "e.vmdk", "r"]
    assert machine.disks[3].named == "C:\\VMs\\e.vmdk"
    assert "device of its host" in (machine.disks[4].problem or "")
    assert is_encrypted('encryption.keySafe = "vmware:key/list"')


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("debian12_64Guest", "debian12"),
        ("Ubuntu 24.04 LTS", "ubuntu24.04"),
        ("windows2019srvNext-64", "win2k22"),
        ("windows9Server64Guest", "win2k16"),
        ("Microsoft Windows 11", "win11"),
        ("Red Hat Enterprise Linux 8.7", "rhel8.99"),
        ("Fedora_64", "fedora999"),
        ("other5xlinux-64", None),
        ("", None),
    ],
)
def test_systems_go_by_many_names(told: str, known: str | None) -> None:
    assert short_id(told) == known
