"""What is set aside of a download until its size is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from quarterdeck.operations.storage import download
from quarterdeck.operations.storage.download import set_aside
from quarterdeck.problems import Problem

PIECES = [b"head" * 1024, bytes(8 << 20), b"tail", bytes(1 << 20)]


def test_all_of_it_is_there_with_its_length_and_zeroes_take_no_space(tmp_path: Path) -> None:
    seen: list[int] = []
    size = set_aside(tmp_path / "a", iter(PIECES), seen.append)
    assert (tmp_path / "a").read_bytes() == b"".join(PIECES)
    assert size == seen[-1] == sum(map(len, PIECES))
    assert (tmp_path / "a").stat().st_blocks * 512 < 1 << 20


def test_limit_ends_it(tmp_path: Path) -> None:
    def check(size: int) -> None:
        if size > 1 << 20:
            raise Problem("too-large", "It is too large.")

    with pytest.raises(Problem, match="too large"):
        set_aside(tmp_path / "a", iter(PIECES), check)


def test_this_server_keeps_room_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RESERVE", 1 << 60)
    with pytest.raises(Problem) as caught:
        set_aside(tmp_path / "a", iter(PIECES), lambda _size: None)
    assert caught.value.slug == "no-space"
