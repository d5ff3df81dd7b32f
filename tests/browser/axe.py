"""Accessibility faults in a page, found by axe-core."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parent.parent.parent / "frontend/node_modules/axe-core/axe.min.js"

COLOURS = ["color-contrast", "link-in-text-block"]
STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame)
    let moving = []
    do {
        await frame()
        await frame()
        moving = document.getAnimations().filter((one) => one instanceof CSSTransition)
        await Promise.allSettled(moving.map((one) => one.finished))
    } while (moving.length)
}"""


def still(page: Page) -> None:
    """Wait until no colour changes any more; what changes them is seen up to two frames later."""
    page.evaluate(STILL)


def faults(page: Page, rules: list[str] | None = None) -> list[str]:
    """Each serious or critical fault: rule, element, what is wrong. All rules are looked at, or only these.

    Evaluated by the browser's debugger, so that the page keeps its Content-Security-Policy.
    """
    still(page)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text())
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
