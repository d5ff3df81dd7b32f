"""Pools that other hosts have too: what their machines use there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.moving import PoolPlace, pool_place
from ...model.xml import parse
from ...problems import Problem
from ..inventory.usage import Usage


def users_elsewhere(hosts: Hosts, usage: Usage, host: str, pool: str) -> dict[str, list[str]]:
    """The machines of other hosts that use a volume of a shared pool, by the path that the volume has on this one.

    Only of pools that a server offers, and of hosts that answer: of others nobody can tell whether they are the same.
    """
    xml = hosts.get(host).pools.xml(pool)
    here, users = pool_place(xml), dict[str, list[str]]()
    if here.identity is None or parse(xml).find("source/host") is None:
        return {}
    for other in hosts.all():
        if other.id == host:
            continue
        for path, name in _used_there(other, usage, here):
            users.setdefault(path, []).append(f"{name} on {other.spec.name}")
    return users


def _used_there(other: Host, usage: Usage, here: PoolPlace) -> Iterator[tuple[str, str]]:
    with contextlib.suppress(Problem):
        for there in map(pool_place, other.pools.running()):
            if there.identity != here.identity:
                continue
            for path, names in usage.paths(other.id).items():
                for start in (f"{there.path}/", f"{there.name}/"):
                    if path.startswith(start):
                        yield from ((f"{here.path}/{path.removeprefix(start)}", name) for name in names)
