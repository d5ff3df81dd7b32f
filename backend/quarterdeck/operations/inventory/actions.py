"""The registry of acts on a machine: what buttons, menus, palette, API and command line offer.

Each act knows the permission it needs and why it is not possible in a given state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...access import Permission, Role, refusal
from ...model.strict import Value
from . import refusals as why
from .refusals import Facts, Refuse

Group = Literal["power", "state", "edit", "danger"]


class ActionInfo(Value):
    """An act as the page offers it. `confirm` is the question to ask first, with {name} for the machine."""

    id: str
    title: str
    description: str
    group: Group
    method: str
    path: str
    permission: Permission
    confirm: str | None = None
    danger: bool = False
    shortcut: str | None = None


@dataclass(frozen=True)
class Action:
    """An act: how it looks, and why it may be refused."""

    info: ActionInfo
    refuse: Refuse


def _act(
    act: str,
    title: str,
    description: str,
    group: Group,
    refuse: Refuse,
    *,
    permission: Permission = Permission.DOMAIN_OPERATE,
    method: str = "POST",
    path: str | None = None,
    confirm: str | None = None,
    shortcut: str | None = None,
) -> Action:
    suffix = f"/{act}" if path is None else path
    info = ActionInfo(
        id=act,
        title=title,
        description=description,
        group=group,
        method=method,
        path=f"/hosts/{{host}}/domains/{{uuid}}{suffix}",
        permission=permission,
        confirm=confirm,
        danger=group == "danger",
        shortcut=shortcut,
    )
    return Action(info, refuse)


EDIT, DELETE = Permission.DOMAIN_EDIT, Permission.DOMAIN_DELETE

ACTIONS: tuple[Action, ...] = (
    _act("start", "Start", "Turn it on, or go on from its saved state.", "power", why.start, shortcut="s"),
    _act(
        "shutdown",
        "Shut down",
        "Ask the guest to shut down.",
        "power",
        why.running,
        confirm="Ask the guest of {name} to shut down? Its disks and settings stay.",
        shortcut="d",
    ),
    _act(
        "reboot",
        "Reboot",
        "Ask the guest to restart.",
        "power",
        why.running,
        confirm="Ask the guest of {name} to restart?",
        shortcut="r",
    ),
    _act(
        "power-cycle",
        "Shut down and start again",
        "Apply what waits for the next start.",
        "power",
        why.cycle,
        confirm="Shut {name} down and start it again, so that it gets its new settings?",
    ),
    _act("suspend", "Pause", "Stop its CPUs; memory stays.", "state", why.running, shortcut="p"),
    _act("resume", "Resume", "Let its CPUs go on.", "state", why.resume, shortcut="u"),
    _act(
        "save",
        "Save",
        "Write its memory to disk and turn it off.",
        "state",
        why.save,
        confirm="Save the memory of {name} to disk and turn it off? The next start goes on from there.",
    ),
    _act("restore", "Restore", "Start it from its saved state.", "state", why.saved),
    _act(
        "discard-save",
        "Discard saved state",
        "Forget the saved memory; the next start is a cold boot.",
        "danger",
        why.saved,
        confirm="Forget the saved memory of {name}? What was not written to its disks is lost.",
    ),
    _act(
        "reset-nvram",
        "Start with fresh UEFI settings",
        "Start it with the settings that UEFI has on a new machine.",
        "danger",
        why.fresh,
        confirm="Start {name} with fresh UEFI settings? Boot entries and keys that the guest stored there are lost.",
    ),
    _act(
        "reset",
        "Force reset",
        "Press the reset button.",
        "danger",
        why.off,
        confirm="Reset {name} at once? What the guest has not written to its disks is lost.",
    ),
    _act(
        "destroy",
        "Force off",
        "Pull the plug.",
        "danger",
        why.off,
        confirm="Turn {name} off at once? What the guest has not written to its disks is lost.",
        shortcut="x",
    ),
    _act(
        "inject-nmi",
        "Send NMI",
        "Send a non-maskable interrupt; most guests then dump their memory.",
        "danger",
        why.running,
        confirm="Send a non-maskable interrupt to {name}? Most guests crash and write a dump.",
    ),
    _act("send-key", "Send keys", "Press keys in the guest, such as Ctrl+Alt+Del.", "state", why.running),
    _act(
        "console",
        "Console",
        "Open its screen or serial line.",
        "state",
        why.console,
        permission=Permission.CONSOLE_VIEW,
        path="/consoles",
        shortcut="c",
    ),
    _act(
        "screenshot",
        "Screenshot",
        "Save a picture of its screen.",
        "state",
        why.console,
        permission=Permission.CONSOLE_VIEW,
        method="GET",
    ),
    _act(
        "autostart",
        "Start with the host",
        "Start it when the host boots.",
        "edit",
        why.persistent,
        permission=EDIT,
        method="PATCH",
        path="",
    ),
    _act(
        "edit", "Edit", "Change its settings.", "edit", why.free, permission=EDIT, method="PATCH", path="", shortcut="e"
    ),
    _act("rename", "Rename", "Give it another name.", "edit", why.rename, permission=EDIT, method="PATCH", path=""),
    _act(
        "add-device",
        "Add hardware",
        "Add a disk, a network interface or another device.",
        "edit",
        why.free,
        permission=EDIT,
        path="/devices",
    ),
    _act(
        "snapshot",
        "Take snapshot",
        "Keep its present state, to go back to it later.",
        "edit",
        why.snapshot,
        permission=EDIT,
        path="/snapshots",
    ),
    _act(
        "revert",
        "Go back to a snapshot",
        "Let it be again what it was when a snapshot was taken.",
        "edit",
        why.revert,
        permission=EDIT,
        path="/snapshots/{name}/revert",
    ),
    _act(
        "migrate",
        "Migrate",
        "Move it to another host.",
        "edit",
        why.free,
        permission=Permission.DOMAIN_MIGRATE,
        path="/migration",
        shortcut="m",
    ),
    _act(
        "move-disks",
        "Move disks",
        "Put its disks into another pool of its host, while it runs or is off.",
        "edit",
        why.snapshot,
        permission=EDIT,
        path="/disks/move",
    ),
    _act(
        "clone",
        "Clone",
        "Make a copy of it, in full or linked.",
        "edit",
        why.persistent,
        permission=Permission.DOMAIN_CREATE,
    ),
    _act(
        "template",
        "Make it a template",
        "Keep it as it is, to deploy others from it.",
        "edit",
        why.template,
        permission=EDIT,
        confirm="Keep {name} as a template? It is not started any more; others are cloned from it.",
    ),
    _act(
        "untemplate",
        "Make it a machine again",
        "Let a template be started and changed; made a template again it is its next version.",
        "edit",
        why.untemplate,
        permission=EDIT,
        confirm="Make {name} a machine again? It can be started then; what clones stand on stays as it is.",
        method="DELETE",
        path="/template",
    ),
    _act(
        "export",
        "Export",
        "Put its disks and its description into files that other products read.",
        "edit",
        why.free,
        permission=Permission.STORAGE_EDIT,
    ),
    _act(
        "delete",
        "Delete",
        "Remove it, and its disks if you choose so.",
        "danger",
        why.free,
        permission=DELETE,
        method="DELETE",
        path="",
    ),
)
BY_ID: dict[str, Action] = {action.info.id: action for action in ACTIONS}

# These neither wait for nor disturb a job that libvirt runs on the machine.
DURING_JOB = frozenset({"console", "screenshot", "destroy", "send-key", "edit", "autostart"})


def reasons(facts: Facts, role: Role) -> dict[str, str | None]:
    """Every act with None, or with the reason why it is not possible for this role in this state."""
    return {action.info.id: reason(action, facts, role) for action in ACTIONS}


def reason(action: Action, facts: Facts, role: Role) -> str | None:
    """Why an act is not possible now; None when it is."""
    denied = refusal(role, action.info.permission)
    if denied:
        return denied
    if facts.job and action.info.id not in DURING_JOB:
        return f"A job works on it ({facts.job}). Wait for it, or cancel it in the list of jobs."
    return action.refuse(facts)
