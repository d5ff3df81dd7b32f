"""The time machine in the page: what changed and who did it, undo, single values back, drift."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .axe import faults
from .conftest import Opener, Site
from .test_machine import open_machine

BOX = "old-wiki"


def describe(page: Page, text: str) -> None:
    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("button", name="Edit Title").click()
    page.get_by_role("textbox", name="Title").fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Notes")).to_contain_text(text)


def test_change_is_undone_from_its_message_and_done_again(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, BOX)
    describe(page, "A slip")
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.get_by_role("region", name="Notes")).not_to_contain_text("A slip")
    page.get_by_role("button", name="Do it again").click()
    expect(page.get_by_role("region", name="Notes")).to_contain_text("A slip")


def test_history_tells_what_changed_and_takes_one_value_back(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, BOX)
    describe(page, "First words")
    describe(page, "Second words")
    page.get_by_role("tab", name="History").click()
    newest = page.get_by_role("grid", name="Definitions").get_by_role("row").nth(1)
    expect(newest).to_contain_text("First words")
    expect(newest).to_contain_text("Second words")
    expect(newest).to_contain_text("demo")
    assert faults(page) == []
    page.get_by_role("button", name="Take only this back: title").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("First words")
    dialog.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("grid", name="Definitions").get_by_role("row").nth(1)).to_contain_text("restore")
    expect(page.get_by_role("main")).to_contain_text("First words")


def test_log_and_messages_offer_the_way_back(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, BOX)
    describe(page, "Undone from the log")
    switch = page.get_by_role("switch", name="Start with the host")
    was = switch.is_checked()
    page.locator("label", has=switch).click()
    expect(switch).to_be_checked(checked=not was)
    messages = page.get_by_role("button", name="Undo", exact=True)
    expect(messages).to_have_count(2)
    messages.last.click()
    expect(switch).to_be_checked(checked=was)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="History").click()
    log = page.get_by_role("grid", name="History")
    undo = log.get_by_role("button", name=re.compile("^Undo: Machine: edit"))
    assert faults(page) == []
    expect(log).to_contain_text("Log in")
    page.get_by_role("textbox", name="Filter the history").fill(f"machine edit {BOX}")
    expect(log).not_to_contain_text("Log in")
    page.get_by_role("checkbox", name="Only what was refused or failed").check()
    page.get_by_role("button", name="Show everything").click()
    expect(log).to_contain_text("Log in")
    undo.nth(2).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text(f"{BOX}: undone").last).to_be_visible()
    place = f"{demo.url}/api/v1/hosts/local/networks/lab"
    token = page.context.request.get(f"{demo.url}/api/v1/session").json()["csrf_token"]
    before = page.context.request.get(place).json()["autostart"]
    page.context.request.patch(
        place, data={"autostart": not before}, headers={"X-CSRF-Token": token, "Origin": demo.url}
    )
    page.reload()
    log.get_by_role("button", name=re.compile("^Undo: Network: set autostart")).first.click()
    dialog.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("lab: undone").last).to_be_visible()
    assert page.context.request.get(place).json()["autostart"] == before
    page.go_back()
    expect(page.get_by_role("region", name="Notes")).not_to_contain_text("Undone from the log")


def test_what_was_made_or_changed_beside_machines_is_undone_from_its_message(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/storage/local/default")
    page.get_by_role("button", name="New volume").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("slip.qcow2")
    dialog.get_by_role("button", name="Create", exact=True).click()
    row = page.get_by_role("row").filter(has_text="slip.qcow2")
    expect(row).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("slip.qcow2: undone")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Acts of pool default").click()
    page.get_by_role("menuitem", name=re.compile("tart with the host")).click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("default: undone")).to_be_visible()
    expect(page.get_by_role("button", name="Do it again")).to_be_visible()


def test_what_was_changed_again_cannot_be_undone_and_says_why(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, BOX)
    describe(page, "One thing")
    describe(page, "Another thing")
    page.get_by_role("tab", name="History").click()
    rows = page.get_by_role("grid", name="Definitions").get_by_role("row")
    undo = rows.nth(2).get_by_role("button", name=re.compile("^Undo this"))
    expect(undo).to_have_attribute("aria-disabled", "true")
    undo.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("changed again since, by demo: title")


def test_a_deleted_machine_is_listed_and_defined_again(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "router-lab")
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("menuitem", name=re.compile("^Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(re.compile("/machines"))
    page.goto(f"{demo.url}/machines/deleted")
    row = page.get_by_role("grid", name="Deleted machines").get_by_role("row").filter(has_text="router-lab")
    expect(row).to_contain_text("demo")
    assert faults(page) == []
    row.get_by_role("button", name="Define again: router-lab").click()
    page.get_by_role("dialog").get_by_role("button", name="Define again").click()
    expect(page.get_by_role("heading", level=1, name="router-lab")).to_be_visible()
