"""Around a console: start, keys, typing, pictures, full screen, coming back, kiosk and the end of a session."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.qemu.bed import Bed, wait_for

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_console import colours
from .test_pages import picture

A, SHIFT, ENTER = 0x1E, 0x2A, 0x1C
KEY_EVENT_BYTES = 12


class Keys:
    """The keys that the page sends to a screen: scan codes, positive when pressed, negative when released."""

    def __init__(self, page: Page) -> None:
        self.sent = b""
        self._page = page
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        if "consoles" in socket.url:
            socket.on("framesent", self._take)

    def _take(self, payload: str | bytes) -> None:
        data = payload if isinstance(payload, bytes) else payload.encode("latin-1")
        if data[:2] == b"\xff\x00":  # QEMU's extended key event
            self.sent += data

    @property
    def codes(self) -> list[int]:
        """All so far, in order: an answer of the page comes after the news of what it has sent."""
        self._page.evaluate("0")
        events = [self.sent[at : at + KEY_EVENT_BYTES] for at in range(0, len(self.sent), KEY_EVENT_BYTES)]
        return [code if down else -code for down, _keysym, code in (struct.unpack(">2xHII", e) for e in events)]


def shown(page: Page) -> None:
    """Wait until something is drawn."""
    wait_for(lambda: len(colours(page)) > 1, what="something drawn on the screen")


@pytest.fixture
def uuid(bed: Bed, live: Site) -> str:
    """A machine that runs."""
    return bed.a.define(bed.guest_xml("tools"), start=True)


def test_a_machine_that_is_off_is_started_from_its_empty_console(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = bed.a.define(bed.guest_xml("sleeper"))
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    expect(page.get_by_role("heading", name="sleeper is off")).to_be_visible()
    height = page.locator(".qd-console").evaluate("element => element.getBoundingClientRect().height")
    assert height > 500, "it takes what the page leaves"
    # Meant for the guest: neither starts it nor leaves its console.
    page.keyboard.type("mse")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("/console$"))
    assert bed.a.state("sleeper") == "shut off"
    page.get_by_role("region", name="Console").or_(page.locator(".qd-console-cover")).get_by_role(
        "button", name="Start"
    ).click()
    shown(page)
    assert bed.a.state("sleeper") == "running"


def test_the_screen_comes_back_after_a_restart_and_says_when_it_is_off(
    bed: Bed, live: Site, open_page: Opener, uuid: str
) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    bed.a.virsh("destroy", "tools")
    expect(page.get_by_role("heading", name="tools is off")).to_be_visible()
    bed.a.virsh("start", "tools")
    expect(page.get_by_role("heading", name="tools is off")).to_have_count(0)
    shown(page)


def test_a_text_is_typed_with_the_keys_of_the_guests_layout(live: Site, open_page: Opener, uuid: str) -> None:
    page = open_page(live, "/healthz")
    keys = Keys(page)
    page.goto(f"{live.url}/hosts/local/machines/{uuid}/console")
    shown(page)
    page.get_by_role("button", name="Type text").click()
    page.get_by_label("Text", exact=True).fill("aA☃")
    expect(page.get_by_text("This layout has no key for: ☃")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("aA")
    page.get_by_label("Press Enter at the end").check()
    page.get_by_label("Speed").select_option(label="Fast, 100 keys a second")
    page.get_by_role("button", name="Type it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_for(lambda: keys.codes == [A, -A, SHIFT, A, -A, -SHIFT, ENTER, -ENTER], what="aA and Enter")
    page.get_by_role("button", name="Type text").click()
    page.get_by_label("Keyboard layout of the guest").select_option(label="Français")
    page.get_by_label("Text", exact=True).fill("q")
    page.get_by_role("button", name="Type it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_for(lambda: keys.codes[-2:] == [A, -A], what="the key that is A elsewhere")


def test_the_keyboard_gets_into_the_screen_and_out_again(live: Site, open_page: Opener, uuid: str) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    screen = page.get_by_role("application", name="Screen of tools")
    screen.focus()
    page.keyboard.press("Enter")
    expect(screen.locator("canvas")).to_be_focused()
    page.keyboard.press("Tab")
    expect(screen.locator("canvas")).to_be_focused()
    for key in ("ControlLeft", "AltLeft"):
        page.keyboard.down(key)
    for key in ("AltLeft", "ControlLeft"):
        page.keyboard.up(key)
    expect(
        page.get_by_role("toolbar", name="Console tools").get_by_role("button", name="Screen", exact=True)
    ).to_be_focused()


def test_keys_that_the_browser_would_take_are_sent_from_a_menu(live: Site, open_page: Opener, uuid: str) -> None:
    page = open_page(live, "/healthz")
    keys = Keys(page)
    page.goto(f"{live.url}/hosts/local/machines/{uuid}/console")
    shown(page)
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Ctrl+Alt+F2").click()
    wait_for(lambda: keys.codes == [0x1D, 0x38, 0x3C, -0x3C, -0x38, -0x1D], what="Ctrl+Alt+F2")
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Shift", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keys: Shift held")).to_be_visible()
    wait_for(lambda: keys.codes[-1] == SHIFT, what="Shift held")


def test_the_picture_is_saved_as_a_file(live: Site, open_page: Opener, uuid: str, tmp_path: Path) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save a picture of the screen").click()
    assert download.value.suggested_filename.startswith("tools ")
    download.value.save_as(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_full_screen_hides_the_bar_and_gives_it_back(live: Site, open_page: Opener, uuid: str) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    page.get_by_role("button", name="Full screen").click()
    page.get_by_role("application").locator("canvas").click()
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    bar = page.get_by_role("toolbar", name="Console tools")
    wait_for(lambda: (bar.bounding_box() or {"y": 0})["y"] < 0, what="the bar hidden")
    page.get_by_role("button", name="Console tools").click()
    page.get_by_role("button", name="Leave full screen").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_a_paused_machine_says_so_and_is_resumed_there(bed: Bed, live: Site, open_page: Opener, uuid: str) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    bed.a.virsh("suspend", "tools")
    notice = page.get_by_role("status").filter(has_text="The picture stands still")
    notice.get_by_role("button", name="Resume").click()
    expect(notice).to_have_count(0)
    assert bed.a.state("tools") == "running"


def test_a_kiosk_shows_only_the_screen_and_ends_with_the_machine(
    bed: Bed, live: Site, open_page: Opener, uuid: str
) -> None:
    page = open_page(live, f"/console/local/{uuid}/vnc?kiosk")
    shown(page)
    expect(page.get_by_role("toolbar")).to_have_count(0)
    bed.a.virsh("destroy", "tools")
    expect(page.get_by_role("heading", name="tools is off")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)


def test_the_end_of_the_session_ends_the_screen_and_a_login_brings_it_back(
    live: Site, open_page: Opener, uuid: str
) -> None:
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")
    shown(page)
    csrf = page.request.get(f"{live.url}/api/v1/session").json()["csrf_token"]
    # As another tab would.
    page.request.delete(f"{live.url}/api/v1/session", headers={"X-CSRF-Token": csrf, "Origin": live.url})
    login = page.get_by_role("dialog", name="Your session ended")
    expect(login).to_be_visible()
    login.get_by_label("Password").fill(live.password)
    login.get_by_role("button", name="Log in").click()
    expect(login).to_have_count(0)
    shown(page)


@pytest.mark.parametrize("kind", ["vnc", "serial"])
def test_consoles_have_no_accessibility_faults(live: Site, open_page: Opener, uuid: str, kind: str) -> None:
    page = open_page(live, f"/console/local/{uuid}/{kind}", dark=True)
    if kind == "vnc":
        shown(page)
    else:
        expect(page.locator(".xterm-rows")).to_contain_text("tick")
    picture(page, f"console {kind} dark.png")
    assert faults(page) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    picture(page, f"console {kind} narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
