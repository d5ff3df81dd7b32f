"""The page: until all rows are there, until an event shows, and what the first visit costs."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, Page

from tests.deck import Deck
from tests.qemu.bed import Bed

from .lists import machines, service, test_host
from .report import Report, Row, median

# A promise of the moment at which the machine's row says the word: no eval, which the page's CSP forbids.
WATCH = """([label, word]) => {
  const says = () => document.querySelector(`tr[aria-label="${label}"]`)?.textContent.includes(word);
  window.seen = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (says()) { observer.disconnect(); resolve(Date.now()); }
    });
    observer.observe(document.body, {subtree: true, childList: true, characterData: true});
  });
  return null;
}"""


def logged_in(browser: Browser, deck: Deck) -> Page:
    """A page in a context of its own with the session of a person."""
    page = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800}).new_page()
    address = f"https://localhost:{deck.port}"
    login = {"username": "demo", "password": "demo"}
    assert page.request.post(f"{address}/api/v1/session", data=login, headers={"Origin": address}).ok
    return page


def measure(report: Report, bed: Bed, browser: Browser) -> None:
    """All of it."""
    for count in (300, 1000):
        with test_host(count) as uri, service(uri) as deck:
            _all_rows(report, deck, browser, count)
            if count == 300:
                _first_load(report, deck, browser)
    with machines(bed, 300), service(bed.a.local_uri) as deck:
        _event(report, bed, deck, browser)


def _all_rows(report: Report, deck: Deck, browser: Browser, count: int) -> None:
    times = []
    page = logged_in(browser, deck)
    for _ in range(5):
        start = time.perf_counter()
        page.goto(f"https://localhost:{deck.port}/machines", wait_until="commit")
        page.locator(f'[role=grid][aria-rowcount="{count + 1}"] tr >> nth=1').wait_for()
        times.append((time.perf_counter() - start) * 1000)
    page.context.close()
    report.add(Row(f"page until all of {count} rows", median(times), "ms", samples=times, note="warm cache"))


def _first_load(report: Report, deck: Deck, browser: Browser) -> None:
    page = logged_in(browser, deck)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"https://localhost:{deck.port}/machines")
    page.locator("[role=grid] tr >> nth=1").wait_for()
    page.wait_for_load_state("networkidle")
    page.context.close()
    report.add(Row("first load of the list, all files", sum(sizes) / 1000, "kB", aim=400, note="as sent"))


def _event(report: Report, bed: Bed, deck: Deck, browser: Browser) -> None:
    uuid = bed.a.define(bed.guest_xml("aaa-watched", memory_mib=64), start=True)
    connection = bed.a.open()
    domain = connection.lookupByUUIDString(uuid)
    page = logged_in(browser, deck)
    page.goto(f"https://localhost:{deck.port}/machines")
    page.get_by_role("row", name="aaa-watched").wait_for()
    times = []
    for number in range(20):
        act, word = (domain.suspend, "Paused") if number % 2 == 0 else (domain.resume, "Running")
        page.evaluate(WATCH, ["aaa-watched", word])
        start = time.time()
        act()
        times.append(page.evaluate("window.seen") - start * 1000)
    page.context.close()
    connection.close()
    note = "from before the libvirt call to the changed row, 300 machines"
    report.add(Row("event to page", median(times), "ms", aim=100, samples=times, note=note))
