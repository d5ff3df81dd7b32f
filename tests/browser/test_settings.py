"""Settings of a machine: each section's form, what waits, the boot order, and the grid of CPUs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_clone import describe
from .test_machine import open_machine, uuid_of


@pytest.fixture
def page(demo: Site, open_page: Opener) -> Page:
    """The settings of a machine that runs."""
    return open_machine(open_page, demo, "db-1", "settings")


def edit(page: Page, section: str) -> Locator:
    page.get_by_role("button", name=f"Edit: {section}", exact=True).click()
    return page.get_by_role("dialog", name=section)


def test_a_changed_setting_waits_beside_what_runs_and_is_discarded_alone(page: Page) -> None:
    dialog = edit(page, "Clock")
    dialog.get_by_label("Clock", exact=True).select_option("localtime")
    expect(dialog.get_by_text("At the next start: clock offset")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Save").click()
    clock = page.get_by_role("region", name="Settings").get_by_role("group", name="Clock", exact=True)
    expect(clock.get_by_label("running now: utc")).to_be_visible()
    expect(clock.get_by_label("at the next start: localtime")).to_be_visible()
    clock.get_by_role("button", name="Discard the waiting change: clock offset").click()
    expect(clock.get_by_label("at the next start: localtime")).to_have_count(0)


def test_bad_input_is_told_at_its_field(page: Page) -> None:
    dialog = edit(page, "Tuning")
    dialog.get_by_role("textbox", name="Shares", exact=True).fill("1")
    expect(dialog.locator("#cputune-shares-help")).to_contain_text("Shares must be a whole number from 2 to 262144.")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("textbox", name="Shares", exact=True).fill("")
    dialog.get_by_label("vCPU 0 on CPU 0 of the host").check()
    dialog.get_by_role("button", name="Show me").click()
    plan = page.get_by_role("dialog").last
    plan.get_by_role("tab", name="Command").click()
    expect(plan.get_by_role("region", name="Command")).to_contain_text("virsh vcpupin db-1 0 0 --live --config")


def test_processors_are_one_form_whose_numbers_fit_together(page: Page) -> None:
    dialog = edit(page, "Processors")
    vcpus = dialog.get_by_role("textbox", name="vCPUs", exact=True)
    dialog.get_by_label("Set how the vCPUs are arranged").check()
    dialog.get_by_role("textbox", name="Sockets").fill("2")
    dialog.get_by_role("textbox", name="Cores").fill("3")
    expect(dialog.get_by_text("2 × 1 × 3 × 1 = 6 vCPUs, which is the maximum")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Maximum vCPUs")).to_have_value("6")
    vcpus.fill("7")
    expect(dialog.locator("#vcpus-help")).to_contain_text("There cannot be more vCPUs than their maximum (6).")
    vcpus.fill("")
    expect(dialog.locator("#vcpus-help")).to_contain_text("vCPUs is needed.")
    vcpus.fill("4")
    dialog.get_by_label("CPU model").select_option("custom")
    expect(dialog.get_by_label("Model", exact=True)).to_be_visible()
    dialog.get_by_label("CPU model").select_option("host-model")
    expect(dialog.get_by_text("At the next start: maximum of vCPUs, CPU topology", exact=False)).to_be_visible()
    assert faults(page) == []


def test_a_named_model_gets_the_flags_against_flaws_of_processors(page: Page) -> None:
    dialog = edit(page, "Processors")
    dialog.get_by_label("CPU model", exact=True).select_option("custom")
    dialog.get_by_label("Model", exact=True).fill("Westmere")
    dialog.get_by_label("Security mitigations").check()
    dialog.get_by_role("button", name="Show me").click()
    plan = page.get_by_role("dialog").last
    diff = plan.get_by_role("region", name="XML difference")
    expect(diff).to_contain_text('<feature name="spec-ctrl" policy="optional"/>')
    plan.get_by_role("button", name="Close").last.click()
    dialog.get_by_label("Security mitigations").uncheck()
    assert faults(page) == []


def test_the_boot_order_is_changed_by_keyboard_and_told(page: Page) -> None:
    dialog = edit(page, "Boot")
    entries = dialog.get_by_role("list", name="Boot order").get_by_role("listitem")
    first, second = entries.nth(0).inner_text().strip(), entries.nth(1).inner_text().strip()
    down = dialog.get_by_role("button", name=f"Move down: {first}")
    down.focus()
    page.keyboard.press("ArrowDown")
    expect(entries.nth(0)).to_contain_text(second)
    expect(dialog.get_by_text(f"{first} is now number 2 of")).to_be_attached()
    entries.nth(0).get_by_role("checkbox").check()
    expect(dialog.get_by_text("At the next start: boot order")).to_be_visible()
    entries.nth(0).drag_to(entries.nth(1))
    expect(entries.nth(0)).to_contain_text(first)
    expect(entries.nth(1)).to_contain_text(second)
    assert faults(page) == []


def test_form_and_xml_are_in_step_and_saved_as_one(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "settings")
    dialog = edit(page, "Events and sleep")
    dialog.get_by_label("When it crashes").select_option("preserve")
    dialog.get_by_role("button", name="Show XML").click()
    text = dialog.get_by_role("textbox", name="XML of Events and sleep")
    expect(text).to_contain_text("<on_crash>preserve</on_crash>")
    write(text, "<domain><on_crash>preserve</on_domain>")
    expect(dialog.get_by_text("The XML is not a valid definition")).to_be_visible()
    expect(dialog.locator(".cm-lintRange-error").first).to_be_visible()
    dialog.get_by_role("button", name="Show form").click()
    expect(text).to_contain_text("</on_domain>")  # nothing is lost: it stays until it can be read
    write(text, "<domain><on_reboot>destroy</on_reboot><on_crash>preserve</on_crash></domain>")
    expect(dialog.get_by_text("Takes effect now: events on reboot", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="Show form").click()
    expect(dialog.get_by_label("When it restarts")).to_have_value("destroy")
    dialog.get_by_label("When it loses a lock").select_option("ignore")
    dialog.get_by_role("button", name="Show XML").click()
    expect(text).to_contain_text("<on_lockfailure>ignore</on_lockfailure>")
    assert faults(page) == []
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("group", name="Events and sleep", exact=True)
    expect(row).to_contain_text("When it restarts: It is off · When it crashes: It stays as it is, to be looked at · ")
    expect(row).to_contain_text("When it loses a lock: It runs on")


def write(text: Locator, xml: str) -> None:
    """Put another text into the editor."""
    text.click()
    text.press("Control+A")
    text.press("Delete")  # the browser would give inserted text the style of what it replaces, against the policy
    text.page.keyboard.insert_text(xml)
    text.press("End")  # the editor takes over inserted text with the next key at the latest
    expect(text).to_contain_text(xml)


def test_settings_fit_a_phone(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "db-1", "settings", size=NARROW)
    dialog = edit(page, "Arguments of QEMU")
    expect(dialog.get_by_text("The machine counts as tainted")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    dialog = edit(page, "Features")
    dialog.get_by_role("button", name="Set what is recommended for Windows").click()
    expect(dialog.get_by_label("Relaxed")).to_have_value("yes")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert faults(page) == []


def test_metadata_of_other_programs_is_added_changed_and_removed(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "db-1", "settings")
    group = page.get_by_role("region", name="Metadata", exact=True)
    ours = group.get_by_role("button", name="Remove: https://quarterdeck.invalid/xmlns/1")
    expect(ours).to_have_attribute("aria-disabled", "true")
    group.get_by_role("button", name="Add metadata").click()
    dialog = page.get_by_role("dialog", name="Add metadata")
    dialog.get_by_label("Namespace").fill("http://example.org/rack")
    text = dialog.get_by_role("textbox", name="XML of Add metadata")
    write(text, "<rack><unit>7</rack>")
    expect(dialog.locator(".cm-lintRange-error").first).to_be_visible()
    write(text, "<rack><unit>7</unit></rack>")
    assert faults(page) == []
    dialog.get_by_role("button", name="Add", exact=True).click()
    row = group.get_by_role("group", name="http://example.org/rack")
    expect(row).to_contain_text("<app:unit>7</app:unit>")
    group.get_by_role("button", name="Edit: http://example.org/rack").click()
    dialog = page.get_by_role("dialog", name="Metadata of http://example.org/rack")
    text = dialog.get_by_role("textbox", name="XML of Metadata of http://example.org/rack")
    write(text, "<rack><unit>8</unit></rack>")
    describe(demo, uuid_of(page, demo, "db-1"), "while its rack is noted")
    expect(dialog.get_by_text("Somebody changed db-1 meanwhile")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Go on with my input").click()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(row).to_contain_text("<app:unit>8</app:unit>")
    group.get_by_role("button", name="Remove: http://example.org/rack").click()
    review = page.get_by_role("dialog", name="Remove the metadata of http://example.org/rack?")
    expect(review.get_by_role("region", name="XML difference")).to_contain_text("<app:unit>")
    review.get_by_role("button", name="Remove", exact=True).click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(row).to_be_visible()
    assert faults(page) == []
