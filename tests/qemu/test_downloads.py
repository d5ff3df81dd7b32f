"""Downloads into a pool through the whole service: its web process, its runner, libvirt's streams."""

from __future__ import annotations

import hashlib
import lzma
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
from tests.file_server import FileServer
from tests.qemu.bed import Bed, wait_for
from tests.qemu.tiny_iso import tiny_iso

SIZE = 8 << 20
VOLUMES = "/hosts/local/pools/default/volumes"


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    settings = {"local_uri": bed.a.local_uri, "demo": "true", "download_allow": "127.0.0.1/32"}
    made = Deck(tmp_path, settings).start()
    assert made.login("demo", "demo").status == 200
    wait_for(lambda: made.ask("GET", "/hosts/local/pools").status == 200)
    yield made
    made.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    with FileServer(tiny_iso(tmp_path / "some.iso", size=SIZE).read_bytes()).running() as made:
        yield made


def begin(deck: Deck, server: FileServer, **more: Any) -> str:
    answer = deck.ask("POST", VOLUMES, {"url": server.url("/some.iso?token=secret"), **more})
    assert answer.status == 202, answer.json
    return str(answer.json["id"])


def spawner(deck: Deck) -> int:
    """The process that starts runners."""
    (found,) = (p for p in children(deck.supervisor()) if "job_runner" in words(p))
    return found


def runner(deck: Deck) -> int:
    """The process of the one runner."""
    (found,) = (p for p in children(spawner(deck)) if "quarterdeck.server.job_runner" in words(p))
    return found


def web(deck: Deck) -> int:
    return next(p for p in children(deck.supervisor()) if "quarterdeck.server.web_process" in words(p))


def words(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def slips(deck: Deck) -> list[Path]:
    return list((deck.folder / "state_dir/errands").iterdir())


def halfway(deck: Deck, identity: str) -> None:
    deck.reached(identity, lambda job: 0 < job["details"].get("received_bytes", 0) < SIZE)


def test_file_arrives_byte_for_byte_with_name_and_checksum(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.cuts = [SIZE // 2]
    digest = hashlib.sha512(server.data).hexdigest()
    done = deck.ended(begin(deck, server, checksum=f"sha512:{digest}", format="iso"))
    assert done["result"]["checksum"] == f"sha512:{digest}"
    assert (bed.a.images / "some.iso").read_bytes() == server.data
    volume = deck.ask("GET", f"{VOLUMES}/some.iso").json
    assert (volume["is_iso"], volume["partial"]) == (True, None)
    assert slips(deck) == []
    kept = b"".join(path.read_bytes() for path in (deck.folder / "state_dir").rglob("*") if path.is_file())
    assert b"token=secret" not in kept


def test_packed_image_of_unknown_length_is_unpacked_and_its_zeroes_take_no_space(
    deck: Deck, bed: Bed, server: FileServer
) -> None:
    image = server.data + bytes(64 << 20)
    server.data, server.chunked = lzma.compress(image, preset=0), True
    digest = hashlib.sha256(server.data).hexdigest()
    asked = {"url": server.url("/disk.raw.xz"), "checksum": f"sha256:{digest}"}
    plan = deck.ask("POST", f"{VOLUMES}?dry_run=true", asked).json
    assert "xz -dc disk.raw.xz > disk.raw" in plan["commands"]
    done = deck.ended(deck.begin("POST", VOLUMES, asked))
    assert done["result"]["size_bytes"] == len(image)
    written = bed.a.images / "disk.raw"
    assert hashlib.sha256(written.read_bytes()).digest() == hashlib.sha256(image).digest()
    assert written.stat().st_blocks * 512 < 2 * SIZE
    assert deck.ask("GET", f"{VOLUMES}/disk.raw").json["capacity_bytes"] == len(image)


def test_wrong_checksum_removes_the_volume_and_says_so(deck: Deck, bed: Bed, server: FileServer) -> None:
    failed = deck.ended(begin(deck, server, checksum="sha256:" + "0" * 64), "failed")
    assert failed["problem"]["errors"][0]["pointer"] == "/checksum"
    assert hashlib.sha256(server.data).hexdigest() in failed["problem"]["errors"][0]["detail"]
    assert bed.a.virsh("vol-list", "default").split() == []


def test_what_does_not_fit_or_may_not_be_reached_is_refused(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.redirects = {"/inner.iso": "http://169.254.169.254/latest/meta-data/"}
    answer = deck.ask("POST", VOLUMES, {"url": server.url("/inner.iso")})
    assert deck.ended(answer.json["id"], "failed")["problem"]["type"] == "/problems/address-refused"
    server.announced = 150 << 40
    assert deck.ended(begin(deck, server), "failed")["problem"]["type"] == "/problems/too-large"
    assert bed.a.virsh("vol-list", "default").split() == []


def test_cancel_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = SIZE // 2
    identity = begin(deck, server)
    halfway(deck, identity)
    assert deck.ask("GET", f"{VOLUMES}/some.iso").json["partial"]["size_bytes"] == SIZE
    assert deck.ask("DELETE", f"/jobs/{identity}").status in (200, 202)
    deck.ended(identity, "cancelled")
    assert bed.a.virsh("vol-list", "default").split() == []
    assert slips(deck) == []


def test_web_process_that_dies_finds_the_download_again(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = SIZE // 2
    identity = begin(deck, server)
    halfway(deck, identity)
    before = runner(deck)
    os.kill(web(deck), signal.SIGKILL)
    wait_for(lambda: "again in" in deck.output)
    wait_for(lambda: deck.login("demo", "demo").status == 200)
    assert (deck.job(identity)["state"], runner(deck)) == ("running", before)
    server.go_on.set()
    deck.ended(identity)
    assert (bed.a.images / "some.iso").read_bytes() == server.data


def test_download_that_is_cut_off_when_all_is_there_stays(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = SIZE // 2
    identity = begin(deck, server)
    halfway(deck, identity)
    for pid in (web(deck), *children(web(deck))):
        os.kill(pid, signal.SIGSTOP)
    server.go_on.set()
    slip = deck.folder / f"state_dir/errands/{identity}.json"
    wait_for(lambda: '"state":"done"' in slip.read_text())
    assert (bed.a.images / ".partial-some.iso").exists(), "a runner that ends here would leave a whole volume"
    deck.kill()
    deck.start()
    deck.login("demo", "demo")
    deck.ended(identity)
    assert sorted(path.name for path in bed.a.images.iterdir()) == ["some.iso"]
    assert (bed.a.images / "some.iso").read_bytes() == server.data


def test_runner_that_dies_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = SIZE // 2
    identity = begin(deck, server)
    halfway(deck, identity)
    os.kill(runner(deck), signal.SIGKILL)
    assert deck.ended(identity, "failed")["problem"]["type"] == "/problems/interrupted"
    assert bed.a.virsh("vol-list", "default").split() == []


def test_service_that_ends_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = SIZE // 2
    identity = begin(deck, server)
    halfway(deck, identity)
    deck.stop()
    assert bed.a.virsh("vol-list", "default").split() == []
    deck.start()
    deck.login("demo", "demo")
    assert deck.ended(identity, "failed")["problem"]["type"] == "/problems/interrupted"
