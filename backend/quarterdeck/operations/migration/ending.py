"""How a move ended: where the machine is, what is left of it on the other side, and what it really took."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...hypervisor.host import Host
from ...model.domain import DomainRow
from ...model.strict import Value
from ...problems import Problem

SETTLE_SECONDS = 10.0
LOOK_SECONDS = 0.25


class MigrationResult(Value):
    """A move that came to its end. `proof` says what both hosts answer now; times are what libvirt measured.

    `source` tells what is left on the source: nothing (`undefined`), its definition (`off`), or unknown. `start_ms` is
    how long it took until its memory flowed; it is not known where disks went along.
    """

    destination: str
    state: str
    source: str = "unknown"
    proof: str = ""
    duration_ms: int | None = None
    start_ms: int | None = None
    downtime_ms: int | None = None
    sent_bytes: int | None = None
    predicted_ms: int | None = None
    predicted_pause_ms: int | None = None


class Whereabouts(NamedTuple):
    """Whether a machine is at the destination, a sentence that says where it is, and its rows here and there.

    `both_told` is false where the destination could not be asked.
    """

    moved: bool
    words: str
    here: DomainRow | None
    there: DomainRow | None
    both_told: bool = True

    @property
    def off_everywhere(self) -> bool:
        """Whether it is sure to run on neither host, and can be started again where it was."""
        on = self.there is not None and self.there.active
        return self.both_told and self.here is not None and not self.here.active and not on


def ending(
    uuid: str, source: Host, destination: Host, told: dict[str, Any] | None, found: Whereabouts
) -> MigrationResult:
    """What both hosts say of a machine that has moved; a host that cannot be asked says nothing.

    `told` is what was forecast; None where only the definition moved.
    """
    final: dict[str, Any] = {}
    for host in (destination, source) if told is not None else ():
        with contextlib.suppress(Problem):
            final = final or host.migrations.final_statistics(uuid)
    there = found.there
    left, words = _left(found.here, source)
    runs = f"{_word(there)} on {destination.spec.name}" if there else f"on {destination.spec.name}"
    return MigrationResult(
        destination=destination.id,
        state=there.state if there else "unknown",
        source=left,
        proof=f"It is {runs}. {words}",
        duration_ms=final.get("time_elapsed"),
        start_ms=_start_ms(final),
        downtime_ms=final.get("downtime"),
        sent_bytes=final.get("data_processed"),
        **predicted(told or {}),
    )


def predicted(told: Mapping[str, Any]) -> dict[str, int | None]:
    """What was forecast, as fields of a result."""
    seconds = told.get("told_seconds")
    return {
        "predicted_ms": round(1000 * seconds) if seconds else None,
        "predicted_pause_ms": told.get("told_pause_ms"),
    }


def _start_ms(final: Mapping[str, Any]) -> int | None:
    """How long both sides got ready: what is left of the time beside that in which QEMU sent, by its own mean rate."""
    rate, sent = final.get("memory_bps"), final.get("memory_processed")
    if not rate or sent is None or final.get("disk_total"):
        return None
    return int(max(final["time_elapsed"] - 1000 * sent / rate, 0))


def _left(here: DomainRow | None, source: Host) -> tuple[str, str]:
    if here is None:
        return "undefined", f"{source.spec.name} no longer knows it."
    if here.active:
        return here.state, f"It is {_word(here)} on {source.spec.name} too."
    return "off", f"Its definition stays on {source.spec.name}, off."


def whereabouts(uuid: str, source: Host, destination: Host) -> Whereabouts:
    """Where the machine is.

    The source alone is enough where it is sure, so that a lost destination does not hide the truth.
    """
    here = source.domains.row(uuid)
    try:
        there = destination.domains.row(uuid)
    except Problem as problem:
        if problem.slug not in ("host-lost", "host-refused") or here is None:
            raise
        if here.active:
            words = f"It is {_word(here)} on {source.spec.name}; {destination.spec.name} cannot be asked."
            return Whereabouts(False, words, here, None, both_told=False)
        words = f"{source.spec.name} has sent it to {destination.spec.name}."
        return Whereabouts(here.reason == "migrated", words, here, None, both_told=False)
    return told_apart(here, there, source, destination)


def told_apart(here: DomainRow | None, there: DomainRow | None, source: Host, destination: Host) -> Whereabouts:
    """Where the machine is, by its rows on both hosts."""
    if here is not None and here.reason == "postcopy_failed":
        words = f"Half of its memory is on {source.spec.name} and half on {destination.spec.name}: it stands still."
        return Whereabouts(False, words, here, there)
    if there is not None and there.active and (here is None or not here.active):
        return Whereabouts(True, f"It is {_word(there)} on {destination.spec.name}.", here, there)
    return Whereabouts(False, _stayed(here, there, source), here, there)


def _stayed(here: DomainRow | None, there: DomainRow | None, source: Host) -> str:
    if here is not None and here.active:
        return f"It is {_word(here)} on {source.spec.name}{', as before' if here.state == 'running' else ''}."
    if here is None and there is None:
        return "Neither host knows it."
    ended = " Its QEMU ended in the middle." if here is not None and here.reason in ("crashed", "failed") else ""
    return f"It is off on {source.spec.name}, and does not run at the destination.{ended}"


def bring_back(uuid: str, source: Host, destination: Host, *, cancelled: bool) -> str | None:
    """What was done to let it run on at the source, where the move has left it standing still, or ended its QEMU.

    Whoever cancels a move wants it to run on where it was, so it is started again where QEMU ended (a fault of QEMU
    7.2 in a late cancel). After another failure that is for a person: it may not be the move that ended it. Where the
    destination cannot be asked nothing is done: it may run there.
    """
    here = source.domains.row(uuid)
    stands = here is not None and (here.state, here.reason) == ("paused", "migration")
    ended = here is not None and here.persistent and not here.active and here.reason in ("crashed", "failed")
    if not stands and not (ended and cancelled):
        return None
    there = _settled(uuid, destination)
    if there is not None and there.active:
        return None
    if stands:
        source.domains.resume(uuid)
        return f"The move left it standing still on {source.spec.name}, and it was let go on"
    source.domains.start(uuid)
    return f"Its QEMU had ended on both hosts; it was started again on {source.spec.name}, as after a power cut"


def _settled(uuid: str, host: Host) -> DomainRow | None:
    """Its row on a host once what a move has begun there is over, or as it is after a while."""
    until = time.monotonic() + SETTLE_SECONDS
    row = host.domains.row(uuid)
    while row is not None and row.active and row.state != "running" and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        row = host.domains.row(uuid)
    return row


def _word(row: DomainRow) -> str:
    return {"shutting_down": "shutting down", "suspended": "asleep"}.get(row.state, row.state)
