"""How fast a guest rewrites its memory, and how much of it: what a move has to send again. Pure.

A guest rewrites the same pages more than once, so what has changed grows slower the longer it runs, up to its
working set. With pages chosen at random that is W * (1 - exp(-rate * t / W)), which two periods of different length
are enough to solve for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

SHORT_SECONDS = 1
LONG_SECONDS = 3 * SHORT_SECONDS  # thrice: the equation then is a quadratic one
MOST_KEPT = 0.98  # of pages that were not yet rewritten in the short period; above it the working set shows no end
LEAST_KEPT = 0.02
SAMPLED_BYTES = (1 << 30) // 512  # for what one page of a sample stands: QEMU looks at 512 pages of each GiB


@dataclass(frozen=True)
class Dirtying:
    """Bytes per second that a guest begins to change, and the most that it changes; None: no end was seen."""

    bytes_s: float = 0.0
    working_set: float | None = None

    def after(self, seconds: float) -> float:
        """Bytes that differ after so long."""
        if not self.working_set:
            return self.bytes_s * seconds
        return self.working_set * (1 - exp(-self.bytes_s * seconds / self.working_set))


def careful(samples: Sequence[int]) -> int:
    """The mean of samples of what changed, and as much more as their number leaves open: one standard error.

    In a sample few pages stand for much: of a guest that rewrites 4 MiB one second sees 0 to 8 MiB.
    """
    mean = sum(samples) / len(samples)
    return int(mean + sqrt(mean * SAMPLED_BYTES / len(samples)))


def dirtying(short: int, long: int | None) -> Dirtying:
    """What changed in the short period and in the long one, in bytes; `long` None: only the short one was measured."""
    if not short or long is None:
        return Dirtying(short / SHORT_SECONDS)
    grew = long / short
    kept = (sqrt(max(4 * grew - 3, 0)) - 1) / 2
    if kept >= MOST_KEPT:
        return Dirtying(long / LONG_SECONDS)
    kept = max(kept, LEAST_KEPT)
    working_set = (short + long) / ((1 - kept) + (1 - kept**LONG_SECONDS))  # both weigh the same: samples are rough
    return Dirtying(-log(kept) * working_set / SHORT_SECONDS, working_set)
