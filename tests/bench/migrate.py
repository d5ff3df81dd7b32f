"""A live migration: the API's job beside virsh migrate."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for

from .report import Report, Row, median, timed

ROUNDS = 3


def measure(report: Report, bed: Bed) -> None:
    """Milliseconds of the whole move on shared storage, in turns."""
    disk = bed.a.make_disk("mover.qcow2", folder=bed.shared)
    uuid = bed.a.define(bed.guest_xml("mover", disk=disk), start=True)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="qdbench-") as folder:
        settings = Path(folder, "quarterdeck.toml")
        settings.write_text(f'[[hosts]]\nname = "b"\ntransport = "tcp"\naddress = "{bed.b.address}"\n')
        given = {"config": str(settings), "demo": "true", "local_uri": bed.a.local_uri, "allow_tcp_hosts": "true"}
        deck = Deck(Path(folder), given).start()
        assert deck.login("demo", "demo").status == 200
        wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] == "connected")
        for _ in range(ROUNDS):
            ours.append(timed(lambda: _move(deck, uuid)))
            _back(bed)
            line = ("migrate", "--live", "--p2p", "--persistent", "--undefinesource", "mover", bed.b.uri)
            theirs.append(timed(lambda line=line: bed.a.virsh(*line)))
            _back(bed)
            wait_for(lambda: deck.ask("GET", f"/hosts/local/domains/{uuid}").status == 200)
        deck.stop()
    bed.reset()
    report.add(Row("live migration, shared storage", median(ours), "ms", median(theirs), "virsh migrate", samples=ours))


def _move(deck: Deck, uuid: str) -> None:
    wanted = {"destination": "b", "mode": "live", "storage": "shared", "persistent": True, "undefine_source": True}
    answer = deck.ask("POST", f"/hosts/local/domains/{uuid}/migration", wanted)
    assert answer.status == 202, answer.json
    job = f"/jobs/{answer.json['id']}"
    wait_for(lambda: deck.ask("GET", job).json["state"] not in ("queued", "running"), 120)
    ended = deck.ask("GET", job).json
    assert ended["state"] == "done", ended


def _back(bed: Bed) -> None:
    bed.b.virsh("migrate", "--live", "--p2p", "--persistent", "--undefinesource", "mover", bed.a.uri)
