"""Real libvirtd and QEMU: the bed of two hosts, shared by all tests of a run and made as new after each."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed


@pytest.fixture(scope="session")
def session_bed() -> Iterator[Bed]:
    """Give the two hosts; for fixtures that live longer than one test and tidy up after themselves."""
    made = Bed(Path(tempfile.mkdtemp(prefix="qdbed-", dir="/tmp")))
    yield made
    made.close()


@pytest.fixture
def bed(session_bed: Bed) -> Iterator[Bed]:
    """Two hosts `a` and `b` without any machine, with a `default` pool and network each and a `shared` pool."""
    yield session_bed
    session_bed.reset()
