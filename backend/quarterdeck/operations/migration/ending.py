"""How a move ended: where the machine is, what is left of it on the other side, and what it really took."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

from ...hypervisor.host import Host
from ...model.domain import DomainRow
from ...model.strict import Value
from ...problems import Problem


class MigrationResult(Value):
    """A move that came to its end. `proof` says what both hosts answer now; times are what libvirt measured.

    `source` tells what is left on the source: nothing (`undefined`), its definition (`off`), or unknown.
    """

    destination: str
    state: str
    source: str = "unknown"
    proof: str = ""
    duration_ms: int | None = None
    downtime_ms: int | None = None
    sent_bytes: int | None = None
    predicted_ms: int | None = None
    predicted_pause_ms: int | None = None


class Whereabouts(NamedTuple):
    """Whether a machine is at the destination, a sentence that says where it is, and its rows here and there."""

    moved: bool
    words: str
    here: DomainRow | None
    there: DomainRow | None


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
        downtime_ms=final.get("downtime"),
        sent_bytes=final.get("data_processed"),
        predicted_ms=round(1000 * seconds) if (seconds := (told or {}).get("told_seconds")) else None,
        predicted_pause_ms=(told or {}).get("told_pause_ms"),
    )


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
            return Whereabouts(False, words, here, None)
        words = f"{source.spec.name} has sent it to {destination.spec.name}."
        return Whereabouts(here.reason == "migrated", words, here, None)
    if there is not None and there.active and (here is None or not here.active):
        return Whereabouts(True, f"It is {_word(there)} on {destination.spec.name}.", here, there)
    return Whereabouts(False, _stayed(here, there, source), here, there)


def _stayed(here: DomainRow | None, there: DomainRow | None, source: Host) -> str:
    if here is not None and here.active:
        return f"It is {_word(here)} on {source.spec.name}{', as before' if here.state == 'running' else ''}."
    if here is None and there is None:
        return "Neither host knows it."
    return f"It is off on {source.spec.name}."


def bring_back(uuid: str, source: Host, destination: Host) -> bool:
    """Let it go on at the source, where a move has left it standing still and nothing runs at the destination.

    Whether that was so. Where the destination cannot be asked nothing is done: it may run there.
    """
    here = source.domains.row(uuid)
    if here is None or (here.state, here.reason) != ("paused", "migration"):
        return False
    there = destination.domains.row(uuid)
    if there is not None and there.active:
        return False
    source.domains.resume(uuid)
    return True


def _word(row: DomainRow) -> str:
    return {"shutting_down": "shutting down", "suspended": "asleep"}.get(row.state, row.state)
