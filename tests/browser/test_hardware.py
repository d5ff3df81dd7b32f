"""Hardware of a real machine: said before it is done, done, and told by virsh."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.qemu.bed import Bed, wait_for

from .axe import faults
from .conftest import Opener, Site
from .test_machine import open_machine
from .test_settings import write


def box_xml(bed: Bed) -> str:
    """A machine with one disk, which its pool knows."""
    disk = bed.a.make_disk("box.qcow2")
    bed.a.virsh("pool-refresh", "default")
    return bed.guest_xml("box", disk=disk)


@pytest.fixture
def machine(bed: Bed, live: Site, open_page: Opener) -> Page:
    """The hardware of a machine that is off, with one disk."""
    bed.a.define(box_xml(bed))
    return open_machine(open_page, live, "box", "hardware")


@pytest.fixture
def running(bed: Bed, live: Site, open_page: Opener) -> Page:
    """The hardware of one that runs."""
    bed.a.define(box_xml(bed), start=True)
    return open_machine(open_page, live, "box", "hardware")


def add(page: Page, kind: str) -> Locator:
    """The form of a new device."""
    page.get_by_role("button", name="Add hardware").click()
    page.get_by_role("dialog").get_by_role("button", name=kind, exact=True).click()
    return page.get_by_role("dialog", name=f"Add: {kind}")


def saved(bed: Bed) -> str:
    return bed.a.virsh("dumpxml", "box", "--inactive")


def test_new_disk_is_added_while_the_machine_runs(bed: Bed, running: Page) -> None:
    dialog = add(running, "Disk")
    dialog.get_by_label("Size", exact=True).fill("1")
    expect(dialog.get_by_text("Takes effect now: disk")).to_be_visible()
    assert faults(running) == []
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(running.get_by_role("region", name="Disks")).to_contain_text("Disk vdb: box-1.qcow2")
    assert "vdb" in bed.a.virsh("domblklist", "box")
    assert "vdb" in bed.a.virsh("domblklist", "box", "--inactive")
    bed.a.virsh("suspend", "box")  # a guest that stands still lets go of nothing
    running.get_by_role("button", name=re.compile("^Remove: Disk vdb")).click()
    running.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(running.get_by_text("box: the guest was asked to let go of Disk vdb")).to_be_visible()
    disks = running.get_by_role("region", name="Disks")
    expect(disks).to_contain_text("has not done so yet. It goes at the latest when the machine stops.")
    assert faults(running) == []
    disks.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(disks).not_to_contain_text("has not done so yet")
    expect(disks, "it is still there").to_contain_text("until the machine stops")
    disks.get_by_role("button", name=re.compile("^Ask again: Disk vdb")).click()
    running.get_by_role("dialog").get_by_role("button", name="Ask again", exact=True).click()
    disks.get_by_role("link", name="Waiting").click()
    expect(running.get_by_role("heading", level=1, name="Device remove box")).to_be_visible()
    bed.a.virsh("destroy", "box")
    expect(running.get_by_text("Done", exact=True).first).to_be_visible()


def test_plan_is_shown_in_three_ways_and_touches_nothing(bed: Bed, machine: Page) -> None:
    before = saved(bed)
    dialog = add(machine, "Network interface")
    dialog.get_by_role("button", name="Show me").click()
    plan = machine.get_by_role("dialog").last
    expect(plan.get_by_role("region", name="XML difference")).to_contain_text("<interface")
    plan.get_by_role("tab", name="Command").click()
    expect(plan.get_by_role("region", name="Command")).to_contain_text("virsh attach-device box")
    plan.get_by_role("tab", name="API call").click()
    expect(plan.get_by_role("region", name="API call")).to_contain_text("/devices")
    assert saved(bed) == before


def test_interface_that_finds_no_free_port_waits_for_the_next_start(bed: Bed, running: Page) -> None:
    for target in ("vdb", "vdc", "vdd"):
        disk = bed.a.make_disk(f"{target}.qcow2")
        bed.a.virsh("attach-disk", "box", str(disk), target, "--subdriver", "qcow2", check=False)
    dialog = add(running, "Network interface")
    dialog.get_by_role("button", name="Change it for the next start only").click()
    expect(dialog.get_by_text("Takes effect at the next start")).to_be_visible()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(running.get_by_role("region", name="Network")).to_contain_text("from the next start")
    assert "<interface" in saved(bed)
    assert "<interface" not in bed.a.virsh("dumpxml", "box")


def test_interface_is_changed_and_its_cable_pulled(bed: Bed, machine: Page) -> None:
    dialog = add(machine, "Network interface")
    more(dialog)
    dialog.get_by_label("MAC address").fill("52:54:00:00:00:zz")
    expect(dialog.locator("#mac-help")).to_contain_text("six pairs of hexadecimal digits")
    dialog.get_by_label("MAC address").fill("52:54:00:aa:bb:cc")
    dialog.get_by_label("MTU").fill("9")
    expect(dialog.locator("#mtu-help")).to_contain_text("68")
    dialog.get_by_label("MTU").fill("1400")
    dialog.get_by_role("button", name="Add", exact=True).click()
    network = machine.get_by_role("region", name="Network")
    expect(network).to_contain_text("MTU 1400")
    network.get_by_role("button", name=re.compile("^Edit")).click()
    machine.get_by_role("dialog").get_by_label("Cable").select_option("down")
    machine.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(network).to_contain_text("cable out")
    assert "down" in bed.a.virsh("domif-getlink", "box", "52:54:00:aa:bb:cc", "--config")


def more(dialog: Locator) -> None:
    """Unfold the further settings, unless they were unfolded before."""
    toggle = dialog.get_by_role("button", name=re.compile("(More|Fewer) settings"))
    if toggle.get_attribute("aria-expanded") != "true":
        toggle.click()


def test_disk_grows_and_its_cache_changes(bed: Bed, machine: Page) -> None:
    machine.get_by_role("button", name=re.compile("^Edit: Disk vda")).click()
    dialog = machine.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Grow to", exact=True).fill("1")
    dialog.get_by_role("button", name="Show XML").click()
    text = dialog.get_by_role("textbox", name=re.compile("^XML of"))
    expect(text).to_contain_text("box.qcow2")
    made = "".join(line.strip() for line in text.inner_text().splitlines())
    write(text, made.replace('type="qcow2"', 'type="qcow2" cache="none"'))
    dialog.get_by_role("button", name="Show form").click()
    expect(dialog.get_by_label("Grow to", exact=True)).to_have_value("1")
    more(dialog)
    expect(dialog.get_by_label("Cache", exact=True)).to_have_value("none")
    dialog.get_by_role("button", name="Save").click()
    expect(machine.get_by_role("region", name="Disks")).to_contain_text("1 GiB · qcow2 · cache none")
    assert 'cache="none"' in saved(bed).replace("'", '"')


def test_medium_is_inserted_and_ejected(bed: Bed, machine: Page) -> None:
    (bed.a.images / "tools.iso").write_bytes(bytes(0x8000) + b"\1CD001" + bytes(0x9000))
    bed.a.virsh("pool-refresh", "default")
    dialog = add(machine, "CD-ROM drive")
    dialog.get_by_role("radio", name="Empty").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    disks = machine.get_by_role("region", name="Disks")
    disks.get_by_role("button", name=re.compile("^Change medium: CD-ROM sda")).click()
    dialog = machine.get_by_role("dialog")
    dialog.get_by_role("radio", name="Insert an image").check()
    dialog.get_by_label("Image", exact=True).select_option("tools.iso")
    dialog.get_by_role("button", name="Save").click()
    expect(disks).to_contain_text("CD-ROM sda: tools.iso")
    # An installer asks for its next disc on the screen, so the drive is at hand there too.
    machine.get_by_role("tab", name="Console").click()
    machine.get_by_role("button", name="More of the console").click()
    machine.get_by_role("menuitem", name="CD-ROM sda: tools.iso").click()
    machine.get_by_role("dialog").get_by_role("radio", name="Eject").check()
    machine.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(machine.get_by_role("dialog")).to_have_count(0)
    machine.get_by_role("tab", name="Hardware").click()
    expect(disks).to_contain_text("CD-ROM sda: empty")


def test_more_processors_than_the_running_machine_can_have(bed: Bed, running: Page) -> None:
    running.get_by_role("button", name="Edit: Processors").click()
    dialog = running.get_by_role("dialog")
    dialog.get_by_role("textbox", name="vCPUs", exact=True).fill("2")
    expect(dialog.get_by_text("Takes effect at the next start")).to_contain_text("maximum of vCPUs")
    dialog.get_by_role("button", name="Save").click()
    row = running.get_by_role("list", name="Waits for the next start").first
    expect(row.locator("del")).to_contain_text("1")
    expect(row.locator("ins")).to_contain_text("2")
    wait_for(lambda: "maximum      config         2" in bed.a.virsh("vcpucount", "box"))


def test_somebody_elses_change_is_told_and_the_input_kept(bed: Bed, machine: Page) -> None:
    machine.get_by_role("button", name="Edit: Memory").click()
    dialog = machine.get_by_role("dialog")
    dialog.get_by_label("Memory", exact=True).fill("256")
    expect(dialog.get_by_role("button", name="Save")).to_be_enabled()
    bed.a.virsh("setvcpus", "box", "3", "--config", "--maximum")
    # libvirt sends no event for it; should the service have seen it all the same, the button is disabled already
    dialog.get_by_role("button", name="Save").dispatch_event("click")
    expect(dialog.get_by_text("Somebody changed box meanwhile")).to_be_visible()
    expect(dialog.get_by_label("Memory", exact=True)).to_have_value("256")
    dialog.get_by_role("button", name="Go on with my input").click()
    dialog.get_by_role("button", name="Save").click()
    expect(machine.get_by_role("region", name="Processors and memory")).to_contain_text("256 MiB")
    assert ">3</vcpu>" in saved(bed)


def test_disk_is_removed_and_its_volume_stays(bed: Bed, machine: Page) -> None:
    machine.get_by_role("button", name="Remove: Disk vda: box.qcow2").click()
    dialog = machine.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="XML difference")).to_contain_text("box.qcow2")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(machine.get_by_role("region", name="Disks")).to_contain_text("none")
    assert "vda" not in bed.a.virsh("domblklist", "box")
    assert "box.qcow2" in bed.a.virsh("vol-list", "default")
