"""API tokens and sessions in the page."""

from __future__ import annotations

from playwright.sync_api import expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture


def test_a_token_is_made_lets_a_script_in_and_is_revoked(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines", NARROW, dark=True)
    page.get_by_role("button", name="Menu of demo").click()
    page.get_by_role("menuitem", name="API tokens").click()
    expect(page.get_by_role("heading", name="There are no tokens yet")).to_be_visible()
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("textbox", name="Name").fill("backup script")
    assert faults(page) == []
    picture(page, "token make narrow dark.png")
    page.get_by_role("textbox", name="Name").press("Enter")
    expect(page.get_by_role("textbox", name="Token"), "the field with the name is gone").to_be_focused()
    token = page.get_by_role("textbox", name="Token").input_value()
    assert faults(page) == []
    picture(page, "token made narrow dark.png")
    demo.deck.cookie = ""
    script = {"Authorization": f"Bearer {token}"}
    assert demo.deck.ask("GET", "/hosts", **script).status == 200
    assert demo.deck.ask("POST", "/hosts/local/pools/default/refresh", **script).status == 403
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="backup script")
    expect(row).to_contain_text("look only")
    picture(page, "tokens narrow dark.png")
    row.get_by_role("button", name="Revoke backup script").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_role("heading", name="There are no tokens yet")).to_be_visible()
    assert demo.deck.ask("GET", "/hosts", **script).status == 401


def test_a_session_elsewhere_is_ended(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    demo.deck.login("demo", "demo")
    page.get_by_role("button", name="Menu of demo").click()
    page.get_by_role("menuitem", name="Your sessions").click()
    expect(page.get_by_role("row").filter(has_text="this one")).to_contain_text("Chrome on Linux")
    page.get_by_role("row").filter(has_text="unknown").first.get_by_role("button", name="End it").click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert demo.deck.ask("GET", "/session").status == 401
    expect(page.get_by_role("row").filter(has_text="this one")).to_be_visible()
