"""Forms that the server declares: every kind of hardware, on the made-up host."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_machine import open_machine
from .test_pages import inspect
from .test_settings import write


def form(page: Page, kind: str) -> Locator:
    """The form of a new device, found by a word."""
    page.get_by_role("button", name="Add hardware").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Search hardware").fill(kind)
    dialog.get_by_role("button", name=kind, exact=True).click()
    return page.get_by_role("dialog", name=f"Add: {kind}")


def save(dialog: Locator, verb: str = "Add") -> None:
    dialog.get_by_role("button", name=verb, exact=True).click()


def test_kinds_are_found_by_a_word_and_say_why_not(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    expect(page.get_by_text("bus usb", exact=True)).to_be_visible()  # of a group without a value it tells nothing
    page.get_by_role("button", name="Add hardware").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Memory balloon")).to_be_disabled()
    expect(dialog.get_by_text("The machine has one already.")).to_be_visible()
    inspect(page, "kinds of hardware")
    dialog.get_by_role("textbox", name="Search hardware").fill("virtiofs no such")
    expect(dialog.get_by_text("There is no hardware called")).to_be_visible()
    dialog.get_by_role("textbox", name="Search hardware").fill("usb")
    expect(dialog.get_by_role("list", name="Kinds of hardware")).to_contain_text("USB redirection")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def text_of_folder(tag: str) -> str:
    """A shared folder as one writes it."""
    return (
        '<filesystem type="mount" accessmode="passthrough"><driver type="virtiofs"/>'
        f'<source dir="/srv/share"/><target dir="{tag}"/></filesystem>'
    )


def test_new_volume_is_seen_in_the_xml_and_made_with_what_was_written(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    dialog = form(page, "Disk")
    dialog.get_by_label("Size", exact=True).fill("1")
    dialog.get_by_role("button", name="Show XML").click()
    text = dialog.get_by_role("textbox", name="XML of Add: Disk")
    expect(text).to_contain_text("/var/lib/libvirt/images/fedora-try-1.qcow2")
    made = "".join(line.strip() for line in text.inner_text().splitlines())
    write(text, made.replace("</disk>", "<serial>by-hand</serial></disk>"))
    save(dialog)
    expect(page.get_by_role("region", name="Disks")).to_contain_text("fedora-try-1.qcow2")


def test_folder_comes_with_shared_memory_changes_and_goes(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    dialog = form(page, "Shared folder")
    dialog.get_by_label("Folder", exact=False).fill("relative")
    expect(dialog.get_by_text("Folder must be an absolute path").first).to_be_visible()
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    dialog.get_by_label("Folder", exact=False).fill("/srv/share")
    dialog.get_by_label("Tag", exact=False).fill("share")
    expect(dialog.get_by_text("shared memory", exact=False).last).to_be_visible()
    dialog.get_by_role("button", name="Show XML").click()
    text = dialog.get_by_role("textbox", name="XML of Add: Shared folder")
    expect(text).to_contain_text('<target dir="share"/>')
    write(text, '<filesystem type="mount"><driver type="virtiofs"/><source dir="/srv/share"/></disk></filesystem>')
    expect(dialog.locator(".cm-lintRange-error").first).to_be_visible()
    write(text, text_of_folder("draft"))
    dialog.get_by_role("button", name="Show form").click()
    expect(dialog.get_by_label("Tag", exact=False)).to_have_value("draft")
    dialog.get_by_label("Tag", exact=False).fill("share")
    dialog.get_by_role("button", name="Show XML").click()
    expect(text).to_contain_text('<target dir="share"/>')
    expect(dialog.get_by_text("shared memory", exact=False).last).to_be_visible()
    assert faults(page) == []
    save(dialog)
    row = page.get_by_role("region", name="Disks")
    expect(row).to_contain_text("Shared folder share: /srv/share")
    row.get_by_role("button", name="Edit: Shared folder share: /srv/share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tag", exact=False).fill("other")
    save(dialog, "Save")
    expect(row).to_contain_text("Shared folder other: /srv/share")


def test_fields_follow_what_stands_beside_them(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    dialog = form(page, "Network interface")
    expect(dialog.get_by_label("Network", exact=True)).to_be_visible()
    dialog.get_by_label("Kind").select_option("direct")
    expect(dialog.get_by_label("Network", exact=True)).to_have_count(0)
    dialog.get_by_label("Interface of the host").fill("has space")
    expect(dialog.get_by_text("Interface of the host must be the name of an interface").first).to_be_visible()
    dialog.get_by_label("Interface of the host").fill("eth0")
    dialog.get_by_role("button", name=re.compile("(More|Fewer) settings")).click()
    dialog.get_by_role("button", name="Add: VLAN tags").click()
    dialog.get_by_label("VLAN tags 1", exact=True).fill("seven")
    expect(dialog.get_by_text("VLAN tags must be a whole number").first).to_be_visible()
    dialog.get_by_label("VLAN tags 1", exact=True).fill("7")
    checksums = dialog.get_by_role("combobox", name="Checksums")
    expect(checksums, "what few need is folded").to_have_count(0)
    dialog.get_by_role("button", name="Offloads of the guest").click()
    expect(checksums).to_have_count(1)
    checksums.select_option("no")
    assert faults(page) == []
    save(dialog)
    expect(page.get_by_role("region", name="Network")).to_contain_text("macvtap of eth0")


def test_running_machine_says_at_each_field_when_it_changes(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "web-1", "hardware", size=NARROW)
    page.get_by_role("button", name=re.compile("^Edit: Network interface")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("at the next start").first).to_be_visible()
    expect(dialog.get_by_text("now", exact=True).first).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_device_is_changed_as_xml(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    page.get_by_role("button", name=re.compile("^XML of Video")).click()
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_role("textbox", name=re.compile("^XML of Video"))
    expect(text).to_contain_text("<video>")
    write(text, "<video><model type='vga' vram='32768'/></video>")
    assert faults(page) == []
    dialog.get_by_role("button", name="Review the change").click()
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("32768")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Display and input")).to_contain_text("Video vga")
