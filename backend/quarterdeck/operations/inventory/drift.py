"""What was changed outside Quarterdeck since its own last change of a machine."""

from __future__ import annotations

from ...history import UNWATCHED, History
from ...model.compare import differences
from ...model.domain import Drift
from ...model.xml import parse

OUTSIDE = (None, UNWATCHED)


def drift(history: History, host: str, uuid: str) -> Drift | None:
    """What was changed outside since the last definition that Quarterdeck made; None where nothing was."""
    newest = history.newest(host, uuid)
    if newest is None or newest["user"] or newest["accepted"] or newest["act"] not in OUTSIDE:
        return None
    ours = history.ours(host, uuid)
    changes = differences(parse(ours["xml"]), parse(newest["xml"])) if ours else []
    return Drift(number=newest["id"], since=ours["time"], changes=changes) if ours and changes else None
