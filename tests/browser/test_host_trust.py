"""Adding a host over SSH in the page: its fingerprint is looked at, a password is used once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.qemu.bed import Bed
from tests.qemu.test_hosts import PASSWORD, PORT, ssh_server

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture


@pytest.fixture
def door(bed: Bed) -> Iterator[Path]:
    yield from ssh_server(bed)


@pytest.mark.usefixtures("door")
def test_a_host_is_trusted_and_added(bed: Bed, live: Site, open_page: Opener) -> None:
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
    trust.get_by_label("Password of root").fill("guess")
    trust.get_by_role("button", name="Trust and add host").click()
    expect(trust).to_contain_text("The password was not accepted for root")
    trust.get_by_label("Password of root").fill(PASSWORD)
    trust.get_by_role("button", name="Trust and add host").click()
    card = page.get_by_role("article", name="fresh")
    expect(card).to_contain_text("Connected")
    expect(card).to_contain_text("in step with this server")
    card.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(card).to_have_count(0)
