"""The OS database: what a person finds, what a medium is recognised as, what is proposed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from quarterdeck.osinfo.database import Database
from quarterdeck.osinfo.iso import PROBE_BYTES, Label, read_label

OS = """<libosinfo><os id="http://example.org/{name}">
<short-id>{name}</short-id><name>{title}</name><name xml:lang="de">Anders</name><version>{version}</version>
<family>linux</family><distro>{distro}</distro><release-date>{released}</release-date>{more}</os></libosinfo>"""


def label(volume: str, **changes: object) -> Label:
    values = {"system": "LINUX", "publisher": "", "application": "", "size_bytes": 0, "bootable": True} | changes
    return Label(volume=volume, **values)  # type: ignore[arg-type]


def folder(path: Path, **systems: str) -> Path:
    (path / "os" / "example.org").mkdir(parents=True)
    for name, text in systems.items():
        (path / "os" / "example.org" / f"{name}.xml").write_text(text)
    return path


def system(name: str, version: str = "1", distro: str = "alpha", more: str = "", released: str = "2020-01-01") -> str:
    return OS.format(name=name, title=f"Alpha {version}", version=version, distro=distro, more=more, released=released)


@pytest.fixture(scope="module")
def database() -> Database:
    return Database()


def iso_head(volume: str, boot: bool = True) -> bytes:
    primary = bytearray(2048)
    primary[0:7] = b"\x01CD001\x01"
    primary[8:40] = b"LINUX".ljust(32)
    primary[40:72] = volume.encode().ljust(32)
    struct.pack_into("<I", primary, 80, 1234)
    struct.pack_into("<H", primary, 128, 2048)
    primary[318:446] = b"PUBLISHER".ljust(128)
    primary[574:702] = b"APP".ljust(128)
    boot_record = b"\x00CD001\x01EL TORITO SPECIFICATION".ljust(2048, b"\0")
    end = b"\xffCD001\x01".ljust(2048, b"\0")
    return (bytes(16 * 2048) + primary + (boot_record if boot else b"") + end).ljust(PROBE_BYTES, b"\0")


def test_label_of_a_medium_is_read_from_its_first_sectors() -> None:
    read = read_label(iso_head("Debian 12.5.0 amd64 n"))
    assert read == Label("Debian 12.5.0 amd64 n", "LINUX", "PUBLISHER", "APP", 1234 * 2048, True)


def test_medium_without_boot_record_is_told() -> None:
    read = read_label(iso_head("DATA", boot=False))
    assert read is not None
    assert not read.bootable


@pytest.mark.parametrize("head", [b"", b"QFI\xfb" + bytes(70000), bytes(PROBE_BYTES)])
def test_what_is_no_iso_has_no_label(head: bytes) -> None:
    assert read_label(head) is None


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("Debian 12.5.0 amd64 n", "debian12"),
        ("Debian 13.1.0 amd64 1", "debian13"),
        ("Debian 11.6.0 amd64 n", "debian11"),
        ("Ubuntu-Server 24.04.1 LTS amd64", "ubuntu24.04"),
        ("Fedora-S-dvd-x86_64-37", "fedora37"),
        ("Fedora-WS-Live-42", "fedora42"),
        ("AlmaLinux-9-4-x86_64-dvd", "almalinux9"),
        ("CentOS-Stream-10-BaseOS-x86_64", "centos-stream10"),
    ],
)
def test_current_media_are_recognised_with_a_database_of_2022(database: Database, volume: str, expected: str) -> None:
    found = database.detect(label(volume))
    assert found is not None
    assert (found.system.short_id, found.known) == (expected, True)


def test_release_that_nobody_knows_yet_is_taken_for_its_newest_sibling(database: Database) -> None:
    found = database.detect(label("Debian 14.0.0 amd64 n"))
    assert found is not None
    assert (found.system.short_id, found.known, found.version) == ("debian13", False, "14")


def test_unknown_medium_is_said_to_be_unknown(database: Database) -> None:
    assert database.detect(label("MY BACKUP")) is None


def test_same_label_of_two_systems_names_the_newer_and_tells_the_other(database: Database) -> None:
    found = database.detect(label("CCCOMA_X64FRE_EN-US_DV9", system="", publisher="MICROSOFT CORPORATION"))
    assert found is not None
    assert found.system.short_id == "win11"
    assert [other.short_id for other in found.others] == ["win10"]


@pytest.mark.parametrize(
    ("name", "memory", "vcpus", "disk"),
    [("debian11", 1024, 2, 20), ("win11", 8192, 4, 128), ("fedora37", 2048, 2, 20), ("rhel9.0", 1536, 2, 20)],
)
def test_proposed_resources(database: Database, name: str, memory: int, vcpus: int, disk: int) -> None:
    proposed = database.nearest(name).recommended
    assert (proposed.memory_mib, proposed.vcpus, proposed.disk_gib) == (memory, vcpus, disk)


def test_drivers_are_inherited_and_can_be_taken_back(database: Database) -> None:
    assert "virtio-gpu" in database.nearest("debian12").supports
    assert "virtio-gpu" not in database.nearest("ubuntu22.04").supports
    assert "virtio-blk" in database.nearest("ubuntu22.04").supports
    assert "virtio-blk" not in database.nearest("win11").supports
    assert database.nearest("win11").firmware == {"efi": True, "bios": False}


def test_unknown_id_falls_back_to_a_sibling_then_to_generic(database: Database) -> None:
    assert database.nearest("debian15").short_id == "debian13"
    assert database.nearest("plan9").short_id == "generic"
    assert database.get("debian15") is None


def test_search_puts_the_exact_name_first_and_new_before_old(database: Database) -> None:
    assert database.systems("win10")[0].short_id == "win10"
    debian = [found.short_id for found in database.systems("debian")]
    assert debian.index("debian13") < debian.index("debian12") < debian.index("debian9")
    assert "debian7" not in [found.short_id for found in database.systems("debian", ended=False)]


def test_only_our_own_list_and_generic_are_left_without_an_installed_database(tmp_path: Path) -> None:
    database = Database([tmp_path / "none"])
    assert database.get("generic") is not None
    assert database.get("debian13") is not None


def test_later_folder_goes_before_an_earlier_one_and_broken_files_do_no_harm(tmp_path: Path) -> None:
    needs = "<resources arch='all'><minimum><ram>{}</ram></minimum></resources>"
    first = folder(tmp_path / "a", one=system("alpha1", more=needs.format(2**30)), broken="<libosinfo><os")
    second = folder(tmp_path / "b", one=system("alpha1", more=needs.format(2**31)))
    assert Database([first, second]).nearest("alpha1").minimum.memory_mib == 2048


def test_overlay_that_is_read_first_does_not_hide_what_the_system_is(tmp_path: Path) -> None:
    overlay = (
        "<libosinfo><os id='http://example.org/alpha1'><short-id>alpha1</short-id><name>Alpha 1</name></os></libosinfo>"
    )
    found = Database([folder(tmp_path, a_overlay=overlay, one=system("alpha1"))]).nearest("alpha1")
    assert (found.family, found.distro, found.version) == ("linux", "alpha", "1")


def test_systems_that_derive_from_each_other_do_not_hang_the_reader(tmp_path: Path) -> None:
    loop = folder(
        tmp_path,
        one=system("alpha1", more="<derives-from id='http://example.org/alpha2'/>"),
        two=system("alpha2", "2", more="<derives-from id='http://example.org/alpha1'/>"),
    )
    assert Database([loop]).nearest("alpha1").name == "Alpha 1"


def test_broken_pattern_of_a_medium_matches_nothing(tmp_path: Path) -> None:
    media = "<media arch='all'><iso><volume-id>(((</volume-id></iso></media>"
    assert Database([folder(tmp_path, one=system("alpha1", more=media))]).detect(label("(((")) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("debian-12.7.0-amd64-netinst.iso", "debian12"),
        ("ubuntu-22.04.4-live-server-amd64.iso", "ubuntu22.04"),
        ("Fedora-Workstation-Live-x86_64-37-1.7.iso", "fedora37"),
        ("alpine-virt-3.17.0-x86_64.iso", "alpinelinux3.17"),
        ("Win11_23H2_English_x64.iso", "win11"),
        ("debian-12-genericcloud-amd64.qcow2", "debian12"),
        ("jammy-server-cloudimg-amd64.img", "ubuntu22.04"),
        ("Rocky-9-GenericCloud.latest.x86_64.qcow2", "rocky9"),
    ],
)
def test_name_of_a_file_hints_at_its_system(database: Database, name: str, expected: str) -> None:
    found = database.guess(name)
    assert found is not None
    assert found.short_id == expected


def test_image_for_clouds_is_one_for_any_place_at_an_address_that_stays(tmp_path: Path, database: Database) -> None:
    image = (
        '<image arch="{0}" format="{1}" cloud-init="true"><variant id="{2}"/><url>https://example.org/{3}</url></image>'
    )
    offers = [
        ("x86_64", "qcow2", "openstack", "latest/openstack.qcow2"),
        ("aarch64", "qcow2", "generic", "latest/arm.qcow2"),
        ("x86_64", "raw", "generic", "latest/generic.raw"),
        ("x86_64", "qcow2", "generic", "1.0/generic.qcow2"),
        ("x86_64", "qcow2", "generic", "latest/generic.qcow2"),
    ]
    found = Database([folder(tmp_path, one=system("alpha1", more="".join(image.format(*o) for o in offers)))])
    one = found.get("alpha1")
    assert one is not None
    assert one.cloud_image == "https://example.org/latest/generic.qcow2"
    assert {system.short_id for system in database.systems(ended=False) if system.cloud_image} >= {"debian13", "rocky9"}


@pytest.mark.parametrize(
    "name", ["virtio-win-0.1.240.iso", "backup.iso", "", "12.iso", "fedora-try.qcow2", "fedora-try.qcow2.bz2"]
)
def test_name_that_says_nothing_hints_at_nothing(database: Database, name: str) -> None:
    assert database.guess(name) is None


@pytest.mark.parametrize(
    ("url", "system"),
    [
        ("https://deb.debian.org/debian/dists/bookworm/", "debian12"),
        ("https://deb.debian.org/debian/dists/trixie/", "debian13"),
        ("https://example.org/fedora/linux/releases/40/Everything/x86_64/os/", "fedora40"),
        ("https://download.opensuse.org/distribution/leap/15.6/repo/oss/", "opensuse15.6"),
        ("https://example.org/pub/rocky/9/BaseOS/x86_64/os/", "rocky9"),
        ("https://example.org/", None),
    ],
)
def test_address_of_a_tree_hints_at_its_system(database: Database, url: str, system: str | None) -> None:
    found = database.guess_tree(url)
    assert (found.short_id if found else None) == system
