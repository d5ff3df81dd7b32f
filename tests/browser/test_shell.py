"""What stands around every page: palette, shortcuts, filter, reasons, menus, selection, themes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture


def rows(page: Page):
    """The rows of machines that are drawn."""
    return page.get_by_role("grid", name="Machines").locator("tbody tr[aria-rowindex]")


def test_the_palette_finds_acts_and_says_why_one_is_not_possible(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("Control+k")
    # Faster than a page can load anything: not one letter may be taken for a shortcut.
    page.keyboard.type("start web-1")
    box = page.get_by_role("combobox", name="Search and act")
    expect(box).to_have_value("start web-1")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("Start web-1")
    expect(first).to_contain_text("It is on already")
    expect(first).to_have_attribute("aria-disabled", "true")
    box.fill("jobs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()


def test_the_shortcut_sheet_is_fed_by_the_registry(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Shut down")
    expect(sheet).to_contain_text("Filter")
    assert faults(page) == []


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("state:running name:web*", "web-1", "build-suse"),
        ("-tag:web", "db-1", "web-1"),
        ("mem>12G", "db-1", "web-1"),
    ],
)
def test_the_filter_keeps_what_fits(demo: Site, open_page: Opener, text: str, present: str, absent: str) -> None:
    page = open_page(demo, "/machines")
    page.get_by_role("textbox", name="Filter machines").fill(text)
    expect(page.get_by_role("row", name=present, exact=True)).to_be_visible()
    expect(page.get_by_role("row", name=absent, exact=True)).to_have_count(0)


def test_a_word_that_the_filter_does_not_know_is_named(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=colour:red")
    expect(page.get_by_text("Not understood, and left out: colour:red")).to_be_visible()
    expect(rows(page).first).to_be_visible()


def test_rows_are_walked_and_chosen_by_keyboard(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    first = rows(page).first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_role("toolbar", name="Acts on the selected machines")).to_contain_text("2 selected")
    name = page.locator("tr:focus").get_attribute("aria-label")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name or "nothing")
    expect(page.get_by_role("heading", level=1), "the row is gone").to_be_focused()


def test_several_machines_are_acted_on_with_a_result_for_each(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=name:mail*,dns,build-suse")
    page.get_by_role("checkbox", name="Select all that the filter shows").check()
    page.get_by_role("toolbar").get_by_role("button", name="Reboot").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Left out")
    expect(dialog).to_contain_text("build-suse")
    expect(dialog).to_contain_text("It is off. Start it first.")
    dialog.get_by_role("button", name="Reboot").click()
    expect(dialog.get_by_text("Done").first).to_be_visible()


def test_an_act_that_is_not_possible_stays_and_says_why(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=build-suse")
    console = page.get_by_role("button", name="Console of build-suse")
    expect(console).to_have_attribute("aria-disabled", "true")
    console.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("It is off. Start it first.")
    page.get_by_role("button", name="Acts on build-suse").click()
    item = page.get_by_role("menuitem", name="Shut down", exact=True)
    expect(item).to_have_attribute("aria-disabled", "true")
    item.hover()
    expect(page.get_by_role("tooltip").last).to_contain_text("It is off.")


def test_deleting_names_the_machine_and_each_disk(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=fedora-try")
    page.get_by_role("button", name="Acts on fedora-try").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Delete fedora-try?")).to_be_visible()
    expect(dialog.get_by_role("checkbox").first).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("row", name="fedora-try")).to_be_visible()
    expect(page.get_by_role("button", name="Acts on fedora-try")).to_be_focused()


def test_the_theme_can_be_chosen_and_is_kept(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    page.get_by_role("button", name=re.compile("enu of demo")).click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("pf-v6-theme-dark"))
    page.reload()
    expect(page.locator("html")).to_have_class(re.compile("pf-v6-theme-dark"))


def test_the_menu_of_pages_opens_on_a_phone(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines", NARROW)
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Hosts").click()
    expect(page.get_by_role("heading", level=1, name="Hosts")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).not_to_be_visible()


def test_tiles_show_the_screens(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines?q=name:web*")
    page.get_by_role("button", name="Tiles with screens").click()
    expect(page.get_by_alt_text("Screen of web-1")).to_be_visible()
    page.get_by_role("checkbox", name="Select web-1").check()
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.get_by_role("checkbox", name="Select web-2").check()
    expect(page.get_by_role("toolbar", name="Acts on the selected machines")).to_contain_text("2 selected")
    assert faults(page) == []


def test_the_host_that_is_looked_at_is_chosen_by_keyboard_and_remembered(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    bed.a.define(bed.guest_xml("near"))
    bed.b.define(bed.guest_xml("far"))
    page = open_page(live, "/machines")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("h")
    expect(page.get_by_role("menuitem", name="All hosts")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Shown: b")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("far")
    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("far")
    page.get_by_role("link", name="Storage", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="local")).to_have_count(0)
    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()
    expect(page.locator("[data-label=Job] .qd-dim", has_text="local")).to_have_count(0)
    with page.expect_request(lambda asked: "/audit?" in asked.url and "host=b" in asked.url):
        page.get_by_role("link", name="History", exact=True).click()
    assert faults(page) == []
    picture(page, "host switch.png")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.get_by_role("button", name="Shown: b").click()
    picture(page, "host switch narrow.png")
    page.get_by_role("menuitem", name="All hosts").click()
    page.goto(live.url + "/machines")
    expect(page.get_by_text("near", exact=True).first).to_be_visible()
