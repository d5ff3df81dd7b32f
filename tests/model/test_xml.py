"""The binder: what is read, what an edit touches, what it leaves alone."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest

from quarterdeck.model.secrecy import MASK, keep_secrets, mask_secrets, tells_secrets
from quarterdeck.model.xml import Apply, At, Element, XmlModel, canonical, diff, digest, dump, parse
from quarterdeck.problems import Problem

KINDS = Literal["bridge", "network"]


class Port(XmlModel):
    number: Annotated[int, At("@number")]
    slow: Annotated[bool | None, At("@slow", words="yesno")] = None


class Thing(XmlModel):
    tag: ClassVar[str] = "thing"
    name: Annotated[str | None, At("name")] = None
    kind: Annotated[KINDS | str | None, At("@type")] = None
    memory_mib: Annotated[
        int | None, At("memory", unit="MiB", help="What it may use", apply=Apply.LIVE, since="9.0")
    ] = None
    readonly: Annotated[bool, At("readonly", words="present")] = False
    link: Annotated[bool | None, At("link/@state", words="onoff")] = None
    boots: Annotated[tuple[str, ...], At("os/boot/@dev")] = ()
    ports: Annotated[tuple[Port, ...], At("ports/port")] = ()
    best: Annotated[Port | None, At("best")] = None
    hpet: Annotated[bool | None, At("timer[@name='hpet']/@present", words="yesno")] = None
    has_password: Annotated[bool, At("door/@passwd", words="present")] = False
    system: Annotated[str | None, At("metadata/libosinfo:libosinfo/libosinfo:os/@id")] = None


TEXT = """<thing type="bridge">
  <!-- kept -->
  <name>one</name>
  <memory unit="GiB">2</memory>
  <odd attribute="kept"><inner/></odd>
  <readonly/>
  <os>
    <boot dev="hd"/>
    <boot dev="network"/>
  </os>
  <ports>
    <port number="1" unknown="kept"/>
    <port number="2" slow="yes"/>
  </ports>
  <timer name="rtc"/>
  <door passwd="secret"/>
</thing>"""


def changed(text: str, changes: dict[str, object]) -> tuple[Element, list[str]]:
    """The patched element and the lines of the diff that its change made."""
    element = parse(text)
    Thing.patch(element, changes)
    lines = diff(parse(text), element).splitlines()[2:]
    return element, [line for line in lines if line[0] in "+-"]


def test_reads_every_kind_of_value() -> None:
    thing = Thing.read(parse(TEXT))
    assert (thing.name, thing.kind, thing.memory_mib, thing.readonly) == ("one", "bridge", 2048, True)
    assert thing.boots == ("hd", "network")
    assert [(port.number, port.slow) for port in thing.ports] == [(1, None), (2, True)]
    assert (thing.best, thing.hpet, thing.link, thing.has_password) == (None, None, None, True)


def test_a_word_that_we_do_not_know_is_shown_and_does_not_break_the_page() -> None:
    assert Thing.read(parse('<thing type="future"/>')).kind == "future"


def test_an_edit_changes_its_line_only() -> None:
    _, lines = changed(TEXT, {"name": "two", "memory_mib": 512})
    assert lines == [
        "-  <name>one</name>",
        '-  <memory unit="GiB">2</memory>',
        "+  <name>two</name>",
        '+  <memory unit="KiB">524288</memory>',
    ]


def test_an_edit_that_sets_what_is_there_changes_nothing() -> None:
    _, lines = changed(TEXT, {"kind": "bridge", "readonly": True, "boots": ["hd", "network"], "hpet": None})
    assert lines == []


def test_parents_are_made_and_go_when_empty() -> None:
    element, lines = changed(TEXT, {"link": True, "hpet": False, "system": "http://debian.org/debian/12"})
    assert '+  <link state="on"/>' in lines
    assert '+  <timer name="hpet" present="no"/>' in lines
    assert Thing.read(element).system == "http://debian.org/debian/12"
    Thing.patch(element, {"link": None, "system": None, "hpet": None})
    assert Thing.read(element).hpet is None
    assert element.find("link") is None
    assert element.find("metadata") is None


def test_emptied_elements_keep_what_is_not_ours() -> None:
    element, _ = changed('<thing><link state="on" other="kept"/></thing>', {"link": None})
    assert dump(element) == '<thing><link other="kept"/></thing>'


def test_lists_keep_what_their_items_hold() -> None:
    element, lines = changed(TEXT, {"ports": [{"number": 9}], "boots": ["hd", "cdrom", "fd"]})
    assert '+    <port number="9" unknown="kept"/>' in lines
    assert Thing.read(element).boots == ("hd", "cdrom", "fd")
    Thing.patch(element, {"ports": [Port(number=9), Port(number=10, slow=False)]})
    assert [port.number for port in Thing.read(element).ports] == [9, 10]
    Thing.patch(element, {"ports": [], "boots": []})
    assert element.find("ports") is None
    assert element.find("os") is None


def test_one_inner_value_comes_and_goes_whole() -> None:
    element, _ = changed(TEXT, {"best": {"number": 3}})
    assert Thing.read(element).best == Port(number=3)
    Thing.patch(element, {"best": None})
    assert canonical(element) == canonical(TEXT)


def test_a_marker_is_an_element_that_is_there_or_not() -> None:
    element, lines = changed(TEXT, {"readonly": False})
    assert lines == ["-  <readonly/>"]
    Thing.patch(element, {"readonly": True})
    assert Thing.read(element).readonly


def test_text_stays_indented_as_it_was() -> None:
    element = parse(TEXT)
    Thing.patch(element, {"link": True})
    Thing.patch(element, {"link": None})
    assert dump(element) == TEXT


def test_builds_a_new_element() -> None:
    assert dump(Thing.build({"kind": "network", "readonly": True, "name": None})) == (
        '<thing type="network">\n  <readonly/>\n</thing>'
    )


def test_the_schema_tells_help_unit_and_when_it_takes_effect() -> None:
    memory = Thing.model_json_schema()["properties"]["memory_mib"]
    assert (memory["description"], memory["x-unit"], memory["x-apply"], memory["x-since"]) == (
        "What it may use",
        "MiB",
        "live",
        "9.0",
    )
    assert Thing.applies("memory_mib") is Apply.LIVE
    assert Thing.applies("name") is Apply.NEXT_START


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "<a>",
        "<a>\ud800</a>",
        "",
        "<a>" + "x" * 5_000_000 + "</a>",
    ],
)
def test_refuses_documents_that_are_broken_or_reach_out(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.slug == "invalid-xml"
    assert caught.value.errors[0].pointer == "/xml"


def test_a_declared_encoding_does_not_smuggle_anything() -> None:
    with pytest.raises(Problem):
        parse('<?xml version="1.0" encoding="UTF-7"?>+ADw-a+AD4-')


def test_secrets_are_masked_in_texts_diffs_and_etags() -> None:
    assert "secret" not in canonical(TEXT)
    assert MASK in canonical(TEXT)
    other = TEXT.replace("secret", "other")
    assert diff(TEXT, other) == ""
    assert digest(TEXT) == digest(other) != digest(TEXT.replace("one", "two"))


def test_a_masked_secret_that_comes_back_is_the_stored_one() -> None:
    masked = mask_secrets(parse(TEXT))
    keep_secrets(masked, parse(TEXT))
    assert dump(masked) == TEXT
    changed_one = parse(TEXT.replace("secret", "new"))
    keep_secrets(changed_one, parse(TEXT))
    assert 'passwd="new"' in dump(changed_one)
    typed = [tells_secrets(each, parse(TEXT)) for each in (mask_secrets(parse(TEXT)), parse(TEXT), changed_one)]
    assert typed == [False, False, True]
