"""Why an act on a machine is not possible in its state; None where nothing is in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...model.domain import DomainRow


@dataclass(frozen=True)
class Facts:
    """What decides whether an act is possible: the machine's row, the job on it, its consoles and its firmware.

    `runs_on` is the name of another host on which the same machine is on, being off or still for a move here.
    """

    row: DomainRow
    job: str | None = None
    vnc: bool = True
    uefi: bool = True
    template: bool = False
    runs_on: str | None = None


Refuse = Callable[[Facts], str | None]


TEMPLATE = "It is a template: clone it, and start the clone."


def off(facts: Facts) -> str | None:
    """What needs a machine that is on."""
    if facts.row.active:
        return None
    return TEMPLATE if facts.template else "It is off. Start it first."


def running(facts: Facts) -> str | None:
    """What needs a guest that runs."""
    if not facts.row.active:
        return off(facts)
    if facts.row.state == "paused":
        return "It is paused. Resume it first."
    if facts.row.state == "suspended":
        return "The guest sleeps. Wake it first: start it."
    if facts.row.state == "crashed":
        return "The guest crashed. Reset it or force it off."
    return None


def cycle(facts: Facts) -> str | None:
    """Turning it off and on again."""
    return running(facts) or persistent(facts)


def start(facts: Facts) -> str | None:
    """Turning it on."""
    if facts.template:
        return TEMPLATE
    if facts.row.active and facts.row.state != "suspended":
        return f"It is on already ({facts.row.state.replace('_', ' ')})."
    return elsewhere(facts)


def elsewhere(facts: Facts) -> str | None:
    """What would run it twice."""
    if facts.runs_on is None or facts.row.active:
        return None
    return f"It runs on {facts.runs_on}: twice it would ruin its disks. Remove what is left here, or move it back."


def resume(facts: Facts) -> str | None:
    """Going on after a pause."""
    if facts.row.state != "paused":
        return "It is not paused."
    if facts.row.reason == "migration" and (facts.job or facts.runs_on):
        return "It is paused for a migration, which resumes it by itself."
    if facts.row.reason in ("postcopy", "postcopy_failed"):
        return "It runs on the other host by now, where the rest of its memory is to go. It cannot go on here."
    return None


def persistent(facts: Facts) -> str | None:
    """What needs a saved definition."""
    return None if facts.row.persistent else "It is temporary: libvirt forgets it when it stops."


def save(facts: Facts) -> str | None:
    """Writing its memory to disk."""
    return persistent(facts) or (off(facts) if not facts.row.active else None)


def saved(facts: Facts) -> str | None:
    """What needs a saved state."""
    if facts.row.active:
        return "It is on; a saved state is used when it starts."
    return elsewhere(facts) if facts.row.has_saved_image else "It has no saved state."


def fresh(facts: Facts) -> str | None:
    """Starting with the settings of its firmware forgotten."""
    if not facts.uefi:
        return "Its firmware is BIOS, which keeps no settings."
    if facts.row.has_saved_image:
        return "It has a saved state. Discard it first."
    return "It is on. Shut it down first." if facts.row.active else elsewhere(facts)


def rename(facts: Facts) -> str | None:
    """Another name."""
    if facts.row.active:
        return "It is on. libvirt renames a machine only while it is off: shut it down first."
    if facts.row.has_saved_image:
        return "It has a saved state, which is kept under its name. Start it or discard the state first."
    if facts.row.snapshots:
        return "It has snapshots, which are kept under its name. Delete them first."
    return persistent(facts)


def revert(facts: Facts) -> str | None:
    """Going back to a snapshot."""
    if not facts.row.snapshots:
        return "It has no snapshots."
    return snapshot(facts)


def snapshot(facts: Facts) -> str | None:
    """Taking a snapshot."""
    if facts.row.has_saved_image:
        return "It has a saved state, which belongs to its disks as they are now. Start it or discard the state first."
    return persistent(facts)


def console(facts: Facts) -> str | None:
    """Opening a console."""
    return off(facts)


def template(facts: Facts) -> str | None:
    """Keeping it as a template."""
    if facts.template:
        return "It is one already."
    if facts.row.active:
        return "It is on. Shut it down first."
    if facts.row.has_saved_image:
        return "It has a saved state. Start it or discard the state first."
    return persistent(facts)


def untemplate(facts: Facts) -> str | None:
    """Making a machine of a template again."""
    return None if facts.template else "It is no template."


def free(facts: Facts) -> str | None:
    """What is always possible."""
    return None
