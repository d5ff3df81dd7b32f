"""What installing from a tree takes: where its kernel will lie, and how it gets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..hypervisor.hosts import Hosts
from ..model.create import DomainCreate, InstallTree, TreeFacts
from ..model.storage import is_thin, read_pool
from ..problems import Problem
from .faults import Faults
from .fence import checked_url
from .media import Storage


@dataclass(frozen=True)
class TreePlan:
    """The volumes that kernel and initrd become, as an errand is told of them, and the facts as far as known before."""

    params: dict[str, Any]
    url: str
    facts: TreeFacts
    inject: bytes | None = field(default=None, repr=False)
    """An archive that is appended to the initrd; it holds a password."""


class Trees:
    """Plans installations from trees; asks no other server."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage

    def plan(self, host: str, request: DomainCreate, faults: Faults) -> TreePlan | None:
        """What is to be fetched where; None where another method is asked for, or with faults."""
        install = request.install
        if not isinstance(install, InstallTree):
            return None
        pool = install.pool or next((disk.pool for disk in request.disks if disk.pool), None) or "default"
        try:
            checked_url(install.url)
        except Problem as problem:
            faults.take("/install/url", problem)
        try:
            self._storage.running(host, pool)
        except Problem as problem:
            faults.take("/install/pool", problem)
            return None
        found = self._hosts.get(host)
        facts = read_pool(found.pools.xml(pool))
        if not is_thin(facts.type):
            faults.add("/install/pool", "A kernel must lie in a pool of files, such as one of type dir.")
        names = set(found.volumes.names(pool))
        params = {"pool": pool}
        for part in ("kernel", "initrd"):
            params[part] = f"{request.name}-{part}"
            if params[part] in names:
                faults.add("/install/pool", f"The pool {pool} has a volume {params[part]} already.", "name-taken")
        folder = (facts.path or "").rstrip("/")
        kernel, initrd = (f"{folder}/{params[part]}" for part in ("kernel", "initrd"))
        return TreePlan(params, install.url, TreeFacts(kernel, initrd, install.kernel_args))
