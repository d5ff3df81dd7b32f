"""Devices that a guest was asked to let go of: a job that waits for it, seen by all, through restarts."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.devices import find
from ...model.xml import parse
from ...problems import Problem
from ..changing.changing import Draft
from ..inventory.inventory import Inventory

KIND = "device-remove"
LOOK_SECONDS = 0.2


class Removals:
    """Waits until a device is gone, the machine stops, or somebody cancels the waiting."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

    def gone(self, host: str, uuid: str, device: str, seconds: float) -> bool:
        """Whether the running machine is without it at the latest after so long."""
        pause = threading.Event()
        for _ in range(max(1, int(seconds / LOOK_SECONDS))):
            if self._seems_gone(host, uuid, device):
                return True
            pause.wait(LOOK_SECONDS)
        return self._seems_gone(host, uuid, device)

    def _seems_gone(self, host: str, uuid: str, device: str) -> bool:
        """The same at once; False where libvirt cannot tell just now: the guest was asked, and is waited for."""
        try:
            return self._is_gone(host, uuid, device)
        except Problem:
            return False

    def _is_gone(self, host: str, uuid: str, device: str) -> bool:
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        if row is None or not row.active:
            return True
        return find(parse(domains.xml(uuid, live=True)), device) is None

    def wait(self, draft: Draft, device: str, title: str, user: User, definition: int | None) -> Job:
        """The job that waits, one for each device. It keeps nobody from other changes.

        `definition` is the way back in the history; where no definition tells it, it is the draft's `inverse`.
        """
        if waiting := self._waiting(draft.host, draft.uuid, device):
            return waiting
        inverse = draft.inverse.model_dump(mode="json") if draft.inverse else None
        params = {"device": device, "title": title, "definition": definition, "inverse": inverse}
        return self._jobs.start(
            KIND,
            host=draft.host,
            target=draft.uuid,
            target_name=draft.row.name,
            user=user.name,
            work=lambda handle: self._follow(draft.host, draft.uuid, params, handle),
            params=params,
            holds=False,
        )

    def _waiting(self, host: str, uuid: str, device: str) -> Job | None:
        """The job that waits for it already."""
        for job in self._jobs.list():
            mine = (job.kind, job.host, job.target, job.details.get("device")) == (KIND, host, uuid, device)
            if mine and job.state in ("queued", "running"):
                return job
        return None

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, str]:
        return self._follow(job.host, job.target, params, handle)

    def _follow(self, host: str, uuid: str, params: dict[str, Any], handle: JobHandle) -> dict[str, str]:
        device, title, seen = params["device"], params["title"], ""
        handle.progress(
            None,
            f"Waiting for the guest to let go of {title}; it goes at the latest when the machine stops",
            phase="wait",
            device=device,
            definition=params.get("definition"),
            inverse=params.get("inverse"),
        )
        while not handle.wait(LOOK_SECONDS):
            now = self._running(host, uuid)
            if now is None or now == seen:  # no call to libvirt while nothing changes
                continue
            with contextlib.suppress(Problem):  # a machine that stops just now answers with an error: look again
                if self._is_gone(host, uuid, device):
                    return {"device": device}
                seen = now
        raise Problem("cancelled", f"Nobody waits any more. The guest was asked, and may still let go of {title}.")

    def _running(self, host: str, uuid: str) -> str | None:
        """What changes whenever the running definition does; None while the host is away."""
        try:
            known = self._inventory.versions(host).get(uuid)
        except Problem:
            return None
        return known[1][1] if known else "gone"
