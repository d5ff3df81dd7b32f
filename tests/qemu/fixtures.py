"""Real libvirtd and QEMU: the bed of two hosts, shared by all tests of a run and made as new after each."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed

BED = pytest.StashKey[Bed]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Bring to life again, before a test that uses the bed, what a test before it took down."""
    bed = item.session.stash.get(BED, None)
    if bed and "session_bed" in getattr(item, "fixturenames", ()):
        bed.revive()
        bed.user = item.nodeid


@pytest.fixture(scope="session")
def session_bed(request: pytest.FixtureRequest) -> Iterator[Bed]:
    """Give the two hosts; for fixtures that live longer than one test and tidy up after themselves."""
    request.session.stash[BED] = made = Bed(Path(tempfile.mkdtemp(prefix="qdbed-", dir="/tmp")))
    made.user = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0]
    yield made
    del request.session.stash[BED]
    made.close()


@pytest.fixture
def bed(session_bed: Bed) -> Iterator[Bed]:
    """Two hosts `a` and `b` without any machine, with a `default` pool and network each and a `shared` pool."""
    yield session_bed
    session_bed.reset()


@pytest.fixture
def begin_deck(tmp_path: Path) -> Iterator[Callable[..., Deck]]:
    """Begin a service of its own, logged in, on host `a` of a bed; however the test ends, the service ends with it."""
    made: list[Deck] = []

    def begin(bed: Bed, **settings: str) -> Deck:
        deck = Deck(tmp_path, {"local_uri": bed.a.local_uri, "demo": "true"} | settings).start()
        made.append(deck)
        assert deck.login("demo", "demo").status == 200
        return deck

    yield begin
    for deck in made:
        if deck.process.poll() is None:
            deck.kill()
