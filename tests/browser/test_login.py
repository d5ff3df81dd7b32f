"""Logging in and out in the page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .axe import faults
from .conftest import NARROW, Opener, Site


def test_a_system_account_logs_in_and_out(live: Site, open_page: Opener) -> None:
    page = open_page(live, "/storage", login=False)
    page.get_by_label("User name").fill(live.user)
    page.get_by_label(re.compile("^Password")).fill("wrong " + live.password)
    page.get_by_role("button", name="Log in").click()
    expect(
        page.get_by_role("alert").or_(page.get_by_text(re.compile("wrong|incorrect|not right", re.I))).first
    ).to_be_visible()
    page.get_by_label(re.compile("^Password")).fill(live.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Storage")).to_be_visible()
    page.get_by_role("button", name=re.compile(live.user)).click()
    page.get_by_role("menuitem", name="Log out", exact=True).click()
    expect(page.get_by_label("User name")).to_be_visible()


def test_the_login_page_is_accessible_on_a_phone(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/", NARROW, login=False)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_a_script_that_is_lost_on_the_way_is_loaded_again(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/", login=False)
    page.route("**/assets/vendor-*.js", lambda route: route.abort("connectionreset"), times=1)
    page.reload()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_a_page_that_cannot_be_loaded_says_so(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/", login=False)
    page.route("**/assets/vendor-*.js", lambda route: route.abort("connectionrefused"))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    page.unroute_all()
    page.get_by_role("button", name="Load it again").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
