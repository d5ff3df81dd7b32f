"""Files of other servers, fetched into pools from the page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.file_server import FileServer
from tests.qemu.bed import Bed, wait_for
from tests.qemu.tiny_iso import tiny_iso

from .conftest import Opener, Site
from .test_pages import inspect, picture

SIZE = 8 << 20
POOL = "/storage/local/default"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    with FileServer(tiny_iso(tmp_path / "some.iso", size=SIZE).read_bytes()).running() as made:
        yield made


def begin(page: Page, url: str, checksum: str = "") -> None:
    page.get_by_role("button", name="Download from URL").click()
    dialog = page.get_by_role("dialog", name="Download from a URL")
    dialog.get_by_label("Address").fill(url)
    dialog.get_by_label("Checksum").fill(checksum)
    dialog.get_by_role("button", name="Download", exact=True).click()


def test_a_file_is_fetched_with_progress_and_stands_in_the_pool(
    bed: Bed, live: Site, open_page: Opener, server: FileServer
) -> None:
    server.hold = SIZE // 2
    page = open_page(live, POOL)
    begin(page, server.url("/some.iso"), f"{hashlib.sha256(server.data).hexdigest()}  some.iso")
    dialog = page.get_by_role("dialog", name="Download from a URL")
    expect(dialog.get_by_text("4 MiB of 8 MiB to pool default")).to_be_visible()
    picture(page, "download running.png")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="some.iso")).to_contain_text("not complete")
    page.get_by_role("link", name="Storage").first.click()
    expect(page.get_by_role("region", name="Downloads")).to_contain_text("4 MiB of 8 MiB")
    server.go_on.set()
    expect(page.get_by_role("region", name="Downloads")).to_have_count(0)
    page.get_by_role("grid", name="Pools of local").get_by_role("link", name="default").click()
    expect(page.get_by_role("row").filter(has_text="some.iso")).to_contain_text("iso")
    assert (bed.a.images / "some.iso").read_bytes() == server.data


def test_what_cannot_be_is_told_at_its_field_and_can_be_changed(
    bed: Bed, live: Site, open_page: Opener, server: FileServer
) -> None:
    page = open_page(live, POOL)
    begin(page, "file:///etc/passwd")
    dialog = page.get_by_role("dialog", name="Download from a URL")
    expect(dialog.get_by_text("It must begin with https://, http:// or ftp://")).to_be_visible()
    dialog.get_by_label("Address").fill(server.url("/some.iso"))
    dialog.get_by_role("button", name="Show me").click()
    expect(page.get_by_text("virsh vol-upload --pool default some.iso some.iso")).to_be_visible()
    page.get_by_role("dialog", name="What would be done").get_by_role("button", name="Close").last.click()
    dialog.get_by_label("Checksum").fill("sha256:" + "0" * 64)
    dialog.get_by_role("button", name="Download", exact=True).click()
    expect(dialog.get_by_text("The checksum does not fit")).to_be_visible()
    dialog.get_by_role("button", name="Change and try again").click()
    expect(dialog.get_by_label("Address")).to_have_value(server.url("/some.iso"))
    expect(dialog.get_by_label("Checksum")).to_have_accessible_description(re.compile("What arrived has sha256:"))
    wait_for(lambda: not list(bed.a.images.iterdir()), what="nothing of it is left")


def test_a_download_is_cancelled_in_the_page(bed: Bed, live: Site, open_page: Opener, server: FileServer) -> None:
    server.hold = SIZE // 2
    page = open_page(live, POOL)
    begin(page, server.url("/some.iso"))
    page.get_by_role("button", name="Cancel Download some.iso").click()
    expect(page.get_by_role("dialog").get_by_text("Cancelled", exact=False).first).to_be_visible()
    wait_for(lambda: not list(bed.a.images.iterdir()), what="nothing of it is left")


def test_the_dialog_fits_and_has_no_faults(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, POOL)
    page.get_by_role("button", name="Download from URL").click()
    dialog = page.get_by_role("dialog", name="Download from a URL")
    dialog.get_by_label("Cloud image of").select_option("Debian 13")
    expect(dialog.get_by_label("Address")).to_have_value(re.compile("^https://.*/debian-13-generic-amd64.qcow2$"))
    expect(dialog.get_by_label("Name of the volume")).to_have_attribute("placeholder", "debian-13-generic-amd64.qcow2")
    inspect(page, "download")
