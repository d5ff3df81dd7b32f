"""Routes: declared on methods with their permission, models in and out, mounted by the app.

A declaration is all there is: validation, permission, plan or apply, ETag, audit, problem+json and the
OpenAPI document come from it.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import json
import re
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import flask
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge

from ..access import Permission, User, require
from ..jobs import Job
from ..model.faults import field_errors
from ..plan import Change, Plan
from ..problems import FieldError, Problem

JSON = "application/json"
BASE = "/api/v1"
BODY_LIMIT = 4 << 20
STRANGER_BODY_LIMIT = 64 << 10
"""Enough for a name and a password; what is parsed takes many times as much memory."""
BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Route:
    """What is declared about one address. `needs` None: no login is asked for."""

    method: str
    rule: str
    needs: Permission | None
    status: int
    if_match: bool
    answers: Any
    takes: str | None = None
    gives: tuple[str, ...] = ()
    name: str = ""
    act: str = ""
    logged: bool = True

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


@dataclass(frozen=True)
class Raw:
    """An answer that is ready as bytes."""

    body: bytes | Iterator[bytes]
    mimetype: str = JSON
    headers: dict[str, str] | None = None
    status: int | None = None
    """Where it is not that of the route."""


class Door(Protocol):
    """Who asks (raises a Problem when a login is missing or a change comes from elsewhere), and what was done."""

    def user(self, request: flask.Request, route: Route) -> User | None:
        """The user behind a request; None only where the route needs none."""

    def done(self, user: User | None, route: Route, path: dict[str, Any], outcome: Any) -> int | None:
        """Take note of a change: `outcome` is the answer, or the Problem that ended it. What it can be undone by."""


def route(
    method: str,
    rule: str,
    *,
    needs: Permission | None,
    status: int = 200,
    if_match: bool = False,
    answers: Any = None,
    takes: str | None = None,
    gives: tuple[str, ...] = (),
    act: str = "",
    logged: bool = True,
) -> Callable[[F], F]:
    """Declare a route. `if_match` asks for the ETag of what is changed; `answers` is the schema of a Raw answer.

    `takes` is a media type that the body may have besides JSON: its text is then the first field of the model.
    `gives` are media types of the answer besides that of a model. `act` is what the audit log calls it where the
    address does not say it; what only looks, or writes an entry of its own, is not `logged`.
    """

    def mark(view: F) -> F:
        vars(view)["route"] = Route(
            method, rule, needs, status, if_match, answers, takes, gives, view.__name__, act, logged
        )
        return view

    return mark


def routes(resource: type) -> list[tuple[str, Callable[..., Any], Route]]:
    """The routes that a class declares: name, function, declaration."""
    found = inspect.getmembers(resource, inspect.isfunction)
    return [(name, function, function.route) for name, function in found if hasattr(function, "route")]


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The resolved annotations of a view."""
    return typing.get_type_hints(function, include_extras=True)


def answer_type(function: Callable[..., Any], declared: Route) -> Any:
    """What a view answers when it is done: the model behind a Change, or the model itself."""
    kind = declared.answers or hints(function)["return"]
    return typing.get_args(kind)[0] if typing.get_origin(kind) is Change else kind


def returns_change(function: Callable[..., Any]) -> bool:
    """Whether a view gives a plan that can be shown first."""
    return typing.get_origin(hints(function)["return"]) is Change


def mount(app: flask.Flask, resource: object, door: Door) -> None:
    """Add the routes of one resource object to the app."""
    for name, function, declared in routes(type(resource)):
        view = getattr(resource, name)
        handler = _handler(view, function, declared, door)
        endpoint = f"{type(resource).__name__}.{name}"
        app.add_url_rule(BASE + declared.rule, endpoint, handler, methods=[declared.method])


def _handler(
    view: Callable[..., Any], function: Callable[..., Any], declared: Route, door: Door
) -> Callable[..., flask.typing.ResponseReturnValue]:
    wanted = {name: kind for name, kind in hints(function).items() if name != "return"}
    has_plan = returns_change(function)

    def handle(**path: Any) -> flask.typing.ResponseReturnValue:
        user = door.user(flask.request, declared)
        if declared.needs is not None:
            require(typing.cast(User, user), declared.needs)
        arguments = path | _arguments(wanted, declared, user)
        dry_run = _dry_run(declared)
        if dry_run and not has_plan:
            raise Problem("unsupported", "This act has no plan that could be shown. Nothing was done.")
        try:
            outcome = view(**arguments)
            if isinstance(outcome, Change):
                if dry_run:
                    return _answer(outcome.plan, 200)
                outcome = outcome.apply()
        except Problem as problem:
            if declared.changes and not dry_run:
                door.done(user, declared, path, problem)
            raise
        except Exception:
            if declared.changes and not dry_run:
                door.done(user, declared, path, Problem("internal", "It ended half-way; the service's log tells more."))
            raise
        entry = door.done(user, declared, path, outcome) if declared.changes else None
        answer = _answer(outcome, declared.status)
        if entry:
            answer.headers["Link"] = f'<{BASE}/audit/{entry}/undo>; rel="undo"'
        return answer

    return handle


def _dry_run(declared: Route) -> bool:
    """Whether only the plan is wanted; a misspelt wish must not carry the change out."""
    word = flask.request.args.get("dry_run", "false").lower()
    if declared.changes and word not in ("true", "false"):
        raise Problem("invalid-input", "dry_run is true or false.", errors=[FieldError("/dry_run", "true or false")])
    return declared.changes and word == "true"


def _arguments(wanted: dict[str, Any], declared: Route, user: User | None) -> dict[str, Any]:
    request, given = flask.request, {}
    query = {key: value for key, value in request.args.items() if key != "dry_run"}
    if declared.changes:
        _no_strangers(query, wanted.get("query"))
    if "body" in wanted:
        body, barred = _body(request, declared, wanted["body"])
        given["body"] = _validate(wanted["body"], body, barred=barred)
    if "query" in wanted:
        given["query"] = _validate(wanted["query"], query, where="?")
    if "user" in wanted:
        given["user"] = user
    if "request" in wanted:
        given["request"] = request
    if declared.if_match or "if_match" in wanted:
        etag = request.headers.get("If-Match")
        if declared.if_match and etag is None:
            raise Problem("precondition-required", "This change needs the ETag of what you looked at, as If-Match.")
        given["if_match"] = etag.strip().removeprefix("W/").strip('"') if etag is not None else None
    return given


def _no_strangers(query: dict[str, str], model: type[BaseModel] | None) -> None:
    """A misspelt parameter, such as dryrun, must not end in a change that was not meant."""
    strangers = sorted(set(query) - set(model.model_fields if model else ()))
    if strangers:
        errors = [FieldError(f"/{name}", "There is no such parameter.") for name in strangers]
        raise Problem("invalid-input", f"This change has no parameter {', '.join(strangers)}.", errors=errors)


def _body(request: flask.Request, declared: Route, model: Any) -> tuple[Any, list[FieldError]]:
    """The body as JSON has it, and what is wrong with its characters."""
    limit = BODY_LIMIT if declared.needs is not None else STRANGER_BODY_LIMIT
    request.max_content_length = limit + 1  # holds for bodies too that do not say how long they are
    try:
        text = request.get_data(cache=False)
    except RequestEntityTooLarge:
        text = bytes(limit + 1)
    if len(text) > limit:
        raise Problem("too-large", f"The body is larger than {limit >> 10} KiB.")
    if declared.takes is not None and request.mimetype == declared.takes:
        return {next(iter(model.model_fields)): _text(text)}, []
    if text and request.mimetype != JSON:
        kinds = JSON + (f" or {declared.takes}" if declared.takes else "")
        raise Problem("invalid-input", f"The body must be JSON: send Content-Type: {kinds}.")
    try:
        body = json.loads(text) if text else {}
        barred = [FieldError(where, "Control characters are not taken.") for where in _barred(body)]
    except (ValueError, RecursionError) as error:
        raise Problem("invalid-input", f"The body is not JSON: {error}") from error
    return body, barred if declared.needs is not None else []  # a password may hold anything


def _barred(value: Any, where: str = "") -> Iterator[str]:
    """Pointers to the texts with characters that neither XML nor a terminal takes (XML 1.0, 2.2)."""
    if isinstance(value, str) and BARRED.search(value):
        yield where
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from _barred(member, f"{where}/{str(name).replace('~', '~0').replace('/', '~1')}")


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem("invalid-input", "The body is not text in UTF-8.") from error


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Kept: the validator of a change of any device takes 25 ms to make."""
    return TypeAdapter(kind)


def _validate(kind: Any, value: Any, where: str = "", barred: Sequence[FieldError] = ()) -> Any:
    adapter, errors, made = _adapter(kind), {error.pointer: error for error in barred}, None
    try:
        made = adapter.validate_python(value) if where else adapter.validate_json(json.dumps(value))
    except ValidationError as error:
        errors |= {told.pointer: told for told in field_errors(error, kind, value) if told.pointer not in errors}
    if errors:
        raise Problem("invalid-input", "Some fields are not usable.", errors=list(errors.values()))
    return made


def _raw(outcome: Raw, status: int) -> flask.Response:
    """Bytes; those that stream are begun here, where what goes wrong can still be told as a problem."""
    body, headers = outcome.body, Headers(outcome.headers or {})
    if isinstance(body, bytes):
        return flask.Response(body, status, headers, mimetype=outcome.mimetype)
    pieces = itertools.chain([next(body, b"")], body)
    response = flask.Response(pieces, status, headers, mimetype=outcome.mimetype)
    response.call_on_close(getattr(body, "close", lambda: None))
    return response


def _answer(outcome: Any, status: int) -> flask.Response:
    if isinstance(outcome, flask.Response):
        return outcome
    if isinstance(outcome, Raw):
        return _raw(outcome, outcome.status or status)
    if outcome is None:
        return flask.Response(status=204)
    if isinstance(outcome, Job):
        location = {"Location": f"{BASE}/jobs/{outcome.id}"}
        return flask.Response(
            outcome.model_dump_json(), 202 if status != 200 or not outcome.over else 200, location, mimetype=JSON
        )
    if isinstance(outcome, BaseModel):
        response = flask.Response(outcome.model_dump_json(), status, mimetype=JSON)
        etag = getattr(outcome, "etag", None)
        if etag and not isinstance(outcome, Plan):
            response.set_etag(etag)
        return response
    return flask.Response(_adapter(Any).dump_json(outcome), status, mimetype=JSON)
