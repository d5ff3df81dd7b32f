"""Bad input in every form is told in words at its field and by the button; nothing typed is lost, nothing is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .conftest import Opener, Site
from .test_machine import open_machine, uuid_of

BEGINS = """(dialog) => {
  const part = (name) => dialog.querySelector(`.pf-v6-c-modal-box__${name}`)
  const [body, head, cross] = [part('body'), part('header'), part('close')]
  const typed = body.querySelector(':is(input, select, textarea):enabled')
  if (typed && !body.contains(document.activeElement)) return 'the focus is not at its fields'
  const end = head.getBoundingClientRect().right - parseFloat(getComputedStyle(head).paddingRight)
  return end > cross.getBoundingClientRect().left ? 'its head lies below the cross' : ''
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


def sweep(dialog: Locator, view: dict[str, Any], adding: bool) -> list[str]:
    """Type against every rule of a declared form; what is not as it should be."""
    asked = [each for each in view["fields"] if adding or not each["once"]]
    wrong = dict(rules(asked))
    told = dialog.evaluate(SCRIPT.read_text(), {"wrong": wrong, "gates": list(dict.fromkeys(gates(asked)))})
    faults = [f"{view['id']}: {one['id']}: {one['fault']}" for one in told["fields"] if one["fault"]]
    missed = set(wrong) - {one["id"] for one in told["fields"]} - DRAWN
    faults += [f"{view['id']}: {name} was not found in the form" for name in sorted(missed)] if adding else []
    return faults + (blocked(dialog, view["id"]) if wrong else [])


def blocked(dialog: Locator, name: str) -> list[str]:
    """What is wrong with the button of a form that cannot be sent."""
    button = dialog.locator(".pf-v6-c-modal-box__footer button").first
    if button.get_attribute("aria-disabled") != "true":
        return [f"{name}: its button can be pressed, or cannot be reached"]
    return [] if len(button.get_attribute("aria-description") or "") > 8 else [f"{name}: its button says nothing"]


def test_forms_of_hardware_and_settings_tell_what_is_wrong(demo: Site, open_page: Opener) -> None:
    page = open_machine(open_page, demo, "fedora-try", "hardware")
    uuid = uuid_of(page, demo, "fedora-try")
    domain = f"{demo.url}/api/v1/hosts/local/domains/{uuid}"
    before = page.context.request.get(domain).json()
    faults: list[str] = []
    page.get_by_role("button", name="Add hardware").click()
    for view in page.context.request.get(f"{domain}/forms").json():
        if view["adds"] and not view["reason"]:
            page.get_by_role("dialog").get_by_role("button", name=view["title"], exact=True).click()
            dialog = page.get_by_role("dialog", name=f"Add: {view['title']}")
            faults += sweep(dialog, view, adding=True)
            dialog.get_by_role("button", name="Other hardware").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
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
    """A form of the page: where it is, what opens it, and what is wrong with it for which fields."""

    path: str
    opened_by: list[str]
    wrong: dict[str, str]
    right: dict[str, str] = field(default_factory=dict)
    """What is filled in before, so that only the rest is wrong."""
    sent_by: str = ""
    """The button that asks the server, where that is not asked as one types."""


POOL, VOLUME, MACHINE = "/storage/local/default", "Acts of volume spare.qcow2", "/hosts/local/machines/{}/overview"
NETWORK = {"Name": "lab-of-tests"}
FORMS = {
    "volume": Form(POOL, ["New volume"], {"Name": "../x"}),
    "size of a volume": Form(POOL, ["New volume"], {"Size": "seven"}, {"Name": "x.qcow2"}),
    "resize": Form(POOL, [VOLUME, "Resize"], {"Size": "-5"}),
    "copy": Form(POOL, [VOLUME, "Copy"], {"Name": "a/b"}),
    "convert": Form(POOL, [VOLUME, "Convert"], {"Name": "a/b"}),
    "download": Form(POOL, ["Download from URL"], {"Address": "gopher:/x"}, sent_by="Download"),
    "network": Form("/networks", ["New network"], {"Name": "a/b"}),
    "address": Form("/networks", ["New network"], {"Address of the host": "300.1.1.1/24"}, NETWORK),
    "range": Form("/networks", ["New network"], {"range 1: From": "first", "range 1: To": "last"}, NETWORK),
    "reservation": Form("/networks", ["New network", "Add reservation"], {"reservation 1: MAC address": "zz"}, NETWORK),
    "route": Form("/networks", ["New network", "Static routes", "Add route"], {"route 1: Network": "far"}, NETWORK),
    "names": Form("/networks", ["New network", "Names (DNS)", "Add name"], {"name 1: Address": "here"}, NETWORK),
    "port group": Form(
        "/networks", ["New network", "Port groups and VLAN", "Add port group"], {"port group 1: Name": "a b/c"}, NETWORK
    ),
    "MTU": Form("/networks", ["New network", "More settings"], {"MTU": "large"}, NETWORK),
    "filter": Form("/networks", ["Network filters", "New filter"], {"XML of the filter": "<filter"}),
    "host": Form(
        "/hosts",
        ["Add host"],
        {"Name": "a b", "Host name or IP address": "no host!", "Port": "high"},
        sent_by="Next: its key",
    ),
    "SSH key": Form("/ssh-keys", ["Add a key"], {"Public key": "nonsense"}, sent_by="Add"),
    "rename": Form(MACHINE, ["Edit", "Rename"], {"New name": "a/b"}, sent_by="Rename"),
    "clone": Form(MACHINE, ["Edit", "Clone"], {"Name": "a/b"}),
    "export": Form(MACHINE, ["Edit", "Export"], {"Name": "../x"}, sent_by="Export"),
    "snapshot": Form(MACHINE, ["Edit", "Take snapshot"], {"Name": "-x"}),
    "new machine": Form("/machines/new", ["Nothing yet"], {"Name": "a/b"}),
    "its memory": Form("/machines/new", ["Nothing yet"], {"Memory": "much", "Size of the disk": "large"}),
}


def state(page: Page, site: Site) -> list[Any]:
    """What the made-up host has; the forms may not change it."""
    paths = ["/hosts", "/hosts/local/pools", "/hosts/local/networks", "/hosts/local/nwfilters", "/ssh-keys"]
    lists = [page.context.request.get(f"{site.url}/api/v1{path}").json() for path in paths]
    volumes = page.context.request.get(f"{site.url}/api/v1/hosts/local/pools/default/volumes").json()
    domains = page.context.request.get(f"{site.url}/api/v1/hosts/local/domains").json()
    return [[each["name"] for each in found] for found in [*lists, volumes, domains]]


def press(page: Page, name: str) -> None:
    """Press what has this name: a button, an entry of a menu, a choice."""
    found = page.get_by_role("dialog").get_by_role("button", name=name, exact=True)
    for role in ("menuitem", "button", "radio"):
        found = found.or_(page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")))  # type: ignore[arg-type]
    found.locator("visible=true").first.click()


def test_every_other_form_tells_what_is_wrong(demo: Site, open_page: Opener) -> None:
    page = open_page(demo, "/machines")
    uuid = uuid_of(page, demo, "fedora-try")
    before = state(page, demo)
    for name, form in FORMS.items():
        page.goto(demo.url + form.path.format(uuid))
        for each in form.opened_by:
            press(page, each)
        for label, text in {**form.right, **form.wrong}.items():
            page.get_by_role("textbox", name=re.compile(rf"^{re.escape(label)}( \*)?$")).last.fill(text)
        if form.sent_by:
            press(page, form.sent_by)
        for label, text in form.wrong.items():
            control = page.get_by_role("textbox", name=re.compile(rf"^{re.escape(label)}( \*)?$")).last
            expect(control, name).to_have_attribute("aria-invalid", "true")
            expect(control, name).to_have_accessible_description(re.compile(r"\w+ \w+"))
            expect(control, name).to_have_value(text)
        if not form.sent_by and page.get_by_role("dialog").count():
            assert blocked(page.get_by_role("dialog"), name) == []
    page.goto(f"{demo.url}/machines")
    assert state(page, demo) == before
