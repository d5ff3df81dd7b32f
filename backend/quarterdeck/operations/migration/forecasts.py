"""Forecasts of moves: measured on both hosts, remembered until the move is over, and corrected by what it took."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ...hypervisor.host import Host
from ...model.migration import MigrationRequest
from ...model.moving import link_speed
from ...problems import Problem
from ...rescue import spared
from ...store import Store, now
from .copies import copies_of
from .dirtying import LONG_SECONDS, SHORT_SECONDS, Dirtying, careful, dirtying
from .ending import MigrationResult
from .follow import DEFAULT_DOWNTIME_MS
from .forecast import Experience, Forecast, Load, Wayout, experience, forecast, forecast_disks
from .situation import LINK_KNOWN_DAYS, Situation

FRESH_SECONDS = 600.0
LINK_KNOWN = timedelta(days=LINK_KNOWN_DAYS)
MEASURED_SECONDS = 30.0  # what a guest rewrote is good for so long: the form asks at each change of it
QEMU_BYTES = 60 << 20  # QEMU 7.2 itself, q35 with a screen: resident memory that is not the guest's
EMULATOR_BYTES = 50 << 20  # what it keeps of translated code without KVM


class Moves:
    """What moves between two hosts really took, beside what was forecast; a forecast learns from the newest."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, *, off: bool = False, **facts: Any) -> None:
        """Keep one move: source, destination, uuid, name, and what was measured and forecast."""
        columns = (
            "source", "destination", "uuid", "name", "seconds", "pause_ms", "sent_bytes", "limited",
            "raw_seconds", "told_seconds", "told_pause_ms", "start_seconds",
        )  # fmt: skip
        with spared("what a move took"):
            self._store.write(
                f"INSERT INTO moves (time, was_off, {', '.join(columns)}) VALUES (?, ?{', ?' * len(columns)})",  # noqa: S608 - names of ours
                (now(), int(off), *(facts.get(column) for column in columns)),
            )

    def between(self, source: str, destination: str, *, off: bool = False) -> list[dict[str, Any]]:
        """The newest moves from one host to another, newest first: of machines that ran, or of those that were off."""
        return self._store.read(
            "SELECT * FROM moves WHERE source=? AND destination=? AND was_off=? ORDER BY id DESC LIMIT 10",
            (source, destination, int(off)),
        )


class Links:
    """What a test stream from one host to another reached, and when."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, source: str, destination: str, bytes_s: int) -> None:
        """Keep what was just measured instead of what was before."""
        with spared("how fast the network between two hosts is"):
            self._store.write(
                "INSERT OR REPLACE INTO links (source, destination, bytes_s, time) VALUES (?,?,?,?)",
                (source, destination, bytes_s, now()),
            )

    def between(self, source: str, destination: str) -> tuple[int | None, str | None]:
        """Bytes per second, and when that was; None where nothing was measured."""
        found = self._store.read_one("SELECT * FROM links WHERE source=? AND destination=?", (source, destination))
        return (found["bytes_s"], found["time"]) if found else (None, None)


class Forecasts:
    """What was forecast last for each machine, and what is known of the way between hosts."""

    def __init__(self, moves: Moves, links: Links) -> None:
        self._moves = moves
        self._links = links
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], tuple[float, MigrationRequest, Forecast]] = {}
        self._measured: dict[tuple[str, str], tuple[float, Dirtying | None]] = {}

    def make(self, at: Situation) -> Forecast | None:
        """The forecast of a move, from what the running machine does now; None where only a definition moves."""
        row, request = at.row, at.request
        if request.takes_disks_off and not row.active:
            return self._of_disks(at)
        if not row.active or request.mode == "offline":
            return None
        disks = 0
        if request.storage != "shared":
            sizes = [disk.target for disk in at.machine.disks if disk.is_data and not disk.network]
            disks = sum(at.source.domains.block_size(row.uuid, target) for target in sizes)
        running = row.state == "running" and request.mode == "live"
        touched = _touched(at)
        made = forecast(
            Load(
                memory=touched,
                empty=(row.memory_kib << 10) - touched,
                disks=disks,
                dirty=self._dirtying(at) if running else Dirtying(),
            ),
            request.bandwidth_mib_s,
            request.max_downtime_ms or DEFAULT_DOWNTIME_MS,
            _card(at.source, at.destination),
            self.experience(at.source.id, at.destination.id),
            _wayout(request),
        )
        self._remember(at, made)
        return made

    def _remember(self, at: Situation, made: Forecast) -> None:
        with self._lock:
            self._last[at.source.id, at.row.uuid] = (time.monotonic(), at.request, made)

    def _of_disks(self, at: Situation) -> Forecast | None:
        """The forecast for a machine that is off; None where its disks cannot be copied, which a check tells."""
        try:
            copies = copies_of(at.source, at.destination, at.machine, at.request)
        except Problem:
            return None
        made = forecast_disks(
            sum(copy.taken for copy in copies),
            at.request.bandwidth_mib_s,
            _card(at.source, at.destination),
            self.experience(at.source.id, at.destination.id, off=True),
        )
        self._remember(at, made)
        return made

    def _dirtying(self, at: Situation) -> Dirtying | None:
        """What the guest rewrites, measured a moment ago or now; a calm guest is looked at for a short time only."""
        key, now = (at.source.id, at.row.uuid), time.monotonic()
        with self._lock:
            self._measured = {each: kept for each, kept in self._measured.items() if now - kept[0] < MEASURED_SECONDS}
            if key in self._measured:
                return self._measured[key][1]
        found = _counted(at) if at.machine.type == "kvm" else _sampled(at)
        with self._lock:
            self._measured[key] = (time.monotonic(), found)
        return found

    def experience(self, source: str, destination: str, *, off: bool = False) -> Experience:
        """What earlier moves between two hosts taught; disks of machines that are `off` take another way."""
        measured, time = self._links.between(source, destination)
        known = experience(self._moves.between(source, destination, off=off))
        return replace(known, measured_bytes_s=measured, measured=time)

    def knows_link(self, source: str, destination: str) -> bool:
        """Whether a move or a test stream has shown lately how fast it goes between two hosts."""
        known = self.experience(source, destination)
        return max(known.link_seen or "", known.measured or "") > _ago(LINK_KNOWN)

    def keep_link(self, source: str, destination: str, bytes_s: int) -> None:
        """Keep what a test stream reached."""
        self._links.put(source, destination, bytes_s)

    def told(self, source: str, uuid: str, request: MigrationRequest) -> dict[str, Any]:
        """What was forecast for this very move just now, to be compared with its end; empty where nothing was."""
        with self._lock:
            made_at, asked, made = self._last.get((source, uuid), (0.0, None, None))
        if made is None or asked != request or time.monotonic() - made_at > FRESH_SECONDS:
            return {}
        return {"raw_seconds": made.raw_seconds, "told_seconds": made.seconds, "told_pause_ms": made.pause_ms}

    def learn(self, source: str, uuid: str, name: str, result: MigrationResult, params: dict[str, Any]) -> None:
        """Keep what a move took, beside what was told of it."""
        if not result.duration_ms:
            return
        self._moves.add(
            source=source,
            destination=result.destination,
            uuid=uuid,
            name=name,
            seconds=result.duration_ms / 1000,
            start_seconds=None if result.start_ms is None else result.start_ms / 1000,
            pause_ms=result.downtime_ms,
            sent_bytes=result.sent_bytes,
            limited=int(params.get("limited", False)),
            off=bool(params.get("stopped")),
            **params.get("told", {}),
        )


def _wayout(request: MigrationRequest) -> Wayout:
    usual = Wayout()
    return Wayout(
        auto_converge=request.auto_converge,
        initial=(request.auto_converge_initial or 0) / 100 or usual.initial,
        increment=(request.auto_converge_increment or 0) / 100 or usual.increment,
        post_copy=request.post_copy,
    )


def _counted(at: Situation) -> Dirtying | None:
    """What the guest rewrites where each page counts."""
    measure = partial(at.source.migrations.changed_bytes, at.row.uuid, kvm=True)
    short = measure(seconds=SHORT_SECONDS)
    return None if short is None else dirtying(short, measure(seconds=LONG_SECONDS) if short else None)


def _sampled(at: Situation) -> Dirtying | None:
    """What it rewrites by several samples: one alone may miss it or see the double."""
    measure = partial(at.source.migrations.changed_bytes, at.row.uuid, kvm=False)
    shorts = [measure(seconds=SHORT_SECONDS) for _ in range(2)]
    if not any(shorts):
        return None if None in shorts else Dirtying()
    long = measure(seconds=LONG_SECONDS)
    short = careful([each for each in (*shorts, measure(seconds=SHORT_SECONDS)) if each is not None])
    return dirtying(short, None if long is None else careful([long]))


def _ago(span: timedelta) -> str:
    return (datetime.now(UTC) - span).isoformat(timespec="milliseconds")


def _touched(at: Situation) -> int:
    """The guest's memory in bytes that is sent: pages never written, and those full of zeros, are not.

    What QEMU holds is the upper bound. Where the guest tells what it has free, what it uses is the lower one: of
    its free pages some were never written since they were cleared. The middle is off by half of that at most.
    """
    memory = at.row.memory_kib << 10
    told = at.source.migrations.memory_told(at.row.uuid)
    if told.resident is None:
        return memory
    own = QEMU_BYTES if at.machine.type == "kvm" else QEMU_BYTES + EMULATOR_BYTES
    held = min(memory, max(told.resident - own, memory // 8))
    return held if told.free is None else (held + min(max(memory - told.free, 0), held)) // 2


def _card(source: Host, destination: Host) -> int | None:
    """What the quickest network cards of both hosts can, in bytes per second."""
    speeds = []
    for host in (source, destination):
        try:
            speeds.append(link_speed([device.xml for device in host.nodedevs.all("net")]))
        except Problem:
            return None
    known = [speed for speed in speeds if speed]
    return min(known) if len(known) == len(speeds) else None
