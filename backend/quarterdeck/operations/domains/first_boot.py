"""Installations on their way: the boot of the medium, and the boot from the disk that follows it.

What is pending stands in the metadata of the saved definition (see model/installing.py), so it survives a restart
of this service and of libvirt, and what happened meanwhile is made up for at the next connecting.
"""

from __future__ import annotations

from ...history import History
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.watch import News
from ...jobs import JobHandle, Jobs
from ...model.installing import KEY, NAMESPACE, SEED, Install, first_boot, pending
from ...model.moving import SHARED_POOLS
from ...model.storage import read_pool
from ...model.xml import dump, parse
from ..inventory.bursts import Bursts
from ..inventory.inventory import Inventory
from ..inventory.usage import Usage
from ..patience import connected
from ..storage.copying import remove

ENDED = "shutdown"
"""libvirt's reason for a machine that ended by itself: the installer's reboot, or its power-off."""


def remove_passing(host: Host, install: Install) -> None:
    """Delete what was made for the installation: the disc with first settings (it holds passwords), or the kernel."""
    for path in install.passing:
        at = host.volumes.at(path)
        if at is not None:
            remove(host, at[0], at[1].name)


class FirstBoots:
    """Starts machines whose installation is pending, and follows it up when they end."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, history: History) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._history = history
        self._usage = Usage(hosts, inventory)
        self._bursts = Bursts("first-boots", self._handle)
        jobs.adopt("boot-installed", lambda job, handle, params: self._boot(job.host, job.target, handle))

    def open(self) -> None:
        """Begin to follow installations."""
        self._bursts.start()

    def close(self) -> None:
        """End the thread."""
        self._bursts.close()

    def news(self, news: News) -> None:
        """Take note of what happened; returns at once."""
        lifecycle = news.kind == "domain" and news.event in ("stopped", "started", "undefined")
        if lifecycle or (news.kind == "host" and news.event == "connected"):
            self._bursts.put(news)

    def start(self, host: str, uuid: str) -> None:
        """Start a machine: from its medium where an installation is pending, else as usual."""
        domains = self._hosts.get(host).domains
        install = pending(domains.xml(uuid))
        row = domains.row(uuid)
        if install is None or row is None or row.active or row.has_saved_image:
            domains.start(uuid)
            return
        xml = domains.xml(uuid, secure=True)
        domains.create_transient(dump(first_boot(parse(xml), install)))

    def _handle(self, news: News) -> None:
        if news.kind == "host":
            self._catch_up(news.host)
        else:
            self._follow(news.host, news.id)

    def _catch_up(self, host: str) -> None:
        # What lies today where files of a machine lay that went long ago is somebody else's.
        known = {row.uuid for row in self._hosts.get(host).domains.rows()} | self._history.known_lately(host)
        for uuid in known:
            self._follow(host, uuid)

    def _follow(self, host: str, uuid: str) -> None:
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        if row is None:
            self._went(host, uuid)
        if row is None or not row.persistent:
            return
        install = pending(domains.xml(uuid))
        if install is None:
            return
        if row.active:
            live = pending(domains.xml(uuid, live=True))
            # Somebody started it from its disk: nothing is pending any more. First settings still are.
            if install.method != SEED and (live is None or not live.booted):
                self._done(host, uuid, install)
        elif row.reason == ENDED:
            self._done(host, uuid, install)
            self._boot_later(host, uuid, row.name, install)

    def _went(self, host: str, uuid: str) -> None:
        """Delete what was made for the installation of a machine that somebody removed, unless it may have moved."""
        found, newest = self._hosts.get(host), self._history.newest(host, uuid)
        install = pending(newest["xml"]) if newest and KEY in newest["xml"] else None
        if install is None or self._jobs.of(host, uuid) or self._inventory.where(uuid):
            return
        users = self._usage.paths(host)
        for path in install.passing:
            at = found.volumes.at(path)
            if at and path not in users and read_pool(found.pools.xml(at[0])).type not in SHARED_POOLS:
                remove(found, at[0], at[1].name)

    def _done(self, host: str, uuid: str, install: Install) -> None:
        found = self._hosts.get(host)
        remove_passing(found, install)  # first: while its mark is there, a refusal of either is made up for
        found.domains.set_metadata(uuid, NAMESPACE, KEY, None)
        self._inventory.refresh(host, uuid, act="installed")

    def _boot_later(self, host: str, uuid: str, name: str, install: Install) -> None:
        if install.then != "start":
            return
        self._jobs.start(
            "boot-installed",
            host=host,
            target=uuid,
            target_name=name,
            user="",
            work=lambda handle: self._boot(host, uuid, handle),
            can_cancel=False,
            holds=False,  # what makes further machines, or reads this one, does not keep it off
        )

    def _boot(self, host: str, uuid: str, handle: JobHandle) -> None:
        handle.progress(None, "The installer ended; starting from the disk", phase="start")
        found = self._hosts.get(host)
        connected(handle, found)
        row = found.domains.row(uuid)
        if row is not None and not row.active:
            found.domains.start(uuid)
