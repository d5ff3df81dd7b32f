"""Devices of a machine."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import WrapValidator

from ...access import Permission, User
from ...jobs import Job
from ...model.domain import Domain
from ...model.edits import ApplyQuery, DeviceAdd, DiskEdit, GraphicsEdit, InterfaceEdit
from ...operations.devices import Devices
from ...plan import Change
from ..route import route

ALL = "/hosts/<host>/domains/<uuid:uuid>/devices"
ONE = ALL + "/<device>"
EDIT = Permission.DOMAIN_EDIT
AnyEdit = Annotated[DiskEdit | InterfaceEdit | GraphicsEdit, WrapValidator(lambda body, _check: body)]
"""What the document tells of a change; it is checked once the type of the device in the path is known."""


class DeviceRoutes:
    """Hardware of a machine."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    @route("POST", ALL, needs=EDIT, if_match=True)
    def add(
        self, host: str, uuid: UUID, body: DeviceAdd, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Add a device, tagged by `type`; to the running machine too where its bus can."""
        return self._devices.add(host, str(uuid), body, query, if_match, user)

    @route("PATCH", ONE, needs=EDIT, if_match=True)
    def edit(
        self, host: str, uuid: UUID, device: str, body: AnyEdit, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Change a device. What cannot change while the machine runs is saved for its next start."""
        changes: Any = body
        return self._devices.edit(host, str(uuid), device, changes, query, if_match, user)

    @route("DELETE", ONE, needs=EDIT, if_match=True)
    def remove(
        self, host: str, uuid: UUID, device: str, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain | Job]:
        """Remove a device. Where the guest takes its time to let go, the answer is a job that waits for it."""
        return self._devices.remove(host, str(uuid), device, query, if_match, user)
