"""Presets of the form for new machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quarterdeck.access import Role, User
from quarterdeck.app import Service
from quarterdeck.model.edits import DomainRequest
from quarterdeck.operations.accounts.presets import SECRETS, Presets
from quarterdeck.problems import Problem

from ..conftest import Client

PRESETS = "/api/v1/presets"


def test_settings_are_kept_replaced_and_forgotten(client: Client, service: Service) -> None:
    first = client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 1}})
    assert first.status_code == 201
    plan = client.post(f"{PRESETS}?dry_run=true", json={"name": "small", "settings": {"vcpus": 2}}).json
    assert plan["notes"] == ["It is version 2 of your preset small."]
    again = client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 2}}).json
    assert client.get(PRESETS).json == [again]
    assert (again["id"], again["version"], again["settings"]) == (first.json["id"], 2, {"vcpus": 2})
    assert [(each["version"], each["settings"]) for each in again["earlier"]] == [(1, {"vcpus": 1})]
    assert client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 2}}).json == again, "nothing changed"
    service.store.write("UPDATE presets SET user = 'bob'")
    assert client.get(PRESETS).json == []
    assert client.delete(f"{PRESETS}/{again['id']}").status_code == 404
    service.store.write("UPDATE presets SET user = 'demo'")
    assert client.delete(f"{PRESETS}/{again['id']}").status_code == 204
    assert client.get(PRESETS).json == []
    assert service.store.read("SELECT * FROM preset_versions") == []


def test_shared_preset_is_everybodys_to_use_and_its_makers_to_change(client: Client, service: Service) -> None:
    client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 1}, "shared": True})
    service.store.write("UPDATE presets SET user = 'bob'")
    (shared,) = client.get(PRESETS).json
    assert (shared["user"], shared["shared"]) == ("bob", True)
    with pytest.raises(Problem, match="bob, who alone") as refused:
        Presets(service.store, lambda name: name == "bob").delete(shared["id"], User("demo", Role.ADMINISTRATOR))
    assert refused.value.slug == "forbidden"
    own = client.post(PRESETS, json={"name": "small", "settings": {"vcpus": 9}}).json
    assert (own["version"], own["user"]) == (1, "demo")
    assert [each["user"] for each in client.get(PRESETS).json] == ["bob", "demo"]
    assert client.delete(f"{PRESETS}/{shared['id']}").status_code == 204, "bob is no account of this host any more"
    assert client.get(PRESETS).json == [own]


@pytest.mark.parametrize(
    "settings", [{"settings": {"password": "x"}}, {"a": [{"user_data": "#!"}]}, {"passphrase": "x"}, {"a": "x" * 70000}]
)
def test_secrets_and_floods_are_not_kept(client: Client, settings: dict[str, Any]) -> None:
    answer = client.post(PRESETS, json={"name": "a", "settings": settings})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/settings")
    assert client.get(PRESETS).json == []


def test_every_secret_of_a_new_machine_is_known_as_one() -> None:
    schema = DomainRequest.model_json_schema()
    fields = [field for model in (schema, *schema["$defs"].values()) for field in model.get("properties", {}).items()]
    assert {name for name, told in fields if '"writeOnly": true' in json.dumps(told)} == set(SECRETS)
