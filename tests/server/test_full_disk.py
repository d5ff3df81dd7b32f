"""The disk of the service's own records is full."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.audit import Audit
from quarterdeck.history import History
from quarterdeck.operations.hosts.hosts import HostRows
from quarterdeck.store import Store

pytestmark = pytest.mark.usefixtures("as_root")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MiB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(folder: Path) -> None:
    with (folder / "other").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))


def test_room_that_was_held_lets_people_go_on_when_others_fill_the_disk(small: Path) -> None:
    store = Store(small / "q.sqlite")
    fill(small)
    for number in range(100):
        HostRows(store).put(str(number), {"name": "x" * 500})
    assert len(HostRows(store).all()) == 100
    assert not (small / "q.sqlite.reserve").exists()
    (small / "other").unlink()
    store.close()
    assert len(HostRows(Store(small / "q.sqlite")).all()) == 100
    assert (small / "q.sqlite.reserve").stat().st_blocks


def test_definitions_that_found_no_room_are_kept_later(small: Path) -> None:
    store = Store(small / "q.sqlite")
    history, audit = History(store, keep=10), Audit(store)
    fill(small)
    (small / "q.sqlite.reserve").unlink()
    fill(small)
    xml = "<a>" + "x" * 200_000 + "</a>"
    history.add_many("local", [("u", "vm", xml, "1")])
    audit.add("ann", "domain start", "ok", detail="x" * 200_000)
    assert (history.entries("local", "u"), audit.entries()) == ([], [])
    (small / "other").unlink()
    history.add_many("local", [("u", "vm", xml, "1")])
    assert [entry["digest"] for entry in history.entries("local", "u")] == ["1"]
