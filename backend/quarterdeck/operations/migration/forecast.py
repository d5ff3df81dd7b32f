"""How long a move would take and how long the machine would stand still, from the measured dirty rate. Pure."""

from __future__ import annotations

from pydantic import BaseModel

ASSUMED_LINK = 117 << 20  # bytes per second of a 1 Gbit/s network
HAND_OVER_SECONDS = 0.05
USABLE = 0.8  # of the link; the rest goes into protocol and waiting
MOST_PASSES = 50


class Forecast(BaseModel):
    """What to expect. Rates are bytes per second; `link_assumed` is true where the network's speed is not known."""

    seconds: float | None
    pause_ms: int | None
    converges: bool
    dirty_rate_bytes_s: int | None
    link_bytes_s: int
    link_assumed: bool
    text: str


def forecast(
    memory_bytes: int,
    disk_bytes: int,
    dirty: int | None,
    bandwidth_mib_s: int | None,
    max_downtime_ms: int,
) -> Forecast:
    """The forecast of a live move: memory is sent again as often as the guest changes it meanwhile."""
    link = bandwidth_mib_s << 20 if bandwidth_mib_s else ASSUMED_LINK
    rate = dirty or 0
    converges = rate < link * USABLE
    seconds, pause_ms = None, None
    if converges:
        seconds = disk_bytes / link
        left = float(memory_bytes)
        for _ in range(MOST_PASSES):
            seconds += left / link
            left *= rate / link
            if left <= link * max_downtime_ms / 1000:
                break
        pause_ms = int(1000 * (left / link + HAND_OVER_SECONDS))
    return Forecast(
        seconds=round(seconds, 1) if seconds is not None else None,
        pause_ms=pause_ms,
        converges=converges,
        dirty_rate_bytes_s=dirty,
        link_bytes_s=link,
        link_assumed=bandwidth_mib_s is None,
        text=_text(seconds, pause_ms, rate),
    )


def _text(seconds: float | None, pause_ms: int | None, rate: int) -> str:
    if seconds is None:
        return (
            f"The guest changes {rate >> 20} MiB of memory per second, more than the network can follow. "
            "Allow more bandwidth, a longer pause, auto-converge or post-copy, or move it paused."
        )
    return f"About {max(round(seconds), 1)} s, with a pause of about {pause_ms} ms."
