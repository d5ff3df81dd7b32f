"""Devices of a machine: added, changed, removed. Each kind of device has its own file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..access import User
from ..hypervisor.hosts import Hosts
from ..jobs import Job, JobHandle, Jobs
from ..model.devices import Console, Controller, Disk, Input, Placed, find, placed
from ..model.domain import Domain
from ..model.edits import EDITS, ApplyQuery, DeviceAdd
from ..model.slots import users_of
from ..model.xml import parse
from ..plan import Change
from ..problems import FieldError, Problem
from .changing import Changing, Draft
from .disks import Disks
from .displays import Displays
from .interfaces import Interfaces
from .inventory import Inventory
from .media import Storage
from .plugging import unplug

QUICK_SECONDS = 2.0
GUEST_SECONDS = 20
HOT = ("interface", "rng", "hostdev", "redirdev", "channel")
Edit = Callable[[Draft, Placed, Any], None]


@dataclass(frozen=True)
class Kinds:
    """Who adds and who changes which kind of device: the place where a new kind is entered."""

    add: Mapping[str, Callable[[Draft, Any], None]]
    edit: Mapping[str, Edit]


def kinds(hosts: Hosts, storage: Storage) -> Kinds:
    """All kinds that can be added or changed."""
    disks, interfaces = Disks(hosts, storage), Interfaces(hosts, storage.usage)
    return Kinds(
        add={"disk": disks.add, "interface": interfaces.add},
        edit={"disk": disks.edit, "interface": interfaces.edit, "graphics": Displays().edit},
    )


class Devices:
    """Plans changes of devices."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, changing: Changing, known: Kinds) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._changing = changing
        self._kinds = known

    def add(
        self, host: str, uuid: str, body: DeviceAdd, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Add a device."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        self._kinds.add[body.type](draft, body)
        return self._changing.finish(draft, user)

    def edit(
        self, host: str, uuid: str, device: str, body: Any, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Change a device; which fields there are depends on its type."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        found = find(draft.saved if draft.save or draft.running is None else draft.running, device)
        if found is None:
            raise _unknown(device)
        if found.tag not in self._kinds.edit:
            raise Problem("unsupported", f"A device of type {found.tag} is changed in the XML.")
        self._kinds.edit[found.tag](draft, found, _validate(found.tag, body))
        return self._changing.finish(draft, user)

    def remove(
        self, host: str, uuid: str, device: str, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain | Job]:
        """Remove a device. Where the guest takes its time to let go, a job waits for it."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        found = find(draft.saved, device) or (find(draft.running, device) if draft.running is not None else None)
        if found is None:
            raise _unknown(device)
        _refuse_needed(draft, found)
        for twin in _twins(draft, found):
            unplug(draft, twin, cold="It belongs to the serial port.")
        asked = unplug(draft, device, cold=_cold(found))
        _keep_balloon_away(draft, found)
        draft.check()

        def apply() -> Domain | Job:
            self._changing.carry_out(draft)
            if asked and not self._gone(draft, device, QUICK_SECONDS):
                return self._wait(draft, device, found.device.title, user)
            return self._changing.answer(draft, user)

        return Change(self._changing.plan(draft), apply)

    def _gone(self, draft: Draft, device: str, seconds: float) -> bool:
        pause = threading.Event()
        for _ in range(max(1, int(seconds / 0.2))):
            if self._is_gone(draft, device):
                return True
            pause.wait(0.2)
        return self._is_gone(draft, device)

    def _is_gone(self, draft: Draft, device: str) -> bool:
        row = draft.domains.row(draft.uuid)
        if row is None or not row.active:
            return True
        return find(parse(draft.domains.xml(draft.uuid, live=True)), device) is None

    def _wait(self, draft: Draft, device: str, title: str, user: User) -> Job:
        def work(handle: JobHandle) -> dict[str, str]:
            for second in range(GUEST_SECONDS):
                handle.progress(None, f"Waiting for the guest to let go of {title}", phase="wait", seconds=second)
                if self._is_gone(draft, device):
                    return {"device": device}
                handle.check()
                handle.wait(1)
            raise _ignored(draft, title)

        return self._jobs.start(
            "device-remove",
            host=draft.host,
            target=draft.uuid,
            target_name=draft.row.name,
            user=user.name,
            work=work,
        )


def _unknown(device: str) -> Problem:
    return Problem("not-found", f"The machine has no device {device}.", cure="Look at the list of devices again.")


def _ignored(draft: Draft, title: str) -> Problem:
    saved = " The saved definition no longer has it, so it is gone after the next power-off." if draft.save else ""
    return Problem(
        "timed-out",
        f"The guest did not let go of {title} in {GUEST_SECONDS} seconds, so the running machine still has it.{saved}",
        cure="Stop using it in the guest (unmount, take the link down) and remove it again, or shut the machine down.",
    )


def _validate(tag: str, body: Any) -> Any:
    try:
        return EDITS[tag].model_validate(body)
    except ValidationError as error:
        faults = [
            FieldError("".join(f"/{step}" for step in fault["loc"]), fault["msg"].removeprefix("Value error, "))
            for fault in error.errors(include_url=False)
        ]
        raise Problem("invalid-input", "Some fields are not usable.", errors=faults) from error


def _cold(found: Placed) -> str | None:
    """Why a device cannot leave a running machine; None where it can."""
    device = found.device
    hot = (
        (isinstance(device, Disk) and device.hot)
        or found.tag in HOT
        or (isinstance(device, Input) and device.bus in ("usb", "virtio"))
        or (isinstance(device, Controller) and device.kind == "scsi")
    )
    return None if hot else f"{device.title} cannot leave a running machine."


def _refuse_needed(draft: Draft, found: Placed) -> None:
    device = found.device
    if isinstance(device, Controller):
        users = users_of(draft.saved, device)
        if users or device.model in ("pcie-root", "pci-root"):
            raise Problem("in-use", f"{device.title} carries {', '.join(users) or 'the whole machine'}.")
    if isinstance(device, Input) and device.bus == "ps2":
        raise Problem("unsupported", "Every PC has a PS/2 keyboard and mouse; libvirt adds them by itself.")
    if isinstance(device, Console) and device.target == "serial":
        raise Problem("unsupported", "This console is the first serial port.", cure="Remove the serial port.")


def _twins(draft: Draft, found: Placed) -> list[str]:
    """The console that is the first serial port goes with it; libvirt would bring the port back."""
    if found.id != "serial-0":
        return []
    consoles = [(each.id, each.device) for each in placed(draft.saved)]
    return [name for name, device in consoles if isinstance(device, Console) and device.target == "serial"]


def _keep_balloon_away(draft: Draft, found: Placed) -> None:
    """Libvirt adds a balloon to every machine that does not say that it wants none."""
    devices = draft.saved.find("devices")
    if found.tag == "memballoon" and draft.save and devices is not None:
        element = type(found.device).build({"model": "none"})
        devices.append(element)
