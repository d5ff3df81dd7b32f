"""`quarterdeck locking`: the changes of files are shown first, only they are made, and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from quarterdeck.cli import main
from quarterdeck.server.lock_helper import answer

QEMU = 'user = "root"\n#lock_manager = "lockd"\n# the end\n'
LOCKD = '#auto_disk_leases = 0\n#file_lockspace_dir = "/var/lib/libvirt/lockd/files"\n'


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "qemu.conf").write_text(QEMU)
    (tmp_path / "qemu.conf").chmod(0o600)
    (tmp_path / "qemu-lockd.conf").write_text(LOCKD)
    return tmp_path


def run(etc: Path, *words: str, answer: str = "") -> str:
    done = CliRunner().invoke(main, ["locking", words[0], "--etc", str(etc), *words[1:]], input=answer)
    return done.output


def enable(etc: Path, *words: str) -> str:
    return run(etc, "enable", "--yes", "--no-restart", *words)


def test_it_is_shown_first_and_nothing_is_written_without_a_yes(etc: Path) -> None:
    assert "none: Only QEMU's own image locks" in run(etc, "status")
    said = run(etc, "enable", answer="n\n")
    assert '+lock_manager = "lockd"' in said
    assert (etc / "qemu.conf").read_text() == QEMU


def test_it_is_switched_on_with_a_shared_folder_and_off_again(etc: Path) -> None:
    assert f"The locks lie in file: {etc}" in enable(etc, "--file-space", str(etc))
    assert (etc / "qemu.conf").read_text() == QEMU.replace("#lock_manager", "lock_manager")
    assert (etc / "qemu.conf").stat().st_mode & 0o777 == 0o600
    assert (etc / "qemu.conf.before").read_text() == QEMU
    assert f'file_lockspace_dir = "{etc}"' in (etc / "qemu-lockd.conf").read_text()
    assert f"file: {etc}" in run(etc, "status")
    assert "Nothing would change" in enable(etc, "--file-space", str(etc))
    enable(etc)
    assert "direct" in run(etc, "status")
    run(etc, "disable", "--yes", "--no-restart")
    assert (etc / "qemu.conf").read_text() == QEMU
    assert run(etc, "status").startswith("none")


def test_a_folder_that_is_not_there_is_refused(etc: Path) -> None:
    assert "There is no folder /nowhere/at/all" in enable(etc, "--lvm-space", "/nowhere/at/all")
    assert "scsi_space: It must be an absolute path" in enable(etc, "--scsi-space", "relative")
    assert "file_space: It must be an absolute path" in enable(etc, "--file-space", '/tmp"\nuser = "root')
    assert (etc / "qemu.conf").read_text() == QEMU


def test_settings_that_only_root_may_read_are_told_as_unknown(tmp_path: Path) -> None:
    assert run(tmp_path, "status").startswith("unknown")
    assert "Run this as root" in run(tmp_path, "enable", "--yes")


def test_sanlock_is_refused_where_no_machine_could_start_with_it(etc: Path) -> None:
    said = enable(etc, "--sanlock", "--lease-folder", str(etc))
    assert "needs a number from 1 to 2000" in said
    assert "needs wdmd and a watchdog" in said
    assert "host_id: It must be a whole number from 1 to 2000." in enable(etc, "--sanlock", "--host-id", "2001")
    assert "Only sanlock has a number" in enable(etc, "--host-id", "3")
    assert (etc / "qemu.conf").read_text() == QEMU


def asked(etc: Path, **question: Any) -> dict[str, Any]:
    """What the helper answers to the web process, which is not root."""
    return answer(json.dumps(question).encode(), str(etc))


def test_helper_tells_what_protects_and_what_would_change_but_no_other_setting(etc: Path) -> None:
    (etc / "qemu.conf").write_text('vnc_password = "secret"\nuser = "root"\n' + QEMU)
    told = asked(etc)
    assert told["locking"]["manager"] == "none", told
    planned = asked(etc, wish={"manager": "lockd"})
    assert '+lock_manager = "lockd"' in planned["plan"]["file_diff"], planned
    assert "secret" not in str(told) + str(planned)
    assert "lock_manager" not in asked(etc, wish={"manager": "none"})["plan"]["file_diff"]


def test_helper_takes_no_wish_that_could_write_anything_else(etc: Path) -> None:
    before = (etc / "qemu.conf").read_text()
    for wish in ({"manager": "lockd", "file_space": '/tmp"\nuser = "root'}, {"manager": "lockd", "etc": "/tmp"}, 7):
        told = asked(etc, wish=wish, apply=True)
        assert told["problem"]["status"] == 422, told
    nowhere = asked(etc, wish={"manager": "lockd", "file_space": "/nowhere/at/all"}, apply=True)
    assert nowhere["problem"]["errors"][0]["pointer"] == "/file_space", nowhere
    assert (etc / "qemu.conf").read_text() == before
