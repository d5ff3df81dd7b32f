"""What installing from a tree takes: where its kernel will lie, and how it gets there."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import Any

from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.create import DomainCreate, InstallTree, TreeFacts
from ...model.storage import is_thin, read_pool
from ...problems import Problem
from ..faults import Faults
from ..fetching.fence import checked_url
from ..storage.storage import Storage
from .host_tree import check_folder, folder_of
from .seeds import Seeds

PARTS = ("kernel", "initrd")
GUEST = (
    "Its kernel is read from the folder, but no guest sees folders of the host: tell the installer by kernel arguments "
    "where its packages are, where it does not know that by itself."
)


@dataclass(frozen=True)
class TreePlan:
    """The volumes that kernel and initrd become in a pool, by part, and the facts as far as known before."""

    pool: str
    names: dict[str, str]
    url: str
    facts: TreeFacts
    inject: bytes | None = field(default=None, repr=False)
    """An archive that is appended to the initrd; it holds a password."""


def orders(plans: list[TreePlan]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an errand is told of all machines that are installed from one tree; the second part is kept nowhere."""
    inject = [base64.b64encode(plan.inject or b"").decode() for plan in plans]
    params = {"pool": plans[0].pool, "machines": [plan.names for plan in plans], "folder": folder_of(plans[0].url)}
    return params, {"url": plans[0].url, "inject": inject}


class Trees:
    """Plans installations from trees; asks no other server."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage
        self._seeds = Seeds(hosts)

    def plan(self, host: str, request: DomainCreate, faults: Faults) -> TreePlan | None:
        """What is to be fetched where; None where another method is asked for, or with faults."""
        install = request.install
        if not isinstance(install, InstallTree):
            return None
        self._check(install.url, faults)
        beside = next((disk.pool for disk in request.disks if disk.pool), None) or "default"
        pool = install.pool or self._seeds.pool(host, beside)
        if pool is None:
            faults.add("/install/pool", "The host has no pool of files for the kernel of the tree: make or start one.")
            return None
        try:
            self._storage.running(host, pool)
        except Problem as problem:
            faults.take("/install/pool", problem)
            return None
        found = self._hosts.get(host)
        if not is_thin(read_pool(found.pools.xml(pool)).type):
            faults.add("/install/pool", "A kernel must lie in a pool of files, such as one of type dir.")
        names, facts = places(found, pool, request.name, "/install/pool", faults)
        return TreePlan(pool, names, install.url, replace(facts, args=install.kernel_args))

    def _check(self, url: str, faults: Faults) -> None:
        folder = folder_of(url)
        if folder is not None:
            why = check_folder(folder)
            if why:
                faults.add("/install/url", why)
            faults.warnings.append(GUEST)
            return
        try:
            checked_url(url)
        except Problem as problem:
            faults.take("/install/url", problem)


def places(host: Host, pool: str, machine: str, pointer: str, faults: Faults) -> tuple[dict[str, str], TreeFacts]:
    """The volumes that kernel and initrd of a machine's installer become: by part, and as facts."""
    taken, names = set(host.volumes.names(pool)), {part: f"{machine}-{part}" for part in PARTS}
    for name in names.values():
        if name in taken:
            faults.add(pointer, f"The pool {pool} has a volume {name} already.", "name-taken")
    folder = (read_pool(host.pools.xml(pool)).path or "").rstrip("/")
    return names, TreeFacts(f"{folder}/{names['kernel']}", f"{folder}/{names['initrd']}", "")
