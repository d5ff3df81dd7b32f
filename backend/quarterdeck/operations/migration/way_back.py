"""The check whether the destination reaches the source as well, which a move home would need."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ...access import Permission
from ...hypervisor.accounts import Account
from ...hypervisor.spec import PORTS
from ...problems import Problem
from .knock import knock
from .peers import Peers
from .route import destination_spec, driving_key
from .situation import MigrationFinding, Repair, Situation, found

BACK = "back"
"""What the repair `trust-peer` is about where it is for the way back."""
OPEN_SECONDS, CLOSED_SECONDS = 600.0, 30.0
"""For so long it is remembered that it got in, or that it did not."""


class WayBack:
    """Asks over SSH, from the destination itself."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[float, MigrationFinding | None]] = {}

    def rule(self, at: Situation) -> Iterator[MigrationFinding]:
        """The check itself; silent where this server has no shell as root on the destination."""
        if not (at.moves_memory and at.row.active) or at.source.is_test or not _goes_by_ssh(at):
            return
        pair, now = (at.destination.id, at.source.id), time.monotonic()
        until, seen = self._seen.get(pair, (now, None))
        if at.repaired or now >= until:
            seen = _refused(at)
            self._seen[pair] = time.monotonic() + (CLOSED_SECONDS if seen else OPEN_SECONDS), seen
        if seen:
            yield seen


def _goes_by_ssh(at: Situation) -> bool:
    """Whether the destination would reach the source over SSH."""
    ends = {at.destination.spec.transport, at.source.spec.transport}
    return "ssh" in ends and ends <= {"ssh", "local"}


def _refused(at: Situation) -> MigrationFinding | None:
    mine, there = at.source.spec.name, at.destination.spec.name
    target = destination_spec(at.destination, at.source, None)
    port = target.port or PORTS[target.transport]
    title, reason = "The way back is not open", f"This move does not need it; a move home to {mine} would."
    try:
        knock(at.destination, target.address, port)
    except TimeoutError:
        fact = f"{target.address} gives {there} no answer at port {port}."
        return found("way-back", "warning", title, fact, reason, f"Open port {port} for {there} in {mine}'s firewall.")
    except (OSError, Problem):  # ssh tells more of it
        pass
    problem = Account(at.destination, root=True).reaches(target, driving_key(at.destination))
    if problem is None or problem.slug in ("forbidden", "unsupported"):
        return None
    missing = Peers(at.destination, at.source, None).missing()
    own = missing.makes_key or missing.files
    trust = Repair(kind="trust-peer", about=BACK, title=f"Let {there} in to {mine}", needs=Permission.HOST_EDIT)
    cure = "Let it in from here." if own else "See why SSH does not get in."
    if missing.by_hand:
        cure = f"Run this by hand; it is tried again after {CLOSED_SECONDS:.0f} s."
    seen = found(
        "way-back", "warning", title, f"The root account of {there} does not get in to {mine} by SSH.", reason,
        cure, *([trust] if own else []),
    )  # fmt: skip
    return seen.model_copy(update={"commands": missing.by_hand})
