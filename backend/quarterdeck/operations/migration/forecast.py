"""How long a move would take and how long the machine would stand still, from what the guest rewrites. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Literal

from ...model.migration_rules import STYLES
from ...model.strict import Value
from .dirtying import Dirtying
from .situation import Repair

ASSUMED_LINK = 117 << 20  # bytes per second of a 1 Gbit/s network
START_SECONDS = 1.0  # QEMU starts at the destination (libvirt 9.0 and 11.3: one to two seconds)
HAND_OVER_SECONDS = 0.05
USABLE = 0.8  # of what fits the pause: nearer to it a move may or may not end, seen to take five times as long
MOST_PASSES = 50
PRESSING = 0.5  # of what a pass sent has changed meanwhile: then QEMU slows the guest down where it may
MOST_THROTTLE = 0.99
LONG_PAUSE_MS = 500
VERY_LARGE = 64 << 30
WORTH_LEARNING = 64 << 20  # bytes; less says nothing about the network
WORTH_SECONDS = 1.0  # of sending; what goes over sooner says nothing about how far off long moves would be
LinkSource = Literal["learnt", "measured", "limit", "card", "assumed"]


@dataclass(frozen=True)
class Load:
    """What would go over in bytes, and how the guest changes it meanwhile; dirty None: not measured.

    `memory` is what of the machine's memory is sent, `empty` the rest: never written or full of zeros, only named.
    """

    memory: int
    disks: int = 0
    dirty: Dirtying | None = None
    empty: int = 0


@dataclass(frozen=True)
class Wayout:
    """What the move may do where the guest is quicker than the network; steps are shares of its processors' time."""

    auto_converge: bool = False
    initial: float = 0.2  # QEMU's own, of 2.5 to 10
    increment: float = 0.1
    post_copy: bool = False


@dataclass(frozen=True)
class Experience:
    """What earlier moves between the same hosts taught: best rate, how long both got ready, real by forecast time then.

    `measured_bytes_s` is what a test stream reached; both with when that was.
    """

    link_bytes_s: int | None = None
    link_seen: str | None = None
    measured_bytes_s: int | None = None
    measured: str | None = None
    start_seconds: float = START_SECONDS
    factor: float = 1.0
    moves: int = 0
    error_percent: int | None = None


class Forecast(Value):
    """What to expect. Rates are bytes per second; `link_assumed` is true where the network's speed is not known.

    `link_seen` is when a move or a test stream last showed it.
    `working_set_bytes` is how much the guest rewrites over and over, where that has an end.
    `raw_seconds` is the time before it was corrected by what earlier moves took; `error_percent` is by how much
    their forecasts were off. `start_seconds` of the time go by until memory flows. `helps` is another style where one
    would be better.
    """

    seconds: float | None
    pause_ms: int | None
    data_bytes: int | None = None
    converges: bool
    dirty_rate_bytes_s: int | None
    working_set_bytes: int | None = None
    link_bytes_s: int
    link_source: LinkSource = "assumed"
    link_seen: str | None = None
    link_assumed: bool
    learnt_from: int = 0
    error_percent: int | None = None
    raw_seconds: float | None = None
    start_seconds: float = START_SECONDS
    helps: Repair | None = None
    text: str


def experience(moves: Sequence[Mapping[str, Any]]) -> Experience:
    """What the newest moves teach; those that were held back by a limit say nothing about the network."""
    free = [move for move in moves if not move["limited"] and (move["sent_bytes"] or 0) > WORTH_LEARNING]
    rates = [move["sent_bytes"] / max(move["seconds"] - _start(move), 0.2) for move in free]
    sending = [(move["seconds"] - _start(move), (move["raw_seconds"] or 0) - START_SECONDS) for move in moves]
    ratios = [real / told for real, told in sending if told >= WORTH_SECONDS]
    starts = [move["start_seconds"] for move in moves if move["start_seconds"] is not None]
    errors = [abs(move["seconds"] / move["told_seconds"] - 1) for move in moves if move["told_seconds"]]
    return Experience(
        link_bytes_s=int(max(rates)) if rates else None,
        link_seen=max((move["time"] for move in free), default=None),
        start_seconds=median(starts) if starts else START_SECONDS,
        factor=min(max(median(ratios), 0.25), 4.0) if ratios else 1.0,
        moves=len(moves),
        error_percent=round(100 * median(errors)) if errors else None,
    )


def _start(move: Mapping[str, Any]) -> float:
    found: float | None = move["start_seconds"]
    return START_SECONDS if found is None else found


def forecast(
    load: Load,
    bandwidth_mib_s: int | None,
    max_downtime_ms: int,
    card_bytes_s: int | None = None,
    learnt: Experience = Experience(),
    wayout: Wayout = Wayout(),
) -> Forecast:
    """The forecast of a live move: memory is sent again as often as the guest changes it meanwhile.

    The limit holds until the guest stands still; what is left then goes over as fast as the network can (QEMU lifts
    it in `migration_completion`).
    """
    link, source, seen = _link(bandwidth_mib_s, card_bytes_s, learnt)
    free = _link(None, card_bytes_s, learnt)[0]
    found = _passes(load, link, link * max_downtime_ms / 1000, wayout)
    raw = pause_ms = data = seconds = None
    if found:
        pause = found.left / free
        raw, data = START_SECONDS + found.sent / link + pause, int(found.sent + found.left)
        pause_ms = int(1000 * (pause + HAND_OVER_SECONDS))
        seconds = learnt.start_seconds + (raw - START_SECONDS) * learnt.factor
    once = learnt.start_seconds + (load.disks + load.memory) / link * learnt.factor
    return Forecast(
        seconds=round(seconds, 1) if seconds is not None else None,
        pause_ms=pause_ms,
        data_bytes=data,
        converges=found is not None,
        dirty_rate_bytes_s=None if load.dirty is None else int(load.dirty.bytes_s),
        working_set_bytes=None if load.dirty is None or not load.dirty.working_set else int(load.dirty.working_set),
        link_bytes_s=link,
        link_source=source,
        link_seen=seen,
        link_assumed=source == "assumed",
        learnt_from=learnt.moves,
        error_percent=learnt.error_percent,
        raw_seconds=round(raw, 2) if raw is not None else None,
        start_seconds=round(learnt.start_seconds, 2),
        helps=_helps(found is not None or wayout.post_copy, pause_ms, load.memory),
        text=_text(seconds, pause_ms, load.dirty or Dirtying(), found, once if wayout.post_copy else None),
    )


def forecast_disks(
    size: int, bandwidth_mib_s: int | None, card_bytes_s: int | None = None, learnt: Experience = Experience()
) -> Forecast:
    """The forecast for a machine that is off: so many bytes of its disks go over once, by this server."""
    link, source, seen = _link(bandwidth_mib_s, card_bytes_s, learnt)
    seconds = learnt.start_seconds + size / link * learnt.factor
    return Forecast(
        seconds=round(seconds, 1),
        pause_ms=None,
        data_bytes=size,
        converges=True,
        dirty_rate_bytes_s=None,
        link_bytes_s=link,
        link_source=source,
        link_seen=seen,
        link_assumed=source == "assumed",
        learnt_from=learnt.moves,
        error_percent=learnt.error_percent,
        raw_seconds=round(START_SECONDS + size / link, 2),
        start_seconds=round(learnt.start_seconds, 2),
        text=f"About {max(round(seconds), 1)} s.",
    )


@dataclass(frozen=True)
class Passes:
    """What goes over while the guest runs and what is left for its pause, in bytes; how much it is slowed down."""

    sent: float
    left: float
    throttle: float = 0.0


def _passes(load: Load, link: int, pause_bytes: float, wayout: Wayout) -> Passes | None:
    """All that is sent until what is left fits the pause; None where it never does.

    QEMU ends the passes in the middle of one as soon as what it has not looked at, empty memory too, would fit;
    then it looks at what the guest has changed meanwhile (`migration_iteration_run`, QEMU 7.2).
    """
    dirty, fits = load.dirty or Dirtying(), USABLE * pause_bytes
    sent, left, full = float(load.disks), float(load.memory + load.empty), load.memory / (load.memory + load.empty)
    throttle = 0.0
    for done in range(MOST_PASSES):
        looked = max(left - fits, 0)
        sent += looked * full
        again = min(replace(dirty, bytes_s=dirty.bytes_s * (1 - throttle)).after(looked * full / link), load.memory)
        again *= looked / left
        rest = left - looked
        full = (rest * full + again) / (rest + again)
        if rest + again <= pause_bytes:
            return Passes(sent, (rest + again) * full, throttle)
        if done and again > (PRESSING if wayout.auto_converge else USABLE) * looked:
            if not wayout.auto_converge or throttle >= MOST_THROTTLE:
                return None
            throttle = min(throttle + wayout.increment if throttle else wayout.initial, MOST_THROTTLE)
        left = rest + again
    return None


def _link(limit_mib_s: int | None, card: int | None, learnt: Experience) -> tuple[int, LinkSource, str | None]:
    """The slowest of what bounds it, and when it was seen; a network's card is only its upper bound."""
    found: list[tuple[int, LinkSource, str | None]] = []
    if learnt.link_bytes_s and (learnt.link_seen or "") >= (learnt.measured or ""):
        found.append((learnt.link_bytes_s, "learnt", learnt.link_seen))
    elif learnt.measured_bytes_s:
        found.append((learnt.measured_bytes_s, "measured", learnt.measured))
    elif card:
        found.append((card, "card", None))
    if limit_mib_s:
        found.append((limit_mib_s << 20, "limit", None))
    return min(found, default=(ASSUMED_LINK, "assumed", None), key=lambda each: each[0])


def _helps(converges: bool, pause_ms: int | None, memory: int) -> Repair | None:
    wanted = None
    if not converges:
        wanted = "must_finish"
    elif memory >= VERY_LARGE:
        wanted = "very_large"
    elif pause_ms is not None and pause_ms > LONG_PAUSE_MS:
        wanted = "shortest_pause"
    style = next((each for each in STYLES if each.id == wanted), None)
    return (
        Repair(kind="style", about=style.id, title=f"Use the style “{style.title}”", wish=style.sets) if style else None
    )


def _text(
    seconds: float | None, pause_ms: int | None, dirty: Dirtying, found: Passes | None, by_post_copy: float | None
) -> str:
    if seconds is not None and found is not None:
        slowed = f" The guest is slowed down by up to {found.throttle:.0%} meanwhile." if found.throttle else ""
        return f"About {max(round(seconds), 1)} s, with a pause of about {pause_ms} ms.{slowed}"
    faster = f"The guest changes {int(dirty.bytes_s) >> 20} MiB of memory per second, more than the network can follow"
    if by_post_copy is not None:
        once = max(round(by_post_copy), 1)
        return f"{faster}: finish it by post-copy when all has gone over once, in about {once} s."
    return f"{faster}. Allow more bandwidth, a longer pause, auto-converge or post-copy, or move it paused."
