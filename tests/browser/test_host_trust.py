"""Adding a host over SSH in the page: its fingerprint is looked at, a password is used once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.qemu.bed import Bed
from tests.qemu.test_hosts import PASSWORD, PORT, another_key, ssh_server

from .axe import faults
from .conftest import NARROW, WIDE, Opener, Site
from .test_pages import picture


@pytest.fixture
def door(bed: Bed) -> Iterator[Path]:
    yield from ssh_server(bed)


def test_a_host_is_trusted_added_and_trusted_anew(bed: Bed, door: Path, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/hosts")
    page.get_by_role("button", name="Add host").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("fresh")
    dialog.get_by_role("textbox", name="Host name or IP address").fill(bed.b.address)
    dialog.get_by_role("textbox", name="Port").fill(str(PORT))
    dialog.get_by_role("button", name="Next: its key").click()
    trust = page.get_by_role("dialog", name=f"Trust {bed.b.address}")
    expect(trust).to_contain_text("Is this the key of that host?")
    expect(trust).to_contain_text(re.compile("SHA256:[A-Za-z0-9+/]{43}"))
    assert faults(page) == []
    picture(page, "host trust.png")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    picture(page, "host trust narrow.png")
    trust.get_by_role("radio", name="It is let in already").check()
    trust.get_by_role("button", name="Trust and add host").click()
    expect(trust).to_contain_text("No key of this server lets it in as root")
    expect(trust).to_contain_text("Its key is the one that is trusted already")
    picture(page, "host trust without key narrow.png")
    trust.get_by_role("radio", name="Use a password once").check()
    trust.get_by_label("Password of root").fill("guess")
    trust.get_by_role("button", name="Trust and add host").click()
    expect(trust).to_contain_text("The password was not accepted for root")
    trust.get_by_label("Password of root").fill(PASSWORD)
    trust.get_by_role("button", name="Trust and add host").click()
    card = page.get_by_role("article", name="fresh")
    expect(card).to_contain_text("Connected")
    expect(card).to_contain_text("in step with this server")
    expect(card).to_contain_text("of the processors busy")
    card.get_by_role("button", name="Edit").click()
    edit = page.get_by_role("dialog", name="How fresh is reached")
    expect(edit.get_by_role("textbox", name="Port")).to_have_value(str(PORT))
    edit.get_by_role("textbox", name="User").fill("nobody")
    picture(page, "host edit narrow.png")
    edit.get_by_role("button", name="Next: its key").click()
    expect(page.get_by_role("dialog")).to_contain_text("Its key is the one that is trusted already")
    page.get_by_role("button", name="Back").click()
    edit.get_by_role("textbox", name="User").fill("root")
    edit.get_by_role("button", name="Next: its key").click()
    page.get_by_role("radio", name="It is let in already").check()
    page.get_by_role("button", name="Trust and save").click()
    expect(page.get_by_text("How fresh is reached is saved")).to_be_visible()
    expect(card).to_contain_text("Connected")
    another_key(bed, door)
    expect(card).to_contain_text("The host shows another SSH key")
    expect(card).to_contain_text("the one that is trusted")
    card.get_by_role("button", name="Look at its key").click()
    changed = page.get_by_role("dialog", name=f"Trust {bed.b.address}")
    expect(changed).to_contain_text("Trusted until now:")
    assert faults(page) == []
    picture(page, "host key changed narrow.png")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    picture(page, "host key changed.png")
    changed.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("dialog", name="Trust")).to_contain_text("This is not the key that was trusted until now")
    picture(page, "host key changed plan.png")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    changed.get_by_role("button", name="Trust the new key").click()
    expect(card).to_contain_text("Connected")
    card.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(card).to_have_count(0)
