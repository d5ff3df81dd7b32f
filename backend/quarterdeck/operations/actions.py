"""The registry of acts on a machine: what buttons, menus, palette, API and command line offer.

Each act knows the permission it needs and why it is not possible in a given state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from ..access import Permission, Role, refusal
from ..model.domain import DomainRow

Group = Literal["power", "state", "edit", "danger"]


@dataclass(frozen=True)
class Facts:
    """What decides whether an act is possible: the machine's row, the job on it, its consoles and its firmware."""

    row: DomainRow
    job: str | None = None
    vnc: bool = True
    uefi: bool = True


Refuse = Callable[[Facts], str | None]


class ActionInfo(BaseModel):
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
    icon: str = ""


@dataclass(frozen=True)
class Action:
    """An act: how it looks, and why it may be refused."""

    info: ActionInfo
    refuse: Refuse


def _off(facts: Facts) -> str | None:
    return "It is off. Start it first." if not facts.row.active else None


def _shut(facts: Facts) -> str | None:
    return "It is on. Shut it down first, or clone it and export the clone." if facts.row.active else None


def _running(facts: Facts) -> str | None:
    if not facts.row.active:
        return "It is off. Start it first."
    if facts.row.state == "paused":
        return "It is paused. Resume it first."
    if facts.row.state == "suspended":
        return "The guest sleeps. Wake it first: start it."
    if facts.row.state == "crashed":
        return "The guest crashed. Reset it or force it off."
    return None


def _cycle(facts: Facts) -> str | None:
    return _running(facts) or _persistent(facts)


def _start(facts: Facts) -> str | None:
    if facts.row.active and facts.row.state != "suspended":
        return f"It is on already ({facts.row.state.replace('_', ' ')})."
    return None


def _resume(facts: Facts) -> str | None:
    if facts.row.state != "paused":
        return "It is not paused."
    if facts.row.reason == "migration":
        return "It is paused for a migration, which resumes it by itself."
    return None


def _persistent(facts: Facts) -> str | None:
    return None if facts.row.persistent else "It is temporary: libvirt forgets it when it stops."


def _save(facts: Facts) -> str | None:
    return _persistent(facts) or (_off(facts) if not facts.row.active else None)


def _saved(facts: Facts) -> str | None:
    if facts.row.active:
        return "It is on; a saved state is used when it starts."
    return None if facts.row.has_saved_image else "It has no saved state."


def _fresh(facts: Facts) -> str | None:
    if not facts.uefi:
        return "Its firmware is BIOS, which keeps no settings."
    if facts.row.has_saved_image:
        return "It has a saved state. Discard it first."
    return "It is on. Shut it down first." if facts.row.active else None


def _rename(facts: Facts) -> str | None:
    if facts.row.active:
        return "It is on. libvirt renames a machine only while it is off: shut it down first."
    if facts.row.has_saved_image:
        return "It has a saved state, which is kept under its name. Start it or discard the state first."
    return _persistent(facts)


def _revert(facts: Facts) -> str | None:
    if not facts.row.snapshots:
        return "It has no snapshots."
    return _snapshot(facts)


def _snapshot(facts: Facts) -> str | None:
    if facts.row.has_saved_image:
        return "It has a saved state, which belongs to its disks as they are now. Start it or discard the state first."
    return _persistent(facts)


def _console(facts: Facts) -> str | None:
    return _off(facts)


def _free(facts: Facts) -> str | None:
    return None


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
    icon: str = "",
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
        icon=icon,
    )
    return Action(info, refuse)


EDIT, DELETE = Permission.DOMAIN_EDIT, Permission.DOMAIN_DELETE

ACTIONS: tuple[Action, ...] = (
    _act("start", "Start", "Turn it on, or go on from its saved state.", "power", _start, shortcut="s", icon="play"),
    _act(
        "shutdown",
        "Shut down",
        "Ask the guest to shut down.",
        "power",
        _running,
        confirm="Ask the guest of {name} to shut down? Its disks and settings stay.",
        shortcut="d",
        icon="off",
    ),
    _act(
        "reboot",
        "Reboot",
        "Ask the guest to restart.",
        "power",
        _running,
        confirm="Ask the guest of {name} to restart?",
        shortcut="r",
        icon="redo",
    ),
    _act(
        "power-cycle",
        "Shut down and start again",
        "Apply what waits for the next start.",
        "power",
        _cycle,
        confirm="Shut {name} down and start it again, so that it gets its new settings?",
        icon="redo",
    ),
    _act("suspend", "Pause", "Stop its CPUs; memory stays.", "state", _running, shortcut="p", icon="pause"),
    _act("resume", "Resume", "Let its CPUs go on.", "state", _resume, shortcut="u", icon="play"),
    _act(
        "save",
        "Save",
        "Write its memory to disk and turn it off.",
        "state",
        _save,
        confirm="Save the memory of {name} to disk and turn it off? The next start goes on from there.",
        icon="save",
    ),
    _act("restore", "Restore", "Start it from its saved state.", "state", _saved, icon="history"),
    _act(
        "discard-save",
        "Discard saved state",
        "Forget the saved memory; the next start is a cold boot.",
        "danger",
        _saved,
        confirm="Forget the saved memory of {name}? What was not written to its disks is lost.",
        icon="trash",
    ),
    _act(
        "reset-nvram",
        "Start with fresh UEFI settings",
        "Start it with the settings that UEFI has on a new machine.",
        "danger",
        _fresh,
        confirm="Start {name} with fresh UEFI settings? Boot entries and keys that the guest stored there are lost.",
        icon="redo",
    ),
    _act(
        "reset",
        "Force reset",
        "Press the reset button.",
        "danger",
        _off,
        confirm="Reset {name} at once? What the guest has not written to its disks is lost.",
        icon="bolt",
    ),
    _act(
        "destroy",
        "Force off",
        "Pull the plug.",
        "danger",
        _off,
        confirm="Turn {name} off at once? What the guest has not written to its disks is lost.",
        shortcut="x",
        icon="power",
    ),
    _act(
        "inject-nmi",
        "Send NMI",
        "Send a non-maskable interrupt; most guests then dump their memory.",
        "danger",
        _running,
        confirm="Send a non-maskable interrupt to {name}? Most guests crash and write a dump.",
        icon="bell",
    ),
    _act("send-key", "Send keys", "Press keys in the guest, such as Ctrl+Alt+Del.", "state", _running, icon="keyboard"),
    _act(
        "console",
        "Console",
        "Open its screen or serial line.",
        "state",
        _console,
        permission=Permission.CONSOLE_VIEW,
        path="/consoles",
        shortcut="c",
        icon="desktop",
    ),
    _act(
        "screenshot",
        "Screenshot",
        "Save a picture of its screen.",
        "state",
        _console,
        permission=Permission.CONSOLE_VIEW,
        method="GET",
        icon="camera",
    ),
    _act(
        "autostart",
        "Start with the host",
        "Start it when the host boots.",
        "edit",
        _persistent,
        permission=EDIT,
        method="PATCH",
        path="",
        icon="flag",
    ),
    _act(
        "edit",
        "Edit",
        "Change its settings.",
        "edit",
        _free,
        permission=EDIT,
        method="PATCH",
        path="",
        shortcut="e",
        icon="edit",
    ),
    _act(
        "rename",
        "Rename",
        "Give it another name.",
        "edit",
        _rename,
        permission=EDIT,
        method="PATCH",
        path="",
        icon="tag",
    ),
    _act(
        "add-device",
        "Add hardware",
        "Add a disk, a network interface or another device.",
        "edit",
        _free,
        permission=EDIT,
        path="/devices",
        icon="plus",
    ),
    _act(
        "snapshot",
        "Take snapshot",
        "Keep its present state, to go back to it later.",
        "edit",
        _snapshot,
        permission=EDIT,
        path="/snapshots",
        icon="camera-retro",
    ),
    _act(
        "revert",
        "Go back to a snapshot",
        "Let it be again what it was when a snapshot was taken.",
        "edit",
        _revert,
        permission=EDIT,
        path="/snapshots/{name}/revert",
        icon="history",
    ),
    _act(
        "migrate",
        "Migrate",
        "Move it to another host.",
        "edit",
        _free,
        permission=Permission.DOMAIN_MIGRATE,
        path="/migration",
        shortcut="m",
        icon="truck",
    ),
    _act(
        "clone",
        "Clone",
        "Make a copy of it, in full or linked.",
        "edit",
        _persistent,
        permission=Permission.DOMAIN_CREATE,
        icon="copy",
    ),
    _act(
        "export",
        "Export",
        "Put its disks and its description into files that other products read.",
        "edit",
        _shut,
        permission=Permission.STORAGE_EDIT,
        icon="export",
    ),
    _act(
        "delete",
        "Delete",
        "Remove it, and its disks if you choose so.",
        "danger",
        _free,
        permission=DELETE,
        method="DELETE",
        path="",
        icon="trash",
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
