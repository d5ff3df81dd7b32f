"""A new machine, from the form to its console."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.file_server import FileServer
from tests.operations.creating.test_tree import DEBIAN
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.guest import guest_files
from tests.qemu.tiny_iso import tiny_iso
from tests.waiting import PATIENCE_SECONDS

from .axe import faults
from .conftest import NARROW, PATIENCE_MS, Opener, Site
from .test_pages import picture


def summary(page: Page, term: str, text: str) -> None:
    """The summary says this."""
    group = page.get_by_role("complementary", name="Summary").locator(".pf-v6-c-description-list__group")
    expect(group.filter(has=page.get_by_text(term, exact=True))).to_contain_text(text)


def test_an_iso_is_uploaded_recognised_and_installed_to_the_disk(
    bed: Bed, live: Site, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page(live, "/machines/new")
    page.get_by_role("button", name="Upload…").click()
    page.get_by_label("File", exact=True).set_input_files(tiny_iso(tmp_path / "debian.iso", "Debian 12.5.0 amd64 n"))
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Found on the medium: Debian 12")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("debian12")
    summary(page, "System", "Debian 12")
    summary(page, "Network", "default")
    page.get_by_label("Size of the disk", exact=True).fill("1")
    summary(page, "Disk", "1 GiB qcow2")
    summary(page, "Type", "q35")
    picture(page, "new machine filled.png")
    assert faults(page) == []
    page.get_by_role("button", name="Create and start").click()
    expect(page).to_have_url(re.compile("/console$"))
    expect(page.get_by_role("heading", level=1, name="debian12")).to_be_visible()
    page.get_by_role("button", name="Serial").click()
    expect(page.locator(".xterm-rows")).to_contain_text("BOOTED FROM DISK", timeout=3 * PATIENCE_MS)
    assert bed.a.state("debian12") == "running"


def test_a_machine_is_installed_from_a_tree_on_a_server(bed: Bed, live: Site, open_page: Opener) -> None:
    made = guest_files()
    files = {DEBIAN + "linux": made.kernel.read_bytes(), DEBIAN + "initrd.gz": made.initrd.read_bytes()}
    page = open_page(live, "/machines/new", NARROW)
    page.get_by_role("radio", name=re.compile("^Network installation")).check()
    page.get_by_label("Address of the tree").fill("/srv/debian/dists/bookworm")
    expect(page.get_by_text("no guest sees folders of the host").first).to_be_visible()
    with FileServer(b"", files=files).running() as server:
        page.get_by_label("Address of the tree").fill(server.url("/debian/dists/bookworm/"))
        expect(page.get_by_text("Its name looks like Debian 12")).to_be_visible()
        expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("debian12")
        page.get_by_label("Kernel arguments").fill("console=ttyS0 panic=1")
        page.get_by_label("Size of the disk", exact=True).fill("1")
        page.get_by_role("checkbox", name="Install without questions").check()
        page.get_by_role("textbox", name="User", exact=True).fill("ann")
        expect(page.get_by_text("Give the first user a password.").first).to_be_visible()
        expect(page.get_by_label("Password")).not_to_have_attribute("aria-invalid", "true")
        page.get_by_label("Password").fill("geheim")
        assert faults(page) == []
        page.get_by_label("Address of the tree").scroll_into_view_if_needed()
        picture(page, "tree narrow.png")
        server.hold = 1 << 20
        page.get_by_role("button", name="Create and start").click()
        assert server.holding.wait(PATIENCE_SECONDS)
        expect(page.get_by_role("button", name="Go on in the background")).to_be_visible()
        expect(page.get_by_role("complementary", name="Summary")).to_contain_text("Downloading")
        expect(page.get_by_role("heading", name="debian12", exact=True)).to_be_visible()
        picture(page, "tree fetched narrow.png")
        page.get_by_role("button", name="Cancel Create debian12").click()
        expect(page.get_by_text("The job was cancelled.")).to_be_visible()
        assert bed.a.virsh("list", "--all", "--name").split() == []
        server.hold = None
        page.get_by_role("button", name="Create and start").click()
        expect(page).to_have_url(re.compile("/console$"))
    assert "console=ttyS0 panic=1" in bed.a.virsh("dumpxml", "debian12")


def test_a_cloud_image_is_fetched_set_up_and_started(bed: Bed, live: Site, open_page: Opener) -> None:
    image = bed.a.images / bed.a.make_disk("debian-12-genericcloud-amd64.qcow2", "1G").name
    data = image.read_bytes()
    image.unlink()
    page = open_page(live, "/machines/new", NARROW, dark=True)
    page.get_by_role("radio", name=re.compile("^Cloud image")).check()
    page.get_by_role("button", name="Download…").click()
    dialog = page.get_by_role("dialog", name="Download from a URL")
    with FileServer(data).running() as server:
        dialog.get_by_label("Address").fill(server.url(f"/{image.name}"))
        dialog.get_by_role("button", name="Download", exact=True).click()
        expect(page.get_by_label("Image", exact=True)).to_have_value(f"volume:default/{image.name}")
    expect(page.get_by_text("Its name looks like Debian 12")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("debian12")
    page.get_by_label("Password", exact=True).fill("geheim")
    page.get_by_label("Size of the disk", exact=True).fill("2")
    expect(page.get_by_text("Whose password or key is it? Name the user.").first).to_be_visible()
    page.get_by_label("User", exact=True).fill("anna")
    page.get_by_label("Other SSH keys").fill("ssh-rsa cut")
    expect(page.get_by_text("The key is cut or damaged: copy the whole line.").first).to_be_visible()
    page.get_by_label("Other SSH keys").fill("")
    page.get_by_role("button", name="Check and preview").click()
    expect(page.get_by_text('"passwd": "*****"')).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Check and preview").scroll_into_view_if_needed()
    picture(page, "cloud image narrow.png")
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_role("heading", level=1, name="debian12")).to_be_visible()
    assert "debian12-seed.iso" in bed.a.virsh("domblklist", "debian12")


def test_an_existing_disk_is_imported_and_its_guest_answers(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.make_disk("old.qcow2", "1G")
    bed.a.virsh("pool-refresh", "default")
    page = open_page(live, "/machines/new")
    page.get_by_role("radio", name=re.compile("^Existing disk")).check()
    page.get_by_label("Disk", exact=True).select_option(label="old.qcow2 (1 GiB)")
    page.get_by_role("textbox", name="Name").fill("old")
    page.get_by_role("checkbox", name="Start it when it is made").uncheck()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="old")).to_be_visible()
    assert "old.qcow2" in bed.a.virsh("domblklist", "old")
    assert bed.a.state("old") == "shut off"


def test_a_fault_shows_at_its_field_and_nothing_is_made(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.define(bed.guest_xml("taken"))
    page = open_page(live, "/machines/new")
    page.get_by_role("radio", name=re.compile("^Nothing yet")).check()
    name = page.get_by_role("textbox", name="Name")
    name.fill("taken")
    field = page.locator(".pf-v6-c-form__group").filter(has=name)
    expect(field).to_contain_text(re.compile("has.* “taken”|taken.*already", re.I))
    name.fill("")
    expect(field).to_contain_text("Give it a name.")
    name.fill("free")
    expect(field).not_to_contain_text("Give it a name.")
    page.get_by_label("Size of the disk", exact=True).fill("900000")
    expect(page.get_by_role("complementary", name="Summary")).to_contain_text("has only")
    assert "free" not in bed.a.virsh("list", "--all", "--name")


def test_devices_are_reviewed_and_left_out_before_the_start(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/machines/new")
    page.get_by_role("radio", name=re.compile("^Nothing yet")).check()
    page.get_by_role("textbox", name="Name").fill("bare")
    page.get_by_role("combobox", name="Guest system").fill("debian 12")
    page.get_by_role("option", name=re.compile("^Debian 12")).click()
    page.get_by_role("button", name=re.compile("Review its")).click()
    page.get_by_role("checkbox", name="Random numbers").uncheck()
    expect(page.get_by_text("left out")).to_be_visible()
    page.get_by_label("Firmware").select_option(label="UEFI")
    summary(page, "Type", "UEFI")
    page.get_by_role("button", name="Show me").click()
    dialog = page.get_by_role("dialog", name="What would be made")
    expect(dialog).to_contain_text("<name>bare</name>")
    dialog.get_by_role("tab", name="Command").click()
    expect(dialog).to_contain_text("virt-install")
    dialog.get_by_role("tab", name="API call").click()
    expect(dialog).to_contain_text('"without"')
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_role("checkbox", name="Start it when it is made").uncheck()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="bare")).to_be_visible()
    xml = bed.a.virsh("dumpxml", "bare")
    assert "<rng" not in xml
    assert "firmware='efi'" in xml


def test_a_network_that_is_off_is_started_from_the_form(bed: Bed, live: Site, open_page: Opener) -> None:
    bed.a.virsh("net-destroy", "default")
    page = open_page(live, "/machines/new")
    expect(page.get_by_text("default is off: the machine would not start.")).to_be_visible()
    page.get_by_role("button", name="Start default").click()
    expect(page.get_by_text("default is off: the machine would not start.")).to_have_count(0)
    wait_for(lambda: "default" in bed.a.virsh("net-list", "--name"), what="the network on")


def test_leaving_with_unsaved_input_asks(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines/new")
    page.get_by_role("textbox", name="Name").fill("half")
    page.get_by_role("link", name="Jobs").click()
    dialog = page.get_by_role("dialog", name="Leave this page?")
    dialog.get_by_role("button", name="Stay").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("half")
    page.get_by_role("link", name="Jobs").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()


def test_several_machines_are_made_from_a_preset(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines/new", NARROW)
    page.get_by_role("radio", name=re.compile("^Nothing yet")).check()
    page.get_by_label("Size of the disk", exact=True).fill("1")
    page.get_by_role("button", name="Presets…").click()
    page.get_by_label("Keep what the form holds as").fill("tiny")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("button", name="Use tiny")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_label("Size of the disk", exact=True).fill("2")
    page.get_by_role("button", name="Presets…").click()
    page.get_by_label("Keep what the form holds as").fill("tiny")
    expect(page.get_by_text("It becomes version 2 of this preset.")).to_be_visible()
    page.get_by_role("checkbox", name="For everybody").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_label("Version of tiny")).to_have_value("2")
    page.get_by_role("button", name="Delete tiny").click()
    expect(page.get_by_role("button", name="Use tiny")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Version of tiny")).to_have_value("2")
    picture(page, "presets narrow.png")
    assert faults(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page = open_page(demo, "/machines/new", dark=True)
    page.get_by_role("button", name="Presets…").click()
    page.get_by_label("Version of tiny").select_option("1")
    page.get_by_role("button", name="Use tiny").click()
    expect(page.get_by_label("Size of the disk", exact=True)).to_have_value("1")
    page.get_by_role("textbox", name="Name").fill("pair{n}")
    page.get_by_role("button", name="One more").click()
    page.get_by_role("checkbox", name="Start it when it is made").uncheck()
    picture(page, "several dark.png")
    assert faults(page) == []
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Machines")).to_be_visible()
    demo.deck.login(demo.user, demo.password)
    uuids = {made["name"]: made["uuid"] for made in demo.deck.ask("GET", "/hosts/local/domains").json}
    for name in ("pair1", "pair2"):
        assert demo.deck.ask("DELETE", f"/hosts/local/domains/{uuids[name]}?volumes=all").status < 300
    (preset,) = demo.deck.ask("GET", "/presets").json
    demo.deck.ask("DELETE", f"/presets/{preset['id']}")


def test_windows_is_installed_without_questions(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines/new", NARROW, dark=True)
    expect(page.get_by_role("checkbox", name="Install without questions")).to_be_disabled()
    late: list[Route] = []
    page.route("**/osinfo/detect?*", lambda route: late.append(route))
    page.get_by_label("Medium", exact=True).select_option(index=1)
    page.get_by_role("combobox", name="Guest system").fill("Windows 11")
    page.get_by_role("option", name="Microsoft Windows 11").first.click(delay=300)  # as long as a hand takes
    expect(page.get_by_role("combobox", name="Guest system")).to_have_value("Microsoft Windows 11")
    for answer in late:
        answer.continue_()
    expect(page.get_by_text("Its name looks like")).to_be_visible()
    expect(page.get_by_role("combobox", name="Guest system")).to_have_value("Microsoft Windows 11")
    page.get_by_role("checkbox", name="Install without questions").check()
    page.get_by_label("Product key").fill("12345")
    page.get_by_role("textbox", name="User", exact=True).fill("ann")
    page.get_by_label("Password").fill("geheim")
    expect(page.get_by_text("A product key has five groups of five letters").first).to_be_visible()
    page.get_by_label("Product key").fill("")
    expect(page.get_by_text("The password can be read on the disc with the answers").first).to_be_visible()
    page.get_by_role("button", name="What the installer reads").click()
    expect(page.get_by_role("region", name="autounattend.xml")).to_contain_text("<LocalAccount")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert faults(page) == []
    page.get_by_role("checkbox", name="Install without questions").scroll_into_view_if_needed()
    picture(page, "unattended narrow dark.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    picture(page, "unattended wide.png")


def test_windows_that_sysprep_prepared_is_asked_nothing_at_its_first_start(demo: Site, open_page: Opener) -> None:
    demo.deck.login(demo.user, demo.password)
    made = demo.deck.ask("POST", "/hosts/local/pools/default/volumes", {"name": "golden.qcow2", "size_gib": 1})
    assert made.status == 201, made.json
    page = open_page(demo, "/machines/new", NARROW)
    page.get_by_role("radio", name=re.compile("^Existing disk")).check()
    answers = page.get_by_role("checkbox", name="Answer the questions of a Windows that sysprep has generalized")
    expect(answers).to_be_disabled()
    page.get_by_role("combobox", name="Guest system").fill("Windows 11")
    page.get_by_role("option", name="Microsoft Windows 11").first.click()
    answers.check()
    page.get_by_role("textbox", name="User", exact=True).fill("ann")
    page.get_by_label("Password").fill("geheim")
    page.get_by_label("Disk", exact=True).select_option(label="golden.qcow2 (1 GiB)")
    page.get_by_role("button", name="What Windows reads").click()
    expect(page.get_by_role("region", name="unattend.xml")).to_contain_text("<LocalAccount")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert faults(page) == []
    picture(page, "prepared windows narrow.png")
    demo.deck.ask("DELETE", "/hosts/local/pools/default/volumes/golden.qcow2")
