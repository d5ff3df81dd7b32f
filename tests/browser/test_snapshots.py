"""Snapshots in the page: the tree with where the machine is, taking, going back, deleting, and what is said first."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_clone import describe
from .test_machine import open_machine, uuid_of
from .test_pages import inspect, picture


def take(page: Page, name: str, description: str = "") -> None:
    page.get_by_role("tabpanel").get_by_role("button", name="Take snapshot").click()
    dialog = page.get_by_role("dialog", name="Take a snapshot")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Description").fill(description)
    dialog.get_by_role("button", name="Take snapshot").click()
    expect(dialog).to_have_count(0)
    expect(line(page, name)).to_be_visible()


def line(page: Page, name: str) -> object:
    """The line of a snapshot in the tree."""
    tree = page.get_by_role("list", name="Snapshots")
    return tree.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))


def in_order(page: Page, *names: str) -> None:
    """Wait until the tree's lines are these."""
    expect(page.get_by_role("list", name="Snapshots").get_by_role("listitem")).to_contain_text(names)


def test_from_the_first_one_to_none_again(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "ci-runner-1", "snapshots")
    expect(page.get_by_text("It is no backup")).to_be_visible()
    take(page, "before-upgrade", "All well")
    take(page, "after-upgrade")
    expect(page.get_by_text("All well")).to_be_visible()
    in_order(page, "before-upgrade", "after-upgrade", "You are here")

    page.get_by_role("button", name="Go back to before-upgrade").click()
    dialog = page.get_by_role("dialog", name="Go back to before-upgrade")
    expect(dialog.get_by_text("is lost: nothing else keeps it")).to_be_visible()
    dialog.get_by_label("Keep it as a snapshot first").check()
    expect(dialog.get_by_text("is lost: nothing else keeps it")).to_have_count(0)
    assert faults(page) == []
    dialog.get_by_label("Give it up").check()
    dialog.get_by_role("button", name="Go back", exact=True).click()
    expect(dialog).to_have_count(0)
    in_order(page, "before-upgrade", "after-upgrade", "You are here")

    page.get_by_role("button", name="Go back to after-upgrade").click()
    dialog = page.get_by_role("dialog", name="Go back to after-upgrade")
    dialog.get_by_label("Only look, and decide later").check()
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    picture(page, "revert narrow.png")
    dialog.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_text("This is a preview of after-upgrade")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert faults(page) == []
    picture(page, "preview narrow.png")
    page.get_by_role("tab", name="Hardware").click()
    expect(page.get_by_text("This is a preview of after-upgrade")).to_be_visible()
    page.get_by_role("tab", name="Snapshots").click()
    page.get_by_role("button", name="Drop it").click()
    dialog = page.get_by_role("dialog", name="Drop the preview of after-upgrade")
    expect(dialog.get_by_text("what changed since the preview of after-upgrade began is lost")).to_be_visible()
    dialog.get_by_role("button", name="Drop it").click()
    expect(page.get_by_text("This is a preview of after-upgrade")).to_have_count(0)
    in_order(page, "before-upgrade", "after-upgrade", "You are here")

    page.get_by_role("button", name="Delete before-upgrade").click()
    dialog = page.get_by_role("dialog", name="Delete snapshot before-upgrade")
    dialog.get_by_label("Also those that grew from it").check()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("ci-runner-1 has no snapshots")).to_be_visible()


def test_what_taking_one_would_do_is_shown_first(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "mail", "snapshots")
    page.get_by_role("tabpanel").get_by_role("button", name="Take snapshot").click()
    dialog = page.get_by_role("dialog", name="Take a snapshot")
    expect(dialog.get_by_text("stands still while")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_label("External").check()
    expect(dialog.get_by_text("the guest stops only at the end of it")).to_be_visible()
    dialog.get_by_label("Name").fill("-x")
    expect(dialog.get_by_text("cannot begin with a dash")).to_be_visible()
    expect(dialog.get_by_role("button", name="Take snapshot")).to_be_disabled()
    dialog.get_by_label("Name").fill("good")
    dialog.get_by_role("button", name="Show me").click()
    page.get_by_role("dialog").last.get_by_role("tab", name="Command").click()
    expect(page.get_by_text("virsh snapshot-create-as mail --name good")).to_be_visible()


def test_what_is_not_possible_says_why(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "snapshots")
    page.get_by_role("tabpanel").get_by_role("button", name="Take snapshot").click()
    dialog = page.get_by_role("dialog", name="Take a snapshot")
    expect(dialog.get_by_label("Memory")).to_be_disabled()
    expect(dialog.get_by_text("It is off, so there is no memory to keep.")).to_be_visible()


def test_where_none_is_possible_each_kind_says_why_once(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "db-1", "snapshots")
    page.get_by_role("tabpanel").get_by_role("button", name="Take snapshot").click()
    dialog = page.get_by_role("dialog", name="Take a snapshot")
    kinds = dialog.get_by_role("radiogroup", name="Kind")
    expect(kinds.get_by_text("Neither kind is possible now.")).to_be_visible()
    expect(kinds.get_by_text("Disk vda is a device, beside which no file can lie.")).to_have_count(1)
    assert faults(page) == []


def test_a_snapshot_is_described_and_tells_its_files(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "git", "snapshots")
    take(page, "one")
    page.get_by_role("button", name="Describe one").click()
    dialog = page.get_by_role("dialog", name="Describe one")
    dialog.get_by_label("Description").fill("Known to work")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Known to work")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_text("/var/lib/libvirt/images/git.qcow2")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="New machine from one").click()
    dialog = page.get_by_role("dialog", name="New machine from one")
    dialog.get_by_label("Keep it as a template").check()
    expect(dialog.get_by_role("checkbox", name="Start it")).to_be_disabled()
    assert faults(page) == []
    picture(page, "template of a snapshot.png")


def test_menus_and_palette_have_the_same_acts(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "db-2")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and act").fill("take snapshot db-2")
    expect(page.get_by_role("option").first).to_contain_text("Take snapshot db-2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Take a snapshot")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Edit", exact=True).click()
    back = page.get_by_role("menuitem", name=re.compile("^Go back to a snapshot"))
    expect(back).to_have_attribute("aria-disabled", "true")


GROWN = "base updates app-1 app-2 <updates kernel driver <kernel tuned tuned-more <base bare minimal <app-2 app-3 app-4"
"""Names of snapshots in the order in which they are taken; `<` goes back to one before."""


def test_a_dozen_in_branches_fit_on_a_phone_and_lead_to_where_one_is(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "monitor", "snapshots", size=NARROW)
    demo.deck.login("demo", "demo")
    snapshots = f"/hosts/local/domains/{uuid_of(page, demo, 'monitor')}/snapshots"
    for step in GROWN.split():
        at, body = (f"{snapshots}/{step[1:]}/revert", {}) if step[0] == "<" else (snapshots, {"name": step})
        demo.deck.ended(demo.deck.begin("POST", at, body))
    page.reload()
    in_order(
        page,
        *("base", "bare", "minimal", "updates", "kernel", "driver", "tuned", "tuned-more"),
        *("app-1", "app-2", "app-3", "app-4", "You are here"),
    )
    expect(page.get_by_text("grew from updates")).to_be_visible()
    inspect(page, "snapshots")


def test_a_disk_goes_to_another_pool_with_its_plan_first(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1", "hardware")
    page.get_by_role("button", name=re.compile("^Move to another pool: Disk vda")).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Move Disk vda"))
    expect(dialog.get_by_text("It can be cancelled until both are equal")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_label("Delete it at the end").check()
    expect(dialog.get_by_text("is deleted once the machine uses the copy")).to_be_visible()
    describe(demo, uuid_of(page, demo, "web-1"), "while its disk moves")
    expect(dialog.get_by_text("Somebody changed web-1 meanwhile")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Go on with my input").click()
    expect(dialog.get_by_label("Delete it at the end")).to_be_checked()
    expect(dialog.get_by_role("button", name="Move", exact=True)).to_be_enabled()
    dialog.get_by_label("To pool").select_option("default")
    expect(dialog.get_by_text("It lies there already, in this format.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Move", exact=True)).to_be_disabled()
