"""What keeps a host from starting a machine twice, and which machines stand on two hosts."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from ..hypervisor.host import Host
from ..hypervisor.hosts import Hosts
from ..hypervisor.locking import lock_settings
from ..model.locking import Locking, Twin, read_locking
from ..model.moving import moved_machine
from ..problems import Problem


class HostLocking:
    """The protection of all hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def of(self, host: str) -> Locking:
        """What protects one host, with the machines that are defined on another one too."""
        found = self._hosts.get(host)
        settings = read_locking(*lock_settings(found))
        return settings.model_copy(update={"twins": self._twins(found)})

    def _twins(self, host: Host) -> list[Twin]:
        mine = {row.uuid: row for row in host.domains.rows()}
        twins = []
        for other in self._hosts.all():
            if other.id == host.id or other.state != "connected":
                continue
            try:
                theirs = other.domains.rows()
            except Problem:  # lost just now: it has nothing to say
                continue
            for row in theirs:
                if row.uuid in mine:
                    both = row.active and mine[row.uuid].active and row.reason != "migration"
                    twins.append(Twin(uuid=row.uuid, name=row.name, host=other.id, state=row.state, both_run=both))
        return twins


@contextlib.contextmanager
def naming_the_holder(hosts: Hosts, host: str, uuid: str) -> Iterator[None]:
    """Inside, a refusal by a lock tells the file, and the machine of a known host that runs on it."""
    try:
        yield
    except Problem as problem:
        if problem.slug != "locked":
            raise
        held = _holder(hosts, hosts.get(host), uuid, problem.raw or "")
        if held is None:
            raise
        path, name, other = held
        raise Problem(
            "locked",
            f"Its disk {path} is locked: {name} runs on {other.spec.name} and uses it.",
            cure=f"Stop {name} on {other.spec.name} first, or give this machine a disk of its own.",
            raw=problem.raw,
            holder={"host": other.id, "name": name, "path": path},
        ) from problem


def _holder(hosts: Hosts, host: Host, uuid: str, raw: str) -> tuple[str, str, Host] | None:
    """The disk's path, and the machine that holds it. A lock is named by the path or by its SHA-256 (virtlockd)."""
    paths = _paths(host, uuid, live=False)
    named = [path for path in paths if path in raw or hashlib.sha256(path.encode()).hexdigest() in raw]
    for other in hosts.all():
        with contextlib.suppress(Problem):  # a host that is away cannot be asked
            for row in other.domains.rows():
                if not row.active or (other.id, row.uuid) == (host.id, uuid):
                    continue
                shared = [path for path in _paths(other, row.uuid, live=True) if path in (named or paths)]
                if shared:
                    return shared[0], row.name, other
    return None


def _paths(host: Host, uuid: str, *, live: bool) -> list[str]:
    disks = moved_machine(host.domains.xml(uuid, live=live)).disks
    return [disk.path for disk in disks if disk.path and disk.is_data]
