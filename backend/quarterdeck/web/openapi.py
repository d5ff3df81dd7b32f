"""The OpenAPI 3.1 document, made from the route declarations alone: no host, no running app."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

import flask
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from .. import __version__
from ..jobs import Job
from ..plan import Plan
from . import manual
from .route import BASE, JSON, Raw, Route, answer_type, hints, returns_change, routes

REF = "#/components/schemas/{model}"
PLACES = {
    "host": "Id of a host; `local` is the server itself",
    "uuid": "UUID of the machine",
    "device": "Id of a device, as the machine tells it: `disk-vda`",
    "section": "Name of a group of settings, such as `cpu`",
    "name": "Name of the snapshot",
    "number": "Number of the entry",
    "version": "Number of the version",
    "network": "Name or UUID of the network",
    "nwfilter": "Name of the filter",
    "pool": "Name or UUID of the pool",
    "volume": "Name of the volume",
    "id": "Id of the object, as its list tells it",
}
"""What stands in the places of an address."""
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "cure": {"type": "string"},
        "raw": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
JsonSchema = dict[str, Any]


def document(resources: Iterable[type], messages: Iterable[type[BaseModel]] = ()) -> JsonSchema:
    """The document of all routes of these classes, and the models of Socket.IO messages."""
    found = [(cls, function, declared) for cls in resources for _name, function, declared in routes(cls)]
    bodies = [hints(f)["body"] for _c, f, _r in found if "body" in hints(f)]
    answers = [answer_type(f, r) for _c, f, r in found]
    schema = _Schemas(bodies, [*answers, Plan, Job, *messages])
    paths: dict[str, JsonSchema] = {}
    for cls, function, declared in sorted(found, key=lambda x: (x[2].rule, x[2].method)):
        entry = paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", declared.rule), {})
        entry[declared.method.lower()] = _operation(cls, function, declared, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Quarterdeck", "version": __version__},
        "servers": [{"url": BASE}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((schema.definitions | {"Problem": PROBLEM}).items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-quarterdeck"},
            },
        },
    }


class _Schemas:
    """JSON schemas of all bodies and answers, with each model once."""

    def __init__(self, bodies: list[Any], answers: list[Any]) -> None:
        inputs: list[tuple[Any, JsonSchemaMode]] = [(m, "validation") for kind in bodies for m in _models(kind)]
        outputs: list[tuple[Any, JsonSchemaMode]] = [(m, "serialization") for kind in answers for m in _models(kind)]
        _map, top = models_json_schema([*inputs, *outputs], ref_template=REF)
        self.definitions: JsonSchema = top.get("$defs", {})
        self._map = _map

    def of(self, kind: Any, mode: JsonSchemaMode) -> JsonSchema:
        """The schema of a type as it stands in a body or an answer."""
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._map[kind, mode]
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode=mode)
        self.definitions.update(schema.pop("$defs", {}))
        return schema


def _models(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type):
        return [kind] if issubclass(kind, BaseModel) else []
    return [model for part in getattr(kind, "__args__", ()) for model in _models(part)]


def _operation(cls: type, function: Callable[..., Any], declared: Route, schema: _Schemas) -> JsonSchema:
    wanted = hints(function)
    operation: JsonSchema = {
        "operationId": f"{cls.__name__.removesuffix('Routes')}_{declared.name}",
        "tags": [cls.__name__.removesuffix("Routes")],
        "summary": (inspect.getdoc(function) or "").split("\n")[0],
        "description": inspect.getdoc(function) or "",
        "parameters": _parameters(function, declared, wanted),
        "responses": _responses(function, declared, schema),
        "security": [] if declared.needs is None else [{"token": []}, {"session": []}],
        "x-permission": declared.needs,
    }
    if "body" in wanted:
        operation["requestBody"] = {
            "content": {JSON: {"schema": schema.of(wanted["body"], "validation")}} | _plain(declared.takes)
        }
    elif declared.takes:
        operation["requestBody"] = {"content": _plain(declared.takes)}
    return operation


def _parameters(function: Callable[..., Any], declared: Route, wanted: dict[str, Any]) -> list[JsonSchema]:
    parameters: list[JsonSchema] = [
        {
            "name": name,
            "in": "path",
            "description": PLACES.get(name, ""),
            "required": True,
            "schema": {"type": "string"} | ({"format": "uuid"} if kind == "uuid:" else {}),
        }
        for kind, name in re.findall(r"<(\w+:)?(\w+)>", declared.rule)
    ]
    if "query" in wanted:
        properties = TypeAdapter(wanted["query"]).json_schema(ref_template=REF)
        parameters += [
            {"name": name, "in": "query", "required": name in properties.get("required", []), "schema": value}
            | ({"description": value.pop("description")} if "description" in value else {})
            for name, value in properties.get("properties", {}).items()
        ]
    if returns_change(function):
        text = "Answer the plan and change nothing."
        parameters.append({"name": "dry_run", "in": "query", "description": text, "schema": {"type": "boolean"}})
    if declared.if_match:
        text = "ETag of the version that was looked at: 412 where somebody changed it meanwhile."
        schema = {"type": "string"}
        parameters.append({"name": "If-Match", "in": "header", "description": text, "required": True, "schema": schema})
    return parameters


def _plain(*media: str | None) -> JsonSchema:
    """What is sent as it is, not as JSON."""
    return {each: {"schema": {"type": "string"}} for each in media if each}


def _responses(function: Callable[..., Any], declared: Route, schema: _Schemas) -> JsonSchema:
    kind = answer_type(function, declared)
    problem = {
        "description": "A problem",
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    if kind is type(None):
        answers: JsonSchema = {"204": {"description": "Done"}}
    elif kind is Raw or (isinstance(kind, type) and issubclass(kind, flask.Response)):
        content = _plain(*(declared.gives or ("application/octet-stream",)))
        answers = {str(declared.status): {"description": "Bytes", "content": content}}
    else:
        content = {JSON: {"schema": schema.of(kind, "serialization")}} | _plain(*declared.gives)
        answers = {
            "202" if kind is Job and declared.changes else str(declared.status): {
                "description": "Done",
                "content": content,
            }
        }
    return answers | {"default": problem}


class ApiRoutes:
    """The API about itself. The document is made when it is first asked for: that takes a second."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = functools.cache(make)

    def document(self) -> flask.Response:
        """The OpenAPI document."""
        return flask.Response(self._make(), mimetype="application/json")

    def manual(self) -> flask.Response:
        """The same for people."""
        return flask.Response(manual.page(self._make()), mimetype="text/html")

    def install(self, app: flask.Flask) -> None:
        """Serve both without a login: they hold no secret."""
        app.add_url_rule(f"{BASE}/openapi.json", "openapi", self.document)
        app.add_url_rule(f"{BASE}/docs", "manual", self.manual)
        app.add_url_rule(
            f"{BASE}/manual.css", "manual-style", lambda: flask.Response(manual.STYLE, mimetype="text/css")
        )
