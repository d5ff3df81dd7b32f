"""What helps a move that runs just now, in one sentence. Pure."""

from __future__ import annotations

from .progress import Progress

SOON_SECONDS = 60.0


def advice(
    seen: Progress, *, bandwidth_mib_s: int | None, max_downtime_ms: int, post_copy: bool, auto_converge: bool
) -> str | None:
    """One sentence on what to do, or None while all is well."""
    if seen.phase != "memory" or seen.iteration < 2 or seen.rate_bytes_s == 0:
        return None
    if seen.eta_seconds is not None and seen.eta_seconds < SOON_SECONDS:
        return None
    needed_ms = int(1000 * seen.remaining_bytes / seen.rate_bytes_s)
    limit = bandwidth_mib_s or 0
    helps = {
        f"Allow a pause of {needed_ms + 50} ms, and it ends with this pass.": max_downtime_ms < needed_ms <= 2000,
        f"Raise the bandwidth limit of {limit} MiB/s: the guest changes its memory faster than that.": limit > 0
        and limit << 20 <= seen.dirty_rate_bytes_s,
        f"The guest is held back by {seen.throttle_percent} %, and more each pass: it will come to an end.": (
            seen.throttle_percent > 0
        ),
        "Wait: the guest will be held back from the next pass on.": auto_converge,
        "Finish by post-copy if the network is sure, or pause the machine until it has arrived.": post_copy,
    }
    pause = f"Pause the machine: it then arrives in about {max(needed_ms // 1000, 1)} s, and goes on there."
    return next((words for words, holds in helps.items() if holds), pause)
