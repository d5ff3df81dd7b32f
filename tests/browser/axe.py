"""Accessibility faults in a page, found by axe-core."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parent.parent.parent / "frontend/node_modules/axe-core/axe.min.js"


def faults(page: Page) -> list[str]:
    """Each serious or critical fault: rule, element, what is wrong.

    Evaluated by the browser's debugger, so that the page keeps its Content-Security-Policy.
    """
    page.evaluate(SOURCE.read_text())
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
