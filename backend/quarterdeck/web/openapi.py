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
from ..problems import CATALOGUE
from . import manual
from .examples import EXAMPLES
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
GUIDE = """Everything that the page does, a script can do.

**Who asks.** Send `Authorization: Bearer TOKEN`; `quarterdeck token create` or `POST /tokens` makes one. A token may do
what its role may (`x-permission` of each route), and never more than its account.

**Names.** `local` is the host that this service runs on. Machines are told by UUID, networks and pools by name or UUID.

**Look before you change.** `?dry_run=true` on a change answers its plan (difference of the XML, equal commands, what
takes effect when, warnings) and touches nothing. What a change does not know, be it a parameter or a member, is refused
and never ignored: a slip changes nothing.

**Versions.** What has an `etag` is changed with it as `If-Match`, so that nobody's change is lost: 428 without it, 412
where it is no longer what is saved; `If-Match: *` takes whatever is saved.

**Long acts** answer 202 with a job and its address in `Location`: ask for it until its `state` is `done`, `failed` or
`cancelled`; `problem` says why it failed, `result` what was made. DELETE cancels it. The same comes by Socket.IO.

**Undo.** Where a change can be taken back, the header `Link` names the address, with `rel="undo"`.

**Problems** are `application/problem+json` (RFC 9457): `type` says which kind, `detail` what happened, `cure` what to
do, `errors` which members are at fault (JSON pointers), `raw` the words of libvirt.
"""
USUAL: dict[str, tuple[str, Callable[[Route, bool], bool]]] = {
    "401": ("not-logged-in", lambda declared, _asks: declared.needs is not None),
    "403": ("forbidden", lambda declared, _asks: declared.needs is not None),
    "404": ("not-found", lambda declared, _asks: "<" in declared.rule),
    "409": ("wrong-state", lambda declared, _asks: declared.changes and declared.needs is not None),
    "412": ("changed-meanwhile", lambda declared, _asks: declared.if_match),
    "422": ("invalid-input", lambda declared, asks: asks or declared.changes),
    "428": ("precondition-required", lambda declared, _asks: declared.if_match),
    "503": ("host-lost", lambda declared, _asks: "<host>" in declared.rule),
}
"""Problems that a route may answer: by what it declares, and whether it asks for a body or parameters."""


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
        "info": {"title": "Quarterdeck", "version": __version__, "description": GUIDE},
        "servers": [{"url": BASE}],
        "tags": [{"name": _tag(cls), "description": inspect.getdoc(cls) or ""} for cls in _tagged(found)],
        "paths": paths,
        "components": {
            "responses": {slug: _problem(slug) for slug, _when in USUAL.values()},
            "schemas": dict(sorted((schema.definitions | {"Problem": PROBLEM}).items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-quarterdeck"},
            },
        },
    }


def _tag(cls: type) -> str:
    return cls.__name__.removesuffix("Routes")


def operation_id(cls: type, declared: Route) -> str:
    """The name of a route of a class."""
    return f"{_tag(cls)}_{declared.name}"


def _tagged(found: list[tuple[type, Callable[..., Any], Route]]) -> list[type]:
    return sorted({cls for cls, _function, _declared in found}, key=_tag)


def _problem(slug: str) -> JsonSchema:
    """What is answered with a problem of one kind, with an example."""
    kind = CATALOGUE[slug]
    example = {"type": f"/problems/{slug}", "title": kind.title, "status": kind.status, "detail": "…"}
    content = {"schema": {"$ref": REF.format(model="Problem")}, "example": example}
    return {"description": f"{kind.title}. {kind.help}", "content": {"application/problem+json": content}}


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
        "operationId": operation_id(cls, declared),
        "tags": [_tag(cls)],
        "summary": (inspect.getdoc(function) or "").split("\n")[0],
        "description": inspect.getdoc(function) or "",
        "parameters": _parameters(function, declared, wanted),
        "responses": _responses(function, declared, schema),
        "security": [] if declared.needs is None else [{"token": []}, {"session": []}],
        "x-permission": declared.needs,
    }
    if "body" in wanted:
        body = {"schema": schema.of(wanted["body"], "validation")}
        body |= {"example": EXAMPLES[name]} if (name := operation["operationId"]) in EXAMPLES else {}
        operation["requestBody"] = {"content": {JSON: body} | _plain(declared.takes)}
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
    if declared.if_match or "if_match" in wanted:
        text = "ETag of the version that was looked at: 412 where somebody changed it meanwhile."
        match = {"name": "If-Match", "in": "header", "description": text, "required": declared.if_match}
        parameters.append(match | {"schema": {"type": "string"}})
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
    asks = bool({"body", "query"} & hints(function).keys())
    told = {code: slug for code, (slug, when) in USUAL.items() if when(declared, asks)}
    return (
        answers
        | {code: {"$ref": f"#/components/responses/{slug}"} for code, slug in told.items()}
        | {"default": problem}
    )


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
