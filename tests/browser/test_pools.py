"""Pools made, edited and deleted in the page."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import inspect, picture


def act(page: Page, pool: str, what: str) -> None:
    page.get_by_role("button", name=f"Acts of pool {pool}").click()
    page.get_by_role("menuitem", name=what, exact=True).click()


def test_form_of_a_pool_fits_and_can_be_read_aloud(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/storage", NARROW)
    page.get_by_role("button", name="New pool").click()
    page.get_by_label("Type").select_option("netfs")
    expect(page.get_by_label("Folder on the server")).to_be_visible()
    page.get_by_label("Type").select_option("disk")
    expect(page.get_by_label("Overwrite what it holds")).to_have_count(0)
    page.get_by_label("Prepare the device").check()
    expect(page.get_by_label("Overwrite what it holds")).to_be_visible()
    expect(page.get_by_text("Fill in: Name, Disk")).to_be_visible()
    create = page.get_by_role("dialog").get_by_role("button", name="Create")
    expect(create).to_have_attribute("aria-disabled", "true")
    inspect(page, "pool form")


def test_a_plan_is_looked_at_over_its_form_which_escape_and_enter_leave_whole(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/storage")
    page.get_by_role("button", name="New pool").click()
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    name.fill("stack")
    page.get_by_role("textbox", name="Folder on the host").fill("/srv/stack")
    show = page.get_by_role("button", name="Show me")
    show.click()
    expect(page.get_by_role("dialog")).to_contain_text("Nothing has been changed yet")
    assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    page.get_by_role("button", name="Close").last.hover()  # and nothing lies over it
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(show).to_be_focused()
    expect(name).to_have_value("stack")
    name.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="stack").click()
    expect(page.get_by_role("heading", level=1, name="stack")).to_be_visible()


def test_a_host_that_does_not_answer_keeps_its_place(demo: Site, open_page: Opener) -> None:
    demo.deck.login(demo.user, demo.password)
    gone = {"name": "gone", "transport": "ssh", "address": "127.0.0.1", "port": 1}
    assert demo.deck.ask("POST", "/hosts", gone).status == 201
    page = open_page(demo, "/storage")
    for place in ("Storage", "Networks"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()
        expect(page.get_by_role("heading", level=1, name=place)).to_be_visible()
        expect(page.get_by_role("heading", level=2, name="gone")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Why, and what to do").click()
    expect(page.get_by_role("article", name="gone")).to_be_visible()
    assert demo.deck.ask("DELETE", "/hosts/gone").status == 204


def filled(page: Page, site: Site, pool: str, *, days: int, growth_bytes_day: int) -> None:
    """Make a pool one that filled for some days."""
    told = page.context.request.get(f"{site.url}/api/v1/hosts/local/pools/{pool}").json()
    today = datetime.now(UTC).date()
    with contextlib.closing(sqlite3.connect(site.deck.folder / "state_dir/quarterdeck.sqlite")) as store, store:
        for ago in range(1, days + 1):
            taken = told["allocation_bytes"] - ago * growth_bytes_day
            day = (today - timedelta(days=ago)).isoformat()
            store.execute("REPLACE INTO pool_days VALUES (?,?,?,?)", ("local", told["uuid"], day, taken))


def test_pool_tells_by_when_it_is_full_and_its_volumes_lead_to_who_uses_them(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/storage")
    filled(page, demo, "default", days=6, growth_bytes_day=1)  # so far away that no calendar has the day
    page.goto(f"{demo.url}/storage/local/default")
    expect(page.get_by_text("at that pace there is room for years")).to_be_visible()
    filled(page, demo, "default", days=6, growth_bytes_day=100 << 30)
    page.reload()
    told = page.get_by_text("In the last 6 days 100 GiB a day were taken; at that pace it is full in about")
    expect(told).to_be_visible()
    assert faults(page) == []
    picture(page, "pool that fills.png")
    table = page.get_by_role("grid", name="Volumes of default")
    page.get_by_role("textbox", name="Filter the volumes").fill("runner-2")
    expect(table.get_by_role("row")).to_have_count(2)
    page.get_by_role("textbox", name="Filter the volumes").fill("qcow2")
    table.get_by_role("button", name="Size").click()
    table.get_by_role("button", name="Size").click()
    sizes = [int(text.split()[0]) for text in table.locator("[data-label=Size]").all_inner_texts() if "GiB" in text]
    assert len(sizes) > 5
    assert sizes == sorted(sizes, reverse=True)
    table.get_by_role("link", name="ci-runner-2").click()
    expect(page.get_by_role("heading", level=1, name="ci-runner-2")).to_be_visible()


def test_pool_is_shown_first_then_made_edited_and_deleted(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/storage")
    page.get_by_role("button", name="New pool").click()
    dialog = page.get_by_role("dialog", name="New pool")
    dialog.get_by_label("Name").fill("more")
    dialog.get_by_label("Folder on the host").fill("/etc")
    expect(dialog.get_by_text("belongs to the system")).to_be_visible()
    dialog.get_by_label("Folder on the host").fill("/var/lib/libvirt/more")
    dialog.get_by_role("button", name="Show me").click()
    page.get_by_role("tab", name="Command").click()
    expect(page.get_by_text("virsh pool-define-as more dir")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    dialog.get_by_role("button", name="Create").click()
    line = page.get_by_role("row").filter(has_text="/var/lib/libvirt/more")
    expect(line).to_contain_text("Running")
    act(page, "more", "Stop")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(line).to_contain_text("Off")
    act(page, "more", "Edit")
    page.get_by_label("Folder on the host").fill("/var/lib/libvirt/elsewhere")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="/var/lib/libvirt/elsewhere")).to_be_visible()
    act(page, "more", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="more", exact=True)).to_have_count(0)
    assert "more" not in bed.a.virsh("pool-list", "--all", "--name").split()


def test_server_that_serves_nothing_is_told_in_the_form(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/storage")
    page.get_by_role("button", name="New pool").click()
    page.get_by_label("Type").select_option("netfs")
    page.get_by_label("Name").fill("nas")
    page.get_by_role("textbox", name="Server", exact=True).fill(bed.a.address)
    page.get_by_label("Folder on the server").fill("/export")
    page.get_by_label("Folder on the host").fill("/var/lib/libvirt/nas")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_text("nothing serves there at port 2049")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("nas")
