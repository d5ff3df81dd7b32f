"""Whatever a body asks for that its schema allows, the service answers with a plan or says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from quarterdeck.model.edits import GraphicsChange
from quarterdeck.model.storage import VolumeCreate
from tests.conftest import Client

DOCUMENT = json.loads((Path(__file__).parents[2] / "frontend/src/api/openapi.json").read_text())
TEXTS = (
    *("x1", "default", "web", "virtio", "qcow2", "vda", "0-1", "eth0", ""),
    *("10.0.0.0/24", "192.168.5.2", "52:54:00:12:34:57", "/var/lib/libvirt/images/a.qcow2"),
)
DEEPEST = 4
MACHINE = "/hosts/{host}/domains/{uuid}"
BODIES = [
    *(("patch", MACHINE, 300), ("post", f"{MACHINE}/devices", 300), ("post", f"{MACHINE}/clone", 40)),
    *(("post", f"{MACHINE}/snapshots", 40), ("post", f"{MACHINE}/migration/check", 40)),
    *(("post", f"/hosts/{{host}}/{kind}", 100) for kind in ("domains", "networks", "pools", "evacuation")),
    *(("post", "/hosts/{host}/pools/{pool}/volumes", 100), ("post", "/cloud-init/check", 100)),
]


class Bodies:
    """Bodies by chance, the same ones in each run."""

    def __init__(self, seed: str) -> None:
        self._chance = Random(seed)

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """What this schema allows; texts are such as people give, and need not fit."""
        chance = self._chance
        while "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self.value(chance.choice(schema[several]), depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const") or chance.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            count = max(schema.get("minItems", 0), chance.choice([0, 1, 1, 2]))
            return [self.value(schema["items"], depth + 1) for _ in range(count)]
        if kind in ("integer", "number"):
            least, most = int(schema.get("minimum", 0)), int(schema.get("maximum", 10**6))
            return chance.choice([least, most, min(least + 1, most), chance.randint(least, most)])
        return {"boolean": chance.random() < 0.5, "string": chance.choice(TEXTS)}.get(str(kind))

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        places, needed = schema.get("properties", {}), schema.get("required", [])
        free = [name for name in places if name not in needed]
        count = self._chance.choice([0, 1, 1, 2, 3, 5]) if depth < DEEPEST else 0
        more = self._chance.sample(free, min(len(free), count))
        return {name: self.value(places[name], depth + 1) for name in (*needed, *more)}


@pytest.mark.parametrize(("method", "path", "count"), BODIES, ids=lambda part: str(part))
def test_no_body_is_a_fault_of_the_service(client: Client, method: str, path: str, count: int) -> None:
    machine = client.domain("web-1")
    places = {"host": "local", "uuid": machine["uuid"], "pool": "default"}
    schema = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    bodies, seen = Bodies(path), set()
    for _ in range(count):
        body = bodies.value(schema)
        answer = client.open(
            f"/api/v1{path.format(**places)}?dry_run=true",
            method=method.upper(),
            json=body,
            headers={"If-Match": machine["etag"]},
        )
        seen.add(answer.status_code)
        assert answer.status_code in (200, 404, 409, 422, 507), (body, answer.text)
    assert seen & {200, 409}, "some of them make sense"


def test_what_is_typed_as_a_secret_is_told_by_no_value_error_or_document() -> None:
    names = {"password", "passphrase", "product_key", "answer_file", "user_data", "secret_value"}
    places = {
        f"{schema}.{name}": place
        for schema, described in DOCUMENT["components"]["schemas"].items()
        for name, place in described.get("properties", {}).items()
        if name in names
    }
    assert len(places) > 10
    assert [name for name, place in places.items() if '"writeOnly": true' not in json.dumps(place)] == []
    for body in (VolumeCreate(name="a", size_gib=1, passphrase="hunter2222"), GraphicsChange(password="hunter22")):
        assert "hunter22" not in f"{body!r} {body} {body.model_dump()} {body.model_dump_json()}"
    with pytest.raises(ValidationError) as caught:
        VolumeCreate(name="a", size_gib=1, passphrase="hunter22\n")
    assert "hunter22" not in str(caught.value)
    assert "one line" in str(caught.value)
