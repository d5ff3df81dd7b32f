"""Making a clone as a job: copy, define, tidy up; after a failure or a restart nothing of it stays.

The definition comes last, so a clone that is defined is whole; until then all that was made stands in the job's
parameters. A running original goes on in overlays meanwhile, which are merged back.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.clone import DomainClone
from ...model.storage import linked_volume_xml
from ...model.xml import Element
from ...plan import Change
from ...problems import Problem
from ..appliances.conversion import CONVERT
from ..appliances.layers import layers_of
from ..creating.seeds import make_seed
from ..domains.first_boot import FirstBoots
from ..errands import Errands
from ..inventory.inventory import Inventory
from ..patience import connected
from ..snapshots.reading import one_of
from ..storage.copying import SHARED, Copier, remove, remove_unused
from ..storage.disk_copies import DiskCopy, Overlay
from ..storage.lending import Lending, lend, stop_lending
from ..storage.states import States
from ..storage.still import freeze, thaw
from ..storage.storage import Storage
from .plan import ClonePlan, Planner, Prepared

KIND = "clone"
SHARE = 0.9
"""How much of the progress is the copying."""


class Clones:
    """Makes clones of machines."""

    def __init__(
        self,
        hosts: Hosts,
        inventory: Inventory,
        jobs: Jobs,
        storage: Storage,
        first_boots: FirstBoots,
        *,
        errands: Errands,
        lending: Lending,
    ) -> None:
        self._first_boots = first_boots
        self._states = States(lending)
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._storage = storage
        self._errands = errands
        self._planner = Planner(hosts, inventory, storage)
        jobs.adopt(KIND, self._adopt)

    def clone(
        self,
        host: str,
        uuid: str,
        request: DomainClone,
        user: User,
        *,
        snapshot: str | None = None,
        version: Element | None = None,
    ) -> Change[Job]:
        """A copy of a machine, or of what it was when a snapshot was taken or as a version of a template; its job.

        Nobody may write the disks of the version.
        """
        kept = one_of(self._hosts.get(host).snapshots.all(uuid), snapshot) if snapshot is not None else version
        found = self._planner.prepare_all(host, uuid, request, user, kept)
        first, name = found[0], found[0].row.name

        def apply() -> Job:
            if first.host.domains.is_busy(uuid):
                raise Problem("busy", f"Another job works on {name}.")
            return self._jobs.start(
                KIND,
                host=host,
                target=uuid,
                target_name=name,
                user=user.name,
                work=partial(self._work_all, found, user),
                params={"clones": [prepared.params() for prepared in found]},
            )

        return Change(_joined(found), apply)

    def _work_all(self, found: list[Prepared], user: User, handle: JobHandle) -> dict[str, Any]:
        """All or none of them."""
        results = []
        for number, prepared in enumerate(found, 1):
            if len(found) > 1:
                handle.log(f"{number} of {len(found)}: {prepared.name}")
            results.append(self._work(prepared, user, handle))
        return results[0] | {"all": results}

    def _work(self, prepared: Prepared, user: User, handle: JobHandle) -> dict[str, Any]:
        host = prepared.host
        handle.undo.callback(self._refresh, host.id, prepared.row.uuid, prepared.uuid)
        handle.undo.callback(stop_lending, host, prepared.params()["lent"], handle.id)
        for folder in prepared.params()["lent"]:
            handle.log(f"A pool is lent to {folder}")
        copier = Copier(host, handle, prepared.copies)
        lend(host, prepared.params()["lent"], handle.id)
        freeze(host, prepared.row.uuid, prepared.overlays, handle, quiesce=prepared.quiesce)
        for copy in prepared.copies:
            handle.check()
            if copy.act == "link":
                self._link(host, copy)
                handle.undo.callback(remove, host, copy.pool, copy.name)
            elif copy.inside:
                self._take_out(host, copy, handle)
            elif copier.copy(copy, SHARE):
                handle.log(f"{copy.target}: {SHARED}")
            self._check_still(prepared)
        if not prepared.lasting:
            thaw(host, prepared.row.uuid, prepared.overlays, handle)
        if prepared.seed:
            make_seed(host, prepared.seed, handle.undo)
        if prepared.cloned.nvram:
            handle.undo.callback(self._states.remove, host, prepared.cloned.nvram[1])
            self._states.copy(host, *prepared.cloned.nvram)
        handle.check()
        self._define(prepared, user, handle)
        stop_lending(host, prepared.params()["lent"], handle.id)
        self._tell(prepared)
        handle.progress(1.0, f"{prepared.name} is there", phase="finish")
        return {"host": host.id, "uuid": prepared.uuid, "name": prepared.name}

    def _link(self, host: Host, copy: DiskCopy) -> None:
        origin = copy.origin
        host.volumes.create(copy.pool, linked_volume_xml(copy.name, origin.capacity, origin.path, origin.format))

    def _take_out(self, host: Host, copy: DiskCopy, handle: JobHandle) -> None:
        """Make the volume of what a snapshot inside the original's image holds."""
        layers = layers_of(host, copy.origin.pool, copy.origin.volume, copy.origin.format)
        layers[0]["snapshot"] = copy.inside
        order = {"layers": layers, "extents": [], "to_format": copy.format, "to_pool": copy.pool, "to_name": copy.name}
        self._errands.within(CONVERT, handle, {"pool": copy.pool, "disks": [order]}, {})
        handle.undo.callback(remove, host, copy.pool, copy.name)

    def _check_still(self, prepared: Prepared) -> None:
        """A machine that was off must have stayed off: what it wrote meanwhile would be half in the copy."""
        row = prepared.host.domains.row(prepared.row.uuid)
        if row is None or (row.active and not prepared.overlays and not prepared.frozen):
            raise Problem(
                "wrong-state",
                f"{prepared.row.name} was started or removed while it was copied.",
                cure="Clone it again, or while it is on.",
            )

    def _define(self, prepared: Prepared, user: User, handle: JobHandle) -> None:
        domains = prepared.host.domains
        handle.progress(0.95, "Saving the definition", phase="define")
        domains.define(prepared.cloned.xml)
        self._planner.macs.forget(prepared.host.id, prepared.name)
        handle.undo.callback(_forget, prepared.host, prepared.uuid)
        if prepared.copies_tpm and prepared.cloned.tpm:
            self._states.copy(prepared.host, *prepared.cloned.tpm)
        self._inventory.refresh(prepared.host.id, prepared.uuid, user=user.name, act="clone")
        if prepared.request.start:
            handle.progress(0.97, "Starting it", phase="start")
            self._first_boots.start(prepared.host.id, prepared.uuid)

    def _tell(self, prepared: Prepared) -> None:
        for pool in {copy.pool for copy in prepared.copies}:
            self._storage.changed(prepared.host.id, prepared.host.pools.row(pool))
        self._refresh(prepared.host.id, prepared.row.uuid, prepared.uuid)

    def _refresh(self, host: str, *uuids: str) -> None:
        for uuid in uuids:
            with contextlib.suppress(Problem):
                self._inventory.refresh(host, uuid)

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """After a restart: clones that are defined are whole, what else was made is removed."""
        host = self._hosts.get(job.host)
        connected(handle, host)
        handle.can_cancel(False)
        for each in params["clones"]:
            if each["inside"]:
                files = [{"to_pool": made["pool"], "to_name": made["name"]} for made in each["made"]]
                self._errands.abandon(CONVERT, handle, {"disks": files})
        results = [self._adopt_one(host, job.target, handle, each) for each in params["clones"]]
        made = [result for result in results if result]
        if len(made) < len(results):
            told = f" {len(made)} of {len(results)} are there." if made else " What was made is removed."
            raise Problem("interrupted", f"Quarterdeck was restarted while the clone was made.{told}")
        return made[0] | {"all": made}

    def _adopt_one(self, host: Host, original: str, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any] | None:
        """What one clone came to; None where it was not whole, and is removed."""
        uuid = params["uuid"]
        row = host.domains.row(uuid)
        whole = row is not None and (row.active or not params["tpm"])
        overlays = [Overlay(**each) for each in params["overlays"]]
        lend(host, params["lent"], handle.id)
        if whole and row is not None:
            stop_lending(host, params["lent"], handle.id)
            return {"host": host.id, "uuid": uuid, "name": row.name}
        if row is not None:
            _forget(host, uuid)
        elif params["nvram"]:
            self._states.remove(host, params["nvram"][1])
        handle.progress(None, "Removing what was made", phase="undo")
        for made in params["made"]:
            remove_unused(self._storage.usage, host, made["pool"], made["name"], handle)
        thaw(host, original, overlays, None)
        stop_lending(host, params["lent"], handle.id)
        self._refresh(host.id, original, uuid)
        return None


def _joined(found: list[Prepared]) -> ClonePlan:
    """The plan of all, with the definition of the first."""
    plans = [prepared.plan for prepared in found]
    update = {"commands": [command for plan in plans for command in plan.commands], "names": [p.name for p in plans]}
    return plans[0].model_copy(update=update)


def _forget(host: Host, uuid: str) -> None:
    row = host.domains.row(uuid)
    if row is not None and row.active:
        host.domains.destroy(uuid)
    if row is not None:
        host.domains.undefine(uuid)
