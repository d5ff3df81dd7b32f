"""Presets of the form for new machines."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.app import Service

from ..conftest import Client

PRESETS = "/api/v1/presets"


def test_settings_are_kept_replaced_and_forgotten(client: Client, service: Service) -> None:
    first = client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 1}})
    assert first.status_code == 201
    plan = client.post(f"{PRESETS}?dry_run=true", json={"name": "small", "settings": {"vcpus": 2}}).json
    assert "replaced" in plan["warnings"][0]
    again = client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 2}}).json
    assert client.get(PRESETS).json == [again] == [{"id": first.json["id"], "name": "small", "settings": {"vcpus": 2}}]
    service.store.write("UPDATE presets SET user = 'bob'")
    assert client.get(PRESETS).json == []
    assert client.delete(f"{PRESETS}/{again['id']}").status_code == 404
    service.store.write("UPDATE presets SET user = 'demo'")
    assert client.delete(f"{PRESETS}/{again['id']}").status_code == 204
    assert client.get(PRESETS).json == []


@pytest.mark.parametrize(
    "settings", [{"settings": {"password": "x"}}, {"a": [{"user_data": "#!"}]}, {"a": "x" * 70000}]
)
def test_secrets_and_floods_are_not_kept(client: Client, settings: dict[str, Any]) -> None:
    answer = client.post(PRESETS, json={"name": "a", "settings": settings})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/settings")
    assert client.get(PRESETS).json == []
