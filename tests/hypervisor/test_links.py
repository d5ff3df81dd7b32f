"""What a name of a file stands for while libvirt opens it."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.hypervisor.links import known, refuse_link, steadily
from quarterdeck.problems import Problem

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which another account has a disk, beside a secret that it cannot read."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "secret").chmod(0o600)
    made = tmp_path / "handed" / "over"
    made.mkdir(parents=True)
    (made / "disk").write_text("disk")
    for each in (made.parent, made, made / "disk"):
        os.chown(each, NOBODY, NOBODY)
    return made


def opened(path: Path, before: Callable[[], None], after: Callable[[], None]) -> tuple[str, int]:
    """What was read of the file of this name, and how often it was opened, where somebody acts around each time."""
    tries = []

    def begin() -> io.TextIOWrapper:
        before()
        tries.append(path.open())
        after()
        return tries[-1]

    with steadily(str(path), begin, io.TextIOWrapper.close) as file:
        return file.read(), len(tries)


def nothing() -> None:
    """Nobody acts."""


def test_file_that_nobody_touches_is_opened_once(folder: Path) -> None:
    assert opened(folder / "disk", nothing, nothing) == ("disk", 1)


@pytest.mark.parametrize("moved", ["disk", "."])
def test_name_that_leads_elsewhere_only_while_it_is_opened_gives_nothing_away(folder: Path, moved: str) -> None:
    there, away = folder / moved, folder.parent / "away"
    secrets = folder.parent.parent / "elsewhere"
    secrets.mkdir()
    (secrets / "disk").write_text("secret")
    elsewhere = secrets / moved
    acts = []

    def exchange() -> None:
        if not acts:
            there.resolve().rename(away)
            (folder / moved if moved != "." else folder).symlink_to(elsewhere)

    def put_back() -> None:
        if not acts:
            link = folder / moved if moved != "." else folder
            link.unlink()
            away.rename(link)
            acts.append("once")

    assert opened(folder / "disk", exchange, put_back) == ("disk", 2)
    acts.clear()
    with pytest.raises(Problem, match="changes all the time"):
        opened(folder / "disk", exchange, lambda: (put_back(), acts.clear())[0])


def test_link_between_others_that_leads_elsewhere_only_while_it_is_opened_gives_nothing_away(folder: Path) -> None:
    aside, secrets = folder.parent.parent / "aside", folder.parent.parent / "elsewhere"
    for each in (aside, secrets):
        each.mkdir()
    os.chown(aside, NOBODY, NOBODY)
    (secrets / "disk").write_text("secret")
    between, pool = aside / "between", folder.parent / "pool"
    between.symlink_to(folder)
    pool.symlink_to(between)
    acts = []

    def lead(to: Path) -> None:
        if len(acts) < 2:
            between.unlink()
            between.symlink_to(to)
            acts.append(to)

    assert opened(pool / "disk", lambda: lead(secrets), lambda: lead(folder)) == ("disk", 2)


def test_pool_whose_folder_is_a_link_is_as_good_as_any_other(folder: Path) -> None:
    pool = folder.parent.parent / "pool"
    pool.symlink_to("handed/../handed/over")
    assert opened(pool / "disk", nothing, nothing) == ("disk", 1)


def test_name_that_became_a_link_is_refused_and_what_was_opened_is_closed(folder: Path) -> None:
    closed: list[io.TextIOWrapper] = []

    def begin() -> io.TextIOWrapper:
        (folder / "disk").unlink()
        (folder / "disk").symlink_to(folder.parent.parent / "secret")
        return (folder / "disk").open()

    def end(file: io.TextIOWrapper) -> None:
        file.close()
        closed.append(file)

    with pytest.raises(Problem, match="symbolic link"):
        steadily(str(folder / "disk"), begin, end)
    assert len(closed) == 1


def test_hard_link_to_a_file_of_another_account_is_refused_and_one_of_its_own_is_not(folder: Path) -> None:
    (folder / "stolen").hardlink_to(folder.parent.parent / "secret")
    with pytest.raises(Problem, match="hard link"):
        refuse_link(str(folder / "stolen"))
    (folder / "again").hardlink_to(folder / "disk")
    assert refuse_link(str(folder / "again"))
    os.chown(folder, 0, 0)
    assert refuse_link(str(folder / "stolen")), "only root put it there"


def test_link_in_memory_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as shared:
        (Path(shared) / "disk").symlink_to(tmp_path)
        with pytest.raises(Problem, match="symbolic link"):
            refuse_link(f"{shared}/disk")


def test_device_and_what_is_no_file_of_this_server_are_left_to_libvirt() -> None:
    assert [refuse_link(path) for path in ("/dev/stdin", "rbd/disk", "/nowhere/disk")] == [None, None, None]


def test_what_was_made_of_a_file_that_was_exchanged_meanwhile_is_taken_back(folder: Path) -> None:
    disk, copies = folder / "disk", list[str]()

    def copied(exchange: Callable[[], object]) -> str:
        exchange()
        copies.append(disk.read_text())
        return copies[-1]

    assert known(str(disk), lambda: copied(lambda: (folder / "copy").touch()), copies.remove) == "disk"
    for exchange in (
        lambda: (folder / "other").rename(disk),
        lambda: (disk.unlink(), disk.symlink_to(folder.parent.parent / "secret")),
    ):
        (folder / "other").write_text("other")
        with pytest.raises(Problem, match="another file in the place of disk"):
            known(str(disk), lambda exchange=exchange: copied(exchange), copies.remove)
    assert copies == ["disk"]
