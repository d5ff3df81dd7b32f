"""Every declared field of every form with input that cannot be: told at that field, and nothing is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ..conftest import Client
from .machine import LIST

Case = tuple[str, list[Any]]
"""The pointer of a field, and values that it cannot have."""


def cases(fields: list[dict[str, Any]], base: str = "") -> Iterator[Case]:
    for field in fields:
        pointer = f"{base}/{field['name']}"
        entry = f"{pointer}/0" if field["control"] == "list" else pointer
        if field["fields"]:
            yield from cases(field["fields"], entry)
        else:
            yield entry, wrong(field)


def wrong(field: dict[str, Any]) -> list[Any]:
    """What cannot be: of another kind, too small, too large, empty, with characters that XML cannot hold."""
    least, most = field["minimum"], field["maximum"]
    if field["control"] == "number" or field["numbers"]:
        return ["many", (0 if least is None else least) - 1, *([most + 1] if most is not None else [])]
    if field["control"] in ("boolean", "flag"):
        return ["perhaps"]
    return ["", "bell \x07"] if field["control"] in ("text", "list", "secret") else ["no such word"]


def body_of(values: dict[str, Any]) -> dict[str, Any]:
    """The body that holds these values at their pointers."""
    body: dict[str, Any] = {}
    for pointer, value in values.items():
        put(body, pointer.removeprefix("/").split("/"), value)
    return body


def put(at: Any, way: list[str], value: Any) -> None:
    step, *rest = way
    if step == "0":
        at.extend([] if at else [value if not rest else {}])
        child = at[0]
    elif rest:
        child = at.setdefault(step, [] if rest[0] == "0" else {})
    else:
        at[step] = value
    if rest:
        put(child, rest, value)


@pytest.mark.parametrize("forms", ["settings", "forms"])
def test_every_form_tells_bad_input_at_its_field(client: Client, forms: str) -> None:
    box = client.domain("fedora-try")
    place, silent, count = f"{LIST}/{box['uuid']}", [], 0
    for form in client.get(f"{place}/{forms}").json:
        method, path, base = ("PATCH", "", {}) if forms == "settings" else ("POST", "/devices", {"type": form["type"]})
        found = list(cases(form["fields"]))
        for number in range(3):
            bad = {pointer: values[number] for pointer, values in found if len(values) > number}
            count += len(bad)
            answer = client.open(
                f"{place}{path}?dry_run=true", method=method, json=base | body_of(bad), headers={"If-Match": "*"}
            )
            told = {error["pointer"] for error in answer.json.get("errors", [])}
            silent += [(form["id"], pointer, value) for pointer, value in bad.items() if pointer not in told]
    assert silent == []
    assert count > 200
    assert client.domain("fedora-try")["etag"] == box["etag"]
