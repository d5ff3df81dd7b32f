"""`quarterdeck locking`: the changes of files are shown first, only they are made, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from quarterdeck.cli import main

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


def test_it_is_shown_first_and_nothing_is_written_without_a_yes(etc: Path) -> None:
    assert "none: Only QEMU's own image locks" in run(etc, "status")
    said = run(etc, "enable", answer="n\n")
    assert '+lock_manager = "lockd"' in said
    assert (etc / "qemu.conf").read_text() == QEMU


def test_it_is_switched_on_with_a_shared_folder_and_off_again(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.server.locking.restart", lambda: "Restart libvirtd by hand.")
    assert "by hand" in run(etc, "enable", "--yes", "--file-space", str(etc))
    assert (etc / "qemu.conf").read_text() == QEMU.replace("#lock_manager", "lock_manager")
    assert (etc / "qemu.conf").stat().st_mode & 0o777 == 0o600
    assert (etc / "qemu.conf.before").read_text() == QEMU
    assert f'file_lockspace_dir = "{etc}"' in (etc / "qemu-lockd.conf").read_text()
    assert f"file: {etc}" in run(etc, "status")
    assert "Nothing would change" in run(etc, "enable", "--yes", "--file-space", str(etc))
    run(etc, "enable", "--yes")
    assert "direct" in run(etc, "status")
    run(etc, "disable", "--yes")
    assert (etc / "qemu.conf").read_text() == QEMU
    assert run(etc, "status").startswith("none")


def test_a_folder_that_is_not_there_is_refused(etc: Path) -> None:
    assert "must be a folder that is there" in run(etc, "enable", "--yes", "--lvm-space", "/nowhere/at/all")
    assert "must be a folder that is there" in run(etc, "enable", "--yes", "--scsi-space", "relative")
    assert (etc / "qemu.conf").read_text() == QEMU


def test_settings_that_only_root_may_read_are_told_as_unknown(tmp_path: Path) -> None:
    assert run(tmp_path, "status").startswith("unknown")
    assert "Run this as root" in run(tmp_path, "enable", "--yes")
