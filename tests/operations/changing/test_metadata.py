"""What other programs keep in a machine's metadata, over the API: saved and running together, planned, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.model.xml import dump, parse

from ...conftest import Client
from ..machine import Machine

URI = "http://example.org/inventory/1.0"
OWN = "https://quarterdeck.invalid/xmlns/1"
PLACE = f'<inv:asset xmlns:inv="{URI}" id="7"><inv:rack>B3</inv:rack></inv:asset>'


@pytest.fixture
def machine(client: Client) -> Machine:
    """One that runs."""
    return Machine(client, "web-1")


def put(machine: Machine, xml: str = PLACE, query: str = "", **more: Any) -> Any:
    return machine.call("PUT", f"/metadata{query}", {"namespace": URI, "xml": xml} | more)


def kept(machine: Machine) -> Any:
    found = machine.call("GET", "/metadata").json["entries"]
    return next(
        ({key: each[key] for key in ("prefix", "saved", "running")} for each in found if each["namespace"] == URI), None
    )


def test_an_element_is_planned_kept_in_both_definitions_changed_and_taken_back(machine: Machine) -> None:
    plan = put(machine, query="?dry_run=true").json
    assert "<inv:rack>B3</inv:rack>" in plan["xml_diff"] and kept(machine) is None
    assert plan["commands"] == [
        f"virsh metadata web-1 {URI} --live --config --key inv --set '<asset id=\"7\"><rack>B3</rack></asset>'"
    ]
    assert plan["effects"] == [{"field": f"metadata of {URI}", "when": "live"}]
    first = put(machine).json
    both = kept(machine)
    assert both["saved"] == both["running"] and both["prefix"] == "inv"
    assert dump(parse(both["saved"])).split() == dump(parse(PLACE)).replace("><", "> <").split()
    second = put(machine, "<asset><rack>C4</rack></asset>").json  # without the namespace, as virsh has it
    assert "<inv:rack>C4</inv:rack>" in kept(machine)["running"]
    assert machine.call("POST", f"/history/{second['undo']}/undo", etag="*").status_code == 200
    assert kept(machine) == both
    change = next(each for each in machine.call("GET", "/history").json if each["id"] == first["undo"])["changes"]
    assert [each["field"] for each in change] == [f"metadata of {URI}"]
    assert machine.call("DELETE", f"/metadata?namespace={URI}").status_code == 200
    assert kept(machine) is None
    assert machine.call("DELETE", f"/metadata?namespace={URI}").status_code == 404


def test_what_the_console_itself_keeps_is_shown_and_not_changed(machine: Machine) -> None:
    before = machine.now["tags"]
    shown = {each["namespace"]: each["fixed"] for each in machine.call("GET", "/metadata").json["entries"]}
    assert shown[OWN] and not shown["http://libosinfo.org/xmlns/libvirt/domain/1.0"]
    for answer in (
        machine.call("PUT", "/metadata", {"namespace": OWN, "xml": "<tags/>"}),
        machine.call("DELETE", f"/metadata?namespace={OWN}"),
    ):
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/namespace")
    put(machine)
    assert machine.now["tags"] == before


@pytest.mark.parametrize(
    ("body", "pointer", "told"),
    [
        ({"xml": "<a><b></a>"}, "/xml", "Line 1"),
        ({"xml": '<a xmlns="http://other"/>'}, "/xml", "of the namespace http://other, not"),
        ({"xml": "<!DOCTYPE a><a/>"}, "/xml", "document type"),
        ({"xml": "<a/>", "prefix": "xmlns"}, "/prefix", "letters, digits"),
        ({"xml": "<a/>", "prefix": "a b"}, "/prefix", "letters, digits"),
        ({"xml": "<a/>", "namespace": "a\nb"}, "/namespace", "without spaces"),
        ({"xml": "<a/>", "namespace": ""}, "/namespace", "empty"),
    ],
)
def test_what_libvirt_could_not_keep_is_refused_at_its_field(
    machine: Machine, body: dict[str, Any], pointer: str, told: str
) -> None:
    answer = put(machine, **body)
    assert answer.status_code == 422
    assert [(each["pointer"], told in each["detail"]) for each in answer.json["errors"]] == [(pointer, True)]


def test_a_secret_in_it_is_masked_and_stays(machine: Machine, service: Service) -> None:
    put(machine, '<login passwd="geheim"/>')
    assert 'passwd="*****"' in kept(machine)["saved"]
    answer = put(machine, kept(machine)["saved"].replace("/>", ' user="me"/>'))
    assert answer.status_code == 200 and "geheim" not in answer.text
    domains = service.hosts.get("local").domains
    for live in (False, True):
        assert 'passwd="geheim" user="me"' in domains.xml(machine.now["uuid"], live=live)


def test_a_change_from_an_older_version_is_refused(machine: Machine) -> None:
    etag = machine.now["etag"]
    put(machine)
    answer = machine.call("PUT", "/metadata", {"namespace": URI, "xml": "<asset/>"}, etag)
    assert answer.json["type"].endswith("/changed-meanwhile")
