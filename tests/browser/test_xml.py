"""The definition as text: read, edited with the schema's help, and taken back from the history."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.qemu.bed import Bed

from .axe import faults
from .conftest import Opener, Site
from .test_machine import open_machine


@pytest.fixture
def page(bed: Bed, live: Site, open_page: Opener) -> Page:
    """The XML of a machine that is off."""
    bed.a.define(bed.guest_xml("box"))
    return open_machine(open_page, live, "box", "xml")


def editor(page: Page) -> Locator:
    page.get_by_role("tabpanel").get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_role("textbox", name="Definition", exact=True)
    expect(field).to_contain_text("<domain")
    return field


def write(page: Page, behind: str, text: str) -> None:
    """Put a line behind another, as a person does."""
    editor(page).locator(".cm-line").filter(has_text=behind).click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    line = page.locator(".cm-activeLine")
    expect(line).to_have_text(re.compile(r"^\s*$"))  # before it stands there, text would go into the old line
    page.keyboard.insert_text(text)
    page.keyboard.press("End")  # the editor takes over inserted text with the next key at the latest
    expect(line).to_contain_text(text)


def test_definition_is_read_with_colours_under_the_policy(page: Page) -> None:
    field = page.get_by_role("textbox", name="Saved definition")
    expect(field).to_contain_text("<name>box</name>")
    tag = field.get_by_text("domain", exact=True).first
    colour = "element => getComputedStyle(element).color"
    assert tag.evaluate(colour) != field.evaluate(colour)
    assert faults(page) == []


def test_running_definition_is_only_there_while_it_runs(bed: Bed, page: Page) -> None:
    expect(page.get_by_role("button", name="Running", exact=True)).to_be_disabled()
    bed.a.virsh("start", "box")
    page.get_by_role("button", name="Running", exact=True).click()
    expect(page.get_by_role("textbox", name="Running definition")).to_contain_text(re.compile('<domain .*id="\\d+"'))


def test_definition_is_reviewed_then_saved(bed: Bed, page: Page) -> None:
    write(page, "<name>box</name>", "<title>By hand</title>")
    page.get_by_role("button", name="Review the change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("<title>By hand</title>")
    dialog.get_by_role("button", name="Save the definition").click()
    expect(page.get_by_role("textbox", name="Saved definition")).to_contain_text("By hand")
    assert bed.a.virsh("desc", "box", "--title").strip() == "By hand"


def test_fault_is_marked_at_its_line(page: Page) -> None:
    write(page, "<name>box</name>", "<title>Open")
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_text("The XML is not a valid definition")).to_be_visible()
    expect(page.locator(".cm-lintRange-error").first).to_be_visible()


def test_unknown_element_is_refused_by_the_schema_and_the_text_stays(bed: Bed, page: Page) -> None:
    before = bed.a.virsh("dumpxml", "box", "--inactive")
    write(page, "<name>box</name>", "<colour>red</colour>")
    page.get_by_role("button", name="Review the change").click()
    dialog = page.get_by_role("dialog")
    save = dialog.get_by_role("button", name="Save the definition")
    expect(dialog).to_contain_text("<colour> does not belong here")  # told before, and by libvirt when it is saved
    save.click()
    expect(page.get_by_text("The XML is not a valid definition")).to_be_visible()
    expect(page.get_by_role("textbox", name="Definition", exact=True)).to_contain_text("<colour>red</colour>")
    assert bed.a.virsh("dumpxml", "box", "--inactive") == before


def test_leaving_with_unsaved_text_asks(page: Page) -> None:
    write(page, "<name>box</name>", "<title>Lost</title>")
    page.get_by_role("tab", name="Overview").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()
    expect(page.get_by_role("textbox", name="Definition", exact=True)).to_contain_text("Lost")


def test_way_back_through_the_history(bed: Bed, page: Page) -> None:
    bed.a.define(bed.a.virsh("dumpxml", "box", "--inactive").replace(">1</vcpu>", ">4</vcpu>"))
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("region", name="Difference")).to_contain_text("4</vcpu>")
    page.get_by_role("button", name=re.compile("^Go back to")).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("1</vcpu>")
    dialog.get_by_role("button", name="Go back", exact=True).click()
    expect(page.get_by_role("grid", name="Definitions").get_by_role("row").nth(1)).to_contain_text("restore")
    assert ">1</vcpu>" in bed.a.virsh("dumpxml", "box", "--inactive")
    expect(page.get_by_role("grid", name="What was done")).to_contain_text("restore")


def test_what_is_changed_outside_is_told_until_it_is_taken(bed: Bed, page: Page) -> None:
    write(page, "<name>box</name>", "<title>Ours</title>")
    page.get_by_role("button", name="Review the change").click()
    page.get_by_role("dialog").get_by_role("button", name="Save the definition").click()
    expect(page.get_by_role("textbox", name="Saved definition")).to_contain_text("Ours")
    bed.a.define(bed.a.virsh("dumpxml", "box", "--inactive").replace("Ours", "Theirs"))
    page.get_by_role("tab", name="Overview").click()
    expect(page.get_by_text("Changed outside Quarterdeck since")).to_be_visible()
    page.get_by_role("button", name=re.compile("differ")).click()
    expect(page.get_by_label("before: Ours")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Take it as it is").click()
    expect(page.get_by_text("Changed outside Quarterdeck since")).to_have_count(0)
