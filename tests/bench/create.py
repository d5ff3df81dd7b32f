"""Making a machine: the API beside virt-install."""

from __future__ import annotations

from tests.qemu.bed import Bed, wait_for

from .lists import service
from .report import Report, Row, median, timed

ROUNDS = 5
COMMAND = "virt-install --memory 64 --vcpus 1 --osinfo generic --virt-type qemu --network none --import --graphics vnc"
VIRT_INSTALL = f"{COMMAND} --disk pool=default,size=1 --noautoconsole --name".split()


def measure(report: Report, bed: Bed) -> None:
    """Seconds until a new machine with a new disk runs, in turns."""
    ours, theirs = [], []
    with service(bed.a.local_uri, accelerator="qemu") as deck:
        for number in range(ROUNDS):
            name, other = f"ours-{number}", f"theirs-{number}"

            def make(name: str = name) -> None:
                wanted = {
                    "name": name,
                    "memory_mib": 64,
                    "vcpus": 1,
                    "install": {"method": "none"},
                    "disks": [{"pool": "default", "size_gib": 1, "format": "qcow2"}],
                    "nics": [],
                    "start": True,
                }
                answer = deck.ask("POST", "/hosts/local/domains", wanted)
                assert answer.status in (201, 202), answer.json
                wait_for(lambda: bed.a.state(name) == "running", 60)

            ours.append(timed(make))
            theirs.append(timed(lambda other=other: bed.a.space.run(*VIRT_INSTALL, other)))
            for done in (name, other):
                bed.a.virsh("destroy", done)
    bed.reset()
    report.add(Row("create a machine and start it", median(ours), "ms", median(theirs), "virt-install", samples=ours))
