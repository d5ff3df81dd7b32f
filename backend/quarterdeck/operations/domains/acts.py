"""Acts on a machine that need no more than its state: power, saved memory, keys."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial

from pydantic import Field, field_validator

from ...access import User
from ...hypervisor.domains import Domains
from ...hypervisor.hosts import Hosts
from ...jobs import Job, JobHandle, Jobs
from ...model.domain import Domain
from ...model.keys import CTRL_ALT_DEL, KEYS, MOST_AT_ONCE
from ...model.strict import Strict
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ..hosts.locking import naming_the_holder
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..patience import cancellable, connected, patiently
from .first_boot import FirstBoots


class SendKey(Strict):
    """Keys to press together, named as in Linux (`KEY_LEFTCTRL`); they are held for `hold_ms`."""

    keys: list[str] = Field(list(CTRL_ALT_DEL), min_length=1, max_length=MOST_AT_ONCE)
    hold_ms: int = Field(50, ge=1, le=5000)

    @field_validator("keys")
    @classmethod
    def _known(cls, keys: list[str]) -> list[str]:
        unknown = [key for key in keys if key not in KEYS]
        if unknown:
            raise ValueError(f"unknown key {unknown[0]}")
        return keys


COMMANDS = {
    "start": "virsh start {}",
    "shutdown": "virsh shutdown {}",
    "reboot": "virsh reboot {}",
    "reset": "virsh reset {}",
    "destroy": "virsh destroy {}",
    "suspend": "virsh suspend {}",
    "resume": "virsh resume {}",
    "save": "virsh managedsave {}",
    "restore": "virsh start {}",
    "reset-nvram": "virsh start {} --reset-nvram",
    "discard-save": "virsh managedsave-remove {}",
    "inject-nmi": "virsh inject-nmi {}",
    "send-key": "virsh send-key {}",
}


class DomainActs:
    """The acts of the registry that libvirt does in one call."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, first_boots: FirstBoots) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._first_boots = first_boots
        jobs.adopt("save", lambda job, handle, params: self._follow_save(job.host, job.target, handle))

    def act(self, host: str, uuid: str, act: str, user: User) -> Change[Domain]:
        """Do a quick act; the machine as it then is."""
        domains = self._allowed(host, uuid, act, user)
        call = partial(self._first_boots.start, host) if act == "start" else _call(domains, act)
        plan, goes_on = self._plan(host, uuid, act), act == "reset" and self._has_crashed(host, uuid)
        if goes_on:
            plan.commands.append(COMMANDS["resume"].format(shlex.quote(self._inventory.name(host, uuid))))

        def apply() -> Domain:
            with naming_the_holder(self._hosts, host, uuid):
                call(uuid)
                if goes_on:
                    domains.resume(uuid)
            return self._inventory.domain(host, uuid, user.role)

        return Change(plan, apply)

    def _has_crashed(self, host: str, uuid: str) -> bool:
        """Whether its guest stands where it crashed: libvirt leaves it paused when it is reset (qemuDomainReset)."""
        row = self._inventory.facts(host, uuid).row
        return row.state == "crashed" or (row.state, row.reason) == ("paused", "crashed")

    def send_key(self, host: str, uuid: str, request: SendKey, user: User) -> Change[Domain]:
        """Press keys in the guest."""
        domains = self._allowed(host, uuid, "send-key", user)
        plan = self._plan(host, uuid, "send-key")
        plan = plan.model_copy(update={"commands": [f"{plan.commands[0]} {' '.join(request.keys)}"]})

        def apply() -> Domain:
            domains.send_key(uuid, [KEYS[key] for key in request.keys], request.hold_ms)
            return self._inventory.domain(host, uuid, user.role)

        return Change(plan, apply)

    def save(self, host: str, uuid: str, user: User) -> Change[Job]:
        """Write the memory to disk and turn the machine off, as a job."""
        domains = self._allowed(host, uuid, "save", user)

        def work(handle: JobHandle) -> None:
            handle.progress(None, "Writing the memory to disk", phase="save")
            handle.check()
            with cancellable(handle, self._hosts.get(host), uuid):
                domains.save(uuid)

        def apply() -> Job:
            name = self._inventory.name(host, uuid)
            return self._jobs.start("save", host=host, target=uuid, target_name=name, user=user.name, work=work)

        return Change(self._plan(host, uuid, "save"), apply)

    def _follow_save(self, host: str, uuid: str, handle: JobHandle) -> None:
        """See a save to its end that a restart of this service left to libvirt."""
        found = self._hosts.get(host)
        connected(handle, found)
        with cancellable(handle, found, uuid):
            while patiently(handle, found, lambda: found.domains.is_busy(uuid)):
                handle.wait(1)
        row = patiently(handle, found, lambda: found.domains.row(uuid))
        if row is None or not row.has_saved_image:
            raise Problem("interrupted", "The machine was not saved. It runs on, if it was not turned off.")

    def _allowed(self, host: str, uuid: str, act: str, user: User) -> Domains:
        domains = self._hosts.get(host).domains
        self._inventory.refresh(host, uuid)
        why = reason(BY_ID[act], self._inventory.facts(host, uuid), user.role)
        if why:
            raise Problem("wrong-state", why, action=act)
        return domains

    def _plan(self, host: str, uuid: str, act: str) -> Plan:
        name = shlex.quote(self._inventory.name(host, uuid))
        info = BY_ID[act].info
        warnings = [info.confirm.format(name=name)] if info.danger and info.confirm else []
        return Plan(
            commands=[COMMANDS[act].format(name)], effects=[Effect(field="state", when="live")], warnings=warnings
        )


def _call(domains: Domains, act: str) -> Callable[[str], None]:
    calls: dict[str, Callable[[str], None]] = {
        "shutdown": domains.shutdown,
        "reboot": domains.reboot,
        "reset": domains.reset,
        "destroy": domains.destroy,
        "suspend": domains.suspend,
        "resume": domains.resume,
        "restore": domains.restore,
        "reset-nvram": partial(domains.start, fresh_nvram=True),
        "discard-save": domains.discard_save,
        "inject-nmi": domains.inject_nmi,
    }
    return calls[act]
