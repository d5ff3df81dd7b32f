"""The page in Chromium, against the made-up host (`demo`) and against a real host of the bed (`live`)."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

from tests.deck import Deck
from tests.failing import has_failed
from tests.qemu.bed import Bed
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
SCREENS = ROOT / "build/screens"
WIDE, NARROW = (1280, 800), (390, 844)
PATIENCE_MS = 1000 * PATIENCE_SECONDS


@dataclass
class Site:
    """A running service and the account to log in with."""

    deck: Deck
    user: str
    password: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://localhost:{self.deck.port}"

    def login(self, page: Page) -> None:
        """Log the page's context in, as the login form would."""
        answer = page.context.request.post(
            f"{self.url}/api/v1/session",
            data={"username": self.user, "password": self.password},
            headers={"Origin": self.url},
        )
        assert answer.ok, answer.text()

    def renew_after(self, test: pytest.Item) -> None:
        """Give the next test a service that knows nothing of this one, if it failed."""
        if has_failed(test):
            self.deck.kill()
            shutil.rmtree(self.deck.folder / "state_dir")
            self.deck.start()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, which would otherwise be started for each test."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium; nothing is downloaded."""
    # Chromium's own sandbox refuses root, who these tests need for the bed.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
    yield started
    started.close()


Opener = Callable[..., Page]
PAGES = pytest.StashKey[list[Page]]()
TOLD_CHARACTERS = 4000
SNAPSHOT_MS = 5000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what its pages show: it may not come again."""
    report = yield
    if call.when == "call" and report.failed:
        for page in item.stash.get(PAGES, []):
            with contextlib.suppress(Error):
                shown = page.locator("body").aria_snapshot(timeout=SNAPSHOT_MS)
                report.sections.append((page.url, shown[-TOLD_CHARACTERS:]))
    return report


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Open a page in a context of its own; faults in its scripts and refusals by its CSP fail the test."""
    contexts: list[BrowserContext] = []
    pages = request.node.stash[PAGES] = list[Page]()
    faults: list[str] = []

    def opener(
        site: Site, path: str = "/", size: tuple[int, int] = WIDE, *, dark: bool = False, login: bool = True
    ) -> Page:
        context = browser.new_context(
            ignore_https_errors=True,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        if login:
            site.login(page)
        page.goto(site.url + path)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def session_demo() -> Iterator[Site]:
    """Run a service on the made-up host."""
    with tempfile.TemporaryDirectory(prefix="qddemo-") as folder:
        host = ROOT / "tests/hosts/demo.xml"
        deck = Deck(Path(folder), {"demo": "true", "local_uri": f"test://{host}"}).start()
        yield Site(deck, "demo", "demo")
        deck.stop()


@pytest.fixture
def demo(session_demo: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A service on the made-up host, as the tests before left it."""
    yield session_demo
    session_demo.renew_after(request.node)


@pytest.fixture(scope="session")
def account() -> Iterator[tuple[str, str]]:
    """A system account of this machine for as long as the tests run: name and password."""
    name, password = f"qdtest{os.getpid()}", secrets.token_urlsafe(12)
    # A file of its own users would be cleaner, but PAM knows only the system's.
    subprocess.run(
        ["useradd", "--no-create-home", "--groups", "libvirt", "--shell", "/usr/sbin/nologin", name], check=True
    )
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
        yield name, password
    finally:
        subprocess.run(["userdel", name], check=True)


@pytest.fixture(scope="session")
def session_live(session_bed: Bed, account: tuple[str, str]) -> Iterator[Site]:
    """Run a service on host `a` of the bed that knows host `b` too."""
    with tempfile.TemporaryDirectory(prefix="qdlive-") as folder:
        settings = Path(folder, "quarterdeck.toml")
        settings.write_text(f'[[hosts]]\nname = "b"\ntransport = "tcp"\naddress = "{session_bed.b.address}"\n')
        settings.chmod(0o644)
        given = {
            "config": str(settings),
            "local_uri": session_bed.a.local_uri,
            "allow_tcp_hosts": "true",
            "accelerator": "qemu",
            "download_allow": "127.0.0.1/32",
        }
        deck = Deck(Path(folder), given).start()
        yield Site(deck, *account)
        deck.stop()


@pytest.fixture
def live(session_live: Site, bed: Bed, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A service on a real host without machines; log in with a system account."""
    yield session_live
    session_live.renew_after(request.node)
