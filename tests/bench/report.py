"""Measured values, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Row:
    """One measurement, with what it is compared with and what it should be."""

    name: str
    value: float
    unit: str
    beside: float | None = None
    beside_what: str = ""
    aim: float | None = None
    samples: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How often the compared value fits into ours; below 1 is better than it."""
        return self.value / self.beside if self.beside else None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        return None if self.aim is None else self.value <= self.aim


class Report:
    """All rows; each is told as it comes."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Take a measurement."""
        self.rows.append(row)
        print(line(row), flush=True)

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip()
        rows = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in self.rows]
        machine = {"python": platform.python_version(), "system": platform.platform()}
        path.write_text(json.dumps({"commit": commit, "machine": machine, "rows": rows}, indent=1) + "\n")


def head() -> str:
    """The table's first line."""
    return f"{'what':<58} {'here':>12} {'beside':>12} {'ratio':>6} {'aim':>10}"


def line(row: Row) -> str:
    """One line of the table."""
    beside = f"{row.beside:.4g} {row.unit}" if row.beside is not None else ""
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    aim = "" if row.aim is None else f"{'' if row.met else '! '}<= {row.aim:g}"
    told = f"{row.name:<58} {f'{row.value:.4g} {row.unit}':>12} {beside:>12} {ratio:>6} {aim:>10}"
    return f"{told}  {row.beside_what or row.note}".rstrip()


def timed(act: Callable[[], object]) -> float:
    """Milliseconds that it took."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def side_by_side(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    between: Callable[[], object] = lambda: None,
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, in turns, so that what else runs on the machine hurts both alike.

    A warm-up is not counted, nor what is done `between`, after each of them.
    """

    def once(act: Callable[[], object]) -> float:
        taken = timed(act)
        between()
        return taken

    once(ours)
    once(theirs)
    pairs = [(once(ours), once(theirs)) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


median = statistics.median
