"""What every route gives: validation, permission, plan, ETag, problems."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import flask
import pytest
from pydantic import BaseModel, Field

from quarterdeck.access import Permission, Role, User
from quarterdeck.jobs import Job
from quarterdeck.plan import Change, Plan
from quarterdeck.problems import Problem
from quarterdeck.web import problems
from quarterdeck.web.openapi import document
from quarterdeck.web.route import mount, route


class Cat(BaseModel):
    type: Literal["cat"]
    lives: int = Field(ge=1, le=9)


class Dog(BaseModel):
    type: Literal["dog"]
    name: str


class Zoo(BaseModel):
    animals: list[Annotated[Cat | Dog, Field(discriminator="type")]]
    etag: str = "abc"


class Query(BaseModel):
    count: int = 1


class ZooRoutes:
    """Made up for these tests."""

    def __init__(self) -> None:
        self.applied: list[Any] = []

    @route("GET", "/zoos/<uuid:zoo>", needs=Permission.DOMAIN_VIEW)
    def one(self, zoo: UUID, query: Query) -> Zoo:
        """One zoo."""
        return Zoo(animals=[Cat(type="cat", lives=query.count)])

    @route("PATCH", "/zoos/<uuid:zoo>", needs=Permission.DOMAIN_EDIT, if_match=True)
    def edit(self, zoo: UUID, body: Zoo, if_match: str) -> Change[Zoo]:
        """Change a zoo."""
        if if_match != "abc":
            raise Problem("changed-meanwhile", "It changed.")

        def apply() -> Zoo:
            self.applied.append(body)
            return body

        return Change(Plan(commands=["feed"]), apply)

    @route("POST", "/zoos", needs=Permission.DOMAIN_CREATE, status=202)
    def slow(self, body: Zoo) -> Change[Job]:
        """Build a zoo."""
        job = Job(id="j1", kind="zoo", host="local", target="", user="ann", state="running", started="now")
        return Change(Plan(), lambda: job)

    @route("DELETE", "/zoos/<uuid:zoo>", needs=Permission.DOMAIN_DELETE)
    def close(self, zoo: UUID) -> None:
        """Close a zoo."""
        raise KeyError("a fault of ours")


class OpenDoor:
    """Lets a given user in and notes what was done."""

    def __init__(self) -> None:
        self.who: User | None = User("ann", Role.ADMINISTRATOR)
        self.notes: list[tuple[str, Any]] = []

    def user(self, request: flask.Request, route: Any) -> User | None:
        if self.who is None:
            raise Problem("not-logged-in", "Log in.")
        return self.who

    def done(self, user: User | None, route: Any, path: dict[str, Any], outcome: Any) -> None:
        self.notes.append((route.name, outcome))


ZOO = "/api/v1/zoos/00000000-0000-0000-0000-000000000001"


@pytest.fixture
def zoo() -> tuple[Any, ZooRoutes, OpenDoor]:
    app, resource, door = flask.Flask("test"), ZooRoutes(), OpenDoor()
    mount(app, resource, door)
    problems.install(app)
    return app.test_client(), resource, door


def test_a_model_comes_with_its_etag(zoo) -> None:
    answer = zoo[0].get(ZOO + "?count=3")
    assert answer.json["animals"] == [{"type": "cat", "lives": 3}]
    assert answer.headers["ETag"] == '"abc"'


def test_every_wrong_field_is_named_by_a_pointer_without_the_tags_of_unions(zoo) -> None:
    body = {"animals": [{"type": "cat", "lives": 12}, {"type": "dog"}, {"type": "cow"}]}
    answer = zoo[0].patch(ZOO, json=body, headers={"If-Match": '"abc"'})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [e["pointer"] for e in answer.json["errors"]] == ["/animals/0/lives", "/animals/1/name", "/animals/2/type"]


def test_a_change_that_fails_by_our_fault_is_noted_too(zoo) -> None:
    client, _resource, door = zoo
    answer = client.delete(ZOO)
    assert (answer.status_code, answer.json["type"]) == (500, "/problems/internal")
    assert "a fault of ours" not in answer.text
    ((name, outcome),) = door.notes
    assert (name, outcome.slug) == ("close", "internal")


def test_a_dry_run_answers_the_plan_and_applies_nothing(zoo) -> None:
    client, resource, door = zoo
    body = {"animals": [{"type": "dog", "name": "rex"}]}
    answer = client.patch(ZOO + "?dry_run=true", json=body, headers={"If-Match": '"abc"'})
    assert answer.json["commands"] == ["feed"]
    assert (resource.applied, door.notes) == ([], [])


def test_a_change_is_applied_and_noted(zoo) -> None:
    client, resource, door = zoo
    body = {"animals": [{"type": "dog", "name": "rex"}]}
    assert client.patch(ZOO, json=body, headers={"If-Match": '"abc"'}).status_code == 200
    assert len(resource.applied) == 1
    assert [name for name, _outcome in door.notes] == ["edit"]


def test_without_if_match_nothing_is_changed(zoo) -> None:
    assert zoo[0].patch(ZOO, json={"animals": []}).status_code == 428
    assert zoo[0].patch(ZOO, json={"animals": []}, headers={"If-Match": '"old"'}).status_code == 412
    assert zoo[1].applied == []


def test_a_job_is_answered_202_with_its_address(zoo) -> None:
    answer = zoo[0].post("/api/v1/zoos", json={"animals": []})
    assert (answer.status_code, answer.headers["Location"]) == (202, "/api/v1/jobs/j1")


def test_a_role_without_the_permission_is_refused_in_words(zoo) -> None:
    zoo[2].who = User("bob", Role.VIEWER)
    answer = zoo[0].delete(ZOO)
    assert answer.status_code == 403
    assert "viewer" in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/v1/nothing", 404), ("put", ZOO, 405), ("get", "/api/v1/zoos/not-a-uuid", 404)],
)
def test_every_failure_has_the_one_shape(zoo, method: str, path: str, status: int) -> None:
    answer = getattr(zoo[0], method)(path)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json)


def test_a_body_that_is_not_json_is_refused(zoo) -> None:
    answer = zoo[0].post("/api/v1/zoos", data=b"{", content_type="application/json")
    assert answer.status_code == 422
    answer = zoo[0].post("/api/v1/zoos", data=b"animals=1", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_the_document_tells_plans_permissions_and_models_once() -> None:
    found = document([ZooRoutes])
    edit = found["paths"]["/zoos/{zoo}"]["patch"]
    assert {p["name"] for p in edit["parameters"]} == {"zoo", "dry_run", "If-Match"}
    assert edit["x-permission"] == "domain:edit"
    assert {"Cat", "Dog", "Zoo-Input", "Zoo-Output"} & set(found["components"]["schemas"]) >= {"Cat", "Dog"}
    assert "204" in found["paths"]["/zoos/{zoo}"]["delete"]["responses"]
