"""`make bench`: measures, prints a table, writes build/bench.json. Arguments: names of parts, or none for all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.qemu.bed import Bed

from . import console, create, lists, migrate, page, usage
from .lists import service, test_host
from .report import Report, head

PARTS = ("lists", "page", "usage", "console", "create", "migrate")
OUT = Path(__file__).parent.parent.parent / "build/bench.json"


def main(parts: list[str]) -> int:
    """Measure the parts, print the table and write the file; 0 also where an aim is missed, which the table tells."""
    report = Report()
    print(head())
    bed = Bed(Path(tempfile.mkdtemp(prefix="qdbed-", dir="/tmp")))
    try:
        with sync_playwright() as playwright:
            options = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
            if "lists" in parts:
                lists.measure(report, bed)
            if "page" in parts:
                page.measure(report, bed, browser)
            if "usage" in parts:
                with test_host(300) as uri, service(uri) as deck:
                    usage.measure(report, deck, browser, "300 machines")
            browser.close()
        for name, part in (("console", console), ("create", create), ("migrate", migrate)):
            if name in parts:
                part.measure(report, bed)
    finally:
        bed.close()
    report.save(OUT)
    print(f"Written to {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}")
    return 0


sys.exit(main(sys.argv[1:] or list(PARTS)))
