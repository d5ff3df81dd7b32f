"""Somebody who may only look: sees everything, changes nothing, and is told why."""

from __future__ import annotations

import re

import pytest

from quarterdeck import app as factory
from quarterdeck.access import Role
from quarterdeck.app import Service
from quarterdeck.web.route import BASE, routes

from ..conftest import Client

CHANGES = [
    (r.method, r.rule)
    for cls in factory.ROUTES
    for _name, _function, r in routes(cls)
    if r.changes and r.needs not in (None, "session", "domain:view", "console:view")
]


@pytest.fixture
def viewer(stranger: Client, service: Service) -> Client:
    made = service.sessions.tokens.create("look", "demo", Role.VIEWER, 1)
    stranger.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.token}"
    return stranger


def test_a_viewer_sees_machines_with_the_reason_at_each_act(viewer: Client) -> None:
    row = viewer.get("/api/v1/hosts/local/domains").json[0]
    assert "viewer" in row["actions"]["start"]
    assert row["actions"]["console"] is None or "viewer" not in row["actions"]["console"]


def test_a_viewer_changes_nothing(viewer: Client) -> None:
    values = {"uuid": "d3967b12-a3ec-5a01-9147-2a6c202859dc", "int": "1", "host": "local"}
    open_doors = []
    for method, rule in CHANGES:
        path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: values.get(m[1] or m[2], "x"), rule)
        answer = viewer.open(BASE + path, method=method, json={}, headers={"If-Match": '"x"'})
        if answer.status_code != 403 or "viewer" not in answer.json["detail"]:
            open_doors.append(f"{method} {rule}: {answer.status_code}")
    assert open_doors == []
    assert len(CHANGES) > 20
