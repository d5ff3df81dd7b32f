"""The guided page of what keeps a machine from running twice."""

from __future__ import annotations

from playwright.sync_api import expect

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import picture


def test_the_kinds_are_explained_and_the_command_is_told(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/hosts", NARROW, dark=True)
    page.get_by_role("link", name="Look closer").first.click()
    expect(page.get_by_role("heading", level=1, name="Protection of local")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(4)
    page.get_by_role("radio", name="Lock daemon, in a shared folder").check()
    page.get_by_label("Folder for the locks of disk files").fill("/srv/locks")
    command = page.get_by_role("region", name="Command to run as root")
    expect(command).to_have_text("quarterdeck locking enable --file-space=/srv/locks")
    expect(page.get_by_role("button", name="Change the protection")).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Folder for the locks of disk files").fill("srv")
    expect(page.get_by_text("Some input is not usable")).to_be_visible()
    page.get_by_role("radio", name="sanlock").check()
    page.get_by_label("Number of this host").fill("3")
    expect(command).to_contain_text("--sanlock --host-id=3")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "protection filled in.png")
