"""Every page: fits its width, has a heading, no accessibility faults, no errors; wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .axe import faults
from .conftest import NARROW, SCREENS, WIDE, Opener, Site

WEB_1 = "11111111"
PAGES = {
    "machines": ("/machines", "Machines"),
    "deleted machines": ("/machines/deleted", "Deleted machines"),
    "new machine": ("/machines/new", "New machine"),
    "hosts": ("/hosts", "Hosts"),
    "protection": ("/hosts/local/protection", "Protection of local"),
    "storage": ("/storage", "Storage"),
    "pool": ("/storage/local/default", "default"),
    "networks": ("/networks", "Networks"),
    "network": ("/networks/local/default", "default"),
    "jobs": ("/jobs", "Jobs"),
    "history": ("/audit", "History"),
    "ssh keys": ("/ssh-keys", "SSH keys"),
    "tokens": ("/tokens", "API tokens"),
    "sessions": ("/sessions", "Your sessions"),
    "template versions": ("/hosts/local/templates/UUID", "Versions of web-1"),
    "nowhere": ("/nowhere", "not"),
    **{
        f"machine {tab}": (f"/hosts/local/machines/UUID/{tab}", "web-1")
        for tab in ("overview", "console", "hardware", "performance", "history", "xml")
    },
}


@pytest.fixture
def machine(demo: Site) -> str:
    """UUID of a machine."""
    demo.deck.login(demo.user, demo.password)
    (uuid,) = (one["uuid"] for one in demo.deck.ask("GET", "/hosts/local/domains").json if one["name"] == "web-1")
    return str(uuid)


@pytest.mark.parametrize("name", PAGES)
def test_page(demo: Site, machine: str, open_page: Opener, name: str) -> None:
    path, heading = PAGES[name]
    page = open_page(demo, path.replace("UUID", machine))
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            settle(page)
            picture(page, f"{name} {width} {scheme}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "wider than the window"
            assert faults(page) == [], f"{width} {scheme}"


def settle(page: Page) -> None:
    """Wait until nothing is being loaded, and no colour changes, any more."""
    expect(page.get_by_role("progressbar", name="Loading")).to_have_count(0)
    expect(page.locator(".pf-v6-c-skeleton, .pf-v6-c-spinner")).to_have_count(0)
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((one) => one.finished))")


def picture(page: Page, name: str) -> Path:
    """Keep what the page looks like, for people."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / name
    page.screenshot(path=path)
    return path
