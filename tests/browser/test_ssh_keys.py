"""The library of SSH keys in the page."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture, settle


def test_keys_are_added_made_and_chosen(demo: Site, open_page: Opener, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-C", "ann@desk", "-f", tmp_path / "key"], check=True)
    page = open_page(demo, "/machines", NARROW, dark=True)
    page.get_by_role("button", name="Menu of demo").click()
    page.get_by_role("menuitem", name="SSH keys").click()
    expect(page.get_by_role("heading", name="You have no keys here yet")).to_be_visible()
    page.get_by_role("button", name="Add a key").click()
    page.get_by_label("Public key").fill("ssh-ed25519 AAAA")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("The key is cut or damaged: copy the whole line.").first).to_be_visible()
    page.get_by_label("Public key").fill((tmp_path / "key.pub").read_text())
    picture(page, "ssh key add narrow dark.png")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("gridcell", name="Name ann@desk")).to_be_visible()
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("textbox", name="Name").fill("laptop")
    page.get_by_role("button", name="Make", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the private key").click()
    assert saved.value.suggested_filename == "id_ed25519_laptop"
    assert "PRIVATE KEY" in saved.value.path().read_text()
    assert faults(page) == []
    picture(page, "ssh key made narrow dark.png")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("gridcell", name="Name laptop")).to_be_visible()
    settle(page)
    picture(page, "ssh keys narrow dark.png")
    assert faults(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    picture(page, "ssh keys wide dark.png")
    page.goto(f"{demo.url}/machines/new")
    page.get_by_text("Cloud image", exact=True).click()
    page.get_by_role("checkbox", name="ann@desk").check()
    page.get_by_role("button", name="Make one…").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("new")
    page.get_by_role("button", name="Make", exact=True).click()
    with page.expect_download():
        page.get_by_role("button", name="Download the private key").click()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("checkbox", name="new", exact=True)).to_be_checked()
    user = page.get_by_label("User", exact=True)
    user.fill("Ann Other")
    page.get_by_role("button", name="Check and preview").click()
    expect(user).to_have_attribute("aria-invalid", "true")
    user.fill("ann")
    page.get_by_role("button", name="Check and preview").click()
    expect(page.get_by_text("ssh_authorized_keys")).to_be_visible()
    page.get_by_role("checkbox", name="ann@desk").scroll_into_view_if_needed()
    picture(page, "ssh keys chosen dark.png")
    page.goto(f"{demo.url}/ssh-keys")
    for name in ("ann@desk", "laptop", "new"):
        page.get_by_role("button", name=f"Delete {name}").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("button", name=f"Delete {name}")).to_have_count(0)
