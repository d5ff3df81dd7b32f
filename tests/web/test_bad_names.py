"""A name that cannot be is told at its field before anything is done, whatever is to be called so."""

from __future__ import annotations

from typing import Any

from tests.conftest import Client

HOST = "/hosts/local"
VOLUME = f"{HOST}/pools/default/volumes"
MACHINE = HOST + "/domains/{uuid}"
NAMED: list[tuple[str, str, dict[str, Any]]] = [
    (f"{HOST}/pools", "name", {"type": "dir", "path": "/srv/pool"}),
    (f"{HOST}/networks", "name", {"mode": "isolated"}),
    (VOLUME, "name", {"size_gib": 1}),
    (f"{VOLUME}/spare.qcow2/clone", "name", {}),
    (f"{VOLUME}/spare.qcow2/convert", "name", {"format": "raw"}),
    (f"{HOST}/domains", "name", {"memory_mib": 512}),
    (f"{HOST}/imports", "name", {"path": "/srv/disk.vmdk", "to_pool": "default"}),
    (f"{MACHINE}/clone", "name", {}),
    (f"{MACHINE}/snapshots", "name", {}),
    (f"{MACHINE}/export", "name", {"format": "qcow2", "pool": "default"}),
    ("/hosts", "name", {"transport": "ssh", "address": "kvm2.example.org"}),
    ("/hosts", "address", {"transport": "ssh", "name": "kvm2"}),
]
BAD = ["", "-x", "../x", "a/b", "a\nb", "x" * 300]


def test_it_is_told_at_the_field(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    wrong = {}
    for path, field, body in NAMED:
        for name in BAD:
            answer = client.post(f"/api/v1{path.format(uuid=uuid)}?dry_run=true", json=body | {field: name})
            told = {error["pointer"]: error["detail"] for error in answer.json.get("errors", [])}
            if answer.status_code != 422 or len(told.get(f"/{field}", "")) < 12:
                wrong[path, field, name[:10]] = answer.json
    assert wrong == {}


WHO_IS_TO_BLAME: list[tuple[str, dict[str, Any], str]] = [
    (VOLUME, {"name": "x", "size_gib": 1, "format": "qcow2", "backing": {"volume": "none"}}, "/backing/volume"),
    (VOLUME, {"name": "x", "size_gib": 1, "backing": {"pool": "none", "volume": "none"}}, "/backing/pool"),
    (f"{VOLUME}/spare.qcow2/clone", {"name": "x", "pool": "none"}, "/pool"),
    (f"{VOLUME}/spare.qcow2/convert", {"format": "raw", "pool": "none"}, "/pool"),
    (f"{MACHINE}/export", {"format": "ova", "pool": "none"}, "/pool"),
    (f"{MACHINE}/snapshot-preview", {"snapshot": "none"}, "/snapshot"),
    (f"{HOST}/deleted-domains/{{uuid}}/define", {"number": 987654}, "/number"),
]


def test_what_is_not_there_is_told_at_the_field_that_names_it(client: Client) -> None:
    uuid = client.domain("web-1")["uuid"]
    for path, body, pointer in WHO_IS_TO_BLAME:
        answer = client.post(f"/api/v1{path.format(uuid=uuid)}?dry_run=true", json=body)
        assert (answer.status_code, [each["pointer"] for each in answer.json.get("errors", [])]) == (404, [pointer]), (
            answer.json
        )
