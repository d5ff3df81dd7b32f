"""Bad input in every form is told in words at its field and by the button; nothing typed is lost, nothing is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.qemu.bed import wait_for

from .conftest import Opener, Site
from .test_machine import open_machine, uuid_of
from .test_snapshots import take

BEGINS = """(dialog) => {
  const part = (name) => dialog.querySelector(`.pf-v6-c-modal-box__${name}`)
  const [body, head, cross] = [part('body'), part('header'), part('close')]
  const typed = body.querySelector(':is(input, select, textarea):enabled')
  if (typed && !body.contains(document.activeElement)) return 'the focus is not at its fields'
  const end = head.getBoundingClientRect().right - parseFloat(getComputedStyle(head).paddingRight)
  return end > cross.getBoundingClientRect().left ? 'its head lies below the cross' : ''
}"""
LEADS = """(button) => {
  const form = button.closest('[role=dialog]') ?? document.querySelector('main');
  const fields = [...form.querySelectorAll(':is(input, select, textarea)[aria-invalid=true]:enabled')];
  const wrong = fields.find((field) => field.checkVisibility());
  button.click();
  const named = (field) => field.id || field.ariaLabel || field.tagName;
  const now = document.activeElement;
  return !wrong || now === wrong ? '' : `to ${named(now)} and not to ${named(wrong)}`;
}"""
NEEDED = """(dialog) => {
  const fields = [...dialog.querySelectorAll('input[aria-required=true]:enabled')];
  return fields.find((field) => field.checkVisibility())?.id ?? '';
}"""
TYPE = """(dialog, { fields, text }) => {
  for (const field of fields.map((each) => dialog.querySelector(each))) {
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}"""
SCRIPT = Path(__file__).parent / "bad_input.js"
# The first that a rule does not allow is typed.
WRONG = ["has space", "seven", "-", "no\\such", "ü" * 300, ","]
# Drawn as a grid of boxes to tick, where nothing can be typed.
DRAWN = {"cputune-vcpu_pins-0-vcpu", "cputune-vcpu_pins-0-cpuset"}
Declared = dict[str, Any]


def rules(fields: list[Declared], base: str = "") -> Iterator[tuple[str, str]]:
    """Each field that has a rule by its id in the page, and a text against it."""
    for each in fields:
        name = f"{base}{each['name']}"
        if each["reason"]:  # this host cannot have it, so nothing can be typed there
            continue
        if each["control"] == "group" or each["fields"]:
            yield from rules(each["fields"], f"{name}-0-" if each["control"] == "list" else f"{name}-")
        elif each["control"] == "number" or each["numbers"]:
            yield (f"{name}-0" if each["control"] == "list" else name), "seven"
        elif each["control"] == "text" and each["pattern"]:
            yield name, next(text for text in WRONG if not re.search(each["pattern"], text))


def gates(fields: list[Declared], base: str = "") -> Iterator[tuple[str, str]]:
    """The choices that bring up other fields: the id of each, and the word to choose."""
    for each in fields:
        name, _, words = (each["when"] or "").partition("=")
        for word in words.split(",") if words else ["*"] if name else []:
            own = f"{base}{name.replace('.', '-')}"
            yield own, word
            yield name.replace(".", "-"), word
        inner = f"{base}{each['name']}-0-" if each["control"] == "list" else f"{base}{each['name']}-"
        yield from gates(each["fields"], inner)


def sweep(dialog: Locator, view: dict[str, Any], adding: bool, deep: bool = True) -> list[str]:
    """Type against every rule of a declared form; what is not as it should be. `deep` tries its choices too."""
    asked = [each for each in view["fields"] if adding or not each["once"]]
    wrong = dict(rules(asked))
    told = dialog.evaluate(
        SCRIPT.read_text(), {"wrong": wrong, "gates": list(dict.fromkeys(gates(asked))) if deep else []}
    )
    faults = [f"{view['id']}: {one['id']}: {one['fault']}" for one in told["fields"] if one["fault"]]
    missed = set(wrong) - {one["id"] for one in told["fields"]} - DRAWN
    faults += [f"{view['id']}: {name} was not found in the form" for name in sorted(missed)] if adding else []
    return faults + (blocked(dialog, view["id"]) if wrong else [])


def existing(devices: list[Declared], views: list[Declared]) -> dict[str, Declared]:
    """The form of one device of each kind that stands in the machine, by the device's title."""
    forms = {view["id"]: view for view in views}
    found = {(forms.get(each["saved"].get("device")) or forms[each["type"]])["id"]: each["title"] for each in devices}
    return {title: forms[kind] for kind, title in found.items()}


def blocked(dialog: Locator, name: str) -> list[str]:
    """What is wrong with the button of a form that cannot be sent."""
    button = dialog.locator(".pf-v6-c-modal-box__footer button").first
    if button.get_attribute("aria-disabled") != "true":
        return [f"{name}: its button can be pressed, or cannot be reached"]
    if len(button.get_attribute("aria-description") or "") < 9:
        return [f"{name}: its button says nothing"]
    leads = button.evaluate(LEADS)
    return [f"{name}: its button leads {leads}"] if leads else []


def test_forms_of_hardware_and_settings_tell_what_is_wrong(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    uuid = uuid_of(page, demo, "fedora-try")
    domain = f"{demo.url}/api/v1/hosts/local/domains/{uuid}"
    before = page.context.request.get(domain).json()
    faults: list[str] = []
    page.get_by_role("button", name="Add hardware").click()
    views = page.context.request.get(f"{domain}/forms").json()
    for view in views:
        if view["adds"] and not view["reason"]:
            page.get_by_role("dialog").get_by_role("button", name=view["title"], exact=True).click()
            dialog = page.get_by_role("dialog", name=f"Add: {view['title']}")
            faults += sweep(dialog, view, adding=True)
            dialog.get_by_role("button", name="Other hardware").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    for title, view in existing(before["devices"], views).items():
        edit = page.get_by_role("button", name=f"Edit: {title}", exact=True)
        edit = edit.or_(page.get_by_role("button", name=f"Change medium: {title}", exact=True))
        if edit.count() and edit.get_attribute("aria-disabled") != "true":
            edit.click()
            dialog = page.get_by_role("dialog", name=title)
            faults += sweep(dialog, view, adding=False, deep=False)  # its choices are those of a new one
            dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("tab", name="Settings").click()
    for view in page.context.request.get(f"{domain}/settings").json():
        page.get_by_role("button", name=f"Edit: {view['title']}", exact=True).click()
        dialog = page.get_by_role("dialog", name=view["title"])
        begins = dialog.evaluate(BEGINS)
        faults += [f"{view['id']}: {begins}"] if begins else []
        faults += sweep(dialog, view, adding=False)
        dialog.get_by_role("button", name="Cancel").click()
    assert not faults, "\n".join(faults)
    assert page.context.request.get(domain).json() == before


@dataclass(frozen=True)
class Form:
    """A form of a page: what opens it, and what is wrong with it for which fields, the first in it first."""

    opened_by: list[str]
    wrong: dict[str, str]
    right: dict[str, str] = field(default_factory=dict)
    """What is filled in before, so that only the rest is wrong."""
    chosen: dict[str, str] = field(default_factory=dict)
    sent_by: str = ""
    """The button that asks the server, where that is not asked as one types."""


VOLUME, TAKEN = "Acts of volume spare.qcow2", "spare.qcow2"
MACHINE, NETWORK = "/hosts/local/machines/{}/", ["New network"]
FIRST_SETTINGS = {
    "User": "Not One",
    "Other SSH keys": "nonsense",
    "Packages": "-x",
    "Fixed address": "300.1.1.1",
    "Gateway": "here",
    "Name servers": "there",
    "Host name": "-x",
}
FOLDED = [
    "Add reservation",
    "Names (DNS)",
    "Add name",
    "Add forwarder",
    "Add TXT record",
    "Add SRV record",
    "Static routes",
]
FOLDED += ["Add route", "Port groups and VLAN", "Add port group", "More settings"]
FORMS: dict[str, list[Form]] = {
    "/storage/local/default": [
        Form(["New volume"], {"Name": "../x", "Size": "9000000"}),
        Form(["New volume"], {"Name": TAKEN}),
        Form(["New volume"], {"Size": "seven"}, {"Name": "x.qcow2"}),
        Form([VOLUME, "Resize"], {"Size": "-5"}),
        Form([VOLUME, "Copy"], {"Name": "a/b"}),
        Form([VOLUME, "Copy"], {"Name": "web-1.qcow2"}),
        Form([VOLUME, "Convert"], {"Name": "a/b"}),
        Form(
            ["Download from URL"], {"Name of the volume": "-x", "Checksum": "zz"}, {"Address": "no"}, sent_by="Download"
        ),
        Form(["Download from URL"], {"Address": "gopher:/x"}, sent_by="Download"),
    ],
    "/networks": [
        Form(
            [*NETWORK, *FOLDED],
            {
                "Name": "a/b",
                "Only out by this interface": "a/b",
                "Address of the host": "300.1.1.1/24",
                "range 1: From": "first",
                "range 1: To": "last",
                "reservation 1: MAC address": "zz",
                "reservation 1: Name": "a b",
                "reservation 1: Address": "here",
                "Domain of the machines": "-x y",
                "name 1: Address": "here",
                "name 1: Names": "-x",
                "forwarder 1: Server": "there",
                "TXT record 1: Name": "a b",
                "SRV record 1: Service": "a b",
                "SRV record 1: Port": "99999",
                "route 1: Network": "far",
                "route 1: Prefix": "300",
                "port group 1: Name": "a b/c",
                "port group 1: VLAN tags": "5000",
                "port group 1: KiB/s to the machine": "quick",
                "Name of its bridge": "a/b",
                "MTU": "large",
                "Firewall zone": "a b",
                "NAT to addresses from": "first",
                "NAT to ports to": "0",
            },
        ),
        Form(NETWORK, {"Name": "default"}),
        Form(NETWORK, {"Bridge of the host": "a/b"}, {"Name": "lab"}, {"Kind": "Bridge of the host"}),
        Form(NETWORK, {"Interfaces of the host": "eth0 a/b"}, {"Name": "lab"}, {"Kind": "macvtap, private"}),
        Form(NETWORK, {"Interfaces of the host": "a/b"}, {"Name": "lab"}, {"Kind": "macvtap, VEPA"}),
        Form(NETWORK, {"Interfaces of the host": "a/b"}, {"Name": "lab"}, {"Kind": "macvtap, passthrough"}),
        Form(
            NETWORK,
            {"Address of the host": "300.1.1.1/24", "range 1: To": "last"},
            {"Name": "lab"},
            {"Kind": "Isolated"},
        ),
        Form(NETWORK, {"Only out by this interface": "a/b", "range 1: From": "x"}, {"Name": "lab"}, {"Kind": "Routed"}),
        Form(NETWORK, {"Address of the host": "host"}, {"Name": "lab"}, {"Kind": "Open"}),
        Form(NETWORK, {"Interface with virtual functions": "a/b"}, {"Name": "lab"}, {"Kind": "SR-IOV pool"}),
        Form(["Network filters", "New filter"], {"XML of the filter": "<filter"}),
    ],
    "/hosts": [
        Form(
            ["Add host"],
            {"Host name or IP address": "no host!", "Name": "a b", "User": "-x", "Port": "high"},
            sent_by="Next: its key",
        ),
        Form(["Add host"], {"Name": "local"}, {"Host name or IP address": "kvm2.example.org"}, sent_by="Next: its key"),
    ],
    "/ssh-keys": [
        Form(["Add a key"], {"Public key": "nonsense"}, sent_by="Add"),
        Form(["Make a key"], {"Name": "x" * 81}, sent_by="Make"),
    ],
    "/tokens": [
        Form(["Make a token"], {"Name": "x" * 81}, sent_by="Make"),
    ],
    MACHINE + "overview": [
        Form(["Edit", "Rename"], {"New name": "a/b"}, sent_by="Rename"),
        Form(["Edit", "Rename"], {"New name": "web-1"}, sent_by="Rename"),
        Form(
            ["Edit", "Clone", "Network and devices", "First settings by cloud-init"],
            {"Name": "a/b", "Name of the copy of vda": "../x", "MAC address of card 1": "zz", **FIRST_SETTINGS},
        ),
        Form(["Edit", "Clone"], {"Name": "web-1"}),
        Form(["Edit", "Export"], {"Name": "../x"}),
        Form(["Edit", "Take snapshot"], {"Name": "-x"}),
    ],
    MACHINE + "hardware": [
        Form(["Move to another pool"], {"At most (MiB/s)": "quick"}),
    ],
    "/machines/new": [
        Form(["Presets"], {"Keep what the form holds as": "x" * 81}, sent_by="Keep"),
        Form(["A machine or disk"], {"Path on the host": "srv/x"}, chosen={"File": "A path on the host…"}),
        Form(["Nothing yet"], {"Name": "a/b", "Memory": "90000000", "Size of the disk": "9000000"}, sent_by="Create"),
        Form(["Nothing yet"], {"Name": "web-1"}, sent_by="Create"),
        Form(["Nothing yet"], {"Memory": "much", "Size of the disk": "large"}, sent_by="Create"),
        Form(["Nothing yet", "Encrypt it", "Show it"], {"Passphrase": "short"}, sent_by="Create"),
        Form(
            ["Cloud image"],
            FIRST_SETTINGS,
            chosen={"Image": "debian-12-genericcloud-amd64.qcow2"},
            sent_by="Create",
        ),
    ],
    "/hosts/local/protection": [
        Form(
            ["Lock daemon, in a shared folder"],
            {"Folder for the locks of disk files": "srv", "Folder for the locks of SCSI volumes": "../x"},
            sent_by="Change the protection",
        ),
        Form(
            ["sanlock"], {"Number of this host": "many", "Folder of the leases": "-x"}, sent_by="Change the protection"
        ),
    ],
}


def state(page: Page, site: Site) -> list[Any]:
    """What the made-up host has; the forms may not change it."""
    paths = ["/hosts", "/hosts/local/pools", "/hosts/local/networks", "/hosts/local/nwfilters", "/ssh-keys", "/presets"]
    lists = [page.context.request.get(f"{site.url}/api/v1{path}").json() for path in paths]
    volumes = page.context.request.get(f"{site.url}/api/v1/hosts/local/pools/default/volumes").json()
    domains = page.context.request.get(f"{site.url}/api/v1/hosts/local/domains").json()
    return [[each["name"] for each in found] for found in [*lists, volumes, domains]]


def press(page: Page, name: str) -> None:
    """Press what has this name: a button, an entry of a menu, a choice."""
    found = page.get_by_role("dialog").get_by_role("button", name=name, exact=True)
    for role in ("menuitem", "button", "radio", "checkbox"):
        found = found.or_(page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")))  # type: ignore[arg-type]
    found.locator("visible=true").first.click()


def typed_in(page: Page, label: str) -> Locator:
    """The field of this name."""
    name = re.compile(rf"^{re.escape(label)}( \*)?$".replace("/", "[/]"))
    offered = page.get_by_role("combobox", name=name)  # a text for which words are offered
    return page.get_by_role("textbox", name=name).or_(offered).last


def check(page: Page, name: str, form: Form) -> bool:
    """Each fault is told at its field, which keeps what was typed; the button leads there. True if it is over."""
    for each in form.opened_by:
        press(page, each)
    for label, choice in form.chosen.items():
        control = page.get_by_role("combobox", name=re.compile(rf"^{label}( \*)?$"))
        control.select_option(control.locator("option", has_text=choice).first.get_attribute("value"))
    for label, text in {**form.right, **form.wrong}.items():
        typed_in(page, label).fill(text)
    dialog = page.get_by_role("dialog")
    scope = dialog if dialog.count() else page.get_by_role("main")
    footer = scope.locator(".pf-v6-c-modal-box__footer button").first
    button = scope.get_by_role("button", name=re.compile(f"^{form.sent_by}")).last if form.sent_by else footer
    if form.sent_by and button.get_attribute("aria-disabled") != "true":
        button.click()
    for label, text in form.wrong.items():
        control = typed_in(page, label)
        expect(control, f"{name}: {label}").to_have_attribute("aria-invalid", "true")
        expect(control, f"{name}: {label}").to_have_accessible_description(re.compile(r"\w+ \w+ \w+"))
        expect(control, f"{name}: {label}").to_have_value(text)
    if not form.sent_by:
        assert blocked(dialog, name) == []
    elif button.get_attribute("aria-disabled") == "true":
        button.evaluate(LEADS)
    expect(typed_in(page, next(iter(form.wrong))), f"{name}: the first that is wrong").to_be_focused()
    if not dialog.count():
        return False
    emptied(dialog, button, name)
    dialog.get_by_role("button", name=re.compile("^(Cancel|Close)$")).last.click()
    expect(dialog).to_have_count(0)
    return True


def emptied(dialog: Locator, button: Locator, name: str) -> None:
    """What is needed and left empty is where the button leads."""
    needed = dialog.evaluate(NEEDED)
    if needed:
        control = dialog.locator(f"[id='{needed}']")
        control.fill("")
        button.evaluate("(button) => button.click()")
        expect(control, f"{name}: what is needed and empty").to_be_focused()


@pytest.mark.parametrize("path", FORMS)
def test_every_other_form_tells_what_is_wrong(demo: Site, open_page: Opener, path: str) -> None:
    page = open_page(demo, "/machines")
    uuid = uuid_of(page, demo, "fedora-try")
    before = state(page, demo)
    begun = False
    for form in FORMS[path]:
        if not begun:
            page.goto(demo.url + path.format(uuid))
        begun = check(page, f"{path} {form.opened_by}", form)
    assert state(page, demo) == before


@pytest.mark.parametrize(
    ("path", "opened_by", "asked"),
    [
        ("/storage/local/default", ["New volume"], "volumes"),
        (MACHINE + "overview", ["Edit", "Clone"], "clone"),
        ("/machines/new", ["Nothing yet"], "domains"),
    ],
)
def test_a_refusal_stays_at_its_field_until_the_next_answer(
    demo: Site, open_page: Opener, path: str, opened_by: list[str], asked: str
) -> None:
    page = open_page(demo, "/machines")
    page.goto(demo.url + path.format(uuid_of(page, demo, "fedora-try")))
    for each in opened_by:
        press(page, each)
    name = typed_in(page, "Name")
    name.fill("../x")
    expect(name).to_have_attribute("aria-invalid", "true")
    held: list[Route] = []
    page.route(f"**/{asked}?dry_run=true", lambda route: held.append(route))
    name.fill("../y")
    wait_for(lambda: page.evaluate("1") and held, what="the next question")
    expect(name).to_have_attribute("aria-invalid", "true")
    page.unroute(f"**/{asked}?dry_run=true")
    name.fill("right")
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_forms_of_snapshots_tell_what_is_wrong(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "ci-runner-1", "snapshots")
    take(page, "kept")
    for opened_by, label, text in (
        (["Go back to kept", "Keep it as a snapshot first"], "Name of the snapshot", "a/b"),
        (["Go back to kept", "Keep it as a snapshot first"], "Name of the snapshot", "kept"),
        (["New machine from kept"], "Name", "web-1"),
    ):
        assert check(page, f"{opened_by}", Form(opened_by, {label: text}))
    press(page, "Delete kept")
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Delete kept")).to_have_count(0)


def test_forms_of_pools_of_each_type_tell_what_is_wrong(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/storage")
    before = state(page, demo)
    page.get_by_role("button", name="New pool").click()
    dialog = page.get_by_role("dialog", name="New pool")
    for kind in page.context.request.get(f"{demo.url}/api/v1/hosts/local/pool-types").json():
        dialog.get_by_label("Type", exact=True).select_option(kind["type"])
        typed = [each["name"] for each in kind["fields"] if each["kind"] in ("text", "number", "list")]
        named = [f"[id='{'pool' if name == 'name' else 'field'}-{name}']" for name in typed]
        fields = [each for each in named if dialog.locator(each).count()]
        dialog.evaluate(TYPE, {"fields": fields, "text": f"-{kind['type']}/ "})
        wrong = dialog.locator(",".join(f"{each}[aria-invalid=true]" for each in fields))
        expect(wrong.and_(page.locator(":visible")), kind["type"]).to_have_count(len(fields))
        untold = [each.get_attribute("id") for each in wrong.all() if not each.get_attribute("aria-describedby")]
        assert (untold, blocked(dialog, kind["type"])) == ([], [])
    assert state(page, demo) == before
