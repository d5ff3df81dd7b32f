"""Answer files for Windows, and what is wrong with what is asked of installers."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pycdlib
import pytest
import yaml
from lxml import etree
from passlib.hash import sha512_crypt

from quarterdeck.model.answer_file import FILE, LABEL, Target, answer_file
from quarterdeck.model.autoinstall import autoinstall
from quarterdeck.model.disc import disc
from quarterdeck.model.unattended import NAMESPACE, Reader, Unattended, faults

N = {"u": NAMESPACE}
KEY = "abcde-12345-ABCDE-12345-abcde"


def wish(**more: Any) -> Unattended:
    return Unattended(**{"user": "ann", "password": "geheim"} | more)


def made(**more: Any) -> etree._Element:
    asked = wish(**more.pop("wish", {}))
    target = Target(**{"name": "my shop of things", "system": "win11", "uefi": True, "drivers": True} | more)
    return etree.fromstring(answer_file(asked, target))


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(each.text) for each in root.iterfind(f".//{path}", {None: NAMESPACE})]


def test_uefi_gets_its_partitions_and_windows_the_last() -> None:
    root = made()
    assert texts(root, "CreatePartition/Type") == ["EFI", "MSR", "Primary"]
    assert texts(root, "ModifyPartition/PartitionID") == ["1", "3"]
    assert texts(root, "InstallTo/PartitionID") == ["3"]
    assert not texts(root, "Active")


def test_bios_gets_one_active_partition() -> None:
    root = made(uefi=False)
    assert (texts(root, "CreatePartition/Type"), texts(root, "Active")) == (["Primary"], ["true"])
    assert texts(root, "InstallTo/PartitionID") == ["1"]


def test_person_machine_and_language_are_set_and_no_password_stands_in_clear() -> None:
    root = made(wish={"locale": "de-DE", "hostname": "a-very-long-host-name"})
    assert texts(root, "LocalAccount/Name") == ["ann"]
    (password,) = texts(root, "LocalAccount/Password/Value")
    assert base64.b64decode(password).decode("utf-16-le") == "geheimPassword"
    assert "geheim" not in etree.tostring(root).decode()
    assert texts(root, "ComputerName") == ["a-very-long-hos"]
    assert set(texts(root, "UILanguage")) == {"de-DE"}
    assert texts(made(), "ComputerName") == ["my-shop-of-thin"]


@pytest.mark.parametrize(
    ("more", "keys", "image"),
    [
        ({}, [], [("/IMAGE/INDEX", "1")]),
        ({"product_key": KEY}, [KEY.upper()], []),
        ({"edition": "Windows 11 Pro"}, [], [("/IMAGE/NAME", "Windows 11 Pro")]),
    ],
)
def test_edition_is_told_where_no_key_tells_it(more: dict[str, str], keys: list[str], image: list[Any]) -> None:
    root = made(wish=more)
    assert texts(root, "ProductKey/Key") == keys
    assert list(zip(texts(root, "MetaData/Key"), texts(root, "MetaData/Value"), strict=True)) == image


@pytest.mark.parametrize(
    ("system", "folder"), [("win11", "w11"), ("win10", "w10"), ("win2k22", "2k22"), ("win7", "w7")]
)
def test_drivers_are_looked_for_where_virtio_win_has_them(system: str, folder: str) -> None:
    root = made(system=system)
    assert f"E:\\viostor\\{folder}\\amd64" in texts(root, "PathAndCredentials/Path")
    assert texts(made(drivers=False), "PathAndCredentials/Path") == []


def test_own_answer_file_takes_the_place_of_the_made_one_and_lies_on_the_disc() -> None:
    own = f'<?xml version="1.0" encoding="utf-8"?>\n<unattend xmlns="{NAMESPACE}"/>'
    asked = Unattended(answer_file=own)
    assert list(faults(asked, "windows")) == []
    image = pycdlib.PyCdlib()
    image.open_fp(io.BytesIO(disc(LABEL, {FILE: answer_file(asked, Target("a", "win11", True, False))})))
    read = io.BytesIO()
    image.get_file_from_iso_fp(read, joliet_path="/autounattend.xml")
    assert read.getvalue().decode() == own
    assert image.pvd.volume_identifier.decode().strip() == "UNATTEND"


@pytest.mark.parametrize(
    ("asked", "reader", "pointers"),
    [
        ({}, "windows", ["/user"]),
        ({"user": "ann"}, "script", ["/password"]),
        ({"user": "Ann Lee", "password": "a'b"}, "script", ["/user", "/password"]),
        ({"user": "Ann Lee", "password": "a'b"}, "windows", []),
        ({"user": "ann", "password": "p", "product_key": "x"}, "windows", ["/product_key"]),
        (
            {"user": "ann", "password": "p", "product_key": KEY, "edition": "Pro"},
            "script",
            ["/edition", "/product_key"],
        ),
        ({"answer_file": "<a/>", "user": "ann"}, "windows", ["/user", "/answer_file"]),
        ({"answer_file": "<unattend"}, "windows", ["/answer_file"]),
        ({"answer_file": "d-i a b"}, "script", []),
        ({"answer_file": "d-i a b"}, "autoinstall", ["/answer_file"]),
        ({"answer_file": "a: [1"}, "autoinstall", ["/answer_file"]),
        ({"answer_file": "version: 1"}, "autoinstall", []),
        ({"user": "Ann Lee", "password": "a'b"}, "autoinstall", ["/user"]),
    ],
)
def test_faults_are_told_at_their_fields(asked: dict[str, str], reader: Reader, pointers: list[str]) -> None:
    assert [each.pointer for each in faults(Unattended(**asked), reader)] == pointers


def test_ubuntu_reads_a_whole_autoinstall_with_a_hashed_password() -> None:
    files = autoinstall(wish(locale="de-DE"), "my shop", disk="/dev/vda", keyboard="de", instance="uuid-1")
    assert json.loads(files["meta-data"]) == {"instance-id": "uuid-1", "local-hostname": "my-shop"}
    head, text = files["user-data"].split("\n", 1)
    made = yaml.safe_load(text)["autoinstall"]
    password = made["identity"].pop("password")
    assert (head, sha512_crypt.verify("geheim", password)) == ("#cloud-config", True)
    assert made == {
        "version": 1,
        "locale": "de_DE.UTF-8",
        "keyboard": {"layout": "de"},
        "timezone": "UTC",
        "identity": {"realname": "ann", "username": "ann", "hostname": "my-shop"},
        "ssh": {"install-server": True, "allow-pw": True},
        "storage": {"layout": {"name": "direct", "match": {"path": "/dev/vda"}}},
        "shutdown": "reboot",
    }


@pytest.mark.parametrize("own", ["version: 1\nshutdown: reboot\n", "#cloud-config\nautoinstall:\n  version: 1\n"])
def test_own_autoinstall_becomes_user_data_of_cloud_init(own: str) -> None:
    files = autoinstall(Unattended(answer_file=own), "a", disk="/dev/vda", keyboard="us", instance="i")
    assert files["user-data"].startswith("#cloud-config\n")
    assert yaml.safe_load(files["user-data"])["autoinstall"]["version"] == 1


def test_windows_that_sysprep_has_generalized_is_not_installed_again() -> None:
    target = Target("shop", "win11", uefi=True, drivers=False, prepared=True)
    root = etree.fromstring(answer_file(wish(product_key=KEY), target))
    assert [each.get("pass") for each in root] == ["specialize", "oobeSystem"]
    assert (texts(root, "ComputerName"), texts(root, "LocalAccount/Name")) == (["shop"], ["ann"])
    assert (texts(root, "ProductKey"), target.file) == ([KEY.upper()], "unattend.xml")
    assert [each.pointer for each in faults(wish(edition="Windows 11 Pro"), "prepared")] == ["/edition"]
