"""Where files lie in an installation medium."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.medium import medium

from quarterdeck.osinfo.iso import PROBE_BYTES, find_file

FILES = {"casper/vmlinuz": b"kernel" * 1000, "casper/initrd": b"initrd", "boot/x86_64/loader/linux": b"suse"}
MANY = {f"pool/package{number:03}.deb": b"." for number in range(200)}


@pytest.mark.parametrize("rock_ridge", [True, False])
def test_files_are_found_by_their_path(tmp_path: Path, rock_ridge: bool) -> None:
    many = MANY if rock_ridge else {}
    data = medium(tmp_path / "a.iso", "A", FILES | many | {"pool/last": b"l"}, rock_ridge=rock_ridge).read_bytes()
    for name, content in (FILES | {"pool/last": b"l"}).items():
        found = find_file(data[:PROBE_BYTES], lambda offset, length: data[offset : offset + length], name)
        assert found and data[found.offset : found.offset + found.length] == content


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    data = medium(tmp_path / "a.iso", "A", FILES).read_bytes()
    for name in ("casper", "casper/other", "casper/vmlinuz/x", "other/initrd"):
        assert find_file(data, lambda offset, length: data[offset : offset + length], name) is None


@pytest.mark.parametrize("data", [b"", b"x" * PROBE_BYTES])
def test_what_is_no_medium_has_no_files(data: bytes) -> None:
    assert find_file(data, lambda _offset, _length: b"\xff" * 4096, "casper/vmlinuz") is None
