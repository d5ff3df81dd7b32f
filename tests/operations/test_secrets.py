"""A password stays through everything that is not about it, and is seen nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quarterdeck.app import Service
from quarterdeck.config import Config

from ..conftest import Client
from .machine import LIST, Machine

OFF, WORD = "fedora-try", "s3cr3tPW"


class Watched(Machine):
    """A machine with a password; keeps every answer that it gave."""

    def __init__(self, client: Client, service: Service) -> None:
        super().__init__(client, OFF)
        self.service = service
        self.answers: list[str] = []
        self.screen = next(d["id"] for d in self.now["devices"] if d["type"] == "graphics")

    def call(self, method: str, suffix: str = "", body: Any = None, etag: str | None = "*", **more: Any) -> Any:
        answer = super().call(method, suffix, body, etag, **more)
        assert answer.status_code in (200, 201, 204), answer.text
        self.answers.append(answer.text)
        return answer

    @property
    def password(self) -> str | None:
        """The password as libvirt has it."""
        uuid = self.now["uuid"]
        with self.service.hosts.get("local").connection() as conn:
            return WORD if f"passwd='{WORD}'" in conn.lookupByUUIDString(uuid).XMLDesc(3) else None


@pytest.fixture
def box(client: Client, service: Service) -> Watched:
    made = Watched(client, service)
    made.call("PATCH", f"/devices/{made.screen}", {"password": WORD})
    assert made.password == WORD
    return made


def test_password_survives_every_change_that_is_not_about_it(box: Watched) -> None:
    screen = box.screen
    first = box.call("GET", "/history").json[0]["id"]
    disk = next(d["id"] for d in box.now["devices"] if d["type"] == "disk")
    box.call("PATCH", "", {"title": "Newer"})
    changes: list[tuple[str, str, Any]] = [
        ("PATCH", "", {"title": "Other", "memory_mib": 256, "vcpus": 1}),
        ("PATCH", f"/devices/{disk}", {"cache": "none"}),
        ("PATCH", "", {"description": "x"}),
        ("PUT", "/xml", None),
        ("PUT", f"/devices/{screen}/xml", None),
        ("POST", f"/history/{first}/restore", {"only": [{"field": "title"}]}),
        ("POST", f"/history/{first}/restore", {}),
        ("DELETE", f"/devices/{disk}", None),
        ("PATCH", "", {"name": "renamed-box"}),
    ]
    for method, path, body in changes:
        text = ""
        if method == "PUT":  # as a person sends it: with the mask where the password is
            text = box.call("GET", path).json["xml"]
            assert "passwd" in text
        sent = {"xml": text.replace("</uuid>", "</uuid>\n<!-- seen -->")} if text else body
        answer = box.call(method, path, sent).json
        box.name = answer["name"]
        assert box.password == WORD, (path, body)
        if answer["undo"]:
            box.name = box.call("POST", f"/history/{answer['undo']}/undo").json["name"]
            assert box.password == WORD, f"undo of {path} {body}"


def test_password_is_in_no_answer_no_store_and_no_log(
    box: Watched, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    uuid = box.now["uuid"]
    box.call("PATCH", "", {"title": "Other"})
    for entry in box.call("GET", "/history").json:
        box.call("GET", f"/history/{entry['id']}")
        box.call("POST", f"/history/{entry['id']}/restore?dry_run=true", {})
    box.call("GET", "/xml")
    box.call("PUT", "/xml?dry_run=true", {"xml": box.call("GET", "/xml").json["xml"]})
    box.call("GET", f"/devices/{box.screen}/xml")
    for path in (LIST, f"{LIST}/{uuid}", "/api/v1/jobs", "/api/v1/audit"):
        box.answers.append(box.client.get(path).text)
    assert box.call("DELETE").status_code == 204
    gone = f"/api/v1/hosts/local/deleted-domains/{uuid}/define"
    box.answers.append(box.client.post(gone + "?dry_run=true", json={}).text)
    kept = b"".join(path.read_bytes() for path in Path(config.state_dir).rglob("*") if path.is_file())
    assert WORD not in "".join(box.answers)
    assert WORD.encode() not in kept
    assert WORD not in caplog.text


def test_mask_never_becomes_the_password(box: Watched) -> None:
    number = box.call("GET", "/history").json[0]["id"]
    box.call("PATCH", f"/devices/{box.screen}", {"password": None})
    assert box.password is None
    with_mask = box.call("POST", f"/history/{number}/restore?dry_run=true", {}).json
    assert "*****" not in with_mask["xml_diff"]
    uuid = box.now["uuid"]
    box.call("DELETE")
    made = box.client.post(f"/api/v1/hosts/local/deleted-domains/{uuid}/define", json={"number": number}).json
    screen = next(d for d in made["devices"] if d["type"] == "graphics")
    assert screen["saved"]["has_password"] is False
