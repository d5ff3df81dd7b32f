"""The list of machines on a real host: what others do shows by itself, what is clicked happens."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed, wait_for

from .conftest import Opener, Site


def row(page: Page, name: str):
    """The machine's row."""
    return page.get_by_role("row", name=name, exact=True)


def test_what_virsh_does_appears_without_a_reload(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/machines")
    expect(page.get_by_role("heading", level=1, name="Machines")).to_be_visible()
    bed.a.define(bed.guest_xml("walk-in"))
    expect(row(page, "walk-in")).to_contain_text("Off")
    bed.a.virsh("start", "walk-in")
    expect(row(page, "walk-in")).to_contain_text("Running")
    bed.a.virsh("suspend", "walk-in")
    expect(row(page, "walk-in")).to_contain_text("Paused")
    bed.a.virsh("destroy", "walk-in")
    bed.a.virsh("undefine", "walk-in")
    expect(row(page, "walk-in")).to_have_count(0)


def test_a_machine_is_started_and_forced_off(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = bed.a.define(bed.guest_xml("switch-me"))
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    acts = page.get_by_role("toolbar", name=re.compile("What can be done"))
    acts.get_by_role("button", name="Start", exact=True).click()
    wait_for(lambda: bed.a.state("switch-me") == "running")
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("menuitem", name=re.compile("Force off")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("switch-me")
    dialog.get_by_role("button", name=re.compile("Force off")).click()
    wait_for(lambda: bed.a.state("switch-me") == "shut off")
    expect(acts.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_a_machine_of_the_other_host_stands_in_the_same_list(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.b.define(bed.guest_xml("far-away"))
    page = open_page(live, "/machines")
    expect(row(page, "far-away")).to_contain_text("b")
