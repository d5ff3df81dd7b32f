"""libvirt's numbers for states and reasons as the words that the API uses (libvirt-domain.h)."""

from __future__ import annotations

from ..model.domain import DomainState

STATES: tuple[DomainState, ...] = (
    "unknown", "running", "running", "paused", "shutting_down", "shut_off", "crashed", "suspended",
)  # fmt: skip
_RUNNING = (
    "unknown", "booted", "migrated", "restored", "from_snapshot", "unpaused", "migration_canceled", "save_canceled",
    "wakeup", "crashed", "postcopy", "postcopy_failed",
)  # fmt: skip
_PAUSED = (
    "unknown", "user", "migration", "save", "dump", "ioerror", "watchdog", "from_snapshot", "shutting_down",
    "snapshot", "crashed", "starting_up", "postcopy", "postcopy_failed", "api_error",
)  # fmt: skip
_SHUT_OFF = (
    "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from_snapshot", "daemon",
)  # fmt: skip
REASONS: dict[DomainState, tuple[str, ...]] = {
    "running": _RUNNING,
    "paused": _PAUSED,
    "shutting_down": ("unknown", "user"),
    "shut_off": _SHUT_OFF,
    "crashed": ("unknown", "panicked"),
}


def state_and_reason(state: int, reason: int) -> tuple[DomainState, str]:
    """The words for a state and its reason; numbers newer than this list are `unknown`."""
    word = STATES[state] if 0 <= state < len(STATES) else "unknown"
    reasons = REASONS.get(word, ())
    return word, reasons[reason] if 0 <= reason < len(reasons) else "unknown"
