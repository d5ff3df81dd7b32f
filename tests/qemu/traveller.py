"""A machine with a disk of its own whose guest knows what it wrote, to be moved under faults."""

from __future__ import annotations

from typing import Any

from tests.qemu.bed import Bed, BedHost
from tests.qemu.moves import Site
from tests.qemu.script import Serial

FILE = "traveller.qcow2"
IMAGES = "/var/lib/libvirt/images"
WRITTEN_MIB = 4


class Traveller:
    """A running machine on host a; `bed` is made as new before it starts."""

    name = "traveller"

    def __init__(self, bed: Bed) -> None:
        bed.reset()
        self.bed = bed
        disk = bed.a.make_disk(FILE, "8M")
        self.uuid = bed.a.define(bed.guest_xml(self.name, disk=disk), start=True)
        serial = Serial(bed.a, self.name)
        serial.tick()
        serial.shell(f"dd if=/dev/urandom of=/dev/vda bs=1M count={WRITTEN_MIB} conv=fsync 2>/dev/null")
        serial.close()
        self.wrote = self._sum(bed.a)

    def home(self) -> None:
        """Let it run on host a, with nothing left of it on host b."""
        a, b = self.bed.a, self.bed.b
        if a.state(self.name) == "shut off" and b.state(self.name) != "running":
            a.virsh("start", self.name)
        left = b.state(self.name)
        if left == "running":
            words = ("--live", "--p2p", "--persistent", "--undefinesource", "--copy-storage-all")
            b.virsh("migrate", *words, self.name, a.uri)
        elif left:
            b.virsh("undefine", self.name)
        if left:
            b.virsh("vol-delete", "--pool", "default", FILE)

    def runs_once(self, host: BedHost) -> None:
        """Assert that it runs on this host and not on the other, and that the guest reads what it wrote."""
        states = {each.letter: each.state(self.name) for each in (self.bed.a, self.bed.b)}
        assert states.pop(host.letter) == "running", states
        assert set(states.values()) <= {"", "shut off"}, states
        found = self._sum(host)
        assert found == self.wrote, (found, self.wrote)

    def left_nothing(self, folder: str = IMAGES) -> None:
        """Assert that host b has neither its definition nor a copy of its disk."""
        assert self.bed.b.state(self.name) == ""
        assert FILE not in self.bed.b.space.run("ls", folder)

    def shell(self, command: str) -> None:
        """Type a command on host a's serial line; the guest may not live to tell its end."""
        serial = Serial(self.bed.a, self.name)
        serial.tick()
        serial.send(command)
        serial.until(command)
        serial.close()

    def _sum(self, host: BedHost) -> str:
        """What the guest reads from its disk, not from its own cache."""
        serial = Serial(host, self.name)
        serial.tick()
        serial.send(
            f"echo 3 > /proc/sys/vm/drop_caches; echo sum-$(dd if=/dev/vda bs=1M count={WRITTEN_MIB} | busybox md5sum)"
        )
        found = serial.until(r"sum-([0-9a-f]{32})")[1]
        serial.close()
        return str(found)


def copying(site: Site, traveller: Traveller, phase: str, mib_s: int | None = 3, **asked: Any) -> str:
    """A move with its disk that goes slowly; the id of its job once this phase is seen."""
    job = site.begin(traveller.uuid, storage="copy", bandwidth_mib_s=mib_s, **asked)
    if phase != "begin":
        site.until(job, lambda e: e["phase"] == phase and e["details"]["rate_bytes_s"] > 0)
    return job
