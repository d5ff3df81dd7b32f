"""The console: echo and throughput through the service beside a bare websockify process, both with TLS."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.deck import Console, Deck
from tests.qemu.bed import Bed, wait_for
from tests.server.conftest import free_port

from .lists import service
from .report import Report, Row, median

SCREENS = 40


def measure(report: Report, bed: Bed) -> None:
    """The same client asks the same machine's screen, in turns over both ways."""
    xml = ET.fromstring(bed.guest_xml("screen"))
    graphics = xml.find("devices/graphics")
    assert graphics is not None
    graphics.set("listen", "0.0.0.0")
    uuid = bed.a.define(ET.tostring(xml, encoding="unicode"), start=True)
    shown = bed.a.virsh("vncdisplay", "screen").strip()
    target = f"{bed.a.address}:{5900 + int(shown.rpartition(':')[2])}"
    with service(bed.a.local_uri) as deck, websockify(deck, target) as bare:
        ours, theirs = deck.console("local", uuid), Console(bare, "/", {})
        size = ours.handshake()
        assert theirs.handshake() == size
        _echo(report, ours, theirs)
        _throughput(report, ours, theirs, size)
    bed.reset()


@contextmanager
def websockify(deck: Deck, target: str) -> Iterator[Deck]:
    """Run a websockify of its own, with the service's certificate; a Deck that only gives its address."""
    bare = Deck(deck.folder, port=free_port())
    tls = next((deck.folder / "certificate_dir").glob("*.crt"))
    command = [str(Path(sys.executable).parent / "websockify"), "--cert", tls, "--key", tls.with_suffix(".key")]
    with (deck.folder / "websockify.log").open("w") as log:
        process = subprocess.Popen([*command, f"127.0.0.1:{bare.port}", target], stdout=log, stderr=log)
        try:
            wait_for(lambda: socket.create_connection(("127.0.0.1", bare.port), 1).close() or True)
            yield bare
        finally:
            process.terminate()
            process.wait()


def ask(console: Console, size: tuple[int, int]) -> int:
    """Ask for a part of the screen, raw; the bytes that came."""
    console.send(b"\x03\x00" + bytes(4) + size[0].to_bytes(2) + size[1].to_bytes(2))
    head = console.read(4)
    got = 4
    for _ in range(int.from_bytes(head[2:4])):
        rectangle = console.read(12)
        width, height = int.from_bytes(rectangle[4:6]), int.from_bytes(rectangle[6:8])
        console.read(width * height * 4)
        got += 12 + width * height * 4
    return got


def _echo(report: Report, ours: Console, theirs: Console) -> None:
    times: dict[int, list[float]] = {0: [], 1: []}
    for number in range(60):
        which = number % 2
        start = time.perf_counter()
        ask((ours, theirs)[which], (8, 8))
        times[which].append((time.perf_counter() - start) * 1000)
    here, there = median(times[0]), median(times[1])
    report.add(Row("console echo, 8 by 8 pixels", here, "ms", there, "websockify", aim=there * 1.2, samples=times[0]))


def _throughput(report: Report, ours: Console, theirs: Console, size: tuple[int, int]) -> None:
    times = {0: 0.0, 1: 0.0}
    got = {0: 0, 1: 0}
    for number in range(SCREENS):
        which = number % 2
        start = time.perf_counter()
        got[which] += ask((ours, theirs)[which], size)
        times[which] += time.perf_counter() - start
    here, there = (got[which] / times[which] / 1e6 for which in (0, 1))
    report.add(Row("console throughput, whole screens raw", here, "MB/s", there, "websockify (more is better)"))
