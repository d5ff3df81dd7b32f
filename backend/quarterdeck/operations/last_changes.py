"""When pools and networks were changed last and by whom, as the audit log tells; libvirt keeps no such thing."""

from __future__ import annotations

from ..model.last_change import LastChange
from ..model.network import Network
from ..model.storage import Pool
from ..store import Audit


class LastChanges:
    """The last change of each pool and network."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def of_pool(self, pool: Pool) -> Pool:
        """The pool with its last change."""
        return pool.model_copy(update={"changed": self._last("pool", pool.host, pool.name, pool.uuid)})

    def of_network(self, network: Network) -> Network:
        """The network with its last change."""
        return network.model_copy(update={"changed": self._last("network", network.host, network.name, network.uuid)})

    def _last(self, noun: str, host: str, name: str, uuid: str) -> LastChange | None:
        found = self._audit.last(noun, host, name, uuid)
        return LastChange(time=found["time"], user=found["user"], act=found["act"]) if found else None
