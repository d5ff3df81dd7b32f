"""Devices of a machine."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.domain import Domain
from ...model.edits import AnyEdit, ApplyQuery, DeviceAdd
from ...model.forms import Form
from ...operations.devices.devices import Devices, DeviceXml
from ...operations.settings.machine_forms import MachineForms
from ...plan import Change
from ..route import route

ALL = "/hosts/<host>/domains/<uuid:uuid>/devices"
ONE = ALL + "/<device>"
EDIT = Permission.DOMAIN_EDIT


class DeviceRoutes:
    """Hardware of a machine."""

    def __init__(self, devices: Devices, forms: MachineForms) -> None:
        self._devices = devices
        self._forms = forms

    @route("GET", "/hosts/<host>/domains/<uuid:uuid>/forms", needs=Permission.DOMAIN_VIEW)
    def forms(self, host: str, uuid: UUID) -> list[Form]:
        """What the machine can have, kind by kind: fields, choices, limits, and what this host cannot and why."""
        return self._forms.all(host, str(uuid))

    @route("POST", ALL, needs=EDIT, if_match=True)
    def add(
        self, host: str, uuid: UUID, body: DeviceAdd, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Add a device, tagged by `type`; to the running machine too where its bus can."""
        return self._devices.add(host, str(uuid), body, query, if_match, user)

    @route("POST", ALL + "/xml", needs=EDIT, if_match=True)
    def add_xml(
        self, host: str, uuid: UUID, body: DeviceXml, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Add a device as its XML describes it; to the running machine too where its bus can."""
        return self._devices.add_xml(host, str(uuid), body, query, if_match, user)

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
