"""The only writer of application/problem+json, and the pages behind the `type` of each problem."""

from __future__ import annotations

import json
import logging
import re
import secrets

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ..problems import CATALOGUE, Problem
from ..rescue import lacks_room
from .manual import problem_page

log = logging.getLogger(__name__)
NO_ROOM = "Quarterdeck cannot write this into its own records: their disk is full."
MAKE_ROOM = "Make room where its state folder lies (/var/lib/quarterdeck), for instance by deleting volumes there."
MACHINE = re.compile(r"(/api/v1/hosts/[^/]+/domains)/(?![0-9a-f-]{36}(?:/|$))([^/]+)", re.IGNORECASE)
"""An address that names a machine otherwise than by UUID."""
BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 401: "not-logged-in", 403: "forbidden"}


def answer(problem: Problem) -> flask.Response:
    """The problem as RFC 9457 JSON."""
    response = flask.Response(json.dumps(problem.as_dict()), problem.status, mimetype="application/problem+json")
    if "retry_after" in problem.extra:
        response.headers["Retry-After"] = str(problem.extra["retry_after"])
    return response


def install(app: flask.Flask) -> None:
    """Make every failure of the app leave as a problem, and add the help page of each kind."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)
    app.add_url_rule("/problems/<slug>", "problem", page)


def _http(error: HTTPException) -> flask.typing.ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    slug = BY_STATUS.get(error.code or 500)
    if slug is None:
        slug = "invalid-input" if (error.code or 500) < 500 else "internal"
    problem = Problem(slug, _words(error))
    response = answer(problem)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]  # of MethodNotAllowed
    return response


def _words(error: HTTPException) -> str:
    request = flask.request
    if isinstance(error, NotFound) and (named := MACHINE.match(request.path)):
        return f"There is no machine {named[2]}: they are told by UUID, which {named[1]} lists with the names."
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is nothing at {request.path}."
    if isinstance(error, MethodNotAllowed):
        return f"{request.path} does not take {request.method}."
    return error.description or error.name


def _crash(error: Exception) -> flask.Response:
    if lacks_room(error):
        return answer(Problem("no-space", NO_ROOM, cure=MAKE_ROOM))
    number = secrets.token_hex(4)
    log.error("fault %s at %s %r", number, flask.request.method, flask.request.path, exc_info=error)
    return answer(Problem("internal", f"The service's log tells more under {number}.", number=number))


def page(slug: str) -> flask.Response:
    """The help page of one kind of problem."""
    kind = CATALOGUE.get(slug)
    if kind is None:
        raise Problem("not-found", f"There is no kind of problem named {slug}.")
    return flask.Response(problem_page(slug, kind), mimetype="text/html")
