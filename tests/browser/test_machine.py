"""One machine's page: its head on every tab, what it says, and what is edited in place."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed, wait_for

from .axe import faults
from .conftest import NARROW, Opener, Site

TABS = ["Overview", "Console", "Hardware", "Settings", "Performance", "Snapshots", "History", "XML"]


def uuid_of(page: Page, site: Site, name: str) -> str:
    """The UUID of a machine of the local host."""
    rows = page.context.request.get(f"{site.url}/api/v1/hosts/local/domains").json()
    return next(str(row["uuid"]) for row in rows if row["name"] == name)


def open_machine(open_page: Opener, site: Site, name: str, tab: str = "overview", **how: object) -> Page:
    """The page of a machine by name."""
    page = open_page(site, "/healthz", **how)
    page.goto(f"{site.url}/hosts/local/machines/{uuid_of(page, site, name)}/{tab}")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    return page


def test_every_tab_has_its_address_and_the_last_one_is_remembered(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1")
    for name in TABS:
        page.get_by_role("tab", name=name).click()
        expect(page).to_have_url(re.compile(f"/{name.lower()}$"))
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(page).to_have_title(f"web-1 · {name} · Quarterdeck")
    page.get_by_role("tab", name="Hardware").click()
    expect(page).to_have_title(re.compile("Hardware"))
    page.goto(f"{demo.url}/hosts/local/machines/{uuid_of(page, demo, 'mail')}")
    expect(page).to_have_url(re.compile("/hardware$"))


def test_what_is_not_possible_stays_and_says_why(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1")
    page.get_by_role("button", name="Power").click()
    start = page.get_by_role("menuitem", name=re.compile("^Start"))
    expect(start).to_have_attribute("aria-disabled", "true")
    start.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("It is on already")


def test_phone_has_all_acts_in_one_menu(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1", size=NARROW)
    page.get_by_role("button", name="Acts").click()
    for name in ("Start", "Pause", "Migrate", "Delete"):
        expect(page.get_by_role("menuitem", name=name, exact=True)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_begins_at_the_head_and_the_tab_on_screen_is_in_view(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1", "history", size=NARROW)
    expect(page.get_by_role("tab", name="History")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


def test_machine_that_never_was(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/hosts/local/machines/00000000-0000-4000-8000-000000000000/overview")
    expect(page.get_by_role("heading", name="There is no such machine")).to_be_visible()


def test_figures_are_a_table_too(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1", "performance")
    expect(page.get_by_role("region", name="CPU")).to_be_visible()
    page.get_by_text("As a table").click()
    table = page.get_by_role("grid", name="Figures")
    expect(table.get_by_role("row").nth(1)).to_contain_text("%")
    page.get_by_text("As a table").click()


def test_notes_are_edited_where_they_stand(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.define(bed.guest_xml("notes"))
    page = open_machine(open_page, live, "notes")
    page.get_by_role("button", name="Edit Title").click()
    page.get_by_role("textbox", name="Title").fill("The house's own")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Notes")).to_contain_text("The house's own")
    page.get_by_role("button", name="Edit Tags").click()
    page.get_by_role("textbox", name="Tags").fill("web prod")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Tags")).to_contain_text("prod")
    assert bed.a.virsh("desc", "notes", "--title").strip() == "The house's own"


def test_note_of_somebody_else_is_not_overwritten_unasked(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.define(bed.guest_xml("two-writers"))
    page = open_machine(open_page, live, "two-writers")
    page.get_by_role("button", name="Edit Title").click()
    page.get_by_role("textbox", name="Title").fill("mine")
    bed.a.virsh("desc", "two-writers", "--config", "--title", "theirs")
    expect(page.get_by_role("main")).to_contain_text("theirs")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Somebody changed the machine meanwhile")).to_be_visible()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("mine")
    page.get_by_role("button", name="Save mine all the same").click()
    wait_for(lambda: bed.a.virsh("desc", "two-writers", "--title").strip() == "mine")


def test_machine_that_goes_while_it_is_on_screen(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.define(bed.guest_xml("leaving"))
    page = open_machine(open_page, live, "leaving")
    bed.a.virsh("undefine", "leaving")
    expect(page.get_by_role("heading", name="leaving is gone")).to_be_visible()


def test_waiting_changes_are_applied_by_a_restart_in_one_act(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.define(bed.guest_xml("restart-me"), start=True)
    page = open_machine(open_page, live, "restart-me")
    # Not by setvcpus: libvirt sends no event for that.
    bed.a.define(bed.a.virsh("dumpxml", "restart-me", "--inactive").replace(">1</vcpu>", ">2</vcpu>"))
    expect(page.get_by_text("Some changes wait for the next start")).to_be_visible()
    page.get_by_role("button", name="Shut down and start again").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("region", name="Command")).to_contain_text("virsh start restart-me")
    page.get_by_role("button", name="Close", exact=True).last.click()
    dialog.get_by_role("button", name="Shut down and start again").click()
    expect(page.get_by_text("Waiting for the guest to shut down")).to_be_visible()
    page.reload()  # it is the server's job
    # This guest is deaf to the power button.
    page.get_by_role("button", name="Force it off").click()
    page.get_by_role("dialog").get_by_role("button", name="Force off").click()
    wait_for(lambda: "maximum      live           2" in bed.a.virsh("vcpucount", "restart-me", check=False))
    expect(page.get_by_text("Some changes wait for the next start")).to_have_count(0)


def test_a_finding_is_cured_where_it_stands(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "dns")
    findings = page.get_by_role("list", name="Findings")
    findings.get_by_role("button", name="Add the agent channel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("org.qemu.guest_agent.0")
    assert faults(page) == []
    dialog.get_by_role("button", name="Add the agent channel").click()
    expect(findings.get_by_role("button", name="Add the agent channel")).to_have_count(0)
