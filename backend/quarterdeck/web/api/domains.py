"""Machines: lists, one machine, its acts."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...jobs import Job
from ...model.domain import Domain, DomainSummary
from ...model.stats import HostStats
from ...operations.domains.acts import DomainActs, SendKey
from ...operations.domains.deletion import DeleteQuery, Deletion, DomainVolume
from ...operations.domains.power_cycle import PowerCycle, PowerCycles
from ...operations.inventory.actions import ACTIONS, ActionInfo
from ...operations.inventory.figures import Figures
from ...operations.inventory.inventory import Inventory
from ...operations.inventory.screens import Screens
from ...plan import Change
from ..route import Raw, route

ONE = "/hosts/<host>/domains/<uuid:uuid>"
OPERATE = Permission.DOMAIN_OPERATE


class DomainRoutes:
    """Machines of a host."""

    def __init__(
        self,
        inventory: Inventory,
        acts: DomainActs,
        power_cycles: PowerCycles,
        *,
        deletion: Deletion,
        screens: Screens,
        figures: Figures,
    ) -> None:
        self._inventory = inventory
        self._acts = acts
        self._power_cycles = power_cycles
        self._deletion = deletion
        self._screens = screens
        self._figures = figures

    @route("GET", "/actions", needs=Permission.SESSION)
    def actions(self) -> list[ActionInfo]:
        """All acts on a machine: how they are named, called and asked for."""
        return [action.info for action in ACTIONS]

    @route("GET", "/hosts/<host>/domains", needs=Permission.DOMAIN_VIEW, answers=list[DomainSummary])
    def all(self, host: str, user: User) -> Raw:
        """All machines of a host, by name."""
        found = self._inventory.domains(host, user.role)
        return Raw(found.json, headers={"ETag": f'"{found.etag}"'})

    @route("GET", ONE, needs=Permission.DOMAIN_VIEW)
    def one(self, host: str, uuid: UUID, user: User) -> Domain:
        """One machine in full."""
        return self._inventory.domain(host, str(uuid), user.role)

    @route("GET", ONE + "/stats", needs=Permission.DOMAIN_VIEW)
    def stats(self, host: str, uuid: UUID) -> list[HostStats]:
        """The figures of the last minutes during which somebody watched, oldest first."""
        return self._figures.recent(host, str(uuid))

    @route("GET", ONE + "/screenshot", needs=Permission.CONSOLE_VIEW, gives=("image/png",))
    def screenshot(self, host: str, uuid: UUID) -> Raw:
        """A PNG picture of the screen, at most a few seconds old."""
        picture = self._screens.picture(host, str(uuid))
        return Raw(picture.body, picture.mimetype, {"Cache-Control": "private, max-age=2"})

    @route("GET", ONE + "/volumes", needs=Permission.STORAGE_VIEW)
    def volumes(self, host: str, uuid: UUID) -> list[DomainVolume]:
        """The disks of a machine, and whether they could be deleted with it."""
        return self._deletion.volumes(host, str(uuid))

    @route("DELETE", ONE, needs=Permission.DOMAIN_DELETE)
    def delete(self, host: str, uuid: UUID, query: DeleteQuery, if_match: str | None, user: User) -> Change[None]:
        """Remove a machine, and the disks named. A running one is forced off first. If-Match is heeded where sent."""
        return self._deletion.delete(host, str(uuid), query, if_match, user)

    @route("POST", ONE + "/start", needs=OPERATE)
    def start(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Turn it on, or go on from its saved state."""
        return self._acts.act(host, str(uuid), "start", user)

    @route("POST", ONE + "/shutdown", needs=OPERATE)
    def shutdown(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Ask the guest to shut down; it may take its time, or not obey."""
        return self._acts.act(host, str(uuid), "shutdown", user)

    @route("POST", ONE + "/reboot", needs=OPERATE)
    def reboot(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Ask the guest to restart."""
        return self._acts.act(host, str(uuid), "reboot", user)

    @route("POST", ONE + "/power-cycle", needs=OPERATE, status=202)
    def power_cycle(self, host: str, uuid: UUID, body: PowerCycle, user: User) -> Change[Job]:
        """Shut it down and start it again, so that it gets what waits for its next start."""
        return self._power_cycles.start(host, str(uuid), body, user)

    @route("POST", ONE + "/reset", needs=OPERATE)
    def reset(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Press the reset button."""
        return self._acts.act(host, str(uuid), "reset", user)

    @route("POST", ONE + "/destroy", needs=OPERATE)
    def destroy(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Turn it off at once."""
        return self._acts.act(host, str(uuid), "destroy", user)

    @route("POST", ONE + "/suspend", needs=OPERATE)
    def suspend(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Stop its CPUs."""
        return self._acts.act(host, str(uuid), "suspend", user)

    @route("POST", ONE + "/resume", needs=OPERATE)
    def resume(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Let its CPUs go on."""
        return self._acts.act(host, str(uuid), "resume", user)

    @route("POST", ONE + "/save", needs=OPERATE, status=202)
    def save(self, host: str, uuid: UUID, user: User) -> Change[Job]:
        """Write its memory to disk and turn it off."""
        return self._acts.save(host, str(uuid), user)

    @route("POST", ONE + "/restore", needs=OPERATE)
    def restore(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Start it from its saved state."""
        return self._acts.act(host, str(uuid), "restore", user)

    @route("POST", ONE + "/reset-nvram", needs=OPERATE)
    def reset_nvram(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Start it with fresh settings of UEFI."""
        return self._acts.act(host, str(uuid), "reset-nvram", user)

    @route("POST", ONE + "/discard-save", needs=OPERATE)
    def discard_save(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Forget its saved state."""
        return self._acts.act(host, str(uuid), "discard-save", user)

    @route("POST", ONE + "/inject-nmi", needs=OPERATE)
    def inject_nmi(self, host: str, uuid: UUID, user: User) -> Change[Domain]:
        """Send a non-maskable interrupt."""
        return self._acts.act(host, str(uuid), "inject-nmi", user)

    @route("POST", ONE + "/send-key", needs=OPERATE)
    def send_key(self, host: str, uuid: UUID, body: SendKey, user: User) -> Change[Domain]:
        """Press keys in the guest; Ctrl+Alt+Del if none are named."""
        return self._acts.send_key(host, str(uuid), body, user)
