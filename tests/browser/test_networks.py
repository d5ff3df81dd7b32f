"""Networks made, edited and restarted in the page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed, Nic

from .axe import faults
from .conftest import NARROW, Opener, Site
from .test_pages import inspect, picture


def act(page: Page, network: str, what: str) -> None:
    page.get_by_role("button", name=f"Acts of network {network}").click()
    page.get_by_role("menuitem", name=what, exact=True).click()


def test_form_of_a_network_fits_and_can_be_read_aloud(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/networks", NARROW)
    page.get_by_role("button", name="New network").click()
    page.get_by_label("IPv6 addresses").check()
    page.get_by_role("button", name="Add another IPv4 address").click()
    page.get_by_label("Address of the host 2").fill("10.70.0.1/24")
    page.get_by_role("button", name="Static routes").click()
    page.get_by_role("button", name="Add route").click()
    page.get_by_label("route 1: Network").fill("10.80.0.0")
    page.get_by_label("route 1: Prefix").fill("24")
    page.get_by_label("route 1: By the address").fill("10.90.0.1")
    picture(page, "network addresses narrow.png")
    page.get_by_role("dialog").get_by_label("Name", exact=False).first.fill("lab")
    expect(page.locator("p[role=alert]").get_by_text("The host reaches no such address")).to_be_visible()
    page.get_by_role("button", name="Names (DNS)").click()
    page.get_by_role("button", name="Add SRV record").click()
    page.get_by_role("button", name="Port groups and VLAN").click()
    page.get_by_role("button", name="Add port group").click()
    page.get_by_label("Kind").select_option("bridge")
    page.get_by_role("button", name="Switch port and VLAN").click()
    page.get_by_label("Virtual port").select_option("802.1Qbg")
    page.get_by_role("button", name="Add VLAN").click()
    page.get_by_label("Type (VSI)").scroll_into_view_if_needed()
    inspect(page, "network switch")


def test_picture_shows_the_way_out_of_each_network_and_who_is_on_it(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/networks", NARROW)
    page.get_by_role("button", name="Picture of who is on which network").first.click()
    drawn = page.get_by_role("list", name=re.compile("Who is on which network")).first
    line = drawn.get_by_role("listitem").filter(has=page.get_by_role("link", name="default", exact=True))
    expect(line.get_by_role("list", name="Machines on default").get_by_role("link", name="web-1")).to_be_visible()
    drawn.evaluate("drawn => drawn.scrollIntoView()")
    picture(page, "networks picture narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    assert faults(page) == []


def test_network_is_made_edited_while_it_runs_restarted_and_deleted(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/networks")
    expect(page.get_by_role("grid", name="Networks of local")).to_be_visible()
    page.get_by_role("button", name="New network").click()
    dialog = page.get_by_role("dialog", name="New network")
    dialog.get_by_label("Name", exact=False).first.fill("lab")
    dialog.get_by_label("Address of the host").fill("192.168.122.5/24")
    expect(dialog.get_by_text("overlaps with 192.168.122.0/24").first).to_be_visible()
    dialog.get_by_label("Address of the host").fill("10.99.0.1/22")
    expect(dialog.get_by_label("range 1: From")).to_have_value("10.99.2.0")
    expect(dialog.get_by_label("range 1: To")).to_have_value("10.99.3.254")
    dialog.get_by_role("button", name="Show me").click()
    page.get_by_role("tab", name="Command").click()
    expect(page.get_by_text("virsh net-start lab")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text="10.99.0.1/22")).to_contain_text("Running")

    act(page, "lab", "Edit")
    page.get_by_role("button", name="Add reservation").click()
    page.get_by_label("reservation 1: MAC address").fill("52:54:00:00:00:07")
    page.get_by_label("reservation 1: Address").fill("10.99.3.7")
    page.get_by_role("button", name="More settings").click()
    page.get_by_label("MTU").fill("1400")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    line = page.get_by_role("row").filter(has_text="10.99.0.1/22")
    expect(line).to_contain_text("restart pending")
    assert "52:54:00:00:00:07" in bed.a.virsh("net-dumpxml", "lab")
    page.get_by_role("link", name="lab", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="52:54:00:00:00:07")).to_contain_text("10.99.3.7 reserved")
    expect(page.get_by_text("An edit waits: MTU")).to_be_visible()
    page.get_by_role("button", name="Restart lab").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    expect(page.get_by_text("restart pending")).to_have_count(0)
    act(page, "lab", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()
    assert "lab" not in bed.a.virsh("net-list", "--all", "--name").split()


def test_card_that_reaches_nobody_says_why_and_is_plugged_in_again(bed: Bed, live: Site, open_page: Opener) -> None:
    lab = "<network><name>lab</name><ip address='10.99.0.1' prefix='24'/></network>"
    bed.a.space.run("virsh", "net-define", "/dev/stdin", text_in=lab)
    bed.a.virsh("net-start", "lab")
    xml = bed.guest_xml("guest", nic=Nic("lab", "52:54:00:77:00:02"))
    uuid = bed.a.define(xml.replace("</interface>", "<link state='down'/></interface>"), start=True)
    page = open_page(live, f"/hosts/local/machines/{uuid}/hardware")
    expect(page.get_by_text("The cable is out")).to_be_visible()
    page.get_by_role("button", name="Put it in").click()
    expect(page.get_by_text("The cable is out")).to_have_count(0)
    assert bed.a.virsh("domif-getlink", "guest", "52:54:00:77:00:02").split()[-1] == "up"

    for act in ("net-destroy", "net-start"):
        bed.a.virsh(act, "lab")
    expect(page.get_by_text("Cut off from the network lab")).to_be_visible()
    inspect(page, "card cut off")
    page.get_by_role("button", name="Plug in again").click()
    expect(page.get_by_text("Cut off from the network lab")).to_have_count(0)

    bed.a.virsh("net-destroy", "lab")
    expect(page.get_by_text("The network lab is off")).to_be_visible()
    page.get_by_role("tab", name="Overview").click()
    findings = page.get_by_role("list", name="Findings")
    findings.get_by_role("button", name="Start lab").click()
    expect(findings.get_by_text("The network lab is off")).to_have_count(0)

    bed.a.virsh("net-destroy", "lab")
    bed.a.virsh("net-undefine", "lab")
    findings.get_by_role("link", name="Look at the card").click()
    expect(page.get_by_text("There is no network lab on this host")).to_be_visible()
    page.get_by_role("button", name="Choose another network").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_filters_are_listed_and_edited_as_xml(bed: Bed, live: Site, open_page: Opener) -> None:
    page = open_page(live, "/networks")
    page.get_by_role("button", name="Network filters").first.click()
    expect(page.get_by_role("row").filter(has_text="no-mac-spoofing").first).to_be_visible()
    page.get_by_role("button", name="New filter").click()
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Acts of filter my-filter").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "my-filter" not in bed.a.virsh("nwfilter-list")


def test_two_people_do_not_overwrite_each_others_network(demo: Site, open_page: Opener) -> None:
    place = "/hosts/local/networks"
    demo.deck.login(demo.user, demo.password)
    demo.deck.ask("POST", place, {"name": "twice", "mode": "isolated", "start": False})

    def meanwhile(**changes: object) -> None:
        now = demo.deck.ask("GET", f"{place}/twice")
        told = demo.deck.ask("PUT", f"{place}/twice", now.json["settings"] | changes, If_Match=now.json["etag"])
        assert told.status == 200, told.json

    page = open_page(demo, "/networks/local/twice")
    act(page, "twice", "Edit")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Names (DNS)").click()
    dialog.get_by_label("Domain of the machines").fill("mine.example")
    meanwhile(mtu=1400)
    expect(dialog.get_by_text("Somebody changed twice meanwhile")).to_be_visible()
    expect(dialog.get_by_label("Domain of the machines")).to_have_value("mine.example")
    inspect(page, "changed meanwhile")
    dialog.get_by_role("button", name="Go on with my input").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    both = demo.deck.ask("GET", f"{place}/twice").json["settings"]
    assert (both["domain"], both["mtu"]) == ("mine.example", 1400), both

    page.get_by_role("button", name="XML of twice").click()
    text = dialog.get_by_role("textbox", name="XML of twice")
    expect(text).to_contain_text("mine.example")
    text.press("Control+End")
    text.type(" ")
    meanwhile(mtu=1300)
    with page.expect_response(lambda answer: answer.status == 412):
        dialog.get_by_role("button", name="Review the change").click()
    expect(dialog.get_by_text("Somebody changed twice meanwhile")).to_be_visible()
    dialog.get_by_role("button", name="Load what is saved now").click()
    expect(text).to_contain_text('size="1300"')
    dialog.get_by_role("button", name="Close").last.click()
    demo.deck.ask("DELETE", f"{place}/twice")
