"""Pools, volumes and uploads in the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed, wait_for
from tests.waiting import PATIENCE_SECONDS

from .axe import faults
from .conftest import Opener, Site
from .test_pages import picture
from .wire import Wire

MIB = 1 << 20
POOL = "/storage/local/default"
MORE = "/var/lib/libvirt/more"


def begin_upload(page: Page, file: Path) -> None:
    """Choose a file and send it."""
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()


def complete(page: Page) -> None:
    """Wait until the upload in the dialog is over."""
    expect(page.get_by_role("dialog").get_by_role("button", name="Dismiss")).to_be_visible()


def test_pools_tell_their_space_and_lead_to_their_volumes(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.make_disk("disk.qcow2", "3G")
    bed.a.virsh("pool-refresh", "default")
    page = open_page(live, "/storage")
    table = page.get_by_role("grid", name="Pools of local")
    expect(table.get_by_role("row").filter(has_text="default")).to_contain_text("Running")
    page.get_by_role("button", name="Upload").click()
    pools = page.get_by_role("dialog").get_by_label("Pool")
    expect(pools.locator("optgroup[label=local] option, optgroup[label=b] option")).to_have_count(4)
    page.keyboard.press("Escape")
    table.get_by_role("link", name="default").click()
    expect(page.get_by_role("main").get_by_text("local", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="disk.qcow2")).to_contain_text("3 GiB")


def test_a_volume_is_made_used_guarded_and_deleted(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, POOL)
    page.get_by_role("button", name="New volume").click()
    dialog = page.get_by_role("dialog", name="New volume in default")
    dialog.get_by_label("Name").fill("data.qcow2")
    dialog.get_by_label("Size", exact=True).fill("2")
    dialog.get_by_role("button", name="Create").click()
    line = page.get_by_role("row").filter(has_text="data.qcow2")
    expect(line).to_contain_text("2 GiB")
    bed.a.define(bed.guest_xml("owner", disk="/var/lib/libvirt/images/data.qcow2"))
    page.reload()
    expect(line).to_contain_text("owner")
    acts = page.get_by_role("button", name="Acts of volume data.qcow2")
    acts.click()
    delete = page.get_by_role("menuitem", name="Delete")
    expect(delete).to_have_attribute("aria-disabled", "true")
    bed.a.virsh("undefine", "owner")
    page.reload()
    acts.click()
    delete.click()
    page.get_by_role("dialog", name="Delete data.qcow2?").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(line).to_have_count(0)
    assert not (bed.a.images / "data.qcow2").exists()


def test_a_volume_is_encrypted_and_goes_with_its_passphrase(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, POOL)
    page.get_by_role("button", name="New volume").click()
    dialog = page.get_by_role("dialog", name="New volume in default")
    dialog.get_by_label("Name").fill("data.qcow2")
    dialog.get_by_label("Encrypt it").check()
    dialog.get_by_label("Passphrase").fill("short")
    expect(dialog.get_by_label("Passphrase")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_role("button", name="Create")).to_have_attribute("aria-disabled", "true")
    dialog.get_by_role("button", name="Make one").click()
    expect(dialog.get_by_label("Passphrase")).to_have_value(re.compile(r"^(\w{5}-){4}\w{5}$"))
    expect(dialog).to_contain_text("Keep the passphrase elsewhere too")
    assert faults(page) == []
    picture(page, "volume encrypted.png")
    page.keyboard.press("Escape")
    for name in ("locked.img", "box.img"):
        locked_image(bed, name)
    bed.a.virsh("pool-refresh", "default")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="locked.img")).to_contain_text("raw, encrypted")
    page.get_by_role("button", name="Acts of volume locked.img").click()
    page.get_by_role("menuitem", name="Delete").click()
    deletion = page.get_by_role("dialog", name="Delete locked.img?")
    deletion.get_by_label("Forget its passphrase too").check()
    expect(deletion).to_contain_text("is forgotten")
    assert faults(page) == []
    picture(page, "volume encrypted deleted.png")
    deletion.get_by_role("button", name="Delete").click()
    expect(deletion).to_have_count(0)
    assert "box.img" in bed.a.virsh("secret-list")
    uuid = bed.a.define(bed.guest_xml("box", disk="/var/lib/libvirt/images/box.img", disk_format="raw"))
    page.goto(f"{live.url}/hosts/local/machines/{uuid}")
    page.get_by_role("button", name="Danger", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Delete")).click()
    deletion = page.get_by_role("dialog", name="Delete box?")
    deletion.get_by_role("checkbox", name=re.compile("^vda box.img")).check()
    expect(deletion.get_by_label("Forget the passphrases of these disks too")).to_be_checked()
    assert faults(page) == []
    picture(page, "machine encrypted deleted.png")
    deletion.get_by_role("button", name="Delete", exact=True).click()
    expect(deletion).to_have_count(0)
    assert bed.a.virsh("secret-list").split() == []


def locked_image(bed: Bed, name: str) -> None:
    """A volume that looks encrypted, and the secret that opens it."""
    head = b"LUKS\xba\xbe\x00\x01".ljust(104, b"\x00") + (4096).to_bytes(4, "big")  # its data begins at 2 MiB
    (bed.a.images / name).write_bytes(head.ljust(3 << 20, b"\x00"))
    path = f"/var/lib/libvirt/images/{name}"
    secret = f"<secret><usage type='volume'><volume>{path}</volume></usage></secret>"
    bed.a.space.run("virsh", "secret-define", "/dev/stdin", text_in=secret)


def test_a_volume_is_resized_copied_and_found_unused(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.make_disk("a.qcow2", "1G")
    bed.a.virsh("pool-refresh", "default")
    page = open_page(live, POOL)
    page.get_by_role("button", name="Acts of volume a.qcow2").click()
    page.get_by_role("menuitem", name="Resize").click()
    page.get_by_label("Size", exact=True).fill("2")
    expect(page.get_by_role("dialog").get_by_role("button", name="Resize")).not_to_have_attribute(
        "aria-disabled", "true"
    )
    bed.a.virsh("vol-resize", "a.qcow2", "1536M", "--pool", "default")
    page.get_by_role("dialog").get_by_role("button", name="Resize").dispatch_event("click")
    expect(page.get_by_text("Somebody changed a.qcow2 meanwhile")).to_be_visible()
    assert faults(page) == []
    picture(page, "volume changed meanwhile.png")
    page.get_by_role("button", name="Go on with my input").click()
    page.get_by_role("dialog").get_by_role("button", name="Resize").click()
    expect(page.get_by_role("row").filter(has_text="a.qcow2")).to_contain_text("2 GiB")
    page.get_by_role("button", name="Acts of volume a.qcow2").click()
    page.get_by_role("menuitem", name="Copy").click()
    page.get_by_role("dialog").get_by_label("Name").fill("b.qcow2")
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("row").filter(has_text="b.qcow2")).to_contain_text("2 GiB")
    page.get_by_role("button", name="New volume").click()
    dialog = page.get_by_role("dialog", name="New volume in default")
    dialog.get_by_label("Name").fill("top.qcow2")
    dialog.get_by_label("Stands on").select_option("a.qcow2")
    expect(dialog.get_by_label("Size", exact=True)).to_have_value("2")
    expect(dialog.get_by_label("Format")).to_be_disabled()
    assert faults(page) == []
    picture(page, "volume on another.png")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Acts of volume top.qcow2").click()
    page.get_by_role("menuitem", name="What it stands on").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(2)
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    base = bed.a.make_disk("below.qcow2", "1G")
    bed.a.virsh("pool-define-as", "idle", "dir", "--target", "/var/lib/libvirt/idle")
    bed.a.virsh("pool-define-as", "more", "dir", "--target", MORE)
    bed.a.virsh("pool-build", "more")
    bed.a.virsh("pool-start", "more")
    bed.a.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", "qcow2", f"{MORE}/upper.qcow2")
    bed.a.virsh("pool-refresh", "more")
    page.get_by_role("link", name="Storage").first.click()
    page.get_by_role("button", name="Unused volumes").click()
    page.get_by_label("b.qcow2").check()
    assert faults(page) == []
    page.get_by_role("button", name="Erase 1 volume").click()
    expect(page.get_by_label("b.qcow2")).to_have_count(0)
    assert not (bed.a.images / "b.qcow2").exists() and (bed.a.images / "a.qcow2").exists()
    bed.a.make_disk("b.qcow2", "1G")
    bed.a.virsh("pool-refresh", "default")
    page.goto(live.url + POOL)
    below = page.get_by_role("row").filter(has_text="below.qcow2")
    expect(below).to_contain_text("Needed by upper.qcow2")
    expect(below.get_by_role("checkbox")).to_be_disabled()
    for name in ("top.qcow2", "b.qcow2", "a.qcow2"):
        page.get_by_label(f"Select {name}", exact=True).check()
    assert faults(page) == []
    picture(page, "volumes selected.png")
    page.get_by_role("button", name="Delete them").click()
    erase = page.get_by_role("dialog", name="Delete 3 volumes?")
    expect(erase).to_contain_text("Pools that do not run (idle) are not looked through")
    erase.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Select ", exact=False)).to_have_count(2)
    assert [each.name for each in bed.a.images.glob("*.qcow2")] == ["below.qcow2"]


def test_an_upload_that_does_not_match_its_checksum_is_told_and_gone(
    bed: Bed, live: Site, open_page: Opener, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.img"
    file.write_bytes(b"wrong" * 1000)
    page = open_page(live, POOL)
    page.get_by_role("button", name="Upload", exact=True).click()
    (tmp_path / "empty.img").touch()
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "empty.img")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The file is empty.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Upload", exact=True)).to_have_attribute("aria-disabled", "true")
    picture(page, "upload empty.png")
    page.get_by_label("File", exact=True).set_input_files(file)
    dialog.get_by_label("Checksum").fill("abc")
    expect(dialog.get_by_text("SHA-256 has 64 hexadecimal digits.").first).to_be_visible()
    dialog.get_by_label("Checksum").fill(f"{'0' * 64}  wrong.img")
    dialog.get_by_role("button", name="Upload", exact=True).click()
    expect(dialog.get_by_text("The checksum does not fit").first).to_be_visible()
    expect(dialog.get_by_text(sha256(file.read_bytes()).hexdigest()).first).to_be_visible()
    assert faults(page) == []
    picture(page, "upload wrong.png")
    wait_for(lambda: not list(bed.a.images.glob("*wrong.img")), what="no trace of it")


def test_an_upload_arrives_byte_for_byte(bed: Bed, live: Site, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "whole.img"
    file.write_bytes(b"".join(sha256(bytes([number % 251])).digest() for number in range(40_000)))
    page = open_page(live, POOL)
    begin_upload(page, file)
    complete(page)
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("row").filter(has_text="whole.img")).to_be_visible()
    assert (bed.a.images / "whole.img").read_bytes() == file.read_bytes()


@pytest.fixture
def wire(live: Site) -> Iterator[Wire]:
    """A line to the service that lets the first megabytes of an upload through and then stands still."""
    made = Wire(live.deck.port, hold_after=6 * MIB)
    yield made
    made.close()


@pytest.mark.parametrize("reloaded", [False, True])
def test_an_upload_that_was_cut_goes_on_where_it_was(
    bed: Bed, live: Site, wire: Wire, open_page: Opener, tmp_path: Path, reloaded: bool
) -> None:
    file = tmp_path / "long.img"
    file.write_bytes(b"".join(sha256(number.to_bytes(4)).digest() for number in range(24 * MIB // 32)))
    page = open_page(wire.through(live), POOL)
    begin_upload(page, file)
    assert wire.held.wait(PATIENCE_SECONDS)
    expect(page.get_by_role("dialog").get_by_role("progressbar")).to_be_visible()
    wire.cut()
    expect(page.get_by_text("The upload was cut")).to_be_visible()
    wire.mend()
    if reloaded:
        page.reload()
        expect(page.get_by_role("row").filter(has_text="long.img")).to_contain_text("not complete")
        page.get_by_role("button", name="Upload", exact=True).click()
        page.get_by_label("File", exact=True).set_input_files(file)
        expect(page.get_by_label(re.compile("^Go on where it was cut"))).to_be_checked()
        assert faults(page) == []
        picture(page, "upload that goes on.png")
    with page.expect_response(re.compile("/jobs$")):
        page.get_by_role("button", name="Go on" if reloaded else "Resume", exact=True).click()
    wire.notice()
    complete(page)
    assert (bed.a.images / "long.img").read_bytes() == file.read_bytes()
    assert wire.sent < 1.5 * file.stat().st_size


def test_a_cancelled_upload_leaves_nothing(bed: Bed, live: Site, wire: Wire, open_page: Opener, tmp_path: Path) -> None:
    file = tmp_path / "never.img"
    file.write_bytes(bytes(24 * MIB))
    page = open_page(wire.through(live), POOL)
    begin_upload(page, file)
    assert wire.held.wait(PATIENCE_SECONDS)
    page.get_by_role("button", name="Go on in the background").click()
    expect(page.get_by_role("region", name="Uploads")).to_contain_text("never.img")
    page.get_by_role("link", name="Storage").first.click()
    page.get_by_role("button", name="Cancel the upload of never.img").click()
    expect(page.get_by_text("Cancelled; nothing of it is left.")).to_be_visible()
    wait_for(lambda: not list(bed.a.images.glob("*never.img")), what="no trace of it")


def test_an_upload_over_a_volume_leaves_it_alone_until_it_is_whole(
    bed: Bed, live: Site, wire: Wire, open_page: Opener, tmp_path: Path
) -> None:
    held = bed.a.images / "held.img"
    held.write_bytes(b"before" * MIB)
    bed.a.make_disk("top.qcow2", folder=Path("/var/lib/libvirt"))
    bed.a.define(bed.guest_xml("off", disk="/var/lib/libvirt/top.qcow2"))
    bed.a.virsh("pool-refresh", "default")
    file = tmp_path / "held.img"
    file.write_bytes(b"".join(sha256(number.to_bytes(4)).digest() for number in range(24 * MIB // 32)))
    page = open_page(wire.through(live), POOL)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_label("File", exact=True).set_input_files(file)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^Replace the volume")).check()
    expect(dialog.get_by_text("until then it stays as it is")).to_be_visible()
    expect(dialog.get_by_text("off has the disk /var/lib/libvirt/top.qcow2")).to_be_visible()
    assert faults(page) == []
    picture(page, "upload over a volume.png")
    dialog.get_by_role("button", name="Upload", exact=True).click()
    assert wire.held.wait(PATIENCE_SECONDS)
    wire.cut()
    expect(page.get_by_text("The upload was cut")).to_be_visible()
    wire.mend()
    wire.notice()
    page.reload()
    row = page.get_by_role("row").filter(has_text="held.img")
    expect(row).to_contain_text("being replaced")
    picture(page, "volume that is replaced.png")
    row.get_by_role("button", name="Acts of volume held.img").click()
    page.get_by_role("menuitem", name="Give up its upload").click()
    expect(page.get_by_text("What the volume holds stays as it is.")).to_be_visible()
    assert faults(page) == []
    picture(page, "upload given up.png")
    page.get_by_role("dialog").get_by_role("button", name="Give up", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row).not_to_contain_text("being replaced")
    assert held.read_bytes() == b"before" * MIB
    assert [path.name for path in bed.a.images.glob("*held.img")] == ["held.img"]
