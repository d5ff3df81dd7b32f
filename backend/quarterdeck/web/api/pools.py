"""Storage pools: what there is, and how they are made, changed and removed."""

from __future__ import annotations

from ...access import Permission, User
from ...jobs import Job
from ...model.pool import PoolCreate
from ...model.pool_form import PoolSource, PoolType
from ...model.storage import Pool, PoolPatch
from ...operations.changing.definitions import DefinitionText
from ...operations.domains.object_undo import ObjectUndo
from ...operations.inventory.last_changes import LastChanges
from ...operations.pools.making import PoolMaking, PoolShare
from ...operations.pools.pools import PoolBuild, PoolDelete, Pools, SourceQuery
from ...operations.storage.storage import Storage
from ...plan import Change
from ..route import route

POOLS = "/hosts/<host>/pools"
POOL = POOLS + "/<pool>"


class PoolRoutes:
    """Pools of a host."""

    def __init__(
        self, storage: Storage, pools: Pools, making: PoolMaking, changes: LastChanges, undo: ObjectUndo
    ) -> None:
        self._changes = changes
        self._undo = undo
        self._storage = storage
        self._making = making
        self._pools = pools

    @route("GET", POOLS, needs=Permission.STORAGE_VIEW)
    def all(self, host: str) -> list[Pool]:
        """All storage pools, with the space that is left."""
        return [self._changes.of_pool(pool) for pool in self._storage.pools(host)]

    @route("POST", POOLS, needs=Permission.STORAGE_EDIT, status=201)
    def create(self, host: str, body: PoolCreate, user: User) -> Change[Pool | Job]:
        """Make a pool; a job where a server stands behind it, since that may answer slowly."""
        return self._making.create(host, body, user)

    @route("POST", "/pools", needs=Permission.STORAGE_EDIT, status=202)
    def share(self, body: PoolShare, user: User) -> Change[Job]:
        """Make the same pool on several hosts, or on none of them where one fails."""
        return self._making.share(body, user)

    @route("GET", "/hosts/<host>/pool-types", needs=Permission.STORAGE_VIEW)
    def types(self, host: str) -> list[PoolType]:
        """The types of pools with the fields of their forms, and which this host can have."""
        return self._pools.types(host)

    @route("GET", "/hosts/<host>/pool-sources", needs=Permission.STORAGE_EDIT)
    def sources(self, host: str, query: SourceQuery) -> list[PoolSource]:
        """What a server exports, or the host has, that a pool could be made of."""
        return self._pools.sources(host, query)

    @route("GET", POOL, needs=Permission.STORAGE_VIEW)
    def one(self, host: str, pool: str) -> Pool:
        """One storage pool."""
        return self._changes.of_pool(self._storage.pool(host, pool))

    @route("PUT", POOL, needs=Permission.STORAGE_EDIT, if_match=True)
    def edit(self, host: str, pool: str, body: PoolCreate, if_match: str | None) -> Change[Pool]:
        """Change a pool's definition; a running one takes it when it is started anew."""
        return self._undo.of_pool(host, pool, self._pools.edit(host, pool, body, if_match))

    @route("PATCH", POOL, needs=Permission.STORAGE_EDIT, act="pool set autostart")
    def patch(self, host: str, pool: str, body: PoolPatch) -> Change[Pool]:
        """Whether a pool starts with the host."""
        return self._undo.of_pool(host, pool, self._pools.patch(host, pool, body))

    @route("DELETE", POOL, needs=Permission.STORAGE_EDIT)
    def delete(self, host: str, pool: str, query: PoolDelete) -> Change[None]:
        """Forget a pool; with `contents` its volumes are deleted too."""
        return self._pools.delete(host, pool, query)

    @route("GET", POOL + "/xml", needs=Permission.STORAGE_VIEW)
    def xml(self, host: str, pool: str) -> DefinitionText:
        """The saved definition of a pool."""
        return self._pools.text(host, pool)

    @route("POST", POOL + "/start", needs=Permission.STORAGE_EDIT)
    def start(self, host: str, pool: str) -> Change[Pool]:
        """Start a pool."""
        return self._undo.of_pool(host, pool, self._pools.start(host, pool))

    @route("POST", POOL + "/stop", needs=Permission.STORAGE_EDIT)
    def stop(self, host: str, pool: str) -> Change[Pool]:
        """Stop a pool; its volumes stay."""
        return self._undo.of_pool(host, pool, self._pools.stop(host, pool))

    @route("POST", POOL + "/build", needs=Permission.STORAGE_EDIT)
    def build(self, host: str, pool: str, body: PoolBuild) -> Change[Pool]:
        """Make what a pool stands on: folder, file system, partition table, volume group."""
        return self._pools.build(host, pool, body)

    @route("POST", POOL + "/refresh", needs=Permission.STORAGE_EDIT)
    def refresh(self, host: str, pool: str) -> Change[Pool]:
        """Look anew which volumes a pool has."""
        return self._storage.refresh_pool(host, pool)
