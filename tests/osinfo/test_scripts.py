"""Scripts of the installed OS database, made for a system."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from quarterdeck.model.cpio import archive, padding
from quarterdeck.osinfo.database import Database

CONFIG = {
    "admin-password": "geheim",
    "user-login": "ann",
    "user-password": "geheim",
    "hostname": "box",
    "l10n-language": "de_DE",
    "l10n-keyboard": "de_DE",
    "l10n-timezone": "Europe/Berlin",
    "target-disk": "/dev/vda",
}
URL = "https://mirror.example/tree/"


@pytest.fixture(scope="module")
def database() -> Database:
    return Database()


@pytest.mark.parametrize(
    ("system", "name", "argument", "lines"),
    [
        (
            "debian12",
            "preseed.cfg",
            "xkb-keymap=de",
            ["d-i passwd/username string ann", "d-i netcfg/get_hostname string box"],
        ),
        ("centos-stream9", "rhel.ks", "inst.ks=file:/rhel.ks", ["timezone --utc Europe/Berlin", f"url --url={URL}"]),
        ("fedora37", "fedora.ks", "inst.ks=file:/fedora.ks", ["rootpw 'geheim'", "lang de_DE"]),
    ],
)
def test_script_holds_what_is_asked(
    database: Database, system: str, name: str, argument: str, lines: list[str]
) -> None:
    made = database.script(system, URL, CONFIG)
    assert made and (made.name, argument in made.arguments) == (name, True)
    found = {" ".join(line.split()) for line in made.text.splitlines()}
    assert set(lines) <= found


def test_script_for_a_medium_takes_packages_from_it_or_from_the_distribution(database: Database) -> None:
    whole = database.script("fedora37", None, CONFIG)
    assert whole and "cdrom" in whole.text.splitlines() and "inst.repo" not in whole.arguments
    bare = database.script("fedora37", None, CONFIG, packages=False)
    assert bare and "cdrom" not in bare.text.splitlines() and "mirrors.fedoraproject.org" in bare.text


def test_script_of_suse_is_xml(database: Database) -> None:
    made = database.script("opensuse15.4", URL, CONFIG)
    assert made and made.arguments == "autoyast=file:///autoinst.xml"
    names = [each.text for each in etree.fromstring(made.text).iter("{*}username")]
    assert "ann" in names


def test_system_without_a_script_has_none(database: Database) -> None:
    assert database.script("win11", URL, CONFIG) is None
    assert database.script("nosuch1", URL, CONFIG) is None


def test_archive_is_what_cpio_reads_also_behind_another(tmp_path: Path) -> None:
    first = archive("a", b"one")
    whole = first + padding(len(first)) + archive("preseed.cfg", b"d-i x y z\n")
    command = ["cpio", "-id", "--quiet", "--no-absolute-filenames"]
    for data in (first, whole[len(first) :]):
        subprocess.run(command, input=data, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "preseed.cfg").read_text() == "d-i x y z\n"
    assert (tmp_path / "preseed.cfg").stat().st_mode & 0o777 == 0o600
