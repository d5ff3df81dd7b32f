"""Every page: fits its width, has a heading, no accessibility faults, no errors; wide and narrow, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .axe import COLOURS, faults, still
from .conftest import NARROW, SCREENS, WIDE, Opener, Site

LOADING = "[role=progressbar][aria-label=Loading], .pf-v6-c-skeleton, .pf-v6-c-spinner"
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
OUT_OF_CARD = """() => [...document.querySelectorAll('.pf-v6-c-card :is(a, button)')].filter((control) => {
  const inner = control.getBoundingClientRect(), card = control.closest('.pf-v6-c-card').getBoundingClientRect();
  return inner.height > 0 && inner.bottom > card.bottom;
}).map((control) => control.textContent)"""
TOLD_BY_HOSTS = {"hosts", "nowhere"}


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
    inspect(page, name)


def refuse(route: Route) -> None:
    """The answer of a proxy that does not reach the service."""
    route.fulfill(status=500, content_type="text/html", body="<h1>Bad gateway</h1>")


@pytest.mark.parametrize("held", ["/api/v1/(?!session$)", "/api/v1/(?!session$|hosts$)"], ids=["all", "all but hosts"])
def test_a_page_whose_answers_are_on_the_way_tells_nothing_yet(
    demo: Site, machine: str, open_page: Opener, held: str
) -> None:
    page = open_page(demo, "/healthz")
    waiting: list[Route] = []
    page.route(re.compile(held), lambda route: waiting.append(route))
    page.route_web_socket(re.compile("/socket.io/"), lambda socket: None)
    for name in ["new machine"] if "hosts" not in held else PAGES.keys() - TOLD_BY_HOSTS:
        page.goto(demo.url + PAGES[name][0].replace("UUID", machine))
        expect(page.locator(LOADING).first, name).to_be_visible()
        expect(page.locator(".pf-v6-c-empty-state, .pf-v6-c-alert"), name).to_have_count(0)
        page.route(re.compile(held), refuse)
        while waiting:
            refuse(waiting.pop())
        expect(page.get_by_role("heading", level=1), name).to_have_count(1)
        page.unroute(re.compile(held), refuse)


def test_a_part_of_a_page_that_is_on_the_way_is_not_told_as_none(demo: Site, machine: str, open_page: Opener) -> None:
    page = open_page(demo, "/healthz")
    page.route(re.compile("/screenshot|/jobs$"), lambda route: None)
    page.route_web_socket(re.compile("/socket.io/"), lambda socket: None)
    page.goto(f"{demo.url}/hosts/local/machines/{machine}/overview")
    expect(page.get_by_role("region", name="Screen")).to_contain_text("Reading …")
    page.goto(f"{demo.url}/hosts/local/machines/{machine}/history")
    expect(page.get_by_role("region", name="Jobs")).to_contain_text("Reading …")


def test_a_page_that_cannot_be_read_can_be_tried_again_and_tells_nothing_else(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/healthz")
    broken = re.compile("/api/v1/(tokens|hosts/local/(deleted-domains|networks|pools/default/volumes))$")
    page.route(broken, refuse)
    page.goto(f"{demo.url}/machines/deleted")
    expect(page.locator(".pf-v6-c-alert.pf-m-danger")).to_be_visible()
    expect(page.get_by_text("No machine was deleted lately")).to_have_count(0)
    page.goto(f"{demo.url}/storage/local/default")
    expect(page.get_by_role("heading", level=2, name="This could not be read")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("default")
    page.goto(f"{demo.url}/machines/new")
    expect(page.get_by_role("heading", level=2, name="This could not be read")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("New machine")
    page.unroute(broken)
    parts = "**/api/v1/hosts/local/{pools/*/volumes,osinfo/detect?**}"
    told = {"type": "/problems/timed-out", "title": "", "status": 504, "detail": "It does not answer."}
    page.route(parts, lambda route: route.fulfill(status=504, json=told, content_type="application/problem+json"))
    page.get_by_role("button", name="Try again").click()
    medium = page.get_by_label("Medium", exact=True)
    expect(medium.get_by_role("option", name="It could not be read: It does not answer.").first).to_be_disabled()
    medium.select_option("A path on the host…")
    page.get_by_label("Path on the host").fill("/mnt/nas/some.iso")
    expect(page.get_by_text("Its system can be picked by hand.")).to_be_visible()
    expect(page.get_by_text("Looking at the medium")).to_have_count(0)
    page.unroute(parts)
    page.route(broken, refuse)
    page.goto(f"{demo.url}/tokens")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page could not be shown")
    page.unroute(broken)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="API tokens")).to_be_visible()
    page.route("**/clients", refuse)
    page.goto(f"{demo.url}/networks/local/default")
    expect(page.get_by_role("heading", level=2, name="This could not be read")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("default")


def test_what_a_change_of_the_network_cut_off_is_asked_for_again(demo: Site, machine: str, open_page: Opener) -> None:
    page = open_page(demo, "/healthz")
    cut: set[str] = set()

    def cut_once(route: Route) -> None:
        if route.request.url in cut:
            route.fallback()
            return
        cut.add(route.request.url)
        route.abort("connectionreset")

    page.route("**/api/v1/**", cut_once)
    page.goto(f"{demo.url}/hosts/local/machines/{machine}/overview")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Take snapshot")).click()
    dialog = page.get_by_role("dialog", name="Take a snapshot")
    expect(dialog.get_by_label("Name")).to_have_value("snapshot-1")
    expect(dialog.get_by_role("button", name="Take snapshot")).to_be_enabled()
    assert {url.rpartition("/")[2] for url in cut} >= {"session", "hosts", "snapshots?dry_run=true"}


def inspect(page: Page, name: str) -> None:
    """What is on screen fits its width and has no accessibility faults, wide and narrow, light and dark."""
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        # Between schemes of one width only colours differ.
        for scheme, rules in (("light", None), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)
            settle(page)
            picture(page, f"{name} {width} {scheme}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "wider than the window"
            assert page.evaluate(OUT_OF_CARD) == [], f"{width} {scheme}"
            assert faults(page, rules) == [], f"{width} {scheme}"


def settle(page: Page) -> None:
    """Wait until nothing is being loaded any more."""
    expect(page.locator(LOADING)).to_have_count(0)


def picture(page: Page, name: str) -> Path:
    """Keep what the page looks like, for people."""
    still(page)
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / name
    page.screenshot(path=path)
    return path
