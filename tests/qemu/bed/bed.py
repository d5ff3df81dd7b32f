"""Both hosts, their storage server and the network between them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import libvirt

from .guest import guest_files
from .guest import guest_xml as guest_xml  # noqa: PLC0414 - offered as bed.guest_xml too
from .host import BedHost
from .registry import Process, claim, entries
from .space import Space, ip
from .ssh import start_ssh
from .waiting import wait_for

HERE = Path(__file__).parent


class Bed:
    """Hosts `a` and `b`, joined by a switch that is a Gluster server too.

    `folder` must have a short path: UNIX sockets in it have names of at most 107 bytes.
    With `keep` it stays when this process ends.
    """

    def __init__(self, folder: Path, *, keep: bool = False) -> None:
        libvirt.registerErrorHandler(lambda _context, _error: None, None)
        guest_files()
        self.folder = folder
        self.user = "its start"  # what used it last
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._entry = claim(folder, None if keep else os.getpid())
        self.network = f"10.77.{self._entry.number}"
        self._link = f"qdbed{self._entry.number}"
        names = {"1": "host-a", "2": "host-b", "253": "storage", "254": "outside"}
        lines = ["127.0.0.1 localhost", *(f"{self.network}.{end} {name}" for end, name in names.items())]
        (folder / "hosts").write_text("\n".join(lines) + "\n")
        try:
            self._start(dies_with_us=not keep)
        except BaseException:
            self.close()
            raise

    def _start(self, *, dies_with_us: bool) -> None:
        address = f"{self.network}.253"
        self.storage = Space(HERE / "storage.sh", self.folder / "s", "storage", address, dies_with_us=dies_with_us)
        self._remember(self.storage)
        self.a = BedHost(self.folder, "a", self.network, dies_with_us=dies_with_us)
        self._remember(self.a.space)
        self.b = BedHost(self.folder, "b", self.network, dies_with_us=dies_with_us)
        self._remember(self.b.space)
        switch = str(self.storage.pid)
        for host in (self.a, self.b):
            port = f"port-{host.letter}"
            ip(
                "link",
                "add",
                port,
                "netns",
                switch,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                str(host.space.pid),
            )
            self.storage.run("ip", "link", "set", port, "master", "switch", "up")
        ip("link", "add", self._link, "type", "veth", "peer", "name", "outside", "netns", switch)
        self.storage.run("ip", "link", "set", "outside", "master", "switch", "up")
        ip("address", "add", f"{self.network}.254/24", "dev", self._link)
        ip("link", "set", self._link, "up")
        for space in (self.storage, self.a.space, self.b.space):
            space.go_on()
        for host in (self.a, self.b):
            wait_for(host.answers, what=f"libvirtd of {host.name}, see {host.space.folder}/log/daemons.log")
        wait_for((self.storage.folder / "serving").exists, what=f"Gluster, see {self.storage.folder}/log/daemons.log")
        for host in (self.a, self.b):
            host.furnish(shared=True)

    def _remember(self, space: Space) -> None:
        self._entry = replace(self._entry, inside=(*self._entry.inside, Process.of(space.pid)))
        self._entry.save()

    @property
    def shared(self) -> Path:
        """Folder of the `shared` pool on both hosts (Gluster)."""
        return Path("/var/lib/libvirt/shared")

    def guest_xml(self, name: str, memory_mib: int = 128, **settings: object) -> str:
        """Domain XML of the test machine, see `guest_xml`."""
        return guest_xml(name, memory_mib=memory_mib, **settings)  # type: ignore[arg-type]  # passed on as they are

    def cut_network(self, letter: str = "b") -> None:
        """Pull the cable of a host: silence, not a refusal."""
        self.storage.run("ip", "link", "set", f"port-{letter}", "down")

    def mend_network(self) -> None:
        """Put both cables in again."""
        for letter in "ab":
            self.storage.run("ip", "link", "set", f"port-{letter}", "up")

    @contextmanager
    def narrow(self, mbit: int, *cards: str) -> Iterator[None]:
        """Inside, no more goes through these cards: `port-a` and `port-b` to a host, `outside` from there to us.

        What has to be met in the middle goes over this, so that no machine is too quick for it.
        """
        limits = ("root", "tbf", "rate", f"{mbit}mbit", "burst", "64kb", "latency", "200ms")
        for card in cards:
            self.storage.run("tc", "qdisc", "add", "dev", card, *limits)
        try:
            yield
        finally:
            for card in cards:
                self.storage.run("tc", "qdisc", "del", "dev", card, "root")

    def start_ssh(self) -> Path:
        """Run an SSH server on both hosts that lets the private key at the returned path in as root.

        The hosts' own root users have the key too, for peer-to-peer migration.
        """
        return start_ssh(self.folder, (self.a, self.b))

    def revive(self) -> None:
        """Start a libvirtd anew that is gone, and warn of it: who comes next shall not fail for it."""
        for host in (self.a, self.b):
            host.revive(self.user)

    def reset(self) -> None:
        """Make it as new: no machines, no volumes, both cables in."""
        self.mend_network()
        self.revive()
        for host in (self.a, self.b):
            host.reset()

    def close(self) -> None:
        """End everything and remove the folder."""
        with suppress(AttributeError):  # it may have got stuck half way up
            for space in (self.a.space, self.b.space, self.storage):
                space.stop()
        self._entry.remove()


def tear_down(folder: Path) -> bool:
    """Remove a bed that another process made; tells whether there was one."""
    found = [entry for entry in entries() if Path(entry.folder) == folder]
    for entry in found:
        entry.remove()
    return bool(found)
