"""Moving a machine between hosts in the page."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, Route, expect

from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.moves import on_locked, on_own_disk, on_shared

from .axe import faults
from .conftest import NARROW, PATIENCE_MS, Opener, Site
from .test_pages import picture


def open_dialog(page: Page) -> Locator:
    """The dialog of a move, from the machine's page."""
    page.get_by_role("button", name=re.compile("^(Edit|Acts)$")).click()
    page.get_by_role("menuitem", name=re.compile("^Migrate")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name=re.compile("^b"))).to_be_checked()
    return dialog


def slowly(dialog: Locator) -> None:
    """Begin a move that does not end by itself, where the guest rewrites some of its memory again and again."""
    dialog.get_by_role("button", name="Advanced").click()
    dialog.get_by_label("Bandwidth limit, MiB/s", exact=True).fill("1")
    dialog.get_by_role("button", name="Move to b").click()


def test_a_running_machine_moves_while_one_watches_and_lifts_the_limit(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = on_shared(bed, "wanderer", memory_mib=160, dirty_mib=4)
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    dialog = open_dialog(page)
    expect(dialog.get_by_text(re.compile("It can move|Nothing stands in the way"))).to_be_visible()
    expect(dialog.get_by_text("Forecast")).to_be_visible()
    assert faults(page) == []
    slowly(dialog)
    expect(dialog.get_by_role("heading", name="wanderer is moving")).to_be_focused()
    expect(dialog.get_by_role("status")).to_have_text("Memory")  # what is read aloud, and no figure with it
    expect(dialog.get_by_text(re.compile(r"MiB of \d+ MiB"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("about .* left"))).to_be_visible()
    expect(
        dialog.get_by_role("img", name=re.compile(r"Rates over time, up to .*; .* of \d+ MiB remain"))
    ).to_be_visible()
    picture(page, "migration running.png")
    assert faults(page) == []
    dialog.get_by_role("button", name="Go on in the background").click()
    page.get_by_role("button", name="1 job running").click()
    page.get_by_role("article").filter(has_text="wanderer").get_by_role("link").first.click()
    main = page.get_by_role("main")
    main.get_by_label("Bandwidth, MiB/s (0: no limit)").fill("0")
    main.get_by_role("button", name="Apply").click()
    expect(main.get_by_text("wanderer runs on b")).to_be_visible()
    expect(main.get_by_text(re.compile(r"stood still for \d+ ms"))).to_be_visible()
    assert (bed.a.state("wanderer"), bed.b.state("wanderer")) == ("", "running")
    main.get_by_role("link", name="Go there").click()
    expect(page).to_have_url(re.compile(f"/hosts/b/machines/{uuid}"))
    expect(page.get_by_role("heading", level=1, name="wanderer")).to_be_visible()


def test_a_move_is_cancelled_and_the_machine_runs_on_and_one_whose_qemu_ended_is_started_again(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    uuid = on_shared(bed, "stayer", memory_mib=160, dirty_mib=4)
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    dialog = open_dialog(page)
    slowly(dialog)
    expect(dialog.get_by_text(re.compile("Sending memory"))).to_be_visible()
    dialog.get_by_role("button", name="Cancel the move").click()
    expect(dialog.get_by_text(re.compile("It is running on"))).to_be_visible()
    wait_for(lambda: bed.a.state("stayer") == "running", what="it runs on")
    page.goto(f"{live.url}/jobs")
    page.get_by_role("main").get_by_role("link", name=re.compile("stayer")).first.click()
    page.get_by_role("button", name="Try again").click()
    dialog.get_by_role("button", name="Advanced").click()
    expect(dialog.get_by_label("Bandwidth limit, MiB/s", exact=True)).to_have_value("1")
    dialog.get_by_role("button", name="Move to b").click()
    expect(dialog.get_by_text(re.compile("Sending memory"))).to_be_visible()
    for host in (bed.b, bed.a):
        host.space.run("sh", "-c", "kill -KILL $(cat /run/libvirt/qemu/stayer.pid)", check=False)
    again = dialog.get_by_role("button", name="Start it again on local")
    expect(again).to_be_visible()
    assert faults(page) == []
    picture(page, "migration ended off.png")
    narrow_and_dark(page, "migration ended off narrow dark.png")
    again.click()
    wait_for(lambda: bed.a.state("stayer") == "running", what="it is started again")
    assert bed.b.state("stayer") == ""


def test_what_stands_in_the_way_is_told_with_its_cure_and_a_copy_gets_round_it(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    uuid = on_own_disk(bed, "settler")
    page = open_page(live, f"/hosts/local/machines/{uuid}", NARROW)
    dialog = open_dialog(page)
    expect(dialog.get_by_role("heading", name=re.compile("A disk is not on shared storage"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("Choose “Copy the disks” for the move"))).to_be_visible()
    move = dialog.get_by_role("button", name="Move to b")
    expect(move).to_have_attribute("aria-disabled", "true")
    expect(move).to_have_attribute("aria-description", re.compile("A disk is not on shared storage"))
    picture(page, "migration refused narrow.png")
    dialog.get_by_role("radio", name="Copy the disks").check()
    expect(dialog.get_by_role("heading", name=re.compile("A disk is not on shared storage"))).to_have_count(0)
    dialog.get_by_role("button", name="Show me").click()
    shown = page.get_by_role("dialog", name="What would be done")
    expect(shown).to_contain_text("--copy-storage-all")
    shown.get_by_role("button", name="Close").last.click()
    dialog.get_by_role("button", name="Move to b").click()
    expect(dialog.get_by_text("settler runs on b")).to_be_visible(timeout=3 * PATIENCE_MS)
    assert bed.b.state("settler") == "running"


def test_a_machine_that_is_off_moves_with_its_disks(bed: Bed, live: Site, open_page: Opener) -> None:
    disk = bed.a.make_disk("dozer.img", "64M", kind="raw")
    bed.a.space.run("qemu-io", "-f", "raw", "-c", "write -P 0x5a 0 16M", disk)
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml("dozer", disk=disk, disk_format="raw"))
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    dialog = open_dialog(page)
    expect(dialog.get_by_role("radio", name="Offline")).to_be_checked()
    expect(dialog.get_by_role("heading", name=re.compile("A disk does not move along"))).to_be_visible()
    dialog.get_by_role("button", name="Copy its disks with it").click()
    expect(dialog.get_by_role("radio", name="Copy the disks")).to_be_checked()
    expect(dialog.get_by_role("radio", name=re.compile("^Copy what differs"))).to_be_disabled()
    expect(dialog.get_by_role("heading", name=re.compile("A disk does not move along"))).to_have_count(0)
    expect(dialog.get_by_text(re.compile("16 MiB will go over"))).to_be_visible()
    picture(page, "migration of a machine that is off.png")
    narrow_and_dark(page, "migration of a machine that is off narrow dark.png")
    assert faults(page) == []
    slowly(dialog)
    expect(dialog.get_by_text(re.compile("Copying vda to default on b"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("of 16 MiB"))).to_be_visible()
    expect(dialog.get_by_role("img", name=re.compile("Rates over time"))).to_be_visible()
    expect(dialog.get_by_text("changed by the guest")).to_have_count(0)
    picture(page, "moving a machine that is off.png")
    assert faults(page) == []
    dialog.get_by_label("Bandwidth, MiB/s (0: no limit)").fill("0")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_text("dozer is on b")).to_be_visible()
    assert (bed.a.state("dozer"), bed.b.state("dozer")) == ("", "shut off")


def test_an_obstacle_is_removed_from_the_list_of_findings(bed: Bed, live: Site, open_page: Opener) -> None:
    net = bed.folder / "lab.xml"
    net.write_text("<network><name>lab</name><bridge name='virbr7'/></network>")
    bed.a.virsh("net-define", str(net))
    bed.a.virsh("net-start", "lab")
    uuid = on_locked(bed, "plugged", "correct horse", private=True, nic=Nic("lab"))
    page = open_page(live, f"/hosts/local/machines/{uuid}", NARROW, dark=True)
    dialog = open_dialog(page)
    expect(dialog.get_by_role("heading", name=re.compile("A network is missing"))).to_be_visible()
    dialog.get_by_role("button", name="Make it on b too").click()
    repair = page.get_by_role("dialog", name="Make it on b too")
    expect(repair).to_contain_text("<name>lab</name>")
    assert faults(page) == []
    picture(page, "migration repair narrow dark.png")
    repair.get_by_role("button", name="Make it on b too").click()
    expect(repair).to_have_count(0)
    expect(dialog.get_by_role("heading", name=re.compile("A network is missing"))).to_have_count(0)
    dialog.get_by_role("button", name=re.compile("checks passed")).click()
    expect(dialog.get_by_text("Its networks are there.")).to_be_visible()
    dialog.get_by_role("button", name="Carry it over to b").click()
    repair = page.get_by_role("dialog", name="Carry it over to b")
    carry, word = repair.get_by_role("button", name="Carry it over to b"), repair.get_by_label("Passphrase")
    carry.click()
    expect(word).to_have_accessible_description(re.compile("gives its value to nobody"))
    assert faults(page) == []
    picture(page, "migration secret narrow dark.png")
    word.fill("correct horse")
    carry.click()
    expect(repair).to_have_count(0)
    expect(dialog.get_by_role("heading", name=re.compile("A secret is missing"))).to_have_count(0)
    picture(page, "migration checks narrow dark.png")


def test_options_that_do_not_go_together_are_disabled_with_the_reason(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = on_shared(bed, "wisher")
    bed.b.define(bed.guest_xml("taken"))
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    dialog = open_dialog(page)
    dialog.get_by_label("Style").select_option(label="Must finish")
    dialog.get_by_role("button", name="Advanced").click()
    expect(dialog.get_by_role("checkbox", name="Slow the guest down if it must be")).to_be_checked()
    tunnel = dialog.get_by_role("checkbox", name="Through libvirt's own connection")
    expect(tunnel).to_be_disabled()
    expect(tunnel).to_have_accessible_description(re.compile("Post-copy does not work through a tunnel"))
    dialog.get_by_label("Style").select_option(label="Usual")
    expect(dialog.get_by_role("checkbox", name="Slow the guest down if it must be")).not_to_be_checked()
    tunnel.check()
    field = dialog.locator(".pf-v6-c-form__group").filter(has=page.get_by_label("Parallel connections"))
    expect(field).to_contain_text("A tunnelled transfer has one connection only")
    expect(page.get_by_label("Parallel connections")).to_be_disabled()
    dialog.get_by_role("checkbox", name="Skip the check of the disks").check()
    expect(dialog.get_by_role("button", name="Move to b")).to_have_attribute("aria-disabled", "true")
    dialog.get_by_label("Type wisher to move it without the check of its disks").fill("wisher")
    expect(dialog.get_by_role("button", name="Move to b")).not_to_have_attribute("aria-disabled", "true")
    picture(page, "migration options.png")
    assert faults(page) == []
    tunnel.uncheck()
    for label, text in {
        "Bandwidth limit, MiB/s": "-5",
        "Address for the transfer": "no such/host",
        "New name there": "a/b",
    }.items():
        wrong = dialog.get_by_label(label, exact=True)
        wrong.fill(text)
        expect(wrong).to_have_attribute("aria-invalid", "true")
        expect(wrong).to_have_accessible_description(re.compile(r"\w+ \w+ \w+"))
        expect(wrong).to_have_value(text)
        dialog.get_by_role("button", name="Move to b").dispatch_event("click")
        expect(wrong).to_be_focused()
        wrong.fill("")
        expect(wrong).not_to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("New name there", exact=True).fill("taken")
    expect(dialog.get_by_role("heading", name=re.compile("The name is taken"))).to_be_visible()
    expect(dialog.get_by_role("button", name="Move to b")).to_have_attribute("aria-disabled", "true")


def test_the_server_is_asked_once_one_has_typed_and_a_refusal_stays_until_the_next_answer(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    page = open_page(live, f"/hosts/local/machines/{on_shared(bed, 'typed')}")
    dialog = open_dialog(page)
    expect(dialog.get_by_role("status").filter(has_text=re.compile("It can move|Nothing stands"))).to_be_visible()
    dialog.get_by_role("button", name="Advanced").click()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url.rpartition("/")[2]) if "/migration/" in sent.url else None)
    page.clock.install()
    page.clock.pause_at(time.time() + 60)
    field = dialog.get_by_label("Address for the transfer", exact=True)
    field.press_sequentially("no such/host")
    expect(field).to_have_value("no such/host")
    assert asked == []
    page.clock.resume()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert sorted(asked) == ["check", "options"]
    held: list[Route] = []
    page.route("**/migration/check", lambda route: held.append(route))
    field.fill("nor such/host")
    wait_for(lambda: page.evaluate("1") and held, what="the next question")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_role("region", name="Findings")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    page.unroute("**/migration/check")
    field.fill("")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def narrow_and_dark(page: Page, name: str) -> None:
    """A picture of the page on a phone at night."""
    wide = page.viewport_size
    assert wide
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.emulate_media(color_scheme="dark")
    picture(page, name)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(wide)


def test_what_is_left_of_a_machine_is_removed_first_and_machines_of_a_lost_host_stay_in_the_list(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    uuid = bed.b.define(bed.guest_xml("roamer"), start=True)
    bed.a.define(bed.b.virsh("dumpxml", "--inactive", "roamer"))
    page = open_page(live, f"/hosts/local/machines/{uuid}")
    expect(page.get_by_role("link", name="It runs on b")).to_be_visible()
    page.get_by_role("button", name="Power").click()
    expect(page.get_by_role("menuitem", name=re.compile("^Start"))).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    picture(page, "leftover.png")
    narrow_and_dark(page, "leftover narrow dark.png")
    assert faults(page) == []
    page.get_by_role("toolbar", name="What can be done").get_by_role("button", name="Remove it from local").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="roamer is gone")).to_be_visible()
    page.goto(f"{live.url}/hosts/b/machines/{uuid}")
    expect(page.get_by_role("button", name="Shut down")).not_to_have_attribute("aria-disabled", "true")
    bed.b.stop_libvirtd()
    expect(page.get_by_text("b is not connected: this is what was known at")).to_be_visible()
    page.reload()
    expect(page.get_by_text("b is not connected: this is what was known at")).to_be_visible()
    expect(page.get_by_role("button", name="Shut down")).to_have_attribute("aria-disabled", "true")
    picture(page, "machine of a lost host.png")
    assert faults(page) == []
    page.get_by_role("tab", name="Console").click()
    expect(page.get_by_role("heading", name="b is not connected", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("^Connecting to roamer|this is what was known"))).to_have_count(0)
    picture(page, "console of a lost host.png")
    narrow_and_dark(page, "console of a lost host narrow dark.png")
    assert faults(page) == []
    page.get_by_role("link", name="Machines").first.click()
    row = page.get_by_role("row", name="roamer")
    expect(row.get_by_role("img", name=re.compile("^Last seen .*: b is not connected"))).to_be_visible()
    expect(row.get_by_role("button", name="Shut down roamer")).to_have_attribute("aria-disabled", "true")
    picture(page, "lost host.png")
    narrow_and_dark(page, "lost host narrow dark.png")
    assert faults(page) == []
    bed.b.start_libvirtd()
    expect(row.get_by_role("button", name="Shut down roamer")).not_to_have_attribute("aria-disabled", "true")


def test_a_host_is_emptied_from_its_card_and_chosen_machines_move_from_the_list(
    bed: Bed, live: Site, open_page: Opener
) -> None:
    for name in ("alpha", "beta"):
        on_shared(bed, name)
    on_own_disk(bed, "gamma")
    page = open_page(live, "/hosts")
    page.get_by_role("article", name="local").get_by_role("button", name="Evacuate").click()
    dialog = page.get_by_role("dialog", name="Evacuate local")
    expect(dialog.get_by_label("At once", exact=True)).to_have_value("2")
    expect(dialog.get_by_text("gamma will stay: A disk is not on shared storage")).to_be_visible()
    expect(dialog.get_by_text("Only their definitions move")).to_be_visible()
    dialog.get_by_role("radio", name="Copy the disks").check()
    expect(dialog.get_by_text("Their disks go along.")).to_be_visible()
    expect(dialog.get_by_label("Pool at the destination")).to_be_visible()
    dialog.get_by_role("radio", name="Shared").check()
    expect(dialog.get_by_text("2 of 3 machines can move.")).to_be_visible()
    assert faults(page) == []
    picture(page, "evacuate.png")
    dialog.get_by_role("button", name="Evacuate local").click()
    results = dialog.get_by_role("list", name="Machines")
    expect(results.get_by_role("listitem").filter(has_text="alpha")).to_contain_text("Moved")
    expect(results.get_by_role("listitem").filter(has_text="gamma")).to_contain_text("Stayed")
    expect(dialog).to_contain_text("2 of 3 have moved")
    picture(page, "evacuated.png")
    assert faults(page) == []
    dialog.get_by_role("button", name="Try again with those that stayed").click()
    dialog = page.get_by_role("dialog", name="Move 1 machine")
    expect(dialog.get_by_text(re.compile("^None of them can move so. gamma will stay: "))).to_be_visible()
    expect(dialog.get_by_role("button", name="Move 1 machine")).to_have_attribute("aria-disabled", "true")
    page.goto(f"{live.url}/machines")
    for name in ("alpha", "gamma"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="More").click()
    item = page.get_by_role("menuitem", name="Migrate")
    expect(item).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Select gamma").uncheck()
    page.get_by_role("checkbox", name="Select beta").check()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Migrate").click()
    dialog = page.get_by_role("dialog", name="Move 2 machines")
    expect(dialog.get_by_role("radio", name=re.compile("^local"))).to_be_checked()
    assert faults(page) == []
    picture(page, "move several.png")
    dialog.get_by_role("button", name="Move 2 machines").click()
    results = dialog.get_by_role("list", name="Machines").get_by_role("listitem")
    for name in ("alpha", "beta"):
        expect(results.filter(has_text=name)).to_contain_text("Moved")
        assert (bed.a.state(name), bed.b.state(name)) == ("running", "")
