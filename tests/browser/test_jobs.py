"""Jobs: the tray, the list, one job; live, and after a reload."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import Opener, Site


def test_a_job_is_followed_from_its_button_to_its_page(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=name:web-2")
    target = page.get_by_role("row", name="web-2", exact=True)
    target.get_by_role("button", name="Acts on web-2").click()
    page.get_by_role("menuitem", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("web-2: Save: done")).to_be_visible()
    expect(target).to_contain_text("saved to disk")
    page.get_by_role("button", name=re.compile("^Jobs|jobs? running")).click()
    card = page.get_by_role("article", name="Save web-2")
    expect(card.get_by_role("button", name="Undo: Save web-2")).to_have_attribute("aria-disabled", "true")
    card.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="Save web-2")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Done").first).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("link", name="Save web-2")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="History").click()
    expect(page.get_by_role("grid", name="History")).to_contain_text("web-2")


def test_what_a_job_did_to_a_machine_that_is_gone_is_not_undone(demo: Site, open_page: Opener) -> None:
    deck = demo.deck
    assert deck.login(demo.user, demo.password).status == 200
    wish = {"name": "short-lived", "memory_mib": 64, "install": {"method": "none"}}
    made = deck.ask("POST", "/hosts/local/domains", wish | {"disks": [{"pool": "default", "size_gib": 1}]})
    assert made.status == 201, made.json
    domain = f"/hosts/local/domains/{made.json['uuid']}"
    deck.ended(deck.begin("POST", f"{domain}/snapshots", {"name": "one"}))
    page = open_page(demo, "/jobs")
    undo = page.get_by_role("button", name="Undo: Take snapshot short-lived").first
    expect(undo).not_to_have_attribute("aria-disabled", "true")
    gone = deck.ask("DELETE", f"{domain}?volumes=all")
    assert gone.status == 204, gone.json
    page.reload()
    expect(undo).to_have_attribute("aria-disabled", "true")
    expect(undo).to_have_accessible_description("The machine is not on its host any more.")


def test_a_host_is_added_seen_and_forgotten(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/hosts")
    page.get_by_role("button", name="Add host").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("not a name!")
    dialog.get_by_role("textbox", name="Host name or IP address").fill("127.0.0.1")
    dialog.get_by_role("button", name="Next: its key").click()
    expect(dialog).to_contain_text(re.compile("pattern|may hold|letters", re.I))
    dialog.get_by_role("textbox", name="Name", exact=True).fill("nobody-home")
    dialog.get_by_role("textbox", name="Port").fill("1")
    dialog.get_by_role("button", name="Next: its key").click()
    expect(page.get_by_role("dialog", name="Trust 127.0.0.1")).to_contain_text("No SSH server answers at 127.0.0.1")
    dialog.get_by_role("button", name="Add it all the same").click()
    card = page.get_by_role("article", name="nobody-home")
    expect(card).to_be_visible()
    expect(card).to_contain_text("SSH root@127.0.0.1:1")
    card.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(card).to_have_count(0)
