"""A live migration: from the request to the job's last word on the socket, beside the command that its plan shows."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from pathlib import Path
from typing import Any

from simple_websocket import Client

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import on_shared
from tests.qemu.script import Serial
from tests.waiting import PATIENCE_SECONDS

from .report import Report, Row, median, side_by_side

ROUNDS = 9
AIM = 1.1
FULL_MIB = 400
WISH = {"destination": "b", "mode": "live", "storage": "shared", "persistent": True, "undefine_source": True}


def measure(report: Report, bed: Bed) -> None:
    """Milliseconds of whole moves on shared storage, in turns with virsh: a small machine, and one of more memory."""
    with tempfile.TemporaryDirectory(prefix="qdbench-") as folder:
        settings = Path(folder, "quarterdeck.toml")
        settings.write_text(f'[[hosts]]\nname = "b"\ntransport = "tcp"\naddress = "{bed.b.address}"\n')
        given = {"config": str(settings), "demo": "true", "local_uri": bed.a.local_uri, "allow_tcp_hosts": "true"}
        deck = Deck(Path(folder), given).start()
        assert deck.login("demo", "demo").status == 200
        wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] == "connected")
        for name, memory_mib, full_mib in (("small", 128, 0), ("larger", FULL_MIB + 240, FULL_MIB)):
            _compare(report, bed, deck, name, memory_mib, full_mib)
        deck.stop()
    bed.reset()


def _compare(report: Report, bed: Bed, deck: Deck, name: str, memory_mib: int, full_mib: int) -> None:
    uuid = on_shared(bed, name, memory_mib=memory_mib)
    serial = Serial(bed.a, name)
    serial.tick()
    if full_mib:
        serial.shell("head -c 4M /dev/urandom > /dev/shm/part")
        serial.shell(f"for n in $(seq {full_mib // 4}); do cat /dev/shm/part; done > /dev/shm/full")
    serial.close()
    url = f"/hosts/local/domains/{uuid}/migration"
    wait_for(lambda: deck.ask("POST", f"{url}?dry_run=true", WISH).status == 200)
    (line,) = deck.ask("POST", f"{url}?dry_run=true", WISH).json["commands"]
    words = shlex.split(line)
    page = Listener(deck)

    def ours() -> None:
        page.ended(deck.begin("POST", url, WISH))

    took: list[float] = []

    def home() -> None:
        told = bed.b.virsh("domjobinfo", name, "--completed", "--keep-completed")
        took.append(float(told.split("Time elapsed:")[1].split()[0]))
        bed.b.virsh("migrate", "--live", "--p2p", "--persistent", "--undefinesource", name, bed.a.uri)
        wait_for(lambda: deck.ask("GET", f"/hosts/local/domains/{uuid}").status == 200)

    rounds = side_by_side(ours, lambda: bed.a.virsh(*words[words.index("migrate") :]), ROUNDS, between=home)
    here, there = (median(times) for times in rounds)
    what = f"live migration, {memory_mib} MiB, {full_mib} of them full" if full_mib else "live migration, idle, 128 MiB"
    note = f"virsh migrate, load {os.getloadavg()[0]:.1f}"
    report.add(Row(what, here, "ms", there, note, aim=there * AIM, samples=[*rounds[0], *rounds[1]]))
    # libvirt's own time hangs on what else this machine does; what is spent around it does not.
    around = [[total - own for total, own in zip(rounds[n], took[2 + n :: 2], strict=True)] for n in (0, 1)]
    here, there = (median(times) for times in around)
    note = "virsh migrate, without libvirt's own time"
    report.add(Row("of it around libvirt's work", here, "ms", there, note, samples=[*around[0], *around[1]]))
    page.close()


class Listener:
    """A page that hears of jobs over its socket, as a browser does."""

    def __init__(self, deck: Deck) -> None:
        self._socket = Client(
            f"wss://localhost:{deck.port}/socket.io/?EIO=4&transport=websocket",
            headers={"Cookie": deck.cookie, "Origin": "https://localhost"},  # its Host has no port
            ssl_context=deck.context(),
        )
        self._socket.send("40")
        self._heard("40")
        self._socket.send('42["subscribe",{"room":"jobs"}]')

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def ended(self, job: str) -> dict[str, Any]:
        """The job at its end, which must be a good one."""
        while True:
            kind, told = json.loads(self._heard("42"))
            if kind == "job" and told["id"] == job and told["state"] not in ("queued", "running"):
                assert told["state"] == "done", told
                return dict(told)

    def _heard(self, start: str) -> str:
        while True:
            text = self._socket.receive(PATIENCE_SECONDS)
            assert text is not None, f"nothing that starts with {start} was heard"
            if text == "2":
                self._socket.send("3")
            elif text.startswith(start):
                return str(text).removeprefix(start)
