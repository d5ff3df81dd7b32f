"""Machines and disks of other products: looked into, taken over, and made."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...operations.appliances.appliances import Appliances, ImportReport, ImportRequest, ImportSource
from ...operations.appliances.exports import ConvertRequest, ExportRequest, Exports
from ...plan import Change
from ..route import route

EDIT = Permission.STORAGE_EDIT


class ApplianceRoutes:
    """Import, export and conversion."""

    def __init__(self, appliances: Appliances, exports: Exports) -> None:
        self._appliances = appliances
        self._exports = exports

    @route("POST", "/hosts/<host>/imports/check", needs=EDIT, logged=False)
    def check(self, host: str, body: ImportSource) -> ImportReport:
        """What a volume is (OVA, OVF, VMX, VMDK, VDI, VHD, VHDX, qcow2, raw) and what it would become."""
        return self._appliances.check(host, body)

    @route("POST", "/hosts/<host>/imports", needs=EDIT, status=202)
    def start(self, host: str, body: ImportRequest, user: User) -> Change[Job]:
        """Convert its disks into volumes; the job's result holds the body of the call that makes the machine."""
        return self._appliances.start(host, body, user)

    @route("POST", "/hosts/<host>/domains/<uuid:uuid>/export", needs=EDIT, status=202)
    def export(self, host: str, uuid: UUID, body: ExportRequest, user: User) -> Change[Job]:
        """Put the disks of a machine, also of one that runs, into files of a pool; the job's result names them."""
        return self._exports.export(host, str(uuid), body, user)

    @route("POST", "/hosts/<host>/pools/<pool>/volumes/<volume>/convert", needs=EDIT, status=202)
    def convert(self, host: str, pool: str, volume: str, *, body: ConvertRequest, user: User) -> Change[Job]:
        """A new volume with the content of another in another format."""
        return self._exports.convert(host, pool, volume, body, user)
