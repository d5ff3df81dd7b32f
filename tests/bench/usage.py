"""Processor time and memory of the service's processes."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

from playwright.sync_api import Browser

from tests.deck import Deck

from .page import logged_in
from .report import Report, Row

SECONDS = 20
SETTLE_SECONDS = 6


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Processor time that they have used."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def pss_mib(pids: list[int]) -> float:
    """Memory that is theirs, shared pages by share."""
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def share(pids: list[int]) -> float:
    """Share of one core, in percent, while nobody does anything."""
    Event().wait(SETTLE_SECONDS)
    before = cpu_seconds(pids)
    Event().wait(SECONDS)
    return (cpu_seconds(pids) - before) / SECONDS * 100


def measure(report: Report, deck: Deck, browser: Browser, what: str) -> None:
    """Idle processor time with no page and with one, and memory after that."""
    pids = tree(deck.process.pid)
    report.add(Row(f"idle CPU, no page, {what}", share(pids), "%", aim=0.5, note="of one core"))
    page = logged_in(browser, deck)
    page.goto(f"https://localhost:{deck.port}/machines")
    page.get_by_role("grid", name="Machines").wait_for()
    report.add(Row(f"idle CPU, the list open, {what}", share(pids), "%", aim=5, note="of one core"))
    page.context.close()
    report.add(Row(f"memory of the service, {what}", pss_mib(tree(deck.process.pid)), "MiB", aim=120, note="PSS"))
