"""Cloning a machine in the page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture


def open_dialog(site: Site, page: Page, name: str) -> Locator:
    listed = page.context.request.get(f"{site.url}/api/v1/hosts/local/domains").json()
    page.goto(f"{site.url}/hosts/local/machines/{next(each['uuid'] for each in listed if each['name'] == name)}")
    page.get_by_role("button", name=re.compile("^(Edit|Acts)$")).click()
    page.get_by_role("menuitem", name=re.compile("^Clone")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=True)).to_have_attribute("placeholder", f"{name}-clone")
    return dialog


def test_machine_is_cloned_and_one_goes_to_the_clone(demo: Site, open_page: Opener) -> None:
    page = open_page(demo)
    dialog = open_dialog(demo, page, "old-wiki")
    expect(dialog.get_by_label("Name of the copy of vda")).to_have_attribute("placeholder", "old-wiki-clone.qcow2")
    dialog.get_by_label("Name", exact=True).fill("web-1")
    expect(dialog.get_by_text("The host has a machine web-1 already.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Clone", exact=True)).to_have_attribute("aria-disabled", "true")
    dialog.get_by_label("Name", exact=True).fill("wiki-copy")
    dialog.get_by_role("button", name="Network and devices").click()
    dialog.get_by_label("MAC address of card 1").fill("52:54:00:12:34:56")
    dialog.get_by_label("Network of card 1").select_option("lab")
    dialog.get_by_role("button", name="Memory and CPU").click()
    dialog.get_by_label("Size", exact=True).select_option(label="Large: 4 vCPUs, 8 GiB")
    expect(dialog.get_by_label("vCPUs", exact=True)).to_have_value("4")
    dialog.get_by_label("Memory", exact=True).fill("much")
    expect(dialog.get_by_text("A size is a number, such as 20 or 1.5.")).to_be_visible()
    dialog.get_by_label("Memory", exact=True).fill("3")
    dialog.get_by_role("button", name="What differs from the original").click()
    for told in ("52:54:00:12:34:56", "lab", "3 GiB"):
        expect(dialog.get_by_role("definition").get_by_text(told, exact=True)).to_be_visible()
    assert faults(page) == []
    picture(page, "clone.png")
    dialog.get_by_role("button", name="Show me").click()
    shown = page.get_by_role("dialog", name="What would be done")
    expect(shown.get_by_role("region", name="XML difference")).to_contain_text("wiki-copy")
    shown.get_by_role("tab", name="Command").click()
    expect(shown.get_by_text("virt-clone --original old-wiki --name wiki-copy")).to_be_visible()
    shown.get_by_role("button", name="Close").last.click()
    dialog.get_by_role("button", name="Clone", exact=True).click()
    expect(dialog.get_by_text("wiki-copy is there")).to_be_visible()
    dialog.get_by_role("link", name="Go there").click()
    expect(page.get_by_role("heading", level=1, name="wiki-copy")).to_be_visible()


def test_dialog_fits_a_phone_in_the_dark(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/", NARROW, dark=True)
    dialog = open_dialog(demo, page, "old-wiki")
    dialog.get_by_label("What becomes of vda").select_option("share")
    expect(dialog.get_by_text(re.compile("Both machines write"))).to_be_visible()
    expect(dialog.get_by_label("Name of the copy of vda")).not_to_be_visible()
    kept = dialog.get_by_role("checkbox", name="Keep it as a template")
    kept.check()
    for name in ("First settings by cloud-init", "Start it"):
        expect(dialog.get_by_role("checkbox", name=name)).to_be_disabled()
    kept.uncheck()
    dialog.get_by_role("checkbox", name="First settings by cloud-init").check()
    dialog.get_by_label("Password", exact=True).fill("geheim")
    expect(dialog.get_by_text("Whose password or key is it? Name the user.").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert faults(page) == []
    picture(page, "clone narrow.png")


def test_template_is_made_and_several_are_deployed_from_it(demo: Site, open_page: Opener) -> None:
    page = open_page(demo)
    dialog = open_dialog(demo, page, "build-suse")
    dialog.get_by_role("button", name="Network and devices").click()
    dialog.get_by_label("MAC address of card 1").fill("52:54:00:12:34:57")
    dialog.get_by_role("button", name="One more").click()
    expect(dialog.get_by_label("MAC address of card 1")).to_be_disabled()
    dialog.get_by_label("Name", exact=True).fill("seat-{n}")
    dialog.get_by_role("checkbox", name="Keep it as a template").check()
    dialog.get_by_role("button", name="Clone", exact=True).click()
    expect(dialog.get_by_text("seat-1 is there")).to_be_visible()
    expect(dialog.get_by_text("seat-2 is there")).to_be_visible()
    dialog.get_by_role("link", name="Go there").first.click()
    expect(page.get_by_role("heading", level=1, name="seat-1")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Template, version 1").click()
    expect(page.get_by_role("heading", level=1, name="Versions of seat-1")).to_be_visible()
    expect(page.get_by_text("With a second version")).to_be_visible()
    describe(demo, page.url.rpartition("/")[2], "for the classroom")
    here = page.get_by_role("navigation", name="Main").get_by_role("link", name="Machines")
    expect(here).to_have_attribute("aria-current", "page")
    table = page.get_by_role("grid", name="Versions")
    expect(table.get_by_role("row").filter(has_text="today’s")).to_contain_text("for the classroom")
    expect(page.get_by_role("region", name="Compare")).to_contain_text("for the classroom")
    assert faults(page) == []
    picture(page, "versions.png")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    picture(page, "versions narrow dark.png")
    table.get_by_role("button", name="Make a machine of version 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_accessible_name("New machine of seat-1, version 1")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("seat-1-v1")
    dialog.get_by_role("button", name="Clone", exact=True).click()
    expect(dialog.get_by_text("seat-1-v1 is there")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(table.get_by_role("row").filter(has_text="seat-1-v1")).to_be_visible()
    table.get_by_role("button", name="Remove version 2").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The template goes back to what version 1 holds.")
    picture(page, "versions remove narrow dark.png")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(table.get_by_role("row").filter(has_text="today’s")).to_contain_text("3")
    table.get_by_role("button", name="Remove version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(table.get_by_role("button", name="Remove version 1")).to_have_count(0)
    expect(table.get_by_role("button", name="Remove version 3")).to_have_attribute("aria-disabled", "true")
    page.goto(f"{demo.url}/machines/new")
    page.get_by_role("button", name="A template…").click()
    page.get_by_role("dialog").get_by_role("button", name="Use seat-1").click()
    expect(page.get_by_role("dialog", name="Clone seat-1").get_by_label("Name", exact=True)).to_be_focused()


def describe(demo: Site, uuid: str, text: str) -> None:
    """Change a template, as somebody else would."""
    demo.deck.login("demo", "demo")
    one = f"/hosts/local/domains/{uuid}"
    etag = demo.deck.ask("GET", one).json["etag"]
    assert demo.deck.ask("PATCH", one, {"description": text}, If_Match=etag).status == 200


def test_size_is_picked_by_its_name(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    page.route("**/instance-types", lambda route: route.fulfill(status=500, json={"title": "Broken", "detail": "No."}))
    page.goto(f"{demo.url}/machines/new")
    expect(page.get_by_role("heading", name="Danger alert: Broken")).to_be_visible()
    assert faults(page) == []
    picture(page, "instance types unread.png")
    page.unroute("**/instance-types")
    page.get_by_role("button", name="Try again").click()
    page.get_by_label("Size", exact=True).select_option(label="Large: 4 vCPUs, 8 GiB")
    expect(page.get_by_label("vCPUs", exact=True)).to_have_value("4")
    expect(page.get_by_label("Memory", exact=True)).to_have_value("8")
    assert faults(page) == []
    picture(page, "instance types.png")
