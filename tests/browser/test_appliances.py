"""Machines of other products in the page: exported, and taken over again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.model.test_translation import OF_VMWARE, VMX
from tests.qemu.bed import Bed
from tests.qemu.test_appliances import foreign
from tests.qemu.test_clone import MARK, disk, read

from .axe import faults
from .conftest import NARROW, WIDE, Opener, Site
from .test_pages import picture


def test_machine_is_exported_and_taken_over_again(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = bed.a.define(bed.guest_xml("web", disk=disk(bed, "web.qcow2", "8M"), memory_mib=160), start=True)
    page = open_page(live, f"/hosts/local/machines/{uuid}", NARROW, dark=True)
    page.get_by_role("button", name="Acts", exact=True).click()
    page.get_by_role("menuitem", name="Export").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Format")).to_have_value("ova")
    expect(dialog.get_by_text("as after a power cut")).to_be_visible()
    dialog.get_by_label("Name").fill("a/b")
    expect(dialog.get_by_text("a name without slashes")).to_be_visible()
    dialog.get_by_label("Name").fill("")
    assert faults(page) == []
    picture(page, "export narrow.png")
    dialog.get_by_label("Format").select_option("xml")
    assert faults(page) == []
    picture(page, "export definition narrow.png")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Download", exact=True).click()
    assert saved.value.suggested_filename == "web.xml"
    assert uuid in saved.value.path().read_text()
    page.get_by_role("button", name="Acts", exact=True).click()
    page.get_by_role("menuitem", name="Export").click()
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog.get_by_role("link", name="Download web.ova")).to_be_visible()
    page = open_page(live, "/machines/new")
    page.get_by_role("button", name="A machine or disk of VMware, VirtualBox or Hyper-V…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").select_option(index=1)
    dialog.get_by_label("File").select_option(value="volume:default/web.ova")
    expect(dialog.get_by_text("web: an OVA package")).to_be_visible()
    dialog.get_by_label("Name").fill("back")
    assert faults(page) == []
    picture(page, "import.png")
    dialog.get_by_role("button", name="Convert").click()
    expect(dialog.get_by_role("button", name="Make the machine")).to_be_enabled()
    page = open_page(live, "/jobs")  # what was begun is found again, also from elsewhere
    page.get_by_role("link", name="Convert back").click()
    picture(page, "imported job.png")
    page.get_by_role("button", name="Go on in the form").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("back")
    expect(page.get_by_role("complementary", name="Summary")).to_contain_text("160 MiB")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="back")).to_be_visible()
    assert read(bed, "back.qcow2") == MARK
    page = open_page(live, "/storage/local/default", NARROW)
    page.get_by_role("button", name="Acts of volume back.qcow2").click()
    page.get_by_role("menuitem", name="Convert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("back.vhdx")
    dialog.get_by_label("Format").select_option("vhdx")
    assert faults(page) == []
    picture(page, "convert narrow.png")
    dialog.get_by_role("button", name="Convert").click()
    expect(dialog).to_have_count(0)
    assert read(bed, "back.vhdx", kind="vhdx") == MARK


def test_report_tells_what_becomes_of_each_part_and_cards_are_kept_without_a_network(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    for name in ("boot", "data", "kiosk", "fast", "old"):
        foreign(bed, f"{name}.vmdk", "vmdk")
    (bed.a.images / "all.vmx").write_text(VMX)
    bed.a.virsh("pool-refresh", "default")
    for size, dark in ((WIDE, False), (NARROW, True)):
        page = open_page(live, "/machines/new", size, dark=dark)
        page.get_by_role("button", name="A machine or disk of VMware, VirtualBox or Hyper-V…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("File").select_option(value="volume:default/all.vmx")
        expect(dialog.get_by_text("All of it: a VMware machine")).to_be_visible()
        for words in OF_VMWARE:
            expect(dialog.get_by_text(words).first).to_be_visible()
        dialog.get_by_label("Network of its cards").select_option("bridge")
        expect(dialog.get_by_role("button", name="Convert")).to_be_disabled()
        dialog.get_by_role("combobox", name="Name of the bridge").fill("br-none")
        expect(dialog.get_by_text("The host has no bridge br-none")).to_be_visible()
        dialog.get_by_label("Network of its cards").select_option("none")
        expect(dialog.get_by_text("2 network cards: kept, but cut off")).to_be_visible()
        assert faults(page) == []
        picture(page, f"import report{' narrow' * dark}.png")
        dialog.get_by_label("Network of its cards").scroll_into_view_if_needed()
        picture(page, f"import network{' narrow' * dark}.png")
        dialog.get_by_role("button", name="Show me").click()
        expect(page.get_by_text("qemu-img convert -p -f vmdk -O qcow2 boot.vmdk").first).to_be_visible()
        picture(page, f"import shown{' narrow' * dark}.png")
        page.get_by_role("button", name="Close").last.click()
    dialog.get_by_role("button", name="Convert").click()
    expect(dialog.get_by_role("link", name="Show them in the pool default")).to_be_visible()
    assert faults(page) == []
    picture(page, "import done narrow.png")
    dialog.get_by_role("button", name="Go on in the form").click()
    expect(page.get_by_label("Network", exact=True)).to_have_value("none")
    picture(page, "import form narrow.png")


def test_disk_alone_becomes_a_machine_with_the_system_and_firmware_that_one_chooses_and_a_card(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "alone.vdi", "vdi")
    for size, dark in ((NARROW, True), (WIDE, False)):
        page = open_page(live, "/machines/new", size, dark=dark)
        page.get_by_role("button", name="A machine or disk of VMware, VirtualBox or Hyper-V…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("File").select_option(value="volume:default/alone.vdi")
        expect(dialog.get_by_text("alone: a VirtualBox disk")).to_be_visible()
        dialog.get_by_role("combobox", name="Guest system").fill("Windows 10")
        page.get_by_role("option", name="Microsoft Windows 10").first.click()
        dialog.get_by_label("Firmware").select_option("uefi")
        expect(dialog.get_by_role("button", name="Convert")).to_be_enabled()
        assert faults(page) == []
        picture(page, f"import alone{' narrow' * dark}.png")
    dialog.get_by_role("button", name="Convert").click()
    dialog.get_by_role("button", name="Go on in the form").click()
    expect(page.get_by_role("combobox", name="Guest system")).to_have_value("Microsoft Windows 10")
    expect(page.get_by_label("Firmware")).to_have_value("uefi")
    expect(page.get_by_label("Network", exact=True)).to_have_value("network:default")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="alone")).to_be_visible()
    text = bed.a.virsh("dumpxml", "alone")
    for words in ("<source network='default'/>", "<model type='e1000e'/>", "bus='sata'", "win/10", "firmware='efi'"):
        assert words in text, text
